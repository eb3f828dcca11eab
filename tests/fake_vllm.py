"""Stands for the Python of an environment with vLLM: a small server that loads, serves, hangs or fails as it is told.

Run as `python -m vllm.entrypoints.openai.api_server --model …` would be. Beside the model lies `plan.json`:
{"fails": n} (so many starts end with an error), {"deaf": true} (asked to end, it does not), {"hangs": n} (after n
answers on its health none comes), {"mute": true} (no question is answered). What it was given goes to
`seen.json`, its pids to `pids.json`.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LOADING = (
    "(Worker pid=7) INFO 11-23 10:46:07 [cpu_model_runner.py:68] Starting to load model tiny...\n",
    "Loading safetensors checkpoint shards:  50% Completed | 1/2 [00:00<00:00, 24.84it/s]\r",
    "Loading safetensors checkpoint shards: 100% Completed | 2/2 [00:00<00:00, 24.84it/s]\r\n",
    "(EngineCore pid=5) INFO 11-23 10:46:09 [kv_cache_utils.py:2327] CPU KV cache size: 699,040 tokens\n",
)


def model(folder: Path, name: str = "joyai-tiny", **plan: Any) -> Path:
    """A folder that looks like a model; beside it the plan."""
    made = folder / name
    made.mkdir()
    (made / "config.json").write_text("{}")
    (made / "plan.json").write_text(json.dumps(plan))
    return made


def python(folder: Path) -> Path:
    """An executable that is this program."""
    made = folder / "python"
    made.write_text(f"#!{sys.executable}\n{Path(__file__).read_text(encoding='utf-8')}", encoding="utf-8")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return made


class Plan:
    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key = folder, key
        self.left: dict[str, Any] = json.loads((folder / "plan.json").read_text())
        self.asked = threading.Lock()

    def count(self, name: str) -> int:
        """What was left, and one less from now on, in this life and the next."""
        with self.asked:
            left = int(self.left.get(name, 0))
            self.left[name] = left - 1
            (self.folder / "plan.json").write_text(json.dumps(self.left))
            return left


def handler(plan: Plan, name: str, root: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health":
                if "hangs" in plan.left and plan.count("hangs") <= 0:
                    threading.Event().wait()
                return self.say({})
            entry = {"id": name, "root": root, "owned_by": "vllm", "max_model_len": 16384}
            return self.say({"data": [entry]}) if self.allowed() else None

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path == "/tokenize":
                return self.say({"tokens": [1]})
            if not self.allowed():
                return None
            if plan.left.get("mute"):
                threading.Event().wait()
            message = {"role": "assistant", "content": "</silence>"}
            usage = {"prompt_tokens": len(body["messages"]), "completion_tokens": 1}
            return self.say({"choices": [{"index": 0, "message": message}], "usage": usage})

        def allowed(self) -> bool:
            if self.headers["authorization"] == f"Bearer {plan.key}":
                return True
            self.send_response(401)
            self.end_headers()
            return False

        def say(self, body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Silent."""

    return Handler


def main() -> None:
    options = dict(zip(sys.argv[3::2], sys.argv[4::2], strict=False))
    folder = Path(options["--model"])
    plan = Plan(folder, os.environ["VLLM_API_KEY"])
    (folder / "seen.json").write_text(json.dumps({"argv": sys.argv[1:], "environment": dict(os.environ)}))
    if plan.count("fails") > 0:
        print("Traceback (most recent call last):", file=sys.stderr)
        sys.exit("ValueError: this model cannot be served")
    for line in LOADING:
        print(line, end="", flush=True)
    if plan.left.get("deaf"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    core = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])  # as vLLM's EngineCore
    (folder / "pids.json").write_text(json.dumps([os.getpid(), core.pid]))
    name = options["--served-model-name"]
    ThreadingHTTPServer(("127.0.0.1", int(options["--port"])), handler(plan, name, options["--model"])).serve_forever()


if __name__ == "__main__":
    main()
