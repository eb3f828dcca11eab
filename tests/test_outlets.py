"""Alerts from an event to a receiver: a whole session, a real receiver on loopback, restarts, and what goes wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from config import Outlet, Settings
from interaction.clock import Clock
from interaction.events import AlertDelivered, Alerted, Problem, Recovered
from interaction.outlets.alerting import Alerting, Alertings, make_sender
from interaction.sources.base import FrameSource
from tests.house import Eyes, Home, Stream, home, saw
from tests.receiver import SECRET, Answer, Receiver, receive, verified


def outlet(receiver: Receiver, name: str = "hook", **more: Any) -> dict[str, Any]:
    return {"name": name, "url": receiver.url, "secret": SECRET, **more}


def settings(*outlets: dict[str, Any], **more: Any) -> Settings:
    return Settings(_env_file=None, outlets=outlets, **more)  # type: ignore[call-arg]


@asynccontextmanager
async def watched(
    given: Settings, folder: Path, eyes: dict[float, Any] | None = None, source: FrameSource | None = None
) -> AsyncIterator[tuple[Home, Alertings]]:
    """A session whose alerts go out; everything is closed in the house's order."""
    alertings = Alertings(given)
    alerting = alertings.of(folder)
    beside = {"alerts": alerting.work}
    try:
        async with home(
            settings=given,
            eyes=lambda: Eyes(eyes or {}),
            source=source or Stream(60, live=True),
            beside=beside,
            alerting=alerting,
        ) as place:
            yield place, alertings
    finally:
        alertings.leave(folder)
        await alertings.aclose()


async def test_a_fired_watch_reaches_a_webhook_signed_with_its_picture(tmp_path: Path) -> None:
    with receive() as receiver:
        given = settings(outlet(receiver), public_url="https://lookout.example/")
        async with watched(given, tmp_path, dict([saw(4.0, "arrived")])) as (place, _):
            place.session.request("tell me when someone comes in")
            await place.until(8)
            (alert,) = receiver.alerts
            headers, body = receiver.posts[0]
            assert verified(headers, body) and not verified(headers, body + b" ")
            assert alert["id"] == headers["webhook-id"] and alert["type"] == "alert"
            assert (alert["lane"], alert["severity"], alert["more"]) == ("camera", "normal", 0)
            assert alert["text"] == place.texts()[-1] and alert["watch"] == place.of(Alerted)[0].wording
            assert alert["link"] == "https://lookout.example/"
            assert base64.b64decode(alert["picture"])[:3] == b"\xff\xd8\xff"
            (delivered,) = place.of(AlertDelivered)
            assert (delivered.outlet, delivered.status) == ("hook", "delivered")
            assert list((tmp_path / "outbox").iterdir()) == []
            shown = place.session.snapshot()["outlets"]
            assert shown[0]["last"]["status"] == "delivered" and "hidden" not in json.dumps(shown)
