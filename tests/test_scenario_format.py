"""The format of scenarios: what is read, and what is refused in one clear line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import app
from bench import footage
from bench.scenario import ACKNOWLEDGED, BadScenario, Span, collect, load
from bench.scenarios import DEFAULT

GOOD: dict[str, Any] = {
    "name": "one",
    "capability": "time",
    "source": {"kind": "synthetic", "generator": "still", "seconds": 5},
    "user": [{"t": 1, "say": "what time is it?"}],
    "expect": [{"event": "speak", "within": [1, 2], "matches": "[0-9]:"}],
}


def written(path: Path, **changes: Any) -> Path:
    path.write_text(yaml.safe_dump({**GOOD, **changes}, allow_unicode=True), encoding="utf-8")
    return path


def test_a_scenario_is_read(tmp_path: Path) -> None:
    (scenario,) = load(written(tmp_path / "one.yaml"))
    assert scenario.user[0].say == "what time is it?" and scenario.expect[0].span == (1, 2)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"capability": "juggling"}, "capability: is none of"),
        ({"surprise": 1}, "surprise: Extra inputs"),
        ({"name": ""}, "name: "),
        ({"user": [{"t": -61, "say": "hello"}]}, "user.0.t: "),
        ({"user": [{"t": 1, "say": ""}]}, "user.0.say: "),
        ({"expect": [{"event": "speak"}]}, "expect.0: needs either"),
        ({"expect": [{"event": "speak", "within": [1, 2], "between": [1, 2]}]}, "expect.0: needs either"),
        ({"expect": [{"event": "speak", "within": [2, 1]}]}, "expect.0: begins at 2"),
        ({"expect": [{"event": "speek", "within": [1, 2]}]}, "expect.0.event: is none of acknowledged"),
        ({"expect": [{"event": "speak", "within": [1, 2], "matches": "("}]}, "no regular expression"),
        ({"source": {"kind": "file", "file": "x.avi"}}, "needs 'file', 'sha256' and 'origin'"),
        ({"source": {"kind": "synthetic", "generator": "still"}}, "needs 'generator' and 'seconds'"),
        ({"source": {"kind": "synthetic", "generator": "still", "seconds": 1e9}}, "source.seconds: "),
        ({"source": {"kind": "path", "file": "x.avi", "span": [5, 5]}}, "the span begins at 5"),
        ({"source": {"kind": "synthetic", "generator": "rain", "seconds": 5}}, "no synthetic generator 'rain'"),
        ({"source": {**GOOD["source"], "options": {"colour": 1}}}, "synthetic still"),
        ({"source": {"kind": "path", "file": "missing.avi"}}, "There is no file"),
        ({"source": {**GOOD["source"], "drop": [4, 3]}}, "the drop begins at 4"),
        ({"sources": {"camera": GOOD["source"]}}, "'camera' is no name of a further source"),
        ({"sources": {"Door!": GOOD["source"]}}, "'Door!' is no name of a further source"),
        ({"sources": {"door": {**GOOD["source"], "generator": "rain"}}}, "no synthetic generator 'rain'"),
        ({"sources": {f"door {n}": GOOD["source"] for n in range(8)}}, "sources: "),
        ({"expect": [{"event": "speak", "within": [1, 2], "lane": "door"}]}, "there is no source 'door'"),
        ({"restart": 5}, "restart: at 5 the source has ended"),
        ({"slow": 31}, "slow: "),
        ({"user": [{"t": 1, "say": "hello", "speaking": 0.1}]}, "user.0.speaking: "),
        ({"user": [{"t": -1, "say": "hello", "speaking": 1}]}, "user.0: sound begins with the stream"),
    ],
)
def test_what_is_no_scenario_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], complaint: str
) -> None:
    path = written(tmp_path / "bad.yaml", **changes)
    assert app.main(["scenarios", str(path)]) == 2
    said = capsys.readouterr()
    assert complaint in said.err and len(said.err.splitlines()) == 1 and said.out == ""


@pytest.mark.parametrize("body", [b"name: [", b"", b"- 1\n- 2\n", b"\xff\xfe\x00", b"just words", b"[" * 5000])
def test_any_bytes_give_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], body: bytes) -> None:
    path = tmp_path / "bytes.yaml"
    path.write_bytes(body)
    assert app.main(["scenarios", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"app.py scenarios: {path}: ") and len(said.splitlines()) == 1


def test_missing_files_empty_folders_and_double_names_are_said(tmp_path: Path) -> None:
    with pytest.raises(BadScenario, match=r"nowhere.yaml: No such file"):
        collect([tmp_path / "nowhere.yaml"])
    with pytest.raises(BadScenario, match="no scenario in"):
        collect([tmp_path])
    written(tmp_path / "a.yaml")
    written(tmp_path / "b.yaml")
    with pytest.raises(BadScenario, match="two scenarios are named 'one'"):
        collect([tmp_path])


def test_results_that_cannot_be_written_are_known_before_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "one.yaml")
    assert app.main(["scenarios", str(path), "--json", str(tmp_path / "no" / "out.json")]) == 2
    said = capsys.readouterr()
    assert "--json" in said.err and "No such file" in said.err and said.out == ""


def test_an_observer_that_does_not_exist_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "one.yaml")
    assert app.main(["scenarios", str(path), "--observer", "nonsense"]) == 2
    assert "'nonsense'" in capsys.readouterr().err


def test_rows_of_the_public_data_set_are_scenarios(tmp_path: Path) -> None:
    row = {
        "video_name": "clip-7",
        "video_path": "clips/7.mp4",
        "task_type": "Counting",
        "source": "somewhere",
        "question": [{"content": "count the jumps", "time": 1.5}],
        "response": [{"content": "One.", "time": 6}, {"content": "Two.", "time": 0.1}],
    }
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n\n" + json.dumps({**row, "video_name": "clip-8", "task_type": "?"}) + "\n")
    first, second = load(path)
    assert (first.name, first.capability, second.capability) == ("clip-7", "counting", "other")
    assert first.source.file == str(tmp_path / "clips" / "7.mp4")
    assert [(said.t, said.say) for said in first.user] == [(1.5, "count the jumps")]
    assert [span.span for span in first.expect] == [(5.7, 8.5), (0.0, 2.6)]
    path.write_text(json.dumps({**row, "response": [{"content": "One."}]}))
    with pytest.raises(BadScenario, match=r"response.0: needs 'content' and 'time'"):
        load(path)


def test_an_acknowledgement_is_no_speech() -> None:
    line = {"t": 1.0, "type": "decision", "action": "speak", "reason": "acknowledged", "text": "I'll tell you."}
    assert not Span(event="speak", within=(0, 2)).fits(line)
    assert Span(event=ACKNOWLEDGED, within=(0, 2), matches="tell").fits(line)


def test_the_words_of_a_changed_watch_can_be_expected() -> None:
    line = {"t": 1.0, "type": "watch_changed", "change": "cancelled", "watch": {"wording": "Something moves"}}
    assert Span(event="watch_changed", within=(0, 2), matches="^cancelled: some").fits(line)


def test_how_a_task_ended_and_what_became_of_a_source_can_be_expected() -> None:
    done = {"t": 1.0, "type": "task_done", "status": "failed", "text": "Nothing is divided by 0."}
    assert Span(event="task_done", within=(0, 2), matches="^failed: nothing").fits(done)
    down = {"t": 1.0, "type": "lane_changed", "lane": "door", "state": "down", "detail": "It does not answer."}
    assert Span(event="lane_changed", within=(0, 2), matches="^down: ", lane="door").fits(down)
    assert not Span(event="lane_changed", within=(0, 2), matches="^down: ", lane="camera").fits(down)


def test_files_of_further_sources_lie_beside_the_scenario_too(tmp_path: Path) -> None:
    (scenario,) = load(written(tmp_path / "one.yaml", sources={"door": {"kind": "path", "file": "door.mp4"}}))
    assert scenario.streams["door"].file == str(tmp_path / "door.mp4")


def test_footage_is_told_apart_by_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clip.avi").write_bytes(b"another version")
    monkeypatch.setattr(footage, "PLACES", (tmp_path,))
    with pytest.raises(footage.NoFootage, match="another version"):
        footage.find("clip.avi", "0" * 64, "the package x")
    with pytest.raises(footage.NoFootage, match=r"gone.avi is missing; it ships in the package x"):
        footage.find("gone.avi", "0" * 64, "the package x")


def test_rows_about_one_video_are_told_apart(tmp_path: Path) -> None:
    row = {"video_path": "1.mp4", "question": [{"time": 1, "content": "?"}], "response": []}
    rows = [{**row, "video_name": name} for name in ("v1", "v1", "v1#2", "v2", "v1")]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows))
    assert [scenario.name for scenario in collect([path])] == ["v1", "v1#3", "v1#2", "v2", "v1#4"]


@pytest.mark.parametrize(
    ("observer", "told"),
    [
        ("http://me:secret@[bad", "LOOKOUT_OBSERVER='[bad': Invalid IPv6 URL\n"),
        ("", "LOOKOUT_OBSERVER='': there is no such choice; known are "),
        ("nonsense", ", auto, vllm:<model>, or the URL of a server\n"),
    ],
)
def test_an_observer_that_cannot_be_is_told_in_one_line(
    observer: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["scenarios", str(DEFAULT / "time-reminders.yaml"), "--observer", observer]) == 2
    shown = capsys.readouterr().err
    assert told in shown and "secret" not in shown
