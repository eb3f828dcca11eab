"""`make chaos`: the scenarios with faults thrown in, on virtual time.

Exit 1 when a session did not survive, lost what it had acknowledged, or kept a fault to itself; or when a kind of fault
was thrown three times and never met.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.report import circumstances
from bench.scenario import BadScenario, collect
from bench.scenarios import DEFAULT
from bench.strain.faults import KINDS
from bench.strain.trial import Verdict, trial
from config import Settings
from interaction.clock import run_virtual

OFTEN = 3  # once or twice, a fault may miss by chance: nobody spoke while the ears were dead


def shown(verdict: Verdict) -> list[str]:
    """A line about a scenario, and one about each fault."""
    if verdict.status != "run":
        return [f"– {verdict.scenario}: {verdict.status}"]
    what = "alive" if verdict.alive else "does not answer"
    lines = [f"{'✓' if verdict.ok else '✗'} {verdict.scenario}: {what}"]
    for fault in verdict.faults:
        end = fault["start"] + fault["seconds"]
        told = "not met" if not fault["hits"] else "told" if fault["told"] else "NOT TOLD"
        lines.append(f"      {fault['start']:7.1f}–{end:.1f} s {fault['kind']}: {told}")
    lines += [f"      LOST {what}" for what in verdict.lost]
    return [*lines, *(f"      STILL BROKEN {part}" for part in verdict.unhealed)]


def summary(verdicts: Sequence[Verdict]) -> list[str]:
    """How often each kind was met and told."""
    thrown, met, told = Counter[str](), Counter[str](), Counter[str]()
    for verdict in verdicts:
        for fault in verdict.faults:
            thrown[fault["kind"]] += 1
            met[fault["kind"]] += bool(fault["hits"])
            told[fault["kind"]] += fault["told"]
    run = [verdict for verdict in verdicts if verdict.status == "run"]
    idle = unmet(verdicts)
    lines = [f"{'fault':<24}{'thrown':>8}{'met':>6}{'told':>6}"]
    lines += [f"{kind:<24}{thrown[kind]:>8}{met[kind]:>6}{told[kind]:>6}" for kind in KINDS if thrown[kind]]
    found, expected = sum(v.found for v in run), sum(v.expected for v in run)
    names = ("alive", "lost", "unseen", "unhealed")
    alive, lost, unseen, unhealed = (sum(bool(getattr(v, name)) for v in run) for name in names)
    return [
        *lines,
        f"{len(run)} scenarios: {alive} alive at the end, {lost} lost something, {unseen} kept a fault to themselves, "
        f"{unhealed} did not recover",
        f"{found} of {expected} expected events came all the same",
        f"{met.total()} of {thrown.total()} faults were met",
        *(f"✗ {kind}: thrown {thrown[kind]} times and never met, so nothing was tried" for kind in idle),
    ]


def unmet(verdicts: Sequence[Verdict]) -> list[str]:
    """Kinds that came often enough to be met, and were not."""
    hits: dict[str, list[int]] = {}
    for fault in (fault for verdict in verdicts for fault in verdict.faults):
        hits.setdefault(fault["kind"], []).append(fault["hits"])
    return [kind for kind in KINDS if len(hits.get(kind, [])) >= OFTEN and not any(hits[kind])]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.strain.chaos", description="Scenarios with faults in them.")
    parser.add_argument("paths", nargs="*", type=Path, help="scenarios; default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=4, metavar="N", help="in each scenario")
    parser.add_argument("--kinds", nargs="+", choices=tuple(KINDS), default=list(KINDS), metavar="KIND")
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_intermixed_args(arguments)
    try:
        scenarios = collect(options.paths or [DEFAULT])
    except BadScenario as error:
        print(f"bench.strain.chaos: {error}", file=sys.stderr)
        return 2
    settings = Settings()
    verdicts = []
    for number, scenario in enumerate(scenarios, 1):
        verdicts.append(run_virtual(trial(scenario, settings, options.seed, options.faults, tuple(options.kinds))))
        first, *others = shown(verdicts[-1])
        print("\n".join([f"[{number}/{len(scenarios)}] {first}", *others]), flush=True)
    print("\n" + "\n".join(summary(verdicts)))
    if options.json:
        body = {
            **circumstances(settings),
            "seed": options.seed,
            "verdicts": [asdict(v) | {"ok": v.ok} for v in verdicts],
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if all(verdict.ok for verdict in verdicts) and not unmet(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
