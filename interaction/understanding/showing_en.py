""" "Show me when …" and "play the last clip" in English. Rows of the table of questions."""

from __future__ import annotations

from interaction.intents import Intent
from interaction.understanding.grammar import Build, question

_SHOW = r"(?:show me|play(?: me)?(?: back)?|replay|let me (?:see|watch)|(?:can|could|may) i (?:see|watch))"
_FILM = r"(?:clip|video|recording|footage|film|replay)"
_LAST = r"(?:last|latest|newest|most recent|previous|recent)"

SHOWINGS: tuple[tuple[str, Build[list[Intent]]], ...] = (
    (
        rf"{_SHOW} (?:(?:it|that|this) again|(?:(?:the|that|this|your) )?(?:{_LAST} )?{_FILM}"
        rf"(?: (?:of|from) (?:it|that|(?:the )?{_LAST} (?:alert|alarm|one|time|event)))?"
        rf"|(?:the )?{_LAST} (?:alert|alarm|event)|what (?:just )?(?:set (?:it|you) off|triggered (?:it|that)))"
        r"(?: again)?",
        question("clip"),
    ),
    (
        rf"show me when\b.*|{_SHOW} (?:again )?(?:when|the (?:moment|part)(?: (?:when|where|that|of))?) .+"
        rf"|{_SHOW} (?:the |a |your )?{_FILM} (?:of|from|where|when|with|that) .+",
        question("shown"),
    ),
)
