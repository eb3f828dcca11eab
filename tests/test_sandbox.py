"""Attacks on the sandbox, each against a real target; the harmless programs that must still run; the probe."""

# ruff: noqa: ASYNC240  these tests look at small files between steps; nothing else runs on their loop
from __future__ import annotations

import asyncio
import os
import platform
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent import probe as probing
from agent import sandbox as sandboxing
from agent.artefacts import Artefact, collect, find, keep, prune
from agent.probe import Probe, Sandbox, probe
from agent.sandbox import Limits, Run, execute
from agent.syscalls import ARM64, COMMON, LEGACY, MACHINES, X86_64, filter_program
from interaction.clock import stopwatch

LIMITS = Limits(wall_s=6, cpu_s=2)
pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="the sandbox is made of Linux kernel features")


def attempt(body: str) -> str:
    """A program that says what stopped `body`, or that nothing did."""
    lines = "\n".join("    " + line for line in body.splitlines())
    told = "except Exception as error:\n    print('stopped', type(error).__name__)\nelse:\n    print('ESCAPED')"
    return f"try:\n{lines}\n{told}"


async def stopped(body: str, kind: str = "PermissionError", limits: Limits = LIMITS) -> Run:
    run = await execute(attempt(body), limits)
    assert (run.ending, run.output.strip()) == ("completed", f"stopped {kind}"), run
    return run


# ---- what must still work ----


@pytest.mark.real_time
async def test_computing_and_keeping_a_file_work() -> None:
    run = await execute(
        "import json, math, statistics, decimal, random, csv, datetime, zoneinfo\n"
        "open('table.csv', 'w').write('a,b\\n1,2\\n')\n"
        "print(json.dumps({'root': round(math.sqrt(2), 4), 'mean': statistics.mean([1, 3])}))\n"
        "print(datetime.datetime(2027, 1, 1, tzinfo=zoneinfo.ZoneInfo('Asia/Tokyo')).utcoffset())",
        LIMITS,
    )
    assert run.ending == "completed" and run.error == ""
    assert run.output == '{"root": 1.4142, "mean": 2}\n9:00:00\n'
    assert run.artefacts == (Artefact("table.csv", b"a,b\n1,2\n"),)


@pytest.mark.real_time
async def test_numpy_works() -> None:
    run = await execute("import numpy as np; print(np.linalg.inv(np.eye(2) * 4)[0][0], np.arange(5).sum())", LIMITS)
    assert (run.ending, run.output) == ("completed", "0.25 10\n"), run


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("x = 1\nx / 0", "ZeroDivisionError: division by zero (line 2)"),
        ("def f(:", "SyntaxError: invalid syntax (line 1)"),
        ("import sys; sys.exit(3)", "it ended with code 3"),
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name' (line 1)"),
    ],
)
async def test_a_programs_own_mistake_is_told_without_our_paths(code: str, error: str) -> None:
    run = await execute(code, LIMITS)
    assert (run.ending, run.error) == ("failed", error)


async def test_it_works_on_virtual_time_too() -> None:
    run = await execute("print(6 * 7)", LIMITS)
    assert (run.ending, run.output) == ("completed", "42\n")


# ---- files ----


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "data" / ".env"
    path.parent.mkdir()
    path.write_text("TOKEN=open-sesame")
    return path


@pytest.mark.real_time
@pytest.mark.parametrize("target", ["/etc/passwd", "/etc/hostname", "/proc/self/status", "/proc/self/mem", "/dev/zero"])
async def test_the_system_cannot_be_read(target: str) -> None:
    await stopped(f"open({target!r}, 'rb').read(1)")


@pytest.mark.real_time
async def test_the_data_folder_can_neither_be_read_nor_listed(secret: Path) -> None:
    await stopped(f"open({str(secret)!r}).read()")
    await stopped(f"import os; os.listdir({str(secret.parent)!r})")
    await stopped(f"import shutil; shutil.copyfile({str(secret)!r}, 'mine')")


@pytest.mark.real_time
async def test_nothing_outside_can_be_written_removed_cut_or_re_moded(secret: Path) -> None:
    mode = secret.stat().st_mode
    for body in (
        f"open({str(secret)!r} + '2', 'w')",
        f"open({str(secret)!r}, 'a')",
        f"import os; os.open({str(secret)!r}, os.O_RDONLY | os.O_TRUNC)",
        f"import os; os.truncate({str(secret)!r}, 0)",
        f"import os; os.unlink({str(secret)!r})",
        f"import os; os.rename({str(secret)!r}, 'mine')",
        f"import os; os.chmod({str(secret)!r}, 0o777)",
        f"import os; os.chown({str(secret)!r}, 1, 1)",
        f"import os; os.utime({str(secret)!r}, (1, 1))",
        f"import os; os.setxattr({str(secret)!r}, 'user.mark', b'x')",
    ):
        await stopped(body)
    assert secret.read_text() == "TOKEN=open-sesame" and secret.stat().st_mode == mode
    assert [path.name for path in secret.parent.iterdir()] == [".env"]


