"""What is planned for a card, and what is understood of a server's log: pure, but for a scripted nvidia-smi."""

from __future__ import annotations

from pathlib import Path

import pytest

from interaction.observers import engine_plan
from interaction.observers.engine_plan import card_mib, command, environment, last_words, model_of, row, stage

PYTHON = Path("/env/bin/python")


@pytest.mark.parametrize(
    ("mib", "name", "tokens", "fp8"),
    [
        (None, "no card", "16384", False),
        (8_188, "smaller", "8192", True),
        (16_376, "smaller", "8192", True),
        (23_028, "24 GB", "32768", True),
        (24_576, "24 GB", "32768", True),
        (46_068, "48 GB", "65536", False),
        (49_140, "48 GB", "65536", False),
        (81_559, "80 GB", "131072", False),
        (143_771, "80 GB", "131072", False),
    ],
)
def test_a_card_has_its_row(mib: int | None, name: str, tokens: str, fp8: bool) -> None:
    chosen = row(mib)
    told = command(PYTHON, "Qwen/Qwen3-VL-8B-Instruct", 8001, chosen)
    assert chosen.name == name
    assert told[told.index("--max-model-len") + 1] == tokens
    assert ("fp8" in told) == fp8
    assert '{"image":128,"video":0}' in told and "--enable-prompt-tokens-details" in told


def test_the_argv_names_model_and_address_and_no_secret() -> None:
    told = command(PYTHON, "/models/tiny", 8001, engine_plan.CPU)
    assert told[:3] == ["/env/bin/python", "-m", "vllm.entrypoints.openai.api_server"]
    assert told[told.index("--served-model-name") + 1] == "tiny"
    assert told[told.index("--host") + 1] == "127.0.0.1" and told[told.index("--port") + 1] == "8001"
    assert not any("key" in part for part in told)


def test_the_environment_is_clean_silent_and_has_the_key() -> None:
    ours = {
        "PATH": "/usr/bin",
        "LOOKOUT_TOKEN": "secret",
        "LOOKOUT_OBSERVER_KEY": "secret",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "HF_HOME": "/hub",
        "https_proxy": "http://proxy",
        "CUDA_VISIBLE_DEVICES": "0",
    }
    told = environment(ours, PYTHON, "k", engine_plan.CPU, download=False)
    assert "secret" not in told.values()
    assert told["PATH"] == "/env/bin:/usr/bin" and told["HF_HOME"] == "/hub" and told["https_proxy"] == "http://proxy"
    assert told["VLLM_API_KEY"] == "k" and told["CUDA_VISIBLE_DEVICES"] == "0"
    assert told["VLLM_NO_USAGE_STATS"] == told["DO_NOT_TRACK"] == told["HF_HUB_OFFLINE"] == "1"
    assert told["VLLM_CPU_OMP_THREADS_BIND"] == "nobind", "else one of two cores would compute"
    assert int(told["OMP_NUM_THREADS"]) >= 1
    assert (
        environment(ours | {"OMP_NUM_THREADS": "7"}, PYTHON, "k", engine_plan.CPU, download=False)["OMP_NUM_THREADS"]
        == "7"
    )
    assert "OMP_NUM_THREADS" not in environment(ours, PYTHON, "k", engine_plan.CARDS[0], download=False)
    assert "HF_HUB_OFFLINE" not in environment(ours, PYTHON, "k", engine_plan.CPU, download=True)


def test_a_model_is_a_folder_or_a_hub_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "config.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert model_of("tiny") == str(tmp_path / "tiny")
    assert model_of("Qwen/Qwen3-VL-8B-Instruct") == "Qwen/Qwen3-VL-8B-Instruct"


@pytest.mark.parametrize(
    "text", ["", "-v", "--config=x", "a b", "a;b", "a/b/c", "../x", "a/..", "/not/there", "x\n", "a" * 200]
)
def test_no_other_text_is_a_model(text: str) -> None:
    with pytest.raises(ValueError, match="neither a folder with a model nor a name"):
        model_of(text)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Fetching 14 files:   7%|▋         | 1/14 [00:01<00:13,  1.02s/it]", ("downloading", 0)),
        ("model-00001-of-00004.safetensors:  42%|████ | 2.1G/4.9G [00:31<00:40, 69MB/s]", ("downloading", 40)),
        ("(Worker pid=5) INFO 11-23 10:46:07 [cpu_model_runner.py:68] Starting to load model /m...", ("weights", None)),
        ("Loading safetensors checkpoint shards:  75% Completed | 3/4 [00:02<00:00]", ("weights", 70)),
        ("Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  55%|█████▍    | 6/11", ("compiling", 50)),
        ("(EngineCore pid=9) INFO [kv_cache_utils.py:2327] GPU KV cache size: 29,040 tokens", ("compiling", None)),
        ("INFO:     127.0.0.1:52 - \"GET /health HTTP/1.1\" 200 OK", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_log_tells_how_far_the_loading_is(line: str, told: tuple[str, int | None] | None) -> None:
    assert stage(line) == told


def test_the_last_words_are_the_last_error() -> None:
    lines = [
        "(APIServer pid=1) INFO 11-23 10:45:32 [api_utils.py:286] non-default args: {}",
        "ValueError: Free memory on device (3.1/23.6 GiB) is less than desired",
        "(APIServer pid=1) RuntimeError: Engine core initialization failed.",
        "[rank0]: a warning at the end",
    ]
    assert last_words(lines) == "RuntimeError: Engine core initialization failed."
    assert last_words(["(APIServer pid=1) INFO 11-23 10:45:32 [a.py:2] Killed"]) == "Killed"
    assert last_words(["the last request"], killed=True) == last_words([]) == ""


@pytest.mark.parametrize(
    ("script", "mib"),
    [("echo 23034; echo 81559", 81559), ("echo No devices", None), ("echo 1; exit 9", None), ("exec sleep 60", None)],
)  # fmt: skip
def test_the_card_is_asked_for_its_memory(
    script: str, mib: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(engine_plan, "SMI_S", 0.5 if "sleep" in script else 5.0)
    assert card_mib() == mib


def test_no_tool_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert card_mib() is None
