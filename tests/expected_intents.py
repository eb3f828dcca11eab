"""Expected intents for the tables of utterances: only the fields that a case names are compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from interaction.intents import AddWatch, Condition, Control, Intent, Question, Remark, Schedule, Task, Unable
from interaction.understanding import WatchRef, understand

# A Wednesday, ten in the morning, in a zone that is not UTC.
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=timezone(timedelta(hours=8)))
LANES = ("kitchen", "front door", "厨房")
WATCHES = (
    WatchRef("w1", "Someone comes in", Condition("arrives")),
    WatchRef("w2", "A cup is in view", Condition("sees", "coffee cup")),
    WatchRef("w3", "Take the tea out", None, Schedule(after=600.0), say="Take the tea out", once=True),
    WatchRef("w4", "More than 2 people are here", Condition("more_than", number=2)),
)


@dataclass(frozen=True)
class Expected:
    """One intent: its type, and the fields that matter."""

    type: type
    fields: dict[str, Any]

    def fits(self, intent: Intent) -> bool:
        if type(intent) is not self.type:
            return False
        return all(_value(intent, name) == wanted for name, wanted in self.fields.items())


def _value(intent: Intent, name: str) -> Any:
    """A field; of the question that a watch asks, its kind."""
    value = getattr(intent, name)
    return value.kind if name == "ask" and value else value


def watch(kind: str, label: str = "person", number: int | None = None, **more: Any) -> Expected:
    """A watch; what is not named must be at its default, so that nothing is read into a sentence."""
    condition = Condition(kind, label, number, more.pop("text", None), more.pop("tally", False))  # type: ignore[arg-type]
    plain = {"say": None, "ask": None, "source": None, "once": False, "urgent": False, "expires": None}
    return Expected(AddWatch, {"condition": condition, "schedule": None, **plain, **more})


def timer(seconds: float, **more: Any) -> Expected:
    return Expected(AddWatch, {"condition": None, "schedule": Schedule(after=seconds), "once": True, **more})


def at(hour: int, minute: int = 0, days: int = 0, **more: Any) -> Expected:
    moment = NOW.replace(hour=hour, minute=minute) + timedelta(days=days)
    return Expected(AddWatch, {"schedule": Schedule(at=moment.isoformat()), "once": True, **more})


def daily(hour: int, days: int, say: str) -> Expected:
    first = (NOW.replace(hour=hour) + timedelta(days=days)).isoformat()
    return Expected(AddWatch, {"schedule": Schedule(every=86_400.0, at=first), "once": False, "say": say})


def every(seconds: float, **more: Any) -> Expected:
    return Expected(AddWatch, {"condition": None, "schedule": Schedule(every=seconds), "once": False, **more})


def asks(kind: str, label: str | None = None) -> Expected:
    return Expected(Question, {"kind": kind, "label": label})


def do(verb: str, *target: str, lasts: float | None = None) -> Expected:
    return Expected(Control, {"verb": verb, "target": target, "lasts": lasts})


def task(text: str) -> Expected:
    return Expected(Task, {"text": text})


def unable(nearest: str | None) -> Expected:
    return Expected(Unable, {"nearest": nearest})


def remark(reply: str | None = None) -> Expected:
    return Expected(Remark, {"reply": reply})


def misunderstood(cases: Iterable[tuple[str | Expected, ...]], language: str) -> list[str]:
    """Those of the cases (text, expected intent, …) that are not understood as expected, one line each."""
    wrong = []
    for text, *expected in cases:
        made = understand(str(text), language, now=NOW, watches=WATCHES, lanes=LANES)
        wanted = [intent for intent in expected if isinstance(intent, Expected)]
        if len(made) != len(wanted) or not all(map(Expected.fits, wanted, made)):
            wrong.append(f"{text!r}: {made}")
    return wrong
