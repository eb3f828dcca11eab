"""The arithmetic of the load test, and the film that it shows."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest

from bench.recordings import FPS
from bench.strain.load import CHANGE_S, Guest, Step, answered, film
from bench.strain.queueing import Queueing
from bench.visitor import HouseFull, Visitor

pytestmark = pytest.mark.whole


def alert(**changes: Any) -> dict[str, Any]:
    return {"type": "decision", "action": "speak", "watch": "w1", "lane": "camera", **changes}


def test_a_change_is_answered_by_the_first_alert_before_the_next_change() -> None:
    told = [(1.0, alert()), (10.7, alert()), (11.5, alert()), (16.0, alert(watch=None)), (25.9, alert())]
    told.append((20.1, {"type": "pong"}))
    assert answered([5.0, 10.0, 15.0, 25.0, 30.0], told, 10.0, 30.0) == pytest.approx([0.7, CHANGE_S, 0.9])


def test_a_step_is_held_when_95_percent_are_in_time_and_nothing_went_wrong() -> None:
    fast = Step(2, [0.5] * 19 + [1.4])
    assert fast.held and fast.p50 == 0.5 and "held" in fast.row()
    assert not Step(2, [0.5] * 9 + [1.6]).held and "too late" in Step(2, [0.5] * 9 + [1.6]).row()
    assert not Step(2).held
    refused = Step(4, problem="the house said: full, place 1 in the queue")
    assert not refused.held and "place 1" in refused.row()


def test_the_film_changes_every_five_seconds_and_the_packet_that_begins_it_is_noted() -> None:
    packets = film(CHANGE_S + 0.5)
    assert len(packets) == round((CHANGE_S + 0.5) * FPS)
    decoder: Any = av.CodecContext.create("libvpx", "r")
    greys = [frame.to_ndarray(format="gray") for packet in packets for frame in decoder.decode(av.Packet(packet))]
    red = [int(np.count_nonzero(abs(grey[::4, ::4].astype(int) - grey[0, 0]) > 60)) for grey in greys]
    gap = round(CHANGE_S * FPS)
    assert [number for number in range(1, len(red)) if (red[number] > 300) != (red[number - 1] > 300)] == [gap]
    guest = Guest(Visitor("http://127.0.0.1:1", packets, packets))
    for number in (0, 1, gap - 1, gap, gap + 1):
        guest.sent(number)
    assert len(guest.changes) == 2


def test_what_the_queue_did_wrong_is_said() -> None:
    right = Queueing(told_s=0.4, let_in_s=1.2, said={"en": "full", "zh": "满"})
    assert right.ok and right.lines() == [
        "over the limit: told after 0.40 s (full / 满); let in 1.20 s after somebody left"
    ]
    wrong = Queueing()
    wrong.expect(False, "nobody was told")
    assert not wrong.ok and "nobody was told" in wrong.lines()[1] and "never" in wrong.lines()[0]
    assert HouseFull(3).place == 3
