"""Cancelling, pausing and changing watches by name, in English. Tables."""

from __future__ import annotations

import re

from interaction.intents import Condition, Control, Intent, Schedule
from interaction.understanding.actions_en import frames
from interaction.understanding.conditions_en import conditions
from interaction.understanding.grammar import Build, Situation, Verb, WatchRef, compiled, expand, meant, words_of
from interaction.understanding.numerals import whole
from interaction.understanding.times import clock_time, duration
from interaction.understanding.vocabulary_en import FRAGMENTS, count_of, label_of
from interaction.understanding.wishes import changed, reply, with_label, with_number, with_text

_DOING = {"counting": "count", "reading": "text", "reminding": "schedule", "timing": "schedule", "greeting": "greet"}


def _which(words: str, situation: Situation) -> tuple[str, ...]:
    """Ids of the watches that are meant by "the cup", "someone comes in", "my timer", "the first one"."""
    words = re.sub(
        r"^(?:(?:the|my|that|all|any|about|for|of|when|if|watch(?:es)?|alerts?) )+", "", words.strip(" ,"), flags=re.I
    )
    watches = situation.watches
    if match := re.fullmatch(
        r"(first|second|third|fourth|fifth|last|number \S+|watch \S+)(?: (?:one|watch|reminder|timer))?", words, re.I
    ):
        order = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}
        place = order.get(match[1].lower())
        if place is None:
            place = (whole(match[1].split()[1].lower()) or 0) - 1
            if place < 0:
                return ()
        return (watches[place].id,) if watches and -1 <= place < len(watches) else ()
    if re.fullmatch(r"(?:timers?|reminders?|alarms?|countdowns?)", words, re.I):
        ids = tuple(w.id for w in watches if w.schedule)
        return ids[-1:] if not words.lower().endswith("s") else ids
    if compiled(expand("{place_noun}", FRAGMENTS)).fullmatch(words):
        words = "people"  # who watches the door waits for people
    stem = re.sub(r" (?:watch|watches|alert|alerts|one|reminder|timer|thing)$", "", words, flags=re.I)
    found = conditions(stem, situation)
    label = label_of(stem) or _topic(stem)
    return meant(watches, found[0] if found and not label_of(stem) else label, words_of(stem))


def _topic(words: str) -> str | None:
    for topic, pattern in (
        ("text", r"\b(?:text|writing|words?|sign)\b"),
        ("motion", r"\b(?:mov\w+|motion|changes?)\b"),
        ("face", r"\bfaces?\b"),
    ):
        if re.search(pattern, words, re.IGNORECASE):
            return topic
    return None


def _by_name(verb: Verb, must: bool) -> Build[list[Intent]]:
    """`must`: the words can only mean a watch; without one that fits, say so."""

    def build(match: re.Match[str], situation: Situation) -> list[Intent] | None:
        ids = _which(match["what"], situation)
        if ids:
            return [Control(verb, ids)]
        return reply("no watch", match.string, situation.language) if must else None

    return build


def _does(watch: WatchRef, kind: str) -> bool:
    if kind == "greet":
        return (
            re.search(r"hello|welcome|good (?:morning|day|evening)", f"{watch.wording} {watch.say}", re.I) is not None
        )
    if kind == "schedule" or watch.condition is None:
        return kind == "schedule" and watch.schedule is not None
    return watch.condition.kind.startswith(kind) or (kind == "count" and watch.condition.tally)


