"""One self-contained page of graphs: inline SVG, no script, nothing from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bench.strain.judge import Finding, Series

WIDTH, HEIGHT, MARGIN = 360, 96, 4

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1d2126; background: #f6f7f5; max-width: 1200px; margin: 24px auto;
  padding: 0 16px }
h1 { font-size: 24px } h2 { font-size: 19px; margin-top: 36px }
.graphs { display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 12px }
figure { margin: 0; background: #fff; border: 1px solid #e3e6e9; border-radius: 14px; padding: 10px 12px }
figure.bad { border: 2px solid #b3382c } figcaption { display: flex; justify-content: space-between; gap: 8px }
small { color: #5d6670 } .bad small { color: #b3382c } svg { width: 100%; height: 96px; display: block }
svg path { fill: none; stroke: #1f8a8a; stroke-width: 1.6; vector-effect: non-scaling-stroke }
.bad svg path { stroke: #b3382c } .verdict.bad { color: #b3382c }
@media (prefers-color-scheme: dark) { body { background: #15181b; color: #e6e9ec }
  figure { background: #1d2126; border-color: #343a40 } small { color: #9aa4ad } }
"""


@dataclass(frozen=True)
class Section:
    """One run: what it was, in lines; its measurements, and what is to be said of them. `problem`: why it ended."""

    title: str
    lines: Sequence[str]
    series: Series
    findings: Sequence[Finding]
    problem: str = ""

    @property
    def bad(self) -> bool:
        return bool(self.problem) or any(finding.bad for finding in self.findings)


def page(title: str, lines: Sequence[str], sections: Sequence[Section]) -> str:
    """HTML of the whole report."""
    bad = any(section.bad for section in sections)
    verdict = "Something grew or leaked: see what is red." if bad else "Everything stayed where it should."
    return "\n".join(
        [
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            f"<h1>{escape(title)}</h1>",
            f'<p class="verdict{" bad" if bad else ""}"><b>{verdict}</b></p>',
            *(f"<p><small>{escape(line)}</small></p>" for line in lines),
            *(_section(section) for section in sections),
            "</html>\n",
        ]
    )


def _section(section: Section) -> str:
    by_name = {finding.name: finding for finding in section.findings}
    graphs = [_graph(name, section.series, by_name.get(name)) for name in sorted(section.series.values)]
    problem = [f'<p class="verdict bad">{escape(section.problem)}</p>'] if section.problem else []
    lines = [f"<p><small>{escape(line)}</small></p>" for line in section.lines]
    return "\n".join([f"<h2>{escape(section.title)}</h2>", *problem, *lines, '<div class="graphs">', *graphs, "</div>"])


def _graph(name: str, series: Series, finding: Finding | None) -> str:
    values = series.values[name]
    low, high = min(values), max(values)
    said = escape(finding.words.removeprefix(f"{name} ")) if finding else "not judged"
    label = escape(f"{name}: {low:.4g} to {high:.4g}")
    return (
        f"<figure{' class=bad' if finding and finding.bad else ''}><figcaption><b>{escape(name)}</b>"
        f"<small>{low:.4g} … {high:.4g}</small></figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f'<path d="{line(series.minutes, values)}"/></svg><small>{said}</small></figure>'
    )


def line(xs: Sequence[float], ys: Sequence[float]) -> str:
    """The `d` of an SVG path through these points, scaled to the picture; what never changes lies in the middle."""
    x0, y0 = min(xs), min(ys)
    across, up = (max(xs) - x0) or 1.0, max(ys) - y0
    width, height = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    points = [
        (MARGIN + width * (x - x0) / across, MARGIN + height * (1 - (y - y0) / up if up else 0.5))
        for x, y in zip(xs, ys, strict=True)
    ]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
