"""A real RTMP server (nginx with its RTMP module) on loopback, and somebody who sends a picture to it."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np

from bench.cameras.debian import NoServers, environment, unpacked

FPS = 15
# `{}`: port. One process and no files, so that nothing is left behind however it ends.
_CONF = """load_module {module}; daemon off; master_process off; pid {folder}/pid; error_log stderr error;
events {{}} rtmp {{ access_log off; server {{ listen 127.0.0.1:{port}; application live {{ live on; }} }} }}
"""


class Server:
    """`url` is watched and sent to alike."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"rtmp://127.0.0.1:{self.port}/live/door"
        module = next(unpacked().glob("usr/lib/nginx/modules/ngx_rtmp_module.so"))
        self._conf = folder / "nginx.conf"
        self._conf.write_text(_CONF.format(module=module, folder=folder, port=self.port))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it listens. Raises `NoServers`."""
        program = unpacked() / "usr/sbin/nginx"
        command = [str(program), "-p", str(self._conf.parent), "-c", str(self._conf), "-e", "stderr"]
        self._process = subprocess.Popen(command, env=environment())
        while self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            threading.Event().wait(0.02)
        raise NoServers("nginx's RTMP server does not run here: see its words above")

    def kill(self) -> None:
        """As a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def server() -> Iterator[Server]:
    """A running server. Raises `NoServers` with the reason where there cannot be one."""
    with tempfile.TemporaryDirectory() as folder:
        running = Server(Path(folder))
        try:
            running.start()
            yield running
        finally:
            running.kill()


@contextmanager
def sender(url: str, size: tuple[int, int] = (160, 120)) -> Iterator[threading.Event]:
    """Sends a grey picture, 15 a second, until it is left or the server goes. Yields what is set once it has gone."""
    stop, gone = threading.Event(), threading.Event()
    thread = threading.Thread(target=_send, args=(url, size, stop, gone), daemon=True)
    thread.start()
    try:
        yield gone
    finally:
        stop.set()
        thread.join(10)


def _send(url: str, size: tuple[int, int], stop: threading.Event, gone: threading.Event) -> None:
    import av

    try:
        with av.open(url, "w", format="flv", timeout=5) as out:
            stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "tune": "zerolatency"})
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            stream.gop_size = FPS
            for i in count():
                if stop.wait(1 / FPS):
                    break
                grey = np.full((size[1], size[0], 3), 60 + i % 60, np.uint8)
                frame = av.VideoFrame.from_ndarray(grey, format="bgr24")
                frame.pts = i
                out.mux(stream.encode(frame))
    except (av.FFmpegError, OSError):
        pass  # the server has gone
    finally:
        gone.set()
