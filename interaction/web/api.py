"""The HTTP routes (docs/protocol.md). Every one but `/health` works on the visitor's own session only."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.websockets import WebSocket

from interaction.sessions import MemoryView, Session, Sessions
from interaction.web import words
from interaction.web.channel import PageChannel
from interaction.web.doors import Visitor
from interaction.web.refusal import Refusal

if TYPE_CHECKING:
    from config import Settings
    from interaction.web.transport import Media

NO_STORE = {"cache-control": "no-store"}
PICTURE_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
NO_SESSION_CODE = 4401
# Letters, digits and a few signs; never a path, a hidden file or "..".
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][\w.()-]{0,119}")


def _aware(text: str) -> str:
    datetime.fromisoformat(text)  # raises ValueError, which becomes a 400
    return text


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_aware)]
Moment = Annotated[str, Field(max_length=40), AfterValidator(_aware)]
Ids = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=200)]


class Offer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    sdp: str = Field(min_length=1, max_length=60_000)
    type: Annotated[str, Field(pattern="^offer$")]


def routes(settings: Settings, sessions: Sessions, media: Media) -> APIRouter:
    """All routes of ours, and the page's WebSocket."""
    api = APIRouter()

    @api.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @api.post("/api/session")
    async def session(request: Request) -> Response:
        """The doors have issued the cookie; the session itself begins with the WebSocket."""
        visitor = _visitor(request)
        held, places = sessions.places
        is_open = sessions.get(visitor.session, visitor.person) is not None
        return JSONResponse({"open": is_open, "places": places, "free": max(0, places - held)}, headers=NO_STORE)

    @api.post("/api/offer")
    async def offer(request: Request, body: Offer) -> Response:
        return JSONResponse(await media.offer(_session(request, sessions), body.sdp), headers=NO_STORE)

    @api.get("/api/ice")
    async def ice(request: Request) -> Response:
        _session(request, sessions)
        return JSONResponse(await media.ice(), headers=NO_STORE)

    @api.get("/api/memory")
    async def memory_page(
        request: Request,
        q: Annotated[str, Query(max_length=300)] = "",
        day: Annotated[Day | None, Query()] = None,
        before: Annotated[Moment | None, Query()] = None,
    ) -> Response:
        return JSONResponse(await _memory(request, sessions).page(q, day, before), headers=NO_STORE)

    @api.delete("/api/memory")
    async def forget(request: Request, id: Annotated[Ids | None, Query()] = None) -> Response:
        await _memory(request, sessions).forget(id)
        return JSONResponse({"forgotten": id or "everything"}, headers=NO_STORE)

    @api.get("/api/pictures/{name}")
    async def picture(request: Request, name: str) -> Response:
        return _picture_file(_memory(request, sessions).pictures, name)

    @api.get("/api/frame/{lane}")
    async def frame(request: Request, lane: str, t: Annotated[float | None, Query(ge=0, le=1e9)] = None) -> Response:
        jpeg = _session(request, sessions).picture(lane, t)
        if jpeg is None:
            raise Refusal(404, words.NOT_FOUND)
        return Response(jpeg, media_type="image/jpeg", headers=NO_STORE)

    @api.get("/api/artefacts/{task}/{name}")
    async def artefact(request: Request, task: str, name: str) -> Response:
        board = _session(request, sessions).board
        safe = _SAFE_NAME.fullmatch(task) and _SAFE_NAME.fullmatch(name)
        path = board.artefact(task, name) if board and safe else None
        if path is None or path.is_symlink() or not path.is_file():
            raise Refusal(404, words.NOT_FOUND)
        # Whatever a task made is data: saved by the browser, never shown or run by it.
        headers = {**NO_STORE, "content-security-policy": "sandbox; default-src 'none'"}
        return FileResponse(path, media_type="application/octet-stream", filename=name, headers=headers)

    @api.websocket("/ws")
    async def channel(socket: WebSocket) -> None:
        visitor: Visitor = socket.scope["visitor"]
        if visitor.session is None:
            await socket.close(NO_SESSION_CODE)
            return
        await socket.accept()
        await PageChannel(socket, visitor, sessions, media, settings).run()

    return api


def _visitor(request: Request) -> Visitor:
    visitor: Visitor = request.scope["visitor"]
    return visitor


def _session(request: Request, sessions: Sessions) -> Session:
    visitor = _visitor(request)
    if visitor.session is None:
        raise Refusal(401, words.NO_SESSION)
    if (session := sessions.get(visitor.session, visitor.person)) is None:
        raise Refusal(409, words.NO_SESSION)
    return session


def _memory(request: Request, sessions: Sessions) -> MemoryView:
    memory = _session(request, sessions).memory
    if memory is None:
        raise Refusal(503, words.NO_MEMORY)
    return memory


def _picture_file(folder: Path, name: str) -> Response:
    """A picture of the person's own folder; by name only, and no link that leads out of it."""
    path = folder / name
    kind = PICTURE_TYPES.get(path.suffix.lower())
    if not _SAFE_NAME.fullmatch(name) or kind is None or path.is_symlink() or not path.is_file():
        raise Refusal(404, words.NOT_FOUND)
    return FileResponse(path, media_type=kind, headers=NO_STORE)
