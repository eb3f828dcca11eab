"""Rows of the public data set of the reference system, read as scenarios, so that its data can be replayed. Pure.

`{video_name, video_path, task_type, source, question: [{content, time}], response: [{content, time}]}`, times in
seconds. What a model answers in other words is not wrong, so a response is an event at a time, not a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

EARLY_S, LATE_S = 0.3, 2.5  # around the time of a response: one tick, and the time to notice


def is_row(body: Any) -> bool:
    return isinstance(body, dict) and "video_path" in body and "question" in body


def from_row(row: dict[str, Any], capabilities: Sequence[str]) -> dict[str, Any]:
    """The body of a scenario. Raises `ValueError` for a row that is none."""
    task = str(row.get("task_type", "")).casefold()
    return {
        "name": str(row.get("video_name") or row["video_path"]),
        "capability": next((name for name in capabilities if name in task), "other"),
        "source": {"kind": "path", "file": str(row["video_path"])},
        "user": [{"t": t, "say": text} for t, text in _said(row, "question")],
        "expect": [
            {"event": "speak", "within": [max(0.0, t - EARLY_S), t + LATE_S], "at": t}
            for t, _ in _said(row, "response")
        ],
        "note": str(row.get("source", "")),
    }


def _said(row: dict[str, Any], name: str) -> list[tuple[float, str]]:
    entries = row.get(name)
    if not isinstance(entries, list):
        raise ValueError(f"{name}: is no list")
    said = []
    for number, entry in enumerate(entries):
        try:
            said.append((float(entry["time"]), str(entry["content"])))
        except (TypeError, KeyError, ValueError):
            raise ValueError(f"{name}.{number}: needs 'content' and 'time' in seconds") from None
    return said
