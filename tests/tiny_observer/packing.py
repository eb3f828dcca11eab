"""Conversations as arrays: tokens, positions, who may look at what, and which tokens are to be learned.

In the instructed layout a turn is answered after a suffix that is not kept. So the kept turns are the trunk of a tree,
and each suffix with its answer is a branch that sees the trunk up to its turn; one pass learns all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from tests.tiny_observer.conversation import Conversation
from tests.tiny_observer.make import IMAGE_TOKENS, MERGE, PATCH, SIDES

Encode = Callable[[str], tuple[int, ...]]
Ints = NDArray[np.int64]
# How much more than others tokens weigh that decide: the first of an answer, of a silence although something happened,
# and figures, which tell a watch or a number.
FIRST, HARD, FIGURE = 3.0, 5.0, 3.0
_ROWS, _COLUMNS = SIDES[1] // (PATCH * MERGE), SIDES[0] // (PATCH * MERGE)
_PLACE = np.stack(  # of each token of a picture: time, row, column
    [np.zeros(IMAGE_TOKENS), np.arange(IMAGE_TOKENS) // _COLUMNS, np.arange(IMAGE_TOKENS) % _COLUMNS]
).astype(np.int64)


def encoder(folder: Path) -> Encode:
    """The tokens of a text, by the tokenizer in `folder`."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return lru_cache(maxsize=100_000)(lambda text: tuple(tokenizer.encode(text, add_special_tokens=False).ids))


@dataclass(frozen=True)
class Packed:
    """`ids` [n]; `positions` [3, n]; `may` [n, n]: the row looks at the column; `weights` [n]: how much the token is a
    target; `first` [n]: it decides between silence, speech and delegation; `pictures`, `learned`: ticks that are shown,
    and ticks whose answers are targets, in order; `branched`: `may` is more than who comes first."""

    ids: Ints
    positions: Ints
    may: NDArray[np.bool_]
    weights: NDArray[np.float32]
    first: NDArray[np.bool_]
    pictures: tuple[int, ...]
    learned: tuple[int, ...]
    branched: bool


class _Row:
    """A growing sequence of tokens."""

    def __init__(self, at: int = 0) -> None:
        self.ids: list[int] = []
        self.positions: list[Ints] = []
        self.learned: list[tuple[int, int, float]] = []  # spans of answers, and how much the first token weighs
        self.at = at

    def text(self, ids: Sequence[int]) -> None:
        self.ids += ids
        self.positions.append(np.tile(np.arange(self.at, self.at + len(ids)), (3, 1)))
        self.at += len(ids)

    def picture(self, token: int) -> None:
        self.ids += [token] * IMAGE_TOKENS
        self.positions.append(_PLACE + self.at)
        self.at += max(_ROWS, _COLUMNS)

    def answer(self, ids: Sequence[int], hard: bool) -> None:
        """One that is to be learned."""
        self.learned.append((len(self.ids), len(self.ids) + len(ids), HARD if hard else FIRST))
        self.text(ids)


def pack(made: Conversation, encode: Encode, random: Random, branches: int) -> Packed:
    """`branches`: at most so many answers after suffixes are learned; silences are left out first."""
    (pad,) = encode("<|image_pad|>")
    start, end = encode("<|vision_start|>"), encode("<|vision_end|>")
    branched = any(asked.suffix for asked in made.asked)
    chosen = _chosen(made, random, branches) if branched else set()
    gap = random.randrange(1, len(made.asked)) if len(made.asked) > 1 and random.random() < 0.3 else 0
    trunk, pictures, twigs = _Row(), [], []
    trunk.text(encode(f"<|im_start|>system\n{made.messages[0]['content']}<|im_end|>\n"))
    turns = [message for message in made.messages[1:] if message["role"] == "user"]
    for number, (asked, turn) in enumerate(zip(made.asked, turns, strict=True)):
        trunk.at += random.randrange(3000) if number == gap else 0  # as if a long chunk lay between
        text = "<|im_start|>user\n"
        for part in turn["content"]:
            if part["type"] == "text":
                text += part["text"] + "\n"
                continue
            trunk.text([*encode(text), *start])
            trunk.picture(pad)
            trunk.text(end)
            text = ""
            pictures.append(int(part["uuid"]))
        kept = encode(text) if text else ()
        trunk.text(kept)
        if number in chosen:
            twig = _Row(trunk.at)
            twig.text(encode(asked.suffix + "\n<|im_end|>\n<|im_start|>assistant\n"))
            twig.answer(encode(asked.answer + "<|im_end|>"), asked.hard)
            twigs.append((len(trunk.ids), twig))
        trunk.text(encode("<|im_end|>\n<|im_start|>assistant\n"))
        answer = encode(asked.answer + "<|im_end|>")
        if asked.whole and not branched:
            trunk.answer(answer, asked.hard)
        else:
            trunk.text(answer)
        trunk.text(encode("\n"))
    learned = [a.index for n, a in enumerate(made.asked) if (n in chosen if branched else a.whole)]
    figures = {token for figure in "0123456789" for token in encode(figure)}
    return _joined(trunk, twigs, tuple(pictures), tuple(learned), figures)


def _chosen(made: Conversation, random: Random, most: int) -> set[int]:
    """Turns whose answers are learned; those at which something happens are rarer and teach more."""
    whole = [n for n, asked in enumerate(made.asked) if asked.whole]
    random.shuffle(whole)
    still = {n for n in whole if made.asked[n].answer == "silence" and not made.asked[n].hard}
    whole.sort(key=lambda n: n in still and random.random() < 0.6)
    return set(whole[:most])


def _joined(
    trunk: _Row,
    twigs: Sequence[tuple[int, _Row]],
    pictures: tuple[int, ...],
    learned: tuple[int, ...],
    figures: set[int],
) -> Packed:
    """`figures`: the tokens that are one."""
    rows = [trunk, *(twig for _, twig in twigs)]
    n, offset = sum(len(row.ids) for row in rows), len(trunk.ids)
    may, weights, first = np.zeros((n, n), bool), np.zeros(n, np.float32), np.zeros(n, bool)
    may[:offset, :offset] = np.tri(offset, dtype=bool)
    at = 0
    for row, seen in zip(rows, [0, *(seen for seen, _ in twigs)], strict=True):
        end = at + len(row.ids)
        if at:
            may[at:end, :seen] = True
            may[at:end, at:end] = np.tri(end - at, dtype=bool)
        for begin, until, weight in row.learned:
            weights[at + begin : at + until] = [FIGURE if token in figures else 1.0 for token in row.ids[begin:until]]
            weights[at + begin], first[at + begin] = weight, True
        at = end
    ids = np.array([token for row in rows for token in row.ids], np.int64)
    positions = np.concatenate([p for row in rows for p in row.positions], axis=1)
    return Packed(ids, positions, may, weights, first, pictures, learned, bool(twigs))
