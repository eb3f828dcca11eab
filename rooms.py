"""The rooms of the house, built once from the settings, and sessions that share them.

What cannot be had (a weight, a server's address, a folder) costs its feature: it becomes a `Problem` that every
session shows, and the house opens without it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import assets
import upkeep
from config import Settings
from furnish import load_vad, make_board, make_ears
from interaction import answers, backends, phrases
from interaction.clips import make_clips
from interaction.clock import real_work
from interaction.commands import observer_changed
from interaction.events import Event, Problem, Recovered
from interaction.hearing.base import HearingError, Recognizer
from interaction.hearing.ears import Ears
from interaction.kept_sources import keep
from interaction.lacking import lacking, no_disk
from interaction.observers.engine_news import EngineNews
from interaction.outlets.alerting import Alertings
from interaction.seeing.embedded import EmbeddedSeer
from interaction.seeing.models import Models
from interaction.services import Services
from interaction.session import Session
from interaction.speaking.base import SpeakingError
from interaction.speaking.normalise import spoken
from interaction.streams import TaskScope
from interaction.understanding import read_once
from memories import Memories

if TYPE_CHECKING:
    from agent.board import TaskBoard
    from agent.probe import Sandbox
    from interaction.observers.engine import Engine

log = logging.getLogger(__name__)

T = TypeVar("T")
# Errors that say by themselves what happened.
PLAIN = (assets.AssetError, HearingError, SpeakingError)
# What is warmed up, and the part of the house that is missing if that fails.
PARTS = {
    "loading the eyes": "seeing",
    "loading the voice": "voice",
    "loading the ears": "hearing",
    "loading the agent": "agent",
    "making likely words": "voice",
    "alerts of last time": "outlets",
}


class Rooms:
    """Needs a running event loop. `voice`: synthesise speech; `hearing`: recognise it (headless runs do without).

    `models`, `recognizer`, `engine`: loaded already, shared with other houses, and left open by `aclose`. Raises
    `backends.UnknownBackend` for an observer that cannot be.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        voice: bool = True,
        hearing: bool = True,
        models: Models | None = None,
        recognizer: Recognizer | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.settings = settings = backends.settled(settings)
        self.problems: dict[str, Problem] = {}  # by part: what could not be had
        self.data = settings.data_dir.expanduser()
        self._scope = TaskScope(self._broke)
        self._shared = {models, recognizer, engine}
        self._models = models or Models(lambda name: assets.find(name, settings), settings.seeing)
        self._vad: Any = None
        tell = self._tell_all
        if recognizer is None and hearing:
            recognizer = self._try("hearing", lambda: backends.guarded_recognizer(settings, tell))
        self._recognizer = recognizer
        self._voice = self._try("voice", lambda: backends.guarded_voice(settings, tell)) if voice else None
        self._text_model = self._try("language model", lambda: backends.make_text_model(settings))
        self._sandbox: Sandbox | None = None
        self._memories = Memories(settings.memory, lambda person: self._live.get(person, []))
        self._live: dict[str, list[Session]] = {}
        self._settled = False
        self._alertings = Alertings(settings)
        self.engine = engine or backends.make_engine(settings)
        self._news = EngineNews(self.engine, self.data, self._engine_changed) if self.engine else None

    def session(self, id: str, person: str, started: datetime | None = None) -> Session:
        """A new session of `person`. The first live one of a person keeps the watches on disk."""
        folder = self._folder(person)
        live = self._live[person] = [other for other in self._live.get(person, []) if not other.finished]
        alerting = self._alertings.of(folder)
        fallback = backends.make_embedded(self.settings)
        observer = backends.make_observer(self.settings, self.engine, fallback)
        if observer.name == fallback.name and not self.engine:
            observer = fallback  # nobody stands in for itself
        clips = make_clips(self.settings, folder)
        services = Services(
            observer=observer,
            fallback=fallback,
            make_seer=lambda: EmbeddedSeer(self._models, self.settings.seeing),
            make_board=lambda session: self._try("agent", lambda: self._board(session, folder / "agent"), session),
            make_ears=self._ears if self._recognizer else None,
            voice=self._voice,
            memory=self._try("memory", lambda: self._memories.of(person, folder)),
            folder=folder,
            clips=clips,
            beside={"alerts": alerting.work, "kept sources": keep} | ({"clips": clips.run} if clips else {}),
            keeps_watches=not live,
            hosts=backends.hosts(self.settings),
            missing=self._missing(person),
            text_model=self._text_model,
            capable_agent=bool(self.settings.agent.url or self.settings.agent.solve_url),
            alerting=alerting,
            ended=lambda: self._left(person),
        )
        session = Session(id, person, self.settings, services, started)
        live.append(session)
        return session

    def _left(self, person: str) -> None:
        if all(session.finished for session in self._live.get(person, ())):
            self._live.pop(person, None)
            self._memories.leave(person)
            self._alertings.leave(self._folder(person))
        if self._settled:
            self._scope.spawn("giving back memory", asyncio.to_thread(upkeep.give_back))

    def _missing(self, person: str) -> tuple[Problem, ...]:
        away = self._news.problem if self._news else None
        return (*self.problems.values(), *self._memories.troubles(person), *([away] if away else []))

    def warm_up(self, person: str = "") -> None:
        """Load the models now, and the memory of `person`, so that the first answer is not slow."""
        if person and (memory := self._memories.of(person, self._folder(person))):
            self._scope.spawn("loading the memory", memory.warm_up())
        if self.engine:
            self.engine.start()
        self._scope.spawn("loading the grammar", asyncio.to_thread(read_once))
        self._scope.spawn("loading the eyes", asyncio.to_thread(self._models.load))
        if self._voice:
            self._scope.spawn("loading the voice", self._voice.warm_up())
        if self._recognizer:
            self._scope.spawn("loading the ears", self._recognizer.warm_up())
        self._scope.spawn("loading the agent", self._load_agent())
        self._scope.spawn("alerts of last time", self._alertings.resume(self.data / "people"))
        self._scope.spawn("making likely words", self._prepare_places())

    async def _load_agent(self) -> None:
        """After the others: nobody asks for work first. It would cost the first task three seconds and more."""
        from agent.graph import libraries

        if self.settings.agent.solve_url:
            return  # somebody else does the work
        for name in ("loading the eyes", "loading the voice", "loading the ears"):
            await self._scope.ended(name)
        await asyncio.to_thread(libraries)

    async def _prepare_places(self) -> None:
        """The second halves of most alerts ("… on the right."): see `sentences.FIRST_OF_ALERT`; and short replies."""
        await self._scope.ended("loading the agent")
        if self._voice and self.settings.language in self._voice.languages:
            for words in (*phrases.places(self.settings.language), *answers.likely(self.settings.language)):
                await self._voice.prepare(spoken(words, self.settings.language), self.settings.language)

    def settle(self) -> None:
        """For a house that serves, once all is loaded: see `upkeep.py`."""
        self._scope.spawn("settling", self._settle())

    async def _settle(self) -> None:
        for name in [name for name in self._scope.names if name in PARTS]:
            await self._scope.ended(name)
        upkeep.set_apart()
        self._settled = True

    async def warm(self) -> None:
        """Wait until `warm_up` is done, a model server's loading or its failure included."""
        for name in self._scope.names:
            await self._scope.ended(name)
        while self.engine and not await asyncio.to_thread(self.engine.settled, 1.0):
            pass

    async def alerts_sent(self) -> None:
        """Wait, bounded, until alerts are sent: for who leaves nothing on disk."""
        await self._alertings.settle()

    async def adopt(self, over: Settings) -> None:
        """Sources, outlets and language as they are in `over`; what its session does is for the resident."""
        update = {"cameras": over.cameras, "outlets": over.outlets, "language": over.language}
        changed = over.outlets != self.settings.outlets
        self.settings = self.settings.model_copy(update=update)
        if changed:
            await self._alertings.change(self.settings)
        for session in self._sessions():
            session.services = replace(session.services, hosts=backends.hosts(self.settings))

    async def aclose(self) -> None:
        await self._scope.aclose()
        if self._news:
            self._news.close()
        if self.engine and self.engine not in self._shared:
            await asyncio.to_thread(self.engine.close)
        await self._alertings.aclose()
        with real_work():
            await self._memories.aclose()
        for room in (self._recognizer, self._voice, self._text_model):
            if room and room not in self._shared:
                await room.aclose()
        if self._models not in self._shared:
            self._models.close()

    def _folder(self, person: str) -> Path:
        """The folder of one person, with a name that no person can choose."""
        folder = self.data / "people" / hashlib.sha256(person.encode()).hexdigest()[:16]
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.data.chmod(0o700)
            self.problems.pop("disk", None)
        except OSError as error:
            self.problems["disk"] = no_disk(self.data, error)
        return folder

    def _ears(self, session: Session) -> Ears | None:
        assert self._recognizer is not None
        if self._vad is None:
            self._vad = self._try("hearing", lambda: load_vad(self.settings), session)
        return None if self._vad is None else make_ears(session, self._recognizer, self._vad)

    def _board(self, session: Session, folder: Path) -> TaskBoard:
        from agent.probe import Sandbox
        from agent.workshop import limits_of

        if self._sandbox is None:
            self._sandbox = Sandbox(limits_of(self.settings.agent))
        return make_board(session, folder, self._sandbox)

    def _engine_changed(self, news: Sequence[Event]) -> None:
        """All sessions hear that the model server is away or back, and what their observer is now."""
        for session in self._sessions():
            for event in (*news, observer_changed(session)):
                session.post(replace(event, t=session.now()))

    def _tell_all(self, event: Event) -> None:
        """Of what all sessions share: present ones hear of it now, later ones as they begin."""
        if isinstance(event, Problem):
            self.problems[event.where] = event
        elif isinstance(event, Recovered):
            self.problems.pop(event.where, None)
        for session in self._sessions():
            session.post(replace(event, t=session.now()))

    def _sessions(self) -> list[Session]:
        return [session for sessions in self._live.values() for session in sessions if not session.finished]

    def _try(self, where: str, make: Callable[[], T], session: Session | None = None) -> T | None:
        """None if it cannot be had: that costs its feature. `session`: one that is being made, to be told too."""
        try:
            return make()
        except assets.AssetError as error:
            self.problems[where] = lacking(where, str(error))
        except Exception as error:  # a broken package must cost its feature, not the start
            log.error("there is no %s", where, exc_info=error)
            self.problems[where] = lacking(where, f"{type(error).__name__}: {error}"[:300])
        if session:
            session.post(self.problems[where])
        return None

    def _broke(self, name: str, error: BaseException) -> None:
        where = PARTS.get(name, name)
        log.error("%s failed: %s", name, error, exc_info=None if isinstance(error, PLAIN) else error)
        message = str(error) if isinstance(error, PLAIN) else f"{type(error).__name__}: {error}"[:300]
        self.problems[where] = lacking(where, message)
        self._tell_all(self.problems[where])


@contextlib.asynccontextmanager
async def open_rooms(settings: Settings, *, voice: bool = True, hearing: bool = True) -> AsyncIterator[Rooms]:
    """Rooms that are closed again."""
    async with contextlib.aclosing(Rooms(settings, voice=voice, hearing=hearing)) as rooms:
        yield rooms
