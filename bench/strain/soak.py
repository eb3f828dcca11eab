"""`make soak`: hours of watching, in which nothing may grow, leak or get late.

8 h mostly still and 1 h busy on virtual time, in this process: the whole house (real eyes unless told otherwise, real
memory and agent, silence for a voice). 20 min in real time: the served process with two visitors (`live.py`). Exit 1
when something grew.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil

import config
from bench.report import commit, machine
from bench.strain import judge
from bench.strain.days import BUSY, STILL, Day, Gated, Hum, Stretch, talk
from bench.strain.graphs import Section, page
from bench.strain.judge import Finding, Rule, Series
from bench.strain.samples import of_folder, of_process, of_session
from bench.tick import ScriptedEyes
from config import Settings
from interaction.clock import run_virtual, stopwatch, wall_now
from interaction.events import Decision, Problem
from interaction.session import Session
from interaction.subscribers import Subscription

SAMPLES = 60  # of each run
LATE_S = 1.25  # session seconds between two ticks of a lane; more is a late one
# Bounds that are met within the run, so that it is seen whether they hold.
HISTORY, JOURNAL_MB, PICTURES_MB, CLIPS = 400, 1, 4, 6
BOUNDS = {
    "LOOKOUT_SESSION__HISTORY": str(HISTORY),
    "LOOKOUT_WEB__KEPT": "3",  # visitors leave watches behind, and their sessions wait for them to return
    "LOOKOUT_JOURNAL__MEGABYTES": str(JOURNAL_MB),
    "LOOKOUT_MEMORY__MOMENTS": "300",
    "LOOKOUT_MEMORY__PICTURES": "60",
    "LOOKOUT_MEMORY__PICTURE_MEGABYTES": str(PICTURES_MB),
    "LOOKOUT_CLIPS__KEPT": str(CLIPS),
}

RULES = (
    Rule("memory: allocated MB", "flat", 20.0, share=0.05),
    Rule("memory: RSS MB", "flat", 25.0, share=0.06),
    Rule("handles: processes", "steady", 0.0),
    Rule("handles: descriptors", "steady", 6.0),
    Rule("handles: threads", "steady", 3.0, share=0.05),
    Rule("tasks: asyncio", "steady", 3.0, share=0.1),
    Rule("pace: late ticks", "steady", 0.0),
    Rule("pace: late ticks %", "steady", 5.0, why="real time, of all ticks of a sample"),
    Rule("pace: CPU s a stream minute", "flat", 1.0, share=0.5, why="neighbours make CPU dearer, by half at most"),
    Rule("kept: history", "bounded", HISTORY),
    Rule("kept: inbox", "bounded", 100),
    Rule("kept: turns", "bounded", config.Session().turns),
    Rule("kept: watches", "bounded", config.Session().watches),
    Rule("kept: problems", "bounded", config.Session().problems),
    Rule("kept: utterances waiting", "bounded", config.Session().waiting),
    Rule("kept: tasks listed", "bounded", config.Session().tasks_kept),
    Rule("kept: questions and results", "bounded", 20),
    Rule("kept: pictures of two minutes", "bounded", 120),
    Rule("disk: journal MB", "bounded", 2.0 * JOURNAL_MB, why="LOOKOUT_JOURNAL__MEGABYTES, and what today adds"),
    Rule("disk: memory/pictures MB", "bounded", PICTURES_MB + 0.5, why="LOOKOUT_MEMORY__PICTURE_MEGABYTES"),
    Rule("disk: clips MB", "bounded", 4.0 * CLIPS, why="LOOKOUT_CLIPS__KEPT, of a minute at most"),
    Rule("disk: memory/chroma MB", "bounded", 16.0, why="an index of 2.5 × 1000 rows, and its tables"),
    Rule("disk: agent*", "bounded", 8.0, why="SQLite's log begins anew at 4 MB; files of 20 tasks"),
    Rule("disk: *", "flat", 0.5),
    Rule("files: number", "bounded", 200.0, why="60 pictures, files of 20 tasks, 6 clips and their sheets, others"),
)  # fmt: skip


def progress(text: str) -> None:
    print(f"· {text} …", file=sys.stderr, flush=True)


def soak_settings(folder: Path) -> Settings:
    """The defaults, with bounds that are met within the run."""
    with patch.dict(os.environ, BOUNDS):
        return Settings().model_copy(update={"data_dir": folder, "download": False})


class Pace:
    """Counts ticks, and those that came late. `troubles`: what the house told of."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription
        self._last: float | None = None
        self.ticks = self.late = 0
        self.troubles: list[str] = []

    def catch_up(self) -> None:
        for _, event in self._subscription.events.drain():
            if isinstance(event, Problem):
                self.troubles.append(f"{event.t:.0f} s {event.where}: {event.message}")
            if isinstance(event, Decision) and event.lane:
                gap = event.t - self._last if self._last is not None else 0.0
                self.ticks += gap != 0.0
                self.late += event.late or gap > LATE_S
                self._last = event.t


