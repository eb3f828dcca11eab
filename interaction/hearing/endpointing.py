"""Where a turn of the person begins, pauses and ends. A pure state machine over 32 ms chunks.

Time is counted in received samples, so a replay of the same sound gives the same turns.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from config import Hearing
from interaction.hearing.vad import CHUNK_S

# announced: it is surely the person who talks; paused: begin recognising; resumed: throw that away;
# ended: enough silence; cut: the turn is too long, what follows is a turn of its own.
Signal = Literal["announced", "paused", "resumed", "ended", "cut"]
SPEECH, SILENCE = 0.5, 0.35  # Silero's own thresholds: above is speech, below is silence, between nothing changes
CUT_WITHIN_S = 3.0  # an overlong turn is cut where it was quietest in these last seconds, not within a word


@dataclass
class Turn:
    """A turn of the person as it grows. `own`: which chunks have only the house's voice in them; `said`: what it was
    saying meanwhile; counts are in chunks."""

    chunks: list[NDArray[np.float32]]
    odds: list[float]
    own: list[bool]
    voiced: int = 0
    strong: int = 0
    quiet: int = 0
    announced: bool = False
    held: bool = False  # follows a turn that was cut: not announced again before it pauses
    said: list[str] = field(default_factory=list)
    addressed: bool = True  # it began when what is said is meant for the house (`attention.py`)

    @property
    def audio(self) -> NDArray[np.float32]:
        """float32 [n], 16 kHz."""
        return np.concatenate(self.chunks)

    def overhear(self, said: str) -> None:
        """The house says `said` while this turn goes on."""
        if said and said not in self.said:
            self.said = [*self.said[-7:], said]

    def skip(self, begin: int) -> None:
        """It begins only with this chunk."""
        self.chunks, self.odds, self.own = self.chunks[begin:], self.odds[begin:], self.own[begin:]
        self.voiced = sum(o >= SPEECH for o in self.odds)


class Endpointer:
    """Finds turns. `turn`: the one under way; `ended`: the last that came to its end.

    `pressed`: the person holds the button to talk. Then everything is one turn, whatever the silence in it.
    """

    def __init__(self, settings: Hearing) -> None:
        self._start = settings.start_chunks
        self._pause = _chunks(settings.guess_s)
        self._end = _chunks(settings.silence_s)
        self._longest = int(settings.longest_turn_s / CHUNK_S)
        self._level = settings.barge_in_level
        self.barge_in = _chunks(settings.barge_in_s)
        self._pre_roll = _chunks(settings.pre_roll_s)
        self._doubtful = round(settings.own_warm_up_s / CHUNK_S)
        self._ring: deque[tuple[NDArray[np.float32], float, bool]] = deque(maxlen=self._pre_roll + self._start)
        self._run = 0
        self._press = _chunks(settings.held_least_s)
        self.pressed = False
        self.turn: Turn | None = None
        self.ended: Turn | None = None

    def step(
        self, chunk: NDArray[np.float32], odds: float, house_speaks: bool, addressed: bool = True, own: bool = False
    ) -> list[Signal]:
        """Take the next chunk (float32 [512]) with its probability of speech; what happened to the turn.

        `addressed`: a turn that begins now is meant for the house; another one takes no floor. `own`: the house's own
        voice is all there is in the chunk: it belongs to the turn, for words to be compared, but interrupts nothing.
        """
        if self.pressed and self.turn is None:
            self.turn = Turn([], [], [])
            self._ring.clear()
        if self.turn is None:
            return self._listen(chunk, odds, house_speaks, addressed, own)
        self.turn.addressed |= self.pressed
        return self._go_on(self.turn, chunk, odds, house_speaks, own)

    def finish(self) -> Turn | None:
        """End the turn under way now, whatever is missing; returns it."""
        turn, self.turn = self.turn, None
        self._ring.clear()
        self._run = 0
        return turn

    def _listen(
        self, chunk: NDArray[np.float32], odds: float, house_speaks: bool, addressed: bool, own: bool
    ) -> list[Signal]:
        self._ring.append((chunk, odds, own))
        self._run = self._run + 1 if odds >= SPEECH else 0
        if self._run < self._start:
            return []
        chunks, all_odds, mine = map(list, zip(*self._ring, strict=True))
        turn = Turn(chunks, all_odds, mine, voiced=self._run, addressed=addressed)
        for heard in self._ring:
            self._weigh(turn, *heard)
        self.turn = turn
        return self._announce(turn, house_speaks or own)

    def _go_on(
        self, turn: Turn, chunk: NDArray[np.float32], odds: float, house_speaks: bool, own: bool
    ) -> list[Signal]:
        turn.chunks.append(chunk)
        turn.odds.append(odds)
        turn.own.append(own)
        signals: list[Signal] = []
        if odds >= SPEECH:
            signals += ["resumed"] if turn.quiet >= self._pause else []
            turn.voiced, turn.quiet = turn.voiced + 1, 0
            self._weigh(turn, chunk, odds, own)
            signals += self._announce(turn, house_speaks or own)
        elif turn.quiet or odds < SILENCE:
            turn.quiet += 1
            turn.held = turn.held and turn.quiet < self._pause
        if self.pressed:
            signals += self._announce(turn, house_speaks)
        if turn.quiet >= self._end and not self.pressed:
            self.ended = self.finish()
            return [*signals, "ended"]
        if len(turn.chunks) >= self._longest:
            self._cut(turn)
            return [*signals, "cut"]
        return [*signals, "paused"] if turn.quiet == self._pause and turn.voiced else signals

    def _announce(self, turn: Turn, house_speaks: bool) -> list[Signal]:
        """While the house speaks, a few chunks may be its own echo: only sustained, loud speech interrupts it."""
        if turn.announced or turn.held or not turn.addressed:
            return []
        by_voice = not house_speaks or turn.strong >= self.barge_in
        sure = len(turn.chunks) >= self._press if self.pressed else by_voice  # a shorter press is a click
        turn.announced = sure
        if sure and not self.pressed:
            self._without_echo(turn)
        return ["announced"] if sure else []

    def _without_echo(self, turn: Turn) -> None:
        """Leave out the echo over which the person began to talk: a recogniser writes the louder voice, or both."""
        theirs = [k for k, odds in enumerate(turn.odds) if odds >= SPEECH and not turn.own[k]]
        first = theirs[-1]
        for k in reversed(theirs):
            first = k if first - k <= self._pre_roll else first
        begin = max(0, first - self._pre_roll)
        if sum(turn.own[:begin]) > self._doubtful:  # so many are called its own before anything is known
            turn.skip(begin)

    def _weigh(self, turn: Turn, chunk: NDArray[np.float32], odds: float, own: bool) -> None:
        """Own voice counts against a person: over a long echo, what is not explained now and then must not add up."""
        if odds >= SPEECH:
            turn.strong = max(0, turn.strong - 1) if own else turn.strong + self._loud(chunk)

    def _cut(self, turn: Turn) -> None:
        at = quietest(turn.odds)
        rest = Turn(turn.chunks, turn.odds, turn.own, said=list(turn.said), addressed=turn.addressed)
        rest.skip(at)
        rest.held = not self.pressed
        rest.quiet = next((k for k, o in enumerate(reversed(rest.odds)) if o >= SPEECH), len(rest.odds))
        turn.chunks, turn.odds, turn.own = turn.chunks[:at], turn.odds[:at], turn.own[:at]
        self.ended, self.turn = turn, rest

    def _loud(self, chunk: NDArray[np.float32]) -> bool:
        return float(np.sqrt(np.mean(chunk * chunk))) >= self._level


def quietest(odds: list[float], begin: int = 0) -> int:
    """Where to cut: the quietest chunk of the last seconds, after `begin`."""
    first = max(begin + 1, len(odds) - _chunks(CUT_WITHIN_S))
    return first + int(np.argmin(odds[first:]))


def _chunks(seconds: float) -> int:
    return max(1, round(seconds / CHUNK_S))
