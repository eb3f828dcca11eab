"""The file of `python app.py serve --config watch.yaml`: sources, watches, outlets, quiet hours, language.

Everything wrong with it is told at once, each with line, column and key. Passwords in URLs are taken from the
environment where `${NAME}` says so; no message repeats a URL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from config import Camera, CameraName, Language, Outlet, Settings
from interaction.sources import address
from interaction.sources.base import SourceError
from interaction.unattended.marked import Marked, Mistake, key_of, read
from interaction.zones import read as read_areas
from outlet import distinct

_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_HOURS = re.compile(r"(\d{1,2}):(\d{2}) *(?:-|–|to|until) *(\d{1,2}):(\d{2})")
# What pydantic says, in the words of whoever writes the file.
_PLAIN = {
    "missing": "is missing",
    "string_type": "must be text; put it in quotes",
    "string_pattern_mismatch": "takes letters, digits, spaces and hyphens only",
    "extra_forbidden": "there is no such key here",
    "model_type": "must have keys of its own",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must have keys of its own",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_too_short": "is empty",
    "too_short": "has too few corners; three enclose something",  # only areas have a least number
}

Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]  # of the picture's width or height
Polygon = Annotated[list[tuple[Part, Part]], Field(min_length=3, max_length=32)]


class FileError(Exception):
    """The file cannot be used; `mistakes`: one line each, for a person."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Wish:
    """A watch in the person's words. `where`: its place, to be told; `key`: the same entry has the same one."""

    say: str
    source: str | None
    urgent: bool | None
    once: bool | None
    where: str

    @property
    def key(self) -> str:
        return f"{self.source or ''}: {self.say}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file asks for. `quiet`: from and to which minute of the day its watches are silent."""

    name: str
    cameras: tuple[Camera, ...] = ()
    wishes: tuple[Wish, ...] = ()
    outlets: tuple[Any, ...] = ()
    quiet: tuple[int, int] | None = None
    language: Language | None = None

    def over(self, settings: Settings) -> Settings:
        """The settings of the house with what the file says; its sources may be named by voice as well."""
        names = {camera.name.casefold() for camera in self.cameras}
        others = tuple(camera for camera in settings.cameras if camera.name.casefold() not in names)
        update: dict[str, Any] = {"cameras": (*self.cameras, *others)}
        update |= {"language": self.language} if self.language else {}
        update |= {"outlets": self.outlets} if self.outlets else {}
        return settings.model_copy(update=update)


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _Zone(_Keys):
    name: Annotated[str, Field(min_length=1, max_length=40)]
    points: Polygon


class _Source(_Keys):
    name: CameraName
    url: str
    transport: Literal["tcp", "udp"] = "tcp"
    zones: Annotated[list[_Zone], Field(max_length=16)] = []
    masks: Annotated[list[Polygon], Field(max_length=16)] = []

    @field_validator("url")
    @classmethod
    def _opens(cls, url: str, info: ValidationInfo) -> str:
        whole = _filled(url, info.context or {})
        try:
            address.parse(whole, allow_files=True)  # whoever wrote the file has the machine
        except SourceError as error:
            raise ValueError(str(error)) from None
        return whole


class _Watch(_Keys):
    say: Annotated[str, Field(min_length=1, max_length=500)]
    source: str | None = None
    urgent: bool | None = None
    once: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _words_alone(cls, entry: Any) -> Any:
        return {"say": entry} if isinstance(entry, str) else entry


class _File(_Keys):
    sources: list[_Source] = []
    watches: Annotated[list[_Watch], Field(max_length=50)] = []
    outlets: Annotated[list[dict[str, Any]], Field(max_length=16)] = []
    quiet_hours: tuple[int, int] | None = None
    language: Language | None = None

    @field_validator("quiet_hours", mode="before")
    @classmethod
    def _minutes(cls, written: Any) -> tuple[int, int] | None:
        if written is None:
            return None
        if isinstance(written, str) and (match := _HOURS.fullmatch(written.strip())):
            a, b, c, d = map(int, match.groups())
            if max(a, c) < 24 and max(b, d) < 60 and (a, b) != (c, d):
                return 60 * a + b, 60 * c + d
        raise ValueError("hours are written 22:00-07:00")


