"""A whole house that obeys a timetable of faults. Where one is about a server, a real server on loopback is asked."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from bench.strain import backend, faults
from bench.strain.backend import Backend
from bench.strain.days import Hum
from bench.strain.faults import HOWS, SERVERS, Timetable
from bench.strain.whistle import Listener, Loudness, Phrasebook
from config import Settings
from interaction import backends
from interaction.hearing.ears import Ears
from interaction.session import Session
from rooms import Rooms

IMPATIENT_S = 1.0  # until a server that hangs is given up: what waits for a socket takes real time


class ShakyRooms(Rooms):
    """Tones are heard by the real ears (`whistle.py`), and it speaks silently."""

    def __init__(self, settings: Settings, table: Timetable, book: Phrasebook) -> None:
        self.servers = _servers(table, book)
        for server in self.servers.values():
            server.start()
        super().__init__(_behind(settings, self.servers), voice=False, hearing=False)
        self._table = table
        hearing = "hearing server" in self.servers
        self._recognizer = faults.ShakyRecognizer(
            backends.make_recognizer(self.settings) if hearing else Listener(book), table
        )
        voice = backends.make_voice(self.settings) if "voice server" in self.servers else None
        self._voice = faults.ShakyVoice(voice or Hum(), table)
        if self._text_model:
            self._text_model = faults.ShakyTextModel(self._text_model, table)
        make_store = self._memories.make_store
        self._memories.make_store = lambda person, folder: faults.ShakyStore(make_store(person, folder), table)

    def session(self, *args: Any, **named: Any) -> Session:
        from agent.workshop import make_runner

        def shaky(*args: Any) -> faults.ShakyRunner:
            return faults.ShakyRunner(make_runner(*args), self._table)

        with patch("agent.board.make_runner", shaky):
            session = super().session(*args, **named)
        inner = session.services
        session.services = replace(
            inner,
            observer=faults.ShakyObserver(inner.observer, self._table),
            make_seer=lambda: faults.ShakySeer(inner.make_seer(), self._table, self._models.seeing.kill),
        )
        return session

    async def aclose(self) -> None:
        await super().aclose()
        for server in self.servers.values():
            server.kill()

    def _ears(self, session: Session) -> Ears:
        assert self._recognizer is not None
        return Ears(
            self._recognizer,
            Loudness(),
            session.post,
            session.now,
            lambda: session.language,
            session.talk.saying,
            self.settings.hearing,
        )


def _servers(table: Timetable, book: Phrasebook) -> dict[str, Backend]:
    """One for each part that has a fault of its server before it."""
    answers = {
        "observer server": backend.observer,
        "language server": backend.language,
        "hearing server": backend.hearing(book),
        "voice server": backend.voice,
    }
    wanted = [part for part in SERVERS if any(fault.kind.startswith(part) for fault in table.faults)]
    return {part: Backend(answers[part], partial(_fault, table, part)) for part in wanted}


def _fault(table: Timetable, part: str) -> str:
    return next((how for how in HOWS if how != "killed" and table.on(f"{part}: {how}")), "")


def _behind(settings: Settings, servers: dict[str, Backend]) -> Settings:
    """The settings with these servers in them."""
    # Nothing stands in for them: what is judged is the house that has only these.
    changes: dict[str, Any] = {"fallback": settings.fallback.model_copy(update={"enabled": False})}
    for part, server in servers.items():
        url = {"url": server.url, "timeout_s": IMPATIENT_S}
        match part:
            case "observer server":
                bounds = settings.session.model_copy(update={"observer_deadline_s": IMPATIENT_S})
                changes |= {"observer": server.url, "session": bounds}
            case "language server":
                changes["llm"] = settings.llm.model_copy(update=url)
            case "hearing server":
                changes["hearing"] = settings.hearing.model_copy(update={**url, "recognizer": "openai"})
            case "voice server":
                changes["speaking"] = settings.speaking.model_copy(update={**url, "voice": "openai"})
    return settings.model_copy(update=changes)
