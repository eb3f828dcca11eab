"""The HTTP routes (docs/protocol.md). Every one but `/health` works on the visitor's own session only."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.websockets import WebSocket

from config import Settings
from interaction.clip_shelf import Shelf, download_name
from interaction.sessions import NO_PLACE, Session, Sessions
from interaction.web import words
from interaction.web.channel import PageChannel
from interaction.web.doors import Visitor
from interaction.web.refusal import Refusal
from memory.store import MemoryFault

if TYPE_CHECKING:
    from interaction.web.transport import Media

log = logging.getLogger(__name__)

T = TypeVar("T")
NO_STORE = {"cache-control": "no-store"}
PICTURE_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
NO_SESSION_CODE = 4401
# Letters, digits and a few signs; never a path, a hidden file or "..".
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][\w.()-]{0,119}")


@dataclass(frozen=True)
class House:
    """What the routes work on; in `app.state.house`."""

    settings: Settings
    sessions: Sessions
    media: Media


def own_session(request: Request) -> Session:
    """The visitor's open session. Raises `Refusal`, before anything else of the request is looked at."""
    visitor: Visitor = request.scope["visitor"]
    house: House = request.app.state.house
    if visitor.session is None:
        raise Refusal(401, words.NO_SESSION)
    if (session := house.sessions.get(visitor.session, visitor.person)) is None:
        if (place := house.sessions.place(visitor.session, visitor.person)) > 0:
            raise Refusal(503, words.FULL, place=place)
        raise Refusal(503, words.NO_QUEUE) if place == NO_PLACE else Refusal(409, words.NO_SESSION)
    return session


def own_memory(session: Annotated[Any, Depends(own_session)]) -> Any:
    """The person's memory. Raises `Refusal`."""
    if session.memory is None:
        raise Refusal(503, words.NO_MEMORY)
    return session.memory


def _is_time(text: str) -> str:
    datetime.fromisoformat(text)  # raises ValueError, which becomes a 400
    return text


Own = Annotated[Any, Depends(own_session)]  # a `Session`; FastAPI cannot check a protocol
OwnMemory = Annotated[Any, Depends(own_memory)]  # a `MemoryView`
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_is_time)]
Moment = Annotated[str, Field(max_length=40), AfterValidator(_is_time)]
Ids = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=200)]


class Offer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    sdp: str = Field(min_length=1, max_length=60_000)
    type: Annotated[str, Field(pattern="^offer$")]
    lane: Literal["camera", "screen"] = "camera"


api = APIRouter()


@api.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@api.post("/api/session")
async def open_session(request: Request) -> Response:
    """The doors have issued the cookie; the session itself begins with the WebSocket. 202: there is a queue, and the
    WebSocket will wait in it."""
    visitor: Visitor = request.scope["visitor"]
    sessions: Sessions = request.app.state.house.sessions
    assert visitor.session is not None  # the doors have just given it
    held, places = sessions.places
    place = sessions.place(visitor.session, visitor.person)
    if place == NO_PLACE:
        raise Refusal(503, words.NO_QUEUE)
    is_open = sessions.get(visitor.session, visitor.person) is not None
    body: dict[str, object] = {"open": is_open, "places": places, "free": max(0, places - held), "place": place}
    if place:
        body |= words.FULL.said(visitor.language, place=place)
    return JSONResponse(body, 202 if place else 200, NO_STORE)


@api.post("/api/offer")
async def answer_offer(request: Request, session: Own, body: Offer) -> Response:
    return JSONResponse(await request.app.state.house.media.offer(session, body.sdp, body.lane), headers=NO_STORE)


@api.get("/api/ice")
async def ice_servers(request: Request, session: Own) -> Response:
    return JSONResponse(await request.app.state.house.media.ice(), headers=NO_STORE)


