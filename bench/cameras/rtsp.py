"""A real RTSP server (GStreamer's) on loopback with any number of cameras, that can be killed and started again.

still = pictures.encode(pictures.still(), folder / "still.au")
with rtsp.cameras({f"cam{i}": Camera({"still": still}) for i in range(6)}) as server:
    open_source(server.url("cam0"), "door", allow_private=True, transport="tcp")
    at = server.show("cam0", "person")     # switch to another clip; when its first picture left, loop seconds
    server.hold("cam0")                    # the connection stays, nothing comes
    server.kill(); server.start()          # power cut, and back on the same port
"""

from __future__ import annotations

import json
import selectors
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bench.cameras.debian import PYTHON, NoServers, environment

CHILD = Path(__file__).parent / "rtsp_child.py"
_ANSWER_S = 30.0


@dataclass(frozen=True)
class Camera:
    """`clips`: files of `pictures.encode` by name, the first one is shown; it goes round. Sound has none."""

    clips: Mapping[str, Path]
    codec: Literal["h264", "h265", "jpeg", "sound"] = "h264"
    fps: float = 15


@dataclass(frozen=True)
class Login:
    kind: Literal["basic", "digest"]
    user: str
    password: str


class Server:
    """Its streams go to whoever asks, by TCP or UDP. Not for threads."""

    def __init__(self, cameras: Mapping[str, Camera], login: Login | None = None) -> None:
        self._cameras = cameras
        self._login = login
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def pid(self) -> int:
        """Of the server's process, for measuring. 0: it does not run."""
        return self._process.pid if self._process else 0

    def url(self, camera: str, *, login: bool = True) -> str:
        who = f"{self._login.user}:{self._login.password}@" if self._login and login else ""
        return f"rtsp://{who}127.0.0.1:{self.port}/{camera}"

    def start(self) -> None:
        """Starts it, on the port it had before. Raises `NoServers`."""
        self._process = subprocess.Popen(
            [PYTHON, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), text=True
        )
        streams = {
            name: {
                "codec": camera.codec,
                "fps": camera.fps,
                "clips": {clip: str(path.absolute()) for clip, path in camera.clips.items()},
            }
            for name, camera in self._cameras.items()
        }
        login = [self._login.kind, self._login.user, self._login.password] if self._login else None
        self.port = int(self._ask({"port": self.port, "login": login, "streams": streams})["port"])

    def show(self, camera: str, clip: str) -> float:
        """Another clip from its beginning. Returns when its first picture left, in seconds of the monotonic clock."""
        return float(self._ask({"do": "show", "stream": camera, "clip": clip})["at"])

    def hold(self, camera: str) -> None:
        """Connections stay open and nothing comes, until `go`."""
        self._ask({"do": "hold", "stream": camera})

    def go(self, camera: str) -> None:
        self._ask({"do": "go", "stream": camera})

    def kill(self) -> None:
        """As a power cut would."""
        if self._process:
            self._process.kill()
            self._gone()

    def stop(self) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()  # it ends by itself
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._gone()

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        assert self._process and self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
            with selectors.DefaultSelector() as waiting:
                waiting.register(self._process.stdout, selectors.EVENT_READ)
                line = self._process.stdout.readline() if waiting.select(_ANSWER_S) else ""
        except BrokenPipeError:
            line = ""
        if not line:
            self.kill()
            raise NoServers("GStreamer's RTSP server does not run here: see its words above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _gone(self) -> None:
        assert self._process
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe and not pipe.closed:
                pipe.close()
        self._process.wait()
        self._process = None


@contextmanager
def cameras(streams: Mapping[str, Camera], login: Login | None = None) -> Iterator[Server]:
    """A running server. Raises `NoServers` with the reason where there cannot be one."""
    server = Server(streams, login)
    server.start()
    try:
        yield server
    finally:
        server.stop()
