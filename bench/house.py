"""What the real server costs with real visitors: numbers 2, 4, 5 and 6 of docs/bench.md."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure
from bench.footage import find
from bench.recordings import encoded, speech
from bench.server import Server, memory, serving
from bench.visitor import Message, Visitor
from interaction.clock import stopwatch

VTEST = ("vtest.avi", "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf", "Debian's opencv-doc")
HUMAN = Path("/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0880.wav")
FILM_S = 40.0
WARM_S = 5.0  # a new connection costs more in its first seconds: key frames, handshakes
STEADY_S = 30.0
VISITS = 5
STEP_S = 60.0  # of the story: what takes longer is reported as not seen
NO_PICTURE = "no new picture"  # the reason of a tick that came before the first look


@dataclass(frozen=True)
class Recordings:
    film: list[bytes]
    room: list[bytes]


async def recordings() -> Recordings:
    """Raises `NoFootage`."""
    return Recordings(*await encoded(find(*VTEST), FILM_S))


async def measure_blind() -> list[Figure]:
    """Number 2, and the first start of 6."""
    sent = await recordings()
    async with serving("-m", "bench.blind") as server:
        return [await without_seeing(server, sent), start("first start to URL, installed", server)]


async def measure() -> list[Figure]:
    """Numbers 4, 5 and a later start of 6."""
    sent = await recordings()
    async with serving("app.py", "serve") as server:
        settled = await server.settled()
        visits = await first_decision(server, sent, settled)
        return [visits, *await told_a_story(server, sent), start("later start to URL", server)]


def start(name: str, server: Server) -> Figure:
    """Number 6. Python compiles every module in the first start and keeps that for the later ones."""
    return Figure(
        6,
        name,
        "s",
        [server.to_url],
        limit=30.0,
        cpu=server.cpu_to_answer,
        how="app.py serve, until the address is printed; CPU until it answers",
        notes=[f"{name}: answered after {server.to_answer:.1f} s; weights are verified, models load in the meantime"],
    )


async def without_seeing(server: Server, sent: Recordings) -> Figure:
    """Number 2."""
    await server.settled()
    async with AsyncExitStack() as leaving:  # the first visitor of a house has the memory loaded
        await arrived(server, sent, leaving)
        await server.settled(20.0)
    idle, _ = await server.share(5.0)
    async with AsyncExitStack() as leaving:
        visitor = await arrived(server, sent, leaving)
        await visitor.until(watching, 20.0)
        await server.share(WARM_S)
        percent, spent = await server.share(STEADY_S)
    return Figure(
        2,
        "session without seeing, 640×480 at 10 fps",
        "%",
        [percent],
        limit=20.0,
        cpu=spent,
        how=f"server process with one WebRTC visitor, no-op seer, {STEADY_S:.0f} s: percent of one core",
        notes=[f"the same server without a visitor: {idle:.1f} % of a core"],
    )


async def first_decision(server: Server, sent: Recordings, settled: bool) -> Figure:
    """Number 5: until the first decision that had a picture to go by."""
    firsts, blindly, spent = [], [], server.cpu()
    for visit in range(VISITS):
        async with AsyncExitStack() as leaving:
            visitor = await arrived(server, sent, leaving, first=60 * visit)
            first = await visitor.until(lambda message: decided(message) and message["reason"] != NO_PICTURE, 20.0)
            if first is not None:
                firsts.append(first)
            if (at := await visitor.until(decided, 1.0)) is not None:
                blindly.append(at)
    early = f"the lane's very first decision, before any picture: {max(blindly, default=0):.2f} s at most"
    return Figure(
        5,
        "page open → first decision",
        "s",
        firsts,
        limit=3.0,
        cpu=server.cpu() - spent,
        how=f"GET /, session, WebSocket, offer → first decision from a picture, {len(firsts)} of {VISITS} visits",
        notes=[early, *([] if settled else ["the models were still being loaded when the visits began"])],
        problem="" if firsts else "no decision came",
    )


async def told_a_story(server: Server, sent: Recordings) -> list[Figure]:
    """Number 4: memory after a visitor used everything, then for each further visitor; and the CPU of the whole."""
    async with AsyncExitStack() as leaving:
        passed, before = stopwatch(), server.cpu()
        visitor = await arrived(server, sent, leaving)
        missed = await story(visitor)
        wall, spent = passed(), server.cpu() - before
        percent, steady = await server.share(STEADY_S / 2)
        alone = memory(server.process)
        others = [await arrived(server, sent, leaving, first=100 * number) for number in (1, 2)]
        for other in others:
            await other.say("tell me when someone leaves")
            await other.until(lambda message: decided(message, "speak"), 30.0)
        await server.share(STEADY_S / 2)
        together = memory(server.process)
    steps = f"not seen: {', '.join(missed)}" if missed else "every step was seen to happen"
    return [
        Figure(
            4,
            "memory, everything loaded",
            "MB",
            [alone["Pss"]],
            limit=1600.0,
            cpu=spent,
            how="PSS of all processes after a watch, a question, a task, speech, recall",
            notes=[
                f"resident {alone['Rss']:.0f} MB (PSS is less where the bench itself maps the same libraries)",
                f"the story took {wall:.0f} s and {spent:.1f} CPU s; {steps}",
                f"watching afterwards, with the eyes: {percent:.1f} % of a core ({steady:.1f} CPU s)",
            ],
        ),
        Figure(
            4,
            "memory, each further session",
            "MB",
            [(together["Pss"] - alone["Pss"]) / len(others)],
            limit=80.0,
            how=f"PSS with {len(others)} more visitors, each with a camera and a watch, {STEADY_S / 2:.0f} s later",
        ),
    ]


async def story(visitor: Visitor) -> list[str]:
    """Use everything once; returns the steps whose end was not seen in time."""
    missed = []

    async def step(name: str, text: str, fits: Callable[[Message], bool]) -> None:
        since = len(visitor.told)
        if text:
            await visitor.say(text)
        if await visitor.until(fits, STEP_S, since) is None:
            missed.append(name)

    await step("watch", "tell me when someone comes in", lambda m: kind(m, "utterance_ended"))
    await step("alert", "", lambda m: kind(m, "utterance_started") and m["kind"] == "alert")
    await step("question", "what do you see?", lambda m: decided(m, "speak") and not m["watch"])
    await step("task", "work out 17 percent of 2,340 for me", lambda m: kind(m, "task_done"))
    await step("recall", "when did someone come in?", lambda m: decided(m, "speak", lane=""))
    if HUMAN.exists():  # noqa: ASYNC240  one look at the disk, by the client
        visitor.microphone.play(speech(HUMAN))
        await step("speech", "", lambda m: kind(m, "transcript_final") and m["origin"] == "voice")
    else:
        missed.append("speech (Debian's pocketsphinx-testdata is not here)")
    return missed


async def arrived(server: Server, sent: Recordings, leaving: AsyncExitStack, first: int = 0) -> Visitor:
    """A visitor who leaves with the stack."""
    visitor = Visitor(server.origin, sent.film, sent.room, first % len(sent.film))
    leaving.push_async_callback(visitor.leave)
    await visitor.arrive()
    return visitor


def kind(message: Message, name: str) -> bool:
    return bool(message["type"] == name)


def decided(message: Message, action: str = "", lane: str = "camera") -> bool:
    return kind(message, "decision") and message["lane"] == lane and (not action or message["action"] == action)


def watching(message: Message) -> bool:
    return kind(message, "lane_changed") and bool(message["state"] == "watching")
