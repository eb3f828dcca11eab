"""The format of a scenario: a stream, what the person says and when, and what must and must not happen."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

CAPABILITIES = (
    "translation", "monitoring", "guidance", "commentary", "counting", "time", "memory", "reacting", "delegation",
    "conversation", "robustness",
)  # fmt: skip
# Where footage that ships in packages is found. Debian's opencv-doc.
FOOTAGE = (
    Path("/usr/share/doc/opencv-doc/examples/data"),
    Path("/usr/share/doc/opencv-doc/opencv4/html"),
)


class BadScenario(Exception):
    """The file is no scenario; the message says what is wrong and where."""


class NoFootage(Exception):
    """The scenario's footage is not on this machine; the message says which package has it."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Part):
    """What the person says at second `t`."""

    t: float = Field(ge=0)
    say: str


class Span(_Part):
    """An event that must (`within`) or must not (`between`) happen, `matches` is searched in its text.

    `at`: when it really happens in the picture, for the delay; `optional`: counts neither for nor against.
    """

    event: str
    within: tuple[float, float] | None = None
    between: tuple[float, float] | None = None
    matches: str | None = None
    watch: bool | None = None
    at: float | None = None
    optional: bool = False

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
        kind = line.get("action") if line["type"] == "decision" else line["type"]
        if kind != self.event or (self.watch is not None and bool(line.get("watch")) != self.watch):
            return False
        text = str(line.get("text") or line.get("message") or line.get("heard") or "")
        return self.matches is None or bool(re.search(self.matches, text, re.IGNORECASE))


class Source(_Part):
    """`file` with its `sha256` and `origin`, or a `synthetic` stream made by `generator` from `seed`."""

    kind: Literal["file", "synthetic"] = "synthetic"
    file: str = ""
    sha256: str = ""
    origin: str = ""
    crop: tuple[int, int, int, int] | None = None
    generator: str = ""
    seed: int = 0
    seconds: float | None = None
    fps: float = 10.0
    options: dict[str, Any] = {}

    @model_validator(mode="after")
    def _complete(self) -> Source:
        if self.kind == "file" and not (self.file and self.sha256 and self.origin):
            raise ValueError("a file needs 'file', 'sha256' and 'origin'")
        if self.kind == "synthetic" and not (self.generator and self.seconds):
            raise ValueError("a synthetic source needs 'generator' and 'seconds'")
        return self


class Scenario(_Part):
    """One scenario. `needs`: what an observer must be able to do; others report "not supported"."""

    name: str
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
        crop = f"#crop={','.join(map(str, self.source.crop))}" if self.source.crop else ""
        return str(footage(self.source.file, self.source.sha256, self.source.origin)) + crop


def footage(name: str, sha256: str, origin: str) -> Path:
    """The file of that name with that hash. Raises `NoFootage`."""
    for folder in FOOTAGE:
        path = folder / name
        if path.is_file():
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                raise NoFootage(f"{name} is another version than the one the times were noted on")
            return path
    raise NoFootage(f"{name} is missing; it ships in {origin}")


def load(path: Path) -> Scenario:
    """Read a scenario file. Raises `BadScenario`."""
    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Scenario.model_validate(body)
    except OSError as error:
        raise BadScenario(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise BadScenario(f"{path}: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadScenario(f"{path}: {where}: {first['msg']}") from error


def collect(paths: list[Path]) -> list[Scenario]:
    """Scenarios in files and folders, by name. Raises `BadScenario`."""
    files = [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    if not files:
        raise BadScenario(f"no scenario in {', '.join(map(str, paths))}")
    return [load(file) for file in files]
