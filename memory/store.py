"""The contract of a store of moments. Its methods block and are called on the memory's own writer thread."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from memory.record import Moment, MomentKind


class MemoryFault(Exception):
    """The store failed; the message says what happened, what was kept and what to do."""


class MemoryStore(ABC):
    """Keeps the moments of one person."""

    name: str

    @abstractmethod
    def add(self, moments: Sequence[Moment]) -> None:
        """Keep them durably; the same id twice keeps one. Raises `MemoryFault`."""

    @abstractmethod
    def search(
        self,
        query: str,
        *,
        limit: int = 8,
        since: datetime | None = None,
        until: datetime | None = None,
        kinds: Sequence[MomentKind] = (),
    ) -> list[tuple[Moment, float]]:
        """Nearest in meaning first, each with its similarity (−1…1)."""

    @abstractmethod
    def latest(
        self,
        *,
        limit: int = 50,
        before: datetime | None = None,
        since: datetime | None = None,
        kinds: Sequence[MomentKind] = (),
        label: str = "",
        events: Sequence[str] = (),
        words: Sequence[str] = (),
    ) -> list[Moment]:
        """Newest first; of these kinds, this label and these events, and with one of these words, where given."""

    @abstractmethod
    def forget(self, ids: Sequence[str] | None = None) -> None:
        """Remove these, or everything (None) with nothing left readable on disk."""

    @abstractmethod
    def count(self) -> int: ...

    def close(self) -> None:
        """Release files and connections."""
