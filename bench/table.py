"""`python -m bench.table RESULTS.json [OTHER.json …] [--into docs/scenarios.md]`: results as Markdown, never typed.

The first file is shown in full, each other one (a baseline, another observer) as one line beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report import remarks, wrong
from bench.scoring import Result
from bench.totals import Total, total

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
_COLUMNS = ("run", "passed", "recall", "precision", "F1", "delay", "to audio", "unwanted a minute")


def markdown(body: dict[str, Any], others: Sequence[dict[str, Any]] = ()) -> str:
    """The tables of the results in `body` and of `others`."""
    results = [Result(**result) for result in body["results"]]
    lines = [
        f"Observer **{body['observer']}** (model {body['model']}) on {body['machine']}, {body['date']}, "
        f"commit `{body['commit']}`. Delays in seconds, medians.",
        "",
        *_head("capability"),
    ]
    for capability in sorted({result.capability for result in results}):
        lines.append(_row(capability, total([result for result in results if result.capability == capability])))
    everything = total(results)
    lines.append(_row("**all**", everything))
    lines += ["", *(f"- {remark}" for remark in remarks(everything, results)), ""]
    if others:
        lines += [*_head("observer"), _row(body["observer"], everything)]
        lines += [_row(other["observer"], total([Result(**result) for result in other["results"]])) for other in others]
        lines.append("")
    lines += ["| scenario | capability | result | expected | what went wrong |", "|---|---|---|---|---|"]
    for result in results:
        verdict = ("passed" if result.passed else "**failed**") if result.status == "run" else result.status
        why = "; ".join(wrong(result)) or result.detail
        lines.append(f"| {result.name} | {result.capability} | {verdict} | {result.found}/{result.expected} | {why} |")
    return "\n".join(lines)


def put(page: str, tables: str) -> str:
    """The page with the tables between its markers. Raises `ValueError` when it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"has no place for results: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{tables}\n{END}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.table", description=__doc__)
    parser.add_argument("results", nargs="+", type=Path)
    parser.add_argument("--into", type=Path, metavar="PAGE")
    options = parser.parse_args(arguments)
    try:
        first, *others = [json.loads(path.read_text(encoding="utf-8")) for path in options.results]
        tables = markdown(first, others)
        if options.into:
            options.into.write_text(put(options.into.read_text(encoding="utf-8"), tables), encoding="utf-8")
        else:
            print(tables)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"bench.table: {error}", file=sys.stderr)
        return 2
    return 0


def _head(first: str) -> list[str]:
    return [f"| {first} | {' | '.join(_COLUMNS)} |", "|---" * (len(_COLUMNS) + 1) + "|"]


def _row(name: str, t: Total) -> str:
    numbers = [t.recall, t.precision, t.f1, t.decision_delay, t.audio_delay, t.unwanted_a_minute]
    cells = [str(t.scenarios), str(t.passed), *("–" if n is None else f"{n:.2f}" for n in numbers)]
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
