"""The format of a scenario: a stream, what the person says and when, and what must and must not happen."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bench.rows import from_row, is_row
from bench.streams import MAIN, Source
from interaction.events import Action, Event
from interaction.wire import type_name

CAPABILITIES = (
    "translation", "monitoring", "guidance", "commentary", "counting", "time", "memory", "reacting", "delegation",
    "conversation", "robustness", "other",
)  # fmt: skip
# The house's "I'll tell you when …": an answer to the person, not to the stream, so it is no `speak`.
ACKNOWLEDGED = "acknowledged"
# What `event` may name: a decision's action, or an event of the journal.
EVENTS = frozenset({*get_args(Action), ACKNOWLEDGED, *(type_name(kind.__new__(kind)) for kind in get_args(Event))})

LANE = r"[a-z][a-z0-9 ]{0,19}"


class BadScenario(Exception):
    """The file is no scenario; the message says what is wrong and where."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Part):
    """What the person says at second `t`, which may lie before the stream begins: typed, or spoken aloud for `speaking`
    seconds."""

    t: float = Field(ge=-60, lt=1e6)
    say: str = Field(min_length=1)
    speaking: float | None = Field(default=None, ge=0.3, le=30)

    @model_validator(mode="after")
    def _audible(self) -> Said:
        if self.speaking and self.t < 0:
            raise ValueError("sound begins with the stream")
        return self


class Span(_Part):
    """An event that must (`within`) or must not (`between`) happen; `matches` is searched in its text.

    `at`: when it really happens in the picture, for the delay; `optional`: may happen once, counts neither for nor
    against; `watch`: whether it must serve a watch; `lane`: the source it must be about.
    """

    event: str
    within: tuple[float, float] | None = None
    between: tuple[float, float] | None = None
    matches: str | None = None
    watch: bool | None = None
    lane: str | None = None
    at: float | None = None
    optional: bool = False

    @field_validator("event")
    @classmethod
    def _exists(cls, value: str) -> str:
        if value not in EVENTS:
            raise ValueError(f"is none of {', '.join(sorted(EVENTS))}")
        return value

    @field_validator("matches")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"is no regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _one_span(self) -> Span:
        if (self.within is None) == (self.between is None):
            raise ValueError("needs either 'within' or 'between'")
        start, end = self.span
        if start > end:
            raise ValueError(f"begins at {start} and ends at {end}")
        return self

    @property
    def span(self) -> tuple[float, float]:
        span = self.within or self.between
        assert span is not None
        return span

    def fits(self, line: dict[str, Any]) -> bool:
        """Whether an event of the journal is one of these."""
        start, end = self.span
        if not start <= line["t"] <= end:
            return False
        if self.event != kind_of(line) or (self.watch is not None and bool(line.get("watch")) != self.watch):
            return False
        if self.lane is not None and line.get("lane") != self.lane:
            return False
        return self.matches is None or bool(re.search(self.matches, words_of(line), re.IGNORECASE))


def kind_of(line: dict[str, Any]) -> str:
    """The name under which a journal line is expected: a decision's action, else its type."""
    if line["type"] != "decision":
        return str(line["type"])
    return ACKNOWLEDGED if line["reason"] == ACKNOWLEDGED else str(line["action"])


def words_of(line: dict[str, Any]) -> str:
    """The text of a journal line; of a changed watch "cancelled: Something moves", of a task "failed: …", of a source
    "down: …"."""
    match line["type"]:
        case "watch_changed":
            return f"{line['change']}: {line['watch']['wording']}"
        case "task_done":
            return f"{line['status']}: {line['text']}"
        case "lane_changed":
            return f"{line['state']}: {line['detail']}"
    return str(line.get("text") or line.get("message") or line.get("heard") or "")


