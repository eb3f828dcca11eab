"""A receiver of alerts on loopback, that notes when each came."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from config import Outlet
from interaction.clock import loop_time

BODY_BYTES = 10_000_000  # of an alert with its picture; more is none of ours


@dataclass
class Webhook:
    """`came`: seconds of the loop and lane of each alert, once it was there with its picture."""

    outlet: Outlet
    came: list[tuple[float, str]] = field(default_factory=list)


@asynccontextmanager
async def webhook() -> AsyncIterator[Webhook]:
    """One that takes everything."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            size = int(head.partition("content-length:")[2].split()[0])
            lane = json.loads(await reader.readexactly(min(size, BODY_BYTES)))["lane"]
            receiver.came.append((loop_time(), lane))
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    secret = "whsec_" + base64.b64encode(os.urandom(24)).decode()
    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/alerts"
        receiver = Webhook(Outlet.model_validate({"name": "bench", "url": url, "secret": secret}))
        yield receiver
