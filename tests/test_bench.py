"""The benchmark's own arithmetic, and the pieces of it that cost no time: what it measures is docs/bench.md's."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from bench import __main__ as bench
from bench import alerts, house, server, tick
from bench.figures import Figure, percentile, remarks, table
from bench.recordings import SOUND_RATE, Recorded, sound
from interaction.observers.base import View
from interaction.observers.embedded import EmbeddedObserver

FAST = Figure(7, "event → voice", "s", [0.5, 0.7, 1.0], limit=1.5, limit_p95=2.5, cpu=3.14, how="by ear", notes=["so"])


def test_a_percentile_is_a_sample_that_occurred() -> None:
    assert percentile([5, 1, 3], 50) == 3
    assert percentile(range(1, 21), 95) == 19
    assert percentile([7], 95) == 7


def test_a_promise_is_broken_by_the_median_or_by_the_percentile() -> None:
    assert not FAST.over
    assert replace(FAST, samples=[1.6]).over
    assert replace(FAST, samples=[0.1, 0.1, 2.6]).over
    assert not replace(FAST, samples=[9.9], limit=None, limit_p95=None).over
    assert not replace(FAST, samples=()).over


def test_the_table_names_target_measurement_and_what_is_over() -> None:
    memory = Figure(4, "memory", "MB", [1700.4], limit=1600)
    missing = Figure(1, "eyes", "%", problem="NoFootage: not here")
    lines = table([FAST, memory, missing])
    assert [line.split()[0] for line in lines[1:]] == ["1", "!4", "7"]
    assert "≤ 1600 MB" in lines[2] and "1700 MB" in lines[2]
    assert "≤ 1.50 s / 2.50 s" in lines[3] and "0.70 s" in lines[3] and "3.1" in lines[3]
    assert "not measured: NoFootage" in lines[1]
    assert remarks([FAST, memory]) == ["7. so"]


def test_each_arrival_gets_one_alert_and_as_many_as_can_be() -> None:
    assert alerts.paired([1.0, 2.0], [1.5]) == [(1.0, 1.5)]
    assert alerts.paired([1.0, 4.5], [4.6]) == [(4.5, 4.6)]
    assert alerts.paired([1.0, 4.5], [4.6, 4.9]) == [(1.0, 4.6), (4.5, 4.9)]
    assert alerts.paired([10.0], [9.3, 14.1]) == []
    assert alerts.paired([], [1.0]) == []


def test_an_arrival_during_speech_is_covered_by_it() -> None:
    assert alerts.covered([1.0, 1.4, 9.0], [1.5]) == 2


def line(t: float, type: str, **fields: Any) -> dict[str, Any]:
    return {"t": t, "seq": 0, "type": type, **fields}


def test_delays_are_counted_from_the_first_picture() -> None:
    noted = alerts.Stretch("clip", arrived=(1.0, 20.0), optional=(10.0,))
    words = {"text": "Someone just came in.", "watch": "w1"}
    lines = [
        line(0.5, "lane_changed", lane="camera", state="connecting"),
        line(2.0, "lane_changed", lane="camera", state="watching"),
        line(2.0, "decision", lane="camera", action="silence", text="", watch=None),
        line(2.5, "utterance_started", kind="acknowledgement", text="Okay.", watch="w1"),
        line(3.5, "seen", kind="arrived"),
        line(3.7, "decision", lane="camera", action="speak", **words),
        line(3.8, "utterance_started", kind="alert", **words),
        line(12.5, "utterance_started", kind="alert", **words),
        line(40.0, "utterance_started", kind="alert", **words),
    ]
    figure, share = alerts.figures(noted, lines, 1.0)
    assert figure.samples == pytest.approx([0.8])
    assert share.samples == [50.0]
    assert figure.notes[0] == "1 alerts of 3 belong to no arrival"
    assert "seen → decided 0.20 s" in figure.notes[1] and "decided → heard" in figure.notes[1]
    assert "longest 1.70 s" in figure.notes[1]


def test_the_notes_of_the_strip_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "find", lambda file, sha256, origin: Path("/x") / file)
    noted = alerts.stretch()
    assert noted.spec == "/x/vtest.avi#crop=648,200,120,376"
    assert len(noted.arrived) > 20 and not set(noted.arrived) & set(noted.optional)


def test_memory_is_added_up_over_processes() -> None:
    one = "00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss:  2000 kB\nPss:  1000 kB\nPss_Anon:  900 kB\n"
    assert server.rolled_up([one, one]) == pytest.approx({"Pss": 2.048, "Pss_Anon": 1.8432, "Rss": 4.096})


def test_what_a_person_configured_plays_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKOUT_OBSERVER", "http://127.0.0.1:1")
    monkeypatch.setenv("LOOKOUT_CACHE", "/weights")
    found = server.environment("/data")
    assert "LOOKOUT_OBSERVER" not in found
    assert (found["LOOKOUT_CACHE"], found["LOOKOUT_DATA_DIR"]) == ("/weights", "/data")


async def test_ticks_of_a_real_session_are_timed(tmp_path: Path) -> None:
    ticks, everything, events = await tick.run(30, tmp_path)
    assert len(ticks) >= 30 and events > 30
    assert 0 < sum(ticks) < everything
    figure = tick.figure(ticks, everything, events)
    assert figure.median == pytest.approx(1000 * float(np.median(ticks)))


async def test_the_reason_of_a_tick_without_a_picture_is_known() -> None:
    wall = datetime(2026, 11, 23, tzinfo=UTC)
    view = View(t=0.0, wall=wall, lane="camera", language="en", frame=None, percepts=(), watches=())
    (proposal,) = await EmbeddedObserver().decide(view)
    assert proposal.reason == house.NO_PICTURE


async def test_recorded_packets_come_at_their_pace_and_speech_slips_in() -> None:
    packets = sound(np.zeros(SOUND_RATE // 10, np.float32))
    decoder: Any = av.CodecContext.create("libopus", "r")
    assert len(packets) == 5
    assert sum(frame.samples for packet in packets for frame in decoder.decode(av.Packet(packet))) > 0
    track = Recorded.microphone(packets)
    first = await track.recv()
    track.play([b"hello"])
    following = [await track.recv() for _ in range(2)]
    assert [bytes(packet) for packet in (first, *following)] == [packets[0], b"hello", packets[1]]
    assert [packet.pts for packet in following] == [20, 40]


def test_what_cannot_be_measured_is_said_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> list[Figure]:
        raise FileNotFoundError("no clip")

    parts = {"good": (7, "good", lambda: [FAST]), "bad": (2, "bad", broken)}
    monkeypatch.setattr(bench, "PARTS", parts)
    assert bench.main(["--json", str(tmp_path / "out.json")]) == 0
    shown = capsys.readouterr().out
    assert "event → voice" in shown and "not measured: FileNotFoundError: no clip" in shown
    written = json.loads((tmp_path / "out.json").read_text())
    assert {"machine", "date", "commit", "load", "yardstick"} <= set(written)
    assert [(f["number"], f["median"], f["over"]) for f in written["figures"]] == [(7, 0.7, False), (2, None, False)]
    with pytest.raises(SystemExit):
        bench.main(["nonsense"])
