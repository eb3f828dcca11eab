"""The outgoing voice as packets: the right ones, at the right time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from interaction.clock import Clock
from interaction.speaking.base import RATE, Pcm
from interaction.web.sink import FRAME
from interaction.web.voice_track import HUSH, VoiceTrack

SILENCE = np.zeros(FRAME, np.int16)


async def begun() -> None: ...


def tone(number: int) -> Pcm:
    """The 20 ms of 440 Hz with this number."""
    times = (np.arange(FRAME) + number * FRAME) / RATE
    return (9000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)


def speaking(of: range) -> Callable[[], Pcm]:
    """A stream that is a tone for the frames of a range, and otherwise silent."""
    numbers = iter(range(10_000))

    def frame() -> Pcm:
        number = next(numbers)
        return tone(number) if number in of else SILENCE

    return frame


def heard(packets: list[Any]) -> Any:
    """What a page decodes: the loudest sample of each 20 ms."""
    decoder: Any = av.CodecContext.create("libopus", "r")
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(bytes(packet)))]
    sound = np.concatenate([frame.to_ndarray()[0, ::2] for frame in frames])
    return np.abs(sound[: sound.size // 960 * 960].reshape(-1, 960).astype(float)).max(1)


async def test_a_packet_comes_every_20_ms_and_its_time_counts_on() -> None:
    track, clock = VoiceTrack(speaking(range(0)), begun), Clock()
    packets = [await track.recv() for _ in range(100)]
    assert clock.now() == pytest.approx(99 * 0.02)
    assert [packet.pts for packet in packets] == [FRAME * n for n in range(100)]
    assert packets[0].time_base == Fraction(1, RATE)


async def test_speech_is_heard_where_it_stands_and_silence_costs_no_encoding() -> None:
    track = VoiceTrack(speaking(range(50, 100)), begun)
    packets = [await track.recv() for _ in range(200)]
    level = heard(packets)
    assert level[:49].max() < 50 < 3000 < level[52:99].min() and level[103:].max() < 50
    for silent in (packets[HUSH:50], packets[100 + HUSH :]):
        assert len({bytes(packet) for packet in silent}) == 1, "the same one over and over"


async def test_the_first_packet_waits_until_the_connection_has_begun() -> None:
    ready = asyncio.Event()

    async def begin() -> None:
        await ready.wait()

    track = VoiceTrack(speaking(range(0)), begin)
    first = asyncio.ensure_future(track.recv())
    await asyncio.sleep(5)
    assert not first.done()
    ready.set()
    assert (await first).pts == 0


async def test_a_short_stall_is_made_up_for_and_a_long_one_is_not() -> None:
    track, clock = VoiceTrack(speaking(range(0)), begun), Clock()
    await track.recv()
    for stall, caught_up in ((0.1, 4), (3.0, 0)):
        await asyncio.sleep(stall)
        since = clock.now()
        at = [clock.now() - since for _ in range(20) if await track.recv()]
        assert sum(t == 0 for t in at) == caught_up + 1, "those that were due go out at once"
        assert at[-1] == pytest.approx((19 - caught_up) * 0.02)
