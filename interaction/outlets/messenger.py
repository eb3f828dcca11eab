"""An alert by messenger or mail, through apprise: one address form for each of over a hundred services.

apprise works with blocking calls and says in its log what went wrong: it runs on a thread of its own, and its log goes
nowhere but here, where only the number of an error is taken from it, for the rest may hold keys.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextvars import copy_context
from datetime import datetime
from typing import Any

from config import Outlet
from interaction.clock import real_work
from interaction.outlets.alert import Alert
from interaction.outlets.base import NotDelivered, Sender, hushed
from interaction.worker import Worker, WorkerLost

WORDS = {
    "en": {"urgent": "Urgent: ", "test": "Lookout", "sep": ", "},
    "zh": {"urgent": "紧急：", "test": "Lookout", "sep": "，"},
}


def title_of(alert: Alert) -> str:
    words = WORDS["zh" if alert.language == "zh" else "en"]
    return (words["urgent"] if alert.severity == "urgent" else "") + (alert.watch or words["test"])


def message_of(alert: Alert) -> str:
    """The text, when and where, and the link: a line each."""
    words = WORDS["zh" if alert.language == "zh" else "en"]
    where = words["sep"].join(part for part in (f"{alert.at:%Y-%m-%d %H:%M:%S}", alert.lane) if part)
    return "\n".join(line for line in (alert.words, where, alert.link) if line)


class Messenger(Sender):
    """`page`: address of the page, which some services show as the sender's."""

    def __init__(self, outlet: Outlet, timeout_s: float, page: str = "") -> None:
        self._outlet = outlet
        self._page = page
        self._seconds = timeout_s
        self._service: Any = None
        self._worker = Worker(f"outlet {outlet.name}")

    async def send(self, alert: Alert, picture: bytes | None, now: datetime) -> None:
        try:
            with real_work(), hushed():
                async with asyncio.timeout(self._seconds):
                    context = copy_context()  # so that the thread is hushed too
                    await self._worker.run(context.run, self._notify, alert, picture)
        except TimeoutError:
            # The thread may hang on; the next attempt then waits behind it, and is given up like this one.
            kind, seconds = self._outlet.kind, f"{self._seconds:g}"
            raise NotDelivered(
                f"{kind} did not answer within {seconds} s", f"{kind} 在 {seconds} 秒内没有回应"
            ) from None
        except WorkerLost as error:
            raise NotDelivered(str(error), "发送的线程中断了") from None

    def close(self) -> None:
        self._worker.close()

    def _notify(self, alert: Alert, picture: bytes | None) -> None:
        """On the thread. Raises `NotDelivered`."""
        import apprise
        from apprise.attachment.memory import AttachMemory

        logging.getLogger("apprise").propagate = False  # what it says is caught below
        if self._service is None:
            self._service = self._open(apprise)
        told = apprise.NotifyType.WARNING if alert.severity == "urgent" else apprise.NotifyType.INFO
        image = {"content": picture, "name": "picture.jpg", "mimetype": "image/jpeg"}
        attach: Any = AttachMemory(**image) if picture else None  # type: ignore[no-untyped-call]
        try:
            with self._service.notify(
                message_of(alert), title=title_of(alert), notify_type=told, body_format="text", attach=attach
            ) as result:
                if not result:
                    raise NotDelivered(*self._why([entry.message for entry in result.logs()]))
        except NotDelivered:
            raise
        except Exception as error:  # of any of a hundred services; their words may hold the address
            kind, what = self._outlet.kind, type(error).__name__
            raise NotDelivered(f"{kind} failed ({what})", f"{kind} 出错（{what}）") from None

    def _open(self, apprise: Any) -> Any:
        look = apprise.AppriseAsset(
            app_id="Lookout",
            app_desc="Lookout",
            app_url=self._page,
            async_mode=False,
            secure_logging=True,
            http_redirects=False,  # they would take the picture elsewhere
            service_timeout=0,  # ours holds
            storage_mode="memory",
        )
        service = apprise.Apprise(asset=look)
        if not service.add(self._outlet.url.get_secret_value()):
            kind = self._outlet.kind
            raise NotDelivered(
                f"apprise has no service for this {kind}:// address; see docs/alerts.md",
                f"apprise 没有对应 {kind}:// 地址的服务，见 docs/alerts.md",
            )
        return service

    def _why(self, said: list[str]) -> tuple[str, str]:
        """In English and in Chinese."""
        number = next((found[1] for text in said if (found := re.search(r"\berror=(\d{3})\b", text))), "")
        kind = self._outlet.kind
        return (
            f"{kind} did not take it" + (f" (error {number})" if number else ""),
            f"{kind} 没有接收" + (f"（错误 {number}）" if number else ""),
        )
