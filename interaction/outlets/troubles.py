"""What is wrong with the alerts of a person, told once each, until it is over."""

from __future__ import annotations

from collections.abc import Callable

from interaction.both import NOTHING, Both
from interaction.events import Event, Problem, Recovered
from interaction.outlets import wording


class Troubles(dict[str, Problem]):
    """Those that stand, by where they are. `tell_all`: at second 0."""

    def __init__(self, tell_all: Callable[[Event], None]) -> None:
        super().__init__()
        self._tell_all = tell_all

    def begin(self, where: str, message: Both, kept: Both = NOTHING) -> None:
        advice = wording.RECEIVER if where.startswith("outlet ") else NOTHING
        told = Problem(t=0.0, where=where, message=message, kept=kept, advice=advice, severity="warning")
        if self.get(where) != told:
            self[where] = told
            self._tell_all(told)

    def of_disk(self, error: OSError) -> None:
        self.begin("outbox", wording.unwritten(error.strerror or type(error).__name__), wording.UNTIL_RESTART)

    def over(self, where: str) -> None:
        if self.pop(where, None):
            self._tell_all(Recovered(t=0.0, where=where))
