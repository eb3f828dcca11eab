"""The only two queues of the house, and the only way to run a background task.

`Latest` is for pixels: newest wins. `Channel` is for words: bounded, in order, closable.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds the newest value only. `overwritten` counts values that nobody took in time."""

    def __init__(self) -> None:
        self._value: T | None = None
        self._fresh = asyncio.Event()
        self.overwritten = 0

    def put(self, value: T) -> None:
        self.overwritten += self._fresh.is_set()
        self._value = value
        self._fresh.set()

    def peek(self) -> T | None:
        """The newest value, taken or not; None before the first."""
        return self._value

    async def take(self) -> T:
        """Wait for a value that was not taken yet."""
        await self._fresh.wait()
        self._fresh.clear()
        assert self._value is not None
        return self._value

    def clear(self) -> None:
        self._value = None
        self._fresh.clear()


class Closed(Exception):
    """The channel is closed and empty."""


class Channel(Generic[T]):
    """A bounded first-in-first-out queue. A full channel refuses (`send` is False) and counts `dropped`."""

    def __init__(self, bound: int) -> None:
        self._items: deque[T] = deque()
        self._bound = bound
        self._changed = asyncio.Event()
        self.closed = False
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._items)

    def send(self, item: T) -> bool:
        if self.closed or len(self._items) >= self._bound:
            self.dropped += 1
            return False
        self._items.append(item)
        self._changed.set()
        return True

    def drain(self) -> list[T]:
        """Everything that waits, at once, without waiting."""
        items = list(self._items)
        self._items.clear()
        return items

    async def receive(self) -> T:
        """The next item; raises `Closed` when there will be none."""
        while not self._items:
            if self.closed:
                raise Closed
            self._changed.clear()
            await self._changed.wait()
        return self._items.popleft()

    def close(self) -> None:
        """No more items; what waits can still be received."""
        self.closed = True
        self._changed.set()

    async def __aiter__(self) -> AsyncIterator[T]:
        while True:
            try:
                yield await self.receive()
            except Closed:
                return


class TaskScope:
    """Named background tasks that end with their owner. A failure is reported, never lost.

    `on_error(name, exception)` is called for a task that raised; a task of the same name replaces the older.
    """

    def __init__(self, on_error: Callable[[str, BaseException], None]) -> None:
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._on_error = on_error

    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        self.cancel(name)
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._reap)
        return task

    def _reap(self, task: asyncio.Task[Any]) -> None:
        name = task.get_name()
        if self._tasks.get(name) is task:
            del self._tasks[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_error(name, error)

    def cancel(self, name: str) -> None:
        if task := self._tasks.pop(name, None):
            task.cancel()

    @property
    def names(self) -> list[str]:
        return sorted(self._tasks)

    async def ended(self, name: str) -> None:
        """Wait until the task of that name, if there is one, has ended."""
        if task := self._tasks.get(name):
            await asyncio.gather(task, return_exceptions=True)

    async def aclose(self) -> None:
        """Cancel all and wait until they have ended."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
