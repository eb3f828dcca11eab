"""One alert: what a person is told who is not there. A value, as it lies on disk and as it is sent."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal

Severity = Literal["normal", "urgent"]


@dataclass(frozen=True, slots=True)
class Alert:
    """`id`: the same at every attempt, so that a receiver knows it again; `at`: wall-clock time of the event (aware);
    `lane`: its source, "" for a reminder; `watch`: what was asked for, in its wording, "" for a test; `link`: of the
    page, "" for none; `more`: how many of the same were held back since `since`, before this one."""

    id: str
    at: datetime
    text: str
    lane: str
    watch: str
    severity: Severity
    language: str
    link: str = ""
    more: int = 0
    since: datetime | None = None

    @property
    def words(self) -> str:
        """What is told: the text, and what it stands for."""
        if not self.more or self.since is None:
            return self.text
        if self.language == "zh":
            return f"{self.text}（{self.since:%H:%M} 以来还有 {self.more} 次）"
        return f"{self.text} ({self.more} more since {self.since:%H:%M})"

    def record(self) -> dict[str, Any]:
        """JSON-ready; `read` takes it back."""
        body = asdict(self)
        body["at"] = self.at.isoformat()
        body["since"] = self.since.isoformat() if self.since else None
        return body


def new_id() -> str:
    """One that nobody has had, and that tells nothing of the session."""
    return f"msg_{secrets.token_hex(12)}"


def read(body: dict[str, Any]) -> Alert:
    """The inverse of `Alert.record`. Raises KeyError, TypeError or ValueError for anything else."""
    if set(body) != {field.name for field in fields(Alert)}:
        raise ValueError("not an alert")
    at = datetime.fromisoformat(body["at"])
    since = datetime.fromisoformat(body["since"]) if body["since"] is not None else None
    texts = [body[name] for name in ("id", "text", "lane", "watch", "language", "link")]
    if not all(isinstance(text, str) for text in texts) or body["severity"] not in ("normal", "urgent"):
        raise TypeError("not an alert")
    if at.tzinfo is None or not isinstance(body["more"], int):
        raise TypeError("not an alert")
    return Alert(**{**body, "at": at, "since": since})
