"""The system calls that a computing program needs, as a seccomp filter; everything else is "operation not permitted".

An allow-list, because a deny-list is out of date with every new kernel. Numbers: Linux `asm/unistd_64.h` (x86-64) and
`asm-generic/unistd.h` (arm64); instructions: `linux/filter.h`; results: `linux/seccomp.h`. Not listed, on purpose:
processes and threads (clone, fork, execve), sockets, signals to anyone, links, modes, owners, attributes and times by
path (Landlock does not govern those), new resource limits, memory files, io_uring, namespaces, tracing.
"""

from __future__ import annotations

COMMON = """
    read write readv writev pread64 pwrite64 lseek close fstat newfstatat statx faccessat faccessat2 readlinkat
    getdents64 getcwd chdir fchdir unlinkat renameat renameat2 ftruncate fsync fdatasync flock umask dup dup3 pipe2
    sendfile copy_file_range mmap munmap mremap mprotect msync mincore madvise brk futex sched_yield
    sched_getaffinity nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday times getitimer setitimer
    pselect6 ppoll rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack restart_syscall exit exit_group
    set_tid_address set_robust_list rseq close_range getpid getppid gettid getuid geteuid getgid getegid
    getrlimit getrusage sysinfo uname getrandom
"""
LEGACY = "stat lstat access readlink getdents rename unlink poll select pipe dup2 time alarm"  # x86-64 only

X86_64 = {
    "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8, "mmap": 9,
    "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "ioctl": 16,
    "pread64": 17, "pwrite64": 18, "readv": 19, "writev": 20, "access": 21, "pipe": 22, "select": 23, "sched_yield": 24,
    "mremap": 25, "msync": 26, "mincore": 27, "madvise": 28, "dup": 32, "dup2": 33, "nanosleep": 35, "getitimer": 36,
    "alarm": 37, "setitimer": 38, "getpid": 39, "sendfile": 40, "exit": 60, "uname": 63, "fcntl": 72, "flock": 73,
    "fsync": 74, "fdatasync": 75, "ftruncate": 77, "getdents": 78, "getcwd": 79, "chdir": 80, "fchdir": 81,
    "rename": 82, "unlink": 87, "readlink": 89, "umask": 95,
    "gettimeofday": 96, "getrlimit": 97, "getrusage": 98, "sysinfo": 99,
    "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110, "rt_sigpending": 127,
    "sigaltstack": 131, "gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204, "getdents64": 217,
    "set_tid_address": 218, "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
    "exit_group": 231, "openat": 257, "newfstatat": 262, "unlinkat": 263, "renameat": 264, "readlinkat": 267,
    "faccessat": 269, "pselect6": 270, "ppoll": 271, "set_robust_list": 273, "dup3": 292, "pipe2": 293,
    "prlimit64": 302, "renameat2": 316, "getrandom": 318, "copy_file_range": 326, "statx": 332, "rseq": 334,
    "close_range": 436, "faccessat2": 439,
}  # fmt: skip
ARM64 = {
    "getcwd": 17, "dup": 23, "dup3": 24, "fcntl": 25, "ioctl": 29, "flock": 32, "unlinkat": 35, "renameat": 38,
    "ftruncate": 46, "faccessat": 48, "chdir": 49, "fchdir": 50, "openat": 56, "close": 57, "pipe2": 59,
    "getdents64": 61, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "pwrite64": 68,
    "sendfile": 71, "pselect6": 72, "ppoll": 73, "readlinkat": 78, "newfstatat": 79, "fstat": 80, "fsync": 82,
    "fdatasync": 83, "exit": 93, "exit_group": 94, "set_tid_address": 96, "futex": 98, "set_robust_list": 99,
    "nanosleep": 101, "getitimer": 102, "setitimer": 103, "clock_gettime": 113, "clock_getres": 114,
    "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124, "restart_syscall": 128, "sigaltstack": 132,
    "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigpending": 136, "rt_sigreturn": 139, "times": 153, "uname": 160,
    "getrlimit": 163, "getrusage": 165, "umask": 166, "gettimeofday": 169, "getpid": 172, "getppid": 173,
    "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "gettid": 178, "sysinfo": 179, "brk": 214,
    "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226, "msync": 227, "mincore": 232, "madvise": 233,
    "prlimit64": 261, "renameat2": 276, "getrandom": 278, "copy_file_range": 285, "statx": 291, "rseq": 293,
    "close_range": 436, "faccessat2": 439,
}  # fmt: skip
MACHINES = {"x86_64": (0xC000003E, X86_64), "aarch64": (0xC00000B7, ARM64)}  # audit architecture, numbers

# Owner and signal of a descriptor (F_SETOWN, F_SETSIG) would be a way to signal another process: not among these.
FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030)  # dup, flags, locks
IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal, its size, bytes waiting, close on exec
TRUNCATING = (0x203, (0x200, 0x203))  # O_TRUNC without a write mode: kernels before 6.2 have no Landlock right for it

ALLOW, DENY, KILL = 0x7FFF0000, 0x00050001, 0x80000000  # DENY: errno EPERM
Instruction = tuple[int, int, int, int]
LOAD, EQUAL, AT_LEAST, MASK, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06


def low(argument: int) -> Instruction:
    """Load the low word of a system call's argument (little endian, which both machines are)."""
    return (LOAD, 0, 0, 16 + 8 * argument)


def one_of(argument: int, values: tuple[int, ...]) -> list[Instruction]:
    block = [low(argument)]
    for value in values:
        block += [(EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW)]
    return [*block, (RETURN, 0, 0, DENY)]


def none_of(argument: int, mask: int, values: tuple[int, ...]) -> list[Instruction]:
    block = [low(argument), (MASK, 0, 0, mask)]
    for value in values:
        block += [(EQUAL, 0, 1, value), (RETURN, 0, 0, DENY)]
    return [*block, (RETURN, 0, 0, ALLOW)]


def reading_own_limits() -> list[Instruction]:
    """`prlimit64` on oneself (argument 0 is 0) and without new limits (both words of the pointer are 0)."""
    block: list[Instruction] = []
    for offset in (16, 32, 36):
        block += [(LOAD, 0, 0, offset), (EQUAL, 1, 0, 0), (RETURN, 0, 0, DENY)]
    return [*block, (RETURN, 0, 0, ALLOW)]


def filter_program(machine: str) -> list[Instruction]:
    """The seccomp filter: known architecture, listed calls, listed arguments, or EPERM."""
    architecture, numbers = MACHINES[machine]
    program = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL), (LOAD, 0, 0, 0)]
    if machine == "x86_64":
        program += [(AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, KILL)]  # the x32 numbers
    for name in COMMON.split() + [name for name in LEGACY.split() if name in numbers]:
        program += [(EQUAL, 0, 1, numbers[name]), (RETURN, 0, 0, ALLOW)]
    checked = {
        "openat": none_of(2, *TRUNCATING),
        "open": none_of(1, *TRUNCATING),
        "fcntl": one_of(1, FCNTL),
        "ioctl": one_of(1, IOCTL),
        "prlimit64": reading_own_limits(),
    }
    for name, block in checked.items():
        if name in numbers:
            program += [(EQUAL, 0, len(block), numbers[name]), *block]
    return [*program, (RETURN, 0, 0, DENY)]
