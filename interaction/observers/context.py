"""The conversation of one lane with a model: append-only turns in chunks, so that the server's cache holds the past.

A turn is kept as it was sent, byte for byte, once the model has answered it; what failed leaves no trace. When a chunk
is full, the next begins with what is remembered and the newest turns, so that there is no blind gap; only then does
anything before the newest turn change. Pictures go out once, later only by their id, to servers that keep them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from interaction.observers.budget import RULES_TOKENS, TURN_TOKENS, Plan, words
from interaction.observers.remembered import NOTHING, Recap, Remembered

Message = dict[str, Any]
Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG as a data URL. `id`: unique for as long as a server may keep it."""

    id: str
    url: str

    def part(self, whole: bool) -> Part:
        """As part of a message: with its bytes, or by its id only."""
        return {"type": "image_url", "image_url": {"url": self.url} if whole else None, "uuid": self.id}

    @property
    def plain(self) -> Part:
        return {"type": "image_url", "image_url": {"url": self.url}}


@dataclass(frozen=True, slots=True)
class Turn:
    """A user turn and what was answered. `note`: what of it is worth remembering, "" for nothing."""

    t: float
    before: str
    picture: Picture | None
    after: str = ""
    answer: str = ""
    note: str = ""


@dataclass(frozen=True)
class Context:
    """Turns that were kept. `system`: the rules; `by_id`: the server keeps pictures; it is replaced, never changed.

    `memory`: of turns that are no longer shown, in at most `plan.memory_chars`; `head`: with what this chunk began;
    `tokens`: of all that was kept, at most.
    """

    plan: Plan
    system: str
    by_id: bool
    turns: tuple[Turn, ...] = ()
    memory: Remembered = NOTHING
    head: str = ""
    tokens: int = RULES_TOKENS

    def messages(self, newest: Turn, suffix: str = "", whole: bool = False, again: bool = False) -> list[Message]:
        """What is sent: everything kept, then the newest turn with a suffix that will not be kept. `whole`: every
        picture with its bytes, for a server that has forgotten some; `again`: not even the newest."""
        first, *others = (*self.turns, newest)
        shown = [replace(first, before=self.head + first.before), *others]
        messages: list[Message] = [{"role": "system", "content": self.system}]
        for turn in shown[:-1]:
            messages.append({"role": "user", "content": self._content(turn, whole=whole)})
            messages.append({"role": "assistant", "content": turn.answer})
        last = self._content(shown[-1], suffix, newest=True, whole=whole or not again)
        messages.append({"role": "user", "content": last})
        return messages

    def _content(self, turn: Turn, suffix: str = "", newest: bool = False, whole: bool = False) -> list[Part]:
        parts = [_text(turn.before)]
        if turn.picture and self.by_id:
            parts.append(turn.picture.part(whole))
        elif turn.picture and newest:
            parts.append(turn.picture.plain)
        return parts + [_text(text) for text in (turn.after, suffix) if text]

    def fits(self, newest: Turn, suffix: str = "") -> bool:
        """Whether it still belongs to this chunk; else another is to be begun (`renewed`) before it is sent."""
        tokens = self.tokens + self._cost(newest, shown=True) + words(suffix)
        return len(self.turns) < self.plan.turns and tokens <= self.plan.limit

    @property
    def ending(self) -> bool:
        """The chunk has about as many turns left as the next one begins with: high time to ask for a summary."""
        each = TURN_TOKENS + (self.plan.frame_tokens if self.by_id else 0)
        left = min(self.plan.turns - len(self.turns), (self.plan.limit - self.tokens) // each)
        return len(self.turns) > 0 and left <= self.plan.carry

    def kept(self, newest: Turn, tokens: int = 0) -> Context:
        """With the answered turn. `tokens`: of the prompt, as the server counted them, 0 if it did not."""
        counted = (tokens + words(newest.answer)) if tokens else self.tokens + self._cost(newest)
        return replace(self, turns=(*self.turns, newest), tokens=counted)

    def renewed(self, head: str = "", recap: Recap | None = None) -> Context:
        """A new chunk: the newest turns are carried over, as far as they take half of the room at most, all of them
        that `recap` has missed; notes of the others are remembered."""
        missed = sum(turn.t > recap.summary.end for turn in self.turns) if recap else 0
        most = min(max(self.plan.carry, missed), self.plan.turns - 1, len(self.turns))
        carried, spent = 0, 0
        for turn in reversed(self.turns[len(self.turns) - most :]):
            spent += self._cost(turn)
            if spent > self.plan.limit // 2:
                break
            carried += 1
        cut = len(self.turns) - carried
        notes = [turn.note for turn in self.turns[:cut] if turn.note]
        memory = self.memory.grown(notes, recap, self.plan.memory_chars)
        head = memory.head() + head
        turns = self.turns[cut:]
        tokens = RULES_TOKENS + words(head) + sum(self._cost(turn) for turn in turns)
        return replace(self, turns=turns, memory=memory, head=head, tokens=tokens)

    def _cost(self, turn: Turn, shown: bool = False) -> int:
        """Tokens at most, for what the server has not counted. `shown`: its picture is sent in any case."""
        picture = self.plan.frame_tokens if turn.picture and (shown or self.by_id) else 0
        return TURN_TOKENS + words(turn.before + turn.after + turn.answer) + picture


def _text(text: str) -> Part:
    return {"type": "text", "text": text}
