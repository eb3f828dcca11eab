"""What the watch file last said of zones and masks, by source, in a person's folder: what it takes away while the
program is down is taken away at the next start, and what people drew themselves stays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import config
from interaction.whole_file import write_whole
from interaction.zones import LaneAreas, read

FILE_BYTES = 2_000_000  # of eight sources with all that may be drawn on them a tenth is needed
NAME = "watch_file.json"


def load(folder: Path | None, bounds: config.Areas) -> dict[str, LaneAreas]:
    """By name of the source. What cannot be read is not known: then whatever is drawn stays, which hides too much
    rather than too little."""
    if folder is None:
        return {}
    try:
        with (folder / NAME).open("rb") as file:
            body = json.loads(file.read(FILE_BYTES))
        return {str(name): read(drawn["zones"], drawn["masks"], bounds) for name, drawn in body.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def save(folder: Path | None, cameras: Sequence[config.Camera]) -> None:
    """At once or not at all. Raises OSError."""
    if folder is None:
        return
    body = {camera.name: {"zones": camera.zones, "masks": camera.masks} for camera in cameras}
    write_whole(folder / NAME, json.dumps(body, ensure_ascii=False))
