"""Makes and trains the tiny observer: `PYTHON -m tests.tiny_observer.train`, with a Python that has torch, transformers
and the house's packages. Seeded; about 20 CPU minutes."""

from __future__ import annotations

import argparse
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from interaction.observers.dialects import Name
from tests.tiny_observer.batches import LESSONS, MOMENTS, Batch, batch, lesson
from tests.tiny_observer.make import MODEL, make
from tests.tiny_observer.model_pass import Eyes, hidden_states
from tests.tiny_observer.optimizer import Optimizer
from tests.tiny_observer.packing import Encode, encoder

if TYPE_CHECKING:
    from torch import Tensor

SEED, LESSON_STEPS, STEPS, STEPS_AGAIN = 20261123, 200, 500, 220
LESSON_PICTURES = 64
PICTURES: dict[Name, int] = {"joyai": 36, "instructed": 28}  # of a step; about as much work each
LENGTHS = (4, 6, 8, 12, 16)
LONG = (8, 16, 28, 44)  # a whole chunk of a server with 16k tokens
EXAMINED = 5_000_000  # seeds from here on are never learned from


class Tutor:
    """Asks of a state what it stands for; only for training. `answers`: how many each question has."""

    def __init__(self, width: int, answers: tuple[int, ...]) -> None:
        from torch import nn

        self.asks, self.answers = nn.Linear(width, sum(answers)), answers

    def loss(self, states: Tensor, facts: Tensor) -> Tensor:
        """How wrong the states [n, width] are; a fact of -1 is not asked for."""
        import torch
        from torch.nn import functional

        answers = self.asks(states).split(self.answers, dim=1)
        losses = torch.stack([
            functional.cross_entropy(answer, fact, ignore_index=-1)
            for answer, fact in zip(answers, facts.T, strict=True) if (fact >= 0).any()
        ])  # fmt: skip
        return losses.sum()


