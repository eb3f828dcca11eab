"""What every benchmark prints and writes: its figures, and the machine, commit and load that they were taken at."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.figures import Figure, remarks, table
from bench.report import commit, machine
from interaction.clock import stopwatch, wall_now


class Run:
    """Begins where it is made."""

    def __init__(self) -> None:
        self._passed, self._load = stopwatch(), os.getloadavg()[0]

    def tell(self, figures: Sequence[Figure], out: Path | None, **more: Any) -> None:
        """Print them, and write every sample to `out` with whatever else is given."""
        load = [f"{value:.1f}" for value in (self._load, os.getloadavg()[0])]
        where = {"machine": machine(), "date": wall_now().date().isoformat(), "commit": commit(), "load": load}
        for line in (*table(figures), "", *remarks(figures)):
            print(line)
        print("\n{machine}, {date}, commit {commit}".format(**where), end="; ")
        print(f"load {load[0]} before, {load[1]} after; {self._passed():.0f} s")
        if out:
            out.parent.mkdir(parents=True, exist_ok=True)
            body = {**where, **more, "seconds": round(self._passed()), "figures": [one.to_json() for one in figures]}
            out.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
