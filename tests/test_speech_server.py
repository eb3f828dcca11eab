"""The house's own speech server over real HTTP: OpenAI's client, our clients, and what a client can get wrong."""

from __future__ import annotations

import asyncio
import io
import time
import tracemalloc
import wave
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import openai
import pytest

import assets
from config import Settings
from interaction.hearing.base import RATE as HEARING_RATE
from interaction.hearing.base import HearingError, Recognizer, Transcript
from interaction.hearing.openai_compatible import OpenAIRecognizer
from interaction.hearing.whisper import WhisperRecognizer
from interaction.speaking.base import RATE
from interaction.speaking.kokoro import KokoroVoice
from interaction.speaking.openai_compatible import OpenAIVoice
from interaction.speech_server.serving import check_binding
from interaction.speech_server.sound import BadSound, decoded, parted
from tests.fakes_speech import ScriptedRecognizer, ScriptedVoice, tone
from tests.speech_server import serving
from tests.webrtc_client import until

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(120)]
KEY = "a-long-enough-key"


@pytest.fixture
def client() -> Iterator[Callable[[str], openai.OpenAI]]:
    opened: list[openai.OpenAI] = []

    def make(url: str, key: str = "none") -> openai.OpenAI:
        opened.append(openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=30))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def wav(sound: Any, rate: int = HEARING_RATE) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.asarray(sound) * 32767).astype("<i2").tobytes())
    return file.getvalue()


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    recognizer = WhisperRecognizer(assets.find("whisper-base"), english=assets.find("whisper-tiny-en"))
    voice = KokoroVoice(
        assets.find("kokoro"), assets.find("voices/af_heart"), others=[assets.find("voices/am_michael")]
    )
    recognizer._folders.pop("zh")  # not asked for here: it would only be loaded
    with serving(recognizer, voice, key=KEY) as url:
        yield url


