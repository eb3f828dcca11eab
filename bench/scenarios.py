"""`python app.py scenarios`: runs scenarios against an observer, on virtual time, and prints the scores.

Exit 0: every scenario that this observer and this machine support passed. 1: one did not. 2: a file is no scenario,
or the results cannot be written.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from bench.footage import NoFootage
from bench.report import circumstances, line, table
from bench.scenario import BadScenario, Scenario, collect
from bench.scoring import Result, score
from bench.totals import total
from config import Settings
from interaction.backends import UnknownBackend
from interaction.clock import run_virtual
from interaction.events import Event, to_json
from interaction.headless import Line, UsageError, watch
from interaction.session import Session
from interaction.sources.base import Frame, FrameSource, SourceError

DEFAULT = Path(__file__).parent.parent / "tests" / "scenarios"


class House(Protocol):
    """What makes sessions (`rooms.Rooms`)."""

    def session(self, id: str, person: str) -> Session: ...

    async def aclose(self) -> None: ...


MakeHouse = Callable[[Settings], House]


def run_all(
    paths: list[Path], settings: Settings, make_house: MakeHouse, json_out: Path | None = None, quiet: bool = False
) -> int:
    """Run and report; the exit code."""
    try:
        scenarios = collect(paths or [DEFAULT])
        sources = [open_scenario(scenario) for scenario in scenarios]  # a generator that does not exist: known now
        if json_out:
            json_out.write_text("", encoding="utf-8")  # a folder that cannot be written: before, not after, the run
    except BadScenario as error:
        print(f"app.py scenarios: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"app.py scenarios: --json {json_out}: {error.strerror}", file=sys.stderr)
        return 2
    body: dict[str, Any] = circumstances(settings)  # now: files may change while it runs
    results: list[Result] = []
    for number, (scenario, source) in enumerate(zip(scenarios, sources, strict=True), 1):
        try:
            results.append(run_virtual(run_one(scenario, settings, make_house, source)))
        except UnknownBackend as error:
            print(f"app.py scenarios: {error}", file=sys.stderr)
            return 2
        if not quiet:
            print(f"[{number}/{len(scenarios)}] {line(results[-1])}", flush=True)
    if not quiet:
        print("\n" + "\n".join(table(results)))
    if json_out:
        body |= {"total": asdict(total(results)), "results": [asdict(result) for result in results]}
        json_out.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if all(result.passed or result.status in ("not supported", "no footage") for result in results) else 1


async def run_one(
    scenario: Scenario, settings: Settings, make_house: MakeHouse, source: FrameSource | NoFootage | None = None
) -> Result:
    """One scenario in a session of its own, with a folder of its own."""
    source = source or open_scenario(scenario)
    if isinstance(source, NoFootage):
        return Result(scenario.name, scenario.capability, "no footage", detail=str(source))
    lines: list[dict[str, Any]] = []

    def note(event: Event, seq: int) -> None:
        lines.append(to_json(event, seq))

    before = _cpu()
    with tempfile.TemporaryDirectory(prefix="lookout-") as folder:
        update = {"language": scenario.language, "data_dir": Path(folder)}
        house = make_house(settings.model_copy(update=update))
        session = house.session("scenario", "scenario")
        missing = set(scenario.needs) - session.services.capabilities
        try:
            if missing:
                needed = f"needs {', '.join(sorted(missing))}"
                return Result(scenario.name, scenario.capability, "not supported", detail=needed)
            await watch(session, source, [Line(said.t, said.say) for said in scenario.user], note)
        except UsageError as error:
            return Result(scenario.name, scenario.capability, "broken", detail=str(error))
        finally:
            seconds = session.now()
            await session.aclose()
            await house.aclose()
    result = score(scenario, lines, seconds)
    result.cpu_seconds = _cpu() - before
    return result


def open_scenario(scenario: Scenario) -> FrameSource | NoFootage:
    """The stream of a scenario, or why this machine does not have it. Raises `BadScenario`."""
    from interaction.sources.opening import open_source
    from interaction.sources.synthetic import synthetic

    source = scenario.source
    try:
        if source.kind != "synthetic":
            opened = open_source(scenario.spec, "camera", allow_files=True, realtime=False, fps=source.fps)
            return Excerpt(opened, *source.span) if source.span else opened
        return synthetic(
            source.generator, seed=source.seed, seconds=source.seconds or 0.0, fps=source.fps, **source.options
        )
    except NoFootage as missing:
        return missing
    except (SourceError, ValueError, TypeError) as error:
        raise BadScenario(f"{scenario.name}: source: {error}") from error


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
