"""`python app.py watch`: the lines of `--json`, and one clear line with exit code 2 for what cannot be watched."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np
import pytest

import app
from config import Settings
from interaction.clock import run_virtual
from interaction.events import Event
from interaction.headless import Line, printer
from interaction.wire import type_name

pytestmark = pytest.mark.whole

ROOT = Path(app.__file__).parent
TYPES: dict[str, type] = {type_name(kind.__new__(kind)): kind for kind in get_args(Event)}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds; from second 2.5 on a bright square wanders."""
    path = tmp_path_factory.mktemp("clip") / "square.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (320, 240))
    for number in range(60):
        image = np.full((240, 320, 3), 90, np.uint8)
        if number >= 25:
            x = (number - 25) * 6
            image[80:160, x : x + 80] = 240
        writer.write(image)
    writer.release()
    return path


@pytest.fixture(scope="module")
def timeline(clip: Path) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """The command as a person runs it, and its lines."""
    says = ("0.5: tell me when anything moves", "1: what time is it?", "2: work out 17 percent of 2,340")
    options = [part for text in says for part in ("--say", text)]
    journal = clip.with_suffix(".jsonl")
    command = [sys.executable, "app.py", "watch", str(clip), *options, "--json", "--journal", str(journal)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def of(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def test_it_ends_well_and_the_journal_is_what_was_printed(
    timeline: tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]], clip: Path
) -> None:
    done, lines = timeline
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in clip.with_suffix(".jsonl").read_text().splitlines()] == lines


def test_every_line_is_an_event_with_its_fields_time_and_number(
    timeline: tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]],
) -> None:
    lines = timeline[1]
    for line in lines:
        kind = TYPES[line["type"]]
        assert set(line) == {"t", "seq", "type", *(field.name for field in fields(kind))}, line
        assert isinstance(line["t"], float) and line["t"] >= 0 and isinstance(line["seq"], int)
    numbers = [line["seq"] for line in lines]
    assert numbers == list(range(numbers[0], numbers[0] + len(lines)))


def test_a_decision_has_its_action_words_reason_watch_and_lane(
    timeline: tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]],
) -> None:
    decisions = of(timeline[1], "decision")
    for line in decisions:
        assert line["action"] in ("silence", "speak", "delegate")
        assert isinstance(line["text"], str) and isinstance(line["lane"], str) and line["reason"]
        assert line["watch"] is None or isinstance(line["watch"], str)
        assert (
            isinstance(line["latency"], float) and isinstance(line["skipped"], bool) and isinstance(line["late"], bool)
        )
        assert (line["action"] == "silence") == (line["text"] == "")
    assert {line["action"] for line in decisions} == {"silence", "speak", "delegate"}
    moved = next(line for line in decisions if line["text"] == "Something is moving.")
    assert 2.5 <= moved["t"] <= 5.0 and moved["watch"] == "w1" and moved["lane"] == "camera"


def test_the_whole_story_is_in_the_timeline(
    timeline: tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]],
) -> None:
    lines = timeline[1]
    said = [(line["t"], line["text"]) for line in of(lines, "transcript_final")]
    assert said[0] == (0.5, "tell me when anything moves") and len(said) == 3
    (submitted,), (done,) = of(lines, "task_submitted"), of(lines, "task_done")
    assert submitted["task"] == done["task"] and done["status"] == "completed" and "397.8" in done["text"]
    assert any("397.8" in line["heard"] for line in of(lines, "utterance_ended"))  # waited for, after the last picture
    assert len(of(lines, "utterance_started")) == len(of(lines, "utterance_ended"))
    assert of(lines, "memory_stored") and of(lines, "lane_changed")[-1]["state"] == "ended"
    assert of(lines, "problem") == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere.mp4"], "There is no file"),
        (["garbage.mp4"], "is not a video that can be read"),
        (["empty.mp4"], "is not a video that can be read"),
        (["."], "is not a file"),
        (["garbage.mp4", "--say", "soon: hello"], "--say 'soon: hello': expected SECONDS: WORDS"),
        (["garbage.mp4", "--say", "2.0:"], "expected SECONDS: WORDS"),
        (["garbage.mp4", "--say", "-1: hello"], "expected SECONDS: WORDS"),
        (["garbage.mp4", "--say", "nan: hello"], "expected SECONDS: WORDS"),
        (["garbage.mp4", "--observer", "nonsense"], "'nonsense'"),
        (["garbage.mp4", "--observer", "http://"], "neither an observer's name nor"),
        (["garbage.mp4", "--journal", "no/such/folder.jsonl"], "--journal no/such/folder.jsonl"),
        (["ftp://example.org/clip.mp4"], "is not a protocol that can be watched"),
        (["http://127.0.0.1:9/clip.mp4", "--fast"], "--fast needs a file"),
    ],
)
def test_bad_usage_is_one_clear_line_and_exit_code_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "garbage.mp4").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "empty.mp4").touch()
    assert app.main(["watch", *arguments, "--json"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("app.py watch: ") and complaint in said and len(said.splitlines()) == 1


def test_no_source_at_all_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app.main(["watch"])
    assert ended.value.code == 2 and "source" in capsys.readouterr().err


def test_without_json_the_timeline_is_for_a_person(clip: Path) -> None:
    out = io.StringIO()
    with printer(False, None, out) as show:
        lines = [Line(0.5, "tell me when anything moves")]
        settings = Settings(_env_file=None)  # type: ignore[call-arg]
        run_virtual(app.watch_source(str(clip), lines, settings, show, fast=True))
    shown = out.getvalue()
    assert "person: tell me when anything moves" in shown and "speak: Something is moving." in shown
    assert "silent" in shown and "{" not in shown
