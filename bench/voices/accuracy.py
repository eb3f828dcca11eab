"""Whether what is said is understood: people by Whisper, and Kokoro by Whisper. Errors in percent of words (English) or
characters (Chinese), after numbers, case, punctuation and traditional characters are brought to one form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import assets
from bench.figures import Figure
from bench.person import resampled
from config import Settings
from interaction.backends import make_recognizer, make_voice
from interaction.hearing.base import Recognizer
from interaction.speaking.base import Voice
from interaction.speaking.normalise import speakable

HUMAN = Path("/usr/share/pocketsphinx/test/data")
ENGLISH = (
    "Someone just came in, on the left.",
    "I can see two people and a red cup.",
    "Okay, I will tell you when the pot boils over.",
    "The answer is 340.",
    "A car stopped in front of the house at half past three.",
    "There are three people at the door.",
    "The last person left at 9:30.",
    "Watch for anybody who opens the window.",
    "It costs $5.20 and weighs 12 kg.",
    "Tell me if more than two people are here.",
    "Paused. Say continue when you want me back.",
    "The screen says that the train leaves in 15 minutes.",
)
CHINESE = (
    "有人刚刚走进了房间。",
    "我看到桌子上有一个红色的杯子。",
    "好的，我会在水烧开的时候告诉你。",
    "摄像头太暗了，我什么也看不见。",
    "现在是下午三点半。",
    "门口有三个人在等你。",
    "十分钟以后我会提醒你把茶拿出来。",
    "屏幕上的文字已经变了。",
)


def spoken_by_people() -> list[tuple[NDArray[np.float32], str]]:
    """Debian's pocketsphinx-testdata: a LibriVox reader. (Whisper's short window was chosen on these very clips.)"""
    import soundfile

    found = []
    for line in (HUMAN / "librivox" / "transcription").read_text().splitlines():
        matched = re.fullmatch(r"<s>\s*(.*?)\s*</s> \((.*)\)", line)
        assert matched
        sound, _ = soundfile.read(HUMAN / "librivox" / f"{matched[2]}.wav", dtype="float32")
        found.append((np.asarray(sound, np.float32), matched[1]))
    return found


async def measure(settings: Settings) -> list[Figure]:
    base, voice = make_recognizer(settings), make_voice(settings)
    tiny = make_recognizer(
        settings.model_copy(update={"hearing": settings.hearing.model_copy(update={"english_only": True})})
    )
    assert voice is not None
    figures = []
    if HUMAN.is_dir():  # noqa: ASYNC240  one look at the disk
        clips = spoken_by_people()
        for name, recognizer, limit in (("base", base, 6.0), ("tiny.en", tiny, None)):
            figures.append(await _people(name, recognizer, clips, limit))
    else:
        figures.append(Figure(5, "people, heard by base", "%", problem="Debian's pocketsphinx-testdata is not here"))
    speakers = {language: voice.speakers(language) for language in ("en", "zh")}
    figures.append(await _round_trip("en", ENGLISH, speakers["en"], voice, base, 3.0))
    figures.append(await _round_trip("zh", CHINESE, speakers["zh"], voice, base, 15.0))
    for room in (base, tiny, voice):
        await room.aclose()
    return figures


async def _people(
    name: str, recognizer: Recognizer, clips: Sequence[tuple[NDArray[np.float32], str]], limit: float | None
) -> Figure:
    errors = total = 0
    notes = []
    for sound, text in clips:
        heard = (await recognizer.transcribe(sound, "en")).text
        wrong, said = errors_in(text, heard, "en")
        errors, total = errors + wrong, total + said
        if wrong:
            notes.append(f"{name}: {text!r} → {heard!r}")
    how = f"{len(clips)} clips, {total} words; tuned on: the 10 s window was chosen with them"
    return Figure(5, f"people, heard by {name}: wrong words", "%", [100 * errors / total], limit, how=how, notes=notes)


async def _round_trip(
    language: str, texts: Sequence[str], speakers: Sequence[str], voice: Voice, recognizer: Recognizer, limit: float
) -> Figure:
    errors = total = 0
    notes = []
    for number, text in enumerate(texts):
        speaker = speakers[number % len(speakers)]
        parts = [pcm async for pcm in voice.as_speaker(speaker).synthesise(speakable(text, language), language)]
        heard = (await recognizer.transcribe(resampled(np.concatenate(parts)), language)).text
        wrong, said = errors_in(text, heard, language)
        errors, total = errors + wrong, total + said
        if wrong:
            notes.append(f"{speaker}: {text!r} → {heard!r}")
    unit = "characters" if language == "zh" else "words"
    how = f"{len(texts)} sentences, {total} {unit}, {len(speakers)} speakers, heard by base"
    return Figure(6, f"Kokoro, {language}: wrong {unit}", "%", [100 * errors / total], limit, how=how, notes=notes)


def errors_in(said: str, heard: str, language: str) -> tuple[int, int]:
    """(wrong, said) words or characters: the fewest insertions, deletions and replacements."""
    wanted, got = (_units(text, language) for text in (said, heard))
    row = list(range(len(got) + 1))
    for k, unit in enumerate(wanted, 1):
        before, row[0] = row[0], k
        for j, other in enumerate(got, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (unit != other))
    return row[-1], len(wanted)


def _units(text: str, language: str) -> list[str]:
    words = speakable(text, language)
    if language == "zh":
        return re.findall(r"[一-鿿]|[a-z0-9]+", words.lower())
    return re.findall(r"[a-z0-9']+", words.lower().replace("-", " "))


def weights_missing(settings: Settings) -> str:
    """Why nothing can be measured; "" when all is there."""
    names = ("kokoro", "whisper-base", "whisper-tiny-en", "silero-vad")
    errors = [error for name in names if (error := assets.Assets.of(settings).error(name))]
    return "; ".join(str(error) for error in errors)
