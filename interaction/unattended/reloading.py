"""`kill -HUP`: the file of `serve --config` is read again, and what it says otherwise holds from then on."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from config import Settings
from interaction.both import Both
from interaction.events import Problem, Recovered
from interaction.streams import TaskScope
from interaction.unattended.file import FileError, Plan, read_file
from interaction.unattended.resident import Resident

NAME = "reloading"
WHERE = "reading the watch file"
STANDS = Both("What was read before stays in force.", "之前读到的内容继续有效。")
MEND = Both("Mend it, and send SIGHUP again.", "请改好文件，再发一次 SIGHUP。")
RENEWED = {"type": "renewed"}  # to pages: what only their welcome tells is another now
MISTAKES = 3  # shown on the page; all of them are told to whoever started the house

Reader = Callable[[], tuple[Plan, Settings]]


def reader(path: Path, base: Settings, environment: Mapping[str, str]) -> Reader:
    """Reads the file, each time anew: the plan, and the settings with it over `base`. Raises `FileError`."""

    def read() -> tuple[Plan, Settings]:
        plan = read_file(path, base, environment)
        return plan, plan.over(base)

    return read


@contextlib.contextmanager
def on_hangup(
    resident: Resident | None,
    read: Reader | None,
    adopt: Callable[[Settings], Awaitable[None]],
    page: Callable[[dict[str, Any]], None],
    tell: Callable[[str], None],
) -> Iterator[None]:
    """Reload at each SIGHUP; where there is none (Windows, a thread) a restart is needed."""
    if resident is None or read is None:
        yield
        return
    reloading = Reloading(resident, read, adopt, page, tell)
    scope = TaskScope(lambda name, error: tell(f"{name} failed: {type(error).__name__}: {error}"))
    wanted, loop = asyncio.Event(), asyncio.get_running_loop()

    async def work() -> None:
        while wanted.is_set():
            wanted.clear()
            await reloading.reload()

    working: asyncio.Task[Any] | None = None

    def hung_up() -> None:
        """Also amid a reload: the file may have been written since it was read. Once more is enough."""
        nonlocal working
        wanted.set()
        if working is None or working.done():
            working = scope.spawn(NAME, work())

    with contextlib.suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGHUP, hung_up)
    try:
        yield
    finally:
        with contextlib.suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(signal.SIGHUP)
        scope.cancel(NAME)


class Reloading:
    """`read` blocks. `adopt(settings)`: has the house go by the sources, outlets and language in these;
    `page(message)`: tells every page; `tell`: a line for the log of whoever started the house."""

    def __init__(
        self,
        resident: Resident,
        read: Reader,
        adopt: Callable[[Settings], Awaitable[None]],
        page: Callable[[dict[str, Any]], None],
        tell: Callable[[str], None],
    ) -> None:
        self._resident = resident
        self._read = read
        self._adopt = adopt
        self._page = page
        self._tell = tell

    async def reload(self) -> bool:
        """Whether the file is in force as it stands. One at a time."""
        try:
            plan, over = await asyncio.to_thread(self._read)
        except FileError as error:
            self._refuse(error)
            return False
        await self._adopt(over)
        told = await self._resident.follow(plan, over)
        for line in told or ["nothing has changed"]:
            self._tell(f"{plan.name} read again: {line}")
        self._page(RENEWED)
        session = self._resident.session
        if session and WHERE in session.problems:
            session.publish(Recovered(t=session.now(), where=WHERE))
        return True

    def _refuse(self, error: FileError) -> None:
        for line in (*error.mistakes, STANDS):
            self._tell(line)
        if (session := self._resident.session) is None or session.finished:
            return
        shown = "; ".join(error.mistakes[:MISTAKES]) + (" …" if len(error.mistakes) > MISTAKES else "")
        message = Both(shown, f"文件有误，没有采用：{shown}")
        session.publish(
            Problem(t=session.now(), where=WHERE, message=message, kept=STANDS, advice=MEND, severity="warning")
        )
