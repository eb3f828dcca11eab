"""How a moment lies in Chroma, how it is looked for there, and how a folder takes the place of another."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from memory.embedding import cleaned
from memory.record import Moment


def finish_swap(path: Path) -> None:
    """A copy was interrupted: keep the last folder that was whole."""
    old = path.with_suffix(".old")
    if old.exists() and not path.exists():
        old.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def swap(path: Path, fresh: Path) -> None:
    old = path.with_suffix(".old")
    shutil.rmtree(old, ignore_errors=True)
    path.rename(old)
    fresh.rename(path)
    shutil.rmtree(old)


def to_row(moment: Moment) -> dict[str, str | float]:
    data: dict[str, str | float] = {"at": moment.at.timestamp(), "iso": moment.at.isoformat(), "kind": moment.kind}
    for name in ("language", "lane", "label", "event", "watch", "picture", "session"):
        if value := getattr(moment, name):
            data[name] = cleaned(value)
    return data


def from_row(id: str, data: Any, text: str | None) -> Moment:
    rest = {n: str(data.get(n, "")) for n in ("lane", "label", "event", "watch", "picture", "session")}
    at = datetime.fromisoformat(str(data["iso"]))
    return Moment(id=id, at=at, kind=data["kind"], text=text or "", language=str(data.get("language", "en")), **rest)


def containing(words: Sequence[str]) -> dict[str, Any] | None:
    """Chroma compares letter by letter, so a word is looked for as it stands and with a capital."""
    terms = [{"$contains": form} for word in words for form in dict.fromkeys((word, word.capitalize()))]
    return {"$or": terms} if len(terms) > 1 else terms[0] if terms else None


def matching(
    since: datetime | None,
    until: datetime | None,
    kinds: Sequence[str] = (),
    label: str = "",
    events: Sequence[str] = (),
) -> dict[str, Any] | None:
    terms: list[dict[str, Any]] = []
    if since:
        terms.append({"at": {"$gte": since.timestamp()}})
    if until:
        terms.append({"at": {"$lt": until.timestamp()}})
    if kinds:
        terms.append({"kind": {"$in": list(kinds)}})
    if label:
        terms.append({"label": label})
    if events:
        terms.append({"event": {"$in": list(events)}})
    return {"$and": terms} if len(terms) > 1 else terms[0] if terms else None
