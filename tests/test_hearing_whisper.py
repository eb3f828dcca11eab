"""Real Whisper and real Silero on real human speech, silence and noise."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest
from numpy.typing import NDArray

import assets
from bench.sounds import sounds
from config import Hearing
from interaction.clock import Clock
from interaction.events import PersonSpeaking, Problem, TranscriptFinal, TranscriptPartial
from interaction.hearing.base import RATE, HearingError
from interaction.hearing.ears import Ears
from interaction.hearing.vad import CHUNK, Silero, load_silero
from interaction.hearing.whisper import WhisperRecognizer, simplified
from tests.fakes_speech import Heard, hiss

POCKETSPHINX = Path("/usr/share/pocketsphinx/test/data")
Sound = NDArray[np.float32]


@cache
def human_speech() -> dict[str, tuple[Sound, str]]:
    """Debian's pocketsphinx-testdata: five sentences of a LibriVox reader, five card names of another person."""
    import soundfile

    if not POCKETSPHINX.is_dir():
        pytest.skip("Debian's pocketsphinx-testdata is not installed")
    found = {}
    for folder, listing in (("librivox", "transcription"), ("cards", "cards.transcription")):
        for line in (POCKETSPHINX / folder / listing).read_text().splitlines():
            text, name = re.fullmatch(r"<s>\s*(.*?)\s*</s> \((.*)\)", line).groups()  # type: ignore[union-attr]
            sound, rate = soundfile.read(POCKETSPHINX / folder / f"{name}.wav", dtype="float32")
            assert rate == RATE
            found[f"{folder} {name[-4:]}"] = (sound, text)
    return found


DIGITS = {"4": "four", "5": "five", "7": "seven", "8": "eight", "10": "ten", "mr": "mister"}


def words(text: str) -> str:
    return " ".join(DIGITS.get(word, word) for word in re.findall(r"[a-z0-9']+", text.lower().replace("-", " ")))


@pytest.fixture(scope="module")
def whisper() -> Iterator[WhisperRecognizer]:
    recognizer = WhisperRecognizer(assets.find("whisper-base"), threads=2)
    yield recognizer
    asyncio.run(recognizer.aclose())


@pytest.fixture(scope="module")
def silero() -> Any:
    return load_silero(assets.find("silero-vad"))


class Room:
    """Real ears."""

    def __init__(
        self, whisper: WhisperRecognizer, silero: Any, language: str = "en", partials: bool = False, **settings: Any
    ) -> None:
        self.events = Heard()
        hearing = Hearing(partials=partials, **settings)
        self.ears = Ears(
            whisper, Silero(silero), self.events.append, Clock().now, lambda: language, lambda: "", hearing
        )

    async def hears(self, *sounds: Sound) -> list[str]:
        for part in sounds:
            for k in range(0, len(part), 960):
                self.ears.feed(part[k : k + 960])
                await asyncio.sleep(0.06)
        await asyncio.sleep(1)
        await self.ears.aclose()
        return [event.text for event in self.events if isinstance(event, TranscriptFinal)]


@pytest.mark.weights
@pytest.mark.parametrize(("kind", "most"), [("librivox", 0.06), ("cards", 0.25)])
async def test_human_speech_is_understood(whisper: WhisperRecognizer, kind: str, most: float) -> None:
    said, heard = [], []
    for name, (sound, text) in human_speech().items():
        if name.startswith(kind):
            said.append(words(text))
            heard.append(words((await whisper.transcribe(sound, "en")).text))
    assert jiwer.wer(said, heard) <= most, list(zip(said, heard, strict=True))


@pytest.mark.weights
async def test_human_speech_through_the_ears(whisper: WhisperRecognizer, silero: Any) -> None:
    sound, text = human_speech()["librivox 0930"]
    room = Room(whisper, silero)
    heard = await room.hears(hiss(1.0), sound + hiss(len(sound) / RATE)[: len(sound)], hiss(1.5))
    assert jiwer.wer(words(text), words(" ".join(heard))) <= 0.15
    assert [e.active for e in room.events if isinstance(e, PersonSpeaking)][:1] == [True]


@pytest.mark.weights
async def test_the_first_sound_of_a_turn_is_in_the_pre_roll(whisper: WhisperRecognizer, silero: Any) -> None:
    """ "He might …" and "had he …" begin with a breath, "seven" with a hiss: all before the VAD is sure."""
    for name, first in (("librivox 0880", "he"), ("librivox 0920", "had"), ("cards 003", "seven")):
        sound, _ = human_speech()[name]
        heard = await Room(whisper, silero).hears(hiss(1.0), sound, hiss(1.5))
        assert words(heard[0]).split()[0] == first, heard


