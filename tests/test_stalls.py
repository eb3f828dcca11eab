"""A loop that stands still while somebody speaks is counted, told with the utterance, and shown."""

from __future__ import annotations

import asyncio
import time

import pytest

from interaction.events import UtteranceEnded
from interaction.speaking.mouth import Mouth
from interaction.speaking.sinks import NullSink
from tests.fakes_speech import Heard, ScriptedVoice


@pytest.mark.real_time
async def test_what_stands_still_for_over_50_ms_is_counted_once() -> None:
    told = Heard()
    mouth = Mouth(ScriptedVoice(takes=0.0, lasts=0.6), NullSink(), told.append, asyncio.get_running_loop().time)
    said = asyncio.create_task(mouth.say(1, "I see a cup.", "answer", "en"))
    asyncio.get_running_loop().call_later(0.2, lambda: _hold(0.15))
    await said
    (ended,) = told.of(UtteranceEnded)
    assert isinstance(ended, UtteranceEnded) and ended.stalls == mouth.stalls.count >= 1
    assert mouth.stalls.longest >= 0.1
    before = mouth.stalls.count
    _hold(0.15)
    await asyncio.sleep(0)
    assert mouth.stalls.count == before, "nobody speaks: nobody hears it"


def _hold(seconds: float) -> None:
    """Stand in for a fault: work on the loop."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


async def test_nothing_is_late_on_virtual_time_and_nothing_is_left_running() -> None:
    told = Heard()
    mouth = Mouth(ScriptedVoice(lasts=5.0), NullSink(), told.append, asyncio.get_running_loop().time)
    await mouth.say(1, "I see a cup.", "answer", "en")
    await asyncio.sleep(0)
    assert told[-1].stalls == 0  # type: ignore[union-attr]
    assert asyncio.all_tasks() == {asyncio.current_task()}
