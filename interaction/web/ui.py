"""The page's shell: Gradio Blocks around our own markup, its files, and what keeps it from asking outside hosts.

Gradio 5.50 serves a page that asks outside hosts for fonts and an iframe script, and carries its configuration in
inline scripts. `OwnPage` takes both out: without the inline configuration Gradio's bundle fetches `/config` by
itself, so that scripts need neither `unsafe-inline` nor a nonce.
"""

from __future__ import annotations

import html
import json
import mimetypes
import re
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config import Language, Settings

if TYPE_CHECKING:
    import gradio as gr

PAGE = Path(__file__).with_name("page")
LANGUAGES: tuple[Language, ...] = ("en", "zh")
STYLES = ("base.css", "stage.css", "side.css", "dialogs.css", "clips.css", "areas.css")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Gradio's markup and components carry style attributes
        "img-src 'self' data: blob:",  # Gradio's (hidden) footer holds its icons as data
        "connect-src 'self'",  # fetch and the WebSocket; WebRTC media is not governed by it
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)

_INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc\s*=)[^>]*>.*?</script\s*>", re.S | re.I)
_OUTSIDE_SCRIPT = re.compile(r"<script\b[^>]*\bsrc\s*=\s*[\"']?(?:https?:)?//[^>]*>.*?</script\s*>", re.S | re.I)
_OUTSIDE_TAG = re.compile(r"<(?:link|meta|img|base)\b[^>]*(?:https?:)?//[^>]*?/?>", re.S | re.I)
_MANIFEST = re.compile(r"<link\b[^>]*rel\s*=\s*[\"']?manifest[^>]*>", re.S | re.I)  # Gradio answers it with 404
_PLACEHOLDER = re.compile(r"\{\{([\w.]+)\}\}")


@cache
def words(language: Language) -> dict[str, str]:
    """Every string of the interface, by key."""
    table: dict[str, str] = json.loads((PAGE / "words" / f"{language}.json").read_text(encoding="utf-8"))
    return table


def shell(language: Language) -> str:
    """The page's markup in `language`; the scripts change the words when the person changes the language."""
    table = words(language)
    return _PLACEHOLDER.sub(lambda m: html.escape(table[m[1]]), (PAGE / "shell.html").read_text(encoding="utf-8"))


def strip_outside(page: str) -> str:
    """HTML of Gradio's page without anything that asks an outside host, and without inline scripts."""
    for unwanted in (_OUTSIDE_SCRIPT, _INLINE_SCRIPT, _OUTSIDE_TAG, _MANIFEST):
        page = unwanted.sub("", page)
    return page


def dress(page: str, language: Language) -> str:
    """HTML of Gradio's page, stripped, with our own head, and a sentence to read until the scripts are there."""
    table = {key: html.escape(text) for key, text in words(language).items()}
    head = (
        f'<title>{table["name"]}</title><meta name="color-scheme" content="light dark">'
        '<link rel="icon" type="image/svg+xml" href="/page/icon.svg">'
        + "".join(f'<link rel="stylesheet" href="/page/{name}">' for name in STYLES)
        + '<script type="module" src="/page/main.js"></script>'
    )
    opening = f'<p id="lookout-opening">{table["opening"]}</p><noscript><p>{table["no_script"]}</p></noscript>'
    page = strip_outside(page).replace("</head>", f"{head}</head>", 1)
    page = re.sub(r"(<body\b[^>]*>)", lambda m: m[1] + opening, page, count=1)
    return re.sub(r"(<html\b[^>]*\blang=)\"\w+\"", rf'\1"{language}"', page, count=1)


class OwnPage:
    """ASGI middleware: `GET /` answers Gradio's page as `dress` makes it. All else passes untouched."""

    def __init__(self, app: ASGIApp, language: Language = "en") -> None:
        self.app = app
        self.language: Language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            return await self.app(scope, receive, send)
        start: Message = {}
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            if message["type"] != "http.response.body":
                return await send(message)  # an extension of ASGI
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            kind = next((value for name, value in start["headers"] if name.lower() == b"content-type"), b"")
            whole = bytes(body)
            if kind.startswith(b"text/html"):
                whole = dress(whole.decode("utf-8"), self.language).encode()
            start["headers"] = [(n, v) for n, v in start["headers"] if n.lower() != b"content-length"]
            start["headers"].append((b"content-length", str(len(whole)).encode()))
            await send(start)
            await send({"type": "http.response.body", "body": whole})

        await self.app(scope, receive, collect)


class _PageFiles(StaticFiles):
    """Our scripts and styles, asked for again at each visit (with an ETag): an update shows at the next reload."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def page_routes(app: FastAPI) -> None:
    """Serve our scripts and styles at `/page/*`. To be called before Gradio is mounted at `/`."""
    mimetypes.add_type("text/javascript", ".js")  # some systems know it as text/plain, which browsers refuse
    app.mount("/page", _PageFiles(directory=PAGE), name="page")


def build_ui(settings: Settings) -> gr.Blocks:
    """The Gradio shell whose only content is our own markup. Mount it at `/` with `show_api=False, ssr_mode=False`."""
    import gradio as gr

    with warnings.catch_warnings():
        # Gradio announces that version 6 moves `theme` to launch(); the version is pinned by fastrtc.
        warnings.simplefilter("ignore", DeprecationWarning)
        fonts = ["system-ui", "sans-serif"]
        theme = gr.themes.Base(font=fonts, font_mono=["ui-monospace", "monospace"])
        with gr.Blocks(
            title=words(settings.language)["name"],
            analytics_enabled=False,
            theme=theme,
            fill_width=True,
        ) as blocks:
            gr.HTML(shell(settings.language), padding=False)
    return blocks