async def hours(day: Day, seconds: float, eyes: bool, tell: Callable[[str], None] = progress) -> Section:
    """A session over `seconds` of a day on virtual time. `eyes`: the real ones."""
    from rooms import Rooms

    with tempfile.TemporaryDirectory(prefix="lookout-soak-") as name:
        folder = Path(name)
        passed, cpu = stopwatch(), time.process_time()
        rooms = Rooms(soak_settings(folder), voice=False, hearing=False)
        rooms.warm_up("soak")
        await rooms.warm()
        midnight = wall_now().replace(hour=0, minute=0, second=0) + timedelta(days=1)
        session = rooms.session("soak", "soak", midnight - timedelta(seconds=seconds / 2))  # the date changes half-way
        watcher = Gated()
        services = replace(session.services, observer=watcher, fallback=watcher)
        session.services = services if eyes else replace(services, make_seer=ScriptedEyes)
        session.mouth.voice = Hum()
        before = of_process(psutil.Process()) | {"tasks: asyncio": len(asyncio.all_tasks())}
        source = Stretch(day, seconds)
        series, troubles = await _watched(session, source, day, seconds, folder, tell)
        after = of_process(psutil.Process()) | {"tasks: asyncio": len(asyncio.all_tasks())}
        await rooms.aclose()
    cpu = time.process_time() - cpu
    findings = [*judge.judge(series, RULES), *left_over(before, after)]
    seen = "real eyes" if eyes else "scripted eyes"
    lines = [
        f"{seconds / 3600:.2f} h of stream ({source.seen}) at {day.fps:g} pictures a second, {seen}, gate on; "
        f"{passed():.0f} s of wall time, {cpu:.0f} CPU s",
        f"told of: {'; '.join(troubles[:5]) or 'nothing'}" + (f" and {len(troubles) - 5} more" if troubles[5:] else ""),
    ]
    return Section(f"{day.name}, virtual time", lines, series, findings)


async def _watched(
    session: Session, source: Stretch, day: Day, seconds: float, folder: Path, tell: Callable[[str], None]
) -> tuple[Series, list[str]]:
    series, pace, every = Series(), Pace(session.subscribe()), seconds / SAMPLES
    running = asyncio.create_task(session.run())
    talking = asyncio.create_task(talk(session, day))
    lane = session.add_lane(source)
    cpu = time.process_time()
    late = 0
    try:
        for number in range(1, SAMPLES + 1):
            while session.now() < every * number and not lane.ended.is_set():
                await session.clock.sleep_until(min(every * number, session.now() + 60.0))
                pace.catch_up()  # often: a listener that falls behind is dropped
            spent, cpu = time.process_time() - cpu, time.process_time()
            sample = {"pace: CPU s a stream minute": 60 * spent / every, "pace: late ticks": pace.late - late}
            late = pace.late
            series.add(
                session.now() / 60, sample | of_process(psutil.Process()) | of_folder(folder) | of_session(session)
            )
            if number % 10 == 0:
                tell(f"{day.name}: {session.now() / 3600:.2f} h, {series.values['memory: allocated MB'][-1]:.0f} MB")
        talking.cancel()
        await session.settle()
    finally:
        talking.cancel()
        await session.aclose()
        await asyncio.gather(running, talking, return_exceptions=True)
    gc.collect()
    return series, pace.troubles


