"""What the person has switched, and the one way to switch it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from interaction.both import Both

# Allowed values; bool switches take True and False.
VERBOSITY = ("brief", "normal", "chatty")
# How fast it speaks, of the speed that is set for the house; faster than this, Kokoro slurs.
PACES = {"slow": 0.8, "normal": 1.0, "fast": 1.25}
LANGUAGES = ("en", "zh")
SPEAKERS = {"speaker": "en", "speaker_zh": "zh"}  # who speaks a language; "" is the house's own voice


@dataclass
class Modes:
    """`voice`: answers are spoken, else captions only; `microphone`: the house listens; `wake`: only to what begins
    with a wake word; `pace`: one of `PACES`."""

    paused: bool = False
    voice: bool = True
    microphone: bool = True
    wake: bool = False
    verbosity: str = "normal"
    pace: str = "normal"
    language: str = "en"
    speaker: str = ""
    speaker_zh: str = ""

    def set(self, name: str, value: Any) -> bool:
        """Switch; returns whether anything changed. Raises ValueError for what cannot be (who can speak is known to
        the voice: `controls.set_mode`)."""
        allowed: tuple[Any, ...] = {"verbosity": VERBOSITY, "language": LANGUAGES, "pace": tuple(PACES)}.get(
            name, (str(value),) if name in SPEAKERS else (True, False)
        )
        if name not in asdict(self) or not isinstance(value, str | bool) or value not in allowed:
            raise ValueError(Both(f"{name} cannot be {value!r}", f"{name} 不能是“{value}”"))
        changed = getattr(self, name) != value
        setattr(self, name, value)
        return bool(changed)

    def snapshot(self) -> dict[str, Any]:
        return asdict(self)
