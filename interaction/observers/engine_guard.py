"""Run as a program of its own, between the house and a server that it started: ends the server when the house ends.

    python engine_guard.py SECONDS COMMAND…

The house holds the other end of our standard input. When that closes, because the house wants it or because it died
(kill −9 too), the server is asked to end, and after SECONDS everything that it started is ended with it: we lead the
process group that all of them are in. When the server ends by itself, its status is ours.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main() -> None:
    grace_s, command = float(sys.argv[1]), sys.argv[2:]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    alone = threading.Event()
    ending = threading.Thread(target=_end, args=(server, grace_s, alone), daemon=True)
    ending.start()
    status = server.wait()
    if alone.is_set():
        ending.join()
    os._exit(status if status >= 0 else 128 - status)


def _end(server: subprocess.Popen[bytes], grace_s: float, alone: threading.Event) -> None:
    sys.stdin.buffer.read()  # until the house closes it
    alone.set()
    server.terminate()
    try:
        server.wait(grace_s)
    finally:
        os.killpg(0, signal.SIGKILL)  # what it left behind, and ourselves


if __name__ == "__main__":
    main()