@pytest.mark.real_time
async def test_the_readable_library_cannot_be_changed_or_cut(tmp_path: Path) -> None:
    library = os.__file__
    await stopped(f"open({library!r}, 'a')")
    await stopped(f"import os; os.open({library!r}, os.O_RDONLY | os.O_TRUNC)")
    assert Path(library).stat().st_size > 1000


@pytest.mark.real_time
async def test_links_cannot_be_made_so_none_is_collected(secret: Path) -> None:
    await stopped(f"import os; os.symlink({str(secret)!r}, 'notes.txt')")
    await stopped(f"import os; os.link({str(secret)!r}, 'notes.txt')")
    await stopped("import os; os.mkfifo('pipe')")
    await stopped("import os; os.mkdir('deep')")
    run = await execute(f"import ctypes; ctypes.CDLL(None).symlink({str(secret)!r}.encode(), b'notes.txt')", LIMITS)
    assert run.artefacts == ()


# ---- processes, signals, memory of others ----


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("import os\nfor _ in range(400): os.fork()", "PermissionError"),
        ("import subprocess; subprocess.run(['/bin/sh', '-c', 'id'])", "PermissionError"),
        ("import os; os.execv('/bin/true', ['true'])", "PermissionError"),
        ("import os; os.posix_spawn('/bin/true', ['true'], {})", "PermissionError"),
        ("import threading; threading.Thread(target=print).start()", "RuntimeError"),
        ("import os; os.setsid()", "PermissionError"),
        ("import os; os.memfd_create('code')", "PermissionError"),
        ("import os; os.pidfd_open(os.getppid())", "PermissionError"),
        ("import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))", "ValueError"),
        ("import os, resource; resource.prlimit(os.getppid(), resource.RLIMIT_AS, (1, 1))", "PermissionError"),
        ("import os; os.sched_setaffinity(os.getppid(), {0})", "PermissionError"),
        ("import os; os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)", "PermissionError"),
    ],
)
async def test_no_process_no_thread_no_limit_can_be_touched(body: str, kind: str) -> None:
    await stopped(body, kind)


@contextmanager
def counting(number: signal.Signals) -> Iterator[list[int]]:
    received: list[int] = []
    before = signal.signal(number, lambda *_: received.append(1))
    try:
        yield received
    finally:
        signal.signal(number, before)


@pytest.mark.real_time
async def test_the_parent_cannot_be_signalled_by_any_way() -> None:
    with counting(signal.SIGUSR1) as direct, counting(signal.SIGIO) as by_descriptor:
        await stopped("import os; os.kill(os.getppid(), 0)")
        await stopped("import os, signal; os.kill(os.getppid(), signal.SIGUSR1)")
        await stopped("import os, signal; os.killpg(os.getppid(), signal.SIGUSR1)")
        await stopped("import fcntl, os; a, b = os.pipe(); fcntl.fcntl(a, 8, os.getppid())")  # F_SETOWN
        await stopped("import fcntl, os, struct; fcntl.ioctl(os.pipe()[0], 0x8901, struct.pack('i', os.getppid()))")
        await stopped("import fcntl, os, signal; fcntl.fcntl(os.pipe()[0], 10, signal.SIGUSR1)", "PermissionError")
    assert not direct and not by_descriptor


