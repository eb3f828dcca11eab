"""What a text model does for a session, off the tick: it translates, it phrases, it reads requests.

A tick hands a proposal over and goes on; it is said when its words are ready. Of each watch one request is under way
and the newest waits, so a slow model costs old news, never a queue. What does not come, comes too late or does not
stand the checks is said in the rule's words; a model that does not answer is told of once, and left alone for a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from interaction import phrases
from interaction.both import Both
from interaction.events import Decision, Problem, Recovered
from interaction.intents import Intent
from interaction.observers.base import Proposal, Rewording
from interaction.text_model.base import TextModel, TextModelError
from interaction.text_model.phrasing import phrase
from interaction.text_model.reading import read
from interaction.text_model.translation import translate
from interaction.understanding.grammar import Situation

if TYPE_CHECKING:
    from interaction.lane import Lane
    from interaction.session import Session

log = logging.getLogger(__name__)

WHERE = "language model"
# Sentences of commentary that a model is shown, so that it does not repeat itself.
SHOWN = 4

Work = Callable[[], Awaitable[None]]
Then = Callable[[list[Intent]], None]


class Rewordings:
    """Needs the session's scope; does nothing where no text model is configured."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._bounds = session.settings.llm
        self._waiting: dict[str, tuple[Work, Callable[[], None]]] = {}  # by watch, or what was asked: the newest
        self._running: set[str] = set()
        self._free = asyncio.Semaphore(self._bounds.at_once)
        self._said: deque[str] = deque(maxlen=SHOWN)
        self._ask_again = 0.0  # session second before which it is not asked
        self._troubled = False

    @property
    def model(self) -> TextModel | None:
        """Where one is configured and not known to be down."""
        return self._session.services.text_model if self._session.now() >= self._ask_again else None

    def forget(self) -> None:
        """Drop what was said."""
        self._said.clear()

    def takes(self, ruling: Proposal, lane: Lane) -> bool:
        """Whether the proposal will be said later, in better words; else it is to be said as it is."""
        if ruling.action != "speak" or ruling.rewording is None or self.model is None:
            return False
        better = ruling.rewording
        self._do(
            ruling.watch or f"{better.kind} {lane.name}",
            lambda: self._reword(ruling, better, lane),
            lambda: self._unsaid(ruling, lane, "something newer had to be said"),
        )
        return True

    def reads(self, text: str, situation: Situation, then: Then, otherwise: Callable[[], None]) -> bool:
        """Have a request read that the grammar did not take. `then`: does what was asked for; `otherwise`: what is
        done without a model. False: there is none."""
        if self.model is None:
            return False
        self._do("understanding", lambda: self._read(text, situation, then, otherwise), otherwise)
        return True

    def _do(self, key: str, work: Work, given_up: Callable[[], None] = lambda: None) -> None:
        """`given_up`: called if something newer takes its place before its turn."""
        _, replaced = self._waiting.pop(key, (None, lambda: None))
        self._waiting[key] = (work, given_up)
        replaced()
        if key not in self._running:
            self._running.add(key)
            self._session.scope.spawn(f"answer in words {key}", self._work_off(key))

    async def _work_off(self, key: str) -> None:
        try:
            while waiting := self._waiting.pop(key, None):
                async with self._free:
                    await waiting[0]()
        finally:
            self._running.discard(key)

    async def _reword(self, ruling: Proposal, better: Rewording, lane: Lane) -> None:
        session = self._session
        try:
            words, language = await self._words(better), better.into
        except TextModelError as error:
            words, language = self._failed(error, ruling, better), ""
        else:
            self._answered()
            words = session.acting.placed(replace(ruling, text=words, language=language), lane.name).text
        if ruling.watch and all(watch.id != ruling.watch for watch in session.watches.standing()):
            self._unsaid(ruling, lane, "its watch no longer stands")
            return
        said = replace(ruling, text=words, rewording=None, language=language)
        session.publish(
            Decision(t=session.now(), lane=lane.name, action="speak", text=words, reason=said.reason, watch=said.watch)
        )
        session.act(said, lane)

    def _unsaid(self, ruling: Proposal, lane: Lane, why: str) -> None:
        reason = f"not said: {why} ({ruling.text[:80]})"
        now = self._session.now()
        self._session.publish(Decision(t=now, lane=lane.name, action="silence", reason=reason, watch=ruling.watch))

    async def _words(self, better: Rewording) -> str:
        model = self.model
        if model is None:  # it went down while this waited
            raise TextModelError("the text model did not answer a moment ago", is_down=True)
        if better.kind == "translation":
            words = await translate(model, better.source, better.into, self._bounds)
            return phrases.translated(words, better.into)
        words = await phrase(model, better.source, tuple(self._said), better.into, self._bounds)
        self._said.append(words)
        return words

    async def _read(self, text: str, situation: Situation, then: Then, otherwise: Callable[[], None]) -> None:
        try:
            if self.model is None:
                raise TextModelError("the text model did not answer a moment ago", is_down=True)
            intents = await read(self.model, text, situation)
        except TextModelError as error:
            self._trouble(error)
            otherwise()
            return
        self._answered()
        if intents:
            then(intents)
        else:
            otherwise()

    def _failed(self, error: TextModelError, ruling: Proposal, better: Rewording) -> str:
        """The rule's words; of a translation the first time with why there is none."""
        first = self._trouble(error)
        if better.kind == "commentary" or not first:
            return ruling.text
        watch = next((watch for watch in self._session.watches.standing() if watch.id == ruling.watch), None)
        return phrases.untranslated(ruling.text, watch.language if watch else self._session.language)

    def _trouble(self, error: TextModelError) -> bool:
        """Note a failure; whether it is the first since the model last answered. One bad reply is no trouble."""
        log.warning("the text model: %s", error)
        if not error.is_down:
            return False
        session = self._session
        self._ask_again = max(self._ask_again, session.now() + self._bounds.rest_s)
        first, self._troubled = not self._troubled, True
        if first:
            session.publish(
                Problem(
                    t=session.now(),
                    where=WHERE,
                    message=Both(f"The language model does not answer: {error}.", f"语言模型没有回应：{error}。"),
                    kept=Both(
                        "What is seen is told in plain words, and text as it is written.",
                        "看到什么就用平常的话说，文字照原文说。",
                    ),
                    advice=Both(
                        "Check LOOKOUT_LLM__URL, LOOKOUT_LLM__MODEL and LOOKOUT_LLM__KEY, and that server.",
                        "请检查 LOOKOUT_LLM__URL、LOOKOUT_LLM__MODEL 和 LOOKOUT_LLM__KEY，以及那台服务器。",
                    ),
                    severity="warning",
                )
            )
        return first

    def _answered(self) -> None:
        if self._troubled:
            self._troubled = False
            self._session.publish(
                Recovered(t=self._session.now(), where=WHERE, message="The language model answers again.")
            )
