"""What the watch file last said of zones and masks, by source, in a person's folder: what it takes away while the
program is down is taken away at the next start, and what people drew themselves stays."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import config
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
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"{NAME}.new"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(body, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / NAME)
