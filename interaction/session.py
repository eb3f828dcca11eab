"""One person's session: the sole owner of its state. Start reading at `run`.

Everything that happens comes in by `post` and goes out by `publish`; the lanes tick beside it (`lane.tick`). A
session holds no model and no socket of its own: what it needs of the other rooms is handed over in `Services`.
What a person says is acted on in `requests.py`, what a page commands in `commands.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config import Settings
from interaction import answers
from interaction.acting import Acting
from interaction.both import Both
from interaction.clock import Clock
from interaction.commands import command, forget, snapshot
from interaction.controls import control
from interaction.events import (
    Decision,
    Event,
    NothingSaid,
    PersonSpeaking,
    Problem,
    Recovered,
    Seen,
    TaskDone,
    TaskProgress,
    TaskSubmitted,
    TranscriptFinal,
    UtteranceEnded,
    UtteranceKind,
    UtteranceStarted,
    WatchChanged,
)
from interaction.faults import FLOODED, Faults, close_all
from interaction.intents import Control
from interaction.keeping import Keeper
from interaction.lane import Lane
from interaction.lanes import Lanes
from interaction.modes import Modes
from interaction.moments import moment_of
from interaction.observers.base import ObserverModel, Proposal
from interaction.policy import Policy
from interaction.requests import Requests
from interaction.rewording import Rewordings
from interaction.services import CommandRefused, Services
from interaction.sources.base import FrameSource
from interaction.speaking.base import AudioSink
from interaction.speaking.mouth import Mouth
from interaction.speaking.sinks import EmptyRoom, NullSink
from interaction.streams import Channel
from interaction.subscribers import Subscribers, Subscription
from interaction.talk import Talk
from interaction.timers import Timers
from interaction.understanding import language_of
from interaction.watches import Watch, Watches
from interaction.wire import clean, without_logins
from interaction.work import Work


class Session:
    """`id` names the session, `person` whose memory and watches it uses. Needs a running event loop."""

    def __init__(
        self, id: str, person: str, settings: Settings, services: Services, started: datetime | None = None
    ) -> None:
        bounds = settings.session
        self.id = id
        self.person = person
        self.settings = settings
        self.services = services
        self.clock = Clock(started)
        self.modes = Modes(language=settings.language, wake=settings.hearing.wake)
        self.lanes = Lanes(self)
        self.problems: dict[str, Problem] = {}
        self.finished = False
        self.inbox: Channel[Event] = Channel(bounds.inbox)
        self.subscribers = Subscribers(bounds.history, bounds.subscriber)
        self.policy = Policy(cooldown_s=bounds.cooldown_s, repeat_s=bounds.repeat_s, longest_s=bounds.repeat_longest_s)
        self.faults = Faults(self.publish, self.now, bounds.restart_s)
        self.scope = self.faults.scope
        self.keeper = Keeper(services.folder, self.post, self.now, settings.journal, services.keeps_watches)
        self.watches = Watches(bounds.watches, self.keeper.load_watches())
        self.timers = Timers(self)
        self.mouth = Mouth(services.voice, NullSink(), self.post, self.now, settings.speaking)
        self.talk = Talk(self.mouth, self.now, self.publish, self.scope, bounds.waiting, self.policy.unsaid)
        self.memory = services.memory
        self.board = services.make_board(self) if services.make_board else None
        self.ears = services.make_ears(self) if services.make_ears else None
        self.rewordings = Rewordings(self)
        self.acting = Acting(self)
        self.requests = Requests(self)
        self.work = Work(self)

    async def run(self) -> None:
        """Take events one at a time, in order, until the session is closed; timers and lanes run beside."""
        self.faults.keep_running("timers", self.timers.run)
        self.faults.keep_running("keeping", lambda: self.keeper.run(self.subscribe(), lambda: self.wall().date()))
        for name, work in self.services.beside.items():
            self.faults.keep_running(name, partial(work, self))
        for problem in self.services.missing:
            self.publish(problem)
        if self.board:
            self.scope.spawn("resume tasks", self.board.resume())
        async for event in self.inbox:
            self.publish(event)
            try:
                self._handle(event)
            except Exception as error:  # it costs this event; the next is handled all the same
                self.faults.broke("session", error)
                if isinstance(event, TranscriptFinal):
                    self.say(answers.fault(event.language), "answer", event.language)

    def _handle(self, event: Event) -> None:
        match event:
            case PersonSpeaking(active=True):
                self.talk.person_started()
            case PersonSpeaking():
                self.talk.person_stopped()
            case NothingSaid():
                self.talk.resume()
            case TranscriptFinal():
                self.requests.take(event)
            case TaskSubmitted() | TaskProgress():
                self.work.note(event)
            case TaskDone():
                self.work.note(event)
                self.work.weave_back(event)
            case UtteranceStarted():
                self.talk.started(event)
            case UtteranceEnded():
                self.talk.ended(event)

    async def aclose(self) -> None:
        """End everything; watches, memory and journal stay on disk."""
        self.finished = self.faults.closing = True
        await close_all([*self.lanes.values(), self.board, self.ears, self.observer, self.fallback])
        self.mouth.stop()
        self.inbox.close()
        self.subscribers.close()
        await self.faults.aclose(last="keeping")
        self.services.ended()

    async def settle(self) -> None:
        """Wait, bounded, until no task runs, nothing is being said and memory has everything (the end of a file)."""
        await self._idle()
        if self.memory and await self.memory.flush():
            await asyncio.sleep(self.settings.session.wake_gap_s)  # what was stored is told
            await self._idle()

    async def _idle(self) -> None:
        bound = self.now() + self.settings.session.end_wait_s
        while self.now() < bound and self.busy:  # noqa: ASYNC110  many things end it, none signals it
            await asyncio.sleep(self.settings.session.wake_gap_s)

    @property
    def busy(self) -> bool:
        """Something is still to be said or worked out."""
        answering = any(name.startswith("answer") for name in self.scope.names)
        return bool(self.work.running) or answering or bool(len(self.inbox)) or not self.talk.idle

    # What comes in and goes out.

    def post(self, event: Event) -> None:
        """Anything that happened, from any room, on the event loop."""
        if not self.inbox.send(event) and not self.finished and not self.faults.standing:
            self.faults.tell(FLOODED)

    def publish(self, event: Event) -> None:
        """Number an event and give it to everyone who listens, to memory among them."""
        if isinstance(event, Problem):
            self.problems[event.where] = event
            while len(self.problems) > self.settings.session.problems:
                self.problems.pop(next(iter(self.problems)))
        elif isinstance(event, Recovered):
            self.problems.pop(event.where, None)
        seq = self.subscribers.publish(event)
        if self.memory and (moment := moment_of(event, seq, self.id, self.clock.wall(event.t), self.language)):
            self.memory.remember(moment, self.picture(event.lane, event.t) if isinstance(event, Seen) else None)

    def subscribe(self, since: int | None = None) -> Subscription:
        """Everything from now on, and what was missed since sequence number `since`."""
        return self.subscribers.subscribe(since)

    def snapshot(self) -> dict[str, Any]:
        """The state a page starts from (docs/protocol.md)."""
        return snapshot(self)

    def command(self, name: str, /, **values: Any) -> None:
        """A command of the page. Raises `CommandRefused`."""
        command(self, name, values)

    async def forget(self, ids: Sequence[str] | None = None) -> None:
        """Forget these moments, or everything that was seen, said and worked out (None); watches stand."""
        await forget(self, ids)

    def control(self, order: Control, language: str, quietly: bool = False) -> None:
        """A direct order, spoken."""
        control(self, order, language, quietly)

    def hear(self, pcm: NDArray[np.float32]) -> None:
        """Microphone sound: float32 [n], 16 kHz, −1…1."""
        if self.ears and (self.modes.microphone or self.ears.held):
            self.ears.feed(pcm)

    def request(self, text: str) -> None:
        """A typed request. Raises `CommandRefused` if it is too long."""
        text = without_logins(clean(" ".join(text.split())))
        if len(text) > (most := self.settings.session.text_chars):
            told = Both("That is too long to act on.", "内容太长，没法照办。")
            raise CommandRefused(told, Both(f"{most} characters fit.", f"最多 {most} 个字符。"))
        if text:
            language = language_of(text, self.language)
            self.post(TranscriptFinal(t=self.now(), text=text, language=language, origin="typed"))

    # What a lane asks of its session (`lane.House`).

    def now(self) -> float:
        return self.clock.now()

    def wall(self) -> datetime:
        return self.clock.wall()

    @property
    def observer(self) -> ObserverModel:
        return self.services.observer

    @property
    def fallback(self) -> ObserverModel:
        return self.services.fallback

    @property
    def language(self) -> str:
        return self.modes.language

    @property
    def paused(self) -> bool:
        return self.modes.paused

    def standing(self, lane: str) -> tuple[Watch, ...]:
        return self.watches.standing(lane)

    def is_urgent(self, watch: str | None) -> bool:
        return any(w.urgent for w in self.watches.standing() if w.id == watch)

    def forbids(self, proposal: Proposal) -> str:
        return self.acting.forbids(proposal)

    def act(self, ruling: Proposal, lane: Lane) -> None:
        self.acting.act(ruling, lane)

    # What the house does of its own accord.

    def say(self, text: str, kind: UtteranceKind = "answer", language: str = "", watch: Watch | None = None) -> None:
        """Say something that needs no observer, as a decision that the strip shows."""
        reason = {"answer": "the person asked", "acknowledgement": "acknowledged", "alert": "a timer"}.get(kind, kind)
        name = watch.id if watch else None
        self.publish(Decision(t=self.now(), lane="", action="speak", text=text, reason=reason, watch=name))
        urgent = kind == "alert" and bool(watch and (watch.urgent or watch.schedule))
        self.talk.say(text, kind, language or self.language, watch=name, urgent=urgent)

    def watch_changed(self, change: Any, watch: Watch) -> None:
        """Tell everyone, keep it on disk, and let the timers look again."""
        self.keeper.save_watches(self.watches.snapshot())
        self.publish(WatchChanged(t=self.now(), change=change, watch=watch.snapshot()))
        if watch.steps and watch.state == "active":
            self.lanes.armed(watch)  # the next step of a guide may be due already
        self.timers.changed()

    # Lanes and sound.

    def add_lane(self, source: FrameSource) -> Lane:
        """Watch another source. Raises `CommandRefused`."""
        return self.lanes.add(source)

    def remove_lane(self, name: str) -> None:
        self.lanes.remove(name)

    def main_lane(self) -> Lane | None:
        return self.lanes.main()

    def picture(self, lane: str, t: float | None = None) -> bytes | None:
        """JPEG of a lane within the last two minutes, nearest to session second `t`."""
        return self.lanes.picture(lane, t)

    def attach_sink(self, sink: AudioSink) -> None:
        self.mouth.sink = sink

    def detach_sink(self, sink: AudioSink) -> None:
        """Nobody listens there any more: what is said from now on is not put into sound until somebody does."""
        if self.mouth.sink is sink:
            self.mouth.sink = EmptyRoom()