@pytest.mark.real_time
async def test_no_daemon_survives() -> None:
    pids = set(children_of(os.getpid()))
    run = await execute("import os, time\nif os.fork() == 0:\n    os.setsid(); time.sleep(60)", LIMITS)
    assert run.ending == "failed" and set(children_of(os.getpid())) == pids


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.real_time
@pytest.mark.skipif(platform.machine() != "x86_64", reason="raw system call numbers of x86-64")
async def test_ctypes_and_raw_system_calls_meet_the_same_locks() -> None:
    calls = {
        "open": (2, "b'/etc/passwd', 0"), "openat2": (437, "-100, b'/etc/passwd', 0, 24"), "socket": (41, "2, 1, 0"),
        "fork": (57, "0"), "clone": (56, "17, 0, 0, 0, 0"), "clone3": (435, "0, 0"), "kill": (62, "parent, 10"),
        "ptrace": (101, "16, parent, 0, 0"), "process_vm_readv": (310, "parent, 0, 0, 0, 0, 0"),
        "bpf": (321, "0, 0, 0"), "io_uring_setup": (425, "8, 0"), "unshare": (272, "0x10000000"),
        "mount": (165, "0, 0, 0, 0, 0"), "prctl": (157, "38, 0, 0, 0, 0"), "pidfd_open": (434, "parent, 0"),
        "keyctl": (250, "0, 0"), "userfaultfd": (323, "0"), "execveat": (322, "-100, b'/bin/true', 0, 0, 0"),
        "fcntl": (72, "0, 8, parent"),
    }  # fmt: skip
    program = "import ctypes, os\nparent, libc = os.getppid(), ctypes.CDLL(None, use_errno=True)\n"
    for name, (number, arguments) in calls.items():
        program += f"if libc.syscall({number}, {arguments}) >= 0: print('ESCAPED {name}')\n"
    run = await execute(program + "print('done')", LIMITS)
    assert (run.ending, run.output) == ("completed", "done\n"), run


@pytest.mark.real_time
@pytest.mark.skipif(platform.machine() != "x86_64", reason="32-bit calls exist on x86-64 only")
async def test_other_call_conventions_kill_the_program() -> None:
    run = await execute("import ctypes; ctypes.CDLL(None).syscall(0x40000000 + 39); print('ESCAPED')", LIMITS)
    assert "ESCAPED" not in run.output and run.ending == "failed"


# ---- network ----


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        yield server


@pytest.mark.real_time
async def test_no_connection_not_even_to_loopback(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    await stopped(f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)")
    await stopped("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)")
    await stopped("import socket; socket.socketpair()")
    await stopped("import asyncio; asyncio.run(asyncio.sleep(0))")  # it wants a socket pair: off too
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.real_time
async def test_no_unix_socket_by_path_or_by_name(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door"))
        door.listen()
        await stopped(f"import socket; socket.socket(socket.AF_UNIX).connect({str(tmp_path / 'door')!r})")
        await stopped("import socket; socket.socket(socket.AF_UNIX).bind(chr(0) + 'lookout')")


# ---- bombs ----


@pytest.mark.real_time
async def test_a_memory_bomb_is_an_error_of_the_program() -> None:
    run = await execute("block = bytearray(3 * 1024**3)\nprint('ESCAPED')", LIMITS)
    assert (run.ending, run.error) == ("failed", "MemoryError:  (line 1)")


@pytest.mark.real_time
async def test_endless_computing_ends_at_the_cpu_limit() -> None:
    run = await execute("while True: pass", replace(LIMITS, cpu_s=1))
    assert (run.ending, run.error) == ("timeout", "it used more than 1 seconds of computing")


@pytest.mark.real_time
@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(60)",
        "import os, time; os.close(1); os.close(2); time.sleep(60)",  # closing its streams is not ending
        "import signal, time\nfor n in set(range(1, 32)) - {9, 19}: signal.signal(n, signal.SIG_IGN)\ntime.sleep(60)",
    ],
)
async def test_endless_waiting_ends_at_the_wall_clock_limit(code: str) -> None:
    elapsed = stopwatch()
    run = await execute(code, replace(LIMITS, wall_s=0.6))
    assert run.ending == "timeout" and elapsed() < 4


@pytest.mark.real_time
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_endless_output_is_cut_and_stopped(stream: str) -> None:
    run = await execute(f"import sys\nwhile True: sys.{stream}.write('A' * 65536)", LIMITS)
    assert run.ending == "output" and LIMITS.output - 6 <= max(len(run.output), len(run.error)) <= LIMITS.output


@pytest.mark.real_time
async def test_a_flood_of_small_files_is_stopped() -> None:
    run = await execute("i = 0\nwhile True:\n    open(f'f{i}', 'w').write('x'); i += 1", LIMITS)
    assert run.ending == "files" and len(run.artefacts) == LIMITS.files and run.left_out > 0


@pytest.mark.real_time
async def test_a_flood_of_bytes_is_stopped() -> None:
    limits = replace(LIMITS, file=1 << 20, files_total=2 << 20)
    await stopped("open('big', 'wb').write(bytes(5 << 20))", "OSError", limits)
    run = await execute(
        "import time\nfor i in range(60):\n    open(f'f{i}', 'wb').write(bytes(1 << 20))\n    time.sleep(0.02)", limits
    )
    assert run.ending == "files" and sum(len(artefact.content) for artefact in run.artefacts) <= limits.files_total


@pytest.mark.real_time
async def test_descriptors_are_few() -> None:
    await stopped("import os\nfor _ in range(100): os.pipe()", "OSError")


