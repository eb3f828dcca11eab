"""The doctor: what is looked at, what stops the house and what only costs a feature, and how it is told."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

import doctor
from assets import manifest
from config import Settings, Web
from doctor import door, examine, folder, folders, observer, port, run_doctor, server, servers, vllm, weights
from machine import Finding, gpu, packages, python, sandbox, vectors
from tests.fake_vllm import python as vllm_for_tests


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    return Settings(data_dir=tmp_path / "data", cache=tmp_path / "cache", web=Web(port=number))


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_everything_is_looked_at_and_this_machine_can_run(settings: Settings) -> None:
    lines: list[str] = []
    assert run_doctor(settings, out=lines.append) == 0
    text = "\n".join(lines)
    for name in ("python", "packages", "gpu", "page", "port", "data", "disk", "observer", "sandbox", "chromium"):
        assert f" {name} " in text
    assert all(f"weight: {name}" in text for name in manifest())
    assert lines[-1] == "Lookout can run here."


def test_nothing_is_made_by_looking(settings: Settings) -> None:
    list(examine(settings))
    assert not settings.data_dir.exists()


def test_as_json(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: iter([python((3, 12, 1)), python((3, 11, 7))]))
    lines: list[str] = []
    assert run_doctor(settings, as_json=True, out=lines.append) == 1
    report = json.loads("".join(lines))
    assert report["runs"] is False
    assert [finding["state"] for finding in report["findings"]] == ["stops", "ok"]
    assert report["findings"][0]["costs"] and report["findings"][0]["advice"]


def test_what_is_missing_is_told_with_its_cost(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: iter([Finding("ear", "lacks", "missing", "hearing", "fetch it")]))
    lines: list[str] = []
    assert run_doctor(settings, out=lines.append) == 0
    assert lines[0].startswith("LESS ear") and "costs: hearing" in lines[0] and "do: fetch it" in lines[0]


def test_the_page_needs_localhost_or_a_token_and_https(settings: Settings) -> None:
    assert door(settings).state == "ok"
    settings.web.host = "0.0.0.0"
    assert (door(settings).state, "LOOKOUT_TOKEN" in door(settings).advice) == ("stops", True)
    settings.token = SecretStr("a secret of enough letters")
    assert (door(settings).state, "https" in door(settings).advice) == ("lacks", True)
    assert "a secret" not in str(door(settings))


def test_a_port_in_use_stops(settings: Settings, listening: int) -> None:
    assert port(settings).state == "ok"
    settings.web.port = listening
    assert port(settings).state == "stops" and "LOOKOUT_WEB__PORT" in port(settings).advice
    settings.web.host = "no.such.host.invalid"
    assert port(settings).state == "stops"


def test_the_data_folder_is_private_and_writable(tmp_path: Path) -> None:
    assert "will be made" in folder("data", tmp_path / "a" / "b", "memory", "LOOKOUT_DATA_DIR", private=True).found
    mine = tmp_path / "mine"
    mine.mkdir(mode=0o700)
    assert folder("data", mine, "memory", "LOOKOUT_DATA_DIR", private=True).state == "ok"
    mine.chmod(0o755)
    assert "chmod 700" in folder("data", mine, "memory", "LOOKOUT_DATA_DIR", private=True).advice
    assert folder("cache", mine, "memory", "LOOKOUT_CACHE").state == "ok"
    (tmp_path / "file").touch()
    blocked = folder("data", tmp_path / "file" / "below", "memory", "LOOKOUT_DATA_DIR")
    assert (blocked.state, blocked.costs) == ("lacks", "memory")


def test_a_full_disk_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEEDED_DISK", 10**18)
    assert [finding.state for finding in folders(settings)] == ["ok", "ok", "lacks"]


def test_servers_are_connected_to_and_no_password_is_shown(settings: Settings, listening: int) -> None:
    assert server("one", f"http://127.0.0.1:{listening}/v1", "costs").state == "ok"
    away = server("one", "http://me:secret@127.0.0.1:1/v1", "captions only")
    assert (away.state, away.costs) == ("lacks", "captions only") and "secret" not in str(away)
    assert server("one", "http://[broken", "costs").state == "lacks"
    assert list(servers(settings)) == []
    settings.observer = settings.speaking.url = f"http://127.0.0.1:{listening}/v1"
    assert [finding.name for finding in servers(settings)] == ["server: observer", "server: speaking"]
    assert "receives pictures" in observer(settings).found


def test_an_environment_with_vllm_is_found_and_its_lack_is_no_fault(settings: Settings, tmp_path: Path) -> None:
    settings.vllm_python = tmp_path / "none"
    assert vllm(settings).state == "lacks" and "is no Python" in vllm(settings).found
    settings.observer = "vllm:Qwen/Qwen3-VL-8B-Instruct"
    assert observer(settings).state == "stops" and "make setup-vllm" in observer(settings).advice
    settings.vllm_python = vllm_for_tests(tmp_path)
    assert (vllm(settings).state, observer(settings).state) == ("ok", "ok")
    assert "by a server that Lookout starts" in observer(settings).found


def test_a_damaged_weight_costs_its_feature_not_the_start(settings: Settings, tmp_path: Path) -> None:
    settings.weights = tmp_path / "mine"
    detector = settings.weights / manifest()["vision/detector"].path
    detector.parent.mkdir(parents=True)
    detector.write_bytes(b"not a detector")
    found = {finding.name: finding for finding in weights(settings)}
    assert (found["weight: vision/detector"].state, found["weight: vision/detector"].found) == ("lacks", "damaged")
    assert found["weight: voices/af_heart"].state == "ok"
    assert observer(settings).state == "lacks"


def test_python_packages_and_processor() -> None:
    assert python((3, 11, 9)).state == "ok" and python((3, 13, 0)).state == "stops"
    assert packages(("json",)).state == "ok"
    assert packages(("json", "no_such_package")).found == "missing: no_such_package"
    assert vectors("x86_64", "flags : sse4_2 avx avx2 fma").state == "ok"
    assert vectors("x86_64", "flags : sse4_2 avx").state == "lacks"
    assert vectors("aarch64", "").state == "ok"


def test_no_gpu_is_worth_knowing_and_a_gpu_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (gpu().state, "LOOKOUT_OBSERVER" in gpu().advice) == ("none", True)
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\necho 'Test GPU, 24576 MiB'\n")
    command.chmod(0o755)
    assert (gpu().state, gpu().found) == ("ok", "Test GPU, 24576 MiB")
    command.write_text("#!/bin/sh\nexit 9\n")
    assert gpu().state == "none"


def test_the_sandbox_is_probed_for_real() -> None:
    found = sandbox()
    assert found.state in ("ok", "lacks") and found.found
    assert found.state == "ok" or "no programs" in found.costs
