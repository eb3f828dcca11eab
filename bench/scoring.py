"""From the journal of a scenario to what it showed. Pure; `totals.py` adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from bench.scenario import Scenario, Span, kind_of, words_of

Line = dict[str, Any]
STUTTER_S = 2.0  # the same words again within this time are never wanted
REPEAT_S = 10.0  # nor within this by the same watch, unless it was expected: its cooldown is only 2 s
BARGE_IN_S = 3.0  # words that end later than this after the person began were not cut by them
ACTIONS = ("speak", "delegate")


@dataclass
class Result:
    """What one scenario showed. `missed`, `unwanted`, `forbidden`: what went wrong, in words; delays in seconds.

    `spoken`: what was said that counts, `wanted`: that of it which was expected; `clock_errors`: of timers;
    `woven_ticks`: from a task's end to the tick that told its result; `latencies`: of the observer, a call;
    `barge_in_stops`: seconds from the person's first sound to the end of the words that it cut; `calls`: of the
    observer, and `prompt_tokens` that it reported (None: it does not say), `cached_tokens` of them.
    `seed`: that the stream was drawn with; `misheard`: what the recogniser made of what was said aloud; `typed`: what
    had to be typed in a spoken run, and why. `trace`: for the picture of it (`timeline.py`), in no file.
    """

    name: str
    capability: str
    status: str = "run"  # run | not supported | no footage | broken
    seed: int | None = None
    expected: int = 0
    found: int = 0
    spoken: int = 0
    wanted: int = 0
    missed: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    decision_delays: list[float] = field(default_factory=list)
    audio_delays: list[float] = field(default_factory=list)
    clock_errors: list[float] = field(default_factory=list)
    woven_ticks: list[int] = field(default_factory=list)
    barge_in_stops: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    quiet_minutes: float = 0.0
    repeats: int = 0
    ticks: int = 0
    skipped: int = 0
    late: int = 0
    calls: int = 0
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    detail: str = ""
    misheard: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    trace: Any = field(default=None, repr=False, compare=False)

    @property
    def passed(self) -> bool:
        return self.status == "run" and not (self.missed or self.unwanted or self.forbidden)

    def to_json(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "trace"}


@dataclass(frozen=True)
class Judged:
    """`found`, `allowed`: of the required and the optional events, number of span → number of its line; `unwanted`,
    `forbidden`: numbers of lines."""

    required: Sequence[Span]
    optional: Sequence[Span]
    found: dict[int, int]
    allowed: dict[int, int]
    unwanted: Sequence[int]
    forbidden: Sequence[int]


def score(scenario: Scenario, lines: Sequence[Line], seconds: float, onsets: Sequence[float] = ()) -> Result:
    """Match what happened (`lines`: the journal, in order) against what must and must not, in `seconds` of stream.

    `onsets`: when the person began to say each thing; default: the times in the scenario.
    """
    result, judged = Result(scenario.name, scenario.capability, seconds=seconds), judge(scenario, lines)
    result.expected, result.found = len(judged.required), len(judged.found)
    result.missed = [_words(span) for n, span in enumerate(judged.required) if n not in judged.found]
    for number, line in sorted(judged.found.items()):
        _delays(result, judged.required[number], lines, line)
    result.unwanted = [_said(lines[n]) for n in judged.unwanted]
    result.forbidden = [_said(lines[n]) for n in judged.forbidden]
    result.wanted = sum(kind_of(lines[n]) in ACTIONS for n in judged.found.values())
    result.spoken = result.wanted + len(result.unwanted)
    result.repeats = _repeats(lines, judged.unwanted)
    result.quiet_minutes = quiet_seconds(scenario, seconds) / 60
    _ticks(result, lines)
    result.barge_in_stops = barge_in_stops(lines, onsets or [said.t for said in scenario.user])
    return result


def judge(scenario: Scenario, lines: Sequence[Line]) -> Judged:
    """What each line of the journal was worth."""
    required = [span for span in scenario.expect if not span.optional]
    optional = [span for span in scenario.expect if span.optional]
    found = match(required, lines)
    rest = [n for n, line in enumerate(lines) if kind_of(line) in ACTIONS and n not in found.values()]
    allowed = {span: rest[n] for span, n in match(optional, [lines[n] for n in rest]).items()}
    unwanted = [n for n in rest if n not in allowed.values()]
    forbidden = [n for n, line in enumerate(lines) if any(span.fits(line) for span in scenario.forbid)]
    return Judged(required, optional, found, allowed, unwanted, forbidden)


def match(spans: Sequence[Span], lines: Sequence[Line]) -> dict[int, int]:
    """Number of span → number of its line: each line for one span at most, as many spans as can be, the earliest lines.

    By augmenting paths, so that a span that would take anything leaves the rarer words to the one that needs them.
    """
    fits = [[n for n, line in enumerate(lines) if span.fits(line)] for span in spans]
    holder: dict[int, int] = {}

    def take(span: int, tried: set[int]) -> bool:
        for line in fits[span]:
            if line not in tried:
                tried.add(line)
                if line not in holder or take(holder[line], tried):
                    holder[line] = span
                    return True
        return False

    for span in sorted(range(len(spans)), key=lambda n: spans[n].span[1]):
        take(span, set())
    return {span: line for line, span in holder.items()}


def _delays(result: Result, span: Span, lines: Sequence[Line], number: int) -> None:
    line = lines[number]
    if line.get("reason") == "a timer" and span.at is not None:
        result.clock_errors.append(abs(line["t"] - span.at))
        return
    if span.at is None:
        return
    result.decision_delays.append(line["t"] - span.at)
    if line["type"] == "decision":
        started = next(
            (o for o in lines[number:] if o["type"] == "utterance_started" and o["text"] == line["text"]), None
        )
        if started:
            result.audio_delays.append(started["t"] - span.at)


def _repeats(lines: Sequence[Line], unwanted: Sequence[int]) -> int:
    """How often the same words came again too soon."""
    said = [n for n, line in enumerate(lines) if kind_of(line) in ACTIONS]
    return sum(any(_again(lines[n], lines[o], n in unwanted) for o in said if o < n) for n in said)


def _again(line: Line, other: Line, unwanted: bool) -> bool:
    gap, same = line["t"] - other["t"], line["text"] == other["text"]
    by_one = bool(line["watch"]) and (line["watch"], line["lane"]) == (other["watch"], other["lane"])
    return bool(same and gap < (REPEAT_S if unwanted and by_one else STUTTER_S))


def _ticks(result: Result, lines: Sequence[Line]) -> None:
    """What the ticks cost, and how many passed between a task's end and its telling."""
    ticks = {(line["lane"], line["t"]): line for line in lines if line["type"] == "decision" and line["lane"]}
    result.ticks = len(ticks)
    result.skipped = sum(line["skipped"] for line in ticks.values())
    result.late = sum(line["late"] for line in ticks.values())
    result.calls = result.ticks - result.skipped
    result.latencies = [line["latency"] for line in ticks.values() if not line["skipped"]]
    for number, done in enumerate(lines):
        if done["type"] != "task_done":
            continue
        later = [line for line in lines[number:] if line["type"] == "decision"]
        told = next((line for line in later if line["text"] == done["text"]), None)
        if told:
            between = {line["t"] for line in later if line["lane"] == told["lane"] and line["t"] <= told["t"]}
            result.woven_ticks.append(len(between))