# ---- what the program can learn ----


@pytest.mark.real_time
async def test_the_environment_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKOUT_AGENT__KEY", "open-sesame")
    run = await execute(
        "import os, ctypes\nlibc = ctypes.CDLL(None); libc.getenv.restype = ctypes.c_char_p\n"
        "print(sorted(os.environ), libc.getenv(b'LOOKOUT_AGENT__KEY'), libc.getenv(b'PATH'))",
        LIMITS,
    )
    assert run.output == "['HOME', 'MKL_NUM_THREADS', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS'] None None\n"
    await stopped("import os; open(f'/proc/{os.getppid()}/environ', 'rb').read()")


@pytest.mark.real_time
async def test_open_files_of_the_house_are_not_inherited(secret: Path) -> None:
    with secret.open() as file:
        os.set_inheritable(file.fileno(), True)
        run = await execute(
            "import os\nfor n in range(3, 60):\n    try: os.fstat(n); print('ESCAPED', n)\n    except OSError: pass",
            LIMITS,
        )
    assert run.output == ""


@pytest.mark.real_time
async def test_the_program_is_not_visible_in_the_process_table() -> None:
    seen: list[str] = []

    async def look() -> None:
        while not seen:
            for pid in children_of(os.getpid()):
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                if "launcher.py" in line:
                    seen.append(line)
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    run = await execute("marker_of_this_program = 1\nimport time; time.sleep(0.3)", LIMITS)
    await asyncio.wait_for(looking, 5)
    assert run.ending == "completed"
    assert "marker_of_this_program" not in seen[0] and "lookout-" not in seen[0]


@pytest.mark.real_time
async def test_private_folders_are_gone_afterwards_also_when_cancelled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    await execute("open('a', 'w')", LIMITS)
    running = asyncio.create_task(execute("import time; time.sleep(60)", LIMITS))
    while not any(tmp_path.iterdir()) or not children_of(os.getpid()):  # noqa: ASYNC110  another process does it
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not any(tmp_path.iterdir()) and not children_of(os.getpid())


# ---- collecting ----


def test_collecting_takes_plain_files_only(tmp_path: Path, secret: Path) -> None:
    box = tmp_path / "box"
    box.mkdir()
    (box / "good.txt").write_text("good")
    (box / "link.txt").symlink_to(secret)
    (box / "hard.txt").hardlink_to(secret)
    (box / "folder").mkdir()
    os.mkfifo(box / "pipe")
    (box / "big.bin").write_bytes(bytes(101))
    (box / ".hidden name;<b>").write_text("odd")
    taken, left_out = collect(str(box), most=8, size=100, total=1000)
    assert [artefact.name for artefact in taken] == ["hidden_name__b_", "good.txt"]
    assert left_out == 5
    assert collect(str(box), most=1, size=100, total=1000)[1] == 6
    assert collect(str(box), most=8, size=100, total=5)[0] == (Artefact("hidden_name__b_", b"odd"),)


