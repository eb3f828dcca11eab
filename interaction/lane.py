"""One source of a session: its frames, what is seen in them, and what waits for its next tick.

A lane runs three loops side by side: frames in, seeing, and ticking (`tick.py`). None of them waits for speech, for
the agent or for memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from interaction import lane_troubles, phrases
from interaction.album import Album
from interaction.both import NOTHING, Both, why
from interaction.events import LaneChanged, LaneState, Recovered, Seen
from interaction.gate import Gate
from interaction.intents import Question
from interaction.masking import UNKNOWN, Masking
from interaction.observers.base import Turn, View
from interaction.seeing.base import Percepts, Seer, jpeg
from interaction.sources.base import Frame, FrameSource, SourceError
from interaction.sources.reconnecting import Reconnecting
from interaction.streams import Latest, TaskScope
from interaction.tick import House, tick
from interaction.zones import LaneAreas

log = logging.getLogger(__name__)

# Seconds after which a look that has not ended has failed; loading the networks on a slow disk takes ten.
LOOK_S = 45.0
# The longest pause between two attempts to open eyes that do not open.
BLIND_S = 30.0


class Lane:
    """One source with its newest frame, its eyes, its gate, and what waits for its next tick."""

    def __init__(self, source: FrameSource, make_seer: Callable[[], Seer], house: House, masking: Masking) -> None:
        bounds = house.settings.session
        self.name = source.lane
        limits = house.settings.sources
        self.source = Reconnecting(source, self._reported, limits=limits) if source.retry else source
        self.state: LaneState = "connecting"
        self.detail = NOTHING
        self.paused = False
        self.latest: Latest[Frame] = Latest()
        self.album = Album()
        self.questions: list[Question] = []
        self.results: list[str] = []
        self.turns: deque[Turn] = deque(maxlen=bounds.turns)
        self.failures = 0  # of the observer, in a row
        self.complained = False  # the person was told of them
        self.ask_again = 0.0  # session second before which it is not asked
        self.newest: Percepts | None = None
        self.ended = asyncio.Event()
        self._faulty = False  # the last tick broke
        self._blind_s = 0.0  # the pause after the last failure of the eyes; 0: they see
        self._make_seer = make_seer
        self._seer = make_seer()
        self._gate = Gate(house.settings.gate)
        self._percepts: deque[Percepts] = deque(maxlen=bounds.percepts)
        self._armed: set[str] = set()
        self._woken = asyncio.Event()
        self._house = house
        self._masking = masking
        self._masked = 0  # how often masks came to hide more
        self._scope = TaskScope(self._broke)

    @property
    def areas(self) -> LaneAreas | None:
        """What is drawn on it; None: that is not known, and nothing of it is looked at."""
        return self._masking.areas

    def remask(self) -> None:
        """Its masks hide more now: what shows or read what is under them is dropped, and what is under way given up."""
        self._masked += 1
        self.album.clear()
        self._percepts.clear()
        self.newest = None
        self._gate.forget()
        for observer in (self._house.observer, self._house.fallback):
            observer.forget(self.name)
        if (frame := self.latest.peek()) and (shown := self._masking.shown(frame)):
            self.latest.put(shown)
        if "ticking" in self._scope.names:  # a model may be looking at a picture without them
            self._scope.spawn("ticking", self._tick_on())

    def ask(self, question: Question) -> None:
        """Put a question to the next tick, and have it soon."""
        self.questions.append(question)
        self.wake()

    def tell(self, result: str) -> None:
        """Put the result of a task to the next tick, and have it soon."""
        self.results.append(result)
        self.wake()

    def armed(self, watch: str) -> None:
        """A watch was armed: look at once."""
        self._armed.add(watch)
        self.wake()

    def set_paused(self, paused: bool) -> None:
        self.paused = paused
        self._change("paused" if paused else "connecting")  # the next picture says "watching"

    def wake(self) -> None:
        self._woken.set()

    def view(self) -> View:
        """Fold in everything that arrived since the last tick."""
        house = self._house
        view = View(
            t=house.now(),
            wall=house.wall(),
            lane=self.name,
            language=house.language,
            frame=self.latest.peek(),
            percepts=tuple(self._percepts),
            watches=house.standing(self.name),
            armed=frozenset(self._armed),
            questions=tuple(self.questions),
            results=tuple(self.results),
            turns=tuple(self.turns),
            zones=areas.zones if (areas := self.areas) else (),
        )
        self._percepts.clear()
        self._armed.clear()
        self.questions, self.results = [], []
        return view

    def reason_to_ask(self, view: View) -> str | None:
        """Why the observer should be asked in this tick; None: nothing changed enough."""
        house = self._house
        if not house.observer.gated or not house.settings.gate.enabled:
            return "every tick"
        asked = bool(view.questions or view.results or view.armed)
        if view.frame is None:
            return "asked" if asked else None
        changed = any(percepts.events for percepts in view.percepts)
        return self._gate.check(view.frame, view.t, asked=asked, percepts_changed=changed)

    def put_back(self, view: View) -> None:
        """The observer failed: questions and results wait for the next tick."""
        self.questions = list(view.questions) + self.questions
        self.results = list(view.results) + self.results

    async def run(self) -> None:
        """Frames, seeing and ticking until the source ends or the lane is closed."""
        self._change("paused" if self.paused else "connecting")
        seeing = self._scope.spawn("seeing", self._see())
        self._scope.spawn("ticking", self._tick_on())
        try:
            async for taken in self.source.frames(self._house.now):
                if (frame := self._masking.shown(taken)) is None:
                    self._change("down", UNKNOWN)
                    continue
                if self.state != "watching" and not self.paused:
                    self._change("watching")
                self.latest.put(frame)
                await asyncio.sleep(0)  # the seeing loop takes it before time goes on
            self._change("ended")
        except Exception as error:  # a source may be anybody's: whatever it raises ends this lane, nothing else
            self._source_failed(error)
        try:
            await self._last_look(seeing)
        finally:
            self.ended.set()

    async def aclose(self) -> None:
        """End the loops and release the source."""
        await self._scope.aclose()
        await self.source.aclose()
        self._seer.close()
        self.album.clear()  # megabytes; who still points at this lane holds none of them
        self._house.observer.forget(self.name)
        self._house.fallback.forget(self.name)
        self.ended.set()

    def _source_failed(self, error: Exception) -> None:
        message = why(error)
        if not isinstance(error, SourceError):
            log.error("source %s failed", self.name, exc_info=error)
            message = lane_troubles.fault(error)
        self._change("down", message)
        advice = getattr(error, "advice", NOTHING)
        self._house.publish(lane_troubles.source_failed(self._house.now(), self.name, message, advice))

    async def _last_look(self, seeing: asyncio.Task[None]) -> None:
        """What the last frames showed still gets its tick."""
        await asyncio.sleep(self._house.settings.session.wake_gap_s)
        seeing.cancel()
        await asyncio.gather(seeing, return_exceptions=True)
        if self._percepts or self.questions or self.results:
            await self._tick()
        if not self.source.live:
            self._scope.cancel("ticking")

    async def _see(self) -> None:
        next_look, masked = 0.0, self._masked
        while True:
            frame = await self.latest.take()
            if masked != self._masked:  # what it had seen is not to be seen any more
                masked = self._masked
                self._seer.close()
                self._seer = self._make_seer()
            if self._house.paused or self.paused or frame.t + 1e-6 < next_look:
                continue
            try:
                async with asyncio.timeout(LOOK_S), self._seer.turn():
                    frame = self.latest.peek() or frame  # other lanes had their turn meanwhile
                    percepts = await self._seer.look(frame)
                next_look = frame.t + 0.9 / self._seer.pace
                picture = await asyncio.to_thread(jpeg, frame.image) if self.album.wants(frame.t) else b""
                if masked != self._masked:
                    continue
                if picture:
                    self.album.keep(frame.t, picture)
                self._saw(percepts)
            except Exception as error:  # also TimeoutError
                await self._eyes_failed(error)
                continue
            if self._blind_s:
                self._blind_s = 0.0
                self._house.publish(Recovered(t=self._house.now(), where=f"seeing {self.name}"))

    def _saw(self, percepts: Percepts) -> None:
        self.newest = percepts
        self._percepts.append(percepts)
        language = self._house.language
        for event in percepts.events:
            if text := phrases.noticed(event, language):
                self._house.publish(Seen(t=event.t, lane=self.name, kind=event.kind, label=event.label, text=text))
        if percepts.events:
            self.wake()

    async def _eyes_failed(self, error: Exception) -> None:
        """A seer that raised is replaced; the stream and the ticks go on. Said once until it sees again."""
        house = self._house
        if not self._blind_s:
            log.error("the eyes of %s failed", self.name, exc_info=error)
            house.publish(lane_troubles.eyes_failed(house.now(), self.name, error, LOOK_S))
        self._blind_s = min(BLIND_S, 2 * self._blind_s or house.settings.session.restart_s)
        await asyncio.sleep(self._blind_s)
        self._seer.close()
        self._seer = self._make_seer()

    async def _tick_on(self) -> None:
        bounds = self._house.settings.session
        while True:
            started = self._house.now()
            if not (self._house.paused or self.paused):
                self._notice_stall(started)
                await self._tick()
            await self._until_due(started + bounds.wake_gap_s, started + bounds.tick_s)

    async def _tick(self) -> None:
        """One tick. A fault of ours costs this one: the next comes all the same."""
        try:
            await tick(self, self._house)
        except Exception as error:
            if not self._faulty:
                self._broke("ticking", error)
            self._faulty = True
        else:
            if self._faulty:
                self._house.publish(Recovered(t=self._house.now(), where=f"ticking {self.name}"))
            self._faulty = False

    async def _until_due(self, earliest: float, latest: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, latest - self._house.now())):
                await self._woken.wait()
        except TimeoutError:
            pass  # the second is over
        await asyncio.sleep(max(0.0, earliest - self._house.now()))
        self._woken.clear()

    def _notice_stall(self, now: float) -> None:
        frame = self.latest.peek()
        if self.state == "watching" and frame and now - frame.t > self._house.settings.session.stalled_s:
            self._change("stalled", lane_troubles.NO_PICTURE)

    def _change(self, state: LaneState, detail: Both = NOTHING) -> None:
        if (state, detail) != (self.state, self.detail) or state == "connecting":
            self.state, self.detail = state, detail
            self._house.publish(LaneChanged(t=self._house.now(), lane=self.name, state=state, detail=detail))

    def _reported(self, change: LaneChanged) -> None:
        """What a source that reconnects says of itself."""
        if not self.paused and self.state != change.state:
            self._change(change.state, change.detail)

    def _broke(self, name: str, error: BaseException) -> None:
        log.error("%s %s failed", name, self.name, exc_info=error)
        self._house.publish(lane_troubles.broke(self._house.now(), self.name, name, error))
