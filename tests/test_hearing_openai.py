"""The client of `/v1/audio/transcriptions`, over real HTTP on loopback."""

from __future__ import annotations

import io
import json
import wave

import numpy as np
import pytest

from interaction.clock import Clock
from interaction.hearing.base import HearingError
from interaction.hearing.openai_compatible import OpenAIRecognizer
from tests.fakes_speech import tone
from tests.speech_server import Reply, dead_url, speech_server


async def _ask(reply: Reply, timeout_s: float = 5.0, ending: str = "") -> str:
    with speech_server(reply) as server:
        recognizer = OpenAIRecognizer(server.url.removesuffix("/v1") + ending, "tiny", "secret-key", timeout_s)
        try:
            return (await recognizer.transcribe(tone(1.0), "zh")).text
        finally:
            await recognizer.aclose()


@pytest.mark.real_time
@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/audio/transcriptions"])
async def test_a_turn_is_sent_as_wav_and_its_text_comes_back(ending: str) -> None:
    with speech_server(Reply(json.dumps({"text": " 你好 \n吗 "}).encode())) as server:
        recognizer = OpenAIRecognizer(server.url.removesuffix("/v1") + ending, "tiny", "secret-key")
        transcript = await recognizer.transcribe(tone(1.0), "zh")
        await recognizer.aclose()
        path, headers, body = server.requests[0]
    assert (transcript.text, transcript.language) == ("你好 吗", "zh")
    assert path == "/v1/audio/transcriptions"
    assert {k.lower(): v for k, v in headers.items()}["authorization"] == "Bearer secret-key"
    assert b'name="language"\r\n\r\nzh\r\n' in body and b'name="model"\r\n\r\ntiny\r\n' in body
    with wave.open(io.BytesIO(body[body.index(b"RIFF") :])) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16000, 1, 2)
        pcm = np.frombuffer(sound.readframes(16000), "<i2") / 32767
    assert np.abs(pcm - tone(1.0)).max() < 1e-3


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(b'{"error": {"message": "no\\nGPU"}}', status=500), "status 500"),
        (Reply(b'{"error": {"message": "who?"}}', status=401), "refused the key"),
        (Reply(b"{}", status=404), "does not know"),
        (Reply(b"<html>hello</html>", kind="text/html"), "not understood"),
        (Reply(b'{"text": 5}'), "not understood"),
        (Reply(b'["text"]'), "not understood"),
        (Reply(b""), "not understood"),
        (Reply(b'{"text": "' + b"a" * 400_000 + b'"}'), "far too much"),
        (Reply(b"{}", hold=20), "in time"),
        (Reply(b'{"te', rest=b'xt": "hi"}', stall=20), "in time"),
    ],
)
async def test_a_server_in_trouble_is_explained(reply: Reply, words: str) -> None:
    with pytest.raises(HearingError, match=words) as caught:
        await _ask(reply, timeout_s=0.4 if reply.hold or reply.stall else 5.0)
    assert "127.0.0.1" in str(caught.value) and "\n" not in str(caught.value)
    assert "secret-key" not in str(caught.value)


@pytest.mark.real_time
async def test_a_dead_server_is_explained() -> None:
    recognizer = OpenAIRecognizer(dead_url(), "tiny")
    with pytest.raises(HearingError, match="cannot be reached"):
        await recognizer.transcribe(tone(0.5), "en")


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://a", "http://", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(HearingError, match="address"):
        OpenAIRecognizer(url, "tiny")


async def test_session_time_flows_while_a_server_is_asked() -> None:
    """On virtual time too: an answer takes as long as it takes."""
    with speech_server(Reply(b'{"text": "hi"}', hold=0.2)) as server:
        clock = Clock()
        recognizer = OpenAIRecognizer(server.url, "tiny")
        assert (await recognizer.transcribe(tone(0.5), "en")).text == "hi"
        await recognizer.aclose()
        assert 0.2 <= clock.now() < 5
