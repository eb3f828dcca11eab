"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from interaction.whole_file import write_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine" / "a.json"
    write_whole(path, "一" * 1000)
    path.chmod(0o644)
    (path.parent / ".a.json.new").write_text("half of what a killed program wrote, and longer than this" * 99)
    write_whole(path, "two")
    assert path.read_text() == "two" and (mode(path), mode(path.parent)) == (0o600, 0o700)
    write_whole(tmp_path / "shared", b"bytes", private=False, durable=False)
    assert (tmp_path / "shared").read_bytes() == b"bytes" and mode(tmp_path / "shared") & 0o044
    assert [file.name for file in path.parent.iterdir()] == ["a.json"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_refuses_costs_nothing_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    write_whole(tmp_path / "a", "old")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), refuse)  # type: ignore[call-overload]
    with pytest.raises(OSError, match="No space left on device"):
        write_whole(tmp_path / "a", "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a", "old")]


def test_a_text_that_no_file_takes_costs_nothing_either(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        write_whole(tmp_path / "a", "half a character: \ud83d")
    assert not list(tmp_path.iterdir())


def test_many_writers_of_one_file_leave_a_whole_one_at_every_moment(tmp_path: Path) -> None:
    path = tmp_path / "a"
    contents = [str(digit) * (1000 * (digit + 1)) for digit in range(10)]
    write_whole(path, contents[0])
    with ThreadPoolExecutor(8) as threads:
        writing = [threads.submit(write_whole, path, contents[i % 10], durable=False) for i in range(400)]
        while not all(job.done() for job in writing):
            assert path.read_text() in contents
        assert [job.result() for job in writing] == [None] * 400
    assert path.read_text() in contents and [file.name for file in tmp_path.iterdir()] == ["a"]
