"""How vLLM is started on a card: arguments from its memory, the environment, and what the log says of the loading.

Pure, but for `card_mib` and `model_of`, which look at the machine. The table is a plan for a model of 8 billion
parameters (docs/observers.md): its weights take 9 GB in fp8 and 17 GB in bf16, a token of its past 144 KiB.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MODEL = "vllm:"  # LOOKOUT_OBSERVER=vllm:<model>
SMI_S = 5.0  # nvidia-smi answers in tenths of a second, or the driver hangs
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)

# Pictures of a whole chunk fit in one prompt; the cached tokens of each reply are counted by `bench-observer`.
ALWAYS = (
    "--disable-uvicorn-access-log",
    "--enable-prompt-tokens-details",
    "--limit-mm-per-prompt",
    '{"image":128,"video":0}',
)
ON_GPU = ("--gpu-memory-utilization", "0.90")  # vLLM takes 0.92 by itself; a desktop needs a little, too


@dataclass(frozen=True, slots=True)
class Row:
    """From `least_mib` of a card's memory on, these `arguments`; `environment` goes with them."""

    name: str
    least_mib: int
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


# Cards report a little less than their name says: an L4 of 24 GB 23,034 MiB, an A40 of 48 GB 46,068.
CARDS = (
    Row("80 GB", 78_000, ("--max-model-len", "131072", "--max-num-seqs", "32", *ON_GPU, *ALWAYS)),
    Row("48 GB", 44_000, ("--max-model-len", "65536", "--max-num-seqs", "16", *ON_GPU, *ALWAYS)),
    Row(
        "24 GB", 22_000, ("--quantization", "fp8", "--max-model-len", "32768", "--max-num-seqs", "4", *ON_GPU, *ALWAYS)
    ),
    Row("smaller", 0, ("--quantization", "fp8", "--max-model-len", "8192", "--max-num-seqs", "2", *ON_GPU, *ALWAYS)),
)
# By itself (`auto`) Lookout starts no model on a card that an 8B model does not fit.
AUTO_MIB = 22_000
# For the tests, and for very small models: blocks of 128 tokens, the default, would never hit the prefix cache. As many
# tokens a step as several sessions' pictures have, which is also how many pictures it keeps: with the default of 2048
# they wait for each other. vLLM by itself pins its threads to all cores but one: on two cores to a single one, which it
# then shares with whatever runs there.
CPU = Row(
    "no card",
    0,
    (
        "--dtype",
        "float32",
        "--enforce-eager",
        "--block-size",
        "32",
        "--max-model-len",
        "16384",
        "--max-num-batched-tokens",
        "8192",
        *ALWAYS,
    ),
    {
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "TORCHDYNAMO_DISABLE": "1",
        "TORCH_COMPILE_DISABLE": "1",
    },
)


def row(mib: int | None) -> Row:
    """The row for a card with so much memory; None: no card."""
    return CPU if mib is None else next(row for row in CARDS if mib >= row.least_mib)


def card_mib() -> int | None:
    """Memory of the largest NVIDIA card in MiB; None where there is none that answers. Blocks for up to 5 s."""
    command = shutil.which("nvidia-smi")
    if not command:
        return None
    query = [command, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=SMI_S)
    except (OSError, subprocess.SubprocessError):
        return None
    sizes = [int(line) for line in answer.stdout[:4000].split() if line.isdecimal()]
    return max(sizes) if sizes and not answer.returncode else None


def model_of(text: str) -> str:
    """A folder as an absolute path, or a hub's name as it is. Raises ValueError for what is neither."""
    folder = Path(text).expanduser()
    if text and (folder / "config.json").is_file():
        return str(folder.resolve())
    if HUB_NAME.fullmatch(text) and ".." not in text:
        return text
    raise ValueError(f"{text[:200]!r} is neither a folder with a model nor a name like Qwen/Qwen3-VL-8B-Instruct")


def command(python: Path, model: str, port: int, chosen: Row) -> list[str]:
    """The server's argv. Its key is no argument: everyone on the machine can read those."""
    where = ["--host", "127.0.0.1", "--port", str(port)]
    served = ["--model", model, "--served-model-name", Path(model).name]
    module = "vllm.entrypoints.openai.api_server"  # `vllm serve` wants metadata that vllm-cpu has not
    return [str(python), "-m", module, *served, *where, *chosen.arguments]


# What a model server may know of ours: where things are and how this machine reaches the network; no LOOKOUT_*.
_NAMES = frozenset({"HOME", "LANG", "LD_LIBRARY_PATH", "LD_PRELOAD", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER"})
_PREFIXES = ("CUDA", "HF_", "LC_", "NCCL_", "NVIDIA_", "OMP_", "SSL_CERT_", "TORCH", "TRITON_", "VLLM_", "XDG_")


def environment(ours: Mapping[str, str], python: Path, key: str, chosen: Row, *, download: bool) -> dict[str, str]:
    """The server's environment: what it needs of `ours`, its key, and no word to anybody."""
    kept = {
        name: value
        for name, value in ours.items()
        if name in _NAMES or name.startswith(_PREFIXES) or name.upper().endswith("_PROXY")
    }
    kept["PATH"] = f"{python.parent}:{kept.get('PATH', '/usr/bin:/bin')}"  # ninja, for kernels that it compiles
    if not download:
        kept |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    if (
        chosen.name == CPU.name
    ):  # one core for its server, its scheduler and the house: a thread that shares its core holds up all
        kept.setdefault("OMP_NUM_THREADS", str(max(1, len(os.sched_getaffinity(0)) - 1)))
    silent = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    return kept | silent | {"VLLM_HOST_IP": "127.0.0.1", "VLLM_API_KEY": key} | dict(chosen.environment)


# What a line of the log tells of the loading, in the order in which it goes on. A group is a percentage.
STAGES = (
    ("downloading", re.compile(r"(?:Fetching \d+ files|\.safetensors):\s+(\d+)%|Downloading")),
    ("weights", re.compile(r"checkpoint shards:\s+(\d+)% Completed|Starting to load model")),
    ("compiling", re.compile(r"Capturing CUDA graphs.{0,80}?(\d+)%|torch\.compile|Dynamo bytecode|KV cache size")),
)


def stage(line: str) -> tuple[str, int | None] | None:
    """The stage that a line of the log tells of, and its percentage in tens if it has one."""
    for name, pattern in STAGES:
        if found := pattern.search(line):
            return name, min(100, int(found[1])) // 10 * 10 if found[1] else None
    return None


def last_words(lines: list[str], *, killed: bool = False) -> str:
    """Why a server ended, from the end of its log: the last line that names an error, else the last, unless it was
    killed amid its work."""
    told = [text for line in lines if (text := _unmarked(line))]
    errors = [text for text in told if re.match(r"[\w.]*(Error|Exception|Interrupt)\b.*:", text)]
    return (errors or ([] if killed else told) or [""])[-1][:200]


def _unmarked(line: str) -> str:
    """Without the marks of process, level and time that vLLM puts in front."""
    return re.sub(r"^(\([^)]{1,60}\)\s*)?((INFO|WARNING|ERROR|DEBUG) [\d: -]+ \[[^]]{1,60}\]\s*)?", "", line).strip()