# What the process may have more of when a session has ended: a pool of workers that is kept, an open library.
LEFT = {"handles: threads": 8.0, "handles: descriptors": 12.0, "handles: processes": 0.0, "tasks: asyncio": 1.0}


def left_over(before: dict[str, float], after: dict[str, float]) -> list[Finding]:
    """What is still there when everything has ended, and was not before it began."""
    return [
        Finding(f"after the end, {name}", "steady", after[name] - before[name], allowed)
        for name, allowed in LEFT.items()
        if name in before
    ]


def report(sections: Sequence[Section], html: Path, json_out: Path) -> int:
    """Write both files, print what is bad; the exit code."""
    where = f"{machine()}, {wall_now().date().isoformat()}, commit {commit()}, load {os.getloadavg()[0]:.1f}"
    body: dict[str, Any] = {"circumstances": where, "bad": any(section.bad for section in sections), "runs": []}
    for section in sections:
        print(f"{'✗' if section.bad else '✓'} {section.title}: {section.lines[0] if section.lines else ''}")
        for finding in section.findings:
            if finding.bad:
                print(f"    {finding.words}")
        if section.problem:
            print(f"    {section.problem}")
        run = {"title": section.title, "lines": list(section.lines), "problem": section.problem}
        body["runs"].append(run | judge.to_json(section.series, section.findings))
    for path in (html, json_out):
        path.parent.mkdir(parents=True, exist_ok=True)
    json_out.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    html.write_text(page("Lookout: soak", [where], sections), encoding="utf-8")
    print(f"{where}\nwritten: {html}, {json_out}")
    return 1 if body["bad"] else 0


def main(arguments: Sequence[str] | None = None) -> int:
    from bench.strain.live import minutes_live

    parser = argparse.ArgumentParser(
        prog="python -m bench.strain.soak", description="Watch for hours; nothing may grow."
    )
    parser.add_argument("--still-hours", type=float, default=8.0, metavar="H", help="0: leave it out")
    parser.add_argument("--busy-hours", type=float, default=1.0, metavar="H")
    parser.add_argument("--live-minutes", type=float, default=20.0, metavar="M", help="in real time, two visitors")
    parser.add_argument("--eyes", choices=("real", "scripted"), default="real", help="of the two at high speed")
    parser.add_argument("--html", type=Path, default=Path("out/soak.html"))
    parser.add_argument("--json", type=Path, default=Path("out/soak.json"))
    options = parser.parse_args(arguments)
    sections = []
    still, busy, live = 3600 * options.still_hours, 3600 * options.busy_hours, options.live_minutes
    eyes = options.eyes == "real"
    runs: list[tuple[str, float, Callable[[], Section]]] = [
        (STILL.name, still / 3600, lambda: run_virtual(hours(STILL, still, eyes))),
        (BUSY.name, busy / 3600, lambda: run_virtual(hours(BUSY, busy, eyes))),
        ("live", live, lambda: asyncio.run(minutes_live(live, RULES, BOUNDS, progress))),
    ]
    for name, length, run in runs:
        if length > 0:
            progress(f"{name}, {length:g} {'min' if name == 'live' else 'h'}")
            try:
                sections.append(run())
            except Exception as error:  # the other runs are worth having
                sections.append(Section(name, [], Series(), [], problem=f"{type(error).__name__}: {error}"))
    return report(sections, options.html, options.json)


if __name__ == "__main__":
    sys.exit(main())
