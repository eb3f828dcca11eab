"""What one outlet is still to get, in which order, and how it does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config import Outlet
from interaction.outlets.alert import Alert
from interaction.outlets.base import Sender
from interaction.outlets.shelf import Waiting


@dataclass(slots=True)
class Try:
    """One alert on its way to one outlet. Times in seconds of the outbox's clock; `born`: when it happened."""

    waiting: Waiting
    born: float
    attempts: int = 0
    due: float = 0.0


class Post:
    """Of one outlet in one outbox."""

    def __init__(self, outlet: Outlet, sender: Sender) -> None:
        self.outlet = outlet
        self.sender = sender
        self.tries: dict[str, Try] = {}  # by the alert's id
        self.busy = False  # somebody serves it
        self.woken = asyncio.Event()
        self.rests_until = 0.0  # it asked to be left alone
        self.last: dict[str, str] | None = None  # of its latest alert: status, detail, detail_zh, at

    def concerns(self, alert: Alert) -> bool:
        return self.outlet.severity == "all" or alert.severity == "urgent"

    @property
    def tests_itself(self) -> bool:
        """A test alert waits."""
        return any(not one.waiting.alert.watch for one in self.tries.values())

    def next(self, now: float) -> Try | None:
        """Of what is due, the urgent first, then what was tried least, then the oldest; else what is due soonest."""
        due = [one for one in self.tries.values() if one.due <= now]
        if due:
            return min(due, key=_rank)
        return min(self.tries.values(), key=lambda one: one.due, default=None)

    def snapshot(self) -> dict[str, Any]:
        """For the page."""
        outlet = self.outlet
        return {
            "name": outlet.name,
            "kind": outlet.kind,
            "severity": outlet.severity,
            "picture": outlet.picture,
            "waiting": len(self.tries),
            "last": self.last,
        }


def _rank(one: Try) -> tuple[bool, int, datetime]:
    alert = one.waiting.alert
    return alert.severity != "urgent", one.attempts, alert.at
