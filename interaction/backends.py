"""From a name or URL in the settings to an implementation. The six things that can be swapped meet here.

Each room has a table of frozen `Spec`s; others can be added from outside by an entry point in the group
`lookout.<room>` whose value is a function `make(settings)`. Heavy imports happen when one is made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import assets
from config import Settings, Speaking
from interaction.events import Event
from interaction.hearing.base import Recognizer
from interaction.observers import engine_plan
from interaction.observers.base import ObserverError, ObserverModel
from interaction.speaking.base import Voice
from interaction.text_model.base import TextModel

if TYPE_CHECKING:
    from interaction.observers.engine import Engine

ROOT = Path(__file__).resolve().parents[1]
OBSERVERS = ", auto, vllm:<model>, or the URL of a server"  # what is chosen before the table is read
Room = Literal["observers", "recognizers", "voices"]


class UnknownBackend(Exception):
    """A name in the settings that nothing answers to. The message names the setting and the choices."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One implementation. `setting`: the environment variable that chooses it."""

    name: str
    make: Callable[[Settings], Any]


def _embedded(settings: Settings) -> ObserverModel:
    from interaction.observers.embedded import EmbeddedObserver

    return EmbeddedObserver()


def _observer_url(settings: Settings) -> ObserverModel:
    from interaction.observers.openai_compatible import OpenAICompatibleObserver

    return OpenAICompatibleObserver(settings)


def _whisper(settings: Settings) -> Recognizer:
    from interaction.hearing.whisper import WhisperRecognizer

    english = assets.find("whisper-tiny-en", settings) if settings.hearing.english_only else None
    return WhisperRecognizer(assets.find("whisper-base", settings), settings.hearing.threads, english)


def _recognizer_url(settings: Settings) -> Recognizer:
    from interaction.hearing.openai_compatible import OpenAIRecognizer

    hearing = settings.hearing
    return OpenAIRecognizer(hearing.url, hearing.model, hearing.key.get_secret_value(), hearing.timeout_s)


def _kokoro(settings: Settings) -> Voice:
    from interaction.speaking.kokoro import KokoroVoice

    speaking = settings.speaking
    places = assets.Assets.of(settings)
    there = [name for name in assets.manifest() if name.startswith("voices/") and not places.error(name)]
    return KokoroVoice(
        assets.find("kokoro", settings),
        assets.find(f"voices/{speaking.speaker}", settings),
        speaker_zh=assets.find(f"voices/{speaking.speaker_zh}", settings) if speaking.speaker_zh else None,
        others=[places.find(name) for name in there],
        speed=speaking.speed,
        threads=speaking.threads,
        ready_s=speaking.ready_s,
    )


def _voice_url(settings: Settings) -> Voice:
    from interaction.speaking.openai_compatible import OpenAIVoice

    speaking = settings.speaking
    return OpenAIVoice(
        speaking.url,
        speaking.model,
        speaking.speaker,
        speaking.key.get_secret_value(),
        speed=speaking.speed,
        rate=speaking.rate,
        timeout_s=speaking.timeout_s,
        longest_s=speaking.longest_s,
    )


BUILT_IN: Mapping[Room, tuple[Spec, ...]] = {
    "observers": (Spec("embedded", _embedded), Spec("openai", _observer_url)),
    "recognizers": (Spec("whisper", _whisper), Spec("openai", _recognizer_url)),
    "voices": (Spec("kokoro", _kokoro), Spec("openai", _voice_url)),
}


def specs(room: Room) -> dict[str, Callable[[Settings], Any]]:
    """Everything that can be chosen in a room, the built-in ones first."""
    found = {spec.name: spec.make for spec in BUILT_IN[room]}
    for point in entry_points(group=f"lookout.{room}"):
        found.setdefault(point.name, partial(_load, point))
    return found


def _load(point: EntryPoint, settings: Settings) -> Any:
    return point.load()(settings)


def _choose(room: Room, name: str, setting: str, settings: Settings) -> Any:
    found = specs(room)
    if name not in found:
        others = OBSERVERS if room == "observers" else ""
        raise UnknownBackend(
            f"{setting}={name!r}: there is no such choice; known are {', '.join(sorted(found))}{others}"
        )
    return found[name](settings)


def settled(settings: Settings) -> Settings:
    """With `LOOKOUT_OBSERVER=auto` as what that means here. Blocks for `nvidia-smi` where vLLM is installed."""
    return settings.model_copy(update={"observer": _automatic(settings)}) if settings.observer == "auto" else settings


def _automatic(settings: Settings) -> str:
    if settings.observer_url:
        return settings.observer_url
    if vllm_python(settings) and (engine_plan.card_mib() or 0) >= engine_plan.AUTO_MIB:
        return engine_plan.MODEL + settings.vllm.model
    return "embedded"


def vllm_python(settings: Settings) -> Path | None:
    """The Python of the environment that `make setup-vllm` made, or of `LOOKOUT_VLLM_PYTHON`; None: there is none."""
    python = settings.vllm_python or ROOT / ".venv-vllm" / "bin" / "python"
    python = python.expanduser().absolute()  # not resolved: a link to Python is what makes an environment
    return python if python.is_file() and os.access(python, os.X_OK) else None


