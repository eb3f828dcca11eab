"""What the events of a session prove: that a fault was told, that nothing was lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from bench.strain.faults import Fault
from interaction.events import (
    Event,
    LaneChanged,
    Problem,
    Recovered,
    TaskDone,
    TaskSubmitted,
    UtteranceEnded,
    UtteranceStarted,
    WatchChanged,
)
from interaction.session import Session
from interaction.watch_rules import STANDING

TELL_S = 30.0  # after a fault: a task that runs into one is given up some time later


def told(fault: Fault, parts: Sequence[str], events: Sequence[Event]) -> bool:
    """Whether one of these parts said so while it was on or soon after, or was already known to be broken.

    "lane": a source that is down or stalled; "task": a task that came to nothing; "": there is nothing to tell.
    """
    if "" in parts:
        return True
    since, until = fault.start - 0.5, fault.end + TELL_S
    for event in (event for event in events if since <= event.t <= until):
        match event:
            case LaneChanged(state="down" | "stalled") if "lane" in parts:
                return True
            case UtteranceStarted(spoken=False) if "voice" in parts:
                return True  # what could not be heard in time was shown
            case UtteranceEnded(interrupted=True, heard="") if "voice" in parts:
                return True  # the person talked on before anything was to be heard, and cancelled it so
            case TaskDone() if "task" in parts and event.status != "completed":
                return True
            case Problem() if event.where.startswith(tuple(parts)):
                return True
    return any(where.startswith(tuple(parts)) for where in _standing(events, since))


def _standing(events: Sequence[Event], t: float) -> set[str]:
    """The parts that were known to be broken at that time."""
    broken: set[str] = set()
    for event in (event for event in events if event.t < t):
        if isinstance(event, Problem):
            broken.add(event.where)
        elif isinstance(event, Recovered):
            broken.discard(event.where)
    return broken


def lost_tasks(events: Sequence[Event]) -> list[str]:
    """Tasks that did not end with exactly one word about it."""
    done = Counter(event.task for event in events if isinstance(event, TaskDone))
    taken = {event.task: event.question for event in events if isinstance(event, TaskSubmitted)}
    return [f"task {question!r} ended {done[task]} times" for task, question in taken.items() if done[task] != 1]


def lost_watches(events: Sequence[Event], session: Session) -> list[str]:
    """Watches that were acknowledged, and stand no more or are not on disk."""
    states = {event.watch["id"]: event.watch for event in events if isinstance(event, WatchChanged)}
    owed = {id: watch["wording"] for id, watch in states.items() if watch["state"] in STANDING}
    kept = written = {watch.id for watch in session.watches}
    if owed and session.services.folder is not None:
        path = session.services.folder / "watches.json"
        written = {body["id"] for body in json.loads(path.read_text("utf-8"))} if path.exists() else set()
    gone = [f"watch {words!r} no longer stands" for id, words in owed.items() if id not in kept]
    return gone + [f"watch {words!r} is not on disk" for id, words in owed.items() if id not in written]
