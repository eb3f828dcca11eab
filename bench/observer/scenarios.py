"""`make scenarios-vllm`: scenarios with the tiny model as the observer, on the real engine, which is started and ended.

Whatever else is given goes to `app.py scenarios`, paths first. Ends as that does; with 2 where there is no engine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.observer.engine import MODEL, NoEngine, engine

ROOT = MODEL.parents[2]
KNOWN = ROOT / "tests" / "scenarios_vllm"  # what the tiny model was trained for
TOKENS = 16_384


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.observer.scenarios", description=__doc__)
    parser.add_argument("--tokens", type=int, default=TOKENS, help="context of the model")
    parser.add_argument("--model", type=Path, default=MODEL, help="another one than that of the tests")
    parser.add_argument("--all", action="store_true", help="the whole suite, most of which the tiny model never saw")
    options, others = parser.parse_known_args(arguments)
    which = [] if options.all or any(not word.startswith("-") for word in others[:1]) else [str(KNOWN)]
    try:
        with engine(options.tokens, options.model, large=False) as served:
            command = [sys.executable, "app.py", "scenarios", *which, "--observer", served.url, *others]
            return subprocess.call(command, cwd=ROOT, env={**os.environ, "LOOKOUT_OBSERVER_KEY": served.key})
    except NoEngine as error:
        print(f"bench.observer.scenarios: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
