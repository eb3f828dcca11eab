"""The house as a person starts it: `app.py serve`, a process of its own on a free port, with a fresh data folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import connect

APP = Path(__file__).parents[2] / "app.py"
START_S = 120.0  # two busy cores; 15 s otherwise
OWN = ("LOOKOUT_CACHE", "LOOKOUT_WEIGHTS")  # where the weights are
# Every other setting is the default, but a busy machine gets the time that it needs.
GIVEN = {"LOOKOUT_DOWNLOAD": "false", "LOOKOUT_SPEAKING__TIMEOUT_S": "100", "LOOKOUT_HEARING__TIMEOUT_S": "100"}


class ServedHouse:
    """`folder`: where its data and its output go; `arguments`: of `serve`; `settings`: environment variables."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.folder = folder
        self._arguments = arguments
        self._settings = {**GIVEN, "LOOKOUT_DATA_DIR": str(folder / "data"), **settings}
        self.output = folder / "output.txt"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LOOKOUT_") or k in OWN}
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(APP), "serve", "--port", str(self.port), *self._arguments],
                cwd=self.folder,  # no .env of the checkout
                env=environment | self._settings,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._until_it_answers()

    def kill(self) -> None:
        """As a power cut: it cannot tidy up."""
        assert self._process
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> int | None:
        """Ask it to end, as a service manager does; its exit status (negative: by a signal), None: it never began."""
        if self._process is None:
            return None
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        return self._process.returncode

    def warm(self) -> None:
        """The voice is the last model to be ready: a short visit waits for a spoken answer."""
        origin = self.url.rstrip("/")
        with httpx.Client(base_url=origin, headers={"origin": origin}, timeout=30) as http:
            http.post("/api/session").raise_for_status()
            cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        address = f"ws://127.0.0.1:{self.port}/ws"
        with connect(address, origin=origin, additional_headers={"Cookie": cookie}, proxy=None) as channel:  # type: ignore[arg-type]

            def send(**message: Any) -> None:
                channel.send(json.dumps(message))

            send(type="hello", seq=None, language="en")
            send(type="say", text="what time is it?")
            while json.loads(channel.recv(START_S))["type"] != "utterance_ended":
                pass
            send(type="stop")

    def _until_it_answers(self) -> None:
        assert self._process
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            assert self._process.poll() is None, f"the house ended: {self.output.read_text()}"
            try:
                if httpx.get(f"{self.url}health", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise TimeoutError(f"the house does not answer: {self.output.read_text()}")
