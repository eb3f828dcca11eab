"""The client of `/v1/audio/speech`, over real HTTP on loopback."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bench.strain.backend import Backend, voice
from interaction.clock import stopwatch
from interaction.events import Problem, UtteranceStarted
from interaction.speaking.base import RATE, Pcm, SpeakingError
from interaction.speaking.mouth import Mouth
from interaction.speaking.openai_compatible import OpenAIVoice, Resampler
from interaction.speaking.sinks import NullSink
from tests.fakes_speech import Heard
from tests.speech_server import Reply, dead_url, speech_server

PCM = "audio/pcm"


def sine(seconds: float, rate: int = RATE) -> Pcm:
    t = np.arange(round(seconds * rate)) / rate
    return (8000 * np.sin(2 * np.pi * 200 * t)).astype(np.int16)


async def _hear(reply: Reply, timeout_s: float = 5.0, **options: float) -> Pcm:
    with speech_server(reply) as server:
        voice = OpenAIVoice(server.url, "tts", "alloy", "secret-key", timeout_s=timeout_s, **options)  # type: ignore[arg-type]
        try:
            return np.concatenate([pcm async for pcm in voice.synthesise("Hello there.", "en")])
        finally:
            await voice.aclose()


@pytest.mark.real_time
async def test_sound_comes_back_as_it_was_sent() -> None:
    sound = sine(1.01)
    with speech_server(Reply(sound.tobytes(), kind=PCM)) as server:
        voice = OpenAIVoice(server.url, "tts", "alloy", "secret-key", speed=1.2)
        chunks = [pcm async for pcm in voice.synthesise("Hello there.", "en")]
        await voice.aclose()
        path, _, body = server.requests[0]
    assert np.array_equal(np.concatenate(chunks), sound)
    assert len(chunks) > 5, "in chunks of a tenth of a second"
    assert path == "/v1/audio/speech"
    asked = json.loads(body)
    assert asked == {
        "input": "Hello there.", "model": "tts", "voice": "alloy", "response_format": "pcm", "speed": 1.2,
    }  # fmt: skip


@pytest.mark.real_time
async def test_a_connection_that_breaks_amid_a_sentence_is_told_as_that() -> None:
    server = Backend(voice, lambda: "cut")
    server.start()
    client = OpenAIVoice(server.url, "tts", "alloy")
    try:
        with pytest.raises(SpeakingError, match="the connection to it broke"):
            _ = [pcm async for pcm in client.synthesise("Hello there.", "en")]
    finally:
        await client.aclose()
        server.kill()


@pytest.mark.real_time
async def test_the_first_sound_does_not_wait_for_the_last() -> None:
    halves = sine(0.5).tobytes()
    with speech_server(Reply(halves, kind=PCM, rest=halves, stall=20)) as server:
        voice = OpenAIVoice(server.url, "tts", "alloy")
        watch = stopwatch()
        sound = voice.synthesise("Hello there.", "en")
        first = await anext(sound)
        await sound.aclose()  # type: ignore[attr-defined]
        assert first.size and watch() < 5
        await voice.aclose()


@pytest.mark.real_time
async def test_an_odd_number_of_bytes_is_no_noise() -> None:
    sound = sine(0.3)
    got = await _hear(Reply(sound.tobytes()[:4801], kind=PCM, rest=sound.tobytes()[4801:] + b"\x01"))
    assert np.array_equal(got, sound)


@pytest.mark.real_time
@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
async def test_another_rate_is_brought_to_24_khz(rate: int) -> None:
    got = await _hear(Reply(sine(1.0, rate).tobytes(), kind=PCM), rate=rate)
    assert got.size == pytest.approx(RATE, rel=0.01)
    frequency = np.argmax(np.abs(np.fft.rfft(got[2000:22000].astype(float)))) * RATE / 20000
    assert frequency == pytest.approx(200, abs=3)


def test_a_resampler_keeps_nothing_back() -> None:
    resample = Resampler(16_000)
    parts = [resample(sine(1.0, 16_000)[k : k + 333]) for k in range(0, 16_000, 333)]
    assert sum(map(len, parts)) + len(resample.rest()) == pytest.approx(RATE, abs=50)


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(b'{"error": {"message": "no GPU"}}', status=500), "status 500"),
        (Reply(b"{}", status=401), "refused the key"),
        (Reply(b"<html>", kind="text/html"), "text/html instead of sound"),
        (Reply(b'{"oops": 1}'), "instead of sound"),
        (Reply(b"\xff\xfb" + bytes(4000), kind="audio/mpeg"), "audio/mpeg; pcm was asked for"),
        (Reply(b"RIFF" + bytes(5000), kind="audio/wav"), "packed file"),
        (Reply(b"", kind=PCM), "no sound"),
        (Reply(bytes(9600), kind=PCM, hold=20), "in time"),
        (Reply(bytes(9600), kind=PCM, rest=bytes(9600), stall=20), "in time"),
    ],
)
async def test_a_server_in_trouble_is_explained(reply: Reply, words: str) -> None:
    with pytest.raises(SpeakingError, match=words) as caught:
        await _hear(reply, timeout_s=0.4 if reply.hold or reply.stall else 5.0)
    assert "secret-key" not in str(caught.value)


@pytest.mark.real_time
async def test_endless_sound_is_not_read_on() -> None:
    got = await _hear(Reply(bytes(RATE * 2 * 30), kind=PCM), longest_s=2.0)
    assert got.size / RATE == pytest.approx(2.0, abs=0.2)


@pytest.mark.real_time
async def test_a_dead_server_leaves_a_caption() -> None:
    events = Heard()
    mouth = Mouth(OpenAIVoice(dead_url(), "tts", "alloy"), NullSink(), events.append, lambda: 0.0)
    assert await mouth.say(1, "Hello.", "answer", "en") == "Hello."
    assert "cannot be reached" in events.of(Problem)[0].message  # type: ignore[union-attr]
    assert not events.of(UtteranceStarted)[0].spoken  # type: ignore[union-attr]


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(SpeakingError, match="address"):
        OpenAIVoice("localhost", "tts", "alloy")
