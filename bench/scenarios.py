"""`python app.py scenarios`: runs scenarios against an observer, on virtual time, and prints the scores."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from bench.scenario import BadScenario, NoFootage, Scenario, collect
from bench.scoring import Result, Total, score, total
from config import Settings
from interaction.clock import run_virtual
from interaction.events import Event, to_json
from interaction.headless import Line, UsageError, watch
from interaction.session import Session
from interaction.sources.base import FrameSource

DEFAULT = Path(__file__).parent.parent / "tests" / "scenarios"


class House(Protocol):
    """What makes sessions (`rooms.Rooms`)."""

    def session(self, id: str, person: str) -> Session: ...

    async def aclose(self) -> None: ...


MakeHouse = Callable[[Settings], House]


def run_all(
    paths: list[Path], settings: Settings, make_house: MakeHouse, json_out: Path | None = None, quiet: bool = False
) -> int:
    """Run and report; 0 when every supported scenario passed, 1 when one did not, 2 for unusable files."""
    try:
        scenarios = collect(paths or [DEFAULT])
    except BadScenario as error:
        print(error, file=sys.stderr)
        return 2
    results: list[Result] = []
    for number, scenario in enumerate(scenarios, 1):
        result = run_virtual(run_one(scenario, settings, make_house))
        results.append(result)
        if not quiet:
            print(f"[{number}/{len(scenarios)}] {line(result)}", flush=True)
    report(results, quiet)
    if json_out:
        body = {"results": [asdict(result) for result in results], "total": asdict(total(results))}
        json_out.write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if all(result.passed or result.status in ("not supported", "no footage") for result in results) else 1


async def run_one(scenario: Scenario, settings: Settings, make_house: MakeHouse) -> Result:
    """One scenario in a session of its own, with a folder of its own."""
    settings = settings.model_copy(update={"language": scenario.language})
    try:
        source = open_scenario(scenario)
    except NoFootage as error:
        return Result(scenario.name, scenario.capability, "no footage", detail=str(error))
    lines: list[dict[str, Any]] = []

    def note(event: Event, seq: int) -> None:
        lines.append(to_json(event, seq))

    before = _cpu()
    with tempfile.TemporaryDirectory(prefix="lookout-") as folder:
        house = make_house(settings.model_copy(update={"data_dir": Path(folder)}))
        session = house.session("scenario", "scenario")
        missing = set(scenario.needs) - session.observer.capabilities
        try:
            if missing:
                return Result(scenario.name, scenario.capability, "not supported", detail=", ".join(sorted(missing)))
            await watch(session, source, [Line(said.t, said.say) for said in scenario.user], note)
        except UsageError as error:
            return Result(scenario.name, scenario.capability, "broken", detail=str(error))
        finally:
            await session.aclose()
            await house.aclose()
        seconds = session.now()
    result = score(scenario, lines, seconds)
    result.cpu_seconds = _cpu() - before
    return result


def open_scenario(scenario: Scenario) -> FrameSource:
    """The stream of a scenario. Raises `NoFootage`."""
    from interaction.sources.opening import open_source
    from interaction.sources.synthetic import synthetic

    source = scenario.source
    if source.kind == "file":
        return open_source(scenario.spec, "camera", allow_files=True, realtime=False, fps=10.0)
    return synthetic(
        source.generator, seed=source.seed, seconds=source.seconds or 0.0, fps=source.fps, **source.options
    )


def line(result: Result) -> str:
    """One scenario in one line, with what went wrong below it."""
    if result.status != "run":
        return f"– {result.name}: {result.status} ({result.detail})"
    head = f"{'✓' if result.passed else '✗'} {result.name}: {result.found}/{result.expected} expected"
    wrong = [f"missed {text}" for text in result.missed] + [f"unwanted {text}" for text in result.unwanted]
    wrong += [f"forbidden {text}" for text in result.forbidden]
    return "\n      ".join([head, *wrong])


def report(results: list[Result], quiet: bool = False) -> None:
    """A table: each capability, and all."""
    if quiet:
        return
    print(
        f"\n{'capability':<14}{'run':>4}{'pass':>5}{'recall':>8}{'prec.':>7}{'F1':>6}{'delay':>7}{'audio':>7}{'unw/min':>9}"
    )
    for capability in sorted({result.capability for result in results}):
        _row(capability, total([result for result in results if result.capability == capability]))
    everything = total(results)
    _row("all", everything)
    stream = sum(result.seconds for result in results)
    cpu = sum(result.cpu_seconds for result in results)
    for name in ("recall", "precision"):
        if bounds := getattr(everything, f"{name}_interval"):
            print(f"{name} 95 %: {bounds[0]:.2f}–{bounds[1]:.2f}")
    skipped = [f"{result.name} ({result.status})" for result in results if result.status != "run"]
    print(f"not run: {', '.join(skipped) or 'none'}; repeats {everything.repeats}; late ticks {everything.late}")
    if stream:
        print(f"{stream:.0f} s of stream, {cpu:.1f} CPU s ({60 * cpu / stream:.1f} a stream minute)")


def _row(name: str, t: Total) -> None:
    def cell(value: float | None, width: int) -> str:
        return f"{'–' if value is None else f'{value:.2f}':>{width}}"

    print(
        f"{name:<14}{t.scenarios:>4}{t.passed:>5}{cell(t.recall, 8)}{cell(t.precision, 7)}{cell(t.f1, 6)}"
        f"{cell(t.decision_delay, 7)}{cell(t.audio_delay, 7)}{t.unwanted_a_minute:>9.2f}"
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
