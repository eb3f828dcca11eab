"""The house with its eyes closed: `app.py serve` whose seer sees nothing and costs nothing.

For the benchmark only, to tell what a session costs beside seeing: `python -m bench.blind --port N`.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

import app
from interaction.seeing.base import Percepts, Seer
from interaction.sources.base import Frame


class ClosedEyes(Seer):
    """Takes every picture at the pace of a moving scene, and sees nothing in it."""

    async def look(self, frame: Frame) -> Percepts:
        return Percepts(frame.t)

    @property
    def pace(self) -> float:
        return 5.0


def main() -> int:
    with patch("rooms.EmbeddedSeer", lambda models, settings: ClosedEyes()):
        return app.main(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
