"""What goes wrong in hearing, told once until it is well again; and what a microphone's levels say about it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from config import Hearing
from interaction.both import Both
from interaction.events import Event, Problem, Recovered, Severity
from interaction.hearing.base import RATE

NOTHING = 2 / 32768  # a sample smaller than this is no sound; real microphones always hiss a little more
FULL = 0.985  # of full scale: a codec leaves clipped samples a little below it
CLIPPED = 0.02  # share of a turn's samples at full scale from which words suffer; loud clear speech has none


class Troubles:
    """`emit` gets a `Problem` when something goes wrong, once, and `Recovered` when it is well again."""

    def __init__(self, emit: Callable[[Event], None], now: Callable[[], float], settings: Hearing) -> None:
        self._emit = emit
        self._now = now
        self._deaf_after_s = settings.deaf_s
        self._deaf_s = 0.0
        self.there = True  # a microphone, as far as is known; a page without one sends silence
        self._standing: set[str] = set()

    def problem(self, what: str, message: Both) -> None:
        """`what`: one of `TROUBLE`."""
        if what in self._standing:
            return
        self._standing.add(what)
        part, severity, kept, advice = TROUBLE[what]
        self._emit(Problem(t=self._now(), where=part, message=message, kept=kept, advice=advice, severity=severity))

    def well(self, what: str) -> None:
        if what not in self._standing:
            return
        self._standing.discard(what)
        part = TROUBLE[what][0]
        if not any(TROUBLE[other][0] == part for other in self._standing):
            self._emit(Recovered(t=self._now(), where=part))

    def listen(self, pcm: NDArray[np.float32]) -> None:
        """A muted or wrong microphone delivers zeros: say so instead of waiting for words."""
        if not pcm.size:
            return
        if not self.there or float(np.abs(pcm).max()) >= NOTHING:
            self._deaf_s = 0.0
            self.well("silent")
            return
        self._deaf_s += len(pcm) / RATE
        if self._deaf_s >= self._deaf_after_s:
            self.problem("silent", SILENT)

    def weigh(self, turn: NDArray[np.float32]) -> None:
        """A turn is over, float32 [n]: was the microphone overdriven?"""
        if float(np.mean(np.abs(turn) >= FULL)) > CLIPPED:
            self.problem("clipped", LOUD)
        else:
            self.well("clipped")

    def switched(self) -> None:
        """The microphone was switched off or changed."""
        self._deaf_s = 0.0
        self.well("silent")


SILENT = Both(
    "I can't hear you: the microphone delivers only silence.",
    "听不到你说话：麦克风传来的只有静音。",
)
LOUD = Both(
    "The microphone is too loud: what you say comes in distorted.",
    "麦克风音量太大，你说的话失真了。",
)
OWN_VOICE = Both("The microphone picks up Lookout's own voice.", "麦克风收到了 Lookout 自己的声音。")
TOO_MUCH = Both(
    "More was said than can be recognised in time; the last turn was not understood.",
    "说得太多，来不及识别，最后一段没有听懂。",
)
_KEPT = Both("Watching and speaking go on; what you type is understood.", "观察和说话照常，也可以打字。")
# What goes wrong: the part of the house, how bad it is, what goes on working, what to do.
TROUBLE: dict[str, tuple[str, Severity, Both, Both]] = {
    "hearing": ("hearing", "error", _KEPT, Both("Say it again, or type it.", "请再说一遍，或打字。")),
    "silent": (
        "microphone",
        "warning",
        _KEPT,
        Both(
            "Unmute the microphone, or choose another one in the browser.",
            "请打开麦克风，或在浏览器里换一个。",
        ),
    ),
    "clipped": (
        "microphone",
        "warning",
        Both("I go on listening as well as I can.", "我会尽量听清。"),
        Both(
            "Turn the microphone's level down, or speak from further away.",
            "请调低麦克风音量，或离远一点说。",
        ),
    ),
    "echo": (
        "microphone",
        "warning",
        Both(
            "Its own words are not taken for requests; interrupting it takes a little longer.",
            "它自己的话不会被当成请求，只是打断它要多等一会儿。",
        ),
        Both("Use headphones, or turn the loudspeaker down.", "请用耳机，或调低扬声器音量。"),
    ),
}
