"""Events on disk."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from interaction.events import Decision
from interaction.journal import Journal, read
from tests.house import Stream, home

TODAY = date(2026, 11, 23)


def test_the_newest_days_stay_within_days_and_bytes(tmp_path: Path) -> None:
    journal = Journal(tmp_path, days=3, megabytes=1)
    for day in range(6):
        journal.write([{"t": day}], TODAY + timedelta(days=day))
    assert [path.stem for path in sorted(tmp_path.iterdir())] == ["2026-11-26", "2026-11-27", "2026-11-28"]
    (tmp_path / "2026-11-26.jsonl").write_text("x" * 2_000_000)
    journal.prune()
    assert [path.stem for path in sorted(tmp_path.iterdir())] == ["2026-11-27", "2026-11-28"]


def test_one_day_cannot_fill_the_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path, days=3, megabytes=1)
    for _ in range(30):
        journal.write([{"text": "x" * 50_000}], TODAY)
    assert (tmp_path / "2026-11-23.jsonl").stat().st_size < 600_000


def test_a_line_cut_off_by_a_crash_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-23.jsonl"
    path.write_text('{"t": 1}\n[1]\n{"t": 2', encoding="utf-8")
    assert list(read(path)) == [{"t": 1}]


async def test_a_session_writes_what_happened_and_forgets_it_when_told(tmp_path: Path) -> None:
    async with home(folder=tmp_path, source=Stream(10)) as place:
        place.session.request("what time is it?")
        await place.until(5)
        path = next((tmp_path / "journal").iterdir())
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
        assert any(line["type"] == "transcript_final" for line in lines)
        await place.session.forget()
        assert not path.exists() and place.session.picture("camera", 1.0) is None
        await place.until(8)
        assert place.of(Decision)[-1].t > 6.5  # it goes on watching


async def test_a_disk_that_refuses_is_said_once_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file where the folder should be")
    async with home(folder=tmp_path, source=Stream(20)) as place:
        place.session.request("tell me when someone comes in")
        await place.until(6)
        assert list(place.session.problems) == ["disk"]
        (tmp_path / "journal").unlink()
        await place.until(12)
        assert place.session.problems == {} and (tmp_path / "watches.json").exists()
