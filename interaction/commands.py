"""The page's side of a session: its commands, and the state it starts from (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from interaction import cameras
from interaction.both import Both, why
from interaction.controls import set_mode, speakers
from interaction.events import ObserverChanged
from interaction.intents import UNLIMITED, AddWatch
from interaction.services import CommandRefused
from interaction.understanding import as_watch, examples
from interaction.watches import WatchError
from interaction.wire import chinese, clean, cleaned, to_json, without_logins
from interaction.zones import read

if TYPE_CHECKING:
    from interaction.session import Session

# Events a fresh page is shown of the recent past: two minutes of decisions and what was said between.
SHOWN_EVENTS = 300
SHOWN_TYPES = frozenset(
    {
        "decision",
        "transcript_final",
        "utterance_started",
        "utterance_ended",
        "task_done",
        "person_speaking",
        "clip_kept",
    }
)


def command(session: Session, name: str, values: dict[str, Any]) -> None:
    """Carry out a command of the page. Raises `CommandRefused`."""
    try:
        match name:
            case "pause" | "resume":
                set_mode(session, "paused", name == "pause")
            case "silence":
                session.talk.silence()
            case "talk":
                _talk(session, bool(values.get("on")))
            case "has_microphone":
                if session.ears:
                    session.ears.microphone(bool(values.get("on")))
            case "voice" | "microphone" | "wake":
                set_mode(session, name, values.get("on"))
            case "language" | "verbosity" | "pace" | "speaker" | "speaker_zh":
                set_mode(session, name, values.get("value"))
            case "cancel_task":
                if session.board:
                    session.board.cancel(str(values.get("task")))
            case "watch":
                _watch(session, str(values.get("op")), values)
            case "source":
                _source(session, str(values.get("op")), str(values.get("name")), values.get("url"))
            case "outlet_test":
                if session.services.alerting:
                    session.services.alerting.test(session, str(values.get("name")))
            case "areas":
                areas = read(values.get("zones", []), values.get("masks", []), session.settings.areas)
                session.lanes.draw(str(values.get("lane")), areas)
            case _:
                raise CommandRefused(Both(f"There is no command {name!r}.", f"没有“{name}”这个命令。"))
    except (ValueError, WatchError) as error:
        raise CommandRefused(why(error)) from error


def _talk(session: Session, on: bool) -> None:
    """The button to talk is pressed or let go."""
    if session.ears is None:
        raise CommandRefused(Both("Nothing can be heard here.", "这里听不到声音。"), Both("Type it.", "请打字。"))
    if on:
        session.ears.hold()
    else:
        session.ears.let_go()


def _watch(session: Session, op: str, values: dict[str, Any]) -> None:
    watch = str(values.get("id") or "")
    match op:
        case "add":
            _add(session, without_logins(str(values.get("wording") or "").strip()))
        case "pause":
            session.watch_changed("paused", session.watches.pause(watch))
        case "resume":
            session.watch_changed("resumed", session.watches.resume(watch, session.wall()))
        case "cancel":
            session.watch_changed("cancelled", session.watches.cancel(watch))
        case "edit":
            _edit(session, watch, values)
        case _:
            raise CommandRefused(Both(f"A watch cannot be told to {op!r}.", f"留意事项不支持“{op}”。"))


def _add(session: Session, wording: str) -> None:
    """ "Someone comes in", or anything that would be said aloud."""
    language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in wording) else "en"
    lanes, zones, capabilities = tuple(session.lanes), session.lanes.zones, session.services.capabilities
    wish = as_watch(wording, language, now=session.wall(), lanes=lanes, zones=zones, capabilities=capabilities)
    if isinstance(wish, AddWatch):
        session.requests.arm(wish, language)
    else:
        session.request(wording)  # answered in the conversation: what cannot be watched, and the nearest that can


def _edit(session: Session, watch: str, values: dict[str, Any]) -> None:
    changes: dict[str, Any] = {name: bool(values[name]) for name in ("urgent", "once") if values.get(name) is not None}
    old = session.watches.get(watch)
    if (wording := without_logins(clean(str(values.get("wording") or ""))).strip()) and wording != old.wording:
        if old.steps:
            raise CommandRefused(
                Both("The steps of a guide are changed by saying them again.", "要改步骤，请把这些步骤重新说一遍。"),
                Both("The guide stands as it was.", "原来的步骤没有改变。"),
            )
        zones, capabilities = session.lanes.zones, session.services.capabilities
        wish = as_watch(wording, old.language, now=session.wall(), zones=zones, capabilities=capabilities)
        if not isinstance(wish, AddWatch) or (wish.schedule is None) != (old.schedule is None):
            raise CommandRefused(
                Both(f"I don't know how to watch for {wording!r}.", f"我不知道怎样留意“{wording}”。"),
                Both("The watch stands as it was.", "原来的留意事项没有改变。"),
            )
        changes |= {"wording": wish.wording, "condition": wish.condition, "say": wish.say}
        changes |= {"limits": wish.limits} if wish.limits != UNLIMITED else {}
    session.watch_changed("changed", session.watches.edit(watch, **changes))


def _source(session: Session, op: str, name: str, url: str | None) -> None:
    if op == "add":
        return cameras.add_named(session, name) if url is None else cameras.add_typed(session, url, name)
    lane = session.lanes.get(name)
    if lane is None:
        raise CommandRefused(Both(f"There is no source named {name!r}.", f"没有名为“{name}”的来源。"))
    if op == "remove":
        cameras.remove(session, name)
    elif op in ("pause", "resume"):
        session.lanes.pause(name, op == "pause")
    else:
        raise CommandRefused(Both(f"A source cannot be told to {op!r}.", f"来源不支持“{op}”。"))


async def forget(session: Session, ids: Sequence[str] | None) -> None:
    """Forget these moments, or everything (None). What one room cannot forget keeps no other from forgetting."""
    services = session.services
    async with AsyncExitStack() as rooms:  # the last named is asked first, and all of them whatever the others raise
        if services.clips:
            rooms.push_async_callback(services.clips.forget, ids)
        if ids is None:
            rooms.push_async_callback(session.keeper.forget)
            if services.alerting:
                rooms.push_async_callback(services.alerting.forget)
            rooms.callback(_forget_present, session)
        if session.memory:
            rooms.push_async_callback(session.memory.forget, ids)


def _forget_present(session: Session) -> None:
    session.subscribers.history.clear()
    session.talk.heard.clear()
    session.rewordings.forget()
    session.work.forget()
    for lane in session.lanes.values():
        lane.album.clear()
    for watch in session.watches:
        if watch.clip and (without := session.watches.clipped(watch.id, "")):
            session.watch_changed("changed", without)


def offered(session: Session) -> dict[str, list[str]]:
    """By language: things to ask that the present observer can really do."""
    return {language: examples(language, session.services.capabilities) for language in ("en", "zh")}


def observer_changed(session: Session) -> ObserverChanged:
    """Who decides now, and what can be asked for of it."""
    return ObserverChanged(t=session.now(), **session.observer.described(), examples=offered(session))


def snapshot(session: Session) -> dict[str, Any]:
    """Everything a page needs to draw itself."""
    kept = [(seq, event) for seq, event in session.subscribers.history]
    shown = [line for seq, event in kept if (line := to_json(event, seq))["type"] in SHOWN_TYPES]
    return {
        **session.modes.snapshot(),
        "attentive": bool(session.ears and session.ears.attentive),
        "wake_word": {language: session.settings.hearing.call(language) for language in ("en", "zh")},
        "observer": session.observer.described(),
        "hosts": [{"host": host, "what": what} for host, what in session.services.hosts.items()],
        "lanes": [
            {"lane": lane.name, "state": lane.state, "detail": clean(lane.detail), "detail_zh": clean(lane.detail.zh)}
            for lane in session.lanes.values()
        ],
        "areas": session.lanes.drawn(),
        "watches": session.watches.snapshot(),
        "tasks": cleaned(list(session.work.tasks.values())),
        "problems": [cleaned(asdict(problem)) | chinese(problem) for problem in session.problems.values()],
        "examples": offered(session),
        "events": shown[-SHOWN_EVENTS:],
        "cameras": cameras.configured(session),
        "max_sources": session.settings.session.lanes,
        "speakers": {language: list(speakers(session, language)) for language in ("en", "zh")},
        "stalls": {"count": session.mouth.stalls.count, "longest": round(session.mouth.stalls.longest, 3)},
        "outlets": session.services.alerting.snapshot() if session.services.alerting else [],
        "spoken": sorted(session.services.voice.languages) if session.services.voice else [],
    }
