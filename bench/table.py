"""`python -m bench.table RESULTS.json [OTHER.json …] [--into PAGE.md …]`: results as Markdown, never typed.

The first file is shown in full, with the baselines that ran beside it; each other one (another observer) as one line.
A page has markers where the tables go: all of them (docs/scenarios.md), or the few numbers read first (README.md).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report import remarks, scored, wrong
from bench.scoring import Result
from bench.totals import Total, total

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
BEGIN_SHORT, END_SHORT = "<!-- results in short: begin -->", "<!-- results in short: end -->"
# Heading and score.
_COLUMNS = (
    ("recall", "recall"),
    ("precision", "precision"),
    ("F1", "f1"),
    ("delay", "decision_delay"),
    ("to audio", "audio_delay"),
    ("unwanted a minute", "unwanted_a_minute"),
)


def markdown(body: dict[str, Any], others: Sequence[dict[str, Any]] = ()) -> str:
    """The tables of the results in `body`, of the baselines beside it and of `others`."""
    results = read(body)
    everything = total(results)
    lines = [circumstances(body) + " Delays in seconds, medians; in brackets 95 % intervals.", ""]
    lines += [*_head("capability"), *by_capability(results)]
    lines += ["", *(f"- {remark}" for remark in remarks(everything, results)), ""]
    if beside := [*body.get("baselines", ()), *others]:
        lines += [*_head("observer"), _row(body["observer"], everything)]
        lines += [*(_row(other["observer"], total(read(other))) for other in beside), ""]
    lines += ["| scenario | capability | result | expected | what went wrong |", "|---|---|---|---|---|"]
    for result in results:
        verdict = ("passed" if result.passed else "**failed**") if result.status == "run" else result.status
        why = "; ".join(wrong(result)) or result.detail
        cells = result.name, result.capability, verdict, f"{result.found}/{result.expected}", why
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines)


def in_short(body: dict[str, Any]) -> str:
    """What is read first: one line a capability, and one a baseline."""
    lines = [circumstances(body), "", *_head("", plain=True)]
    lines += by_capability(read(body), plain=True)
    lines += [_row(other["observer"], total(read(other)), plain=True) for other in body.get("baselines", ())]
    return "\n".join(lines)


def circumstances(body: dict[str, Any]) -> str:
    manner = body.get("manner", "typed")
    where = f"{body['machine']}, {body['date']}, commit `{body['commit']}`"
    return f"Observer **{body['observer']}** (model {body['model']}), {manner}; {where}."


def by_capability(results: Sequence[Result], plain: bool = False) -> list[str]:
    kinds = sorted({result.capability for result in results})
    rows = [_row(kind, total([result for result in results if result.capability == kind]), plain) for kind in kinds]
    return [*rows, _row("**all**", total(results), plain)]


def read(body: dict[str, Any]) -> list[Result]:
    return [Result(**result) for result in body["results"]]


def put(page: str, body: dict[str, Any], others: Sequence[dict[str, Any]] = ()) -> str:
    """The page with the tables between its markers. Raises `ValueError` when it has none."""
    if BEGIN in page:
        return _between(page, BEGIN, END, markdown(body, others))
    return _between(page, BEGIN_SHORT, END_SHORT, in_short(body))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.table", description=__doc__)
    parser.add_argument("results", nargs="+", type=Path)
    parser.add_argument("--into", type=Path, metavar="PAGE", nargs="+", default=[])
    options = parser.parse_args(arguments)
    try:
        first, *others = [json.loads(path.read_text(encoding="utf-8")) for path in options.results]
        pages = {path: put(path.read_text(encoding="utf-8"), first, others) for path in options.into}
        for path, text in pages.items():
            path.write_text(text, encoding="utf-8")
        if not pages:
            print(markdown(first, others))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"bench.table: {error}", file=sys.stderr)
        return 2
    return 0


def _between(page: str, begin: str, end: str, tables: str) -> str:
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"has no place for results: {BEGIN} … {END} or {BEGIN_SHORT} … {END_SHORT}")
    return f"{before}{begin}\n{tables}\n{end}{after}"


def _head(first: str, plain: bool = False) -> list[str]:
    columns = ["run", "passed", *([] if plain else ["not supported"]), *(head for head, _ in _COLUMNS)]
    return [f"| {first} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]


def _row(name: str, t: Total, plain: bool = False) -> str:
    """`plain`: without the intervals and without what is beyond this observer."""
    counts = [t.scenarios, t.passed, *([] if plain else [t.left_out.get("not supported", 0)])]
    scores = [scored(t, score).partition(" (")[0] if plain else scored(t, score) for _, score in _COLUMNS]
    return f"| {name} | {' | '.join([*map(str, counts), *scores])} |"


def _cell(text: str) -> str:
    """What stands in a cell must not end it."""
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    sys.exit(main())
