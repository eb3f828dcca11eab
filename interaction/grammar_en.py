"""The English grammar: courtesy and fillers, timers, frames of wishes, cancelling and changing by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from interaction.conditions_en import ACT, ACTIONS, conditions
from interaction.grammar import (
    Action,
    Build,
    Frame,
    Grammar,
    Manner,
    Reason,
    Situation,
    Table,
    Verb,
    WatchRef,
    compiled,
    expand,
    group,
    meant,
    words_of,
)  # fmt: skip
from interaction.intents import Condition, Intent, Question, Schedule
from interaction.numerals import whole
from interaction.questions_en import CONTROLS, QUESTIONS, REMARKS, TASKS
from interaction.refusals_en import reason
from interaction.times import clock_time, duration
from interaction.vocabulary_en import FRAGMENTS, count_of, label_of, to_you
from interaction.wishes import (
    at,
    changed,
    hands,
    name_watches,
    open_wish,
    reply,
    scheduled,
    standing,
    with_label,
    with_number,
)

# A clause with more places to cut it than this is prose, not a request.
MOST_CUTS = 12

# ---------------------------------------------------------------- courtesy, fillers, contractions

_CONTRACTIONS = (
    (r"\b(?:won't|wont)\b", "will not"),
    (r"\b(?:can't|cannot|cant)\b", "can not"),
    (r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should)n'?t\b", r"\1 not"),
    (r"\bi'?m\b(?!-)", "i am"),
    (r"\b(you|we|they)'?re\b(?<!were)", r"\1 are"),
    (r"\b(i|you|we|they)'ve\b", r"\1 have"),
    (r"\b(i|you|he|she|it|we|they|that|there)'ll\b", r"\1 will"),
    (r"\b(i|you|he|she|we|they)'d\b", r"\1 would"),
    (r"\b(what|where|who|how|when|that|there|here|it|he|she)'s\b", r"\1 is"),
    (r"\b(what|where|who|how|that|there)s\b(?= )", r"\1 is"),
    (r"\b(someone|somebody|anyone|anybody|nobody|everyone|everybody|no one|something|anything|nothing)'s\b(?! (?:human )?face)", r"\1 is"),
    (r"\blet's\b", "let us"),
    (r"\b(?:gonna)\b", "going to"),
    (r"\b(?:wanna)\b", "want to"),
    (r"\b(?:gimme)\b", "give me"),
    (r"\b(?:lemme)\b", "let me"),
    (r"\bo clock\b", "o'clock"),
    (r"\b(\d+) ?% ", r"\1 percent "),
)  # fmt: skip
_CALL = r"(?:(?:hey|hi|hello|ok|okay|yo|oh)[, ]+look ?out|look ?out(?=[,!.:]))[,.!:]?"
_POLITE = (
    r"(?:please|kindly|(?:can|could|would|will|might) you(?: please| kindly| maybe| just| mind)?(?! (?:see|hear|do|read|recogni[sz]e|help|watch|find|spot|detect|count|tell apart)\b)"
    r"|can you(?: please)?(?= (?:read|count|watch|help me |find out))|could you(?: please)?(?= (?:read|count|watch|help me |see if|find))"
    r"|i (?:want|need|would like) you to|would you mind|if you (?:can|could|would)(?=,)|do me a favou?r(?: and)?|go ahead and|be so kind(?: as to)?(?: and)?|you should|you must|make sure (?:to|you)|try to)"
)
_FILLER = r"(?:um+|uh+|er+|erm|ah+|oh|hmm+|mhm|mm+|well|so|okay|ok|alright|all right|right(?=,)|now(?=[, ])(?! and)|and|then|also|but|yes|yeah|yep|actually|listen(?=,)|excuse me|look(?=,)|just|maybe|i guess|i think(?=,)|you know|hey|like(?=,)|no(?=,)|next(?=,)|one more thing|by the way)"  # noqa: E501
_LEAD = re.compile(rf"(?:(?P<call>{_CALL})|(?P<polite>{_POLITE})\b|(?P<filler>{_FILLER})\b)[,.:;!… -]*", re.IGNORECASE)
_TAIL = re.compile(
    r"[,.;:!? ]*(?:\b(?:please|thanks|thank you(?: very much)?|okay|ok|will you|would you|could you|can you|if you (?:can|could|would|don't mind|do not mind)"
    r"|if possible|look ?out|for me|um+|uh+|alright|right\?|you know|got it|then)[,.;:!? ]*)$",
    re.IGNORECASE,
)

# ---------------------------------------------------------------- manner

_URGENT = r"(?:right away|immediately|at once|straight away|straightaway|urgently|asap|as soon as possible|without delay|(?:it|this) is urgent|urgent(?=[,:])|even if (?:i am|you are|someone is) (?:talking|speaking)|instantly|with (?:high )?priority|and interrupt me)"  # noqa: E501
_ONCE = r"(?:(?:just|only) (?:once|one time|this once|the first time)|one time only|once only|and then stop|but only once|(?<=[a-z]),? once(?=$)|once(?= (?:when|if)\b))"  # noqa: E501
_ALWAYS = r"(?:(?:again and again|repeatedly|over and over(?: again)?|always|every single time|every time|each time)(?=$|,)|(?<=^)always)"
_SPAN = (
    r"(?:(?:for|during|within|in|over) the (?:next|coming|following) (?P<next>{dur}|{unit}|half hour)|for (?:about )?(?P<for>{dur})(?=$|,)"
    r"|(?:until|till|up to|up until) (?P<until>{clock})(?=$|,| ))"
)


def _manner(text: str, situation: Situation) -> tuple[str, Manner]:
    expires = source = None
    flags = []
    for pattern in (_URGENT, _ONCE, _ALWAYS):
        text, found = _cut(text, rf"\b{pattern}")
        flags.append(found is not None)
    rest, span = _cut(text, expand(_SPAN, FRAGMENTS))
    if span is not None:
        expires = _expiry(span, situation)
        text = rest if expires else text
    for lane in sorted(situation.lanes, key=len, reverse=True):
        rest, found = _cut(text, _lane_pattern(lane))
        if found is not None:
            text, source = rest, lane
            break
    return text, Manner(flags[1], flags[0], expires, source)


def _cut(text: str, pattern: str) -> tuple[str, re.Match[str] | None]:
    match = compiled(pattern).search(text)
    if match is None:
        return text, None
    left, right = text[: match.start()].rstrip(" ,"), text[match.end() :].lstrip(" ,")
    return f"{left} {right}".strip(" ,"), match


def _expiry(span: re.Match[str], situation: Situation) -> float | None:
    if span["until"]:
        end = clock_time(span["until"], situation.now)
        return (end - situation.now).total_seconds() if end else None
    words = span["next"] or span["for"]
    return duration(words) or duration("a " + words) or duration("half an hour" if words == "half hour" else "")


def _lane_pattern(lane: str) -> str:
    name = re.sub(r"(?:\\?[-_ ])+", "[-_ ]?", re.escape(lane.strip()))
    return rf"\b(?:(?:in|into|at|on|by|from|with|using|through|inside|near|to)(?: (?:the|my|our))?|the|my) {name}(?: (?:camera|cam|source|view|feed|stream|door))?\b"  # noqa: E501


# ---------------------------------------------------------------- timers, reminders, intervals


def _action(words: str, situation: Situation, personal: bool = True) -> Action | None:
    """What to say or answer: the words after "remind me to …" or a whole "tell me the time"."""
    words = words.strip(" ,.")
    if not words:
        return Action()
    asked = QUESTIONS.read(words, situation) or QUESTIONS.read(f"tell me {words}", situation)
    if asked and isinstance(asked[0], Question):
        return Action(ask=asked[0])
    return Action(say=to_you(words) if personal else words)


_TO = re.compile(r"^(?:(?:that|about|to|for|because|and|then|it is time|:|,) )+", re.IGNORECASE)


def _body(match: re.Match[str], situation: Situation) -> Action:
    words = _TO.sub("", (match.groupdict().get("say") or "").strip(" ,"))
    if re.match(r"(?:remind|wake|set|give|create)", match["remind"], re.IGNORECASE) and words:
        return Action(say=to_you(words))
    return _action(words, situation) or Action()


def _after(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = duration(match["dur"])
    if seconds is None:
        return None
    return scheduled(Schedule(after=seconds), _body(match, situation), situation, match.string)


def _at(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    return at(clock_time(match["clock"], situation.now), _body(match, situation), situation, match.string)


def _daily(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    moment = clock_time(match["clock"] + _PART_OF_DAY.get((match["part"] or "").lower(), ""), situation.now)
    return at(moment, _body(match, situation), situation, match.string, every=86_400.0)


_PART_OF_DAY = {"morning": " in the morning", "evening": " in the evening", "afternoon": " in the afternoon"}


def _timer(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = duration(match["dur"].replace("-", " "))
    if seconds is None:
        return None
    words = _TO.sub("", group(match, "say"))
    return scheduled(
        Schedule(after=seconds), Action(say=to_you(words) or None), situation, match.string, timer=not words
    )


def _every(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = _interval(match)
    words = group(match, "action")
    act = _do(words, situation) if words else Action()
    if seconds is None or act is None:
        return None
    if act.hands:
        return hands(act.hands, situation, match.string)
    return scheduled(Schedule(every=seconds), replace(act, tally=False), situation, match.string)


def _remind_every(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    seconds = _interval(match)
    return scheduled(Schedule(every=seconds), _body(match, situation), situation, match.string) if seconds else None


def _interval(match: re.Match[str]) -> float | None:
    if match["hourly"]:
        return 3_600.0
    if match["per"]:
        return (duration("a " + match["unit"]) or 0) / (2 if match["per"].lower() == "twice" else 1) or None
    words = (match["every"] or match["each"]).lower()
    if words.startswith("half"):
        return duration(words if " a" in words else words.replace("half ", "half an "))
    if words.startswith("other "):
        return duration("two " + words.removeprefix("other ") + "s")
    return duration(words) or duration("a " + words.removeprefix("single "))


def _do(words: str, situation: Situation) -> Action | None:
    """An action of a wish: "tell me", "say hello", "tell me how many people are here", "describe what you see"."""
    words = words.strip(" ,")
    words = re.sub(
        r"^(?:(?:then|please|just|can you|could you|you should|i want you to|you can|also|to) )+", "", words, flags=re.I
    )
    asked = QUESTIONS.read(re.sub(r"^count ", "how many ", words, flags=re.I), situation)
    if asked and isinstance(asked[0], Question) and asked[0].kind not in ("memory", "ability"):
        return Action(ask=asked[0])
    return ACTIONS.read(words, situation)


_BODY = r"(?:,? (?P<say>.+))?"
_REMIND = r"(?P<remind>{remind})"
_IN = r"(?:in|after) (?:about |exactly )?(?P<dur>{dur})(?: from now| time)?"
_AT = r"(?:(?:at|for|by|around|before) (?P<clock>{clock})|(?=today|tomorrow|tonight|on |next |monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?P<clock_>{clock}))"  # noqa: E501
_SET = r"(?:(?:set|start|make|create|give me|run|put on|begin|i need|i want|add|do)(?: me)? )?(?:an? |the |another |one |up a )?"
_DAILY = r"(?:every (?:day|(?P<part>morning|evening|afternoon|night))|daily|each day)"


def _named(build: Build[list[Intent]]) -> Build[list[Intent]]:
    return build


def _rows(pattern: str, build: Build[list[Intent]]) -> list[tuple[str, Build[list[Intent]]]]:
    """One row for "at …" and one for "tomorrow at …", as a group name may occur only once in a pattern."""
    if _AT not in pattern:
        return [(pattern, build)]
    at_, day = _AT[3:-1].split("|(?=", 1)
    return [(pattern.replace(_AT, at_), build), (pattern.replace(_AT, "(?=" + day.replace("clock_", "clock")), build)]


_TIMERS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    *_rows(rf"{_REMIND} {_DAILY} {_AT}{_BODY}", _daily),
    *_rows(rf"{_REMIND}(?P<say> .+?),? {_DAILY} {_AT}", _daily),
    *_rows(rf"{_DAILY} {_AT},? {_REMIND}{_BODY}", _daily),
    (rf"{_REMIND} (?:again )?{_IN}{_BODY}", _after),
    (rf"{_IN},? {_REMIND}{_BODY}", _after),
    (rf"{_REMIND}(?P<say> .+?),? {_IN}", _after),
    (rf"{_REMIND} (?P<dur>{{dur}}) from now{_BODY}", _after),
    *_rows(rf"{_REMIND} {_AT}{_BODY}", _at),
    *_rows(rf"{_AT},? {_REMIND}{_BODY}", _at),
    *_rows(rf"{_REMIND}(?P<say> .+?),? {_AT}", _at),
    (rf"{_SET}(?:timer|countdown|alarm|stopwatch|count down)(?: for| of| to| in| at)? (?P<dur>{{dur}})(?: from now)?(?P<say> (?:for|to|called|named) .+)?", _timer),
    (rf"{_SET}(?P<dur>{{dur}})[ -](?:timer|countdown|alarm|reminder)(?P<say> (?:for|to) .+)?", _timer),
    (r"(?:time|count down)(?: me)?(?: for| from)? (?P<dur>{dur})", _timer),
    (r"{tell} (?:when|after|once) (?P<dur>{dur}) (?:has |have |is |are )?(?:passed|up|over|gone by|elapsed|gone|pass|passes)", _timer),
    (rf"{_SET}(?:timer|countdown)", lambda m, s: reply("how long", m.string, s.language)),
    (rf"{_REMIND} {{every}}{_BODY}", _remind_every),
    (rf"{{every}},? {_REMIND}{_BODY}", _remind_every),
    (rf"{_REMIND}(?P<say> .+?),? {{every}}", _remind_every),
    (r"{every},? (?P<action>.+)", _every),
    (r"(?P<action>.+?),? {every}", _every),
)  # fmt: skip

# ---------------------------------------------------------------- cancelling, pausing and changing by name

_DOING = {"counting": "count", "reading": "text", "reminding": "schedule", "timing": "schedule"}


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
            return name_watches(verb, ids)
        return reply("no watch", match.string, situation.language) if must else None

    return build


def _doing(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    kind = _DOING[match["doing"].lower()]
    fits = {
        "count": lambda w: w.condition and (w.condition.kind == "count" or w.condition.tally),
        "text": lambda w: w.condition and w.condition.kind.startswith("text"),
        "schedule": lambda w: w.schedule,
    }[kind]
    ids = tuple(w.id for w in situation.watches if fits(w))
    return name_watches("cancel_watch", ids) if ids else reply("no watch", match.string, situation.language)


def _change(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    new = match["new"].strip(" ,")
    latest: WatchRef | None = situation.watches[-1] if situation.watches else None
    if latest is None:
        return reply("nothing", match.string, situation.language)
    made = _new(new, latest, situation)
    return changed(made, latest, situation, match.string) if made else reply("change", match.string, situation.language)


def _new(words: str, latest: WatchRef, situation: Situation) -> Condition | Schedule | None:
    words = re.sub(r"^(?:every|in|at|for|when|if|only) ", "", words, flags=re.I) if latest.schedule else words
    if latest.schedule:
        seconds = duration(words)
        if seconds:
            return Schedule(every=seconds) if latest.schedule.every else Schedule(after=seconds)
        moment = clock_time(words, situation.now)
        return Schedule(at=moment.isoformat()) if moment else None
    for frame in _frames(words, situation):
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


_NAMED: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (r"(?:stop|quit|no more|end) (?P<doing>counting|reading|reminding|timing)(?: (?:me|it|them|that|the text|aloud|people|.*))?", lambda m, s: _doing(m, s) if not (s.watches and _which(m.string.split(None, 2)[-1], s)) else name_watches("cancel_watch", _which(m.string.split(None, 2)[-1], s))),
    (r"(?:stop|quit|no longer|you can stop|no need to|do not keep|do not|finish) (?:watch|look|wait|check|monitor|track|search|announc|greet|guard|watching|looking|waiting|checking|monitoring|tracking|searching|announcing|greeting|guarding)e?(?:ing)?(?: out)?(?: for| about| if| when| at| on| over)? (?P<what>.+?)(?: any ?more)?", _by_name("cancel_watch", True)),
    (r"(?:stop|quit|do not|no need to|no longer) (?:telling|tell|warning|warn|alerting|alert|notifying|notify|reminding|remind|letting|let|bother|bothering)(?: me| us)?(?: know)?(?: about| when| if| to| of| that| with)? (?P<what>.+?)(?: any ?more)?", _by_name("cancel_watch", True)),
    (r"(?:forget|never ?mind|do not (?:worry|care)|ignore) about (?P<what>.+)", _by_name("cancel_watch", True)),
    (r"(?:cancel|delete|remove|clear|drop|end|disarm|dismiss|turn off|switch off|get rid of|take off) (?P<what>.+)", _by_name("cancel_watch", True)),
    (r"(?:forget|never ?mind|ignore|stop|no more|enough of) (?P<what>.+)", _by_name("cancel_watch", False)),
    (r"(?:pause|suspend|hold) (?:watching |looking |waiting )?(?:out )?(?:for )?(?P<what>.+)", _by_name("pause_watch", True)),
    (r"(?:resume|unpause|restart|continue|reactivate) (?:with )?(?:watching |looking |waiting |counting )?(?:out )?(?:for )?(?P<what>.+)", _by_name("resume_watch", True)),
    (r"(?:change|switch|update|edit|set|correct|move|modify) (?:that|it|this|the (?:last )?(?:one|watch|timer|reminder|limit|number|interval|time))(?: one)?,? (?:to|into|so that it is) (?P<new>.+)", _change),
    (r"make (?:that|it|this) (?P<new>.+?)(?: instead)?", _change),
    (r"(?:no,? ?)?(?:i (?:meant|mean)|rather|i said|instead) (?P<new>.+)", _change),
    (r"(?P<new>.+) instead", _change),
)  # fmt: skip

# ---------------------------------------------------------------- standing wishes without "tell me when"


def _count(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    label = label_of(match["who"])
    return standing(Condition("count", label), situation) if label else None


def _look_for(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    label = label_of(match["what"])
    if label:
        return standing(Condition("arrives" if label == "person" else "sees", label), situation)
    made = conditions(match["what"], situation)
    return [intent for c in made for intent in standing(c, situation)] or None


def _tally(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    made = conditions(match["what"], situation)
    return standing(made[0], situation, Action(tally=True)) if made and made[0].kind in ("arrives", "leaves") else None


def _guard(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    label = label_of(match["who"])
    return standing(Condition("leaves", label), situation) if label and label != "person" else None


def _greet(match: re.Match[str], situation: Situation) -> list[Intent] | None:
    welcome = match.string.lower().startswith("welcome")
    made = conditions(match["what"], situation) if match["what"] else []
    condition = made[0] if made else Condition("arrives", label_of(match["who"] or "someone") or "person")
    return standing(condition, situation, Action(say="Welcome!" if welcome else "Hello!"))


_STANDING: Table[list[Intent]] = Table(
    FRAGMENTS,
    (r"(?:keep |start )?(?:count|counting)(?: up| aloud| out loud| for me)* (?:how many |(?:all |each of |every |each )?(?:of )?)?(?P<what>(?:the )?{subject} (?:who |that |as they |as it |as he )?(?:{arrive}|{leave}){tail})(?: aloud| out loud)?", _tally),
    (r"(?:keep |start )?(?:count|counting|tally|keep (?:a )?(?:count|track) of|track) ?(?:up|aloud|out loud|for me)? ?(?:how many |the number of |all |all the )?(?P<who>{subject})(?: (?:{present}|there are|are there|you see|you can see|that you see|aloud|out loud|for me|passing|moving))*{tail}(?: aloud| out loud)?", _count),
    (r"(?:(?:keep|stay) )?(?:watch|watching|look|looking|wait|waiting|scan|check|be on the lookout|keep (?:an eye out|a lookout|a look out|watch|an eye))(?: out)? (?:for|until)(?: when| if)? (?P<what>.+)", _look_for),
    (r"{tell} (?:of|about) (?P<what>.+)|(?:announce|report|call out|point out|show me) (?P<what_>.+)", lambda m, s: _look_for(compiled(r"(?P<what>.+)").fullmatch(m["what"] or m["what_"]), s)),  # type: ignore[arg-type]
    (r"(?:watch|guard|monitor|observe|keep an eye on|look after|survey|keep watch on|keep watching)(?: over| out)? (?:(?:the|my|this|our) {place_noun}|here|this place|everything here)", lambda m, s: standing(Condition("arrives"), s)),
    (r"(?:watch|guard|keep an eye on|look after|watch over|protect|monitor) (?P<who>(?:my|the|our|this|that) {noun})", _guard),
    (r"(?:greet|welcome|say (?:hello|hi) to) (?:(?P<what>(?:every|any)(?:one|body)(?: who| that)? .+|(?:people|visitors|guests|customers)(?: who| that| as they| when they)? .+|whoever .+)|(?P<who>everyone|everybody|people|anyone|anybody|visitors|guests|customers|whoever))", _greet),
    (r"(?:keep |start |continue )?read(?:ing)?(?: out| aloud| out loud| me| to me)* (?:everything|all (?:the )?text|any (?:new )?text|whatever|anything|each new (?:text|line)|every new (?:text|line|slide|page)|all new text|new text)(?: .*)?|keep reading(?: .*)?|read along", lambda m, s: standing(Condition("text_changes"), s)),
    (r"(?:narrate|comment on|describe|tell me|report|commentate|keep me (?:posted|updated|informed) (?:on|about|of))(?: me)? (?:everything|anything|all|whatever)(?: that| which)? (?:happens|changes|is happening|is going on|you see)(?: .*)?|keep (?:describing|commenting|talking|narrating|me posted|me updated|me informed)(?: .*)?|narrate(?: .*)?|(?:give|do) (?:me )?(?:a |some )?(?:live )?commentary(?: .*)?|commentate", lambda m, s: standing(Condition("changes"), s, Action(ask=Question("scene", "what do you see")))),
    (r"(?:motion|movement) (?:alarm|detector|alert|detection)(?: on)?", lambda m, s: standing(Condition("moves"), s)),
)  # fmt: skip

# ---------------------------------------------------------------- recognised, but not to be fulfilled

_WISHES: Table[list[Intent]] = Table(
    FRAGMENTS,
    (r"(?:remind|wake) me(?: up)?(?P<say> .+)?|set (?:a|an) (?:alarm|reminder)(?: .*)?", lambda m, s: reply("when", m.string, s.language)),
    (r"(?:keep |start )?(?:count|counting) (?:my |the |how many |our |his |her |aloud )*(?P<what>(?!to\b|from\b|on\b|me\b|down\b|up\b)[\w' -]{2,60}?)(?: aloud| out loud)?", lambda m, s: open_wish(m["what"], GRAMMAR, s, m.string)),
    (r"(?:(?:watch|look|wait|scan)(?: out)? for|keep an eye (?:out for|on)|watch over|guard|look after|monitor|keep watch on|watch) (?P<what>.{2,80})", lambda m, s: open_wish(m["what"], GRAMMAR, s, m.string)),
    (r"(?:(?:translate|interpret) (?:everything|whatever|all (?:the )?(?:text|words)|any text)\b.*)", lambda m, s: open_wish(m.string, GRAMMAR, s, m.string)),
    (r"(?:turn|switch) (?:on|off) (?:the|my|all) .+|(?:turn|switch) (?:the|my) .+ (?:on|off)|(?:open|close|lock|unlock) (?:the|my) (?:door|window|gate|garage|curtains?|blinds?).*|(?:call|phone|text|email|message) (?:the |my )?(?:police|ambulance|fire brigade|doctor|mum|mom|dad|mother|father|wife|husband|emergency|911|999|112)\b.*|(?:take|make) (?:a |some )?(?:picture|photo|photograph|snapshot|screenshot|video|recording)s?(?: .*)?|play (?:some |a |the )?(?:music|song|movie|radio)\b.*", lambda m, s: hands(m.string, s, m.string)),
)  # fmt: skip

_WHEN_LEAD = compiled(expand(r"(?:then )?(?P<when>{when}) ", FRAGMENTS))
_WHEN_INSIDE = compiled(expand(r",? (?P<when>{when}) ", FRAGMENTS))
_ONE_TIME = re.compile(r"\b(?:next|first) time", re.IGNORECASE)


def _frames(text: str, situation: Situation) -> Iterator[Frame]:
    if lead := _WHEN_LEAD.match(text):
        rest, once = text[lead.end() :], bool(_ONE_TIME.search(lead["when"]))
        starts = [m.start() for m in ACT.finditer(rest) if m.start()]
        commas = [m.end() for m in re.finditer(r",(?: then)? ", rest)]
        for start in sorted({*starts, *commas})[:MOST_CUTS]:
            action = _do(rest[start:], situation)
            if action is not None:
                yield Frame(rest[:start].strip(" ,"), action, once)
    for inside in list(_WHEN_INSIDE.finditer(text))[:MOST_CUTS]:
        action = _do(text[: inside.start()], situation)
        if action is not None:
            yield Frame(text[inside.end() :].strip(" ,"), action, bool(_ONE_TIME.search(inside["when"])))


class English(Grammar):
    """Requests in English."""

    language = "en"
    joints = re.compile(
        r"(?:[.!?;:]+|,? (?:and (?:then |also |please )?|then |also |but |plus |as well as )|,)\s*(?=\w)(?<![\d,.:]\b)",
        re.IGNORECASE,
    )
    controls = CONTROLS
    requests = Table(FRAGMENTS, *_NAMED, *_TIMERS)
    standing = _STANDING
    questions = QUESTIONS
    tasks = TASKS
    wishes = _WISHES
    remarks = REMARKS

    def tidy(self, text: str) -> tuple[str, bool]:
        text = unicodedata.normalize("NFKC", text).translate(str.maketrans("‘’´`", "''''"))
        text = " ".join(text.split())
        for pattern, words in _CONTRACTIONS:
            text = compiled(pattern).sub(words, text)
        addressed = False
        while text and (match := _LEAD.match(text)) and match.end() < len(text):
            addressed = addressed or not match["filler"]
            text = text[match.end() :]
        while text and (tail := _TAIL.search(text)) and tail.start() > 0:
            addressed = addressed or "please" in tail[0].lower()
            text = text[: tail.start()]
        return text.strip(" ,.;:!?…-"), addressed

    def manner(self, text: str, situation: Situation) -> tuple[str, Manner]:
        return _manner(text, situation)

    def frames(self, text: str, situation: Situation) -> Iterator[Frame]:
        return _frames(text, situation)

    def conditions(self, text: str, situation: Situation) -> list[Condition]:
        return conditions(text, situation)

    def reason(self, text: str) -> Reason:
        return reason(text)

    def asks(self, text: str) -> bool:
        return re.match(
            r"(?:what|which|who|whom|whose|where|when|why|how)\b(?: \w+){0,3}? (?:is|are|was|were|do|does|did|can|could|has|have|will|would|should|am)\b"
            r"|(?:is|are|am|was|were|do|does|did|can|could|will|would|should|has|have) (?:i|you|he|she|it|we|they|the|this|that|there|my|your|any|a|an|those|these)\b"
            r"|how (?:much|many|far|old|tall|big|long)\b|(?:tell|show|give|teach|ask|help) (?:me|us)\b",
            text,
            re.IGNORECASE,
        ) is not None  # fmt: skip


GRAMMAR = English()
