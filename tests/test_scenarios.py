"""Scenarios run: the fast ones by the real eyes, those on footage where it is, and broken houses that must fail."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

import assets
from bench.baselines import Describing, Silent, altered, watched_by
from bench.performance import House
from bench.scenario import Scenario, collect, load
from bench.scenarios import DEFAULT, run_one
from bench.scoring import Result
from bench.streams import Source
from bench.suite import run_all
from config import Settings
from interaction.clock import Clock, run_virtual
from interaction.observers.base import ObserverModel, Proposal, View
from interaction.observers.embedded import EmbeddedObserver
from interaction.policy import Policy
from interaction.seeing.base import Seer
from interaction.seeing.embedded import EmbeddedSeer
from interaction.seeing.models import Models
from interaction.services import Services
from interaction.session import Session
from interaction.sources.synthetic import GENERATORS
from rooms import Rooms
from tests import footage
from tests.house import Eyes

pytestmark = pytest.mark.whole

ALL = collect([DEFAULT])
SETTINGS = Settings(_env_file=None)  # type: ignore[call-arg]
# Said by a clock: at a time that stands nowhere in the picture.
TIMERS = re.compile("stretch|喝水|morning$|noon$|evening$|drink water")
# These need the agent or the memory: the whole house.
WHOLE = {"memory", "delegation"}
FULL = [s for s in ALL if s.full]  # too long for here: `make scenarios`
QUICK = [s for s in ALL if not s.full]
ON_FOOTAGE = [s for s in QUICK if s.source.file]
TRANSLATED = [s for s in QUICK if s.capability == "translation"]  # with a text model: test_scenarios_words.py
IN_ROOMS = [s for s in QUICK if not s.source.file and WHOLE & set(s.needs)]
FAST = [s for s in QUICK if s not in (*ON_FOOTAGE, *TRANSLATED, *IN_ROOMS)]


class Small:
    """A house with an observer and eyes only."""

    def __init__(self, settings: Settings, eyes: Callable[[], Seer], observer: ObserverModel | None = None) -> None:
        self._settings = settings
        self._eyes = eyes
        self._observer = observer or EmbeddedObserver()

    def session(self, id: str, person: str) -> Session:
        services = Services(
            observer=self._observer, fallback=self._observer, make_seer=self._eyes, folder=self._settings.data_dir
        )
        return Session(id, person, self._settings, services)

    async def aclose(self) -> None:
        return


def blind(settings: Settings) -> House:
    return Small(settings, lambda: Eyes({}))


@pytest.fixture(scope="module")
def seeing() -> Iterator[Callable[[Settings], House]]:
    """Makes houses with the real eyes, whose networks are loaded once."""
    models = Models(assets.find)
    yield lambda settings: Small(settings, lambda: EmbeddedSeer(models))
    models.close()


def named(name: str) -> Scenario:
    (scenario,) = load(DEFAULT / f"{name}.yaml")
    return scenario


def run(scenario: Scenario, make: Callable[[Settings], House]) -> Result:
    return run_virtual(run_one(scenario, SETTINGS, make))


@pytest.mark.parametrize("scenario", FAST, ids=lambda s: s.name)
def test_drawn_scenarios_pass(scenario: Scenario, seeing: Callable[[Settings], House]) -> None:
    result = run(scenario, seeing)
    assert result.passed, (result.missed, result.unwanted, result.forbidden)


def test_without_a_text_model_nothing_is_translated(seeing: Callable[[Settings], House]) -> None:
    result = run(TRANSLATED[0], seeing)
    assert (result.status, result.detail) == ("not supported", "needs translation")


@pytest.mark.parametrize("scenario", IN_ROOMS, ids=lambda s: s.name)
def test_what_needs_the_agent_or_the_memory_passes_in_a_whole_house(scenario: Scenario) -> None:
    result = run(scenario, lambda settings: Rooms(settings, voice=False, hearing=False))
    assert result.passed, (result.missed, result.unwanted, result.forbidden)


@pytest.mark.footage
@pytest.mark.parametrize("scenario", ON_FOOTAGE, ids=lambda s: s.name)
def test_scenarios_on_footage_pass(scenario: Scenario, seeing: Callable[[Settings], House]) -> None:
    whole = bool(WHOLE & set(scenario.needs))
    result = run(scenario, (lambda settings: Rooms(settings, voice=False, hearing=False)) if whole else seeing)
    if result.status == "no footage":
        pytest.skip(result.detail)
    assert result.passed, (result.missed, result.unwanted, result.forbidden)


# ---------------------------------------------------------------- what the suite holds


def test_every_scenario_runs_here_or_says_that_it_is_too_long() -> None:
    parts = [*FAST, *ON_FOOTAGE, *TRANSLATED, *IN_ROOMS, *FULL]
    assert sorted(s.name for s in parts) == sorted(s.name for s in ALL)
    assert len(FULL) <= 21, "what runs only in `make scenarios` guards no change"
    assert all((s.source.seconds or 0) <= 60 for s in QUICK), "mark it `full`"


def test_the_suite_has_every_capability_three_times_and_fifteen_on_footage() -> None:
    assert len(ALL) >= 45 and len([s for s in ALL if s.source.kind == "file"]) >= 15
    numbers = Counter(s.capability for s in ALL)
    for capability in (
        "translation", "monitoring", "guidance", "commentary", "counting", "time", "memory", "reacting", "delegation",
    ):  # fmt: skip
        assert numbers[capability] >= 3, (capability, numbers[capability])


def test_times_of_drawn_scenes_are_those_of_their_truth() -> None:
    checked = 0
    for scenario in ALL:
        if scenario.source.generator not in ("place", "slides", "sign") or scenario.source.file:
            continue
        happened = {lane: truth_of(source) for lane, source in scenario.streams.items()}
        for span in scenario.expect:
            if span.at is None or TIMERS.search(span.matches or ""):
                continue
            assert span.at in happened[span.lane or "camera"], (scenario.name, span.at)
            assert span.at - 0.301 <= span.span[0] <= span.at and span.span[1] <= span.at + 5.0, scenario.name
            checked += 1
    assert checked >= 20


def truth_of(source: Source) -> set[float]:
    """The seconds at which something happens in a drawn scene."""
    options = {name: value for name, value in source.options.items() if name != "noise"}
    scene = GENERATORS[source.generator](Random(source.seed), source.seconds or 0.0, **options)
    return {fact.t for fact in scene.truth}


def test_times_on_footage_are_those_noted_by_eye() -> None:
    noted: dict[tuple[str, Any], set[float]] = {}
    for path in footage.NOTES.glob("*.yaml"):
        clip = footage.clip(path.stem)
        times = {t for kind in clip.noted.values() for t in kind} | {o.start for o in clip.optional} | set(clip.text)
        noted.setdefault((clip.file, clip.crop), set()).update(times)
    checked = 0
    for scenario in [s for s in ALL if s.source.kind == "file"]:
        for span in scenario.expect:
            if span.at is None or TIMERS.search(span.matches or ""):
                continue
            assert span.at in noted[scenario.source.file, scenario.source.crop], (scenario.name, span.at)
            assert span.span == (pytest.approx(span.at - 0.3), pytest.approx(span.at + 2.5)), (scenario.name, span.at)
            checked += 1
    assert checked >= 30


# ---------------------------------------------------------------- a suite that passes anything measures nothing


def test_an_observer_that_is_always_silent_finds_nothing(
    seeing: Callable[[Settings], House], capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(named("guidance-steps"), altered(blind, watched_by(Silent)))
    assert (result.status, result.found, result.expected, result.passed) == ("run", 0, 2, False)
    assert run_all([DEFAULT / "guidance-steps.yaml"], SETTINGS, altered(blind, watched_by(Silent))) == 1
    assert "✗ guidance-steps: 0/2 expected" in capsys.readouterr().out


def test_eyes_that_see_nothing_fail() -> None:
    assert not run(named("monitoring-text"), blind).passed


def test_an_observer_that_only_describes_speaks_for_nothing(seeing: Callable[[Settings], House]) -> None:
    result = run(named("guidance-steps"), altered(seeing, watched_by(Describing)))
    assert not result.passed and len(result.unwanted) >= 2


def test_an_observer_that_decides_four_seconds_late_misses_the_moment(seeing: Callable[[Settings], House]) -> None:
    class Late(EmbeddedObserver):
        async def decide(self, view: View) -> list[Proposal]:
            await asyncio.sleep(4.0)
            return await super().decide(view)

    def late(session: Session) -> None:
        session.services = replace(session.services, observer=Late())

    result = run(named("guidance-steps"), altered(seeing, late))
    assert result.found == 0 and len(result.unwanted) == 2


def test_a_house_without_its_policy_stutters(seeing: Callable[[Settings], House]) -> None:
    class Stammering(EmbeddedObserver):
        """Says a thing again on the next tick, as models do."""

        def __init__(self) -> None:
            super().__init__()
            self.last: list[Proposal] = []

        async def decide(self, view: View) -> list[Proposal]:
            again, fresh = self.last, await super().decide(view)
            self.last = [p for p in fresh if p.watch]
            return fresh + again

    def stammering(session: Session) -> None:
        session.services = replace(session.services, observer=Stammering())

    def lax(session: Session) -> None:
        stammering(session)
        session.policy = Lax(cooldown_s=0, repeat_s=0)

    class Lax(Policy):
        def rule(self, proposal: Proposal, *args: Any, **kwargs: Any) -> Proposal:
            return proposal

    kept, without = (run(named("monitoring-text"), altered(seeing, how)) for how in (stammering, lax))
    assert kept.passed and not without.passed and without.unwanted


def test_a_wall_clock_at_double_speed_rings_too_early() -> None:
    class Hasty(Clock):
        def wall(self, t: float | None = None) -> datetime:
            now = self.now() if t is None else t
            return super().wall(0.0) + timedelta(seconds=2 * now)

    def hasty(session: Session) -> None:
        session.clock = Hasty()

    right, wrong = (run(named("time-reminders"), make) for make in (blind, altered(blind, hasty)))
    assert right.passed and right.clock_errors == [pytest.approx(0, abs=0.3)] * 2
    assert not wrong.passed and len(wrong.missed) == 2 and len(wrong.unwanted) == 2


def test_pictures_at_double_speed_fail(seeing: Callable[[Settings], House]) -> None:
    scenario = named("monitoring-text")
    fast = scenario.source.model_copy(update={"options": {"texts": {0: ["A"], 4: ["18:55"], 8: ["C3 18:55"]}}})
    assert not run(scenario.model_copy(update={"source": fast}), seeing).passed
