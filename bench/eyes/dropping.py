"""RTSP cameras whose server is killed again and again: how soon each is seen again, and what that leaves behind."""

from __future__ import annotations

import asyncio
import gc
import tempfile
from pathlib import Path

from bench.cameras.rtsp import Server, cameras
from bench.eyes import scenes
from bench.eyes.house import Home, home
from bench.eyes.lanes import watching
from bench.figures import Figure
from interaction.clock import loop_time

AGAIN_S, GAIN_MB, MORE = 5.0, 20.0, 6.0  # as in `make soak`: pools that grow to their size, not with every time
WAIT_S = 30.0  # a lane that is not back by then counts as this


async def measure(times: int, every: float, down: float) -> list[Figure]:
    """Numbers 5 to 7. Every `every` seconds, `times` times, the server is away for `down` seconds."""
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as name:
        folder = Path(name)
        with cameras(scenes.cameras(folder)) as server:
            async with home(folder / "data") as house:
                await watching(house, server, list(scenes.PLACES))
                return await _killed(house, server, times, every, down)


async def _killed(house: Home, server: Server, times: int, every: float, down: float) -> list[Figure]:
    again: list[float] = []
    lost: list[str] = []
    handles: list[dict[str, int]] = []
    memory: list[float] = []
    spent = house.cpu()
    for number in range(times):
        begin = loop_time()
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(down)
        await asyncio.to_thread(server.start)
        back = loop_time()
        had = await house.pictures(scenes.PLACES, back, WAIT_S)
        again += [had.get(name, back + WAIT_S) - back for name in scenes.PLACES]
        lost += [f"{name}, time {number + 1}" for name in scenes.PLACES if name not in had]
        await asyncio.sleep(max(1.0, begin + every - loop_time()))
        gc.collect()
        handles.append(house.handles())
        memory.append(house.megabytes())
    spent = house.cpu() - spent
    half = (times - 1) // 2  # albums and histories fill for two minutes
    more = {name: handles[-1][name] - handles[0][name] for name in handles[0]}
    return [
        Figure(
            5, "RTSP server back → pictures again", "s", again, AGAIN_S, AGAIN_S, spent,
            how=f"killed {times} times, every {every:g} s, away for {down:g} s; each of six lanes",
            notes=[f"the longest {max(again):.2f} s; not back within {WAIT_S:g} s: {', '.join(lost) or 'none'}"],
        ),
        Figure(
            6, "… threads, descriptors, tasks more than after the first time", "", [float(max(more.values()))], MORE,
            how="the largest of the three, after the last time",
            notes=["; ".join(f"{name} {handles[0][name]} → {handles[-1][name]}" for name in more)],
        ),
        Figure(
            7, "… memory more than half-way", "MB", [memory[-1] - memory[half]], GAIN_MB,
            how="allocated, after the last time",
            notes=["MB after each time: " + ", ".join(f"{value:.0f}" for value in memory)],
        ),
    ]  # fmt: skip
