"""Where a turn of the person begins, pauses and ends. A pure state machine over 32 ms chunks.

Time is counted in received samples, so a replay of the same sound gives the same turns.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config import Hearing
from interaction.hearing.completeness import Completeness
from interaction.hearing.subtraction import Levels, less_echo
from interaction.hearing.vad import CHUNK_S

# announced: it is surely the person who talks; paused: begin recognising; resumed: throw that away;
# ended: enough silence; cut: the turn is too long, what follows is a turn of its own.
Signal = Literal["announced", "paused", "resumed", "ended", "cut"]
SPEECH, SILENCE = 0.5, 0.35  # Silero's own thresholds: above is speech, below is silence, between nothing changes
CUT_WITHIN_S = 3.0  # an overlong turn is cut where it was quietest in these last seconds, not within a word


class Heard(NamedTuple):
    """A chunk: sound float32 [512], its probability of speech, whether the house's own voice is all there is in it,
    and what of it the house's voice is expected to be (None: nothing, or not known)."""

    chunk: NDArray[np.float32]
    odds: float
    own: bool = False
    echo: Levels | None = None


@dataclass
class Turn:
    """A turn of the person as it grows. `said`: what the house was saying meanwhile; counts are in chunks."""

    heard: list[Heard]
    voiced: int = 0
    strong: int = 0
    quiet: int = 0
    announced: bool = False
    held: bool = False  # follows a turn that was cut: not announced again before it pauses
    said: list[str] = field(default_factory=list)
    over_echo: bool = False  # it began over one, which is left out
    completeness: Completeness = "unknown"  # of what was said until the pause that it makes now
    addressed: bool = True  # it began when what is said is meant for the house (`attention.py`)

    @property
    def audio(self) -> NDArray[np.float32]:
        """For the recogniser: float32 [n], 16 kHz, less the echo. Worked out anew each time."""
        return self.part(0, len(self.heard))

    @property
    def microphone(self) -> NDArray[np.float32]:
        """As it came in: float32 [n], 16 kHz."""
        return np.concatenate([h.chunk for h in self.heard])

    def part(self, begin: int, end: int) -> NDArray[np.float32]:
        """The sound of these chunks."""
        heard = self.heard[begin:end]
        echoes = [h.echo if self.over_echo else None for h in heard]
        return less_echo([h.chunk for h in heard], echoes)

    @property
    def odds(self) -> list[float]:
        return [h.odds for h in self.heard]

    def overhear(self, said: str) -> None:
        """The house says `said` while this turn goes on."""
        if said and said not in self.said:
            self.said = [*self.said[-7:], said]