def make_engine(settings: Settings) -> Engine | None:
    """The model server for `LOOKOUT_OBSERVER=vllm:<model>`, to be started; None for any other observer.

    Raises `UnknownBackend` where that cannot be: no environment, no such model.
    """
    chosen = settings.observer
    if not chosen.startswith(engine_plan.MODEL):
        return None
    from interaction.observers.engine import Engine

    try:
        model = engine_plan.model_of(chosen.removeprefix(engine_plan.MODEL))
    except ValueError as error:
        raise UnknownBackend(f"LOOKOUT_OBSERVER: {error}") from None
    python = vllm_python(settings)
    if python is None:
        raise UnknownBackend(
            f"LOOKOUT_OBSERVER={chosen} needs an environment with vLLM: `make setup-vllm` makes one for a GPU, or "
            "LOOKOUT_VLLM_PYTHON names its Python"
        )
    row = engine_plan.row(engine_plan.card_mib())
    return Engine(python, model, row, settings.data_dir.expanduser(), settings.vllm, download=settings.download)


def make_observer(
    settings: Settings, engine: Engine | None = None, embedded: ObserverModel | None = None
) -> ObserverModel:
    """`LOOKOUT_OBSERVER`: a name, the URL of an OpenAI-compatible server, or `engine`'s model, for which `embedded`
    stands in. Raises `UnknownBackend`."""
    chosen = settings.observer
    if engine:
        from interaction.observers.engine_observer import EngineObserver

        return EngineObserver(engine, embedded or make_embedded(settings), settings)
    try:
        name = "openai" if urlsplit(chosen).scheme in ("http", "https") else chosen
        made: ObserverModel = _choose("observers", name, "LOOKOUT_OBSERVER", settings)
    except ValueError as error:  # of an address that is none, and says neither where it stands nor what it is
        public = chosen.rpartition("@")[2]  # a password may stand before it
        raise UnknownBackend(f"LOOKOUT_OBSERVER={public!r}: {error}") from error
    except ObserverError as error:
        raise UnknownBackend(str(error)) from error
    return made


def make_embedded(settings: Settings) -> ObserverModel:
    """The observer that stands in when the chosen one fails."""
    made: ObserverModel = specs("observers")["embedded"](settings)
    return made


def make_recognizer(settings: Settings) -> Recognizer:
    """`LOOKOUT_HEARING__RECOGNIZER`. Raises `UnknownBackend` or `assets.AssetError`."""
    made: Recognizer = _choose("recognizers", settings.hearing.recognizer, "LOOKOUT_HEARING__RECOGNIZER", settings)
    return made


def make_voice(settings: Settings) -> Voice | None:
    """`LOOKOUT_SPEAKING__VOICE`; None for "none". Raises `UnknownBackend` or `assets.AssetError`."""
    if settings.speaking.voice == "none":
        return None
    made: Voice = _choose("voices", settings.speaking.voice, "LOOKOUT_SPEAKING__VOICE", settings)
    return made


def guarded_recognizer(settings: Settings, tell: Callable[[Event], None]) -> Recognizer:
    """`make_recognizer`; a server has Whisper behind it. `tell`: of the server's troubles."""
    main = make_recognizer(settings)
    if settings.hearing.recognizer == "whisper" or not settings.fallback.enabled:
        return main
    from interaction.hearing.standby import StandbyRecognizer

    return StandbyRecognizer(main, lambda: make_recognizer(embedded_speech(settings)), tell, settings.fallback)


def guarded_voice(settings: Settings, tell: Callable[[Event], None]) -> Voice | None:
    """`make_voice`; a server has Kokoro behind it. `tell`: of the server's troubles."""
    main = make_voice(settings)
    if main is None or settings.speaking.voice == "kokoro" or not settings.fallback.enabled:
        return main
    from interaction.speaking.standby import StandbyVoice

    return StandbyVoice(main, lambda: _kokoro(embedded_speech(settings)), tell, settings.fallback)


def embedded_speech(settings: Settings) -> Settings:
    """The same settings with hearing and voice by what is built in."""
    update: dict[str, Any] = {"hearing": settings.hearing.model_copy(update={"recognizer": "whisper"})}
    if settings.speaking.voice != "none":
        speaker = settings.speaking.speaker  # a server's voice may have another name
        known = speaker if f"voices/{speaker}" in assets.manifest() else Speaking().speaker
        update["speaking"] = settings.speaking.model_copy(update={"voice": "kokoro", "speaker": known})
    return settings.model_copy(update=update)


def make_text_model(settings: Settings) -> TextModel | None:
    """`LOOKOUT_LLM__URL`; None where it is empty. Raises `UnknownBackend`."""
    if not settings.llm.url:
        return None
    from interaction.text_model.openai_compatible import OpenAITextModel

    try:
        return OpenAITextModel(settings.llm)
    except ValueError as error:
        raise UnknownBackend(f"LOOKOUT_LLM__URL: {error}") from error


def hosts(settings: Settings) -> dict[str, str]:
    """Every outside host that these settings send something to, and what it receives."""
    chosen = [
        (settings.observer, ("pictures",)),
        (settings.hearing.url if settings.hearing.recognizer == "openai" else "", ("sound",)),
        (settings.speaking.url if settings.speaking.voice == "openai" else "", ("text",)),
        (settings.agent.url, ("text",)),
        (settings.agent.solve_url, ("pictures", "text")),
        (settings.llm.url, ("text",)),
        (settings.memory.chroma_url, ("text",)),
        (settings.memory.embedding_url if settings.memory.embedding == "openai" else "", ("text",)),
    ]
    found: dict[str, list[str]] = {}
    for url, what in chosen:
        host = urlsplit(url).hostname if "//" in url else None
        if host:
            received = found.setdefault(host, [])
            received += [part for part in what if part not in received]
    for outlet in settings.outlets:
        received = found.setdefault(outlet.host, [])
        received += [part for part in ("pictures", "text")[not outlet.picture :] if part not in received]
    return {host: ", ".join(received) for host, received in found.items()}
