"""Session time, live and virtual."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from interaction.clock import Clock, real_work, run_virtual, standstill, stopwatch

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def test_an_hour_passes_at_once_and_the_wall_clock_with_it() -> None:
    clock, real = Clock(START), stopwatch()
    await clock.sleep_until(3600)
    assert clock.now() == pytest.approx(3600) and clock.wall() == START + timedelta(hours=1)
    assert clock.at(START + timedelta(seconds=5)) == 5 and real() < 5


async def test_computing_takes_no_session_time() -> None:
    clock = Clock()

    def compute() -> int:
        return sum(range(300_000))

    ticking = asyncio.create_task(asyncio.sleep(0.5))
    assert await asyncio.to_thread(compute) > 0
    assert clock.now() == 0 and not ticking.done()


async def test_real_work_lets_time_flow_at_real_pace() -> None:
    clock, real = Clock(), stopwatch()
    with real_work():
        await asyncio.sleep(0.05)
    assert clock.now() == pytest.approx(real(), abs=0.04)


async def test_standstill_holds_time_for_someone_elses_thread() -> None:
    clock = Clock()
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[int] = loop.create_future()
    timer = asyncio.create_task(asyncio.sleep(1))
    import threading

    threading.Thread(target=lambda: loop.call_soon_threadsafe(answered.set_result, 7)).start()
    with standstill():
        assert await answered == 7
    assert clock.now() == 0 and not timer.done()


def test_a_dead_end_is_reported_not_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interaction.clock.DEAD_END_S", 0.05)

    async def nothing_left() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="no timer"):
        run_virtual(nothing_left())