def _doing(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    words = re.sub(
        r"^(?:me|us|it|them|that|aloud)\b ?(?:about|of|to|when)?", "", match["rest"] or "", flags=re.I
    ).strip()
    kind = _DOING[match["doing"].lower()]
    ids = tuple(w.id for w in situation.watches if _does(w, kind))
    ids = tuple(i for i in _which(words, situation) if i in ids) or ids if words else ids
    return [Control("cancel_watch", ids)] if ids else reply("no watch", match.string, situation.language)


def _change(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    new = match["new"].strip(" ,")
    latest: WatchRef | None = situation.watches[-1] if situation.watches else None
    if latest is None:
        return reply("nothing", match.string, situation.language)
    if latest.condition and (condition := _condition(new, latest, situation)):
        return changed(condition, latest, situation, match.string)
    # "make it five minutes" means the timer, also if something else was armed since
    timed = next((w for w in reversed(situation.watches) if w.schedule), None)
    if timed and (schedule := _schedule(new, timed, situation)):
        return changed(schedule, timed, situation, match.string)
    if re.match("change|switch|update|edit|correct", match.string, re.I) and (text := with_text(latest, new)):
        return changed(text, latest, situation, match.string)
    return reply("change", match.string, situation.language)


def _schedule(words: str, timed: WatchRef, situation: Situation) -> Schedule | None:
    words = re.sub(r"^(?:every|in|at|for) ", "", words, flags=re.I)
    if seconds := duration(words):
        return Schedule(every=seconds) if timed.schedule and timed.schedule.every else Schedule(after=seconds)
    moment = clock_time(words, situation.now)
    return Schedule(at=moment.isoformat()) if moment else None


def _condition(words: str, latest: WatchRef, situation: Situation) -> Condition | None:
    for frame in frames(words, situation):
        if found := conditions(frame.condition, situation):
            return found[0]
    words = re.sub(r"^(?:when|if) ", "", words, flags=re.I)
    if match := compiled(expand(r"(?P<n>{number})(?: (?P<who>{noun}))?", FRAGMENTS)).fullmatch(words):
        count = count_of(match["n"])
        label = label_of(match["who"]) if match["who"] else None
        if count and match["n"].lower() not in ("a", "an"):
            return with_number(latest, count, label)
    if label := label_of(words):
        return with_label(latest, label)
    found = conditions(words, situation)
    return found[0] if found else None


ORDERS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        r"(?:stop|quit|no more|end) (?P<doing>counting|reading|reminding|timing|greeting)(?P<rest> .*)?",
        _doing,
    ),
    (
        r"(?:stop|quit|no longer|you can stop|no need to|do not keep|do not|finish) (?:watch|look|wait|check"
        r"|monitor|track|search|announc|greet|guard|watching|looking|waiting|checking|monitoring|tracking"
        r"|searching|announcing|greeting|guarding)e?(?:ing)?(?: out)?(?: for| about| if| when| at| on"
        r"| over)? (?P<what>.+?)(?: any ?more)?",
        _by_name("cancel_watch", True),
    ),
    (
        r"(?:stop|quit|do not|no need to|no longer) (?:telling|tell|warning|warn|alerting|alert|notifying|notify"
        r"|reminding|remind|letting|let|bother|bothering)(?: me| us)?(?: know)?(?: about| when| if| to| of| that"
        r"| with)? (?P<what>.+?)(?: any ?more)?",
        _by_name("cancel_watch", True),
    ),
    (r"(?:forget|never ?mind|do not (?:worry|care)|ignore) about (?P<what>.+)", _by_name("cancel_watch", True)),
    (r"(?:cancel|disarm) (?P<what>.+)", _by_name("cancel_watch", True)),
    (
        r"(?:forget|never ?mind|ignore|stop|no more|enough of|delete|remove|clear|drop|end|dismiss|turn off"
        r"|switch off|get rid of) (?P<what>.+)",
        _by_name("cancel_watch", False),
    ),
    (
        r"(?:pause|suspend|hold) (?:watching |looking |waiting )?(?:out )?(?:for )?(?P<what>.+)",
        _by_name("pause_watch", True),
    ),
    (
        r"(?:resume|unpause|restart|continue|reactivate) (?:with )?(?:watching |looking |waiting "
        r"|counting )?(?:out )?(?:for )?(?P<what>.+)",
        _by_name("resume_watch", True),
    ),
    (
        r"(?:change|switch|update|edit|set|correct|move|modify) (?:that|it|this|the (?:last )?(?:one|watch|timer"
        r"|reminder|limit|number|interval|time))(?: one)?,? (?:to|into|so that it is) (?P<new>.+)",
        _change,
    ),
    (r"make (?:that|it|this) (?P<new>.+?)(?: instead)?", _change),
    (r"(?:no,? ?)?(?:i (?:meant|mean)|rather|i said|instead) (?P<new>.+)", _change),
    (r"(?P<new>.+) instead", _change),
)
