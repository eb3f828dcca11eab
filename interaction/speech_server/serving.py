"""`python app.py speech-server`: checks, weights, and the server until it is interrupted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import assets
from config import Settings, SpeechServer
from fetch_weights import ensure, needed
from interaction import backends
from interaction.endpoint import is_loopback
from interaction.speech_server.server import build_app

T = TypeVar("T")
KEY_CHARS = 16  # a shorter key can be guessed over a network
SHUTDOWN_S = 5


def serve_speech(host: str | None, port: int | None, settings: Settings) -> int:
    """Exit 2 when it may or can not be served."""
    import uvicorn

    update = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update={"speech_server": settings.speech_server.model_copy(update=update)})
    settings = backends.embedded_speech(settings)
    if refused := check_binding(settings):
        print(f"app.py: {refused}", file=sys.stderr)
        return 2
    ensure(
        [name for name in needed(settings) if not name.startswith("vision/")],
        lambda text: print(text, flush=True),
        settings,
    )
    recognizer = _try(lambda: backends.make_recognizer(settings))
    voice = _try(lambda: backends.make_voice(settings))
    if recognizer is None and voice is None:
        print("app.py: there is neither a recogniser nor a voice to serve", file=sys.stderr)
        return 2
    bounds = settings.speech_server
    print(f"Speech is at http://{bounds.host}:{bounds.port}/v1 once its models are loaded.", flush=True)
    uvicorn.run(
        build_app(recognizer, voice, settings),
        host=bounds.host,
        port=bounds.port,
        log_level="warning",
        **server_options(bounds),
    )
    return 0


def server_options(bounds: SpeechServer) -> dict[str, Any]:
    """Keyword arguments for `uvicorn.Config`."""
    return {
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": SHUTDOWN_S,
        "limit_concurrency": bounds.connections,
    }


def check_binding(settings: Settings) -> str | None:
    """Why it must not open at this address, in one line; None when it may."""
    bounds = settings.speech_server
    key = bounds.key.get_secret_value()
    if key and len(key) < KEY_CHARS:
        return f"LOOKOUT_SPEECH_SERVER__KEY is shorter than {KEY_CHARS} characters; choose a longer one."
    if key or is_loopback(bounds.host):
        return None
    return f"{bounds.host} can be reached by others; set LOOKOUT_SPEECH_SERVER__KEY (at least {KEY_CHARS} characters)."


def _try(make: Callable[[], T]) -> T | None:
    """What cannot be had is said, and the other half is served."""
    try:
        return make()
    except (assets.AssetError, backends.UnknownBackend) as error:
        print(f"! {error}", file=sys.stderr, flush=True)
        return None
