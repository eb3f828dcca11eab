"""A person who asks aloud, through a real WebRTC client, and how long the answer takes to reach that client's ear.

The house is the real server as a process of its own; its answers are short and none is kept ready. Times are of the
sound itself: the person's last loud sample as it is sent, and the first loud frame that comes back.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from threading import Event as Gate
from typing import Any

import numpy as np
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray

from bench.figures import Figure
from bench.person import stranger
from bench.recordings import SOUND_FRAME, SOUND_RATE, drawn, quiet_room, sound
from bench.server import Server, serving
from bench.strain.backend import Backend
from bench.visitor import Message, Visitor
from config import Settings
from interaction.speaking.base import RATE as VOICE_RATE
from interaction.speaking.normalise import speakable

QUESTIONS = ("What time is it?", "What day is it today?", "How many so far?", "What are you watching for?")
LONG = "What can you do?"
INTERRUPTION = "No, wait, please stop talking now."
INTO_S = 3.0  # seconds into the answer: its first sentence is short, and the next is not always there at once
UNUSED = "{} of {} were not noticed, or fell into a pause of the voice"
LOUD = 0.02  # RMS of a frame that is no silence
LOUD_SAMPLE = 0.02
ANSWER_S = 0.1  # of a speech server behind a URL
PATIENCE_S = 20.0
Env = dict[str, str]
UNCACHED: Env = {"LOOKOUT_SPEAKING__READY_S": "0"}
TINY: Env = {**UNCACHED, "LOOKOUT_HEARING__ENGLISH_ONLY": "true"}


class Listener(Visitor):
    """A visitor who hears: `frames`: (second, RMS) of each 20 ms of the house's voice."""

    def __init__(self, origin: str) -> None:
        grey = np.full((480, 640, 3), 120, np.uint8)
        super().__init__(origin, drawn([grey] * 10), quiet_room())
        self.frames: list[tuple[float, float]] = []

    async def _hear(self, track: Any) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if track.kind == "audio":
                    self._heard += 1
                    pcm = frame.to_ndarray().astype(np.float32) / 32768
                    self.frames.append((self.now(), float(np.sqrt(np.mean(pcm**2)))))

    async def say_aloud(self, packets: Sequence[bytes], first: int, last: int) -> tuple[float, float]:
        """Send a sentence; returns when its first and its last loud packet went out."""
        at: list[float] = []
        done = asyncio.Event()

        def noted() -> Iterator[bytes]:
            for number, packet in enumerate(packets):
                if number in (first, last):
                    at.append(self.now())
                if number == last:
                    done.set()
                yield packet

        self.microphone.play(noted())  # type: ignore[arg-type]
        await done.wait()
        return at[0], at[-1]

    async def loud_after(self, t: float, seconds: float = PATIENCE_S) -> float | None:
        """When the house's voice was first heard after `t`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    if found := next((at for at, level in self.frames if at > t and level > LOUD), None):
                        return found
                    await asyncio.sleep(0.02)
        return None

    async def silent_for(self, seconds: float) -> None:
        """Wait until nothing was heard for so long."""
        while any(level > LOUD for at, level in self.frames if at > self.now() - seconds):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


class Lines:
    """Sentences as a stranger's voice says them: Opus packets, and which of them is the first and the last loud one."""

    def __init__(self, said: dict[str, NDArray[np.float32]]) -> None:
        self._said = {text: (sound(pcm), *_ends(pcm)) for text, pcm in said.items()}

    def __getitem__(self, text: str) -> tuple[list[bytes], int, int]:
        return self._said[text]

    @staticmethod
    async def made(settings: Settings) -> Lines:
        said = {}
        async with aclosing(stranger(settings)) as voice:
            for text in (*QUESTIONS, LONG, INTERRUPTION):
                parts = [part async for part in voice.synthesise(speakable(text, "en"), "en")]
                pcm = np.concatenate(parts).astype(np.float32) / 32768
                doubled = np.repeat(pcm, SOUND_RATE // VOICE_RATE)
                room = np.random.default_rng(3).normal(0, 0.001, doubled.size + SOUND_RATE)
                room[: doubled.size] += doubled
                said[text] = np.clip(room, -1, 1).astype(np.float32)
        return Lines(said)


def _ends(pcm: NDArray[np.float32]) -> tuple[int, int]:
    frames = np.abs(pcm[: pcm.size // SOUND_FRAME * SOUND_FRAME]).reshape(-1, SOUND_FRAME).max(1)
    loud = np.flatnonzero(frames > LOUD_SAMPLE)
    return int(loud[0]), int(loud[-1])


async def answers(
    name: str, number: int, limits: tuple[float, float | None], env: Env, lines: Lines, turns: int
) -> list[Figure]:
    """Person stops → first sound of the answer at the client; then, once for a house, barge-in and gaps."""
    async with serving("app.py", "serve", **env) as server, _visit(server) as visitor:
        waits, missed = [], []
        before = server.cpu()
        for turn in range(turns):
            text = QUESTIONS[turn % len(QUESTIONS)]
            await visitor.silent_for(1.0)
            _, stopped = await visitor.say_aloud(*lines[text])
            heard = await visitor.loud_after(stopped)
            if heard is None:
                missed.append(f"{name}: no answer to {text!r}")
            else:
                waits.append(heard - stopped)
        spent = server.cpu() - before
        stalls = sum(m.get("stalls", 0) for _, m in visitor.told if m["type"] == "utterance_ended")
        figures = [
            Figure(
                number, f"person stops → answer heard, {name}", "s", waits, limits[0], limits[1], spent,
                how=f"{len(waits)} of {turns} spoken questions to app.py serve by WebRTC, nothing kept ready",
                notes=missed,
            ),
            Figure(9, f"stalls over 50 ms while speaking, {name}", "", [float(stalls)], 0.0, how="of the same"),
        ]  # fmt: skip
        return figures


async def barge_in(env: Env, lines: Lines, times: int) -> list[Figure]:
    """The person talks over a long answer: from the house's noticing, and from the first sound, to silence."""
    noticed, whole, missed = [], [], 0
    async with serving("app.py", "serve", **env) as server, _visit(server) as visitor:
        for _ in range(times):
            await visitor.silent_for(1.5)
            asked = visitor.now()
            await visitor.say(LONG)
            if await visitor.loud_after(asked) is None:
                missed += 1
                continue
            await asyncio.sleep(INTO_S)
            if await visitor.loud_after(visitor.now()) is None:
                missed += 1
                continue
            since = len(visitor.told)
            begun, _ = await visitor.say_aloud(*lines[INTERRUPTION])
            at = await visitor.until(_person_speaks, 5.0, since)
            await asyncio.sleep(1.0)
            loud = [t for t, level in visitor.frames if level > LOUD]
            last = loud[-1]
            if at is None or last > visitor.now() - 0.5 or not amid(begun, loud, 1.0):
                missed += 1
                continue
            noticed.append(max(0.0, last - at))
            whole.append(max(0.0, last - begun))
    note = UNUSED.format(missed, times) if missed else ""
    how = f"{len(noticed)} interruptions by WebRTC: "
    since_noticed = how + "person_speaking at the client → last loud frame"
    since_begun = how + "a quarter of a second of speech is asked for first"
    name = "barge-in noticed → silence at the client"
    return [
        Figure(4, name, "s", noticed, 0.15, how=since_noticed, notes=[note] if note else []),
        Figure(4, "person's first sound → silence at the client", "s", whole, how=since_begun),
    ]


def amid(t: float, heard: Sequence[float], second: float) -> bool:
    """Whether the voice was heard around `t`: else its silence is nobody's doing. Times in units of 1/`second` s."""
    return any(-0.2 * second < at - t < 0 for at in heard) and any(0 < at - t < 0.2 * second for at in heard)


def _person_speaks(message: Message) -> bool:
    return bool(message["type"] == "person_speaking" and message["active"])


@asynccontextmanager
async def _visit(server: Server) -> AsyncIterator[Listener]:
    await server.settled()
    visitor = Listener(server.origin)
    try:
        await visitor.arrive()
        await visitor.until(lambda message: message["type"] == "decision", 20.0)
        await server.settled(20.0)
        yield visitor
    finally:
        await visitor.leave()


async def through_servers(lines: Lines, turns: int) -> list[Figure]:
    """Recognition and voice by servers that answer in 100 ms: what is left is the house's own."""
    wait, rounds = Gate(), iter(range(1_000_000))

    def hear(path: str, body: bytes) -> tuple[str, bytes]:
        wait.wait(ANSWER_S)
        next(rounds)
        return "application/json", json.dumps({"text": QUESTIONS[0]}).encode()

    def speak(path: str, body: bytes) -> tuple[str, bytes]:
        wait.wait(ANSWER_S)
        t = np.arange(VOICE_RATE) / VOICE_RATE
        return "audio/pcm", (9000 * np.sin(2 * np.pi * 300 * t)).astype("<i2").tobytes()

    ears, mouth = Backend(hear), Backend(speak)
    for server in (ears, mouth):
        server.start()
    env = {
        "LOOKOUT_HEARING__RECOGNIZER": "openai", "LOOKOUT_HEARING__URL": ears.url,
        "LOOKOUT_SPEAKING__VOICE": "openai", "LOOKOUT_SPEAKING__URL": mouth.url,
    }  # fmt: skip
    try:
        return await answers("servers answering in 100 ms", 3, (0.8, None), env, lines, turns)
    finally:
        for server in (ears, mouth):
            server.kill()
