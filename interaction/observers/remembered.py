"""What a model is told of the time before its chunk: pure, bounded, changed only between one chunk and the next.

Oldest first, as the trained layout has it: what the video showed (one text of long ago, then a summary for each later
chunk under its range of time), then what was asked, found and said. A summary that did not come in time or makes no
sense leaves no hole in the second part: notes of turns stand whatever becomes of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

MERGED = 5  # summaries that become one text of long ago, as trained
# Shares of the room for everything: at most 4 summaries stand beside that text, so notes keep five twelfths of it.
SUMMARY_SHARE, LONG_SHARE = 12, 4
_ENDS = ".!?。！？"


@dataclass(frozen=True, slots=True)
class Summary:
    """A chunk in a model's words. `begin`, `end`: session seconds of its first and last turn."""

    begin: float
    end: float
    text: str

    def __str__(self) -> str:
        return f"<{self.begin:.1f}-{self.end:.1f} seconds>\n{self.text}\n"


@dataclass(frozen=True, slots=True)
class Recap:
    """What a model made of a chunk that ends. `long`: of all that is to be merged with it, "" if it made nothing."""

    summary: Summary
    long: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """`long`: of long ago; `summaries`: of later chunks; `notes`: what was asked, found and said. Oldest first."""

    long: str = ""
    summaries: tuple[Summary, ...] = ()
    notes: tuple[str, ...] = ()

    def grown(self, notes: Sequence[str], recap: Recap | None, chars: int) -> Remembered:
        """With what a chunk leaves behind, in at most `chars` characters: of the oldest notes least is kept."""
        long, summaries = self.long, self.summaries
        if recap:
            summaries = (*summaries, recap.summary)
        if len(summaries) >= MERGED:
            texts = [long, *(summary.text for summary in summaries)]
            made = recap.long if recap else ""
            long, summaries = made or _newest(texts, chars // LONG_SHARE), ()
        shown = replace(self, long=long, summaries=summaries, notes=())
        return replace(shown, notes=_fitting([*self.notes, *notes], chars - len(shown.head())))

    def to_merge(self, summary: Summary) -> str:
        """What this summary makes due to become one text; "" while there is still room for it."""
        if len(self.summaries) + 1 < MERGED:
            return ""
        return "".join([f"{self.long}\n" if self.long else "", *map(str, self.summaries), str(summary)])

    def head(self) -> str:
        """At the head of a chunk, as it is sent; "" for nothing."""
        video = [f"{self.long}\n"] * bool(self.long) + [str(summary) for summary in self.summaries]
        lines = ["What the video showed before:\n", *video] if video else []
        if self.notes:
            lines += ["What was asked and said before:\n", *(f"{note}\n" for note in self.notes)]
        return "".join(lines)


NOTHING = Remembered()


def bounded(text: str, chars: int) -> str:
    """Whole sentences from the beginning of a text; "" if not even one fits."""
    if len(text) <= chars:
        return text
    cut = max(text.rfind(end, 0, chars) for end in _ENDS)
    return text[: cut + 1]


def _newest(texts: Sequence[str], chars: int) -> str:
    """The end of all texts together, from the beginning of a sentence where there is one."""
    whole = " ".join(text for text in texts if text)
    if len(whole) <= chars:
        return whole
    rest = whole[-chars:]
    begins = [at + 1 for end in _ENDS if 0 <= (at := rest.find(end)) < chars // 2]
    return rest[min(begins, default=0) :].strip()


def _fitting(notes: Sequence[str], chars: int) -> tuple[str, ...]:
    """The newest that fit, a heading included."""
    chars -= len("What was asked and said before:\n")
    kept: deque[str] = deque()
    for note in reversed(notes):
        chars -= len(note) + 1
        if chars < 0:
            break
        kept.appendleft(note)
    return tuple(kept)
