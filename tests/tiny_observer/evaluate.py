"""The examination: held-out streams through the product's own observer, over HTTP, on whatever serves the model.

`python -m tests.tiny_observer.evaluate URL [--streams 20]` with the house's Python.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from config import Settings
from interaction.observers.base import Proposal
from interaction.observers.dialects import Name
from interaction.observers.openai_compatible import OpenAICompatibleObserver
from tests.tiny_observer.conversation import view
from tests.tiny_observer.streams import CORE, Stream, Tick, stream

HELD_OUT = 9_000_000  # seeds from here on were never learned from
DEADLINE_S = 60.0  # the first answer of an engine takes long, and a busy machine is slow


@dataclass
class Score:
    """Counts by act. `decided`: the right one of silence, speech and delegation; `exact`: the right words as well;
    `named`: the right watch as well; `p_speak`: of ticks that were to be silent, and of the others."""

    total: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    p_speak: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    wrong: list[str] = field(default_factory=list)

    def note(self, tick: Tick, said: Proposal) -> None:
        wanted = "delegate" if tick.delegated else "speak" if tick.text else "silence"
        right = said.action == wanted
        words = right and said.text == tick.text and (said.question or "") == tick.delegated
        self.total[tick.act] += 1
        self.decided[tick.act] += right
        self.exact[tick.act] += words
        self.named[tick.act] += words and (said.watch is not None) == (tick.watch is not None)
        if said.p_speak is not None:
            self.p_speak[wanted != "silence"].append(said.p_speak)
        if not words:
            heard = f"{said.action} {said.text!r} {said.question or ''}".rstrip()
            self.wrong.append(f"{tick.t:g} s, {tick.act}: {heard}; right: {tick.reply('instructed')!r}")

    def decisions(self, acts: Sequence[str] = ()) -> float:
        """The share of right decisions, of these acts or of all."""
        return self._share(self.decided, acts)

    def words(self, acts: Sequence[str] = CORE) -> float:
        """The share of answers that are right to the letter."""
        return self._share(self.exact, acts)

    def separation(self) -> float:
        """How often a tick that calls for speech has the higher P(speak) of a pair; 1: always. NaN: none is told."""
        quiet, aloud = self.p_speak
        pairs = [(a > q) + 0.5 * (a == q) for a in aloud for q in quiet]
        return sum(pairs) / len(pairs) if pairs else float("nan")

    def _share(self, right: Counter[str], acts: Sequence[str]) -> float:
        names = [act for act in self.total if not acts or act in acts]
        return sum(right[act] for act in names) / max(1, sum(self.total[act] for act in names))

    def report(self) -> str:
        rows = [
            f"{act:10} {n:4}  decisions {self.decided[act] / n:.3f}  words {self.exact[act] / n:.3f}"
            for act, n in sorted(self.total.items())
        ]
        core = f"decisions {self.decisions(CORE):.3f}  words {self.words():.3f}"
        return "\n".join([*rows, f"first four  {core}", f"all         decisions {self.decisions():.3f}  "
                          f"words {self.words(()):.3f}  P(speak) separates {self.separation():.3f}"])  # fmt: skip


async def evaluate(url: str, dialect: Name, seeds: Sequence[int], ticks: int = 12, key: str = "") -> Score:
    """Play a stream of so many ticks for each seed, each in a lane of its own. Raises `ObserverError`."""
    given = {"observer": url, "observer_key": key, "observer_dialect": dialect}
    settings = Settings(_env_file=None, session={"observer_deadline_s": DEADLINE_S}, **given)  # type: ignore[arg-type]
    observer = OpenAICompatibleObserver(settings)
    score = Score()
    try:
        for seed in seeds:
            await _play(observer, stream(seed, ticks), score)
            observer.forget("camera")
    finally:
        await observer.aclose()
    return score


async def _play(observer: OpenAICompatibleObserver, played: Stream, score: Score) -> None:
    for index, tick in enumerate(played.ticks):
        (said,) = await observer.decide(view(tick, played.picture(index)))
        score.note(tick, said)


async def _main(url: str, streams: int, ticks: int) -> None:
    dialects: tuple[Name, Name] = ("joyai", "instructed")
    for dialect in dialects:
        score = await evaluate(url, dialect, range(HELD_OUT, HELD_OUT + streams), ticks)
        print(f"{dialect}, {streams} streams of {ticks} ticks\n{score.report()}")
        print("\n".join(score.wrong[:12]), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--ticks", type=int, default=12)
    chosen = parser.parse_args()
    asyncio.run(_main(chosen.url, chosen.streams, chosen.ticks))
