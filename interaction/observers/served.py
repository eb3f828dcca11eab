"""What a chat server says of itself, and what follows for how its model is spoken to."""

from __future__ import annotations

from dataclasses import dataclass

import config
from interaction.chat_server import ChatError, ChatServer
from interaction.endpoint import DETAIL_CHARS
from interaction.observers.base import ObserverError
from interaction.observers.budget import ContextTooSmall, Plan, plan
from interaction.observers.dialects import DIALECTS, MARKERS, SILENCE, Dialect, Joyai, by_model


@dataclass(frozen=True, slots=True)
class Served:
    """`vllm`: the server takes that engine's own parameters, and keeps the pictures of past turns."""

    dialect: Dialect
    plan: Plan
    vllm: bool


async def inquire(server: ChatServer, settings: config.Settings) -> Served:
    """Raises `ChatError`, and `ObserverError` for a model that is not served, or cannot be an observer."""
    try:
        listed = await server.models()
    except ChatError as error:
        if error.status not in (404, 405) or not settings.observer_model:
            raise
        listed = []  # it lists none, and was told which
    wanted = settings.observer_model
    entry = next((entry for entry in listed if entry["id"] == wanted or not wanted), None)
    if listed and entry is None:
        names = ", ".join(entry["id"][:80] for entry in listed[:5])
        raise ObserverError(f"{server.host} does not serve LOOKOUT_OBSERVER_MODEL={wanted!r}; it serves {names}")
    entry = entry or {}
    server.model = wanted or str(entry.get("id", ""))[:DETAIL_CHARS]  # it may have come back with another one
    vllm, length = entry.get("owned_by") == "vllm", entry.get("max_model_len")
    tokens = length if isinstance(length, int) and length > 0 else None
    try:
        room = plan(tokens, history=vllm, frame_tokens=settings.observer_frame_tokens)
    except ContextTooSmall as error:
        raise ObserverError(f"{server.host}: {error}; serve the model with a longer one (--max-model-len)") from None
    model = str(entry.get("root") or entry.get("id") or wanted)
    return Served(await _dialect(server, model, vllm, settings.observer_dialect), room, vllm)


async def _dialect(server: ChatServer, model: str, vllm: bool, chosen: str) -> Dialect:
    """As set, or as the model's name suggests. A model that does not know the markers was not trained on them."""
    dialect = DIALECTS[by_model(model) if chosen not in DIALECTS else chosen]()
    if dialect.name != "joyai" or not vllm:
        return dialect
    found = {marker: await server.tokens(marker) for marker in MARKERS}
    for marker, ids in found.items():
        if ids is not None and len(ids) != 1:
            if chosen == "joyai":
                raise ObserverError(f"LOOKOUT_OBSERVER_DIALECT=joyai: {model} does not know {marker}; try instructed")
            return DIALECTS["instructed"]()
    end = found[SILENCE]
    return Joyai(end[0] if end else None)
