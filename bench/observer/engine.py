"""The real engine with the tiny model of the tests, on this machine's processor, for as long as it is needed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.server import free_port
from interaction.clock import stopwatch

MODEL = Path(__file__).resolve().parents[2] / "tests" / "tiny_observer" / "model"
START_S = 600.0  # 60 to 90 s where nothing else runs
PIXELS = 1 << 20  # a picture may have: the model was made with smaller ones, its processor would shrink ours
NAME = "joyai-vl-interaction-tiny"  # by which the dialect is chosen
ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_HOST_IP": "127.0.0.1", "TORCHDYNAMO_DISABLE": "1",
}  # fmt: skip


class NoEngine(Exception):
    """It cannot be had here; the message says what to do."""


@dataclass(frozen=True)
class Counters:
    """vLLM's own, so far: prompt tokens computed, and those that its prefix cache had."""

    computed: float
    cached: float

    def __add__(self, other: Counters) -> Counters:
        return Counters(self.computed + other.computed, self.cached + other.cached)

    def __sub__(self, other: Counters) -> Counters:
        return Counters(self.computed - other.computed, self.cached - other.cached)


@dataclass(frozen=True)
class Engine:
    """One that serves `NAME` at `url`."""

    url: str

    async def counters(self) -> Counters:
        async with httpx.AsyncClient() as client:
            lines = (await client.get(f"{self.url}/metrics", timeout=30)).text.splitlines()
        return Counters(*(_total(lines, source) for source in ("local_compute", "local_cache_hit")))


def _total(lines: list[str], source: str) -> float:
    wanted = f'source="{source}"'
    found = [line for line in lines if line.startswith("vllm:prompt_tokens_by_source_total{") and wanted in line]
    if not found:
        raise NoEngine("this vLLM does not tell how many prompt tokens it computed (0.32 does)")
    return sum(float(line.rsplit(" ", 1)[1]) for line in found)


def python_of(settings: dict[str, str] | None = None) -> Path:
    """The Python of an environment with vLLM. Raises `NoEngine`."""
    named = (os.environ if settings is None else settings).get("LOOKOUT_VLLM_PYTHON", "")
    if not named or not Path(named).is_file():
        raise NoEngine(
            "LOOKOUT_VLLM_PYTHON names no Python with vLLM in it; docs/observers.md tells how to make one without a GPU"
        )
    return Path(named)


@contextmanager
def engine(tokens: int, source: Path = MODEL) -> Iterator[Engine]:
    """Starts it with the model in `source` and a context of so many tokens; ends it. Raises `NoEngine`."""
    python = python_of()
    if not (source / "config.json").is_file():
        raise NoEngine(f"there is no model in {source}")
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as folder:
        copied = prepared(source, Path(folder) / "model", tokens)
        port = free_port()
        arguments = [
            *("--model", str(copied), "--served-model-name", NAME, "--host", "127.0.0.1", "--port", str(port)),
            *("--dtype", "float32", "--enforce-eager", "--block-size", "32", "--max-model-len", str(tokens)),
            *("--limit-mm-per-prompt", '{"image":128,"video":0}', "--enable-prompt-tokens-details"),
        ]
        command = [str(python), "-m", "vllm.entrypoints.openai.api_server", *arguments]
        log = Path(folder) / "vllm.log"
        environment = {**os.environ, **ENVIRONMENT, "VLLM_CACHE_ROOT": str(Path(folder) / "cache")}
        with log.open("wb") as told:
            child = subprocess.Popen(
                command, stdout=told, stderr=told, env=environment, cwd=folder, start_new_session=True
            )
            try:
                _wait(child, f"http://127.0.0.1:{port}", log)
                yield Engine(f"http://127.0.0.1:{port}")
            finally:
                _end(child)


def prepared(source: Path, target: Path, tokens: int) -> Path:
    """A copy of the model that takes pictures as large as they are sent, and a context of `tokens`."""
    shutil.copytree(source, target)
    for name, part, change in (
        ("preprocessor_config.json", "size", {"longest_edge": PIXELS}),
        ("config.json", "text_config", {"max_position_embeddings": max(tokens, 32_768)}),
    ):
        path = target / name
        body = json.loads(path.read_text(encoding="utf-8"))
        body[part] |= change
        path.write_text(json.dumps(body), encoding="utf-8")
    return target


def _wait(child: subprocess.Popen[bytes], url: str, log: Path) -> None:
    passed = stopwatch()
    while passed() < START_S:
        if child.poll() is not None:
            break
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                return
        time.sleep(1.0)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
    raise NoEngine(f"vLLM did not start: {' / '.join(last)[:600]}")


def _end(child: subprocess.Popen[bytes]) -> None:
    """It and what it started."""
    for order, patience in ((signal.SIGTERM, 15), (signal.SIGKILL, 15)):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, order)
        with suppress(subprocess.TimeoutExpired):
            child.wait(patience)
            return
