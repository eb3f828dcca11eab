"""Captions while the person talks. They yield to every final, and to a machine that does not keep up."""

from __future__ import annotations

from collections.abc import Callable

from interaction.hearing.endpointing import Turn
from interaction.hearing.partials import Partials
from interaction.hearing.recognition import Recognition


class Live:
    """`understood(turn, text, stable)` is told of each new attempt; `current(turn)`: it goes on and has no final."""

    def __init__(
        self,
        recognition: Recognition,
        understood: Callable[[Turn, str, str], None],
        now: Callable[[], float],
        current: Callable[[Turn], bool],
    ) -> None:
        self._recognition = recognition
        self._understood = understood
        self._now = now
        self._current = current
        self._partials: Partials | None = None

    def anew(self) -> None:
        """The turn begins elsewhere: what was understood before is forgotten."""
        self._partials = None

    def look(self, turn: Turn) -> None:
        """A chunk of `turn` came in: try again if enough of it is new and nothing else waits for the recogniser."""
        settings = self._recognition.settings
        if not settings.partials or self._recognition.busy:
            return
        if self._partials is None or self._partials.turn is not turn:
            self._partials = Partials(turn, settings)
        partials, begin = self._partials, self._now()
        piece = partials.due()
        if piece is None:
            return

        def take(text: str | None) -> None:
            if partials is not self._partials or (text is None and not piece.last):
                return
            if partials.heard(piece, text or "", self._now() - begin):
                self._understood(turn, partials.agreement.text, partials.agreement.stable)

        self._recognition.attempt(piece.audio, lambda: not self._current(turn), take)