def test_kept_files_are_found_by_exact_name_only_and_pruned(tmp_path: Path) -> None:
    for number in range(4):
        assert keep(tmp_path, f"task{number}", (Artefact("a.txt", b"x"),)) == ("a.txt",)
        os.utime(tmp_path / f"task{number}", (number, number))
    (tmp_path / "task3" / "link").symlink_to("/etc/passwd")
    assert find(tmp_path, "task3", "a.txt") == tmp_path / "task3" / "a.txt"
    for task, name in [("task3", "../task2/a.txt"), ("..", "a.txt"), ("task3", "link"), ("task3", ""), ("task3", "b")]:
        assert find(tmp_path, task, name) is None
    prune(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["task2", "task3"]


# ---- the filter and the probe ----


def verdict(machine: str, architecture: int, number: int, *arguments: int) -> int:
    """Interpret the filter as the kernel would, for a call on a machine that need not be this one."""
    words = [number, architecture, 0, 0]
    for argument in [*arguments, *[0] * (6 - len(arguments))]:
        words += [argument & 0xFFFFFFFF, argument >> 32]
    program, at, value = filter_program(machine), 0, 0
    while True:
        code, if_true, if_false, constant = program[at]
        if code == 0x06:
            return constant
        if code == 0x20:
            value = words[constant // 4]
        elif code == 0x54:
            value &= constant
        else:
            at += if_true if (value == constant if code == 0x15 else value >= constant) else if_false
        at += 1


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_on_both_machines(machine: str) -> None:
    allow, deny, kill = 0x7FFF0000, 0x00050001, 0x80000000
    architecture, numbers = MACHINES[machine]
    names = set(COMMON.split()) | {name for name in LEGACY.split() if name in numbers}
    for name in names:
        assert verdict(machine, architecture, numbers[name]) == allow, name
    checked = {"openat", "fcntl", "ioctl", "prlimit64"} | ({"open"} & set(numbers))
    assert set(numbers) == names | checked
    for number in set(range(460)) - set(numbers.values()):
        assert verdict(machine, architecture, number) == deny
    assert verdict(machine, 0x40000003, numbers["read"]) == kill  # 32-bit x86
    assert verdict(machine, architecture, numbers["openat"], 0, 0, 0o1101) == allow
    for flags in (0o1000, 0o1003, 0o3001000):
        assert verdict(machine, architecture, numbers["openat"], 0, 0, flags) == deny
    assert verdict(machine, architecture, numbers["fcntl"], 0, 1030) == allow
    assert verdict(machine, architecture, numbers["fcntl"], 0, 8) == deny
    assert verdict(machine, architecture, numbers["ioctl"], 0, 0x5412) == deny  # typing into a terminal
    assert verdict(machine, architecture, numbers["prlimit64"], 0, 7, 0, 1 << 40) == allow
    assert verdict(machine, architecture, numbers["prlimit64"], 0, 7, 1 << 40, 0) == deny
    assert verdict(machine, architecture, numbers["prlimit64"], 4242, 7, 0, 1) == deny


def test_the_tables_agree_where_numbers_are_shared() -> None:
    for name in ("statx", "rseq", "close_range", "faccessat2"):
        assert (X86_64[name] == ARM64[name]) == (name in ("close_range", "faccessat2"))


@pytest.mark.real_time
async def test_the_probe_passes_here() -> None:
    assert await probe(LIMITS) == Probe(True)


@pytest.mark.real_time
async def test_a_machine_without_a_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    found = await Sandbox(LIMITS).ready()
    assert not found.ok and "riscv64" in found.why


@pytest.mark.real_time
@pytest.mark.parametrize("lock", ["confine_files(libc", "confine_calls(libc"])
async def test_a_missing_lock_is_noticed_and_nothing_is_run(
    lock: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The probe is worth something only if it fails without the locks: open each in a copy of the launcher."""
    launcher = Path(probing.__file__).with_name("launcher.py").read_text()
    call = next(line for line in launcher.splitlines() if line.strip().startswith(lock) and not line.endswith(":"))
    (tmp_path / "launcher.py").write_text(launcher.replace(call, "    pass"))
    monkeypatch.setattr("agent.sandbox.LAUNCHER", tmp_path / "launcher.py")
    sandbox = Sandbox(LIMITS)
    found = await sandbox.ready()
    assert not found.ok and "a program inside could still" in found.why
    run = await sandbox.run(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert (run.ending, run.error) == ("refused", found.why) and not (tmp_path / "ran").exists()


@pytest.mark.real_time
async def test_the_probe_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times = []

    async def counted(limits: Limits) -> Probe:
        times.append(1)
        return Probe(True)

    monkeypatch.setattr(probing, "probe", counted)
    sandbox = Sandbox(LIMITS)
    await asyncio.gather(sandbox.ready(), sandbox.ready(), sandbox.run("print(1)"))
    assert times == [1]


@pytest.mark.real_time
async def test_too_long_a_program_is_refused() -> None:
    run = await execute("#" * 20_001, LIMITS)
    assert run.ending == "refused" and "20000 characters" in run.error


@pytest.mark.real_time
@pytest.mark.parametrize("probed", [False, True])
async def test_a_program_that_is_killed_from_outside_says_nothing_about_the_machine(
    probed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by the kernel when memory is short. That used to be told as "programs are off", and to switch them off."""
    sandbox = Sandbox(LIMITS)
    if probed:
        await sandbox.run("1")
    start = sandboxing._start

    def noted(folder: str) -> Any:
        child = start(folder)
        asyncio.get_running_loop().call_later(0.02, child.kill)
        return child

    monkeypatch.setattr(sandboxing, "_start", noted)
    run = await sandbox.run("while True: pass")
    monkeypatch.undo()
    assert (run.ending, run.output) == ("killed", "") and "short of memory" in run.error
    assert (await sandbox.run("print(2 + 2)")).output == "4\n"


@pytest.mark.real_time
async def test_a_probe_that_got_no_time_is_tried_again() -> None:
    sandbox = Sandbox(replace(LIMITS, wall_s=0.001))
    assert (await sandbox.run("print(1)")).ending == "timeout"
    sandbox.limits = LIMITS
    assert (await sandbox.run("print(1)")).ending == "completed"
