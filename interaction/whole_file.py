"""The one way to write a file that stands or falls as a whole. Blocks: called in a worker."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def write_whole(path: Path, content: bytes | str, *, private: bool = True, durable: bool = True) -> None:
    """Put `content` (text: as UTF-8) in the place of what the file says, at once or not at all.

    `private`: only this user can read it, or look into the folder if that is made for it. `durable`: wait until the
    disk has it, for what was promised to somebody. Several may write a file at the same time, also other processes: the
    last one's stays. Raises OSError (a full disk, a folder that may not be written) and ValueError (a text that no file
    takes); then the file is as it was.
    """
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
    draft = path.with_name(f".{path.name}.new")  # one that lies there is of a run that was killed
    with os.fdopen(_alone(draft, 0o600 if private else 0o666), "wb", buffering=0) as file:
        try:
            if private:
                os.fchmod(file.fileno(), 0o600)  # also where one of a killed run was not
            file.truncate()
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
            if durable:
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def _alone(draft: Path, mode: int) -> int:
    """The draft, open for nobody else who writes the same file; waits for who does. Raises OSError."""
    while True:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _is(draft, handle):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # who held it has made it the file itself, or removed it


def _is(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False
