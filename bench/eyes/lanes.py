"""Six lanes, mostly still: what they cost, and how soon somebody hears of what happens on one of them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

from bench.cameras.rtsp import Server, cameras
from bench.eyes import scenes
from bench.eyes.house import Home, home
from bench.figures import Figure
from interaction.clock import loop_time

CORE_PERCENT, LANE_MB, ALERT_S = 100.0, 60.0, 2.0
EVERY_S = 20.0  # between two visits: of each lane one in two minutes
EARLY_S, LATE_S = 0.3, 6.0  # an alert this long before or after the visitor is half in the picture is about that
OPEN_S = 30.0
WISH = "tell me when someone comes in"


async def measure(events: int, settle: float) -> list[Figure]:
    """Numbers 1 to 4. `settle`: seconds that lanes are watched before their memory is counted."""
    with tempfile.TemporaryDirectory(prefix="lookout-bench-") as name:
        folder = Path(name)
        with cameras(scenes.cameras(folder)) as server:
            async with home(folder / "data") as house:
                return await _measured(house, server, events, settle)


async def _measured(house: Home, server: Server, events: int, settle: float) -> list[Figure]:
    first, *others = scenes.PLACES
    house.session.request(WISH)
    await watching(house, server, [first])
    await asyncio.sleep(settle)
    alone = house.megabytes()
    await watching(house, server, others)
    await asyncio.sleep(settle)
    together = house.megabytes()
    visits, shares, spent = await _visited(house, server, events)
    decided = delays(visits, house.spoken)
    received = delays(visits, house.hook.came)
    strays = len(house.spoken) - sum(delay < LATE_S for delay in decided)
    return [
        Figure(
            1, "six lanes, 640×480 at 2 fps, mostly still", "%", shares, CORE_PERCENT, CORE_PERCENT, spent,
            how=f"RTSP, H.264 at {scenes.FPS:g} fps: CPU of the process, of one core, in stretches of {EVERY_S:g} s, "
            f"in each of which somebody comes in on one lane",
        ),
        Figure(
            2, "memory, each further lane", "MB", [(together - alone) / len(others)], LANE_MB,
            how=f"allocated with six lanes less with one, each {settle:g} s later",
            notes=[f"{alone:.0f} MB with one lane, {together:.0f} MB with six, {house.megabytes():.0f} MB at the end"],
        ),
        Figure(
            3, "event on one of six lanes → decision", "s", decided, how="half of a visitor is in the picture sent → "
            "the lane's decision to speak", notes=_missed(visits, decided, strays),
        ),
        Figure(
            4, "event on one of six lanes → alert at a webhook", "s", received, limit_p95=ALERT_S,
            how="… → all of the alert, with its picture, at a receiver on loopback",
        ),
    ]  # fmt: skip


async def watching(house: Home, server: Server, names: Sequence[str]) -> None:
    """Raises `TimeoutError` for a camera that shows nothing."""
    since = loop_time()
    for name in names:
        house.add(name, server.url(name))
    if away := set(names) - set(await house.pictures(names, since, OPEN_S)):
        raise TimeoutError(f"no picture of {', '.join(sorted(away))} within {OPEN_S:g} s")


async def _visited(house: Home, server: Server, events: int) -> tuple[list[tuple[float, str]], list[float], float]:
    """When somebody came in (seconds of the loop), on which lane; percent of a core of each stretch; CPU seconds."""
    random, names = Random(1), list(scenes.PLACES)
    visits, shares, begin = [], [], house.cpu()
    for number in range(events):
        lane, since, cpu = names[number % len(names)], loop_time(), house.cpu()
        await asyncio.sleep(random.uniform(0, 2))  # in step with nothing
        shown = await asyncio.to_thread(server.show, lane, "visit")
        visits.append((shown + scenes.ENTERS_S, lane))
        await asyncio.sleep(scenes.VISIT_S - 0.2)
        await asyncio.to_thread(server.show, lane, "still")
        await asyncio.sleep(max(0.0, since + EVERY_S - loop_time()))
        shares.append(100 * (house.cpu() - cpu) / (loop_time() - since))
    return visits, shares, house.cpu() - begin


def delays(visits: Sequence[tuple[float, str]], told: Sequence[tuple[float, str]]) -> list[float]:
    """Seconds from each visit to the first that was told of it, both as (when, lane); `LATE_S` where nothing was."""
    found = []
    for at, lane in visits:
        after = [t - at for t, where in told if where == lane and -EARLY_S <= t - at < LATE_S]
        found.append(min(after, default=LATE_S))
    return found


def _missed(visits: Sequence[tuple[float, str]], decided: Sequence[float], strays: int) -> list[str]:
    missed = [lane for (_, lane), delay in zip(visits, decided, strict=True) if delay >= LATE_S]
    told = f"{len(visits)} visits; not told of within {LATE_S:g} s, and counted as that: {', '.join(missed) or 'none'}"
    return [f"{told}; {strays} alerts without a visit"]
