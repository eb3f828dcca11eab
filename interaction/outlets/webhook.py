"""An alert as a signed HTTP POST, in the manner of Standard Webhooks (standardwebhooks.com, specification 1.0).

The receiver is the operator's own choice, so it may well be in their own network: no address is refused here, unlike
those of sources, which a visitor may name. Redirects are not followed: they would take the picture elsewhere.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from config import Outlet
from interaction.clock import real_work
from interaction.endpoint import is_loopback
from interaction.outlets.alert import Alert
from interaction.outlets.base import NotDelivered, Sender, hushed

CONNECT_S = 5.0


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header: "v1," and the base64 of HMAC-SHA256 over `id.timestamp.body`.

    `secret`: whsec_ and the base64 of the key.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed.digest()).decode()


def body_of(alert: Alert, picture: bytes | None) -> bytes:
    """What is posted (docs/alerts.md): JSON, the same at every attempt."""
    return json.dumps(
        {
            "type": "alert",
            "id": alert.id,
            "time": alert.at.isoformat(timespec="milliseconds"),
            "text": alert.words,
            "lane": alert.lane,
            "watch": alert.watch,
            "severity": alert.severity,
            "link": alert.link or None,
            "more": alert.more,
            "since": alert.since.isoformat(timespec="seconds") if alert.since else None,
            "picture": base64.b64encode(picture).decode() if picture else None,
        },
        ensure_ascii=False,
    ).encode()


class Webhook(Sender):
    """`timeout_s`: for the whole attempt."""

    def __init__(self, outlet: Outlet, timeout_s: float) -> None:
        self._url = outlet.url.get_secret_value()
        self._secret = outlet.secret.get_secret_value()
        self._direct = is_loopback(outlet.host)  # no proxy knows a server of this machine
        self._timeout = httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S))
        self._seconds = timeout_s
        self._certificates: ssl.SSLContext | None = None

    async def send(self, alert: Alert, picture: bytes | None, now: datetime) -> None:
        body = await asyncio.to_thread(body_of, alert, picture)  # a large picture would hold up a tick
        timestamp = int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": "Lookout",
            "webhook-id": alert.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._secret, alert.id, timestamp, body),
        }
        if self._certificates is None and urlsplit(self._url).scheme == "https":
            self._certificates = await asyncio.to_thread(_certificates)  # they take half a second to load
        try:
            with real_work(), hushed():
                async with asyncio.timeout(self._seconds):
                    answer = await self._post(body, headers)
        except TimeoutError:
            raise NotDelivered(
                f"it did not answer within {self._seconds:g} s", f"{self._seconds:g} 秒内没有回应"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise NotDelivered(*_why(error)) from None  # their own words may hold the address
        if not answer.is_success:
            said = f"it answered {answer.status_code}" + (", which is not followed" if answer.is_redirect else "")
            zh = f"对方回应 {answer.status_code}" + ("，不会跟随转向" if answer.is_redirect else "")
            raise NotDelivered(said, zh, _wait(answer.headers.get("retry-after", "")), gone=answer.status_code == 410)

    async def _post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """The answer's status and headers; its body is nobody's business and is not read."""
        async with (
            httpx.AsyncClient(
                timeout=self._timeout, verify=self._certificates or False, trust_env=not self._direct
            ) as client,
            client.stream("POST", self._url, content=body, headers=headers) as answer,
        ):
            return answer


def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _why(error: Exception) -> tuple[str, str]:
    """In English and in Chinese."""
    match error:
        case httpx.TimeoutException():
            return "it did not answer in time", "没有及时回应"
        case httpx.ConnectError():
            return "it cannot be reached", "连接不上"
        case httpx.RemoteProtocolError() | httpx.ReadError():
            return "it broke the connection off", "对方断开了连接"
        case _:
            return f"it cannot be sent to ({type(error).__name__})", f"无法发送（{type(error).__name__}）"


def _wait(said: str) -> float:
    """`Retry-After` in seconds; 0 for a date or nonsense."""
    return float(said) if said.isascii() and said.isdigit() and len(said) < 8 else 0.0
