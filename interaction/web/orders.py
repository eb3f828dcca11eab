"""What a page orders, carried out: each message either has its effect or is refused with a reason."""

from __future__ import annotations

import logging
from typing import Protocol

from config import Settings
from interaction.both import NOTHING, Both, why
from interaction.events import LaneChanged, Problem, Recovered
from interaction.services import CommandRefused
from interaction.sessions import Session, Sessions, Tell
from interaction.sources.base import SourceError
from interaction.sources.browser import CAMERA, OWN, SCREEN
from interaction.web import words
from interaction.web.messages import (
    AddSource,
    AddWatch,
    AnyCommand,
    CancelTask,
    ChangeSource,
    ChangeWatch,
    DrawAreas,
    Heartbeat,
    Hello,
    Language,
    Manner,
    Media,
    OutletTest,
    Plain,
    Playback,
    Say,
    Switch,
    Unknown,
    parse,
)
from interaction.web.words import Notice

log = logging.getLogger(__name__)


class MediaRoom(Protocol):
    """The part of `transport.Media` that is used."""

    def alive(self, session: str, connection: str | None = None) -> None: ...

    def played(self, session: str, seconds: float) -> None: ...

    def end(self, session: str, lane: str | None = None) -> None: ...


class Orders:
    """The orders of one page to one session. `tell` sends the page a message that is no event."""

    def __init__(
        self, session: Session, language: str, sessions: Sessions, media: MediaRoom, settings: Settings, tell: Tell
    ) -> None:
        self._session = session
        self._language = language
        self._sessions = sessions
        self._media = media
        self._settings = settings
        self._tell = tell

    def take(self, text: str) -> None:
        """Carry out one message; whatever goes wrong is told to the page and ends nothing."""
        try:
            self._obey(parse(text))
        except Unknown as unknown:
            self._refuse(words.BAD_REQUEST, detail=unknown)
        except CommandRefused as refused:
            self._no(why(refused), refused.advice)
        except SourceError as error:
            self._no(why(error), NOTHING)
        except Exception as error:
            log.error("a command failed", exc_info=error)
            self._refuse(words.NOT_DONE)

    def _obey(self, command: AnyCommand) -> None:
        match command:
            case Heartbeat(connection=connection, screen=screen):
                # Without a name it speaks for the connection only if there is no other page whose it could be.
                if connection or self._sessions.pages(self._session.id) == 1:
                    self._media.alive(self._session.id, connection)
                if screen:
                    self._media.alive(self._session.id, screen)
                self._tell({"type": "pong"})
            case Playback(seconds=seconds):
                self._media.played(self._session.id, seconds)
            case Say(text=text):
                self._say(text)
            case AddWatch(wording=wording, urgent=urgent, once=once):
                self._session.command("watch", op="add", id=None, wording=wording, urgent=urgent, once=once)
            case ChangeWatch(op=op, id=id, wording=wording, urgent=urgent, once=once):
                self._session.command("watch", op=op, id=id, wording=wording, urgent=urgent, once=once)
            case Plain(type="stop"):
                self._media.end(self._session.id)
                self._sessions.end(self._session.id)
            case Plain(type=name):
                self._session.command(name)
            case Switch(type=name, on=on):
                self._session.command(name, on=on)
            case Language(value=value):
                self._session.command("language", value=value)
                self._language = value
            case Manner(type=name, value=value):
                self._session.command(name, value=value)
            case CancelTask(task=task):
                self._session.command("cancel_task", task=task)
            case AddSource(url=None, name=name):
                self._session.command("source", op="add", name=name)
            case AddSource(url=str(url), name=name):
                self._add_source(url, name)
            case ChangeSource(op=op, name=name):
                self._session.command("source", op=op, name=name)
            case OutletTest(name=name):
                self._session.command("outlet_test", name=name)
            case DrawAreas(lane=lane, zones=zones, masks=masks):
                drawn = [zone.model_dump() for zone in zones]
                self._session.command("areas", lane=lane, zones=drawn, masks=masks)
            case Media(what="screen", state=state):
                if state != "ok":
                    self._media.end(self._session.id, SCREEN)
            case Media():
                self._device(command)
            case Hello():
                self._refuse(words.BAD_REQUEST, detail="hello was already said")

    def _say(self, text: str) -> None:
        limit = self._settings.session.text_chars
        if len(text) > limit:
            self._refuse(words.TOO_LONG, limit=limit)
        elif text.strip():
            self._session.request(text)

    def _add_source(self, url: str, name: str) -> None:
        """Pages add network addresses only; files are opened by the command line."""
        if name.casefold() in OWN:
            self._refuse(words.SOURCE_NAME, name=name)
        else:
            self._session.command("source", op="add", url=url, name=name)

    def _device(self, media: Media) -> None:
        """What the browser could get of camera and microphone becomes an event, so that everyone knows."""
        session, t = self._session, self._session.clock.now()
        now = session.snapshot()
        lane = next((lane for lane in now["lanes"] if lane["lane"] == media.what == CAMERA), None)
        if media.what == "microphone":
            session.command("has_microphone", on=media.state == "ok")
        if media.state == "off":
            return
        if media.state == "ok":
            if any(problem["where"] == media.what for problem in now["problems"]):
                session.post(Recovered(t=t, where=media.what))
                if lane:  # said to be down when it was lost; now what the lane itself says holds again
                    detail = Both(lane["detail"], lane["detail_zh"])
                    session.post(LaneChanged(t=t, lane=CAMERA, state=lane["state"], detail=detail))
            return
        said = words.MEDIA[media.what, media.state].both()
        session.post(Problem(t=t, where=media.what, severity="warning", **said))
        if lane and media.state == "lost":
            session.post(LaneChanged(t=t, lane=CAMERA, state="down", detail=said["message"]))

    def _no(self, message: Both, advice: Both) -> None:
        told, language = {"type": "refused"}, self._language
        self._tell({**told, "message": message.told(language), "advice": advice.told(language)})

    def _refuse(self, notice: Notice, **values: object) -> None:
        self._tell({"type": "refused", **notice.said(self._language, **values)})