@api.get("/api/memory")
async def memory_page(
    session: Own,
    memory: OwnMemory,
    q: Annotated[str, Query(max_length=300)] = "",
    day: Annotated[Day | None, Query()] = None,
    before: Annotated[Moment | None, Query()] = None,
) -> Response:
    page = await _answered(memory.page(q, day, before))
    clips = await asyncio.to_thread(_shelf(session).of_moments) if session.services.clips else {}
    for moment in page["moments"]:
        moment["clip"] = clips.get(moment["id"], "")
    return JSONResponse(page, headers=NO_STORE)


@api.delete("/api/memory")
async def forget(session: Own, id: Annotated[Ids | None, Query()] = None) -> Response:
    """Forget these moments; without `id` everything that was seen, said and worked out."""
    await _answered(session.forget(id))
    return JSONResponse({"forgotten": id or "everything"}, headers=NO_STORE)


@api.get("/api/pictures/{name}")
async def picture(memory: OwnMemory, name: str) -> Response:
    """A picture of the person's own folder: by name only, and no link that leads out of it."""
    folder: Path = memory.pictures
    kind = PICTURE_TYPES.get(Path(name).suffix.lower())
    if kind is None or not _SAFE_NAME.fullmatch(name) or not _is_plain_file(folder / name):
        raise Refusal(404, words.NOT_FOUND)
    return FileResponse(folder / name, media_type=kind, headers=NO_STORE)


@api.get("/api/clips/{name}")
async def clip(session: Own, name: str) -> Response:
    """A film of the person's own folder, by name only; a part of it for a `Range`. It has no sound."""
    path = await asyncio.to_thread(_shelf(session).path, name) if session.services.clips else None
    if path is None:
        raise Refusal(404, words.NOT_FOUND)
    file = download_name(name)  # where the page's link saves it
    return FileResponse(
        path, media_type="video/webm", filename=file, content_disposition_type="inline", headers=NO_STORE
    )


@api.get("/api/frame/{lane}")
async def frame(session: Own, lane: str, t: Annotated[float | None, Query(ge=0, le=1e9)] = None) -> Response:
    """JPEG of a lane within the last two minutes, nearest to session second `t`."""
    jpeg = session.picture(lane, t)
    if jpeg is None:
        raise Refusal(404, words.NOT_FOUND)
    return Response(jpeg, media_type="image/jpeg", headers=NO_STORE)


@api.get("/api/artefacts/{task}/{name}")
async def artefact(session: Own, task: str, name: str) -> Response:
    """Whatever a task made is data: saved by the browser, never shown or run by it."""
    safe = _SAFE_NAME.fullmatch(task) and _SAFE_NAME.fullmatch(name)
    path = session.board.artefact(task, name) if session.board and safe else None
    if path is None or not _is_plain_file(path):
        raise Refusal(404, words.NOT_FOUND)
    headers = {**NO_STORE, "content-security-policy": "sandbox; default-src 'none'"}
    return FileResponse(path, media_type="application/octet-stream", filename=name, headers=headers)


@api.websocket("/ws")
async def channel(socket: WebSocket) -> None:
    visitor: Visitor = socket.scope["visitor"]
    house: House = socket.app.state.house
    if visitor.session is None:
        await socket.close(NO_SESSION_CODE)
        return
    await socket.accept()
    await PageChannel(socket, visitor, house.sessions, house.media, house.settings).run()


async def _answered(asked: Awaitable[T]) -> T:
    """What memory says, or why it says nothing. Raises `Refusal`."""
    try:
        return await asked
    except TimeoutError as error:
        raise Refusal(503, words.SLOW_MEMORY) from error
    except MemoryFault as error:
        log.error("memory failed", exc_info=error)
        raise Refusal(503, words.NO_MEMORY) from error
    except ValueError as error:
        raise Refusal(400, words.BAD_REQUEST, detail="day or before") from error


def _shelf(session: Any) -> Shelf:
    shelf: Shelf = session.services.clips.shelf
    return shelf


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