class Endpointer:
    """Finds turns. `turn`: the one under way; `ended`: the last that came to its end.

    `pressed`: the person holds the button to talk. Then everything is one turn, whatever the silence in it.
    """

    def __init__(self, settings: Hearing) -> None:
        self._start = settings.start_chunks
        self._pause = _chunks(settings.guess_s)
        end_s = settings.silence_s
        self._ends: dict[Completeness, int] = {
            "whole": _chunks(min(end_s, settings.whole_s)),
            "unknown": _chunks(end_s),
            "open": _chunks(max(end_s, settings.open_s)),
        }
        self._longest = int(settings.longest_turn_s / CHUNK_S)
        self._level = settings.barge_in_level
        self.barge_in = _chunks(settings.barge_in_s)
        self._pre_roll = _chunks(settings.pre_roll_s)
        self._ring: deque[Heard] = deque(maxlen=self._pre_roll + self._start)
        self._run = 0
        self._press = _chunks(settings.held_least_s)
        self.pressed = False
        self.turn: Turn | None = None
        self.ended: Turn | None = None

    def step(self, heard: Heard, house_speaks: bool, addressed: bool = True) -> list[Signal]:
        """Take the next chunk; what happened to the turn.

        `addressed`: a turn that begins now is meant for the house; another one takes no floor. A chunk with only the
        house's own voice belongs to the turn, for words to be compared, but interrupts nothing.
        """
        if self.pressed and self.turn is None:
            self.turn = Turn([])
            self._ring.clear()
        if self.turn is None:
            return self._listen(heard, house_speaks, addressed)
        self.turn.addressed |= self.pressed
        return self._go_on(self.turn, heard, house_speaks)

    def finish(self) -> Turn | None:
        """End the turn under way now, whatever is missing; returns it."""
        turn, self.turn = self.turn, None
        self._ring.clear()
        self._run = 0
        return turn

    def _listen(self, heard: Heard, house_speaks: bool, addressed: bool) -> list[Signal]:
        self._ring.append(heard)
        self._run = self._run + 1 if heard.odds >= SPEECH else 0
        if self._run < self._start:
            return []
        turn = Turn(list(self._ring), voiced=self._run, addressed=addressed)
        for one in self._ring:
            self._weigh(turn, one)
        self.turn = turn
        return self._announce(turn, house_speaks or heard.own)

    def _go_on(self, turn: Turn, heard: Heard, house_speaks: bool) -> list[Signal]:
        turn.heard.append(heard)
        signals: list[Signal] = []
        if heard.odds >= SPEECH:
            signals += ["resumed"] if turn.quiet >= self._pause else []
            turn.voiced, turn.quiet, turn.completeness = turn.voiced + 1, 0, "unknown"
            self._weigh(turn, heard)
            signals += self._announce(turn, house_speaks or heard.own)
        elif turn.quiet or heard.odds < SILENCE:
            turn.quiet += 1
            turn.held = turn.held and turn.quiet < self._pause
        if self.pressed:
            signals += self._announce(turn, house_speaks)
        if turn.quiet >= self._ends[turn.completeness] and not self.pressed:
            self.ended = self.finish()
            return [*signals, "ended"]
        if len(turn.heard) >= self._longest:
            self._cut(turn)
            return [*signals, "cut"]
        return [*signals, "paused"] if turn.quiet == self._pause and turn.voiced else signals

    def _announce(self, turn: Turn, house_speaks: bool) -> list[Signal]:
        """While the house speaks, a few chunks may be its own echo: only sustained, loud speech interrupts it."""
        if turn.announced or turn.held or not turn.addressed:
            return []
        by_voice = not house_speaks or turn.strong >= self.barge_in
        sure = len(turn.heard) >= self._press if self.pressed else by_voice  # a shorter press is a click
        turn.announced = sure
        if sure and not self.pressed:
            self._leave_out_echo(turn)
        return ["announced"] if sure else []

    def _leave_out_echo(self, turn: Turn) -> None:
        """Begin with the person who talks over an echo: a recogniser writes the louder voice, or both."""
        theirs = [k for k, heard in enumerate(turn.heard) if heard.odds >= SPEECH and not heard.own]
        first = theirs[-1]
        for k in reversed(theirs):
            first = k if first - k <= self._pre_roll else first
        begin = max(0, first - self._pre_roll)
        # What is called its own before its echo is known may be the person's.
        if any(heard.own and heard.echo is not None for heard in turn.heard[:first]):
            turn.heard, turn.over_echo = turn.heard[begin:], True
            turn.voiced = _voiced(turn)

    def _weigh(self, turn: Turn, heard: Heard) -> None:
        """Own voice counts against a person: over a long echo, what is not explained now and then must not add up."""
        if heard.odds >= SPEECH:
            turn.strong = max(0, turn.strong - 1) if heard.own else turn.strong + self._loud(heard.chunk)

    def _cut(self, turn: Turn) -> None:
        at = quietest(turn.odds)
        rest = Turn(turn.heard[at:], said=list(turn.said), over_echo=turn.over_echo, addressed=turn.addressed)
        rest.held = not self.pressed
        rest.voiced = _voiced(rest)
        rest.quiet = next((k for k, o in enumerate(reversed(rest.odds)) if o >= SPEECH), len(rest.heard))
        turn.heard = turn.heard[:at]
        self.ended, self.turn = turn, rest

    def _loud(self, chunk: NDArray[np.float32]) -> bool:
        return float(np.sqrt(np.mean(chunk * chunk))) >= self._level


def _voiced(turn: Turn) -> int:
    return sum(odds >= SPEECH for odds in turn.odds)


def quietest(odds: list[float], begin: int = 0) -> int:
    """Where to cut: the quietest chunk of the last seconds, after `begin`."""
    first = max(begin + 1, len(odds) - _chunks(CUT_WITHIN_S))
    return first + int(np.argmin(odds[first:]))


def _chunks(seconds: float) -> int:
    return max(1, round(seconds / CHUNK_S))