def judged(model: Any, eyes: Eyes, made: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Scores of each target token, the targets, and where they stand (row, column)."""
    states, _ = hidden_states(model, eyes, made)
    where = (made.weights > 0).nonzero()
    return model.lm_head(states[where[:, 0], where[:, 1] - 1]), made.ids[where[:, 0], where[:, 1]], where


def examine(model: Any, eyes: Eyes, encode: Encode, name: Name, streams: int = 16, length: int = 10) -> str:
    """By act: right decisions, and answers that are right to the letter, each word after the right ones."""
    import torch

    total: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    exact: Counter[str] = Counter()
    with torch.no_grad():
        for start in range(0, streams, 8):
            made = batch(range(EXAMINED + start, EXAMINED + start + 8), name, length, encode, plain=True)
            scores, targets, where = judged(model, eyes, made)
            right = scores.argmax(1) == targets
            begins = [i for i, at in enumerate(where.tolist()) if made.first[at[0], at[1]]]
            for i, end, act in zip(begins, [*begins[1:], len(right)], made.acts, strict=True):
                total[act] += 1
                decided[act] += bool(right[i])
                exact[act] += bool(right[i:end].all())
    parts = [f"{act} {decided[act] / n:.2f}/{exact[act] / n:.2f}" for act, n in sorted(total.items())]
    n = sum(total.values())
    return f"{name}: {sum(decided.values()) / n:.3f}/{sum(exact.values()) / n:.3f} of {n}; {', '.join(parts)}"


def _named(model: Any, *tutors: Tutor) -> Iterator[tuple[str, Any]]:
    yield from model.named_parameters()
    yield from ((f"asks.{name}", parameter) for tutor in tutors for name, parameter in tutor.asks.named_parameters())


class Lessons:
    """What is to be learned in a step, as two halves that are worked out side by side: each with one thread, since two
    on so small a model wait for each other."""

    def __init__(self, model: Any, encode: Encode) -> None:
        import torch

        self.model, self.encode, self.eyes = model, encode, Eyes(model.model.visual)
        width = model.config.text_config.hidden_size
        self.of_pictures, self.of_moments = Tutor(width, LESSONS), Tutor(width, MOMENTS)
        self.pictures_asked = True
        self._pool = ThreadPoolExecutor(2, initializer=torch.set_num_threads, initargs=(1,))

    def step(self, optimizer: Optimizer, losses: Sequence[Callable[[], Tensor]]) -> list[float]:
        """The losses, after a step down their sum."""
        import torch

        def sloped(loss: Callable[[], Tensor]) -> tuple[float, Sequence[Tensor | None]]:
            found = loss()
            return float(found.detach()), torch.autograd.grad(found, optimizer.parameters, allow_unused=True)

        found = list(self._pool.map(sloped, losses))
        optimizer.take([slopes for _, slopes in found])
        return [loss for loss, _ in found]

    def looking(self, seed: int) -> Tensor:
        """The eyes alone: what a picture shows."""
        pictures, shown = lesson(seed, LESSON_PICTURES // 2)
        looked, _ = self.eyes(pictures)
        return self.of_pictures.loss(looked.reshape(len(pictures), -1, looked.shape[-1]).mean(1), shown)

    def talking(self, seeds: Sequence[int], name: Name, length: int) -> Tensor:
        """Whole conversations. The tutors ask what each picture shows, and where it is decided, what has happened and
        what is watched for: of every second, not only of those at which it matters."""
        from torch.nn import functional

        made = batch(seeds, name, length, self.encode)
        states, looked = hidden_states(self.model, self.eyes, made)
        where = (made.weights > 0).nonzero(as_tuple=True)
        scores = self.model.lm_head(states[where[0], where[1] - 1])
        losses = functional.cross_entropy(scores, made.ids[where], reduction="none")
        loss = (losses * made.weights[where]).sum() / made.weights.sum()
        row, column = made.first.nonzero(as_tuple=True)
        loss = loss + 0.1 * self.of_moments.loss(states[row, column - 1], made.moments)
        if not self.pictures_asked:  # in whole chunks there are too many
            return loss
        return loss + 0.1 * self.of_pictures.loss(looked.mean(1), made.facts)


def train(folder: Path, lessons: int, steps: int, again: int, say: Callable[[str], None] = print) -> None:
    """The eyes alone; then conversations; then whole chunks of them, more gently and with one tutor less."""
    import torch

    torch.set_num_threads(1)
    model = make(folder, SEED)
    school = Lessons(model, encoder(folder))
    told = _timed(say)
    first = Optimizer(_named(model.model.visual, school.of_pictures), lessons, 0.03, 4e-3)
    for step in range(lessons):
        found = school.step(first, [partial(school.looking, 2 * step + half) for half in (0, 1)])
        if step % 50 == 49:
            told(f"eyes {step + 1}: loss {sum(found) / 2:.3f}")
    everything = _named(model, school.of_pictures, school.of_moments)
    short = (choice for step in range(steps) for choice in [LENGTHS if step > steps // 4 else LENGTHS[:3]])
    talk(school, Optimizer(everything, steps, 0.02, 3e-3), short, 1_000_000, told)
    school.pictures_asked = False
    everything = _named(model, school.of_moments)
    talk(school, Optimizer(everything, again, 0.012, 1.5e-3), (LONG for _ in range(again)), 2_000_000, told)
    model.half().save_pretrained(folder)
    told(f"{sum(p.numel() for p in model.parameters())} parameters")


def _timed(say: Callable[[str], None]) -> Callable[[str], None]:
    began = time.process_time()  # CPU time is what is promised
    return lambda text: say(f"{text}, {time.process_time() - began:.0f} CPU s")


def talk(
    school: Lessons, optimizer: Optimizer, lengths: Iterable[Sequence[int]], seed: int, say: Callable[[str], None]
) -> None:
    """A step for each of `lengths` (of conversations, one of which is drawn), on streams from `seed` on."""
    random, recent = Random(seed), deque[list[float]](maxlen=25)
    for step, choices in enumerate(lengths, 1):
        length, halves = random.choice(choices), []
        for name, pictures in PICTURES.items():
            count = max(1, pictures // length)
            halves.append(partial(school.talking, range(seed, seed + count), name, length))
            seed += count
        recent.append(school.step(optimizer, halves))
        if step % 25 == 0:
            losses = [sum(half) / len(recent) for half in zip(*recent, strict=True)]
            say(f"{step}: losses {losses[0]:.4f} {losses[1]:.4f}")
        if step % 100 == 0:
            for name in PICTURES:
                say(examine(school.model, school.eyes, school.encode, name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MODEL)
    parser.add_argument("--lessons", type=int, default=LESSON_STEPS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--again", type=int, default=STEPS_AGAIN, help="steps on long chunks, after the others")
    chosen = parser.parse_args()
    train(chosen.out, chosen.lessons, chosen.steps, chosen.again, partial(print, flush=True))
