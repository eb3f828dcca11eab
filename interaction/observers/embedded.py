"""The embedded observer: decides from percepts alone, on a CPU, without any model of language.

It evaluates each watch's `condition`, answers what can be answered from what is in view, and passes on what
background tasks found. What it cannot see it says plainly.
"""

from __future__ import annotations

import re
from dataclasses import replace

from interaction import answers, phrases
from interaction.intents import Question
from interaction.observers.base import ObserverModel, Proposal, View
from interaction.observers.conditions import Checker, Firing
from interaction.seeing.base import Percepts
from interaction.seeing.words import describe, number_of
from interaction.watches import Watch

# Seconds for which percepts still describe "now".
FRESH_S = 5.0
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

    async def decide(self, view: View) -> list[Proposal]:
        proposals = [
            Proposal("speak", text, "a background task is done", kind="result", answers=True) for text in view.results
        ]
        if view.percepts:
            self._newest[view.lane] = view.percepts[-1]
        proposals += [self._answer(question, view) for question in view.questions]
        proposals += self._fired(view)
        return proposals or [Proposal("silence", reason=self._why_silent(view))]

    def tally(self, lane: str, watch: str) -> int | None:
        """How often a counting watch has counted so far; None if it never looked."""
        checker = self._checkers.get((lane, watch))
        return checker.tally if checker else None

    def forget(self, lane: str) -> None:
        self._newest.pop(lane, None)
        self._checkers = {key: checker for key, checker in self._checkers.items() if key[0] != lane}

    def _fired(self, view: View) -> list[Proposal]:
        standing = {watch.id: watch for watch in view.watches if watch.condition}
        gone = [key for key in self._checkers if key[0] == view.lane and key[1] not in standing]
        for key in gone:
            del self._checkers[key]
        return [p for watch in standing.values() for p in self._check(watch, view)]

    def _check(self, watch: Watch, view: View) -> list[Proposal]:
        assert watch.condition is not None
        checker = self._checkers.get((view.lane, watch.id))
        seen = view.percepts
        if checker is None or checker.condition != watch.condition:
            checker = self._checkers[view.lane, watch.id] = Checker(watch.condition)
            newest = self._newest.get(view.lane)
            seen = seen or ((newest,) if newest and view.t - newest.t <= FRESH_S else ())
            # What happened before the watch was armed is not its business; what is so now, is.
            seen = tuple(_without_events(percepts) for percepts in seen[-1:])
        found = [firing for percepts in seen if (firing := checker.check(percepts))]
        return [
            Proposal(
                "speak",
                watch.say or self._words(watch, firing, view),
                f"watch: {watch.wording}",
                watch=watch.id,
                kind="alert",
                event_t=firing.t,
            )
            for firing in found[-1:]  # a tally's last one carries the number of all
        ]

    def _words(self, watch: Watch, firing: Firing, view: View) -> str:
        """What a watch says: what it was asked to tell whenever it fires, or that it came true."""
        assert watch.condition is not None
        if watch.ask is None:
            return phrases.fired(watch.condition, firing, watch.language)
        if watch.ask.kind == "time":
            return answers.clock(view.wall, watch.language)
        return self._look(watch.ask, view, watch.language)

    def _answer(self, question: Question, view: View) -> Proposal:
        text = self._look(question, view, _language(question.text, view.language))
        return Proposal("speak", text, "the person asked", kind="answer", answers=True)

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
        if question.kind == "count" and question.label:
            number = percepts.faces if question.label == "face" else percepts.counts.get(question.label, 0)
            things = number_of(question.label, number, language)
            if zh:
                return f"我看到{things}。" if number else f"{things}。"
            return f"I can see {things}."
        if question.kind == "text":
            lines = phrases.shortened(", ".join(percepts.text))
            if not lines:
                return "我看不到可以读的文字。" if zh else "I can't see any text that I can read."
            return f"上面写着：{lines}" if zh else f"It says: {lines}"
        seen = describe(percepts, language)
        if question.kind == "open":
            return _beyond(seen, zh)
        if _WHO.search(question.text):
            return f"我认不出是谁。{seen}" if zh else f"I can't tell who it is. {seen}"
        return seen

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


def _beyond(seen: str, zh: bool) -> str:
    if zh:
        return f"这个我判断不了，需要连接一个视觉语言模型。我能看到的是：{seen}"
    return f"I can't judge that: it needs a vision-language model. What I can see: {seen}"


def _without_events(percepts: Percepts) -> Percepts:
    return replace(percepts, events=())
