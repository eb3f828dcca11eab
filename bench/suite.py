"""`python app.py scenarios`: runs scenarios against an observer and baselines, prints the scores, and writes them.

Exit 0: every scenario that this observer and this machine support passed; with `--against`, nothing is worse than
there; with `--strict`, the limits of `limits.py` are kept and no footage is missing. 1: not so. 2: a file is no
scenario, or the results cannot be read or written.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from assets import AssetError
from bench.baselines import altered, baselines, watched_by
from bench.limits import beyond, limits
from bench.outputs import Refused, probe, write
from bench.page import page
from bench.performance import Deaf, Stage
from bench.person import Person, stranger
from bench.progress import Progress, progress
from bench.regression import BadResults, drops, stored, unlike
from bench.report import circumstances, line, table, versus
from bench.scenario import BadScenario, Scenario, collect, files
from bench.scenarios import DEFAULT, MakeHouse, check, redrawn, run_one
from bench.scoring import Result
from bench.totals import total
from config import Settings
from interaction.backends import UnknownBackend
from interaction.clock import run_virtual

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Manner:
    """How to run: see `app.py scenarios --help`."""

    realtime: bool = False
    speech: bool = False
    seed: int | None = None
    baselines: bool = False
    json: Path | None = None
    html: Path | None = None
    against: Path | None = None
    strict: bool = False

    @property
    def words(self) -> str:
        pace = "in real time" if self.realtime else "on virtual time"
        drawn = f", drawn anew with seed {self.seed}" if self.seed is not None else ""
        return f"{'spoken' if self.speech else 'typed'}, {pace}{drawn}"


def run_all(
    paths: Sequence[Path], settings: Settings, make_house: MakeHouse, manner: Manner | None = None, quiet: bool = False
) -> int:
    """Run and report; the exit code."""
    manner = manner or Manner()
    try:
        scenarios = prepared(paths, manner)
        before = stored(manner.against) if manner.against else None
        body: dict[str, Any] = circumstances(settings)  # now: files may change while it runs
        body |= {"manner": manner.words, "seed": manner.seed, "against": str(manner.against or "")}
        results, beside = _run(scenarios, settings, make_house, manner, quiet)
    except (BadScenario, UnknownBackend, BadResults, Refused, Deaf) as error:
        print(f"app.py scenarios: {error}", file=sys.stderr)
        return 2
    body |= _scores(results, beside)
    worse = drops(results, before, whole=not paths) if before is not None else []
    if manner.strict:
        worse += footless(results)
    if not quiet:
        _print(results, beside, worse, manner, body)
    if manner.json:
        write(manner.json, json.dumps(body, ensure_ascii=False, indent=1) + "\n")
    if manner.html:
        write(manner.html, page(body, results, beside, worse))
    if manner.strict and (worse or beyond(total(results))):
        return 1
    if before is not None:  # what is broken measures nothing, even if it was broken before
        return 1 if worse or any(result.status == "broken" for result in results) else 0
    return 0 if all(result.passed or result.status in ("not supported", "no footage") for result in results) else 1


def _scores(results: Sequence[Result], beside: dict[str, list[Result]]) -> dict[str, Any]:
    """What the JSON holds of them."""
    kinds = sorted({result.capability for result in results})
    runs = {"": list(results), **beside}
    parts = {
        name: {"total": asdict(total(run)), "results": [result.to_json() for result in run]}
        for name, run in runs.items()
    }
    return parts.pop("") | {
        "capabilities": {kind: asdict(total([r for r in results if r.capability == kind])) for kind in kinds},
        "baselines": [{"observer": name, **part} for name, part in parts.items()],
    }


def prepared(paths: Sequence[Path], manner: Manner) -> list[Scenario]:
    """The scenarios as they will be run. What is wrong is known before the run, not after it. Raises `BadScenario` for
    a file that is none or a stream that cannot be drawn, `Refused` for a result that cannot be written."""
    scenarios = collect(list(paths) or [DEFAULT])
    if manner.seed is not None:
        scenarios = [redrawn(scenario, manner.seed) for scenario in scenarios]
    for scenario in scenarios:
        check(scenario)
    read = {"--against": [manner.against] if manner.against else [], "a scenario": files(list(paths) or [DEFAULT])}
    probe({"--json": manner.json, "--html": manner.html}, read)
    return scenarios


def _run(
    scenarios: Sequence[Scenario], settings: Settings, make_house: MakeHouse, manner: Manner, quiet: bool
) -> tuple[list[Result], dict[str, list[Result]]]:
    """The results of the observer, and of each baseline by name."""
    others = baselines(settings) if manner.baselines else []
    person = _person(settings) if manner.speech else None
    stage = Stage(person, manner.realtime, filmed=manner.html is not None)
    beside: dict[str, list[Result]] = {}
    try:
        with progress(len(scenarios) * (1 + len(others)), quiet) as shown:
            results = _each(scenarios, settings, make_house, stage, shown)
            for observer in others:
                name, house = observer().name, altered(make_house, watched_by(observer))
                beside[name] = _each(scenarios, settings, house, replace(stage, filmed=False), shown, f"{name}: ")
    finally:
        if person:
            asyncio.run(person.aclose())
    return results, beside


def _each(
    scenarios: Sequence[Scenario],
    settings: Settings,
    make_house: MakeHouse,
    stage: Stage,
    shown: Progress,
    head: str = "",
) -> list[Result]:
    run: Callable[..., Result] = asyncio.run if stage.realtime else run_virtual
    results = []
    for scenario in scenarios:
        shown.now(f"{head}{scenario.name}")
        try:
            results.append(run(run_one(scenario, settings, make_house, stage)))
        except (UnknownBackend, Deaf):
            raise
        except Exception as error:  # a fault of ours costs this scenario; the others of a long run are worth having
            log.exception("%s broke", scenario.name)
            why = f"{type(error).__name__}: {error}"[:300]
            results.append(Result(scenario.name, scenario.capability, "broken", detail=why))
        told = line(results[-1])
        shown.done(head + told.splitlines()[0] if head else told)  # of a baseline nobody asks what went wrong
    return results


def _person(settings: Settings) -> Person:
    try:
        return Person(stranger(settings))
    except AssetError as error:
        raise Refused(f"--speech: {error}") from error


def footless(results: Sequence[Result]) -> list[str]:
    """What must be installed before a run can be called one of the whole suite."""
    missing = [result for result in results if result.status == "no footage"]
    why = "; ".join(sorted({result.detail for result in missing}))
    return [f"{len(missing)} scenarios have no footage here; install it: {why}"] if missing else []


def _print(
    results: Sequence[Result],
    beside: dict[str, list[Result]],
    worse: Sequence[str],
    manner: Manner,
    body: dict[str, Any],
) -> None:
    print("\n" + "\n".join(table(results)))
    print("\n".join(["", "wanted of the built-in observer:", *(f"  {text}" for text in limits(total(results)))]))
    if beside:
        print("\n" + "\n".join(versus({"this one": results, **beside})))
    said = [f"✗ {text}" for text in worse] or ["✓ nothing is worse"]
    if manner.against:
        said = [f"! {text}" for text in unlike(manner.against, body)] + said
        print("\n".join(["", f"against {manner.against}:", *(f"  {text}" for text in said)]))
    elif worse:
        print("\n".join(["", *said]))
