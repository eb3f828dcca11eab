"""What an observer model says, in every known form, to one of the three actions.

The trained form is `</silence>`, `</response> text`, `</response> note </delegation> question`. Also accepted:
`</delegate>`, `<delegation>`, `<|background_call|>{"query": …}`; a delegation on a later line; text with no marker
(speech); nothing at all (silence). The earliest of silence and response wins. No input raises.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from interaction.events import Action

# An answer longer than this is not something to say aloud.
TEXT_CHARS = 4000
QUESTION_CHARS = 2000

_SILENCE = "</silence>"
_RESPONSE = "</response>"
_DELEGATION = re.compile(r"</?delegat(?:ion|e)>|<\|background_call\|>")
_MARKERS = re.compile(r"</?(?:silence|response|delegation|delegate)>|<\|[^|<>]{1,40}\|>")


@dataclass(frozen=True, slots=True)
class Parsed:
    """An action with its words. `question` is set exactly for `delegate`."""

    action: Action
    text: str = ""
    question: str | None = None


def parse(answer: str) -> Parsed:
    """The action in a model's answer."""
    answer = answer.strip()
    silence, response = answer.find(_SILENCE), answer.find(_RESPONSE)
    if not answer or (silence >= 0 and (response < 0 or silence < response)):
        return Parsed("silence")
    body = answer[response + len(_RESPONSE) :] if response >= 0 else answer
    note, marker, rest = _split(body)
    question = _question(rest) if marker else ""
    if question:
        return Parsed("delegate", _clean(note)[:TEXT_CHARS], question)
    text = _clean(note)[:TEXT_CHARS]
    return Parsed("speak", text) if text else Parsed("silence")


def _split(body: str) -> tuple[str, bool, str]:
    found = _DELEGATION.search(body)
    if not found:
        return body, False, ""
    return body[: found.start()], True, body[found.end() :]


def _question(rest: str) -> str:
    rest = rest.strip()
    if rest.startswith("{"):
        try:
            query = json.JSONDecoder().raw_decode(rest)[0].get("query", "")
        except (ValueError, AttributeError, RecursionError):
            query = rest
        rest = query if isinstance(query, str) else ""
    return _clean(rest)[:QUESTION_CHARS]


def _clean(text: str) -> str:
    return _MARKERS.sub(" ", text).strip()


def prompt_tokens(reported: Any) -> int:
    """Of the prompt, as the server counted; 0 for what is no number."""
    number = reported.get("prompt_tokens") if isinstance(reported, dict) else 0
    return number if isinstance(number, int) and number > 0 else 0


def first_tokens(choice: dict[str, Any]) -> list[tuple[str, float]]:
    """The likeliest first tokens with their log-probabilities; empty where the server tells none, or nonsense."""
    try:
        found = choice["logprobs"]["content"][0]["top_logprobs"]
        return [(str(one["token"]), float(one["logprob"])) for one in found[:20]]
    except (KeyError, IndexError, TypeError, ValueError):
        return []
