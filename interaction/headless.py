"""`watch`: a session over a file, device or stream with no page, and its decision timeline on standard output."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from interaction.events import (
    AlertDelivered,
    Decision,
    Event,
    LaneChanged,
    MemoryStored,
    NothingSaid,
    ObserverChanged,
    PersonSpeaking,
    Problem,
    Recovered,
    Seen,
    TaskDone,
    TaskProgress,
    TaskSubmitted,
    TranscriptFinal,
    UtteranceEnded,
    UtteranceStarted,
    WatchChanged,
)
from interaction.session import Session
from interaction.sources.base import FrameSource
from interaction.subscribers import Subscription
from interaction.wire import clean, to_json

# Silences that are worth a line of their own: something was to be said.
HELD_BACK = ("held back", "not said")
Show = Callable[[Event, int], None]


class UsageError(Exception):
    """Bad usage or an unreadable source: one clear line, exit code 2."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something the person says at session second `t`."""

    t: float
    text: str


def spoken_line(text: str) -> Line:
    """`"2.0: tell me when someone comes in"` → its time and words. Raises `UsageError`."""
    t, colon, words = text.partition(":")
    try:
        line = Line(float(t), words.strip())
    except ValueError:
        raise UsageError(f"--say {text!r}: expected SECONDS: WORDS, for example '2.0: count the people'") from None
    if not colon or not line.text or not 0 <= line.t < 1e7:
        raise UsageError(f"--say {text!r}: expected SECONDS: WORDS, for example '2.0: count the people'")
    return line


async def watch(
    session: Session,
    source: FrameSource,
    lines: list[Line],
    show: Show,
    *,
    beside: Sequence[FrameSource] = (),
    until: float | None = None,
    say: Callable[[Session], Awaitable[None]] | None = None,
) -> None:
    """Run a session over its sources until they end and everything is said, or to session second `until`.

    `say`: another way than typing `lines`. The streams begin at session second 0, which may be still to come.
    Raises `UsageError` if the first source cannot be read.
    """
    subscription = session.subscribe()
    running = asyncio.create_task(session.run())
    showing = asyncio.create_task(_show(subscription, show))
    saying = asyncio.ensure_future(say(session) if say else _say(session, lines))
    try:
        await session.clock.sleep_until(0.0)
        lane, *others = [session.add_lane(opened) for opened in (source, *beside)]
        if until is not None:
            await session.clock.sleep_until(until)
        else:
            for watched in (lane, *others):
                await watched.ended.wait()
            await session.settle()
    finally:
        saying.cancel()
        await session.aclose()
        _, _, said = await asyncio.gather(running, showing, saying, return_exceptions=True)
    if isinstance(said, Exception):  # else the person would have been silent without anybody noticing
        raise said
    if lane.state == "down" and lane.latest.peek() is None:
        raise UsageError(lane.detail)


async def _say(session: Session, lines: list[Line]) -> None:
    for line in sorted(lines, key=lambda line: line.t):
        await session.clock.sleep_until(line.t)
        session.request(line.text)


async def _show(subscription: Subscription, show: Show) -> None:
    async for seq, event in subscription.events:
        show(event, seq)


@contextmanager
def printer(as_json: bool, journal: Path | None, out: TextIO = sys.stdout) -> Iterator[Show]:
    """A function that prints events, one a line, and copies them as JSON lines to `journal`."""
    try:
        file = journal.open("w", encoding="utf-8") if journal else None
    except OSError as error:
        raise UsageError(f"--journal {journal}: {error.strerror}") from error
    quiet = _Quiet()

    def show(event: Event, seq: int) -> None:
        line = json.dumps(to_json(event, seq), ensure_ascii=False)
        if file:
            print(line, file=file, flush=True)
        text = line if as_json else quiet.describe(event)
        if text:
            print(text, file=out, flush=True)

    try:
        yield show
    finally:
        if file:
            file.close()


class _Quiet:
    """Counts silent ticks, so that the timeline shows them as one line."""

    def __init__(self) -> None:
        self._silent = 0
        self._skipped = 0

    def describe(self, event: Event) -> str:
        if isinstance(event, Decision) and event.action == "silence" and not event.reason.startswith(HELD_BACK):
            self._silent += 1
            self._skipped += event.skipped
            return ""
        text = " ".join(clean(describe(event)).splitlines())  # one line an event, whatever stands in it
        if not text:
            return ""
        before = ""
        if self._silent:
            before = f"{'':>9}  … {self._silent} silent ({self._skipped} skipped)\n"
            self._silent = self._skipped = 0
        return f"{before}{event.t:7.2f} s  {text}"


def describe(event: Event) -> str:
    """One event for a person to read; empty for what would only be noise."""
    match event:
        case Decision():
            words = f": {event.text}" if event.text else ""
            return f"{event.action}{words}  [{event.reason}]"
        case TranscriptFinal():
            return f"person: {event.text}"
        case UtteranceStarted():
            return f"  saying: {event.text}"
        case UtteranceEnded(interrupted=True):
            return f"  cut off after: {event.heard!r}"
        case WatchChanged():
            return f"  watch {event.watch['id']} {event.change}: {event.watch['wording']}"
        case Seen():
            return f"  seen on {event.lane}: {event.text}"
        case TaskSubmitted():
            return f"  task {event.task}: {event.question}"
        case TaskProgress():
            return f"  task {event.task}: {event.step}"
        case TaskDone():
            return f"  task {event.task} {event.status}: {event.text}"
        case LaneChanged():
            return f"  source {event.lane}: {event.state} {event.detail}".rstrip()
        case Problem():
            return f"! {event.where}: {event.message} {event.kept} {event.advice}".rstrip()
        case ObserverChanged(loading=None):
            return f"  observer: {event.name}"
        case AlertDelivered():
            return f"  alert {event.status} at {event.outlet} {event.detail}".rstrip()
        case Recovered():
            return f"  {event.where}: works again"
        case MemoryStored() | PersonSpeaking() | NothingSaid():
            return ""
        case _:
            return ""
