"""Real Kokoro, heard by real Whisper: what is said must be understood when it is transcribed back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import av
import jiwer
import numpy as np
import pytest

import assets
from interaction.hearing.echo import without_echo
from interaction.hearing.whisper import WhisperRecognizer
from interaction.speaking.base import RATE, Pcm, SpeakingError
from interaction.speaking.engine import Begun, parted, seam_of, trimmed
from interaction.speaking.halves import halves
from interaction.speaking.kokoro import Key, KokoroVoice, Ready
from interaction.speaking.normalise import speakable

ENGLISH = [
    "Someone just came in.",
    "I can see two people and a red cup.",
    "Okay, I will tell you when the pot boils over.",
    "The answer is 340.",
    "The text changed.",
    "I cannot see that.",
    "A car stopped in front of the house.",
    "I am working on it.",
    "There are three people at the door.",
    "The last person left at 9:30.",
]
CHINESE = [
    "有人刚刚走进了房间。",
    "我看到桌子上有一个红色的杯子。",
    "好的，我会在水烧开的时候告诉你。",
    "摄像头太暗了，我什么也看不见。",
]


@pytest.fixture(scope="module")
def voice() -> Iterator[KokoroVoice]:
    kokoro = KokoroVoice(
        assets.find("kokoro"), assets.find("voices/af_heart"), speaker_zh=assets.find("voices/zf_xiaoxiao")
    )
    yield kokoro
    asyncio.run(kokoro.aclose())


@pytest.fixture(scope="module")
def whisper() -> Iterator[WhisperRecognizer]:
    recognizer = WhisperRecognizer(assets.find("whisper-base"), threads=2)
    yield recognizer
    asyncio.run(recognizer.aclose())


async def _say(voice: KokoroVoice, text: str, language: str) -> Pcm:
    chunks = [pcm async for pcm in voice.synthesise(speakable(text, language), language)]
    return np.concatenate(chunks)


async def _back(voice: KokoroVoice, whisper: WhisperRecognizer, text: str, language: str) -> str:
    sound = await _say(voice, text, language)
    frame = av.AudioFrame.from_ndarray(sound[None], "s16", "mono")
    frame.sample_rate = RATE
    resampler = av.AudioResampler("flt", "mono", 16_000)
    parts = [f.to_ndarray().ravel() for f in [*resampler.resample(frame), *resampler.resample(None)]]
    return (await whisper.transcribe(np.concatenate(parts), language)).text


def _words(text: str) -> str:
    text = re.sub(r"(\d)\.(\d\d)\b", r"\1:\2", text)  # Whisper's way to write a time
    return " ".join(re.findall(r"[a-z]+", speakable(text, "en").lower()))


@pytest.mark.weights
async def test_english_is_understood(voice: KokoroVoice, whisper: WhisperRecognizer) -> None:
    heard = [await _back(voice, whisper, text, "en") for text in ENGLISH]
    wer = jiwer.wer([_words(t) for t in ENGLISH], [_words(h) or "-" for h in heard])
    assert wer <= 0.05, list(zip(ENGLISH, heard, strict=True))
    # And every one of them would be known for the house's own voice.
    assert [left for text, back in zip(ENGLISH, heard, strict=True) if (left := without_echo(back, text))] == []


@pytest.mark.weights
async def test_chinese_is_understood(voice: KokoroVoice, whisper: WhisperRecognizer) -> None:
    heard = [await _back(voice, whisper, text, "zh") for text in CHINESE]
    said, back = (["".join(re.findall(r"[一-鿿]", text)) for text in texts] for texts in (CHINESE, heard))
    assert jiwer.cer(said, back) <= 0.12, list(zip(CHINESE, heard, strict=True))


@pytest.mark.weights
async def test_latin_words_within_chinese_are_spoken(voice: KokoroVoice) -> None:
    both = await _say(voice, "我看到一个 laptop。", "zh")
    assert len(both) > len(await _say(voice, "我看到一个。", "zh")) + RATE // 4


@pytest.mark.weights
async def test_a_prepared_sentence_is_there_at_once(voice: KokoroVoice) -> None:
    await voice.prepare("Someone came in.", "en")
    calls: list[str] = []
    original, voice._run = voice._run, lambda *a: calls.append("run") or np.zeros(1, np.int16)  # type: ignore[method-assign,func-returns-value]
    try:
        sound = await _say(voice, "Someone came in.", "en")
    finally:
        voice._run = original  # type: ignore[method-assign]
    assert calls == []
    assert 0.6 < len(sound) / RATE < 2.5
    assert np.abs(sound).max() > 3000


@pytest.mark.weights
async def test_preparing_waits_for_what_somebody_wants_to_hear(voice: KokoroVoice) -> None:
    order: list[str] = []

    async def wanted() -> None:
        await _say(voice, "Wanted now.", "en")
        order.append("wanted")

    async def ahead() -> None:
        await voice.prepare("Something prepared.", "en")
        order.append("prepared")

    one = asyncio.create_task(wanted())
    await asyncio.sleep(0)
    await asyncio.gather(ahead(), one)
    assert order == ["wanted", "prepared"]


class Slow(KokoroVoice):
    """Each sentence takes a second and nothing of this machine. `made`: the sentences, in order."""

    def __init__(self) -> None:
        super().__init__(Path("none.onnx"), Path("af_none"))
        self.made: list[str] = []

    async def _make(self, key: Key, begun: Begun | None = None) -> Pcm:
        self.made.append(key[1])
        await asyncio.sleep(1.0)
        return np.ones(RATE, np.int16)


async def test_a_sentence_that_is_being_prepared_is_not_made_twice() -> None:
    voice = Slow()
    ahead = asyncio.create_task(voice.prepare("Someone came in.", "en"))
    await asyncio.sleep(0.5)
    start = asyncio.get_running_loop().time()
    assert len(await _say(voice, "Someone came in.", "en")) == RATE
    assert asyncio.get_running_loop().time() - start < 0.6
    await ahead
    assert voice.made == ["Someone came in."]


async def test_who_stops_preparing_does_not_take_it_from_who_wants_to_hear_it() -> None:
    voice = Slow()
    ahead = asyncio.create_task(voice.prepare("Someone came in.", "en"))
    await asyncio.sleep(0.5)
    hearing = asyncio.create_task(_say(voice, "Someone came in.", "en"))
    await asyncio.sleep(0)
    ahead.cancel()
    assert len(await hearing) == RATE


async def test_sentences_are_prepared_one_at_a_time_and_after_what_is_said_now() -> None:
    voice = Slow()
    ahead = [asyncio.create_task(voice.prepare(f"Likely {n}.", "en")) for n in (1, 2, 2)]
    await asyncio.sleep(0)  # they are first in line …
    await _say(voice, "Okay.", "en")
    assert voice.made == ["Okay."]
    await asyncio.sleep(0.2)
    assert voice.made == ["Okay.", "Likely 1."]  # … and the worker is never more than one sentence away
    await asyncio.gather(*ahead)
    assert voice.made == ["Okay.", "Likely 1.", "Likely 2."]


@pytest.mark.weights
async def test_its_beginning_is_there_before_the_rest(voice: KokoroVoice) -> None:
    chunks = [pcm async for pcm in voice.synthesise("I am not counting anything at the moment.", "en")]
    assert len(chunks) == 2 and 0.4 < len(chunks[0]) / RATE < 1.2 and 0.8 < len(chunks[1]) / RATE < 2.5
    again = [pcm async for pcm in voice.synthesise("I am not counting anything at the moment.", "en")]
    assert np.array_equal(np.concatenate(again), np.concatenate(chunks))


class Stretched(Slow):
    """The first half second of two is there after a second, the rest a second later; it is `late` by so much."""

    def __init__(self, late: float) -> None:
        super().__init__()
        self.late = late

    async def _make(self, key: Key, begun: Begun | None = None) -> Pcm:
        await asyncio.sleep(1.0)
        assert begun
        begun(np.ones(RATE // 2, np.int16), self.late)
        await asyncio.sleep(1.0)
        return np.ones(2 * RATE, np.int16)


@pytest.mark.parametrize(("late", "first"), [(0.0, 1.0), (0.6, 1.6), (5.0, 2.0)])
async def test_the_beginning_waits_for_as_long_as_a_gap_behind_it_would_be(late: float, first: float) -> None:
    loop, voice = asyncio.get_running_loop(), Stretched(late)
    begin = loop.time()
    heard = [(loop.time() - begin, len(pcm) / RATE) async for pcm in voice.synthesise("It is ten past four.", "en")]
    assert [seconds for _, seconds in heard] == [0.5, 1.5]
    assert [t for t, _ in heard] == pytest.approx([first, 2.0], abs=0.01)


def test_a_sentence_is_parted_where_it_is_quiet_and_only_if_it_is_long() -> None:
    def level(*parts: tuple[int, float]) -> np.ndarray:
        return np.concatenate([np.full(2 * frames, loud, np.float32) for frames, loud in parts])[None]

    assert seam_of(level((12, -9), (30, 6), (2, 1), (40, 6), (20, -9))) == 42
    assert (
        seam_of(level((12, -9), (60, 6), (2, 1), (40, 6), (20, -9))) == 0
    )  # the pause comes too late, and a loud seam might be heard
    assert seam_of(level((12, -9), (30, 6), (20, -9))) == 0
    assert seam_of(level((40, -9))) == 0


def test_a_file_that_is_no_kokoro_is_refused() -> None:
    for file in (b"", b"no model", bytes(100), b"\x3a\x02\x0a\x00", b"\x3a\xff\xff\xff"):
        with pytest.raises(SpeakingError, match="not the Kokoro"):
            halves(file)


@pytest.mark.weights
async def test_what_cannot_be_spoken_is_silent(voice: KokoroVoice) -> None:
    assert (await _say(voice, "ß", "en")).size < RATE
    assert [pcm.size async for pcm in voice.synthesise("", "en")] == [0]


@pytest.mark.weights
async def test_a_language_that_it_does_not_speak_is_refused() -> None:
    english = KokoroVoice(assets.find("kokoro"), assets.find("voices/bf_emma"))
    assert english.languages == {"en"}
    with pytest.raises(SpeakingError, match="zh"):
        await _say(english, "你好", "zh")
    await english.aclose()


async def test_missing_and_damaged_files_are_explained(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_text("no model")
    speaker = assets.find("voices/af_heart")
    for model, words in ((tmp_path / "none.onnx", "missing"), (tmp_path / "model.onnx", "not the Kokoro")):
        voice = KokoroVoice(model, speaker)
        with pytest.raises(SpeakingError, match=words):
            await voice.warm_up()
        await voice.aclose()


@pytest.mark.weights
async def test_a_damaged_speaker_is_explained(tmp_path: Path) -> None:
    (tmp_path / "af_x.bin").write_bytes(bytes(100))
    voice = KokoroVoice(assets.find("kokoro"), tmp_path / "af_x.bin")
    with pytest.raises(SpeakingError, match="damaged"):
        await voice.warm_up()
    await voice.aclose()


class Cast(Slow):
    """Knows what it was asked for."""

    def __init__(self) -> None:
        KokoroVoice.__init__(
            self, Path("none.onnx"), Path("af_heart"), speaker_zh=Path("zf_x"), others=[Path("bm_george"), Path("af_b")]
        )
        self.made = []
        self.asked: list[Key] = []

    async def _make(self, key: Key, begun: Begun | None = None) -> Pcm:
        self.asked.append(key)
        return await super()._make(key, begun)


async def test_another_speaker_is_chosen_for_his_own_language_only() -> None:
    voice = Cast()
    assert voice.speakers("en") == ("af_heart", "af_b", "bm_george") and voice.speakers("zh") == ("zf_x",)
    george = voice.as_speaker("bm_george")
    assert voice.as_speaker("nobody") is voice and george.speakers("en") == voice.speakers("en")
    await _say(voice, "Hello.", "en")
    for language in ("en", "zh"):
        assert [pcm.size async for pcm in george.synthesise("Hello.", language)] == [RATE]
    await george.prepare("Later.", "en")
    assert [key[3] for key in voice.asked] == ["af_heart", "bm_george", "zf_x", "bm_george"]


async def test_what_was_said_a_moment_ago_is_there_at_once() -> None:
    voice = Slow()
    await _say(voice, "All right.", "en")
    await _say(voice, "All right.", "en")
    assert voice.made == ["All right."]


def test_the_prepared_sound_is_bounded_and_the_oldest_goes_first() -> None:
    ready = Ready(seconds=3.0)
    second = np.zeros(RATE, np.int16)
    for name in "abc":
        ready.put(("en", name, 1.0, "a"), second)
    assert ready.get(("en", "a", 1.0, "a")) is not None  # used: now the youngest
    ready.put(("en", "d", 1.0, "a"), second)
    assert [name for name in "abcd" if ("en", name, 1.0, "a") in ready] == ["a", "c", "d"]
    ready.put(("en", "e", 1.0, "a"), np.zeros(10 * RATE, np.int16))
    assert ready.samples == 0


def test_long_token_lists_are_parted_at_blanks() -> None:
    tokens = [1, 2, 3, 0] * 50
    parts = parted(tokens, blank=0, most=30)
    assert [token for part in parts for token in part] == tokens
    assert all(len(part) <= 30 for part in parts) and all(part[0] == 0 for part in parts[1:])
    assert [len(part) for part in parted([1] * 70, blank=0, most=30)] == [30, 30, 10]


def test_silence_around_a_sentence_is_trimmed() -> None:
    sound = np.concatenate([np.zeros(9000), np.full(2400, 0.5), np.zeros(12000)]).astype(np.float32)
    assert len(trimmed(sound)) / RATE == pytest.approx(0.25, abs=0.01)
    assert trimmed(np.zeros(500, np.float32)).size == 0
    assert np.abs(trimmed(np.full(100, 3.0, np.float32))).max() == 32767
