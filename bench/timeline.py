"""What is drawn of a scenario: lanes of marks along an axis of seconds, and the same in words. Pure.

Places are percent of the axis, so that the picture fits any width.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.report import wrong
from bench.scenario import Span, kind_of
from bench.scoring import ACTIONS, Judged, Line, Result, judge
from bench.trace import PICTURES, Trace

STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)  # seconds between two numbers on the axis
NUMBERS = 9  # on the axis at most
GAP_S = 2.5  # longer without a tick, and the band of silent ticks is interrupted
ROOM = 4.0  # percent that a label needs at least
WORDS = 80  # characters of a label


@dataclass(frozen=True, slots=True)
class Mark:
    """From `x` on, `width` wide (0: a moment), in row `row`; `room`: for its label. Percent. `note`: where in its
    window it really happens."""

    kind: str
    x: float
    width: float = 0.0
    label: str = ""
    row: int = 0
    room: float = 0.0
    note: float | None = None


@dataclass
class Lane:
    name: str
    marks: list[Mark]
    rows: int = 1


@dataclass
class Timeline:
    """`axis`: places and words of the numbers; `pictures`: words and data URI, evenly along the axis; `told`: second,
    kind and words of everything, for who cannot see the picture."""

    name: str
    capability: str
    verdict: str
    wrong: list[str]
    notes: list[str]
    axis: list[tuple[float, str]] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    told: list[tuple[str, str, str]] = field(default_factory=list)


class Scale:
    """Seconds to percent of the axis."""

    def __init__(self, begins: float, ends: float) -> None:
        self.begins, self.ends = begins, max(ends, begins + 1.0)

    def __call__(self, t: float) -> float:
        share = (t - self.begins) / (self.ends - self.begins)
        return round(100 * min(1.0, max(0.0, share)), 2)

    def numbers(self) -> list[tuple[float, str]]:
        """Where the axis has its numbers."""
        length = self.ends - self.begins
        step = next((step for step in STEPS if length / step <= NUMBERS - 1), STEPS[-1])
        first = -(-int(self.begins) // step) * step
        return [(self(t), f"{t} s") for t in range(first, int(self.ends) + 1, step) if t >= self.begins]


def timeline(result: Result) -> Timeline:
    """The picture of a result; one that did not run has only words."""
    verdict = ("passed" if result.passed else "failed") if result.status == "run" else result.status
    notes = [f"heard in other words: {text}" for text in result.misheard]
    notes += [f"typed, not spoken: {text}" for text in result.typed]
    notes += [result.detail] if result.detail else []
    drawn = Timeline(result.name, result.capability, verdict, wrong(result), notes)
    trace: Trace | None = result.trace
    if trace is None:
        return drawn
    judged = judge(trace.scenario, trace.lines)
    first = trace.pictures[0][0] if trace.pictures else 0.0
    scale = Scale(min([first, *(said.start for said in trace.said)]), trace.ends)
    drawn.axis = scale.numbers()
    drawn.lanes = [
        lane
        for lane in (
            _person(trace, scale),
            _expected(judged, scale),
            _forbidden(trace, judged, scale),
            *_decisions(trace, judged, scale),
            _voice(trace.lines, scale),
            _tasks(trace.lines, scale),
        )
        if lane.marks
    ]
    drawn.pictures = _pictures(trace, scale)
    drawn.told = [
        (f"{t:.1f} s", kind, words) for t, kind, words in sorted(_told(trace, judged), key=lambda told: told[0])
    ]
    return drawn


def _person(trace: Trace, scale: Scale) -> Lane:
    marks = [
        Mark("aloud" if said.aloud else "typed", scale(said.start), scale(said.end) - scale(said.start), said.text)
        for said in trace.said
    ]
    return Lane("person", _with_room(marks))


def _expected(judged: Judged, scale: Scale) -> Lane:
    """The windows, in as many rows as keep them apart."""
    spans = [("found ✓" if n in judged.found else "missed ✗", span) for n, span in enumerate(judged.required)]
    spans += [("optional", span) for span in judged.optional]
    marks, ends = [], list[float]()
    for what, span in sorted(spans, key=lambda entry: entry[1].span):
        kind, _, sign = what.partition(" ")
        row = next((n for n, end in enumerate(ends) if end <= span.span[0]), len(ends))
        ends[row : row + 1] = [span.span[1]]
        x, end = scale(span.span[0]), scale(span.span[1])
        at = scale(span.at) if span.at is not None else None
        marks.append(Mark(kind, x, end - x, f"{sign} {_wanted(span)}".strip(), row, end - x, at))
    return Lane("expected", marks, max(1, len(ends)))


def _forbidden(trace: Trace, judged: Judged, scale: Scale) -> Lane:
    broken = [trace.lines[n] for n in judged.forbidden]
    marks = []
    for span in trace.scenario.forbid:
        x, end = scale(span.span[0]), scale(span.span[1])
        kind = "violated" if any(span.fits(line) for line in broken) else "forbidden"
        marks.append(Mark(kind, x, end - x, ("✗ " if kind == "violated" else "") + _wanted(span), 0, end - x))
    return Lane("forbidden", marks)


def _decisions(trace: Trace, judged: Judged, scale: Scale) -> list[Lane]:
    """For each source: silent ticks as bands, what was said or handed over as marks."""
    numbered = [(n, line) for n, line in enumerate(trace.lines) if line["type"] == "decision"]
    main = next((line["lane"] for _, line in numbered if line["lane"]), "")
    names = list(dict.fromkeys(line["lane"] or main for _, line in numbered))
    lanes = []
    for name in names:
        own = [(n, line) for n, line in numbered if (line["lane"] or main) == name]
        acts = [
            Mark(_act(n, line, judged), scale(line["t"]), 0.0, line["text"])
            for n, line in own
            if line["action"] != "silence"
        ]
        late = [Mark("late", scale(line["t"])) for _, line in own if line["late"]]
        lanes.append(Lane("decisions" if len(names) == 1 else name, _bands(own, scale) + late + _with_room(acts)))
    return lanes


def _act(number: int, line: Line, judged: Judged) -> str:
    if number in judged.unwanted:
        return "unwanted"
    if kind_of(line) not in ACTIONS:
        return "acknowledged"
    return "delegated" if line["action"] == "delegate" else "spoke"


def _bands(numbered: Iterable[tuple[int, Line]], scale: Scale) -> list[Mark]:
    """Runs of silent ticks; of skipped ones apart."""
    runs: list[tuple[str, float, float]] = []
    for _, line in numbered:
        if line["action"] != "silence" or not line["lane"]:
            continue
        kind = "skipped" if line["skipped"] else "silent"
        if runs and runs[-1][0] == kind and line["t"] - runs[-1][2] <= GAP_S:
            runs[-1] = (kind, runs[-1][1], line["t"])
        else:
            runs.append((kind, line["t"], line["t"] + 0.2))
    return [Mark(kind, scale(start), max(0.2, round(scale(end) - scale(start), 2))) for kind, start, end in runs]


def _voice(lines: Sequence[Line], scale: Scale) -> Lane:
    started = {line["utterance"]: line for line in lines if line["type"] == "utterance_started"}
    marks = []
    for line in lines:
        if line["type"] == "utterance_ended" and (begun := started.pop(line["utterance"], None)):
            x, end = scale(begun["t"]), scale(line["t"])
            marks.append(Mark("cut" if line["interrupted"] else "said", x, max(0.3, end - x), begun["text"]))
    marks += [Mark("said", scale(line["t"]), 100 - scale(line["t"]), line["text"]) for line in started.values()]
    return Lane("voice", [Mark(m.kind, m.x, m.width, m.label, 0, m.width) for m in marks])


def _tasks(lines: Sequence[Line], scale: Scale) -> Lane:
    begun = {line["task"]: line for line in lines if line["type"] == "task_submitted"}
    ended = {line["task"]: line for line in lines if line["type"] == "task_done"}
    marks = []
    for task, line in begun.items():
        x = scale(line["t"])
        end = scale(ended[task]["t"]) if task in ended else 100.0
        marks.append(Mark("task", x, max(0.3, end - x), line["question"]))
    return Lane("agent", _with_room(marks))


def _with_room(marks: Sequence[Mark]) -> list[Mark]:
    """Each label may reach to the next mark; where that is not far, there is none."""
    marks = sorted(marks, key=lambda mark: mark.x)
    ends = [*(mark.x for mark in marks[1:]), 100.0][: len(marks)]
    return [
        Mark(m.kind, m.x, m.width, m.label[:WORDS], m.row, end - m.x if end - m.x >= ROOM else 0.0)
        for m, end in zip(marks, ends, strict=True)
    ]


def _pictures(trace: Trace, scale: Scale) -> list[tuple[str, str]]:
    """Those nearest to the middle of as many equal parts of the axis."""
    if not trace.pictures:
        return []
    length = scale.ends - scale.begins
    middles = [scale.begins + length * (k + 0.5) / PICTURES for k in range(PICTURES)]
    chosen = [min(trace.pictures, key=lambda picture: abs(picture[0] - middle)) for middle in middles]
    return [(f"{t:.1f} s", "data:image/jpeg;base64," + base64.b64encode(data).decode()) for t, data in chosen]


def _told(trace: Trace, judged: Judged) -> list[tuple[float, str, str]]:
    told = [(said.start, "person" if said.aloud else "person (typed)", said.text) for said in trace.said]
    for number, span in enumerate(judged.required):
        if number not in judged.found:
            told.append((span.span[0], "missed", f"{_wanted(span)} until {span.span[1]:g} s"))
    for number, line in enumerate(trace.lines):
        if line["type"] == "transcript_final" and line["origin"] == "voice":
            told.append((line["t"], "understood", line["text"]))
        elif line["type"] == "decision" and line["action"] != "silence":
            kind = "forbidden" if number in judged.forbidden else _act(number, line, judged)
            told.append((line["t"], kind, f"{line['text']} ({line['reason']})"))
        elif line["type"] == "utterance_ended" and line["interrupted"]:
            told.append((line["t"], "cut off", f"heard of it: {line['heard'] or 'nothing'}"))
        elif line["type"] in ("task_done", "problem"):
            told.append((line["t"], line["type"].replace("_", " "), line.get("text") or line["message"]))
    return told


def _wanted(span: Span) -> str:
    return f"{span.event} {span.matches or ''}".strip() if span.event not in ACTIONS else span.matches or span.event
