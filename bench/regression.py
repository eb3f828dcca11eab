"""Is it worse than it was? `python -m bench.regression OUT.json --into docs/results/embedded.json` stores a result as
the one that later ones are held against (`app.py scenarios --against`).

Worse is: a scenario that passed and does not any more; recall or precision whose difference has a 95 % interval below
zero (bootstrap over the scenarios that ran both times, each with itself); decisions that come half a second later in
the median; words that are repeated more often; a reminder half a second further off; a scenario without a stored result
that fails; of the whole suite, a stored one that is gone.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from statistics import median
from typing import Any

from bench.report import wrong
from bench.scoring import Result
from bench.totals import intervals, precision, recall, scores

DELAY_S = 0.5  # later than this (decisions in the median, any reminder) is noticed by a person
RATIOS = {"recall": recall, "precision": precision}
HEAD = ("observer", "model", "machine", "date", "commit", "manner")
# What is kept of a scenario: enough for every rule above, and one line a scenario.
KEPT = (
    "name", "status", "expected", "found", "spoken", "wanted", "missed", "unwanted", "forbidden", "decision_delays",
    "clock_errors", "repeats",
)  # fmt: skip

Pair = tuple[Result, Result]  # now, before


class BadResults(Exception):
    """A file that holds no results; the message says which and why."""


def stored(path: Path) -> dict[str, Result]:
    """Results by name, of a whole JSON or of a stored one. Raises `BadResults`."""
    known = {field.name for field in fields(Result)}
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        rows = [{key: value for key, value in row.items() if key in known} for row in body["results"]]
        found = [Result(**{"capability": "other", **row}) for row in rows]
        scores([result for result in found if result.status == "run"])  # what is no number shows here
    except OSError as error:
        raise BadResults(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadResults(f"{path}: holds no results of scenarios ({type(error).__name__}: {error})") from error
    return {result.name: result for result in found}


def unlike(path: Path, body: dict[str, Any]) -> list[str]:
    """In what the stored run was another than that of `body`: observer, model, typed or spoken, real or virtual time.
    Raises what `json` and the disk do; `stored` has read it before."""
    then = json.loads(path.read_text(encoding="utf-8"))
    pairs = [(str(then.get(key, "")), str(body.get(key, ""))) for key in ("observer", "model", "manner")]
    pairs[2] = (_manner(pairs[2][0]), _manner(pairs[2][1]))
    return [f"not like for like: {new} now, {old} there" for old, new in pairs if old and old != new]


def _manner(words: str) -> str:
    """Without the seed: another one every day."""
    return words.partition(", drawn anew")[0]


def drops(results: Sequence[Result], before: dict[str, Result], whole: bool = False) -> list[str]:
    """What is worse than it was, one thing each; empty: nothing. `whole`: these are all that there are."""
    found = [text for result in results if (text := _lost(result, before.get(result.name)))]
    if whole:
        gone = sorted(before.keys() - {result.name for result in results})
        found += [f"{name}: is in the stored result, and there is no such scenario any more" for name in gone]
    pairs = [(r, before[r.name]) for r in results if r.name in before and r.status == before[r.name].status == "run"]
    bounds = intervals(pairs, differences)
    for name, value in differences(pairs).items():
        if value is not None and name in bounds and bounds[name][1] < 0:
            found.append(f"{name} fell by {-value:.2f} (95 % interval {bounds[name][0]:.2f} … {bounds[name][1]:.2f})")
    if (later := _later(pairs)) > DELAY_S:
        found.append(f"decisions come {later:.2f} s later in the median")
    return [*found, *(text for now, then in pairs for text in _slips(now, then))]


def differences(pairs: Sequence[Pair]) -> dict[str, float | None]:
    """Recall and precision now, less what they were, over the same scenarios."""
    now, before = ([pair[k] for pair in pairs] for k in (0, 1))
    return {
        name: None if (new := ratio(now)) is None or (old := ratio(before)) is None else new - old
        for name, ratio in RATIOS.items()
    }


def small(body: dict[str, Any]) -> str:
    """A result as it is stored: one line a scenario."""
    rows = [json.dumps({key: _short(row[key]) for key in KEPT}, ensure_ascii=False) for row in body["results"]]
    head = json.dumps({key: body[key] for key in HEAD}, ensure_ascii=False)[1:-1]
    joined = ",\n  ".join(rows)
    return f'{{{head},\n "results": [\n  {joined}\n]}}\n'


def _short(value: Any) -> Any:
    """Seconds to the millisecond."""
    return [round(part, 3) if isinstance(part, float) else part for part in value] if isinstance(value, list) else value


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.regression", description="Store a result to compare with.")
    parser.add_argument("results", type=Path)
    parser.add_argument("--into", type=Path, required=True, metavar="STORED.json")
    options = parser.parse_args(arguments)
    try:
        stored(options.results)
        text = small(json.loads(options.results.read_text(encoding="utf-8")))
        options.into.parent.mkdir(parents=True, exist_ok=True)
        options.into.write_text(text, encoding="utf-8")
    except (BadResults, OSError, KeyError) as error:
        print(f"bench.regression: {error}", file=sys.stderr)
        return 2
    return 0


def _lost(now: Result, before: Result | None) -> str:
    """What became of one scenario, if that is worse."""
    if now.passed or now.status == "no footage":
        return ""
    why = "; ".join(wrong(now)) or now.detail
    if before is None:
        return "" if now.status == "not supported" else f"{now.name}: is new and does not pass ({why})"
    if before.passed:
        return f"{now.name}: passed before, now {'failed' if now.status == 'run' else now.status} ({why})"
    return ""


def _slips(now: Result, before: Result) -> list[str]:
    """What `passed` does not see. A result that was stored without reminders' errors says nothing about them."""
    found = []
    if now.repeats > before.repeats:
        found.append(f"{now.name}: repeated itself {now.repeats} times, {before.repeats} before")
    if now.clock_errors and before.clock_errors and max(now.clock_errors) - max(before.clock_errors) > DELAY_S:
        late, then = max(now.clock_errors), max(before.clock_errors)
        found.append(f"{now.name}: a reminder is off by {late:.2f} s, {then:.2f} s before")
    return found


def _later(pairs: Sequence[Pair]) -> float:
    now, before = ([delay for pair in pairs for delay in pair[k].decision_delays] for k in (0, 1))
    return median(now) - median(before) if now and before else 0.0


if __name__ == "__main__":
    sys.exit(main())
