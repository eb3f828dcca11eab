"""Runs a program from standard input behind a door that the kernel locks. A script of its own: nothing imports it.

Started by `sandbox.py` as `python -I -S launcher.py`. Standard input holds one line of JSON (`sandbox.Order`) and then
the program, so neither is ever visible in the process table. In this order it lowers its resource limits, gives up new
privileges (`no_new_privs`), confines files with Landlock and system calls with the seccomp filter of `syscalls.py`,
writes `ready` to standard output, and runs the program. If any step fails it writes `refused: why` and runs nothing.

What the locks leave: reading Python's own library, reading and writing flat files in one private folder, computing.
Landlock does not govern `stat`: the program can learn that a path exists, not what is in it.
Structures: `linux/landlock.h`, `linux/seccomp.h`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import stat
import struct
import sys
from typing import Any


class Refused(Exception):
    """A lock could not be closed; the program must not run."""


def limit(order: dict[str, Any]) -> None:
    """Resource limits; they cannot be raised again, because the filter refuses new limits."""
    bounds = {
        resource.RLIMIT_CPU: order["cpu_s"],
        resource.RLIMIT_AS: order["memory"],
        resource.RLIMIT_FSIZE: order["file"],
        resource.RLIMIT_NOFILE: 32,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    for which, bound in bounds.items():
        resource.setrlimit(which, (bound, bound))
    os.nice(10)  # the tick comes first


READ = 1 << 2 | 1 << 3  # read a file, list a folder
WRITE = READ | 1 << 1 | 1 << 5 | 1 << 8 | 1 << 14  # write, remove, create regular files, truncate
FILE_ONLY = 1 << 1 | 1 << 2 | 1 << 14


def confine_files(libc: Any, readable: list[str], folder: str) -> None:
    """Landlock: `readable` to read, `folder` also to write regular files in; nothing may be executed or linked."""
    abi = libc.syscall(444, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if abi < 1:
        raise Refused("this kernel has no Landlock (Linux 5.13 or newer, with landlock among its security modules)")
    handled = (1 << 13) - 1
    for since, right in ((2, 13), (3, 14), (5, 15)):
        handled |= (1 << right) if abi >= since else 0
    attributes = struct.pack(
        "QQQ", handled, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0
    )  # TCP; abstract sockets, signals
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    rules = libc.syscall(444, ctypes.c_char_p(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if rules < 0:
        raise Refused("Landlock gave no rule set")
    for path, rights in [*((path, READ) for path in readable), (folder, WRITE)]:
        with contextlib.suppress(FileNotFoundError):  # not every system has every folder
            _allow(libc, rules, path, rights & handled)
    if libc.prctl(38, 1, 0, 0, 0) != 0:
        raise Refused("the process could not give up new privileges")
    if libc.syscall(446, rules, 0) != 0:
        raise Refused("Landlock could not be enforced")
    os.close(rules)


def _allow(libc: Any, rules: int, path: str, rights: int) -> None:
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(beneath).st_mode):
            rights &= FILE_ONLY
        if libc.syscall(445, rules, 1, ctypes.c_char_p(struct.pack("<Qi", rights, beneath)), 0) != 0:
            raise Refused(f"Landlock refused a rule for {path}")
    finally:
        os.close(beneath)


def confine_calls(libc: Any, program: list[list[int]]) -> None:
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *instruction) for instruction in program))
    head = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(code)))
    if libc.prctl(22, 2, head, 0, 0) != 0:
        raise Refused("the kernel did not take the seccomp filter")


def lock(order: dict[str, Any]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # die with the parent
    if os.getppid() != order["parent"]:
        raise Refused("the parent process is gone")
    os.closerange(3, 4096)
    os.umask(0o077)
    os.chdir(order["folder"])
    limit(order)
    confine_files(libc, order["readable"], order["folder"])
    confine_calls(libc, order["filter"])


def main() -> int:
    order = json.loads(sys.stdin.buffer.readline())
    program = sys.stdin.buffer.read().decode()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.path += order["paths"]
    os.environ.clear()
    os.environ.update(HOME=order["folder"], OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    try:
        lock(order)
    except (Refused, OSError, ValueError) as reason:
        os.write(1, f"refused: {reason}\n".encode())
        return 97
    os.write(1, b"ready\n")
    sys.argv = ["program"]
    try:
        exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})  # the locks above are why this is allowed
    except Exception as error:
        with contextlib.suppress(OSError):
            os.write(2, explain(error).encode(errors="replace"))
        return 1
    return 0


def explain(error: Exception) -> str:
    """`ZeroDivisionError: division by zero (line 3)`: the program's own line, none of ours."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<program>":
            line = step.tb_lineno
        step = step.tb_next
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    where = f" (line {line})" if line else ""
    return f"{type(error).__name__}: {what}{where}"[:2000]


if __name__ == "__main__":
    sys.exit(main())
