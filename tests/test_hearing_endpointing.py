"""Where the turn of a person begins who talks over the house's voice."""

from __future__ import annotations

import numpy as np
import pytest

from config import Hearing
from interaction.hearing.endpointing import Endpointer, Heard
from interaction.hearing.subtraction import BANDS, FRAMES
from interaction.hearing.vad import CHUNK, CHUNK_S

ECHO = np.full((FRAMES, BANDS), -60.0, np.float32)
PRE_ROLL = round(Hearing().pre_roll_s / CHUNK_S)


def announced(kinds: str, pressed: bool = False) -> list[int]:
    """The chunks of the turn when it is announced, while the house speaks. Of each chunk: "-" quiet, "o" the house's
    own voice, "?" what is called so before it is known, "p" a person's."""
    endpointer = Endpointer(Hearing())
    endpointer.pressed = pressed
    for number, kind in enumerate(kinds):
        chunk = np.full(CHUNK, 0.1 + number / 1000, np.float32)
        heard = Heard(chunk, 0.0 if kind == "-" else 0.9, kind in "o?", ECHO if kind in "op" else None)
        if "announced" in endpointer.step(heard, True):
            assert endpointer.turn
            return [round((float(heard.chunk[0]) - 0.1) * 1000) for heard in endpointer.turn.heard]
    raise AssertionError("nobody was noticed")


@pytest.mark.parametrize(
    ("kinds", "first"),
    [
        ("-" * 20 + "o" * 60 + "p" * 40, 80),
        ("-" * 20 + "o" * 60 + "ppoppo" + "p" * 40, 80),  # a person's voice comes and goes
        ("-" * 20 + "o" * 30 + "pp" + "o" * 30 + "p" * 40, 82),  # an echo that was not explained for a moment
        ("-" * 20 + "???--?????" + "p" * 40, 20),  # over headphones, before that is known
        ("-" * 20 + "????oooooooooooo" + "p" * 40, 36),
        ("-" * 20 + "p" * 40, 20),
    ],
)
def test_the_echo_before_the_person_is_left_out_and_nothing_else(kinds: str, first: int) -> None:
    chunks = announced(kinds)
    assert chunks == list(range(first - PRE_ROLL, chunks[-1] + 1))


def test_with_the_button_held_everything_is_kept() -> None:
    assert announced("o" * 40, pressed=True)[0] == 0
