"""One scenario in a session of its own: on virtual time or at its own pace, typed or spoken."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol, runtime_checkable

from bench.footage import NoFootage
from bench.person import BEFORE_S, Early, Hushed, Person, Spoken, give, misheard, typed
from bench.scenario import BadScenario, Scenario
from bench.scoring import Result, score
from bench.trace import Filmed, Trace
from config import Settings
from interaction.headless import Line, UsageError, watch
from interaction.session import Session
from interaction.sources.base import Frame, FrameSource, SourceError


class House(Protocol):
    """What makes sessions (`rooms.Rooms`)."""

    def session(self, id: str, person: str) -> Session: ...

    async def aclose(self) -> None: ...


@runtime_checkable
class Heated(Protocol):
    """A house whose models can be loaded before they are needed."""

    def warm_up(self) -> None: ...

    async def warm(self) -> None: ...


MakeHouse = Callable[[Settings], House]


class Deaf(Exception):
    """The person speaks and nobody can hear it; the message says why."""


@dataclass(frozen=True)
class Stage:
    """How scenarios are performed. `person`: says the lines aloud (None: they are typed); `realtime`: at the stream's
    own pace; `filmed`: keep what a picture of it needs."""

    person: Person | None = None
    realtime: bool = False
    filmed: bool = False


TYPED = Stage()


async def run_one(
    scenario: Scenario,
    settings: Settings,
    make_house: MakeHouse,
    source: FrameSource | NoFootage | None = None,
    stage: Stage = TYPED,
) -> Result:
    """One scenario in a session of its own, with a folder of its own. Raises `Deaf`."""
    source = source or open_scenario(scenario, stage.realtime)
    if isinstance(source, NoFootage):
        return Result(scenario.name, scenario.capability, "no footage", detail=str(source))
    trace, before = Trace(scenario), _cpu()
    with tempfile.TemporaryDirectory(prefix="lookout-") as folder:
        settings = settings.model_copy(update={"language": scenario.language, "data_dir": Path(folder)})
        house = make_house(settings)
        session = house.session("scenario", "scenario")
        missing = set(scenario.needs) - session.observer.capabilities
        try:
            if missing:
                needed = f"needs {', '.join(sorted(missing))}"
                return Result(scenario.name, scenario.capability, "not supported", detail=needed)
            if stage.realtime and isinstance(house, Heated):
                house.warm_up()
                await house.warm()
            planned = await _rehearsed(scenario, session, stage)
            await _perform(session, source, planned, trace, stage)
        except UsageError as error:
            return Result(scenario.name, scenario.capability, "broken", detail=str(error))
        finally:
            trace.ends = session.now()
            await session.aclose()
            await house.aclose()
    result = score(scenario, trace.lines, trace.ends, [spoken.start for spoken in planned])
    if usage := session.observer.usage:
        result.calls, result.prompt_tokens, result.cached_tokens = (
            usage.calls,
            usage.prompt_tokens,
            usage.cached_tokens,
        )
    result.cpu_seconds = _cpu() - before
    result.seed = scenario.source.seed if scenario.source.kind == "synthetic" else None
    if stage.person:
        result.misheard, result.typed = misheard(planned, trace.events), typed(planned)
    result.trace = trace if stage.filmed else None
    return result


async def _rehearsed(scenario: Scenario, session: Session, stage: Stage) -> list[Spoken]:
    """When everything is said, aloud or not. Where the person speaks, the session has ears, and so much of a voice
    that it can be interrupted."""
    lines = [Line(said.t, said.say) for said in scenario.user]
    if stage.person is None:
        return [Spoken(line, line.t) for line in sorted(lines, key=lambda line: line.t)]
    if session.ears is None:
        raise Deaf("; ".join(problem.message for problem in session.services.missing) or "this house has no ears")
    session.mouth.voice = session.mouth.voice or Hushed()
    return await stage.person.plan(lines, session.settings)


async def _perform(
    session: Session, source: FrameSource, planned: Sequence[Spoken], trace: Trace, stage: Stage
) -> None:
    """The session from the first word, which may come before the stream, to the end of it."""
    ahead = -min([0.0, *(spoken.start - BEFORE_S for spoken in planned)])
    if ahead:
        session.clock = Early(ahead)
    trace.said = [spoken.said for spoken in planned]
    stream = Filmed(source, trace) if stage.filmed else source
    await watch(session, stream, [], trace.note, lambda session: give(session, planned))


def open_scenario(scenario: Scenario, realtime: bool = False) -> FrameSource | NoFootage:
    """The stream of a scenario, or why this machine does not have it. Raises `BadScenario`."""
    from interaction.sources.opening import open_source
    from interaction.sources.synthetic import synthetic

    source = scenario.source
    try:
        if source.kind != "synthetic":
            opened = open_source(scenario.spec, "camera", allow_files=True, realtime=realtime, fps=source.fps)
            return Excerpt(opened, *source.span) if source.span else opened
        return synthetic(
            source.generator, seed=source.seed, seconds=source.seconds or 0.0, fps=source.fps, **source.options
        )
    except NoFootage as missing:
        return missing
    except (SourceError, ValueError, TypeError) as error:
        raise BadScenario(f"{scenario.name}: source: {error}") from error


def redrawn(scenario: Scenario, number: int) -> Scenario:
    """The scenario drawn from another seed, which follows from `number` and its own. One whose events would come at
    other times, or be others, keeps its own: what is expected of it was written for that."""
    source = scenario.source
    if source.kind != "synthetic":
        return scenario
    seed = Random(f"{number} {source.seed} {scenario.name}").randrange(2**31)
    other = scenario.model_copy(update={"source": source.model_copy(update={"seed": seed})})
    before, after = (getattr(open_scenario(s), "truth", None) for s in (scenario, other))
    return other if before == after and before is not None else scenario


class Excerpt(FrameSource):
    """The pictures of seconds `start` to `end` of a file, at their own times: before `start` there are none yet."""

    def __init__(self, source: FrameSource, start: float, end: float) -> None:
        self.lane = source.lane
        self.live = source.live
        self._source = source
        self._span = (start, end)

    async def frames(self, now: Callable[[], float]) -> AsyncIterator[Frame]:
        origin = now()
        async for frame in self._source.frames(now):
            if frame.t - origin > self._span[1]:
                break
            if frame.t - origin >= self._span[0]:
                yield frame
        await self._source.aclose()

    async def aclose(self) -> None:
        await self._source.aclose()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