def barge_in_stops(lines: Sequence[Line], onsets: Sequence[float]) -> list[float]:
    """Seconds from where the person began to the end of the words that were cut by it, each time."""
    began = {line["utterance"]: line["t"] for line in lines if line["type"] == "utterance_started"}
    stops = []
    for line in lines:
        if line["type"] == "utterance_ended" and line["interrupted"] and line["utterance"] in began:
            end = line["t"]
            cut_by = [t for t in onsets if began[line["utterance"]] < t <= end and end - t <= BARGE_IN_S]
            stops += [end - min(cut_by)] if cut_by else []
    return stops


def quiet_seconds(scenario: Scenario, seconds: float) -> float:
    """Seconds of stream in which nothing has to be said; at least one."""
    spans = sorted(span.span for span in scenario.expect if span.event in ACTIONS)
    busy, end = 0.0, 0.0
    for start, stop in spans:
        start, stop = max(start, end), min(stop, seconds)
        busy += max(0.0, stop - start)
        end = max(end, stop)
    return max(1.0, seconds - busy)


def _words(span: Span) -> str:
    what = f" /{span.matches}/" if span.matches else ""
    return f"{span.event}{what} within {span.span[0]:g}–{span.span[1]:g} s"


def _said(line: Line) -> str:
    return f"{line['t']:.1f} s: {words_of(line) or line['type']}"