class Scenario(_Part):
    """One scenario. `needs`: what an observer must be able to do; others report "not supported".

    `sources`: further ones, by lane; `slow`: seconds that every decision of the observer takes; `restart`: the second
    at which the program is ended and started anew in the same folder; `echo`: the microphone hears the house's voice;
    `full`: too long for the fast set.
    """

    name: str = Field(min_length=1)
    capability: str
    source: Source
    user: tuple[Said, ...] = ()
    expect: tuple[Span, ...] = ()
    forbid: tuple[Span, ...] = ()
    needs: tuple[str, ...] = ()
    language: Literal["en", "zh"] = "en"
    sources: dict[str, Source] = Field(default={}, max_length=7)
    slow: float = Field(default=0.0, ge=0, le=30)
    restart: float | None = Field(default=None, gt=0, lt=86_400)
    echo: bool = False
    full: bool = False
    note: str = ""

    @field_validator("capability")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in CAPABILITIES:
            raise ValueError(f"is none of {', '.join(CAPABILITIES)}")
        return value

    @model_validator(mode="after")
    def _agrees(self) -> Scenario:
        if odd := next((name for name in self.sources if name == MAIN or not re.fullmatch(LANE, name)), None):
            raise ValueError(f"sources: {odd!r} is no name of a further source")
        for number, span in enumerate((*self.expect, *self.forbid)):
            if span.lane not in (None, MAIN, *self.sources):
                raise ValueError(f"expect, forbid: {number}: there is no source {span.lane!r}")
        if self.restart and self.source.seconds and self.restart >= self.source.seconds:
            raise ValueError(f"restart: at {self.restart:g} the source has ended")
        return self

    @property
    def streams(self) -> dict[str, Source]:
        """Every source by its lane."""
        return {MAIN: self.source, **self.sources}

    @property
    def aloud(self) -> bool:
        """Whether there is sound in it: the person speaks, or the microphone hears the house."""
        return self.echo or any(said.speaking for said in self.user)


def load(path: Path) -> list[Scenario]:
    """The scenario of a `.yaml` file, or one for each row of a `.json` or `.jsonl` data set. Raises `BadScenario`."""
    try:
        text = path.read_text(encoding="utf-8")
        return _told_apart([_scenario(path, body) for body in _bodies(path, text)])
    except OSError as error:
        raise BadScenario(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadScenario(f"{path}: is no text") from error
    except yaml.YAMLError as error:
        raise BadScenario(f"{path}: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise BadScenario(f"{path}: is nested too deeply") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "scenario"
        raise BadScenario(f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}") from error
    except ValueError as error:
        raise BadScenario(f"{path}: {error}") from error


def collect(paths: list[Path]) -> list[Scenario]:
    """Scenarios in files and folders, by file name; a name stands for one only. Raises `BadScenario`."""
    scenarios = [scenario for file in files(paths) for scenario in load(file)]
    names = [scenario.name for scenario in scenarios]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadScenario(f"two scenarios are named {twice!r}")
    return scenarios


def files(paths: Sequence[Path]) -> list[Path]:
    """Those themselves, and the YAML files of folders. Raises `BadScenario` where there is none."""
    found = [
        file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])
    ]  # a folder's data sets are named one by one: nobody wants all their rows by accident
    if not found:
        raise BadScenario(f"no scenario in {', '.join(map(str, paths))}")
    return found


def _bodies(path: Path, text: str) -> list[Any]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if path.suffix == ".json":
        body = json.loads(text)
        return body if isinstance(body, list) else [body]
    return [yaml.safe_load(text)]


def _scenario(path: Path, body: Any) -> Scenario:
    if is_row(body):
        body = from_row(body, CAPABILITIES)
    scenario = Scenario.model_validate(body)
    beside = {lane: _placed(path, source) for lane, source in scenario.sources.items()}
    return scenario.model_copy(update={"source": _placed(path, scenario.source), "sources": beside})


def _told_apart(scenarios: list[Scenario]) -> list[Scenario]:
    """A data set asks several things about one video: its second row is "video#2"."""
    seen, taken = Counter[str](), {scenario.name for scenario in scenarios}
    named = []
    for scenario in scenarios:
        name = scenario.name
        seen[name] += 1
        while seen[name] > 1 and f"{name}#{seen[name]}" in taken:  # somebody's own name for another
            seen[name] += 1
        own = f"{name}#{seen[name]}" if seen[name] > 1 else name
        named.append(scenario.model_copy(update={"name": own}))
    return named


def _placed(path: Path, source: Source) -> Source:
    """A file of one's own lies beside its scenario."""
    if source.kind != "path":
        return source
    return source.model_copy(update={"file": str((path.parent / source.file).resolve())})
