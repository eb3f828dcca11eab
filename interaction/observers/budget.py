"""What a second of stream may cost a model in tokens, from what its server says of itself. Pure.

A prompt that outgrows the model's context is the reference's most reported fault, so nothing is sent that could: a
chunk has as many turns, and a picture as many pixels, as fit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

PIXELS = 32  # of a side of what Qwen3-VL makes one token of; other models take about as many
FRAME_TOKENS = 256  # 262,144 pixels: what the trained model was shown at most
SMALLEST_FRAME = 64  # 256×256 pixels; people across a room are not seen any more below
TURN_TOKENS = 40  # of a turn besides its picture: role marks, "<3600.0 seconds>", a silence or a short sentence
REPLY_TOKENS = 256
RULES_TOKENS = 400  # of the system text and the suffix with a few watches
TOKEN_CHARS = 2  # of prose at least, also of Chinese with what stands around it: words are counted as dear
ASSUMED_TOKENS = 8192  # of a server that does not say; the smallest that is served in practice
CHUNK_TURNS = 100  # as trained
WORTHWHILE = 40  # turns of a chunk for which larger pictures are given up
FEWEST_TURNS = 4
FEWEST_CARRIED = 2  # turns that a new chunk begins with: no blind gap


class ContextTooSmall(Exception):
    """The model's context holds not even a few seconds. The message says how many tokens it would take."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`limit`: tokens of a prompt; `frame_tokens`: of a picture, 0 where only the newest is sent; `turns`: of a chunk;
    `carry`: newest turns that the next chunk begins with; `memory_chars`: of what is remembered at its head."""

    limit: int
    frame_tokens: int
    turns: int
    carry: int
    memory_chars: int

    def limited(self, pictures: int) -> Plan:
        """For a server that takes so many pictures in a prompt."""
        turns = max(1, min(self.turns, pictures))
        return replace(self, turns=turns, carry=min(self.carry, turns // 4))  # else each tick would begin a chunk


def plan(
    model_tokens: int | None, *, history: bool, frame_tokens: int = FRAME_TOKENS, turns: int = CHUNK_TURNS
) -> Plan:
    """`history`: whether the pictures of past turns are sent too. Raises `ContextTooSmall`."""
    tokens = model_tokens or ASSUMED_TOKENS
    memory = min(2000, tokens // 8)
    request = min(1000, tokens // 8)  # a long question, or what the agent found
    room = tokens - REPLY_TOKENS - RULES_TOKENS - memory - request
    for size in _sizes(frame_tokens):
        each = TURN_TOKENS + (size if history else 0)
        fit = min(turns, (room if history else room - size) // each)
        if fit >= min(turns, WORTHWHILE) or (size == SMALLEST_FRAME and fit >= FEWEST_TURNS):
            return Plan(tokens - REPLY_TOKENS, size, fit, max(FEWEST_CARRIED, fit // 10), memory * TOKEN_CHARS)
    least = (FEWEST_TURNS * (TURN_TOKENS + SMALLEST_FRAME) + REPLY_TOKENS + RULES_TOKENS) * 4 // 3
    raise ContextTooSmall(f"its context of {tokens} tokens is too small; {least} hold a few seconds")


def words(text: str) -> int:
    """Tokens of a text at most."""
    return len(text) // TOKEN_CHARS


def _sizes(largest: int) -> list[int]:
    return [size for size in (largest, 192, 128, 96, SMALLEST_FRAME) if size <= largest]


def picture_size(width: int, height: int, tokens: int) -> tuple[int, int]:
    """The largest size of about the same shape that costs at most `tokens`, in pixels; never larger than it is."""
    scale = min(1.0, math.sqrt(tokens * PIXELS**2 / (width * height)))
    columns, rows = (max(1, math.floor(side * scale / PIXELS + 0.5)) for side in (width, height))
    while columns * rows > tokens:
        if columns >= rows:
            columns -= 1
        else:
            rows -= 1
    return columns * PIXELS, rows * PIXELS
