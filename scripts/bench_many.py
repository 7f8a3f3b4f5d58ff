#!/usr/bin/env python3
"""Build many reviews with each embedded voice, one after the other and in parallel, and publish.

Both ways take the same reviews in turn, each with an empty cache, beside two busy loops that tell
how many cores the machine gives: `scripts/bench_many.py` takes 12 reviews, `--count 1000` as many
as are wanted. Memory is the parent's own and that of all its children, looked at apart.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.bench_measure import (  # noqa: E402
    Memory,
    count_cores,
    count_cpu,
    measure_capacity,
)

LOOK_S = 0.25
WORDS = (
    "the film begins slowly on a river of salt where nobody speaks and every face is lit by one"
    " lamp until morning comes with rain over empty houses that remember what was promised to"
    " children before war or silence took their names away"
).split()


@dataclass
class Watch:
    """What was seen of a command while it ran, at each look: its own, and its children's."""

    parent_mb: list[float] = field(default_factory=list)
    children_mb: list[float] = field(default_factory=list)
    processes: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    def look(self, pid: int, memory: Memory) -> None:
        """Look once at a command and the session that it leads."""
        members = list(memory.list_members())
        others = [member for member in members if member != pid]
        self.parent_mb.append(memory.read_rss(pid) / 1e6)
        self.children_mb.append(sum(map(memory.read_pss, others)) / 1e6)
        self.processes.append(len(members))
        with suppress(OSError):
            self.descriptors.append(len(os.listdir(f"/proc/{pid}/fd")))


@dataclass(frozen=True)
class Round:
    """What one command took."""

    name: str
    wall_s: float
    cpu_s: float
    cores_given: float
    watch: Watch
    printed: dict[str, Any]


def write_reviews(folder: Path, count: int, seed: int = 1) -> None:
    """Write reviews of one to thirty paragraphs, always the same ones."""
    dice = random.Random(seed)
    folder.mkdir(parents=True)

    def say() -> str:
        words = [dice.choice(WORDS) for _ in range(dice.randint(5, 24))]
        return " ".join(words).capitalize() + "."

    for number in range(count):
        lines = [f"# Film {number}", ""]
        for paragraph in range(dice.choice((1, 2, 4, 8, 12, 20, 30))):
            if paragraph % 6 == 5:
                lines += [f"## {' '.join(dice.sample(WORDS, 3)).capitalize()}", ""]
            lines += [" ".join(say() for _ in range(dice.randint(2, 7))), ""]
        (folder / f"film-{number:05}.md").write_text("\n".join(lines), encoding="utf-8")


def run(name: str, arguments: Sequence[str], folder: Path, cache: Path) -> Round:
    """Run a command of the program to its end, and watch it."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("REVIEWCAST_")}
    environ |= {"REVIEWCAST_CACHE": str(cache), "REVIEWCAST_QUIET": "1"}
    command = [sys.executable, "-m", "reviewcast", *arguments, "--json"]
    watch, before = Watch(), measure_capacity(count_cores())
    with tempfile.TemporaryFile() as printed:
        used_s, start = count_cpu(), time.perf_counter()
        process = subprocess.Popen(
            command, stdout=printed, cwd=folder, env=environ, start_new_session=True
        )
        memory = Memory(process.pid)
        while process.poll() is None:
            watch.look(process.pid, memory)
            time.sleep(LOOK_S)
        wall_s, cpu_s = time.perf_counter() - start, count_cpu() - used_s
        if process.returncode:
            raise SystemExit(f"This failed: {' '.join(command)}")
        printed.seek(0)
        result = json.loads(printed.read())
    given = (before + measure_capacity(count_cores())) / 2
    return Round(name, wall_s, cpu_s, given, watch, result)


def make_show(folder: Path, count: int) -> None:
    """Write a show with its reviews."""
    write_reviews(folder / "reviews", count)
    (folder / "podcast.toml").write_text(
        '[show]\ntitle = "Bench"\nauthor = "Jo Doe"\nurl = "https://example.org/podcast/"\n'
        'description = "What we saw."\nemail = "jo@example.org"\n',
        encoding="utf-8",
    )


def measure_disk(folder: Path) -> dict[str, float]:
    """Return the megabytes below a folder by what ends a file's name, the largest first."""
    found: dict[str, float] = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            kind = "".join(path.suffixes[-2:]) or path.parent.parent.name
            found[kind] = found.get(kind, 0.0) + path.stat().st_size / 1e6
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def tell(each: Round, count: int) -> None:
    """Print what a build of many took."""
    watch, tail = each.watch, len(each.watch.parent_mb) // 2
    peak = max(watch.parent_mb, default=0.0)
    early = max(watch.parent_mb[:tail], default=0.0)
    print(
        f"  {each.name:<11} {each.wall_s:8.1f} s wall {each.cpu_s:8.1f} s CPU"
        f" {3600 * count / each.wall_s:7.0f} episodes/h; the machine gave {each.cores_given:.2f}"
        f" cores; parent {peak:.0f} MB (first half {early:.0f}), children"
        f" {max(watch.children_mb, default=0.0):.0f} MB; {max(watch.processes, default=0)}"
        f" processes, {max(watch.descriptors, default=0)} descriptors at most"
    )


def compare(voice: str, count: int, folder: Path, *, has_jobs: bool) -> list[Round]:
    """Build with one voice both ways, and publish; print and return what that took."""
    print(f"\n{voice}, {count} reviews")
    ways = {"--jobs 1": ["--jobs", "1"], "parallel": []} if has_jobs else {"one by one": []}
    rounds: list[Round] = []
    for number, (name, more) in enumerate(ways.items()):
        show, cache = folder / f"{voice}-{number}", folder / f"{voice}-{number}-cache"
        make_show(show, count)
        rounds.append(run(name, ["build", "--voice", voice, *more], show, cache))
        tell(rounds[-1], count)
    if len(rounds) == 2:
        one, many = rounds
        ratio, given = one.wall_s / many.wall_s, many.cores_given
        print(f"  parallel: {ratio:.2f} times as many an hour; of busy loops {ratio / given:.2f}")
    else:
        print("  left out: --jobs, which this version of build does not have")
    published = run("publish", ["publish"], show, cache)
    feed = (show / "public" / "feed.xml").stat().st_size / count
    print(
        f"  publish     {published.wall_s:8.1f} s wall {published.cpu_s:8.1f} s CPU;"
        f" the feed has {feed / 1000:.1f} kB an episode"
    )
    for name, place in (("episodes", show / "episodes"), ("cache", cache)):
        kinds = ", ".join(f"{kind} {size:.1f}" for kind, size in measure_disk(place).items())
        print(f"  MB in {name}: {kinds}")
    return [*rounds, published]


def main() -> None:
    """Measure, print, and write the raw figures where they are asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench_many.py", description=__doc__)
    parser.add_argument("--count", type=int, default=12, help="how many reviews (12)")
    parser.add_argument("--voice", action="append", help="espeak and hibari; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="a file for the raw figures")
    arguments = parser.parse_args()
    told = subprocess.run(
        [sys.executable, "-m", "reviewcast", "build", "--help"], capture_output=True, check=True
    )
    figures: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory(prefix="reviewcast-bench-") as name:
        for voice in arguments.voice or ["espeak", "hibari"]:
            place, has_jobs = Path(name), b"--jobs" in told.stdout
            rounds = compare(voice, arguments.count, place, has_jobs=has_jobs)
            figures[voice] = [asdict(each) for each in rounds]
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
