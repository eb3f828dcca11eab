"""A chat server that answers like vLLM, or like any other: what it was sent is kept, what it says is scripted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.scripted_http import Reply, Server, serve

Say = str | Reply | Callable[[dict[str, Any]], "str | Reply"]


def said(text: str, first: Sequence[tuple[str, float]] = (), tokens: int = 0) -> Reply:
    """`first`: the likeliest first tokens with their log-probabilities; `tokens`: of the prompt."""
    choice: dict[str, Any] = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    if first:
        top = [{"token": token, "logprob": logprob} for token, logprob in first]
        choice["logprobs"] = {"content": [{"token": first[0][0], "logprob": first[0][1], "top_logprobs": top}]}
    usage = {"prompt_tokens": tokens, "completion_tokens": 3, "total_tokens": tokens + 3} if tokens else None
    return Reply(
        {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    )


@contextmanager
def model(
    *says: Say, name: str = "joyai-vl-interaction", tokens: int | None = 131_072, vllm: bool = True, marks: int = 1
) -> Iterator[Server]:
    """`says`: answers in order, the last one stays; `tokens`: its context; `marks`: tokens of a marker."""
    left = list(says)
    entry = {"id": name, "object": "model", "created": 1, "owned_by": "vllm" if vllm else "me", "max_model_len": tokens}

    def reply(asked: dict[str, Any]) -> Reply:
        if "prompt" in asked:
            return Reply({"tokens": list(range(marks)), "count": marks})
        if "messages" not in asked:
            return Reply({"object": "list", "data": [entry]})
        say = left.pop(0) if len(left) > 1 else left[0]
        answer = say(asked) if callable(say) else say
        return said(answer) if isinstance(answer, str) else answer

    with serve(reply) as server:
        yield server


def chats(server: Server) -> list[dict[str, Any]]:
    """The requests for a decision, in order."""
    return [body for body in server.bodies if "messages" in body]


def words(messages: Sequence[dict[str, Any]]) -> str:
    """All texts of a prompt."""
    parts = [message["content"] for message in messages]
    return "\n".join(part if isinstance(part, str) else json.dumps(part, ensure_ascii=False) for part in parts)