@pytest.mark.weights
async def test_the_onset_is_announced_soon(whisper: WhisperRecognizer, silero: Any) -> None:
    sound, _ = human_speech()["librivox 0890"]
    loud = np.convolve(np.abs(sound), np.ones(160) / 160, "same") > 0.02
    onset = 1.0 + float(np.argmax(loud)) / RATE
    room = Room(whisper, silero)
    await room.hears(hiss(1.0), sound[: 2 * RATE], hiss(1.5))
    assert room.events.of(PersonSpeaking)[0].t - onset < 0.3


def _noises() -> dict[str, Sound]:
    rng = np.random.default_rng(0)
    t = np.arange(4 * RATE) / RATE
    white = rng.normal(0, 1, t.size)
    pink = np.fft.irfft(np.fft.rfft(white) / np.sqrt(np.arange(1, t.size // 2 + 2)))
    knocks = white * (np.exp(-((t * 2.5) % 1.0) * 30))
    chords = sum(np.sin(2 * np.pi * f * t) for f in (262, 330, 392)) * (
        0.5 + 0.5 * np.sign(np.sin(2 * np.pi * 1.5 * t))
    )
    return {
        name: (sound / np.abs(sound).max() * loudness).astype(np.float32)
        for name, sound, loudness in [
            ("white", white, 0.1), ("loud", white, 0.8), ("pink", pink, 0.5), ("hum", np.sin(2 * np.pi * 120 * t), 0.3),
            ("knocks", knocks, 0.8), ("chords", chords, 0.5), ("hiss", white, 0.003),
        ]
    }  # fmt: skip


@pytest.mark.weights
async def test_silence_and_noise_say_nothing(whisper: WhisperRecognizer, silero: Any) -> None:
    said = {name: await Room(whisper, silero).hears(sound, hiss(1.0)) for name, sound in _noises().items()}
    said["zeros"] = await Room(whisper, silero).hears(np.zeros(5 * RATE, np.float32))
    assert {name: texts for name, texts in said.items() if texts} == {}


@pytest.mark.weights
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_music_coughs_keys_and_laughter_are_no_requests(
    whisper: WhisperRecognizer, silero: Any, language: str
) -> None:
    """The first seconds of what `bench.sounds` makes; the bench hears ten minutes of it."""
    found = sounds(3.0, seed=2)
    if language == "zh":  # the others do not get as far as a language
        found = {name: found[name] for name in ("coughs", "laughs", "humming", "music")}
    said = {name: await Room(whisper, silero, language).hears(sound, hiss(1.0)) for name, sound in found.items()}
    assert {name: texts for name, texts in said.items() if texts} == {}


@pytest.mark.weights
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_noise_that_passes_the_vad_is_not_made_into_words(whisper: WhisperRecognizer, language: str) -> None:
    sounds = {**_noises(), "zeros": np.zeros(3 * RATE, np.float32), "nothing": np.zeros(0, np.float32)}
    said = {name: (await whisper.transcribe(sound[: 3 * RATE], language)).text for name, sound in sounds.items()}
    assert {name: text for name, text in said.items() if text} == {}


@pytest.mark.weights
async def test_a_long_turn_is_heard_to_its_end(whisper: WhisperRecognizer) -> None:
    parts = [sound for name, (sound, _) in human_speech().items() if name.startswith("librivox")]
    text = (await whisper.transcribe(np.concatenate(parts), "en")).text
    assert words(text).startswith("and mister john dashwood")
    assert words(text).endswith("made amiable himself")


@pytest.mark.weights
async def test_captions_grow_while_the_person_reads(whisper: WhisperRecognizer, silero: Any) -> None:
    sound, text = human_speech()["librivox 0880"]
    room = Room(whisper, silero, partials=True)
    await whisper.warm_up()  # attempts are made with a loaded model only
    (final,) = await room.hears(hiss(1.0), sound, hiss(1.5))
    shown = [(e.stable, e.text) for e in room.events if isinstance(e, TranscriptPartial)]
    assert shown and all(text.startswith(stable) for stable, text in shown)
    assert all(later.startswith(earlier) for (earlier, _), (later, _) in pairwise(shown))
    assert jiwer.wer(words(text), words(final)) <= 0.35, "the final is made anew, of the whole turn"


@pytest.mark.weights
async def test_an_attempt_that_nobody_waits_for_is_given_up(whisper: WhisperRecognizer) -> None:
    sound, _ = human_speech()["librivox 0880"]
    await whisper.warm_up()
    assert await whisper.partial(sound, "en", lambda: True) is None
    result = await whisper.partial(sound, "en", lambda: False)
    assert result and result.text.startswith("He")


@pytest.mark.weights
async def test_nothing_is_lost_where_a_monologue_is_cut(whisper: WhisperRecognizer, silero: Any) -> None:
    clips = [human_speech()[f"librivox {number}"] for number in ("0870", "0920")]
    room = Room(whisper, silero, longest_turn_s=9.0, guess_s=0.5)
    heard = await room.hears(hiss(1.0), *[sound for sound, _ in clips], hiss(1.5))
    assert len(heard) >= 2
    assert jiwer.wer(words(" ".join(text for _, text in clips)), words(" ".join(heard))) <= 0.2, heard


@pytest.mark.weights
async def test_an_overdriven_microphone_is_understood_and_told(whisper: WhisperRecognizer, silero: Any) -> None:
    sound, text = human_speech()["librivox 0880"]
    room = Room(whisper, silero)
    heard = await room.hears(hiss(1.0), np.clip(sound * 12, -1, 1), hiss(1.5))
    assert jiwer.wer(words(text), words(" ".join(heard))) <= 0.35, heard
    assert [e.where for e in room.events if isinstance(e, Problem)] == ["microphone"]


@pytest.mark.weights
async def test_two_people_at_once_are_one_turn_of_the_louder(whisper: WhisperRecognizer, silero: Any) -> None:
    (near, text), (far, _) = human_speech()["librivox 0880"], human_speech()["librivox 0890"]
    both = near.copy()
    both[: len(far)] += 0.15 * far[: len(both)]
    room = Room(whisper, silero)
    heard = await room.hears(hiss(1.0), both, hiss(1.5))
    assert jiwer.wer(words(text), words(" ".join(heard))) <= 0.5, heard
    assert [e.active for e in room.events if isinstance(e, PersonSpeaking)][-1] is False


@pytest.mark.weights
async def test_the_language_is_heard(whisper: WhisperRecognizer) -> None:
    found = [await whisper.detect(human_speech()[name][0]) for name in ("librivox 0870", "librivox 0890")]
    assert [language for language, sure in filter(None, found) if sure > 0.8] == ["en", "en"]


@pytest.mark.weights
async def test_a_language_that_is_not_understood_is_refused(whisper: WhisperRecognizer) -> None:
    with pytest.raises(HearingError, match="fr"):
        await whisper.transcribe(hiss(1.0), "fr")


async def test_a_missing_model_is_explained(tmp_path: Path) -> None:
    recognizer = WhisperRecognizer(tmp_path)
    with pytest.raises(HearingError, match=r"model\.bin"):
        await recognizer.warm_up()
    await recognizer.aclose()


async def test_a_damaged_model_is_explained(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    recognizer = WhisperRecognizer(tmp_path)
    with pytest.raises(HearingError, match="could not be recognised"):
        await recognizer.warm_up()
    await recognizer.aclose()


def test_a_damaged_detector_is_explained(tmp_path: Path) -> None:
    (tmp_path / "vad.onnx").write_text("no model")
    with pytest.raises(HearingError, match=r"vad\.onnx"):
        load_silero(tmp_path / "vad.onnx")


def test_the_detector_remembers_and_forgets(silero: Any) -> None:
    vad = Silero(silero)
    sound = human_speech()["librivox 0880"][0]
    chunks = sound[: len(sound) // CHUNK * CHUNK].reshape(-1, CHUNK)
    first = [vad(chunk) for chunk in chunks]
    again = [vad(chunk) for chunk in chunks]
    vad.reset()
    assert [vad(chunk) for chunk in chunks] == first != again
    assert max(first) > 0.9 and max(Silero(silero)(chunk) for chunk in hiss(1.0)[:15872].reshape(-1, CHUNK)) < 0.3


def test_traditional_characters_become_simplified() -> None:
    assert simplified("有人 剛剛走進了房間, 2分鐘 hello world") == "有人刚刚走进了房间, 2分钟 hello world"
