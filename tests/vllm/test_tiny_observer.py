"""The tiny model decides and says what is right, on streams that it never learned from, in both layouts."""

from __future__ import annotations

import pytest

from interaction.observers.dialects import Name
from interaction.observers.engine import Engine
from tests.tiny_observer.evaluate import HELD_OUT, evaluate
from tests.tiny_observer.streams import CORE

pytestmark = [pytest.mark.vllm, pytest.mark.real_time(600), pytest.mark.timeout(900)]


@pytest.mark.parametrize("dialect", ["joyai", "instructed"])
async def test_decisions_and_words(served: Engine, dialect: Name) -> None:
    score = await evaluate(served.url, dialect, range(HELD_OUT, HELD_OUT + 20), key=served.key)
    print(f"\n{dialect}\n{score.report()}")
    assert score.decisions(CORE) >= 0.95, score.wrong
    assert score.words(CORE) >= 0.9, score.wrong
    assert score.decisions(["unwatched"]) >= 0.9, "what no watch covers is not told"
    assert score.separation() >= 0.95, "the probability of speaking is told, and tells"