@pytest.mark.weights
async def test_what_kokoro_says_whisper_understands_through_our_own_clients(real: str) -> None:
    said = "There are three people at the door."
    voice = OpenAIVoice(real, "kokoro", "af_heart", KEY)
    sound = np.concatenate([pcm async for pcm in voice.synthesise(said, "en")])
    await voice.aclose()
    assert 1.5 < sound.size / RATE < 4
    recognizer = OpenAIRecognizer(real, "whisper-1", KEY)
    heard = sound[: sound.size // 3 * 3].reshape(-1, 3).mean(1) / 32768  # 24 → 8 kHz …
    words = await recognizer.transcribe(np.repeat(heard, 2).astype(np.float32), "en")  # … → 16
    await recognizer.aclose()
    assert words.text.lower().strip(" .") == said.lower().strip(" .").replace("three", "3") or words.text == said


@pytest.mark.weights
async def test_openai_s_client_speaks_and_transcribes(real: str, client: Any) -> None:
    ours = client(real, KEY)

    def ask() -> tuple[bytes, Any, str]:
        asked = {"model": "tts-1", "voice": "am_michael", "input": "A car **stopped** 😀 in front of the house."}
        spoken = ours.audio.speech.create(**asked, response_format="wav", extra_body={"rate": 16_000}).content
        told = ours.audio.transcriptions.create(
            model="whisper-1", file=("a.wav", spoken), language="en", response_format="verbose_json"
        )
        text = ours.audio.transcriptions.create(model="whisper-1", file=("a.wav", spoken), response_format="text")
        return spoken, told, str(text)

    spoken, told, text = await asyncio.to_thread(ask)
    assert spoken[:4] == b"RIFF" and int.from_bytes(spoken[24:28], "little") == 16_000
    assert told.text == "A car stopped in front of the house." == text.strip()
    assert told.language == "en" and told.duration == pytest.approx((len(spoken) - 44) / 2 / 16_000, abs=0.05)
    assert [segment.text for segment in told.segments] == [told.text]


async def test_models_health_and_the_key(client: Any) -> None:
    with serving(ScriptedRecognizer("hello"), ScriptedVoice(), key=KEY) as url:
        async with httpx.AsyncClient(base_url=url) as http:
            assert (await http.get("/health")).json()["status"] == "ok"
            for headers in ({}, {"authorization": f"Bearer {KEY}x"}, {"authorization": "Bearer ключ".encode()}):
                refused = await http.get("/v1/models", headers=headers)  # type: ignore[arg-type]
                assert refused.status_code == 401 and refused.json()["error"]["code"] == "invalid_api_key"
        ids = await asyncio.to_thread(lambda: [model.id for model in client(url, KEY).models.list()])
        assert ids == ["scripted", "whisper-1", "scripted", "tts-1", "tts-1-hd"]
        with pytest.raises(openai.AuthenticationError):
            await asyncio.to_thread(lambda: client(url, "wrong").models.list())


GOOD = {"model": "whisper-1"}
MISTAKES: list[tuple[str, dict[str, Any], int, str | None]] = [
    ("transcriptions", {"data": GOOD}, 400, "file"),
    ("transcriptions", {"data": GOOD, "files": {"file": b""}}, 400, "file"),
    ("transcriptions", {"data": GOOD, "files": {"file": b"no sound at all"}}, 400, "file"),
    ("transcriptions", {"data": GOOD, "files": {"file": b"RIFF" + bytes(60)}}, 400, "file"),
    ("transcriptions", {"data": GOOD, "files": {"file": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd"}}, 400, "file"),
    ("transcriptions", {"data": GOOD, "files": {"file": wav(tone(6.0))}}, 400, "file"),  # 5 s are the bound here
    ("transcriptions", {"data": GOOD, "files": {"file": wav(tone(9.0, 0.1), 48_000)}}, 413, None),
    ("transcriptions", {"data": {"model": "no-such"}, "files": {"file": wav(tone(1.0))}}, 404, "model"),
    ("transcriptions", {"files": {"file": wav(tone(1.0))}}, 400, "model"),
    ("transcriptions", {"data": {**GOOD, "language": "xx"}, "files": {"file": wav(tone(1.0))}}, 400, "language"),
    ("transcriptions", {"data": {**GOOD, "response_format": "srt"}, "files": {"file": b"x"}}, 400, "response_format"),
    ("transcriptions", {"json": GOOD}, 400, "file"),
    (
        "transcriptions",
        {"content": b"--x\r\nbroken", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        400,
        "file",
    ),
    ("transcriptions", {"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, None),
    ("speech", {"json": {"model": "tts-1"}}, 400, "input"),
    ("speech", {"json": {"model": "tts-1", "input": " "}}, 400, "input"),
    ("speech", {"json": {"model": "tts-1", "input": "😀"}}, 400, "input"),
    ("speech", {"json": {"model": "tts-1", "input": "x" * 201}}, 400, "input"),
    ("speech", {"json": {"model": "tts-1", "input": "你好"}}, 400, "input"),  # this voice speaks English only
    ("speech", {"json": {"model": "no-such", "input": "Hello."}}, 404, "model"),
    ("speech", {"json": {"model": "tts-1", "input": "Hello.", "voice": "nobody"}}, 400, "voice"),
    ("speech", {"json": {"model": "tts-1", "input": "Hello.", "response_format": "mp3"}}, 400, "response_format"),
    ("speech", {"json": {"model": "tts-1", "input": "Hello.", "speed": float(9)}}, 400, "speed"),
    ("speech", {"json": {"model": "tts-1", "input": "Hello.", "rate": 7}}, 400, "rate"),
    ("speech", {"json": [1]}, 400, None),
    ("speech", {"content": b"[" * 5000, "headers": {"content-type": "application/json"}}, 400, None),
    ("speech", {"content": b"{}", "headers": {"content-type": "text/plain"}}, 400, None),
    (
        "speech",
        {"json": {"model": "tts-1", "input": "Hello."}, "headers": {"origin": "http://evil.example"}},
        403,
        None,
    ),
    ("nothing", {"json": {}}, 404, None),
]


async def test_a_client_s_mistake_is_told_as_one_and_breaks_nothing() -> None:
    bounds = {"text_chars": 200, "longest_s": 5, "body_bytes": 250_000}
    with serving(ScriptedRecognizer("hello"), ScriptedVoice(), **bounds) as url:
        async with httpx.AsyncClient(base_url=f"{url}/v1/audio/") as http:
            for path, request, status, param in MISTAKES:
                answer = await http.post(path, **request)
                assert answer.status_code == status, (path, str(request)[:80], answer.text[:200])
                error = answer.json()["error"]
                assert (answer.status_code, error["param"]) == (status, param), (path, str(request)[:80], error)
                assert error["message"] and error["type"] == "invalid_request_error"
            assert (await http.get("speech")).status_code == 405
            good = await http.post("transcriptions", data=GOOD, files={"file": wav(tone(1.0))})
            assert good.json() == {"text": "hello"}


async def test_no_host_header_opens_the_door() -> None:
    with serving(ScriptedRecognizer("hello"), ScriptedVoice(), key=KEY) as url:
        async with httpx.AsyncClient(base_url=url) as http:
            for host in ("x/health?", "x/health#", "x"):
                answer = await http.get("/v1/models", headers={"host": host})
                assert answer.status_code in (400, 401), host


async def test_a_text_s_request_may_not_be_as_large_as_a_file() -> None:
    with serving(None, ScriptedVoice(), text_chars=200) as url:
        async with httpx.AsyncClient(base_url=url) as http:
            asked = {"model": "tts-1", "input": "Hello.", "nothing": "x" * 100_000}
            assert (await http.post("/v1/audio/speech", json=asked)).status_code == 413
            large = {"model": "tts-1", "input": "\U0001f600" * 100 + "a" * 100}
            assert (await http.post("/v1/audio/speech", json=large)).status_code == 200


async def test_a_client_that_takes_no_sound_does_not_keep_its_place() -> None:
    voice = ScriptedVoice(takes=0.0, lasts=600.0, chunk=5.0)  # more than any socket buffers
    with serving(None, voice, at_once=1, answer_s=1) as url:
        async with httpx.AsyncClient(base_url=url) as http:
            asked = {"model": "tts-1", "input": "One is here."}
            async with http.stream("POST", "/v1/audio/speech", json=asked):
                refused = await http.post("/v1/audio/speech", json=asked)
                assert refused.status_code == 429
                await until(lambda: any(what == "abandoned" for what, _, _ in voice.log))
                async with http.stream("POST", "/v1/audio/speech", json=asked) as answer:
                    assert answer.status_code == 200


async def test_more_connections_than_fit_are_refused() -> None:
    with serving(ScriptedRecognizer("hello"), None, connections=4) as url:
        host, port = url.removeprefix("http://").split(":")
        idle = [await asyncio.open_connection(host, int(port)) for _ in range(4)]
        async with httpx.AsyncClient(base_url=url) as http:
            assert (await http.get("/health")).status_code == 503
        for _, writer in idle:
            writer.close()


def test_a_small_file_that_claims_to_last_for_days_is_not_unpacked() -> None:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as out:
        stream = out.add_stream("pcm_s16le", rate=10)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4000), np.int16), "s16", "mono")
        frame.sample_rate = 10
        out.mux([*stream.encode(frame), *stream.encode(None)])
    tracemalloc.start()
    with pytest.raises(BadSound, match="longer"):
        decoded(file.getvalue(), 5.0)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000, "8 kB must not become 25 MB"
    tracemalloc.stop()


async def test_sound_streams_while_the_next_sentence_is_made() -> None:
    with serving(None, ScriptedVoice(takes=0.3, lasts=0.5)) as url:
        blocks: list[tuple[float, int]] = []
        begin = time.monotonic()
        async with httpx.AsyncClient() as http:
            asked = {"model": "tts-1", "input": "One is here. Two is there. Three is far.", "response_format": "pcm"}
            async with http.stream("POST", f"{url}/v1/audio/speech", json={**asked, "rate": 8000}) as answer:
                assert answer.headers["content-type"] == "audio/pcm"
                async for block in answer.aiter_raw():
                    blocks.append((time.monotonic() - begin, len(block)))
    assert sum(size for _, size in blocks) == pytest.approx(2 * 8000 * 1.5, rel=0.02)
    assert blocks[-1][0] - blocks[0][0] > 0.3, "the first came while the last was not made yet"


async def test_more_at_once_than_fit_are_sent_away_and_a_client_that_leaves_gives_its_place_back() -> None:
    voice = ScriptedVoice(takes=1.0, lasts=0.5)
    with serving(ScriptedRecognizer("hello", takes=1.0), voice, at_once=1) as url:
        async with httpx.AsyncClient(base_url=url) as http:
            asked = {"model": "tts-1", "input": "One is here. Two is there. Three is far."}

            async def leave() -> None:
                async with http.stream("POST", "/v1/audio/speech", json=asked) as answer:
                    async for _ in answer.aiter_raw():
                        return

            def hear() -> Any:
                return http.post("/v1/audio/transcriptions", data=GOOD, files={"file": wav(tone(0.5))})

            answers = await asyncio.gather(hear(), hear())
            assert sorted(answer.status_code for answer in answers) == [200, 429]
            busy = next(answer for answer in answers if answer.status_code == 429)
            assert busy.headers["retry-after"] and busy.json()["error"]["type"] == "rate_limit_error"
            await leave()
            await until(lambda: ("abandoned", "Two is there.") in [(what, said) for what, said, _ in voice.log])
            assert (await http.post("/v1/audio/speech", json={**asked, "input": "Hi there."})).status_code == 200


async def test_a_model_that_fails_is_the_server_s_fault_and_a_missing_one_is_not_served() -> None:
    with serving(ScriptedRecognizer(HearingError("The recogniser broke.")), None) as url:
        async with httpx.AsyncClient(base_url=url) as http:
            failed = await http.post("/v1/audio/transcriptions", data=GOOD, files={"file": wav(tone(0.5))})
            assert failed.status_code == 500 and failed.json()["error"]["type"] == "server_error"
            missing = await http.post("/v1/audio/speech", json={"model": "tts-1", "input": "Hello."})
            assert missing.status_code == 404


def test_sound_files_of_any_kind_are_heard_at_16_khz() -> None:
    import av

    for codec, form in (
        ("flac", "flac"),
        ("libopus", "ogg"),
        ("libopus", "webm"),
        ("aac", "mp4"),
        ("libmp3lame", "mp3"),
    ):
        file = io.BytesIO()
        with av.open(file, "w", format=form) as out:
            stream = out.add_stream(codec, rate=48_000)
            frame = av.AudioFrame.from_ndarray((tone(3.0) * 32767).astype(np.int16)[None], "s16", "mono")
            frame.sample_rate = 48_000
            for packet in (*stream.encode(frame), *stream.encode(None)):
                out.mux(packet)
        sound = decoded(file.getvalue(), 5.0)
        assert sound.size / HEARING_RATE == pytest.approx(1.0, abs=0.1), form
        assert 0.1 < np.abs(sound).max() < 0.3
    with pytest.raises(BadSound, match="longer"):
        decoded(wav(tone(3.0)), 2.0)
    assert decoded(wav(np.zeros(0)), 2.0).size == 0


def test_a_long_recording_is_parted_where_it_is_quiet() -> None:
    sound = tone(60.0)
    sound[25 * HEARING_RATE : 26 * HEARING_RATE] = 0
    parts = parted(sound)
    assert 25.0 <= parts[0].size / HEARING_RATE <= 26.0
    assert np.array_equal(np.concatenate(parts), sound)
    assert max(part.size for part in parts) <= 28 * HEARING_RATE


@pytest.mark.parametrize(
    ("bounds", "refused"),
    [
        ({}, False),
        ({"host": "localhost"}, False),
        ({"host": "::1"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "0.0.0.0", "key": "short"}, True),
        ({"host": "0.0.0.0", "key": KEY}, False),
    ],
)
def test_others_can_reach_it_with_a_key_only(bounds: dict[str, Any], refused: bool) -> None:
    assert bool(check_binding(Settings(_env_file=None, speech_server=bounds))) is refused  # type: ignore[call-arg]


class Names(Recognizer):
    """Whose language was asked for."""

    name = "names"

    async def transcribe(self, audio: Any, language: str) -> Transcript:
        return Transcript(language, language)


async def test_the_language_of_the_house_is_heard_unless_another_is_asked_for() -> None:
    with serving(Names(), None) as url:
        async with httpx.AsyncClient(base_url=url) as http:
            file = {"file": wav(tone(0.5))}
            for fields, language in ((GOOD, "en"), ({**GOOD, "language": "zh"}, "zh")):
                answer = await http.post("/v1/audio/transcriptions", data=fields, files=file)
                assert answer.json()["text"] == language
