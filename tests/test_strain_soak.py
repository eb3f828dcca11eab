"""The parts of a soak: what is counted, what is shown, and that a short stretch of a day comes out whole."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
import uvicorn
from fastapi import FastAPI

from bench.strain import witness
from bench.strain.days import BUSY, STILL, WISHES, Day, Stretch, talk
from bench.strain.graphs import Section
from bench.strain.judge import Finding, Series, judge
from bench.strain.samples import of_folder, of_process, of_session
from bench.strain.soak import BOUNDS, RULES, Pace, left_over, report, soak_settings
from interaction.clock import Clock
from interaction.events import Decision, Problem
from tests.house import Stream, home


def test_files_are_added_up_by_what_they_are(tmp_path: Path) -> None:
    for name, size in (
        ("people/a/journal/2026-11-23.jsonl", 2_000_000),
        ("people/b/journal/2026-11-23.jsonl", 1_000_000),
        ("people/a/memory/chroma/x/data_level0.bin", 500_000),
        ("people/a/watches.json", 1000),
        ("log", 3000),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    assert of_folder(tmp_path) == {
        "disk: journal MB": 3.0,
        "disk: memory/chroma MB": 0.5,
        "disk: watches.json MB": 0.001,
        "disk: log MB": 0.003,
        "files: number": 5,
    }


async def test_what_a_session_keeps_and_what_it_costs_is_counted_and_judged() -> None:
    async with home(source=Stream(30)) as place:
        place.session.request("tell me when someone comes in")
        series = Series()
        for n in range(1, 21):
            await place.until(n)
            series.add(n / 60, of_session(place.session) | of_process(psutil.Process()))
    assert series.values["kept: watches"][-1] == 1 and series.values["kept: pictures of two minutes"][-1] > 15
    assert series.values["memory: allocated MB"][0] > 20 and series.values["handles: descriptors"][0] > 3
    findings = {finding.name: finding for finding in judge(series, RULES)}
    assert findings["tasks: asyncio"].kind == "steady" and not findings["kept: history"].bad
    assert set(series.values) == set(findings)  # nothing is measured that nobody judges


async def test_a_gap_between_ticks_is_a_late_one() -> None:
    async with home() as place:
        pace = Pace(place.session.subscribe())
        for t in (1.0, 2.0, 2.0, 3.5, 4.5):
            place.session.publish(Decision(t=t, lane="camera", action="silence", late=t == 4.5))
        place.session.publish(Problem(t=5.0, where="disk", message="full"))
        pace.catch_up()
        assert (pace.ticks, pace.late, pace.troubles) == (3, 2, ["5 s disk: full"])


@pytest.mark.parametrize("day", [STILL, replace(BUSY, street=False)], ids=lambda day: day.name)
async def test_a_stretch_lasts_as_long_as_it_should(day: Day) -> None:
    clock = Clock()
    frames = [frame.t async for frame in Stretch(day, 20.0).frames(clock.now)]
    assert len(frames) == 20 * day.fps and frames == sorted(frames) and frames[-1] < 20


async def test_the_person_says_the_wishes_and_then_asks_on() -> None:
    async with home() as place:
        talking = asyncio.create_task(talk(place.session, STILL))
        await place.until(1000)
        talking.cancel()
        assert len(place.session.watches) == len(WISHES)
        assert len(place.decided()) > len(WISHES)


def test_the_house_that_is_soaked_has_small_bounds_and_its_own_folder(tmp_path: Path) -> None:
    settings = soak_settings(tmp_path)
    assert settings.data_dir == tmp_path and settings.memory.moments == 300 and settings.journal.megabytes == 1
    assert len(BOUNDS) == 7 and settings.session.history == 400


def test_what_is_left_at_the_end_is_a_finding_and_the_run_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = left_over({"handles: threads": 5}, {"handles: threads": 40})
    assert [finding.bad for finding in left] == [True]
    fine = Section("still", ["1 h"], Series([0.0, 1.0], {"tasks: asyncio": [3.0, 3.0]}), [])
    html, out = tmp_path / "out" / "soak.html", tmp_path / "out" / "soak.json"
    assert report([fine], html, out) == 0 and json.loads(out.read_text())["bad"] is False
    assert report([fine, Section("busy", [], Series(), left)], html, out) == 1
    assert "after the end, handles: threads" in capsys.readouterr().out and "<svg" in html.read_text()
    assert report([Section("live", [], Series(), [Finding("x", "flat", 0, 1)], problem="it ended")], html, out) == 1


async def test_the_served_house_of_a_soak_has_a_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    served: list[FastAPI] = []
    monkeypatch.setenv("LOOKOUT_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["witness", "--port", "0"])
    monkeypatch.setattr(uvicorn, "run", lambda web, **_: served.append(web))
    witness.main()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served[0]), base_url="http://127.0.0.1") as http:
        assert (await http.get("/witness")).json()["tasks: asyncio"] >= 1
