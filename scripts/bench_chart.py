"""Draw how the figures went over the commits, as SVG: a small chart for each that has a target."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

WIDE, HIGH = 420, 150  # of one chart, with its title
LEFT, TOP, RIGHT, BOTTOM = 46, 34, 14, 34
COLUMNS = 2
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #333 }
.name { font-weight: 600 }
.small { font-size: 10px; fill: #777 }
.axis { stroke: #bbb }
.target { stroke: #b3261e; stroke-dasharray: 4 3 }
.line { fill: none; stroke: #1a5fb4; stroke-width: 1.5 }
.dot { fill: #1a5fb4 }
.missed { fill: #b3261e }
"""


@dataclass(frozen=True)
class Point:
    """A figure at a commit."""

    place: int
    value: float
    is_met: bool


@dataclass(frozen=True)
class Series:
    """A figure over the commits."""

    name: str
    unit: str
    target: float
    points: Sequence[Point]


def draw_chart(reports: Sequence[Mapping[str, Any]]) -> str:
    """Draw kept reports, the oldest first; the same reports give the same text."""
    commits = [report["commit"][:7] + ("+" if report["changed"] else "") for report in reports]
    charts = list(list_series(reports))
    wide = COLUMNS * WIDE
    high = -(-len(charts) // COLUMNS) * HIGH + 30
    told = "Dashed: the target; red: missed. A + marks files that differ from the commit."
    size = f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Measured">',
        f"<style>{STYLE}</style>",
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
        f'<text class="small" x="{LEFT}" y="18">{told}</text>',
    ]
    for number, series in enumerate(charts):
        x, y = number % COLUMNS * WIDE, number // COLUMNS * HIGH + 30
        parts.append(f'<g transform="translate({x} {y})">')
        parts += draw_series(series, commits)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def list_series(reports: Sequence[Mapping[str, Any]]) -> Iterator[Series]:
    """Return each figure that has a target, in the order in which the reports first have it."""
    found: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for place, report in enumerate(reports):
        for title, rows in report["tables"].items():
            for row in rows:
                if row.get("most") is not None or row.get("least") is not None:
                    found.setdefault(f"{title}: {row['name']}", []).append((place, row))
    for name, rows in found.items():
        last = rows[-1][1]
        target = last["most"] if last["most"] is not None else last["least"]
        points = [Point(place, row["value"], row["mark"] in ("ok", "?")) for place, row in rows]
        yield Series(name, last["unit"], target, points)


def draw_series(series: Series, commits: Sequence[str]) -> Iterator[str]:
    """Draw one chart: from zero up, its target dashed, the first and the last commit named."""
    top = 1.1 * max(series.target, *(point.value for point in series.points)) or 1.0
    bottom_y, step = HIGH - BOTTOM, (WIDE - LEFT - RIGHT) / max(1, len(commits) - 1)

    def find_x(place: int) -> float:
        return LEFT + step * place

    def find_y(value: float) -> float:
        return bottom_y - (bottom_y - TOP) * value / top

    end = WIDE - RIGHT
    target_y = find_y(series.target)
    unit = series.unit if series.unit == "x" else f" {series.unit}".rstrip()
    yield f'<text class="name" x="{LEFT}" y="22">{escape(series.name)}</text>'
    yield f'<line class="axis" x1="{LEFT}" x2="{end}" y1="{bottom_y}" y2="{bottom_y}"/>'
    yield f'<line class="target" x1="{LEFT}" x2="{end}" y1="{target_y:.1f}" y2="{target_y:.1f}"/>'
    yield (
        f'<text class="small" x="{LEFT - 4}" y="{target_y + 3:.1f}" text-anchor="end">'
        f"{series.target:.3g}</text>"
    )
    line = " ".join(f"{find_x(p.place):.1f},{find_y(p.value):.1f}" for p in series.points)
    yield f'<polyline class="line" points="{line}"/>'
    for point in series.points:
        kind = "dot" if point.is_met else "dot missed"
        x, y = find_x(point.place), find_y(point.value)
        value = f"{point.value:.3g}{unit}"
        yield (
            f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3">'
            f"<title>{commits[point.place]}: {value}</title></circle>"
        )
    last = series.points[-1]
    is_left = find_x(last.place) < WIDE / 2
    x = find_x(last.place) + (6 if is_left else 0)
    anchor = "start" if is_left else "end"
    yield (
        f'<text x="{x:.1f}" y="{find_y(last.value) - 6:.1f}" text-anchor="{anchor}">'
        f"{last.value:.3g}{unit}</text>"
    )
    yield f'<text class="small" x="{LEFT}" y="{bottom_y + 14}">{commits[0]}</text>'
    if len(commits) > 1:
        yield (
            f'<text class="small" x="{end}" y="{bottom_y + 14}" text-anchor="end">'
            f"{commits[-1]}</text>"
        )
