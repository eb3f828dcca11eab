"""The embedded observer: decides from percepts alone, on a CPU, without any model of language.

It evaluates each watch's `condition`, answers what can be answered from what is in view, and passes on what
background tasks found. What it cannot see it says plainly.
"""

from __future__ import annotations

import re
from dataclasses import replace

from interaction import answers, phrases
from interaction.intents import Question
from interaction.observers.base import ObserverModel, Proposal, Rewording, View
from interaction.observers.commentary import Commentary
from interaction.observers.conditions import Checker, Firing
from interaction.seeing.base import Percepts
from interaction.seeing.within import SETTLE_S, Within, only_in
from interaction.seeing.words import describe, number_of
from interaction.understanding.places import located
from interaction.watches import Watch
from interaction.zones import Zone, named

# Seconds for which percepts still describe "now".
FRESH_S = 5.0
# What a commentary at intervals tells at first: so much of the past.
RECENT_S = 60.0
# Between two steps of a guide: the first must have been heard.
STEP_GAP_S = 3.0
_WHO = re.compile(r"\bwho(?:'s|se)?\b|谁", re.IGNORECASE)


class EmbeddedObserver(ObserverModel):
    """Decides from percepts. Keeps one `Checker` for each lane and watch, and the newest percepts of each lane."""

    name = "embedded"
    gated = False  # it costs nothing to ask
    capabilities = frozenset(
        {"people", "objects", "faces", "motion", "text", "counting", "timers", "memory", "delegation", "greeting"}
    )

    def __init__(self) -> None:
        self.sees = {"en": "people, objects, motion, text", "zh": "人、物体、动静、文字"}
        self._checkers: dict[tuple[str, str], Checker] = {}
        self._newest: dict[str, Percepts] = {}
        self._begun: dict[str, float] = {}  # by lane: when its first picture was seen
        self._commentaries: dict[tuple[str, str], Commentary] = {}  # by lane and watch; "": asked for at intervals
        self._asked: dict[str, tuple[float, bool]] = {}  # by lane: when last, and whether there was nothing to tell
        self._waiting: dict[tuple[str, str], tuple[int, Firing]] = {}  # a guide's next step, come too soon

    async def decide(self, view: View) -> list[Proposal]:
        proposals = [
            Proposal("speak", text, "a background task is done", kind="result", answers=True) for text in view.results
        ]
        if view.percepts:
            self._newest[view.lane] = view.percepts[-1]
            self._begun.setdefault(view.lane, view.percepts[0].t)
        recent = self._commentaries.setdefault((view.lane, ""), Commentary())
        for percepts in view.percepts:
            recent.hear(percepts)
        proposals += [self._answer(question, view) for question in view.questions]
        proposals += self._fired(view)
        return proposals or [Proposal("silence", reason=self._why_silent(view))]

    def tally(self, lane: str, watch: str) -> int | None:
        """How often a counting watch has counted so far; None if it never looked."""
        checker = self._checkers.get((lane, watch))
        return checker.tally if checker else None

    def forget(self, lane: str) -> None:
        for newest in (self._newest, self._begun, self._asked):
            newest.pop(lane, None)
        for kept in (self._checkers, self._commentaries, self._waiting):
            for key in [key for key in kept if key[0] == lane]:
                del kept[key]

    def _fired(self, view: View) -> list[Proposal]:
        standing = {watch.id: watch for watch in view.watches if watch.condition}
        for kept in (self._checkers, self._commentaries, self._waiting):
            for key in [key for key in kept if key[0] == view.lane and key[1] and key[1] not in standing]:
                del kept[key]
        return [p for watch in standing.values() for p in self._check(watch, view)]

    def _check(self, watch: Watch, view: View) -> list[Proposal]:
        assert watch.condition is not None
        zone = named(watch.condition.zone, view.zones)
        if watch.condition.zone and zone is None:
            return []  # it is about a place on another lane's picture
        if watch.ask and watch.ask.kind == "commentary":
            return self._comment(watch, view, zone)
        checker = self._checkers.get((view.lane, watch.id))
        seen = view.percepts
        went_back = checker is not None and watch.step < checker.step
        if checker is None or (checker.condition, checker.zone) != (watch.condition, zone) or went_back:
            checker = self._checkers[view.lane, watch.id] = Checker(watch.condition, self._within(zone, view))
            newest = self._newest.get(view.lane)
            seen = seen or ((newest,) if newest and view.t - newest.t <= FRESH_S else ())
            # What happened before the watch was armed is not its business; what is so now, is.
            seen = tuple(_without_events(percepts) for percepts in seen[-1:])
        checker.step = watch.step
        found = [firing for percepts in seen if (firing := checker.check(percepts))]
        if went_back:
            found = []  # what was so already is what the person went back from
        if watch.steps:
            found = self._apart(watch, view, found)
        return [self._alert(watch, firing, view) for firing in found[-1:]]  # a tally's last one has the number of all

    def _within(self, zone: Zone | None, view: View) -> Within | None:
        return Within(zone, self._begun.get(view.lane, view.t) + SETTLE_S) if zone else None

    def _apart(self, watch: Watch, view: View, found: list[Firing]) -> list[Firing]:
        """What made a step of a guide due, held until the step before was heard."""
        key = (view.lane, watch.id)
        step, held = self._waiting.pop(key, (watch.step, None))
        due = found[-1:] or ([held] if held and step == watch.step else [])
        if due and watch.last_fired and (view.wall - watch.last_fired).total_seconds() < STEP_GAP_S:
            self._waiting[key] = (watch.step, due[0])
            return []
        return due

    def _alert(self, watch: Watch, firing: Firing, view: View) -> Proposal:
        rewording = None
        text = watch.say or ""
        if not text and watch.ask and watch.ask.kind == "translation":
            text, rewording = self._translation(watch.ask, view, watch.language, firing.text)
        reason = f"watch: {watch.wording}"
        return Proposal(
            "speak",
            text or self._words(watch, firing, view),
            reason,
            watch=watch.id,
            kind="alert",
            event_t=firing.t,
            rewording=rewording,
        )

    def _comment(self, watch: Watch, view: View, zone: Zone | None) -> list[Proposal]:
        key = (view.lane, watch.id)
        commentary = self._commentaries.get(key)
        if commentary is None or commentary.zone != zone:
            # what happened before is not its business
            self._commentaries[key] = Commentary(self._within(zone, view))
            return []
        for percepts in view.percepts:
            commentary.hear(percepts)
        text = commentary.tell(view.t, watch.language)
        if text and watch.condition and watch.condition.place:
            text = phrases.there(watch.condition.place, text, watch.language)
        better = Rewording("commentary", text, watch.language)
        reason = f"watch: {watch.wording}"
        return [Proposal("speak", text, reason, watch=watch.id, kind="alert", rewording=better)] if text else []

    def _words(self, watch: Watch, firing: Firing, view: View) -> str:
        """What a watch says: what it was asked to tell whenever it fires, or that it came true."""
        assert watch.condition is not None
        if watch.ask is None:
            return phrases.fired(watch.condition, firing, watch.language)
        if watch.ask.kind == "time":
            return answers.clock(view.wall, watch.language)
        return self._look(watch.ask, view, watch.language)

    def _answer(self, question: Question, view: View) -> Proposal:
        language, rewording = _language(question.text, view.language), None
        if question.kind == "commentary":
            return self._recent(view, language)
        if question.kind == "translation":
            text, rewording = self._translation(question, view, language)
        else:
            text = self._look(question, view, language)
        return Proposal("speak", text, "the person asked", kind="answer", answers=True, rewording=rewording)

    def _recent(self, view: View, language: str) -> Proposal:
        """What happened since this was last asked; that nothing did is told once."""
        since, quiet = self._asked.get(view.lane, (view.t - RECENT_S, False))
        text = self._commentaries[view.lane, ""].tell(view.t, language, since)
        self._asked[view.lane] = (view.t, not text)
        better = Rewording("commentary", text, language) if text else None
        if not text and quiet:
            return Proposal("silence", reason="still nothing new happened")
        text = text or ("没有新情况。" if language == "zh" else "Nothing new.")
        return Proposal("speak", text, "the person asked", kind="answer", answers=True, rewording=better)

    def _translation(
        self, question: Question, view: View, language: str, read: str = ""
    ) -> tuple[str, Rewording | None]:
        """What it says as it was read, and what is to be made of it."""
        percepts = self._newest.get(view.lane)
        if not read and percepts and view.t - percepts.t <= FRESH_S:
            read = "\n".join(percepts.text)
        if not read.strip():
            return self._look(replace(question, kind="text"), view, language), None
        other = {"en": "zh", "zh": "en"}.get(_language(read, ""))
        into = question.into or (other if other and _language(read, "") == language else language)
        said = phrases.shortened(read)
        said = f"上面写着：{said}" if language == "zh" else f"It says: {said}"
        return said, Rewording("translation", read, into)

    def _look(self, question: Question, view: View, language: str) -> str:
        zh = language == "zh"
        percepts = self._newest.get(view.lane)
        if percepts is None or view.t - percepts.t > FRESH_S:
            return (
                "我现在看不到画面。"
                if zh
                else "I have no picture right now. Turn the camera on, or add a source, and ask me again."
            )
        if percepts.dark:
            return describe(percepts, language)  # what cannot be seen is not "none"
        if question.kind in ("count", "scene", "text", "open"):
            there = located(question.text, [zone.name for zone in view.zones], language)
            if there and (zone := named(there.zone, view.zones)):
                return self._look_at(zone, there.place, question, percepts, language)
        if question.kind == "count" and question.label:
            number = percepts.faces if question.label == "face" else percepts.counts.get(question.label, 0)
            things = number_of(question.label, number, language)
            if zh:
                return f"我看到{things}。" if number else f"{things}。"
            return f"I can see {things}."
        if question.kind == "text":
            return _read(percepts, language)
        seen = describe(percepts, language)
        if question.kind == "open":
            return _beyond(seen, zh)
        if _WHO.search(question.text):
            return f"我认不出是谁。{seen}" if zh else f"I can't tell who it is. {seen}"
        return seen

    def _look_at(self, zone: Zone, place: str, question: Question, percepts: Percepts, language: str) -> str:
        """What is at one place of the picture."""
        there = only_in(zone, percepts)
        if question.kind == "text":
            return phrases.there(place, _read(there, language), language)
        if question.kind != "count" or not question.label:
            return phrases.there(place, describe(there, language), language)
        number = there.faces if question.label == "face" else there.counts.get(question.label, 0)
        things = number_of(question.label, number, language)
        if language == "zh":
            return f"{place}{'有' if number else ''}{things}。"
        return f"I can see {things} {place}."

    def _why_silent(self, view: View) -> str:
        if not view.percepts:
            return "no new picture"
        if not view.watches:
            return "nothing to watch for"
        return "nothing that is watched for happened"


def _language(text: str, default: str) -> str:
    """The language that a question was asked in; the page's when its words do not tell."""
    if any("\u4e00" <= character <= "\u9fff" for character in text):
        return "zh"
    return "en" if any(character.isascii() and character.isalpha() for character in text) else default


def _read(percepts: Percepts, language: str) -> str:
    """What it says, as an answer."""
    zh, lines = language == "zh", phrases.shortened(", ".join(percepts.text))
    if not lines:
        return "我看不到可以读的文字。" if zh else "I can't see any text that I can read."
    return f"上面写着：{lines}" if zh else f"It says: {lines}"


def _beyond(seen: str, zh: bool) -> str:
    if zh:
        return f"这个我判断不了，需要连接一个视觉语言模型。我能看到的是：{seen}"
    return f"I can't judge that: it needs a vision-language model. What I can see: {seen}"


def _without_events(percepts: Percepts) -> Percepts:
    return replace(percepts, events=())
