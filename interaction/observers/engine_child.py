"""A server as a child process: its own process group, its words in a bounded log, its end for sure.

Used from one thread, which may block, but for `let_go`. A second one, of ours, reads what the server writes.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from interaction.wire import clean

GUARD = Path(__file__).with_name("engine_guard.py")
KEPT_LINES = 40  # of the end of the log, for a word on why it ended
LINE_BYTES = 8192  # a longer line is cut: vLLM writes its whole configuration in one of 6 kB


class Log:
    """A file that is begun anew at `most` bytes; one older is kept beside it. A full disk costs the log only."""

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._most = path, most
        self._open()

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            if self._file.tell() + len(text) > self._most:
                self._file.close()
                self._path.replace(self._path.with_suffix(".log.1"))
                self._open()
            self._file.write(text)
            self._file.flush()

    def close(self) -> None:
        with suppress(OSError):
            self._file.close()

    def _open(self) -> None:
        opened = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        self._file = os.fdopen(opened, "a", encoding="utf-8")


class Child:
    """Starts at once; raises OSError where that cannot be. `told(line)` is called on our thread for every line."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        log: Log,
        told: Callable[[str], None],
        grace_s: float,
    ) -> None:
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._log, self._told, self._grace_s = log, told, grace_s
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(GUARD), str(grace_s), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,  # not where our modules lie: python -m looks there first
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="engine log", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of the guard, which leads the process group."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Left unreaped until `end`, so that the number of its group stays ours."""
        if self._process.returncode is not None:
            return True
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def let_go(self) -> None:
        """Have the guard end it. From any thread, and any number of times."""
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):
            self._process.stdin.close()

    def end(self, wait: Callable[[float], object]) -> int:
        """End it and everything that it started; its status, below zero for a signal. `wait(s)` passes the time."""
        self.let_go()
        for _ in range(round((self._grace_s + 2) / 0.1)):
            if self.ended:
                break
            wait(0.1)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        status = self._process.wait()
        self._reader.join(5)
        return 128 - status if status > 128 else status

    def _read(self) -> None:
        """Lines end at \\n or, for a progress bar, at \\r."""
        assert self._process.stdout is not None
        left = b""
        while block := os.read(self._process.stdout.fileno(), 65_536):
            *whole, left = re.split(rb"[\r\n]+", left + block)
            left = left[-LINE_BYTES:]
            for line in whole:
                if text := clean(line[:LINE_BYTES].decode("utf-8", "replace")).strip():
                    self.lines.append(text)
                    self._log.write(text + "\n")
                    self._told(text)
        self._process.stdout.close()
