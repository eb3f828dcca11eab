"""The doors of the house: what every request and every WebSocket must pass before any room sees it.

Met here: pages of other origins that use the visitor's browser (Origin), names that are made to point at this machine
(Host, against DNS rebinding), strangers on the network (token), made-up session ids (signed cookies), large bodies.
Not met here: another user of the same machine while no token is set, and whoever can read the network without TLS.
"""

from __future__ import annotations

import logging
import re
import socket
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config import Settings
from interaction.endpoint import is_loopback
from interaction.web import words
from interaction.web.passes import LOCAL, Passes
from interaction.web.refusal import Refusal, refusal_response

log = logging.getLogger(__name__)

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_TO_ALL = frozenset({"/health"})  # says only that the house stands; a container asks it without a cookie
TOKEN_CHARS = 16  # shorter ones can be guessed
QUERY_FIELDS = 250  # forgetting takes 200 ids
PERSON_S = 180 * 86_400  # a person is known for half a year
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "SAMEORIGIN",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
}
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:(?P<port>\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the door; in `scope["visitor"]`. `session`: a valid session id, or None."""

    person: str
    session: str | None
    language: str


def check_binding(settings: Settings) -> str | None:
    """Why the house must not open at this address, in one line; None when it may."""
    token = settings.token.get_secret_value()
    if token and len(token) < TOKEN_CHARS:
        return f"LOOKOUT_TOKEN is shorter than {TOKEN_CHARS} characters; choose a longer one."
    if token or is_loopback(settings.web.host):
        return None
    return (
        f"{settings.web.host} can be reached by others; set LOOKOUT_TOKEN (at least {TOKEN_CHARS} characters), "
        "or leave LOOKOUT_WEB__HOST at 127.0.0.1."
    )


def taken(settings: Settings) -> str | None:
    """Why it cannot open there, in one line; None when it can."""
    host, port = settings.web.host, settings.web.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:  # OverflowError: no such port
            reason = getattr(error, "strerror", None) or "a port is a number up to 65535"
            return f"{host}:{port} cannot be opened ({reason}). Choose another with --port or LOOKOUT_WEB__PORT."
    return None


class Doors:
    """ASGI middleware around everything. `policy`: the content security policy of every answer."""

    def __init__(self, app: ASGIApp, *, settings: Settings, passes: Passes, policy: str) -> None:
        self._app = app
        self._passes = passes
        self._body_bytes = settings.web.body_bytes
        self._headers = {**HEADERS, "content-security-policy": policy}
        names = {name.lower().strip("[]") for name in (*settings.web.hosts, settings.web.host)}
        self._hosts = (LOOPBACK | names) - {"0.0.0.0", "::"}
        self._origins = frozenset(origin.lower().rstrip("/") for origin in settings.web.origins)
        self._keep_s = round(settings.web.keep_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if any("," in wanted for wanted in headers.getlist("range")):  # no player asks for several parts at once, and
            del MutableHeaders(scope=scope)["range"]  # Starlette compares each with each: thousands stop the house
        cookies: list[str] = []
        out = _Dressed(send, self._headers, cookies)
        language = "zh" if headers.get("accept-language", "").lower().startswith("zh") else "en"
        try:
            self._check_names(scope, headers)
            answer = self._recognise(scope, headers, language, cookies)
            if answer is None and scope["type"] == "http" and scope["method"] not in READING:
                receive = await self._whole_body(headers, receive)
        except Refusal as refusal:
            log.info("refused %s: %s", scope["path"], refusal)
            if scope["type"] == "websocket":
                await out({"type": "websocket.close", "code": 1008})
                return
            answer = _page(refusal, language) if _navigates(scope, headers) else refusal_response(refusal, language)
        try:
            await (answer or self._app)(scope, receive, out)
        except Exception as error:
            if scope["type"] == "websocket" or out.begun:
                raise
            log.error("%s failed", scope["path"], exc_info=error)
            await refusal_response(Refusal(500, words.FAULT), language)(scope, receive, out)

    def _check_names(self, scope: Scope, headers: Headers) -> None:
        """Host always; Origin where it is sent, and it must be sent with whatever changes something."""
        hosts = headers.getlist("host")
        match = _HOST.fullmatch(hosts[0].lower()) if len(hosts) == 1 else None
        if match is None or match["name"].strip("[]") not in self._hosts:
            raise Refusal(421, words.WRONG_HOST)
        origins = headers.getlist("origin")
        needed = scope["type"] == "websocket" or scope["method"] not in READING
        if (needed and not origins) or not all(self._is_ours(origin.lower(), match) for origin in origins):
            raise Refusal(403, words.WRONG_ORIGIN)

    def _is_ours(self, origin: str, host: re.Match[str]) -> bool:
        """Whether an origin is this very address: other ports of this machine are other programs."""
        scheme, _, rest = origin.partition("://")
        theirs = _HOST.fullmatch(rest)
        if scheme not in ("http", "https") or theirs is None:
            return False
        default = "443" if scheme == "https" else "80"
        same = theirs["name"] == host["name"] and (theirs["port"] or default) == (host["port"] or default)
        return same or origin in self._origins

    def _recognise(self, scope: Scope, headers: Headers, language: str, cookies: list[str]) -> Response | None:
        """Puts the visitor into the scope; an answer where the request ends here. Raises `Refusal`."""
        passes, path = self._passes, scope["path"]
        if path in OPEN_TO_ALL:
            scope["visitor"] = Visitor(LOCAL, None, language)
            return None
        jar = cookie_parser(headers.get("cookie", ""))
        try:
            query = dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=QUERY_FIELDS))
        except ValueError:
            raise Refusal(400, words.BAD_REQUEST, detail="query: too many fields") from None
        if path == "/" and passes.locked and "token" in query:
            return self._unlock(scope, query, cookies)
        person = passes.person(jar.get(passes.person_cookie, ""))
        session = passes.session(jar.get(passes.session_cookie, ""), person) if person else None
        if session is None and path == "/" and headers.get("sec-fetch-site") == "cross-site":
            return _once_more(query)
        if person is None:
            raise Refusal(401, words.LOCKED)
        asked = (path, scope.get("method"))
        if asked == ("/api/session", "POST") or (session is None and asked == ("/", "GET")):
            value = jar.get(passes.session_cookie, "")
            if session is None:
                session, value = passes.new_session(person)
            cookies.append(_cookie(scope, passes.session_cookie, value, self._keep_s))  # renewed while it is used
        scope["visitor"] = Visitor(person, session, language)
        return None

    def _unlock(self, scope: Scope, query: dict[str, str], cookies: list[str]) -> Response:
        """The token becomes a cookie and disappears from the address bar and the history."""
        if not self._passes.opens(query.pop("token")):
            raise Refusal(401, words.WRONG_TOKEN)
        jar = cookie_parser(Headers(scope=scope).get("cookie", ""))
        if self._passes.person(jar.get(self._passes.person_cookie, "")) is None:
            cookies.append(_cookie(scope, self._passes.person_cookie, self._passes.new_person(), PERSON_S))
        return RedirectResponse("/" + (f"?{urlencode(query)}" if query else ""), 303)

    async def _whole_body(self, headers: Headers, receive: Receive) -> Receive:
        """Read the body up to its bound before anyone parses it; gives it on in one piece."""
        limit, body, more = self._body_bytes, bytearray(), True
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > limit:
            raise Refusal(413, words.TOO_LARGE, limit=limit)
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                raise Refusal(413, words.TOO_LARGE, limit=limit)
        pieces: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return pieces.pop() if pieces else await receive()

        return replay


class _Dressed:
    """A `send` that adds headers and cookies to the answer. `begun`: the answer is on its way."""

    def __init__(self, send: Send, headers: dict[str, str], cookies: list[str]) -> None:
        self._send = send
        self._headers = headers
        self._cookies = cookies
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            for cookie in self._cookies:
                headers.append("set-cookie", cookie)
        await self._send(message)


def _cookie(scope: Scope, name: str, value: str, seconds: int) -> str:
    secure = "; Secure" if scope["scheme"] in ("https", "wss") else ""
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"


def _navigates(scope: Scope, headers: Headers) -> bool:
    return bool(scope["method"] == "GET" and "text/html" in headers.get("accept", ""))


def _once_more(query: dict[str, str]) -> Response:
    """A strict cookie is not sent when a link on another page leads here; it is sent when this page leads here."""
    query.pop("token", None)
    target = escape("/" + (f"?{urlencode(query)}" if query else ""), quote=True)
    return HTMLResponse(f'<!doctype html><title>Lookout</title><meta http-equiv="refresh" content="0;url={target}">')


def _page(refusal: Refusal, language: str) -> Response:
    said = {key: escape(text) for key, text in refusal.said(language).items()}
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Lookout</title>'
        f"<h1>{said['message']}</h1><p>{said['advice']}</p>",
        refusal.status,
        {"cache-control": "no-store"},
    )
