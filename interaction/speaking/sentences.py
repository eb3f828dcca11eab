"""Cuts plain text into pieces to synthesise one at a time, the first one short so that sound comes soon. Pure."""

from __future__ import annotations

import re

FIRST = 40  # characters; Kokoro needs 1.8 s for 33 of them and 3.3 s for 67
# Of an alert: "Someone just came in, | on the right." Its first half is soon ready, and one for all places.
FIRST_OF_ALERT = 24
LONGEST = 120  # characters; while one is played the next is made, and a long one would not be ready
SLACK = 1.2  # a sentence that is only a little longer than `first` sounds better whole
TAIL = 2  # characters; a sentence of which so little is missing was heard
SHORTEST = 10  # characters; a shorter piece than this sounds chopped off
CHINESE = 2.5  # a Chinese character is spoken as long as this many Latin letters

AHEAD = 12  # characters behind a limit that are looked at, so that a conjunction there is recognised
LONGEST_ABBREVIATION = 10  # characters, with the blank before it

_ENDS = re.compile(r"(?:(?<=[.!?…])[\"')\]]*\s+|(?<=[。！？…])[”」』）]*\s*)(?=\S)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Prof|St|No|Fig|vs|etc|e\.g|i\.e|approx|[A-Z]|(?:[A-Za-z]\.)+[A-Za-z])\.$", re.I
)
# Where a long sentence may be parted, best first: punctuation, conjunctions, spaces.
_CLAUSES = (
    re.compile(r"(?<=[,;:，；：、])\s*(?=\S)|\s+(?=[–—-]\s)"),
    re.compile(r"\s+(?=(?:and|but|or|because|so|which|that|while|when|with|where|then|if|until)\s)", re.I),
    re.compile(r"\s+(?=\S)"),
)


def sentences(text: str, first: int = FIRST, longest: int = LONGEST) -> list[str]:
    """The pieces in order; joined by spaces (none between Chinese) they are `text` again.

    A sentence longer than `longest` is parted at clauses; the first piece is at most about `first` long where a
    clause ends or a conjunction stands there.
    """
    pieces: list[str] = []
    for sentence in _sentences(" ".join(text.split())):
        pieces += _parted(sentence, longest)
    if pieces and length(pieces[0]) > SLACK * first:
        pieces[:1] = _short_start(pieces[0], first)
    return pieces


def unheard(text: str, heard: str) -> str:
    """What is left of a text that was cut after `heard`, from the beginning of the sentence that was cut."""
    end = 0
    for sentence in _sentences(" ".join(text.split())):
        begin = text.find(sentence, end)
        end = begin + len(sentence)
        if end > len(heard) + TAIL:
            return text[begin:].strip()
    return ""


def _sentences(text: str) -> list[str]:
    found: list[str] = []
    begin = 0
    for gap in _ENDS.finditer(text):
        if _ABBREVIATION.search(text[max(begin, gap.start() - LONGEST_ABBREVIATION) : gap.start()]):
            continue
        found.append(text[begin : gap.end()].strip())
        begin = gap.end()
    return [s for s in [*found, text[begin:].strip()] if s]


def _parted(sentence: str, longest: int) -> list[str]:
    """Pieces of at most `longest`, as few and as natural as can be."""
    pieces: list[str] = []
    while length(sentence) > longest:
        places = (_last_place(pattern, sentence, longest) for pattern in _CLAUSES)
        at = next(filter(None, places), 0) or max(1, int(longest * len(sentence) / length(sentence)))
        pieces.append(sentence[:at].strip())
        sentence = sentence[at:].strip()
    return [*pieces, sentence]


def _short_start(sentence: str, first: int) -> list[str]:
    """Part at the last clause that ends within `first`; never at a mere space, which is heard as a stumble."""
    for pattern in _CLAUSES[:2]:
        if at := _last_place(pattern, sentence, first):
            return [sentence[:at].strip(), sentence[at:].strip()]
    return [sentence]


def _last_place(pattern: re.Pattern[str], sentence: str, within: int) -> int:
    """The last place that leaves two speakable pieces, the first within the limit; 0 if there is none."""
    places = [gap.end() for gap in pattern.finditer(sentence[: within + AHEAD])]
    long_enough = [at for at in places if at < len(sentence) and length(sentence[:at]) >= SHORTEST]
    good = [at for at in long_enough if length(sentence[:at]) <= within and length(sentence[at:]) >= SHORTEST]
    return max(good, default=0)


def length(text: str) -> float:
    """Length in Latin letters: what it takes to speak it."""
    dense = len(re.findall(r"[一-鿿]", text))
    return len(text) + (CHINESE - 1) * dense
