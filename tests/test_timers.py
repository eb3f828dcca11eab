"""The loop that fires schedules, on virtual time."""

from __future__ import annotations

import math

from tests.house import home


async def test_what_is_due_a_rounding_error_later_does_not_stop_time() -> None:
    async with home() as place:
        over: list[float] = []
        place.session.timers.lapse("x", math.nextafter(60.0, 61.0), lambda: over.append(place.session.now()))
        await place.until(61.0)
        assert len(over) == 1 and 60.0 <= over[0] < 60.1
