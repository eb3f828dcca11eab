"""The real engine with the tiny model of the tests, on this machine's processor, for as long as it is needed."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

import config
from interaction.observers import engine as keeper
from interaction.observers.engine_plan import CPU

MODEL = Path(__file__).resolve().parents[2] / "tests" / "tiny_observer" / "model"
START_S = 600.0  # 60 to 90 s where nothing else runs
PIXELS = 1 << 20  # a picture may have: the model was made with smaller ones, its processor would shrink ours
NAME = "joyai-vl-interaction-tiny"  # by which the dialect is chosen


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
    """One that serves `NAME` at `url` to whoever has its `key`."""

    url: str
    key: str = ""

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
            "LOOKOUT_VLLM_PYTHON names no Python with vLLM in it; `make test-vllm` makes one that needs no GPU"
        )
    return Path(named)


@contextmanager
def engine(tokens: int, source: Path = MODEL, *, large: bool = True) -> Iterator[Engine]:
    """Starts it with the model in `source` and a context of so many tokens; ends it. `large`: pictures are taken as
    they are sent; else as small as the model was trained with. Raises `NoEngine`."""
    python = python_of()
    if not (source / "config.json").is_file():
        raise NoEngine(f"there is no model in {source}")
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as folder:
        copied = prepared(source, Path(folder) / NAME, tokens, large=large)
        wide = replace(CPU, arguments=(*CPU.arguments, "--max-model-len", str(tokens)))  # the last one counts
        kept = keeper.Engine(python, str(copied), wide, Path(folder), config.Vllm())
        try:
            kept.start()
            if not kept.settled(START_S) or not kept.status.ready:
                raise NoEngine(f"vLLM did not start: {kept.status.trouble or 'it took too long'}")
            yield Engine(kept.url, kept.key)
        finally:
            kept.close()


def prepared(source: Path, target: Path, tokens: int, *, large: bool = True) -> Path:
    """A copy of the model that takes a context of `tokens` and, if asked for, pictures as large as they are sent."""
    shutil.copytree(source, target)
    for name, part, change in (
        ("preprocessor_config.json", "size", {"longest_edge": PIXELS} if large else {}),
        ("config.json", "text_config", {"max_position_embeddings": max(tokens, 32_768)}),
    ):
        path = target / name
        body = json.loads(path.read_text(encoding="utf-8"))
        body[part] |= change
        path.write_text(json.dumps(body), encoding="utf-8")
    return target
