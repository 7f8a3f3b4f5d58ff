"""The lines of the report: figures with their targets, printed, kept per commit."""

import json
import statistics
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".bench"


@dataclass(frozen=True)
class Row:
    """A line of the report; `most` or `least` is its target.

    `at_least` and `at_most` say that a run was stopped, so the value is only a bound.
    """

    name: str
    values: Sequence[float]
    unit: str = "x"
    most: float | None = None
    least: float | None = None
    at_least: bool = False
    at_most: bool = False
    note: str = ""

    @property
    def value(self) -> float:
        """The median of the runs."""
        return statistics.median(self.values)

    @property
    def mark(self) -> str:
        """True if the target is met; what was cut off may leave that open."""
        if self.most is not None:
            if self.value <= self.most:
                return "?" if self.at_least else "ok"
            return "?" if self.at_most else "OVER"
        if self.least is not None:
            return "ok" if self.value >= self.least else "UNDER"
        return ""

    @property
    def target(self) -> str:
        """Write the target."""
        if self.most is not None:
            return f"<= {format_value(self.most, self.unit)}"
        return "" if self.least is None else f">= {format_value(self.least, self.unit)}"

    def show(self) -> tuple[str, ...]:
        """Return the line's cells."""
        low, high = min(self.values), max(self.values)
        sign = "<" if self.at_most else ">" if self.at_least else ""
        spread = f"{format_value(low, self.unit)} .. {format_value(high, self.unit)}"
        told = [spread] if len(self.values) > 1 else []
        return (
            self.name,
            sign + format_value(self.value, self.unit),
            "; ".join([*told, *filter(None, [self.note])]) or "one run",
            self.target,
            self.mark,
        )


Tables = Mapping[str, Sequence[Row | str]]
"""The rows of each table; a string tells why some are left out."""


def format_value(value: float, unit: str) -> str:
    """Write a ratio with its sign, any other figure with its unit."""
    if not unit:
        return f"{value:.0f}"
    if unit == "x":
        return f"{value:.3f}x" if value < 0.2 else f"{value:.2f}x"
    if unit == "%":
        return f"{value:.0f} %"
    return f"{value:.0f} {unit}" if value >= 20 else f"{value:.2f} {unit}"


def print_table(title: str, rows: Iterable[Row | str]) -> None:
    """Print rows under each other, aligned."""
    print(f"\n{title}")
    for row in rows:
        if isinstance(row, str):
            print(f"  left out: {row}")
            continue
        name, value, told, target, mark = row.show()
        print(f"  {name:<52} {value:>9}  {told:<26} {target:<11} {mark}".rstrip())


def make_report(tables: Tables, **more: Any) -> dict[str, Any]:
    """Gather a report for a file: the rows, what `more` there is, and the commit that it is of."""
    return {
        **find_commit(),
        **more,
        "tables": {
            title: [
                {"left out": row}
                if isinstance(row, str)
                else asdict(row) | {"value": row.value, "mark": row.mark}
                for row in rows
            ]
            for title, rows in tables.items()
        },
    }


def find_commit() -> dict[str, Any]:
    """Name the commit that is measured, when it was made, and whether files differ from it."""

    def ask(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        told = ask("show", "--no-patch", "--format=%h %ct", "--abbrev=12", "HEAD").split()
        changed = bool(ask("status", "--porcelain", "--untracked-files=no"))
    except OSError:
        told = []
    if not told:
        return {"commit": "", "committed_s": 0, "changed": False}
    return {"commit": told[0], "committed_s": int(told[1]), "changed": changed}


def keep_report(report: Mapping[str, Any]) -> Path | None:
    """Keep a report under its commit's name, in place of an earlier one; None without a commit."""
    if not report["commit"]:
        return None
    KEPT.mkdir(exist_ok=True)
    name = report["commit"] + ("-changed" if report["changed"] else "")
    write_report(report, KEPT / f"{name}.json")
    return KEPT / f"{name}.json"


def write_report(report: Mapping[str, Any], path: Path) -> None:
    """Write a report as JSON."""
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def load_reports() -> list[dict[str, Any]]:
    """Load all that is kept, the oldest commit first, what was changed after it behind it."""
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in KEPT.glob("*.json")]
    return sorted(reports, key=lambda r: (r["committed_s"], r["commit"], r["changed"]))
