"""The product in one function: look at what is new, decide, act. Once a second, sooner when something happens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from config import Settings
from interaction.events import Decision, Event, Problem, Recovered
from interaction.observers.base import ObserverError, ObserverModel, Proposal, Turn, View
from interaction.policy import Policy
from interaction.watches import Watch

if TYPE_CHECKING:
    from interaction.lane import Lane


class House(Protocol):
    """What a lane may ask of its session."""

    policy: Policy
    settings: Settings

    @property
    def observer(self) -> ObserverModel: ...
    @property
    def fallback(self) -> ObserverModel: ...
    @property
    def language(self) -> str: ...
    @property
    def paused(self) -> bool: ...
    def now(self) -> float: ...
    def wall(self) -> datetime: ...
    def standing(self, lane: str) -> tuple[Watch, ...]: ...
    def is_urgent(self, watch: str | None) -> bool: ...
    def publish(self, event: Event) -> None: ...
    def act(self, ruling: Proposal, lane: Lane) -> None: ...


async def tick(lane: Lane, house: House) -> None:
    """One tick of one lane."""
    view = lane.view()
    if lane.reason_to_ask(view) is None:
        house.publish(Decision(t=view.t, lane=lane.name, action="silence", reason="nothing changed", skipped=True))
        return
    proposals, latency = await _ask(lane, house, view)
    for proposal in proposals:
        ruling = house.policy.rule(proposal, house.now(), urgent=house.is_urgent(proposal.watch))
        house.publish(
            Decision(
                t=house.now(),
                lane=lane.name,
                action=ruling.action,
                text=ruling.text if ruling.action != "silence" else "",
                reason=ruling.reason,
                watch=ruling.watch,
                latency=round(latency, 4),
                late=latency > house.settings.session.tick_s,
                p_speak=ruling.p_speak,
            )
        )
        house.act(ruling, lane)
        if ruling.action != "silence":
            query = "; ".join(question.text for question in view.questions)
            lane.turns.append(Turn(view.t, query, ruling.text))


async def _ask(lane: Lane, house: House, view: View) -> tuple[Sequence[Proposal], float]:
    """The observer's proposals and the seconds it took; the embedded one stands in when it fails."""
    deadline = house.settings.session.observer_deadline_s
    started = house.now()
    try:
        async with asyncio.timeout(deadline):  # not wait_for: on 3.11 it can swallow a cancellation
            proposals = await house.observer.decide(view)
    except (ObserverError, TimeoutError) as error:
        message = str(error) or f"the observer took longer than {deadline:g} s"
        _observer_failed(lane, house, message)
    except Exception as error:
        _observer_failed(lane, house, f"the observer failed: {type(error).__name__}: {error}"[:300])
    else:
        if lane.failures:
            lane.failures = 0
            house.publish(Recovered(t=house.now(), where="observer", message="The observer answers again."))
        return proposals, house.now() - started
    latency = house.now() - started
    if house.fallback is not house.observer:
        return await house.fallback.decide(view), latency
    lane.put_back(view)
    return [Proposal("silence", reason="the observer failed")], latency


def _observer_failed(lane: Lane, house: House, message: str) -> None:
    lane.failures += 1
    if lane.failures == 1:
        stands_in = house.fallback is not house.observer
        house.publish(
            Problem(
                t=house.now(),
                where="observer",
                message=message,
                kept="The built-in observer stands in." if stands_in else "The next tick asks again.",
                advice="Check LOOKOUT_OBSERVER and its server." if stands_in else "Run `python app.py doctor`.",
            )
        )
