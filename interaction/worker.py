"""One thread for one model. A thread that is lost is told of, and the next job has a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class WorkerLost(Exception):
    """The thread ended under a job, or before it. Whoever asked tells of it and asks again."""


class Worker:
    """Runs one job after the other, off the event loop."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._closed = False
        self._executor = self._open()

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """For other threads. Raises RuntimeError when it is closed."""
        return self._executor.submit(work)

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Raises what `work` does, and `WorkerLost`. A job that is cancelled before its turn never runs."""
        executor = self._executor
        try:
            job = asyncio.get_running_loop().run_in_executor(executor, work, *args)
        except RuntimeError as error:  # it was shut down, or is broken
            raise self._lost(executor) from error
        try:
            return await job
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # whoever asked does not want it any more
            raise self._lost(executor) from None  # nobody did: as a cancellation it would end our caller in silence

    def kill(self) -> None:
        """End the thread as an accident would: what waits is dropped, and nothing more is taken."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Let the thread end; what waits for it is dropped."""
        self._closed = True
        self.kill()

    def _open(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, thread_name_prefix=self._name)

    def _lost(self, executor: ThreadPoolExecutor) -> WorkerLost:
        if self._executor is executor and not self._closed:
            self._executor = self._open()
        return WorkerLost(f"the thread for {self._name} was lost")
