"""What the person has switched, and the one way to switch it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# Allowed values; bool switches take True and False.
VERBOSITY = ("brief", "normal", "chatty")
LANGUAGES = ("en", "zh")


@dataclass
class Modes:
    """`voice`: answers are spoken, else captions only; `microphone`: the house listens."""

    paused: bool = False
    voice: bool = True
    microphone: bool = True
    verbosity: str = "normal"
    language: str = "en"

    def set(self, name: str, value: Any) -> bool:
        """Switch; returns whether anything changed. Raises ValueError for what cannot be."""
        allowed: tuple[Any, ...] = {"verbosity": VERBOSITY, "language": LANGUAGES}.get(name, (True, False))
        if name not in asdict(self) or value not in allowed:
            raise ValueError(f"{name} cannot be {value!r}")
        changed = getattr(self, name) != value
        setattr(self, name, value)
        return bool(changed)

    def snapshot(self) -> dict[str, Any]:
        return asdict(self)
