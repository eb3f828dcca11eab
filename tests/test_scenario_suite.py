"""A run of several scenarios: what it prints and writes, baselines, redrawn streams, real time. Eyes are scripted."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import app
from bench.limits import beyond
from bench.report import circumstances
from bench.scenario import Scenario, load
from bench.scenarios import redrawn
from bench.scoring import Result
from bench.suite import Manner, run_all
from bench.totals import total
from config import Settings
from interaction.clock import VirtualLoop
from interaction.observers.base import ObserverError, Proposal, Usage, View
from interaction.observers.embedded import EmbeddedObserver
from interaction.observers.openai_compatible import OpenAICompatibleObserver
from interaction.seeing.base import Seer
from interaction.services import Services
from interaction.session import Session
from tests.house import Eyes, saw
from tests.scripted_http import Reply, serve

SETTINGS = Settings(_env_file=None)  # type: ignore[call-arg]


class Small:
    """A house with an observer and eyes only."""

    def __init__(self, settings: Settings, eyes: Callable[[], Seer]) -> None:
        self._settings, self._eyes = settings, eyes

    def session(self, id: str, person: str) -> Session:
        observer = EmbeddedObserver()
        return Session(id, person, self._settings, Services(observer=observer, fallback=observer, make_seer=self._eyes))

    async def aclose(self) -> None:
        return


def arriving(settings: Settings) -> Small:
    return Small(settings, lambda: Eyes(dict([saw(5.0, "arrived")])))


def nothing(settings: Settings) -> Small:
    return Small(settings, lambda: Eyes({}))


def small_scenario(folder: Path, **changes: Any) -> Path:
    body = {
        "name": "small",
        "capability": "monitoring",
        "source": {"kind": "synthetic", "generator": "still", "seconds": 12, "fps": 5},
        "user": [{"t": 1, "say": "tell me when someone comes in"}],
        "expect": [{"event": "speak", "within": [4.7, 7.5], "at": 5, "matches": "came in"}],
    }
    path = folder / f"{changes.get('name', 'small')}.yaml"
    path.write_text(json.dumps({**body, **changes}))
    return path


def scenario(folder: Path, **changes: Any) -> Scenario:
    (read,) = load(small_scenario(folder, **changes))
    return read


def test_results_are_written_with_what_they_came_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    assert run_all([small_scenario(tmp_path)], SETTINGS, arriving, Manner(json=out)) == 0
    body = json.loads(out.read_text())
    assert {"observer", "model", "machine", "date", "commit", "manner", "seed", "total", "results"} < set(body)
    assert (body["observer"], body["manner"], body["seed"]) == ("embedded", "typed, on virtual time", None)
    assert body["total"]["recall"] == body["capabilities"]["monitoring"]["recall"] == 1.0 and body["baselines"] == []
    (result,) = body["results"]
    assert (result["name"], result["status"], result["found"], result["missed"]) == ("small", "run", 1, [])
    assert result["decision_delays"] == [pytest.approx(0.2, abs=0.25)] and result["seconds"] >= 12
    shown = capsys.readouterr().out
    assert "[1/1] ✓ small: 1/1 expected" in shown and "recall" in shown
    assert ", 1 of 1 required events timed" in shown


def test_what_is_not_supported_or_not_here_does_not_fail_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs = small_scenario(tmp_path, name="dance", needs=["dancing", "people"])
    gone = {"kind": "file", "file": "gone.avi", "sha256": "0" * 64, "origin": "the package x"}
    missing = small_scenario(tmp_path, name="gone", source=gone)
    assert run_all([needs, missing, small_scenario(tmp_path)], SETTINGS, arriving) == 0
    shown = capsys.readouterr().out
    assert "– dance: not supported (needs dancing)" in shown
    assert "– gone: no footage (gone.avi is missing; it ships in the package x)" in shown
    assert "not run: dance (not supported), gone (no footage)" in shown


def test_a_file_that_is_no_video_is_a_broken_scenario_and_the_others_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "noise.mp4").write_bytes(bytes(range(256)) * 20)
    broken = small_scenario(tmp_path, name="broken", source={"kind": "path", "file": "noise.mp4"})
    assert run_all([broken, small_scenario(tmp_path)], SETTINGS, arriving) == 1
    shown = capsys.readouterr().out
    assert "– broken: broken (" in shown and "not a video" in shown and "✓ small" in shown


def test_each_scenario_has_a_folder_of_its_own_that_is_gone_afterwards(tmp_path: Path) -> None:
    folders: list[Path] = []

    def noting(settings: Settings) -> Small:
        folders.append(settings.data_dir)
        return arriving(settings)

    assert run_all([small_scenario(tmp_path), small_scenario(tmp_path, name="b")], SETTINGS, noting, quiet=True) == 0
    assert len(set(folders)) == 2 and not any(folder.exists() for folder in folders)


def test_a_fault_of_the_house_costs_one_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def faulty(settings: Settings) -> Small:
        if settings.language == "zh":
            raise ZeroDivisionError("no such house")
        return arriving(settings)

    broken = small_scenario(tmp_path, name="broken", language="zh")
    assert run_all([broken, small_scenario(tmp_path)], SETTINGS, faulty) == 1
    shown = capsys.readouterr().out
    assert "– broken: broken (ZeroDivisionError: no such house)" in shown and "✓ small" in shown


class Behind(Small):
    """The observer is behind the URL of the settings, and the built-in one would stand in for it."""

    def session(self, id: str, person: str) -> Session:
        services = Services(
            observer=OpenAICompatibleObserver(self._settings), fallback=EmbeddedObserver(), make_seer=self._eyes
        )
        return Session(id, person, self._settings, services)


@pytest.mark.parametrize("server", ["nobody", "500"])
def test_a_model_that_never_answers_is_no_observer_with_good_scores(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    reminded = {"user": [{"t": 1, "say": "remind me in 4 seconds to stretch"}]}
    expect = [{"event": "speak", "within": [4.7, 7.5], "at": 5, "matches": "stretch"}]
    paths = [small_scenario(tmp_path), small_scenario(tmp_path, name="timer", **reminded, expect=expect)]
    with serve(Reply(status=500)) as answering:
        url = "http://127.0.0.1:9/v1" if server == "nobody" else answering.url
        settings = SETTINGS.model_copy(update={"observer": url})
        make = lambda own: Behind(own, lambda: Eyes(dict([saw(5.0, "arrived")])))  # noqa: E731
        assert run_all(paths, settings, make, Manner(json=out)) == 1
    body = json.loads(out.read_text())
    assert [result["status"] for result in body["results"]] == ["broken", "broken"]
    assert (body["total"]["recall"], body["total"]["left_out"]) == (None, {"broken": 2})
    assert "– small: broken (the observer: " in capsys.readouterr().out
    assert run_all(paths, settings, make, Manner(against=out), quiet=True) == 1, "broken as it was is broken"


def test_a_model_that_is_asked_and_answers_nothing_is_found_out(tmp_path: Path) -> None:
    class Mute(EmbeddedObserver):
        usage = Usage()

    class Muted(Small):
        def session(self, id: str, person: str) -> Session:
            session = super().session(id, person)
            session.services = replace(session.services, observer=Mute())
            return session

    out = tmp_path / "out.json"
    make = lambda own: Muted(own, lambda: Eyes(dict([saw(5.0, "arrived")])))  # noqa: E731
    assert run_all([small_scenario(tmp_path)], SETTINGS, make, Manner(json=out), quiet=True) == 1
    (result,) = json.loads(out.read_text())["results"]
    assert result["status"] == "broken" and result["detail"].endswith("times and answered nothing")


def test_a_scenario_about_a_failing_observer_may_have_one(tmp_path: Path) -> None:
    class Failing(EmbeddedObserver):
        async def decide(self, view: View) -> list[Proposal]:
            raise ObserverError("out of order")

    class Away(Small):
        def session(self, id: str, person: str) -> Session:
            session = super().session(id, person)
            session.services = replace(session.services, observer=Failing())
            return session

    make = lambda own: Away(own, lambda: Eyes({}))  # noqa: E731
    about = [{"event": "problem", "within": [0, 5], "matches": "out of order"}]
    assert run_all([small_scenario(tmp_path, expect=about)], SETTINGS, make, quiet=True) == 0
    assert run_all([small_scenario(tmp_path, expect=[])], SETTINGS, make, quiet=True) == 1


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_what_cannot_be_written_is_known_before_the_run(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "no such folder" / "out"
    assert app.main(["scenarios", str(small_scenario(tmp_path)), option, str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.err == f"app.py scenarios: {option} {path}: No such file or directory\n" and not shown.out


def test_what_a_run_reads_it_does_not_write_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, kept, other = small_scenario(tmp_path), tmp_path / "kept.json", tmp_path / "other.json"
    assert run_all([path], SETTINGS, arriving, Manner(json=kept), quiet=True) == 0
    before = kept.read_text(), path.read_text()
    for manner in (
        Manner(json=kept, against=tmp_path / "." / "kept.json"),
        Manner(json=other, html=other),
        Manner(html=path),
    ):
        assert run_all([path], SETTINGS, arriving, manner) == 2
        assert "as well, and would be lost" in capsys.readouterr().err
    assert (kept.read_text(), path.read_text()) == before and not other.exists()


def test_who_interrupts_a_run_keeps_what_was_there(tmp_path: Path) -> None:
    def impatient(settings: Settings) -> Small:
        raise KeyboardInterrupt

    path, kept = small_scenario(tmp_path), tmp_path / "kept.json"
    kept.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        run_all([path], SETTINGS, impatient, Manner(json=kept, html=tmp_path / "new.html"), quiet=True)
    assert kept.read_text() == "before" and sorted(p.name for p in tmp_path.iterdir()) == ["kept.json", "small.yaml"]
    assert run_all([path], SETTINGS, arriving, Manner(json=kept, html=tmp_path / "new.html"), quiet=True) == 0
    assert len(json.loads(kept.read_text())["results"]) == 1 and len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("observer", "shown"),
    [
        ("https://me:pass@word@model.example:8000/v1?key=secret#x", "https://model.example:8000/v1"),
        ("http://127.0.0.1:9?key=secret", "http://127.0.0.1:9"),
        ("vllm:Qwen/Some@Model", "vllm:Qwen/Some@Model"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_what_is_written_of_an_observer_holds_no_password(observer: str, shown: str) -> None:
    assert circumstances(SETTINGS.model_copy(update={"observer": observer}))["observer"] == shown


# ---------------------------------------------------------------- baselines


def test_baselines_run_on_the_same_scenarios_and_are_shown_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    both = [small_scenario(tmp_path), small_scenario(tmp_path, name="b", needs=["dancing"])]
    assert run_all(both, SETTINGS, arriving, Manner(baselines=True, json=out)) == 0
    beside = {run["observer"]: run for run in json.loads(out.read_text())["baselines"]}
    assert list(beside) == ["always silent", "describe every 10 s", "last 4 frames, polled every 5 s"]
    assert all([r["status"] for r in run["results"]] == ["run", "not supported"] for run in beside.values())
    silent, describing, polled = beside.values()
    assert (silent["total"]["recall"], silent["total"]["precision"]) == (0.0, None)
    for chatty in (describing, polled):  # a person is in view from second 5 on; nobody asked what there is
        (unwanted,) = chatty["results"][0]["unwanted"]
        assert unwanted.startswith("10.") and unwanted.endswith(": One person.") and chatty["total"]["recall"] == 0.0
    shown = capsys.readouterr().out
    assert "[8/8]" in shown and "always silent: ✗ small: 0/1 expected" in shown
    assert any(line.startswith("this one") for line in shown.splitlines())


# ---------------------------------------------------------------- redrawn


def test_a_stream_is_drawn_anew_unless_its_events_would_move(tmp_path: Path) -> None:
    slides = {"kind": "synthetic", "generator": "slides", "seconds": 9, "seed": 7, "options": {"texts": {0: "A"}}}
    other = scenario(tmp_path, source=slides)
    assert redrawn(other, 5).source.seed not in (7, redrawn(other, 6).source.seed)
    assert redrawn(other, 5) == redrawn(other, 5)
    seeded_times = scenario(tmp_path, source={"kind": "synthetic", "generator": "blobs", "seconds": 30, "seed": 7})
    assert redrawn(seeded_times, 5) == seeded_times
    fixed = {"generator": "blobs", "seconds": 30, "seed": 7, "options": {"times": [6, 12]}}
    assert redrawn(scenario(tmp_path, source=fixed), 5).source.seed != 7


def test_every_source_of_a_scenario_is_drawn_anew_and_files_are_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "own.mp4").write_bytes(b"")
    beside = {"door": {"generator": "still", "seconds": 9}, "yard": {"kind": "path", "file": "own.mp4"}}
    drawn = redrawn(scenario(tmp_path, sources=beside), 5)
    assert drawn.source.seed and drawn.sources["door"].seed not in (0, drawn.source.seed)
    assert drawn.sources["yard"].seed == 0


def test_the_result_names_its_seed(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    run_all([small_scenario(tmp_path)], SETTINGS, arriving, Manner(seed=11, json=out), quiet=True)
    body = json.loads(out.read_text())
    drawn = redrawn(scenario(tmp_path), 11)
    assert (body["seed"], body["results"][0]["seed"]) == (11, drawn.source.seed)
    assert body["manner"] == "typed, on virtual time, drawn anew with seed 11"


# ---------------------------------------------------------------- real time, and what it is held against


def test_in_real_time_the_house_is_warm_and_the_clock_is_no_virtual_one(tmp_path: Path) -> None:
    known: list[object] = []

    class Warm(Small):
        def warm_up(self) -> None:
            known.append(isinstance(asyncio.get_running_loop(), VirtualLoop))

        async def warm(self) -> None:
            known.append("warm")

    short = small_scenario(tmp_path, source={"generator": "still", "seconds": 0.6, "fps": 5}, user=[], expect=[])
    make = lambda settings: Warm(settings, lambda: Eyes({}))  # noqa: E731
    assert run_all([short], SETTINGS, make, Manner(realtime=True), quiet=True) == 0
    assert known == [False, "warm"]
    assert run_all([short], SETTINGS, make, quiet=True) == 0 and len(known) == 2


def test_against_a_stored_result_only_what_got_worse_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [small_scenario(tmp_path)]
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    run_all(paths, SETTINGS, arriving, Manner(json=good), quiet=True)
    run_all(paths, SETTINGS, nothing, Manner(json=bad), quiet=True)
    assert run_all(paths, SETTINGS, nothing, Manner(against=bad)) == 0  # as before
    assert "✓ nothing is worse" in capsys.readouterr().out
    assert run_all(paths, SETTINGS, nothing, Manner(against=good)) == 1
    assert "✗ small: passed before, now failed (missed speak /came in/ within 4.7–7.5 s)" in capsys.readouterr().out
    assert run_all(paths, SETTINGS, arriving, Manner(against=tmp_path / "none.json")) == 2
    assert "none.json: No such file" in capsys.readouterr().err


def test_beyond_the_limits_a_strict_run_fails_even_if_nothing_is_worse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths, out = [small_scenario(tmp_path)], tmp_path / "out.json"
    run_all(paths, SETTINGS, nothing, Manner(json=out), quiet=True)
    assert run_all(paths, SETTINGS, nothing, Manner(against=out)) == 0
    assert run_all(paths, SETTINGS, nothing, Manner(against=out, strict=True)) == 1
    shown = capsys.readouterr().out
    assert "✗ recall: 0.00, wanted ≥ 0.9 (" in shown and "✗ precision: not measured, wanted ≥ 0.95 (" in shown
    assert "✓ repeats: 0.00, wanted ≤ 0\n" in shown


def test_without_paths_what_is_stored_must_still_be_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    suite, kept = tmp_path / "suite", tmp_path / "kept.json"
    suite.mkdir()
    monkeypatch.setattr("bench.suite.DEFAULT", suite)
    gone = small_scenario(suite, name="b")
    small_scenario(suite)
    assert run_all([], SETTINGS, arriving, Manner(json=kept), quiet=True) == 0
    gone.unlink()
    assert run_all([], SETTINGS, arriving, Manner(against=kept, seed=3)) == 1
    shown = capsys.readouterr().out
    assert "✗ b: is in the stored result" in shown and "not like for like" not in shown
    assert run_all([suite], SETTINGS, arriving, Manner(against=kept), quiet=True) == 0
    assert run_all([suite], SETTINGS.model_copy(update={"observer": "x"}), arriving, Manner(against=kept)) == 0
    assert "! not like for like: x now, embedded there" in capsys.readouterr().out


def test_a_strict_run_without_its_footage_fails_and_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.suite.beyond", lambda total: False)
    source = {"kind": "file", "file": "gone.avi", "sha256": "0" * 64, "origin": "the package x"}
    paths = [small_scenario(tmp_path), small_scenario(tmp_path, name="gone", source=source)]
    assert run_all(paths, SETTINGS, arriving, quiet=True) == 0
    assert run_all(paths, SETTINGS, arriving, Manner(strict=True)) == 1
    assert "✗ 1 scenarios have no footage here; install it: gone.avi is missing; it ships" in capsys.readouterr().out


def test_within_the_limits_a_strict_run_passes(tmp_path: Path) -> None:
    timer = {"name": "timer", "user": [{"t": 1, "say": "remind me in 4 seconds to stretch"}]}
    expect = [{"event": "speak", "within": [4.7, 7.5], "at": 5, "matches": "stretch"}]
    nobody = small_scenario(tmp_path, **timer, expect=expect)
    assert run_all([nobody, small_scenario(tmp_path)], SETTINGS, arriving, Manner(strict=True), quiet=True) == 0
    assert run_all([small_scenario(tmp_path)], SETTINGS, arriving, Manner(strict=True), quiet=True) == 1, "no reminder"


@pytest.mark.parametrize(
    "change",
    [
        {"expected": 10, "found": 8, "missed": ["x", "y"]},
        {"spoken": 22, "unwanted": ["x", "y"]},
        {"decision_delays": [1.1]},
        {"unwanted": ["x"], "quiet_minutes": 19.0},
        {"repeats": 1},
        {"clock_errors": [0.1, 1.1]},
        {"clock_errors": []},
    ],
)
def test_each_limit_is_one(change: dict[str, Any]) -> None:
    right: dict[str, Any] = {"expected": 20, "found": 20, "spoken": 20, "wanted": 20, "quiet_minutes": 40.0}
    right |= {"decision_delays": [0.9], "clock_errors": [0.9]}
    assert not beyond(total([Result("a", "time", **right)]))
    assert beyond(total([Result("a", "time", **right | change)]))


# ---------------------------------------------------------------- how far it is


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_bar_and_what_is_printed_can_still_go_to_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    assert run_all([small_scenario(tmp_path), small_scenario(tmp_path, name="b")], SETTINGS, arriving) == 0
    assert "| 1/2 [" in terminal.getvalue() and "small" in terminal.getvalue()
    shown = capsys.readouterr().out
    assert "✓ small: 1/1 expected\n" in shown and "it/s" not in shown
