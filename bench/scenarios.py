"""One scenario in a house of its own, and its scores; what can be drawn anew of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from bench.footage import NoFootage
from bench.performance import TYPED, House, NotSupported, Stage, open_streams, perform
from bench.person import misheard, typed
from bench.scenario import BadScenario, Scenario
from bench.scoring import Result, score
from bench.streams import Source, open_stream
from bench.trace import Trace, cpu_seconds
from config import Settings
from interaction.headless import UsageError
from interaction.sources.base import SourceError

DEFAULT = Path(__file__).parent.parent / "tests" / "scenarios"

BLIND = "no new picture"  # the reason of a tick for which no model behind a URL is asked

MakeHouse = Callable[[Settings], House]


async def run_one(scenario: Scenario, settings: Settings, make_house: MakeHouse, stage: Stage = TYPED) -> Result:
    """One scenario in a house of its own, with a folder of its own. Raises `Deaf`."""
    trace, before = Trace(scenario), cpu_seconds()
    with tempfile.TemporaryDirectory(prefix="lookout-") as folder:
        own = settings.model_copy(update={"language": scenario.language, "data_dir": Path(folder)})
        try:
            trace.ends = await perform(scenario, lambda: make_house(own), trace.note, stage, trace)
        except NoFootage as missing:
            return Result(scenario.name, scenario.capability, "no footage", detail=str(missing))
        except NotSupported as needs:
            return Result(scenario.name, scenario.capability, "not supported", detail=str(needs))
        except UsageError as error:
            return Result(scenario.name, scenario.capability, "broken", detail=str(error))
    if not stage.stands_in and (why := unwatched(trace)):
        seen = trace if stage.filmed else None
        return Result(scenario.name, scenario.capability, "broken", detail=why, trace=seen)
    result = score(scenario, trace.lines, trace.ends, [said.start for said in trace.said])
    if usage := trace.usage:
        result.calls, result.prompt_tokens, result.cached_tokens = usage.calls, usage.prompt_tokens, usage.cached_tokens
    result.cpu_seconds = cpu_seconds() - before - trace.idle_cpu
    result.seed = scenario.source.seed if scenario.source.kind == "synthetic" else None
    result.typed = typed(trace.said)
    result.misheard = misheard(trace.said, trace.events) if stage.person and not scenario.aloud else []
    result.trace = trace if stage.filmed else None
    return result


def unwatched(trace: Trace) -> str:
    """Why nothing was measured: the observer failed, or answered nothing; "": it did. What the house does of its own
    accord (reminders, orders) would pass without any. A scenario that expects the trouble is about it."""
    wanted = [span for span in trace.scenario.expect if span.event == "problem"]
    troubles = [line for line in trace.lines if line["type"] == "problem" and line["where"] == "observer"]
    if trouble := next((line for line in troubles if not any(span.fits(line) for span in wanted)), None):
        return f"the observer: {trouble['message']}"[:300]
    asked = [line for line in trace.lines if line["type"] == "decision" and line["lane"] and not line["skipped"]]
    if trace.usage and not trace.usage.calls and not wanted and any(line["reason"] != BLIND for line in asked):
        return f"the observer was asked {len(asked)} times and answered nothing"
    return ""


def check(scenario: Scenario) -> None:
    """Whether its streams can be drawn and its files be opened. Raises `BadScenario`; missing footage is no fault."""
    try:
        open_streams(scenario)
    except NoFootage:
        return
    except (SourceError, ValueError, TypeError) as error:
        raise BadScenario(f"{scenario.name}: source: {error}") from error


def redrawn(scenario: Scenario, number: int) -> Scenario:
    """The scenario with each stream drawn from another seed, which follows from `number` and its own."""
    sources = {lane: _redrawn(source, f"{number} {scenario.name} {lane}") for lane, source in scenario.sources.items()}
    return scenario.model_copy(
        update={"source": _redrawn(scenario.source, f"{number} {scenario.name}"), "sources": sources}
    )


def _redrawn(source: Source, name: str) -> Source:
    """A stream whose events would come at other times, or be others, keeps its seed: what is expected of it was written
    for that."""
    if source.kind != "synthetic":
        return source
    other = source.model_copy(update={"seed": Random(f"{name} {source.seed}").randrange(2**31)})
    try:
        before, after = (getattr(open_stream(_bare(drawn)), "truth", None) for drawn in (source, other))
    except (NoFootage, SourceError, ValueError, TypeError):
        return source  # what is wrong with it is told by `check`
    return other if before == after and before is not None else source


def _bare(source: Source) -> Source:
    return source.model_copy(update={"span": None, "drop": None})
