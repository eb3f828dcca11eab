"""Which events become moments of long-term memory, and how they read. Pure."""

from __future__ import annotations

from datetime import datetime

from interaction.events import Event, Seen, TaskDone, TranscriptFinal, UtteranceEnded, WatchChanged
from interaction.wire import clean
from memory.record import Moment, MomentKind

# Percepts worth keeping; movement alone would fill a day with noise.
KEPT_PERCEPTS = frozenset({"arrived", "left", "text_changed", "scene_cut"})


def moment_of(event: Event, seq: int, session: str, at: datetime, language: str) -> Moment | None:
    """The moment in an event, or None. Its id is unique to session and event."""
    kind: MomentKind
    lane = label = what = watch = ""
    match event:
        case Seen() if event.kind in KEPT_PERCEPTS:
            kind, text, lane, label, what = "seen", event.text, event.lane, event.label, event.kind
        case TranscriptFinal():
            kind, text, language = "heard", event.text, event.language
        case UtteranceEnded() if event.heard.strip():
            kind, text = "said", event.heard
        case TaskDone() if event.status == "completed":
            kind, text = "task", f"{event.question} → {event.text}"
        case WatchChanged() if event.change in ("armed", "cancelled"):
            kind, watch = "decided", str(event.watch.get("id", ""))
            text = f"{event.change}: {event.watch.get('wording', '')}"
        case _:
            return None
    return Moment(f"{session}-{seq}", at, kind, clean(text), language, lane, label, what, watch, "", session)
