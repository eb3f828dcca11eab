"""The web side put together: doors around our routes, the page's files, and Gradio's shell behind an allow-list."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, redirect_stdout
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from config import Settings
from interaction.sessions import SWEEP_S, Sessions
from interaction.streams import TaskScope
from interaction.web import words
from interaction.web.api import House, api
from interaction.web.doors import READING, Doors, Visitor
from interaction.web.passes import Passes
from interaction.web.refusal import Refusal, refusal_response
from interaction.web.ui import CONTENT_SECURITY_POLICY, OwnPage, page_routes

if TYPE_CHECKING:
    import gradio as gr

log = logging.getLogger(__name__)

# What Gradio's own scripts ask for. Not among it: upload, file=, proxy=, run, call, queue, stream, component_server,
# login, monitoring, vibe-*: the page talks to the house by its own WebSocket, so Gradio has no business of its own.
GRADIO_PATHS = re.compile(
    r"/|/config/?|/theme\.css|/favicon\.ico|/robots\.txt|/(assets|static)/.+"
    r"|/gradio_api/(info|theme\.css)/?"
)
SHUTDOWN_S = 5  # open connections (a page that never closes) may hold up the end for so long


Around = Callable[[], AbstractAsyncContextManager[None]]


def build_app(
    settings: Settings,
    sessions: Sessions,
    ui: gr.Blocks | None,
    *,
    around: Around = nullcontext,
    resident: str = "",
) -> FastAPI:
    """The whole web side. Loads FastRTC, which takes seconds.

    `ui`: the shell of `ui.build_ui`; None serves the routes and the page's files only. `around`: what the sessions
    need; it is opened before the first and closed after the last of them has ended. `resident`: of `Passes`.
    """
    from interaction.web.transport import Media

    media = Media(settings, sessions)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        scope = TaskScope(lambda name, error: log.error("%s failed", name, exc_info=error))
        async with around():
            scope.spawn("sweeping", _sweep_on(media, sessions))
            try:
                yield
            finally:
                await scope.aclose()
                await media.aclose()
                await sessions.aclose()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.house = House(settings, sessions, media)
    app.include_router(api)
    page_routes(app)
    if ui is not None:
        _mount_shell(app, ui, settings)
    for kind, handler in (
        (Refusal, _refused),
        (RequestValidationError, _invalid),
        (HTTPException, _http),
    ):
        app.add_exception_handler(kind, handler)
    app.add_middleware(Doors, settings=settings, passes=Passes(settings, resident), policy=CONTENT_SECURITY_POLICY)
    return app


def server_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments for `uvicorn.Config` that the doors rely on."""
    return {
        "host": settings.web.host,
        "port": settings.web.port,
        "ws_max_size": settings.web.message_bytes,
        "ws_max_queue": 16,  # messages read ahead of a page; each may have `ws_max_size`
        "ws_ping_interval": 20.0,  # notices a dead line that no heartbeat would show (a hidden page may sleep)
        "ws_ping_timeout": 20.0,
        "access_log": False,  # it would keep the token of the first visit
        "server_header": False,
        "timeout_graceful_shutdown": SHUTDOWN_S,
    }


class Gate:
    """ASGI wrapper of Gradio: reading what its page needs, and nothing else, passes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            if scope["method"] not in READING or not GRADIO_PATHS.fullmatch(scope["path"]):
                await refusal_response(Refusal(404, words.NOT_FOUND), "en")(scope, receive, send)
                return
            del MutableHeaders(scope=scope)["accept-encoding"]  # its page is rewritten on the way out
        await self._app(scope, receive, send)


def _mount_shell(app: FastAPI, ui: gr.Blocks, settings: Settings) -> None:
    import gradio as gr

    with redirect_stdout(None):  # it prints "new /", where a program reads our output
        gr.mount_gradio_app(app, ui, path="/", show_api=False, ssr_mode=False, show_error=False, mcp_server=False)
    mount = next(route for route in reversed(app.router.routes) if isinstance(route, Mount) and route.path == "")
    mount.app = OwnPage(Gate(mount.app), settings.language)


async def _sweep_on(*rooms: Any) -> None:
    """Clear away what is over, for ever; one room's mistake does not keep the others from it."""
    while True:
        for room in rooms:
            try:
                room.sweep()
            except Exception as error:
                log.error("sweeping failed", exc_info=error)
        await asyncio.sleep(SWEEP_S)


def _language(request: Request) -> str:
    visitor = request.scope.get("visitor")
    return visitor.language if isinstance(visitor, Visitor) else "en"


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return refusal_response(error, _language(request))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    detail = f"{'.'.join(str(part) for part in first['loc'])[:60]}: {first['type']}"
    return refusal_response(Refusal(400, words.BAD_REQUEST, detail=detail), _language(request))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    notice = words.NOT_FOUND if error.status_code == 404 else words.BAD_REQUEST
    refusal = Refusal(error.status_code, notice, detail=error.status_code)
    return refusal_response(refusal, _language(request))
