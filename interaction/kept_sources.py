"""Sources that a person added, by the page or by word, come back when the session does, with their names.

They stand in `sources.json` of the person's folder, which only the user that runs Lookout can read. A source that is
configured is kept by its name alone; one that was typed with its address, password and all, because the stream cannot
be opened without it. No message, log or page ever shows an address of it. What never showed a picture is not kept.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from config import CameraName
from interaction import cameras
from interaction.both import FREE_SPACE, Both, why
from interaction.controls import pause_again
from interaction.events import Event, LaneChanged, Problem, Recovered
from interaction.services import CommandRefused
from interaction.sources.base import SourceError
from interaction.whole_file import write_whole

if TYPE_CHECKING:
    from interaction.session import Session

NAME = "kept sources"
FILE_BYTES = 65_536  # eight addresses of 2,000 characters and as much again


class Kept(BaseModel):
    """`url`: as it was typed; None: the configured source of this name. `paused`: read, of a file from before pauses
    had one of their own (`pauses.py`); never written."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: CameraName
    url: SecretStr | None = None
    paused: bool = False


_LIST: TypeAdapter[tuple[Kept, ...]] = TypeAdapter(Annotated[tuple[Kept, ...], Field(max_length=64)])


async def keep(session: Session) -> None:
    """Bring back what was there, then write down what changes, until the session ends."""
    if session.services.folder is None or not session.services.keeps_watches:
        return
    path = session.services.folder / "sources.json"
    subscription = session.subscribe()
    try:
        known = await _bring_back(session, path)
        proven = {kept.name for kept in known}
        async for _, event in subscription.events:
            if not isinstance(event, LaneChanged):
                continue
            if event.state == "watching":
                proven.add(event.lane)
            if event.lane not in session.lanes.typed:  # it was removed; also a session that is closed says "ended"
                proven.discard(event.lane)
            if (now := _present(session, proven)) != known:
                known = now if await _save(session, path, now) else known
    finally:
        subscription.close()
    if subscription.lagged:
        raise RuntimeError("so much happened at once that a change of sources may have been missed")


def _present(session: Session, proven: set[str]) -> tuple[Kept, ...]:
    lanes, typed = session.lanes, session.lanes.typed
    return tuple(
        Kept(name=name, url=url) for name, url in typed.items() if name in lanes and (url is None or name in proven)
    )


async def _bring_back(session: Session, path: Path) -> tuple[Kept, ...]:
    """What is there again."""
    try:
        kept = await asyncio.to_thread(_read, path)
    except (OSError, ValueError) as error:
        message = Both("The sources that you had added cannot be read.", "之前添加的来源读不出来。")
        _tell(session, message, error, Both("Add them again.", "请重新添加。"))
        return ()
    if kept:
        pause_again(session)
    for one in kept:
        if one.name in session.lanes:
            continue  # the watch file's, which wins
        try:
            if one.url is None:
                cameras.add_named(session, one.name)
            else:
                cameras.add_typed(session, one.url.get_secret_value(), one.name, must_open=False)
        except (CommandRefused, SourceError) as error:
            cameras.tell_refused(session, one.name, error, "warning")
            continue
        if one.paused:
            session.lanes.pause(one.name, True)
    return tuple(one for one in kept if one.name in session.lanes.typed)


def _read(path: Path) -> tuple[Kept, ...]:
    """Raises OSError or ValueError, which repeats nothing of the file."""
    try:
        with path.open("rb") as file:
            return _LIST.validate_json(file.read(FILE_BYTES))
    except FileNotFoundError:
        return ()
    except ValidationError:
        path.replace(path.with_suffix(".broken"))  # for whoever wants to repair it; as private as it was
        raise ValueError(Both("it is kept as sources.broken", "原文件改名为 sources.broken")) from None


async def _save(session: Session, path: Path, kept: tuple[Kept, ...]) -> bool:
    try:
        await asyncio.to_thread(_write, path, kept)
    except OSError as error:
        message = Both("The sources that you added cannot be written down.", "添加的来源写不进磁盘。")
        _tell(session, message, error, FREE_SPACE)
        return False
    if NAME in session.problems:
        session.publish(Recovered(t=session.now(), where=NAME))
    return True


def _write(path: Path, kept: tuple[Kept, ...]) -> None:
    body = [{"name": k.name, "url": k.url and k.url.get_secret_value()} for k in kept]
    write_whole(path, json.dumps(body, ensure_ascii=False, indent=1))


def _tell(session: Session, message: Both, error: Exception, advice: Both) -> None:
    strerror = getattr(error, "strerror", None)
    reason = Both(strerror, strerror) if strerror else why(error)
    said = Both(f"{message} ({reason})", f"{message.zh}（{reason.zh}）")
    kept = Both("The sources that are there now go on.", "现在已有的来源照常。")
    problem: Event = Problem(t=session.now(), where=NAME, message=said, kept=kept, advice=advice, severity="warning")
    session.publish(problem)
