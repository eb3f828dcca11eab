"""The soak in real time: the served process with two visitors, a grainy camera and a noisy room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from itertools import cycle, islice

import httpx

from bench.house import HUMAN
from bench.recordings import FPS, drawn, quiet_room, speech
from bench.server import Server, serving
from bench.strain import judge
from bench.strain.days import ASKED, BUSY, MINUTE_S, WISHES
from bench.strain.graphs import Section
from bench.strain.judge import Finding, Rule, Series
from bench.strain.samples import of_folder, of_process
from bench.visitor import Visitor
from interaction.clock import stopwatch
from interaction.sources.synthetic.scene import Scene, pictures

FILM_S = 40.0  # twenty seconds of pages, twenty of squares
GRAIN = 14.0  # grey levels: a cheap camera at night
ROOM = 0.02  # RMS (−34 dBFS): a fan and a street
WARM_S = 4.0  # between the questions of the first visit
EVERY_S = 10.0
SHORTEST_S = 4.0  # between samples
GO_S = 120.0  # the second visitor leaves after so long, and another one comes
REST_S = 12.0  # after the last has left
SAMPLES = 120


async def minutes_live(
    minutes: float, rules: Iterable[Rule], bounds: Mapping[str, str], tell: Callable[[str], None]
) -> Section:
    """Two visitors for so long: one who stays, and one who is another every two minutes. `bounds`: settings."""
    film, room = await asyncio.to_thread(_recordings)
    passed = stopwatch()
    async with serving("-m", "bench.strain.witness", **bounds) as server:
        await server.settled()
        async with AsyncExitStack() as leaving:  # the first visit loads what is loaded on demand
            visitor = await _arrived(server, film, room, leaving, 0)
            for question in ASKED:
                await visitor.say(question)
                await asyncio.sleep(WARM_S)
        await asyncio.sleep(REST_S)
        before, spent = await _sample(server), server.cpu()
        series, told = await _stay(server, film, room, 60 * minutes, tell)
        spent = server.cpu() - spent
        await asyncio.sleep(REST_S)
        after = await _sample(server)
    findings = [*judge.judge(series, rules), *_left(before, after)]
    lines = [
        f"{minutes:g} min, two visitors with 640×480 at {FPS} pictures a second and a noisy room, the served process; "
        f"{100 * spent / (60 * minutes):.0f} % of a core, {passed():.0f} s in all",
        f"told of: {'; '.join(sorted(set(told))[:5]) or 'nothing'}",
    ]
    return Section("live, real time", lines, series, findings)


def _recordings() -> tuple[list[bytes], list[bytes]]:
    day = BUSY.scene()
    scene = Scene(lambda t: day.draw(t if t < FILM_S / 2 else t + MINUTE_S - FILM_S / 2), ())
    return drawn(islice(pictures(scene, 3, FPS, GRAIN), round(FILM_S * FPS))), quiet_room(noise=ROOM)


async def _stay(
    server: Server, film: list[bytes], room: list[bytes], seconds: float, tell: Callable[[str], None]
) -> tuple[Series, list[str]]:
    told: list[str] = []
    series, passed = Series(), stopwatch()
    every = max(SHORTEST_S, seconds / SAMPLES)
    said = speech(HUMAN) if HUMAN.exists() else []
    questions, due, come = cycle(ASKED), EVERY_S, 0.0
    async with AsyncExitStack() as stays, AsyncExitStack() as goes:
        one = await _arrived(server, film, room, stays, 0)
        other = await _arrived(server, film, room, goes, 300)
        for number in range(1, int(seconds / every) + 1):
            await asyncio.sleep(max(0.0, number * every - passed()))
            if passed() >= due:
                due = passed() + EVERY_S
                await (one if number % 2 else other).say(next(questions))
                if number % 4 == 0:
                    one.microphone.play(said)
            ticks, late = _ticks(one, told)
            more = _ticks(other, told)
            share = 100 * (late + more[1]) / max(1, ticks + more[0])
            series.add(passed() / 60, await _sample(server) | {"pace: late ticks %": share})
            if passed() - come > GO_S:
                come = passed()
                await goes.aclose()
                other = await _arrived(server, film, room, goes, number % len(film))
            if number % 30 == 0:
                tell(f"live: {passed() / 60:.1f} min, {series.values['memory: allocated MB'][-1]:.0f} MB")
    return series, told


async def _arrived(
    server: Server, film: list[bytes], room: list[bytes], leaving: AsyncExitStack, first: int
) -> Visitor:
    visitor = Visitor(server.origin, film, room, first)
    leaving.push_async_callback(visitor.leave)
    await visitor.arrive()
    for wish in WISHES:
        await visitor.say(wish)
    return visitor


def _ticks(visitor: Visitor, told: list[str]) -> tuple[int, int]:
    """Ticks and late ones since the last call; what was told is then dropped here, as it would pile up."""
    messages = [message for _, message in visitor.told]
    visitor.told.clear()
    told += [f"{m['where']}: {m['message']}" for m in messages if m["type"] in ("problem", "broken")]
    ticks = [message for message in messages if message["type"] == "decision" and message["lane"]]
    return len(ticks), sum(bool(tick["late"]) for tick in ticks)


async def _sample(server: Server) -> dict[str, float]:
    sample = of_process(server.process) | of_folder(server.folder)
    with suppress(httpx.HTTPError):  # a sample without it; if the server has gone, the other numbers say so
        async with httpx.AsyncClient() as http:
            sample |= (await http.get(f"{server.origin}/witness")).json()
    return sample


LEFT = {"handles: threads": 6.0, "handles: descriptors": 12.0, "handles: processes": 0.0, "tasks: asyncio": 3.0}


def _left(before: dict[str, float], after: dict[str, float]) -> list[Finding]:
    """What the house still holds when everybody has left."""
    return [
        Finding(f"when all have left, {name}", "steady", after.get(name, 0.0) - before.get(name, 0.0), allowed)
        for name, allowed in LEFT.items()
    ]
