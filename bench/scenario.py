"""The format of a scenario: a stream, what the person says and when, and what must and must not happen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bench import footage
from bench.rows import from_row, is_row
from interaction.events import Action, Event, type_name

CAPABILITIES = (
    "translation", "monitoring", "guidance", "commentary", "counting", "time", "memory", "reacting", "delegation",
    "conversation", "robustness", "other",
)  # fmt: skip
# The house's "I'll tell you when …": an answer to the person, not to the stream, so it is no `speak`.
ACKNOWLEDGED = "acknowledged"
# What `event` may name: a decision's action, or an event of the journal.
EVENTS = frozenset({*get_args(Action), ACKNOWLEDGED, *(type_name(kind.__new__(kind)) for kind in get_args(Event))})


class BadScenario(Exception):
    """The file is no scenario; the message says what is wrong and where."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Part):
    """What the person says at second `t`."""

    t: float = Field(ge=0, lt=1e6)
    say: str = Field(min_length=1)


class Span(_Part):
    """An event that must (`within`) or must not (`between`) happen; `matches` is searched in its text.

    `at`: when it really happens in the picture, for the delay; `optional`: may happen once, counts neither for nor
    against; `watch`: whether it must serve a watch.
    """

    event: str
    within: tuple[float, float] | None = None
    between: tuple[float, float] | None = None
    matches: str | None = None
    watch: bool | None = None
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
        return self.matches is None or bool(re.search(self.matches, words_of(line), re.IGNORECASE))


def kind_of(line: dict[str, Any]) -> str:
    """The name under which a journal line is expected: a decision's action, else its type."""
    if line["type"] != "decision":
        return str(line["type"])
    return ACKNOWLEDGED if line["reason"] == ACKNOWLEDGED else str(line["action"])


def words_of(line: dict[str, Any]) -> str:
    """The text of a journal line; of a changed watch "cancelled: Something moves"."""
    if line["type"] == "watch_changed":
        return f"{line['change']}: {line['watch']['wording']}"
    return str(line.get("text") or line.get("message") or line.get("heard") or "")


class Source(_Part):
    """Where the pictures come from.

    `file`: one that ships in a package, with `sha256` and `origin`; `path`: one of your own, beside the scenario;
    `synthetic`: drawn by `generator` from `seed` with `options`, for `seconds`. `crop`: x, y, width, height in pixels.
    `span`: only the pictures of these seconds of a file are shown; times stay those of the file.
    """

    kind: Literal["file", "path", "synthetic"] = "synthetic"
    file: str = ""
    sha256: str = ""
    origin: str = ""
    crop: tuple[int, int, int, int] | None = None
    span: tuple[float, float] | None = None
    generator: str = ""
    seed: int = 0
    seconds: float | None = Field(default=None, gt=0, le=86_400)
    fps: float = Field(default=10.0, gt=0, le=60)
    options: dict[str, Any] = {}

    @model_validator(mode="after")
    def _complete(self) -> Source:
        if self.kind == "file" and not (self.file and self.sha256 and self.origin):
            raise ValueError("a file needs 'file', 'sha256' and 'origin'")
        if self.kind == "path" and not self.file:
            raise ValueError("a path needs 'file'")
        if self.kind == "synthetic" and not (self.generator and self.seconds):
            raise ValueError("a synthetic source needs 'generator' and 'seconds'")
        if self.span and not 0 <= self.span[0] < self.span[1]:
            raise ValueError(f"the span begins at {self.span[0]:g} and ends at {self.span[1]:g}")
        return self


class Scenario(_Part):
    """One scenario. `needs`: what an observer must be able to do; others report "not supported"."""

    name: str = Field(min_length=1)
    capability: str
    source: Source
    user: tuple[Said, ...] = ()
    expect: tuple[Span, ...] = ()
    forbid: tuple[Span, ...] = ()
    needs: tuple[str, ...] = ()
    language: Literal["en", "zh"] = "en"
    note: str = ""

    @field_validator("capability")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in CAPABILITIES:
            raise ValueError(f"is none of {', '.join(CAPABILITIES)}")
        return value

    @property
    def spec(self) -> str:
        """The address of the footage for `open_source`. Raises `NoFootage`."""
        source = self.source
        crop = f"#crop={','.join(map(str, source.crop))}" if source.crop else ""
        if source.kind == "path":
            return source.file + crop
        return str(footage.find(source.file, source.sha256, source.origin)) + crop


def load(path: Path) -> list[Scenario]:
    """The scenario of a `.yaml` file, or one for each row of a `.json` or `.jsonl` data set. Raises `BadScenario`."""
    try:
        text = path.read_text(encoding="utf-8")
        return [_scenario(path, body) for body in _bodies(path, text)]
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
    files = [
        file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])
    ]  # a folder's data sets are named one by one: nobody wants all their rows by accident
    if not files:
        raise BadScenario(f"no scenario in {', '.join(map(str, paths))}")
    scenarios = [scenario for file in files for scenario in load(file)]
    names = [scenario.name for scenario in scenarios]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadScenario(f"two scenarios are named {twice!r}")
    return scenarios


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
    if scenario.source.kind == "path":
        file = str((path.parent / scenario.source.file).resolve())
        return scenario.model_copy(update={"source": scenario.source.model_copy(update={"file": file})})
    return scenario