def read_file(path: Path, settings: Settings, environment: Mapping[str, str]) -> Plan:
    """Raises `FileError` with all mistakes."""
    bounds = settings.watch_file
    try:
        with path.open("rb") as file:
            content = file.read(bounds.file_bytes + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise FileError([f"{path.name} cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise FileError([f"{path.name} is not UTF-8 (byte {error.start})"]) from None
    if len(content) > bounds.file_bytes:
        raise FileError([f"{path.name} has more than {bounds.file_bytes} bytes"])
    return understand_file(text, path.name, settings, environment)


def understand_file(text: str, name: str, settings: Settings, environment: Mapping[str, str]) -> Plan:
    """Raises `FileError` with all mistakes."""
    marked = read(text, settings.watch_file)
    mistakes = list(marked.mistakes)
    plan = Plan(name)
    if marked.value is not None:
        mistakes += _together(marked, settings.session.lanes)
        outlets, wrong = _outlets(marked, environment)
        mistakes += wrong
        try:
            file = _File.model_validate(marked.value, context=environment)
        except ValidationError as error:
            mistakes += [_mistake(marked, one) for one in error.errors(include_input=False, include_url=False)]
        else:
            mistakes += _drawn(file, marked, settings) + _twice(file, marked)
            plan = _plan(file, name, marked, outlets)
    if mistakes:
        raise FileError([mistake.told(name) for mistake in sorted(set(mistakes))])
    return plan


def _plan(file: _File, name: str, marked: Marked, outlets: tuple[Any, ...]) -> Plan:
    cameras = tuple(Camera.model_validate(source.model_dump()) for source in file.sources)
    wishes = []
    for i, watch in enumerate(file.watches):
        where = f"{name} line {marked.place(('watches', i)).line}: watches[{i}]"
        source = next((c.name for c in cameras if watch.source and c.name.casefold() == watch.source.casefold()), None)
        wishes.append(Wish(" ".join(watch.say.split()), source, watch.urgent, watch.once, where))
    return Plan(name, cameras, tuple(wishes), outlets, file.quiet_hours, file.language)


def _together(marked: Marked, most: int) -> list[Mistake]:
    """What is wrong with entries beside each other; entries that are wrong by themselves are left to pydantic."""
    found: list[Mistake] = []
    entries = [(i, name) for i, name in _texts(marked.value, "sources", "name")]
    names = [name.strip().casefold() for _, name in entries]
    for (i, name), folded in zip(entries, names, strict=True):
        if names.index(folded) < entries.index((i, name)):
            found.append(_at(marked, ("sources", i, "name"), f"another source is named {name!r}"))
    sources = marked.value.get("sources") if isinstance(marked.value, dict) else None
    if isinstance(sources, list) and len(sources) > most:
        message = f"{len(sources)} sources; no more than {most} are watched at once here (LOOKOUT_SESSION__LANES)"
        found.append(_at(marked, ("sources", most), message))
    for i, name in _texts(marked.value, "watches", "source"):
        if name.strip().casefold() not in names:
            known = ", ".join(name for _, name in entries) or "none"
            found.append(_at(marked, ("watches", i, "source"), f"there is no source of this name; there are: {known}"))
    return found


def _drawn(file: _File, marked: Marked, settings: Settings) -> list[Mistake]:
    """What the house would not take of zones and masks: without its masks a source is not watched at all."""
    found: list[Mistake] = []
    for i, source in enumerate(file.sources):
        zones = [zone.model_dump() for zone in source.zones]
        for path, parts in (("zones", (zones, [])), ("masks", ([], source.masks)), ("", (zones, source.masks))):
            try:
                read_areas(*parts, settings.areas)
            except ValueError as error:
                found.append(_at(marked, ("sources", i, path) if path else ("sources", i), str(error)))
                break
    return found


def _twice(file: _File, marked: Marked) -> list[Mistake]:
    """Entries that ask for the same: they would be one watch, and what stands beside the words of one be lost."""
    found: list[Mistake] = []
    first: dict[tuple[str, str], int] = {}
    for i, watch in enumerate(file.watches):
        key = ((watch.source or "").strip().casefold(), " ".join(watch.say.split()).casefold())
        if (other := first.setdefault(key, i)) != i:
            line = marked.place(("watches", other)).line
            path = ("watches", i, "say") if ("watches", i, "say") in marked.places else ("watches", i)
            found.append(_at(marked, path, f"the same is asked for in line {line}"))
    return found


def _texts(value: Any, part: str, key: str) -> list[tuple[int, str]]:
    """The texts under `key` of the entries of a list, with their numbers."""
    entries = value.get(part) if isinstance(value, dict) else None
    pairs = enumerate(entries if isinstance(entries, list) else ())
    return [(i, e[key]) for i, e in pairs if isinstance(e, dict) and isinstance(e.get(key), str)]


def _outlets(marked: Marked, environment: Mapping[str, str]) -> tuple[tuple[Outlet, ...], list[Mistake]]:
    """The outlets as the house knows them, and what is wrong with them."""
    entries = marked.value.get("outlets") if isinstance(marked.value, dict) else None
    made: list[Outlet] = []
    wrong: list[Mistake] = []
    for i, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue  # told by the file's own shape
        filled: dict[str, Any] = {}
        for key, value in entry.items():
            try:
                filled[key] = _filled(value, environment) if isinstance(value, str) else value
            except ValueError as error:
                wrong.append(_at(marked, ("outlets", i, key), str(error)))
                filled[key] = "https://example.invalid/"  # what else is wrong with it is told as well
        try:
            made.append(Outlet.model_validate(filled))
        except ValidationError as error:
            wrong += [_mistake(marked, one, ("outlets", i)) for one in error.errors(include_input=False)]
    try:
        distinct(tuple(made))
    except ValueError as error:
        wrong.append(_at(marked, ("outlets",), str(error)))
    return tuple(made), wrong


def _filled(text: str, environment: Mapping[str, str]) -> str:
    """With the values of `${NAME}`; between "//" and "@" any character of a password may stand in one."""
    before, slashes, rest = text.partition("://")
    authority = re.split("[/?#]", _VARIABLE.sub(lambda m: "x" * len(m[0]), rest), maxsplit=1)[0]
    user_ends = len(before + slashes) + max(0, authority.rfind("@")) if slashes else 0

    def value(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise ValueError(f"the environment variable {match[1]} is not set")
        found = environment[match[1]]
        return quote(found, safe="") if match.start() < user_ends else found

    return _VARIABLE.sub(value, text)


def _mistake(marked: Marked, error: Any, under: tuple[str | int, ...] = ()) -> Mistake:
    path = (*under, *error["loc"])
    while path and path not in marked.places and path[:-1] in marked.places and error["type"] != "missing":
        path = path[:-1]  # a name of pydantic's own (a part of a union) at the end
    message = _PLAIN.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
    place = marked.keys.get(path) if error["type"] == "extra_forbidden" else None
    return Mistake(place or marked.place(path), key_of(path), message)


def _at(marked: Marked, path: tuple[str | int, ...], message: str) -> Mistake:
    return Mistake(marked.place(path), key_of(path), message)
