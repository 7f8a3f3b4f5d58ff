#!/usr/bin/env python3
"""Publish one more episode of a show that has 500, and of one that has 5,000, and print the cost.

The shows have records, captions and cues of the usual size; their audio is short, since its bytes
are only copied. CPU seconds and peak memory are those of the `publish` command alone.
"""

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.show import add_episode, make_show  # noqa: E402

from reviewcast.model.podcast import EpisodeCue  # noqa: E402

SIZES = tuple(map(int, sys.argv[1:])) or (500, 5000)
MOST_S, MOST_MB = 2.0, 150.0
CUES = tuple(
    EpisodeCue(n * 5.0, n * 5.0 + 4.5, "narrator", f"A sentence as long as most, number {n}.")
    for n in range(60)
)


def add(show: Path, number: int) -> None:
    """Add a finished episode to a show."""
    day = dt.date(2010, 1, 1) + dt.timedelta(days=number)
    audio = b"ID3 %d" % number * 100
    add_episode(show, f"film-{number:05}", number, day.isoformat(), audio=audio, cues=CUES)


def publish(show: Path) -> tuple[float, float, list[str]]:
    """Publish in a process of its own; return its CPU seconds, peak MB, and what it uploaded."""
    code = (
        "import resource, sys; from reviewcast.cli import main\n"
        "sys.argv = ['reviewcast', '-q', 'publish', '--json']\n"
        "try: main()\n"
        "finally:\n"
        "    used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=show, capture_output=True, text=True, check=True
    )
    cpu_s, peak_mb = map(float, done.stderr.split()[-2:])
    return cpu_s, peak_mb, [sent["name"] for sent in json.loads(done.stdout)["uploaded"]]


def main() -> None:
    """Measure, and print a line for each size, then their ratio."""
    costs = []
    with tempfile.TemporaryDirectory(prefix="reviewcast-bench-") as name:
        for size in SIZES:
            show = make_show(Path(name) / str(size))
            for number in range(1, size + 1):
                add(show, number)
            publish(show)
            add(show, size + 1)
            cpu_s, peak_mb, names = publish(show)
            again_s, _, none = publish(show)
            assert not none, none
            others = [one for one in names if f"{size + 1:05}" not in one]
            costs.append(cpu_s)
            mark = "ok" if cpu_s < MOST_S and peak_mb < MOST_MB else "OVER"
            print(
                f"{size:5} episodes, one more: {cpu_s:.2f} s CPU (under {MOST_S:.0f}),"
                f" {peak_mb:.0f} MB (under {MOST_MB:.0f}) {mark};"
                f" again {again_s:.2f} s; besides its own files: {', '.join(others)}"
            )
    print(f"ten times the episodes cost {costs[1] / costs[0]:.1f} times as much")


if __name__ == "__main__":
    os.environ.pop("REVIEWCAST_CACHE", None)
    main()
