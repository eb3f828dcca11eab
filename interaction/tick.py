"""The product in one function: look at what is new, decide, act. Once a second, sooner when something happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from config import Settings
from interaction import answers
from interaction.both import DOCTOR, STANDS_IN, Both, why
from interaction.events import Decision, Event, Problem, Recovered
from interaction.observers.base import ObserverError, ObserverModel, Proposal, Turn, View, checked
from interaction.policy import Policy
from interaction.watches import Watch

if TYPE_CHECKING:
    from interaction.lane import Lane


log = logging.getLogger(__name__)

# Ticks in which questions and results wait for a failing observer; then the person is told.
ATTEMPTS = 3
# After so many failures in a row the one that stands in decides alone for this long: a server that takes ten seconds
# to say nothing must not hold up every tick.
REST_S = 5.0
CHECK = Both("Check LOOKOUT_OBSERVER and its server.", "请检查 LOOKOUT_OBSERVER 和它的服务器。")


class Later(Protocol):
    """Who says things later, in better words (`rewording.py`)."""

    def takes(self, ruling: Proposal, lane: Lane) -> bool: ...


class Placing(Protocol):
    """Who says where (`acting.py`)."""

    def placed(self, proposal: Proposal, lane: str) -> Proposal: ...


class House(Protocol):
    """What a lane may ask of its session."""

    policy: Policy
    settings: Settings

    @property
    def observer(self) -> ObserverModel: ...
    @property
    def rewordings(self) -> Later: ...
    @property
    def acting(self) -> Placing: ...
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
    def forbids(self, proposal: Proposal) -> str: ...
    def act(self, ruling: Proposal, lane: Lane) -> None: ...


async def tick(lane: Lane, house: House) -> None:
    """One tick of one lane."""
    view = lane.view()
    if lane.reason_to_ask(view) is None:
        house.publish(Decision(t=view.t, lane=lane.name, action="silence", reason="nothing changed", skipped=True))
        return
    proposals, latency = await _ask(lane, house, view)
    for proposal in proposals:
        ruling = house.policy.rule(
            house.acting.placed(proposal, lane.name),
            house.now(),
            urgent=house.is_urgent(proposal.watch),
            lane=lane.name,
            forbidden=house.forbids(proposal),
        )
        if house.rewordings.takes(ruling, lane):
            ruling = replace(ruling, action="silence", reason=f"finding words: {ruling.reason}")
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
    started = house.now()
    if started >= lane.ask_again:
        try:
            proposals = await _decided(house.observer, house, view)
        except asyncio.CancelledError:
            lane.put_back(view)  # the lane is being closed; somebody else tells what was found
            raise
        except ObserverError as error:
            _observer_failed(lane, house, error)
        else:
            if lane.failures:
                lane.failures, lane.complained = 0, False
                house.publish(Recovered(t=house.now(), where="observer", message="The observer answers again."))
            return proposals, house.now() - started
    latency = house.now() - started
    if house.fallback is not house.observer:
        try:
            return await _decided(house.fallback, house, view), latency
        except ObserverError as error:
            log.error("the observer that stands in failed: %s", error)
    if lane.failures <= ATTEMPTS:
        lane.put_back(view)
        return [Proposal("silence", reason="the observer failed")], latency
    return _unanswered(view), latency  # asking once more would bring the same, and nothing else would be looked at


async def _decided(observer: ObserverModel, house: House, view: View) -> Sequence[Proposal]:
    """What it proposes, bounded. Raises `ObserverError`, whatever went wrong."""
    deadline = house.settings.session.observer_deadline_s
    try:
        async with asyncio.timeout(deadline):  # not wait_for: on 3.11 it can swallow a cancellation
            return checked(await observer.decide(view))
    except TimeoutError:
        raise ObserverError(f"the observer took longer than {deadline:g} s") from None
    except ObserverError:
        raise
    except Exception as error:
        raise ObserverError(f"the observer failed: {type(error).__name__}: {error}"[:300]) from error


def _unanswered(view: View) -> list[Proposal]:
    """No observer can make anything of it: the person hears that, and what the agent found as it is."""
    told = [Proposal("speak", text, "a background task is done", kind="result", answers=True) for text in view.results]
    asked = [
        Proposal("speak", answers.fault(view.language), "the observer failed", kind="answer", answers=True)
        for _ in view.questions
    ]
    return told + asked or [Proposal("silence", reason="the observer failed")]


def _observer_failed(lane: Lane, house: House, error: ObserverError) -> None:
    lane.failures += 1
    stands_in = house.fallback is not house.observer
    if stands_in and lane.failures >= ATTEMPTS:
        lane.ask_again = house.now() + REST_S
    if lane.failures == 1:
        log.error("the observer failed: %s", error, exc_info=error.__cause__)
    if not lane.complained and not house.observer.told:
        lane.complained = True
        house.publish(
            Problem(
                t=house.now(),
                where="observer",
                message=why(error, "观察模型出了问题：{}"),
                kept=STANDS_IN if stands_in else Both("The next tick asks again.", "下一次会再问。"),
                advice=CHECK if stands_in else DOCTOR,
            )
        )
