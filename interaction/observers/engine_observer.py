"""One session's view of the engine: the embedded observer while it loads, its model once it serves.

Loading for the first time is nothing wrong, and the embedded observer's answers are the observer's. When a server that
served, or never will, is away, `decide` raises: the tick says so, and the embedded observer stands in as for any other.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import SecretStr

import config
from interaction.observers.base import ObserverError, ObserverModel, Proposal, Usage, View
from interaction.observers.engine import Engine
from interaction.observers.openai_compatible import OpenAICompatibleObserver


class EngineObserver(ObserverModel):
    """`embedded` is the session's stand-in; whoever made it closes it."""

    def __init__(self, engine: Engine, embedded: ObserverModel, settings: config.Settings) -> None:
        self._engine, self._embedded, self._settings = engine, embedded, settings
        self._models: dict[str, OpenAICompatibleObserver] = {}  # by address; it changes if its port is taken meanwhile

    async def decide(self, view: View) -> list[Proposal]:
        status = self._engine.status
        if status.trouble:
            raise ObserverError(status.trouble)
        if not status.ready:
            return await self._embedded.decide(view)
        return await self._model.decide(view)

    def forget(self, lane: str) -> None:
        for model in self._models.values():
            model.forget(lane)

    async def aclose(self) -> None:
        for model in self._models.values():
            await model.aclose()

    @property
    def loading(self) -> dict[str, Any] | None:  # type: ignore[override]
        return self._engine.status.loading

    @property
    def told(self) -> bool:  # type: ignore[override]
        return bool(self._engine.status.trouble)

    @property
    def _deciding(self) -> ObserverModel:
        return self._model if self._engine.status.ready else self._embedded

    @property
    def name(self) -> str:  # type: ignore[override]
        return self._deciding.name

    @property
    def capabilities(self) -> frozenset[str]:  # type: ignore[override]
        return self._deciding.capabilities

    @property
    def gated(self) -> bool:  # type: ignore[override]
        return self._deciding.gated

    @property
    def sees(self) -> dict[str, str]:  # type: ignore[override]
        return self._deciding.sees

    @property
    def usage(self) -> Usage:  # type: ignore[override]
        counted = [model.usage for model in self._models.values()]
        return Usage(*(sum(getattr(usage, part.name) for usage in counted) for part in fields(Usage)))

    @property
    def _model(self) -> OpenAICompatibleObserver:
        url = self._engine.url
        if url not in self._models:
            named = {"observer": url, "observer_model": self._engine.name, "observer_key": SecretStr(self._engine.key)}
            self._models[url] = OpenAICompatibleObserver(self._settings.model_copy(update=named))
        return self._models[url]
