"""One vLLM server for all sessions of this process: started, asked whether it is well, and started again for ever.

Lives on a thread of its own, so that neither a busy event loop nor virtual time has a say in it. Whoever is
interested reads `status`, or has `listen` call back.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

import config
from interaction.observers import engine_plan
from interaction.observers.engine_child import Child, Log

log = logging.getLogger(__name__)

POLL_S = 0.25  # between two looks at a server that starts
ASK_S = 10.0  # for a word on its health; a server that computes answers in milliseconds
MISSES = 3  # of those words in a row after which it hangs
WARM_UP_S = 600.0  # the first request may compile kernels
LOG = "vllm.log"
SOCKETS = Path("/proc/net/tcp")  # where the system does not tell, whoever answers is believed
# A grey picture of 64×64 pixels, PNG.
GREY = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAfUlEQVRYCaXBAQEAAACCIH3u9EYExsf4GB/jY3yMj/ExPsbH+Bgf42N8jI/xMT7Gx/gY"
    "H+NjfIyP8TE+xsf4GB/jY3yMj/ExPsbH+Bgf42N8jI/xMT7Gx/gYH+NjfIyP8TE+xsf4GB/jY3yMj/ExPsbH+Bgf42N8jI/xMT4DH/YgQfCxph4AAAAA"
    "SUVORK5CYII="
)


@dataclass(frozen=True, slots=True)
class Status:
    """`stage`: of the loading, a key of the page's words; `percent` of it; `trouble`: why it is away, in a sentence;
    empty while it is loaded for the first time, for then nothing is wrong."""

    ready: bool = False
    stage: str = "starting"
    percent: int | None = None
    trouble: str = ""

    @property
    def loading(self) -> dict[str, Any] | None:
        """For the page; None: it is loaded."""
        return None if self.ready else {"stage": self.stage, "percent": self.percent}


Listener = Callable[[Status], None]


class Engine:
    """`python`: of an environment with vLLM; `model`: a folder or a hub's name (`engine_plan.model_of`).

    `folder`: where its log is kept. Nothing runs before `start`.
    """

    def __init__(
        self,
        python: Path,
        model: str,
        row: engine_plan.Row,
        folder: Path,
        bounds: config.Vllm,
        *,
        download: bool = False,
    ) -> None:
        self.model, self.row = model, row
        self.name = Path(model).name  # under which it is served
        self.key = secrets.token_urlsafe(32)
        self.url = ""
        self.status = Status()
        self.child: Child | None = None
        self._python, self._folder, self._bounds, self._download = python, folder, bounds, download
        self._port = 0
        self._quiet = 0.0  # seconds since the last line of its log
        self._closing = threading.Event()
        self._changed = threading.Condition()
        self._listeners: list[Listener] = []
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Begin to load it; a second call does nothing."""
        if not self._thread.ident:
            self._choose_port()
            self._thread.start()

    def close(self) -> None:
        """End it, and everything that it started. Blocks for as long as that takes (`Vllm.stop_s` and a little)."""
        self._closing.set()
        if child := self.child:
            child.let_go()  # our thread may wait for an answer of it: the first one can take minutes
        if self._thread.ident:
            self._thread.join()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have every change told, on our thread. Returns how to end that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def wait(self, wanted: Callable[[Status], bool], timeout_s: float) -> bool:
        """Block until the status is as wanted; False: it was not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: wanted(self.status), timeout_s)

    def settled(self, timeout_s: float) -> bool:
        """Block until it serves, or there is trouble; False: neither yet."""
        return self.wait(lambda status: status.ready or bool(status.trouble), timeout_s)

    def _run(self) -> None:
        pause = self._bounds.restart_first_s
        while not self._closing.is_set():
            try:
                was_ready, trouble = self._serve()
            except Exception as error:  # else nobody would start it again
                log.error("the engine's keeper failed", exc_info=error)
                was_ready, trouble = False, f"A fault in me: {type(error).__name__}: {error}"[:300]
            if self._closing.is_set():
                return
            log.error("%s", trouble)
            self._tell(Status(trouble=trouble))
            pause = self._bounds.restart_first_s if was_ready else pause
            self._closing.wait(pause)
            pause = min(self._bounds.restart_longest_s, 2 * pause)

    def _serve(self) -> tuple[bool, str]:
        """One life of the server: whether it was ready, and why it ended."""
        try:
            self._choose_port()
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            kept = Log(self._folder / LOG, self._bounds.log_megabytes * 1_000_000)
        except OSError as error:
            return False, f"The model server cannot be started: {error}"[:300]
        command = engine_plan.command(self._python, self.model, self._port, self.row)
        environment = engine_plan.environment(os.environ, self._python, self.key, self.row, download=self._download)
        try:
            child = Child(command, environment, self._folder, kept, self._heard, self._bounds.stop_s)
        except OSError as error:
            kept.close()
            return False, f"The model server cannot be started: {error}"[:300]
        self.child = child
        try:
            hung = self._follow(child)
        finally:
            was_ready = self.status.ready
            ended = child.ended
            status = child.end(threading.Event().wait)
            kept.close()
        last = engine_plan.last_words(list(child.lines), killed=status < 0 or bool(hung))
        why = f": {last}" if last else "."
        if hung and not ended:
            return was_ready, f"The model server {hung}{why}"[:400]
        how = f"was killed (signal {-status})" if status < 0 else f"ended (status {status})"
        return was_ready, f"The model server {how}{why}"[:400]

    def _follow(self, child: Child) -> str:
        """Until it ends, or we do, or it hangs: then in what way."""
        self._quiet = 0.0
        misses, since_asked = 0, 0.0
        with httpx.Client(base_url=self.url, timeout=ASK_S, trust_env=False) as client:
            while not child.ended:
                if self._closing.wait(POLL_S):
                    return ""
                since_asked += POLL_S
                if self.status.ready and since_asked >= self._bounds.health_s:
                    since_asked = 0.0
                    misses = 0 if self._is_well(client) else misses + 1
                    if misses >= MISSES:
                        return "does not answer any more"
                elif self.status.ready:
                    continue
                elif self._is_well(client) and self._warm_up(client):
                    self._tell(Status(ready=True))
                else:
                    self._quiet += POLL_S
                    if self._quiet > self._bounds.quiet_s:
                        return f"neither began to serve nor said a word for {self._bounds.quiet_s:g} s"
        return ""

    def _is_well(self, client: httpx.Client) -> bool:
        """Whether it is ours that listens there, and it answers."""
        try:
            if SOCKETS.exists() and not listens(self._port, SOCKETS.read_text(encoding="ascii")):
                return False
            return client.get("/health").status_code == 200
        except (httpx.HTTPError, OSError):
            return False

    def _warm_up(self, client: httpx.Client) -> bool:
        """The first picture, the first probabilities, the first grammar: each takes seconds, once. False: no answer."""
        self._tell(Status(stage="warming", trouble=self.status.trouble))
        picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{GREY}"}}
        body = {
            "model": self.name,
            "messages": [{"role": "user", "content": [picture, {"type": "text", "text": "."}]}],
            "max_tokens": 1,
            "logprobs": True,
            "top_logprobs": 5,
            "structured_outputs": {"regex": "(a|b).*"},
        }
        headers = {"authorization": f"Bearer {self.key}"}
        try:
            answer = client.post("/v1/chat/completions", json=body, headers=headers, timeout=WARM_UP_S)
        except httpx.HTTPError as error:
            log.warning("the warm-up failed: %s", type(error).__name__)
            return False
        if answer.status_code != 200:  # no eyes, say: the first tick tells the person
            log.warning("the warm-up was answered %s: %s", answer.status_code, answer.text[:300])
        return True

    def _heard(self, line: str) -> None:
        """A line of its log; on the thread that reads it."""
        self._quiet = 0.0
        if (found := engine_plan.stage(line)) and not self.status.ready and self.status.stage != "warming":
            self._tell(Status(stage=found[0], percent=found[1], trouble=self.status.trouble))

    def _tell(self, status: Status) -> None:
        with self._changed:
            if status == self.status or self._closing.is_set():
                return
            self.status = status
            self._changed.notify_all()
        for listener in tuple(self._listeners):
            listener(status)

    def _choose_port(self) -> None:
        """The last one, if it is still free: whoever knows our address need not learn another."""
        for port in dict.fromkeys((self._port, 0)):
            with socket.socket() as probe, suppress(OSError):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                self._port = probe.getsockname()[1]
                self.url = f"http://127.0.0.1:{self._port}"
                return
        raise OSError("no port is free")


def listens(port: int, table: str) -> bool:
    """Whether what listens at a port of this machine is a process of this user, by the system's `table` of sockets:
    another user's could have been faster, and would be sent pictures."""
    rows = [line.split() for line in table.splitlines()[1:]]
    owners = {row[7] for row in rows if row[3] == "0A" and row[1].rpartition(":")[2] == f"{port:04X}"}
    return owners == {str(os.getuid())}
