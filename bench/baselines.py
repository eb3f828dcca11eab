"""What a result is worth: the same scenarios with observers that need no wits, and with parts of the house broken.

`python -m bench.baselines silent|describe [--json OUT] [PATH …]` prints and writes what `app.py scenarios` does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bench.performance import House
from bench.scenarios import MakeHouse, run_all
from config import Settings
from interaction.observers.base import ObserverModel, Proposal, View
from interaction.observers.embedded import EmbeddedObserver
from interaction.seeing.words import describe
from interaction.session import Session

EVERY_S = 10.0
CAPABILITIES = EmbeddedObserver.capabilities


class Silent(ObserverModel):
    """Never says a word."""

    name = "always silent"
    gated = False
    capabilities = CAPABILITIES

    def __init__(self) -> None:
        self.sees = {"en": "nothing", "zh": "什么也看不到"}

    async def decide(self, view: View) -> list[Proposal]:
        return [Proposal("silence", reason="always silent")]


class Describing(ObserverModel):
    """Says what is in view every so often, whatever was asked."""

    name = f"describe every {EVERY_S:g} s"
    gated = False
    capabilities = CAPABILITIES

    def __init__(self) -> None:
        self.sees = {"en": "people, objects, motion, text", "zh": "人、物体、动静、文字"}
        self._due = EVERY_S

    async def decide(self, view: View) -> list[Proposal]:
        if view.t < self._due or not view.percepts:
            return [Proposal("silence", reason="not yet")]
        self._due = view.t + EVERY_S
        return [Proposal("speak", describe(view.percepts[-1], view.language), "it is time again")]


class Altered:
    """A house whose sessions are changed before they run."""

    def __init__(self, house: House, change: Callable[[Session], None]) -> None:
        self._house = house
        self._change = change

    def session(self, id: str, person: str) -> Session:
        session = self._house.session(id, person)
        self._change(session)
        return session

    async def aclose(self) -> None:
        await self._house.aclose()


def altered(make_house: MakeHouse, change: Callable[[Session], None]) -> MakeHouse:
    """The same houses, with every session changed."""
    return lambda settings: Altered(make_house(settings), change)


def watched_by(observer: type[Silent] | type[Describing]) -> Callable[[Session], None]:
    """A change of sessions: another observer."""

    def change(session: Session) -> None:
        watcher = observer()
        session.services = replace(session.services, observer=watcher, fallback=watcher)

    return change


def main(arguments: Sequence[str] | None = None) -> int:
    from rooms import Rooms

    parser = argparse.ArgumentParser(prog="python -m bench.baselines", description=__doc__)
    parser.add_argument("observer", choices=("silent", "describe"))
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_intermixed_args(arguments)  # paths may follow --json
    observer = Silent if options.observer == "silent" else Describing

    def make(settings: Settings) -> Rooms:
        return Rooms(settings.model_copy(update={"observer": "embedded"}), voice=False, hearing=False)

    settings = Settings().model_copy(update={"observer": observer.name})
    return run_all(options.paths, settings, altered(make, watched_by(observer)), options.json)


if __name__ == "__main__":
    sys.exit(main())
