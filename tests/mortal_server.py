"""A camera behind HTTP in a process of its own, to be killed, frozen and started again on the same port.

The process knows the standard library only: it is there within a tenth of a second, and shows what was made before.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FPS = 10
SEGMENTS = 40  # of a second each; the list ends there
WINDOW = 3  # segments in the list that rolls


class Camera(BaseHTTPRequestHandler):
    """`/live.m3u8` rolls on every second, `/camera.mjpeg` and `/endless.ts` come at their pace; all begin anew with
    the process. In the folder: `seg0.ts` …, `0.jpg` …, `clip.ts` (a second of pictures)."""

    server: Server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        match self.path.lstrip("/"):
            case "live.m3u8":
                self._whole(self._playlist().encode())
            case "camera.mjpeg":
                self._stream("multipart/x-mixed-replace; boundary=frame", self.server.jpegs, 1 / FPS)
            case "endless.ts":
                parts = self.server.transport
                self._stream("video/mp2t", parts, 1 / len(parts))
            case name:
                self._whole((self.server.folder / name).read_bytes())

    def _playlist(self) -> str:
        newest = min(int(time.monotonic() - self.server.began), SEGMENTS - WINDOW)
        head = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1", f"#EXT-X-MEDIA-SEQUENCE:{newest}"]
        return "\n".join([*head, *(f"#EXTINF:1.0,\nseg{newest + i}.ts" for i in range(WINDOW)), ""])

    def _whole(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, kind: str, parts: list[bytes], pause: float) -> None:
        """Round and round, until the other side hangs up."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        try:
            while True:
                for part in parts:
                    self.wfile.write(part)
                    time.sleep(pause)
        except OSError:
            return


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(("127.0.0.1", port), Camera)
        self.folder = folder
        self.began = time.monotonic()
        names = sorted(folder.glob("*.jpg"), key=lambda path: int(path.stem))
        head = "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n"
        jpegs = [path.read_bytes() for path in names]
        self.jpegs = [head.format(len(jpeg)).encode() + jpeg + b"\r\n" for jpeg in jpegs]
        clip = (folder / "clip.ts").read_bytes()
        size = max(188, len(clip) // FPS // 188 * 188)
        self.transport = [clip[at : at + size] for at in range(0, len(clip), size)]


class Mortal:
    """The process, from outside. Its port stays ours while it is dead: nobody else is given it meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind(("127.0.0.1", 0))
        self.port: int = self._reserved.getsockname()[1]

    def start(self) -> None:
        """Returns when it listens."""
        command = [sys.executable, "-I", __file__, str(self.port), str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        assert self._process.stdout.readline() == "listening\n"
        self._process.stdout.close()

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process
        self._process.kill()
        self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """Its connections stay open, new ones are taken, and nothing comes, until `thaw`."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        if self._process:
            self.kill()
        self._reserved.close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"


if __name__ == "__main__":
    with Server(int(sys.argv[1]), Path(sys.argv[2])) as server:
        print("listening", flush=True)
        server.serve_forever()
