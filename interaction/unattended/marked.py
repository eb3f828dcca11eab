"""YAML as plain values that know where they stand, so that every mistake can name its line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from config import WatchFile

Path = tuple[str | int, ...]
# What plain YAML makes of "22:00" is a number of seconds, of "2026-11-23" a date: people mean what they wrote.
_AS_WRITTEN = "tag:yaml.org,2002:timestamp"
_NOTHING = "tag:yaml.org,2002:null"
TOO_MUCH = "there is more in it than can be meant"
_KINDS = ("str", "int", "float", "bool", "null")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Counted from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong. `key`: "sources[1].url", or "" for the whole."""

    place: Place
    key: str
    message: str

    def told(self, name: str) -> str:
        where = f"{name} line {self.place.line}, column {self.place.column}"
        return f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"


@dataclass
class Marked:
    """`value`: dicts with text keys, lists and scalars; `places` of values and `keys` of keys, by path."""

    value: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def place(self, path: Path) -> Place:
        """Of a value; of one that is not there, that of what it should be in."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place())


def key_of(path: Path) -> str:
    """("sources", 1, "url") → "sources[1].url"."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read(text: str, bounds: WatchFile) -> Marked:
    """The values of a text, with what is wrong with it as YAML. Never raises for any text."""
    marked = Marked()
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place()
        marked.mistakes.append(Mistake(place, "", f"this is no YAML: {error.problem or error.context}"))
        return marked
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        marked.mistakes.append(Mistake(Place(line), "", "there is a character that YAML does not allow"))
        return marked
    except RecursionError:
        marked.mistakes.append(Mistake(Place(), "", TOO_MUCH))
        return marked
    if root is None or (isinstance(root, yaml.ScalarNode) and root.tag == _NOTHING):
        marked.mistakes.append(Mistake(Place(), "", "there is nothing in it"))
        return marked
    try:
        marked.value = _Reader(marked, bounds).value(root, ())
    except OverflowError as error:
        marked.mistakes.append(Mistake(Place(), "", str(error)))
    return marked


class _Reader:
    def __init__(self, marked: Marked, bounds: WatchFile) -> None:
        self._marked = marked
        self._bounds = bounds
        self._left = bounds.nodes

    def value(self, node: yaml.Node, path: Path) -> Any:
        """Raises OverflowError for more than anybody writes (also by aliases that name themselves)."""
        self._left -= 1
        if self._left < 0 or len(path) > self._bounds.depth:
            raise OverflowError(TOO_MUCH)
        self._marked.places.setdefault(path, _place(node))
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _pairs(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, item in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in seen:
                self._wrong(_place(key), (*path, name), "is there twice")
                continue
            seen.add(name)
            self._marked.keys[(*path, name)] = _place(key)
            yield name, self.value(item, (*path, name))

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if node.tag == _AS_WRITTEN or (kind in ("int", "float") and ":" in node.value):
            return node.value
        if kind not in _KINDS:
            self._wrong(_place(node), path, f"{node.tag[:40]} is no kind of value here")
            return None
        try:
            return yaml.constructor.SafeConstructor().construct_object(node)
        except (ValueError, yaml.YAMLError):  # !!int "abc"
            self._wrong(_place(node), path, f"this is no {kind}")
            return None

    def _wrong(self, place: Place, path: Path, message: str) -> None:
        self._marked.mistakes.append(Mistake(place, key_of(path), message))


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)
