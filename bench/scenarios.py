"""`python app.py scenarios`: runs scenarios against an observer, on virtual time, and prints the scores.

Exit 0: every scenario that this observer and this machine support passed. 1: one did not. 2: a file is no scenario,
or the results cannot be written.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.footage import NoFootage
from bench.performance import House, NotSupported, open_streams, perform
from bench.report import circumstances, line, table
from bench.scenario import BadScenario, Scenario, collect
from bench.scoring import Result, score
from bench.totals import total
from config import Settings
from interaction.backends import UnknownBackend
from interaction.clock import run_virtual
from interaction.events import Event, to_json
from interaction.headless import UsageError
from interaction.sources.base import SourceError

DEFAULT = Path(__file__).parent.parent / "tests" / "scenarios"


MakeHouse = Callable[[Settings], House]


def run_all(
    paths: list[Path], settings: Settings, make_house: MakeHouse, json_out: Path | None = None, quiet: bool = False
) -> int:
    """Run and report; the exit code."""
    try:
        scenarios = collect(paths or [DEFAULT])
        for scenario in scenarios:
            check(scenario)  # a generator that does not exist: known now
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
    for number, scenario in enumerate(scenarios, 1):
        try:
            results.append(run_virtual(run_one(scenario, settings, make_house)))
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


async def run_one(scenario: Scenario, settings: Settings, make_house: MakeHouse) -> Result:
    """One scenario in a house of its own, with a folder of its own."""
    lines: list[dict[str, Any]] = []

    def note(event: Event, seq: int) -> None:
        lines.append(to_json(event, seq))

    before = _cpu()
    with tempfile.TemporaryDirectory(prefix="lookout-") as folder:
        own = settings.model_copy(update={"language": scenario.language, "data_dir": Path(folder)})
        try:
            seconds = await perform(scenario, lambda: make_house(own), note)
        except NoFootage as missing:
            return Result(scenario.name, scenario.capability, "no footage", detail=str(missing))
        except NotSupported as needs:
            return Result(scenario.name, scenario.capability, "not supported", detail=str(needs))
        except UsageError as error:
            return Result(scenario.name, scenario.capability, "broken", detail=str(error))
    result = score(scenario, lines, seconds)
    result.cpu_seconds = _cpu() - before
    return result


def check(scenario: Scenario) -> None:
    """Whether its streams can be drawn and its files be opened. Raises `BadScenario`; missing footage is no fault."""
    try:
        open_streams(scenario)
    except NoFootage:
        return
    except (SourceError, ValueError, TypeError) as error:
        raise BadScenario(f"{scenario.name}: source: {error}") from error


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
