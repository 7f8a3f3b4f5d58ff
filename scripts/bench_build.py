#!/usr/bin/env python3
"""Measure a build beside the script that a user would write today, and print the ratios.

All that is compared runs in turn, in the same minutes, because a shared machine changes its
speed; so the figures are ratios, and the cores that the machine really gave stand beside them.
Python's bytecode is there before the first measured run, as after any installation that was used.
"""

import argparse
import ctypes
import json
import os
import random
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reviewcast.catalogue import open_review
from reviewcast.model import Review
from reviewcast.scripting import read_source

SCRIPTS = Path(__file__).resolve().parent
SAMPLES = SCRIPTS.parent / "src" / "reviewcast" / "samples"
POLL_S = 0.02
LOOK_S = 0.1
LOOP = """
import time
start, value = time.perf_counter(), 0
for number in range(4_000_000):
    value = (value * 31 + number) & 0xFFFFFF
print(time.perf_counter() - start)
"""


@dataclass(frozen=True)
class Run:
    """What one command took, its children included; `over` when it was stopped at the limit."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    tree_mb: float
    over: bool
    printed: str = field(repr=False)


@dataclass(frozen=True)
class Row:
    """A line of the report."""

    name: str
    values: Sequence[float]
    unit: str = "x"
    most: float | None = None
    at_least: bool = False
    at_most: bool = False
    note: str = ""

    @property
    def value(self) -> float:
        """The median of the runs."""
        return statistics.median(self.values)

    @property
    def mark(self) -> str:
        """Tell whether the target is met; what was cut off may leave that open."""
        if self.most is None:
            return ""
        if self.value <= self.most:
            return "?" if self.at_least else "ok"
        return "?" if self.at_most else "OVER"

    def show(self) -> tuple[str, ...]:
        """Give the line's cells."""
        low, high = min(self.values), max(self.values)
        sign = "<" if self.at_most else ">" if self.at_least else ""
        target = "" if self.most is None else f"<= {format_value(self.most, self.unit)}"
        spread = f"{format_value(low, self.unit)} .. {format_value(high, self.unit)}"
        return (
            self.name,
            sign + format_value(self.value, self.unit),
            spread if len(self.values) > 1 else self.note or "one run",
            target,
            self.mark,
        )


def format_value(value: float, unit: str) -> str:
    """Write a ratio with its sign, any other figure with its unit."""
    if not unit:
        return f"{value:.0f}"
    if unit == "x":
        return f"{value:.3f}x" if value < 0.2 else f"{value:.2f}x"
    return f"{value:.0f} {unit}" if value >= 20 else f"{value:.2f} {unit}"


def adopt_orphans() -> None:
    """Let processes whose parent ends without waiting become ours, so that their CPU is counted."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, on Linux only


def count_cpu() -> float:
    """Give the CPU seconds, user's and system's, of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure_run(
    command: Sequence[str], *, cache: Path, bytecode: Path, limit_s: float = 3600.0
) -> Run:
    """Run a command and tell its wall time, CPU and memory with all of its children's.

    Peak memory is the sum of the proportional set sizes of the whole tree, looked at every 20 ms,
    or the resident size of its largest process when that is more.
    """
    dropped = ("REVIEWCAST_", "PYTHONDONTWRITEBYTECODE")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    environment |= {
        "PYTHONPYCACHEPREFIX": str(bytecode),
        "REVIEWCAST_CACHE": str(cache),
        "REVIEWCAST_QUIET": "1",
    }
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as told:
        before, start = count_cpu(), time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=told,
            env=environment,
            start_new_session=True,
        )
        memory = Memory(process.pid)
        over = False
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            memory.look()
            if not over and time.perf_counter() - start > limit_s:
                over = True
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(POLL_S)
        wall_s = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
        printed.seek(0)
        told.seek(0)
        if process.returncode and not over:
            sys.stderr.write(told.read().decode(errors="replace"))
            raise SystemExit(f"This failed: {' '.join(command)}")
        largest_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return Run(
            wall_s=wall_s,
            cpu_s=count_cpu() - before,
            peak_mb=max(memory.peak_bytes, largest_bytes) / 1e6,
            tree_mb=memory.peak_bytes / 1e6,
            over=over,
            printed=printed.read().decode(),
        )


class Memory:
    """The peak memory of a session's processes, by /proc; 0 where there is none."""

    def __init__(self, session: int) -> None:
        """Watch a session from now on."""
        self.session = session
        self.members: list[int] = []
        self.looked = 0.0
        self.highest_rss = 0
        self.peak_bytes = 0

    def look(self) -> None:
        """Take the sum of the resident sizes, which is cheap; the fair one when that has risen."""
        if time.monotonic() - self.looked > LOOK_S:
            self.looked = time.monotonic()
            self.members = list(self.list_members())
        rss = sum(map(self.read_rss, self.members))
        if rss > self.highest_rss * 1.005:
            self.highest_rss = rss
            self.peak_bytes = max(self.peak_bytes, sum(map(self.read_pss, self.members)))

    def list_members(self) -> Iterator[int]:
        """Find the processes of the session."""
        for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
            with suppress(OSError, IndexError):
                fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == self.session:
                    yield int(name)

    def read_rss(self, pid: int) -> int:
        """Read a process' resident bytes; shared pages count in every process."""
        with suppress(OSError, IndexError):
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE")
        return 0

    def read_pss(self, pid: int) -> int:
        """Read a process' share of bytes: pages of several processes count in parts."""
        with suppress(OSError):
            found = re.search(
                r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE
            )
            return 1024 * int(found[1]) if found else 0
        return self.read_rss(pid)


def measure_capacity(cores: int) -> float:
    """Tell how many cores do the work of one: a busy loop alone against one on each at once."""

    def run_loops(count: int) -> list[float]:
        command = [sys.executable, "-S", "-c", LOOP]
        loops = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
        return [float(loop.communicate()[0]) for loop in loops]

    alone = min(*run_loops(1), *run_loops(1))
    return sum(alone / each for each in run_loops(cores))


@dataclass(frozen=True)
class Text:
    """A review as a file, with the same text as paragraphs for the baseline."""

    review: Path
    paragraphs: Path
    characters: int


class Writer:
    """Writes a review once, or many times as long without a sentence that stands twice."""

    def __init__(self, name: str, folder: Path) -> None:
        """Read the review."""
        source, config = open_review(name)
        self.review: Review = read_source(source, config)
        self.original = Path(name)
        self.folder = folder

    def write_once(self) -> Text:
        """Copy the review to where no show's settings hold."""
        place = self.make_folder("1")
        copied = place / self.original.name
        shutil.copyfile(self.original, copied)
        return self.finish(copied, [text for _, text in self.list_texts()])

    def write_many(self, copies: int, *, edit: str = "") -> Text:
        """Write it so often, the words of each copy in an order of their own.

        `edit` is a word that comes into one sentence in the middle.
        """
        place = self.make_folder(str(copies))
        texts = []
        for copy in range(copies):
            shuffle = random.Random(copy)
            for mark, text in self.list_texts():
                heading = mark == "## "
                varied = vary_words(text, shuffle) if copy else text
                texts.append((mark, f"{varied} {copy + 1}" if heading else varied))
        if edit:
            middle = len(texts) // 2
            place_of = min(
                (at for at, (mark, _) in enumerate(texts) if not mark),
                key=lambda at: abs(at - middle),
            )
            first, _, rest = texts[place_of][1].partition(" ")
            texts[place_of] = ("", f"{first} {edit} {rest}")
        target = place / f"{self.original.stem}.md"
        title = self.review.title
        titled = self.review.origins.get("title") in ("front matter", "text")
        front = f"---\ntitle: {json.dumps(title)}\n---\n\n" if titled else ""
        body = "\n\n".join(mark + escape(text) for mark, text in texts)
        target.write_text(f"{front}{body}\n", encoding="utf-8")
        return self.finish(target, [*([title] if titled else []), *(text for _, text in texts)])

    def list_texts(self) -> Iterator[tuple[str, str]]:
        """Give each heading and paragraph with the Markdown that stands before it."""
        marks = {"quote": "> ", "list": "- "}
        for section in self.review.sections:
            if section.heading:
                yield "## ", section.heading
            for paragraph in section.paragraphs:
                yield marks.get(paragraph.role, ""), paragraph.text

    def make_folder(self, name: str) -> Path:
        """Make a folder of its own for a text."""
        place = self.folder / name
        place.mkdir(exist_ok=True)
        return place

    def finish(self, review: Path, texts: Iterable[str]) -> Text:
        """Write the paragraphs of the baseline beside the review."""
        paragraphs = review.with_name("paragraphs.txt")
        joined = "\n\n".join(texts)
        paragraphs.write_text(joined, encoding="utf-8")
        return Text(review, paragraphs, len(joined))


def vary_words(text: str, shuffle: random.Random) -> str:
    """Change the order of the words; punctuation and capitals keep their places."""
    parts = [re.fullmatch(r"(\W*)(.*?)(\W*)", word, re.DOTALL) for word in text.split()]
    words = [part[2] for part in parts if part and part[2]]
    shuffle.shuffle(words)
    varied = []
    for part in filter(None, parts):
        word = words.pop() if part[2] else ""
        if part[2][:1].isupper():
            word = word[:1].upper() + word[1:]
        varied.append(part[1] + word + part[3])
    return " ".join(varied)


def escape(text: str) -> str:
    """Take from Markdown's characters their meaning."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


@dataclass
class Bench:
    """Commands that are measured, and the raw figures of all runs."""

    folder: Path
    figures: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    caches: int = 0

    def run(self, name: str, command: Sequence[str], cache: Path, limit_s: float = 3600.0) -> Run:
        """Measure a command and keep its figures under a name."""
        print(f"bench: {name} ...", end=" ", file=sys.stderr, flush=True)
        bytecode = self.folder / "bytecode"
        run = measure_run(command, cache=cache, bytecode=bytecode, limit_s=limit_s)
        print(f"{run.wall_s:.1f} s", file=sys.stderr)
        kept = asdict(run)
        del kept["printed"]
        self.figures.setdefault(name, []).append(kept)
        return run

    def run_baseline(self, name: str, text: Text, limit_s: float) -> Run:
        """Measure the user's own script."""
        target = self.folder / "baseline.mp3"
        script = str(SCRIPTS / "bench_baseline.py")
        command = [sys.executable, script, str(text.paragraphs), str(target)]
        return self.run(name, command, self.folder, limit_s)

    def open_cache(self) -> Path:
        """Give an empty cache; the one before is removed."""
        shutil.rmtree(self.folder / f"cache{self.caches}", ignore_errors=True)
        self.caches += 1
        return self.folder / f"cache{self.caches}"

    def run_build(self, name: str, text: Text, cache: Path) -> tuple[Run, dict[str, Any]]:
        """Measure a build; give what it reported too."""
        target = text.review.with_suffix(".mp3")
        command = [sys.executable, "-m", "reviewcast", "build", str(text.review), "--json"]
        run = self.run(name, [*command, "-o", str(target), "--voice", "espeak"], cache)
        episode: dict[str, Any] = json.loads(run.printed)["episodes"][0]
        return run, episode

    def run_parts(self, name: str, text: Text) -> float:
        """Measure speaking and encoding apart; give their CPU seconds together."""
        target = text.review.with_suffix(".mp3")
        command = [sys.executable, str(SCRIPTS / "bench_parts.py"), str(text.review), str(target)]
        parts: dict[str, float] = json.loads(self.run(name, command, self.folder).printed)
        self.figures[name][-1].update(parts)
        return sum(parts.values())


def compare_once(bench: Bench, writer: Writer, *, runs: int, ffmpeg: bool) -> Iterator[Row]:
    """Measure the review as it is, all commands in turn; a first round warms up and is dropped."""
    text = writer.write_once()
    wall: list[float] = []
    cpu: list[float] = []
    parts: list[float] = []
    warm: list[float] = []
    memory: list[float] = []
    base_memory: list[float] = []
    starts: list[float] = []
    for number in range(runs + 1):
        if number == 1:
            for rows in (wall, cpu, parts, warm, memory, base_memory, starts):
                rows.clear()
            bench.figures.clear()
        base = bench.run_baseline("baseline 1x", text, 3600.0) if ffmpeg else None
        cache = bench.open_cache()
        cold, _ = bench.run_build("cold build 1x", text, cache)
        again, episode = bench.run_build("warm rebuild 1x", text, cache)
        if episode["voiced"] or episode["blocks_reused"] != episode["blocks"]:
            raise SystemExit("A rebuild without a change made something anew.")
        parts.append(cold.cpu_s / bench.run_parts("parts 1x", text))
        start = bench.run("help", [sys.executable, "-m", "reviewcast", "--help"], cache)
        warm.append(again.wall_s / cold.wall_s)
        memory.append(cold.peak_mb)
        starts.append(start.cpu_s)
        if base:
            wall.append(cold.wall_s / base.wall_s)
            cpu.append(cold.cpu_s / base.cpu_s)
            base_memory.append(base.peak_mb)
    if ffmpeg:
        yield Row("cold build : baseline, wall", wall, most=1.0)
        yield Row("cold build : baseline, CPU", cpu)
    yield Row("CPU of cold build : speaking + encoding apart", parts, most=1.5)
    yield Row("rebuild, nothing changed : cold build, wall", warm)
    yield Row("peak memory, cold build", memory, "MB", 250)
    if ffmpeg:
        yield Row("peak memory, baseline", base_memory, "MB")
    yield Row("reviewcast --help, CPU", starts, "s", 0.3)


def compare_memory(bench: Bench, cold: Run) -> Row:
    """Hold the memory of a long build against that of the review as it is."""
    once = statistics.median(run["peak_mb"] for run in bench.figures["cold build 1x"])
    return Row("peak memory : that of the review once", [cold.peak_mb / once])


def compare_long(bench: Bench, writer: Writer, *, edits: int, limit_s: float) -> Iterator[Row]:
    """Measure twenty times the text, then small changes to it; no limit, no baseline."""
    text = writer.write_many(20)
    cache = bench.open_cache()
    cold, episode = bench.run_build("cold build 20x", text, cache)
    base = bench.run_baseline("baseline 20x", text, limit_s) if limit_s else None
    parts = bench.run_parts("parts 20x", text)
    changed, again = [], 0
    for number in range(edits):
        # each edit takes the one before back, so the text differs from the last in two sentences
        edited = writer.write_many(20, edit=("indeed", "truly", "surely", "rightly")[number % 4])
        rebuild, made = bench.run_build("one sentence changed 20x", edited, cache)
        changed.append(rebuild.wall_s / cold.wall_s)
        again = max(again, made["voiced"])
    minutes = episode["duration_s"] / 60
    if base:
        stopped = f"stopped at {limit_s:.0f} s" if base.over else ""
        yield Row(
            "cold build : baseline, wall",
            [cold.wall_s / base.wall_s],
            most=1 / 3,
            at_most=base.over,
            note=stopped,
        )
        yield Row(
            "cold build : baseline, CPU",
            [cold.cpu_s / base.cpu_s],
            at_most=base.over,
            note=stopped,
        )
    yield Row("CPU of cold build : speaking + encoding apart", [cold.cpu_s / parts], most=1.5)
    yield Row("rebuild, one sentence changed : cold build, wall", changed, most=1 / 20)
    yield Row("segments voiced by that rebuild, at most", [again], "")
    yield Row("peak memory, cold build", [cold.peak_mb], "MB", 250, note=f"{minutes:.0f} minutes")
    yield compare_memory(bench, cold)
    if base:
        yield Row("peak memory, baseline", [base.peak_mb], "MB", at_least=base.over, note=stopped)


def measure_memory(bench: Bench, writer: Writer) -> Iterator[Row]:
    """Measure the memory that sixty times the text needs."""
    cold, episode = bench.run_build("cold build 60x", writer.write_many(60), bench.open_cache())
    note = f"{episode['duration_s'] / 60:.0f} minutes"
    yield Row("peak memory, cold build", [cold.peak_mb], "MB", 250, note=note)
    yield compare_memory(bench, cold)


def print_table(title: str, rows: Iterable[Row]) -> None:
    """Print rows under each other, aligned."""
    print(f"\n{title}")
    for name, value, spread, target, mark in map(Row.show, rows):
        print(f"  {name:<50} {value:>9}  {spread:<22} {target:<11} {mark}".rstrip())


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("review", nargs="?", help="a .txt or .md file; else the sample")
    parser.add_argument("--runs", type=int, default=3, help="rounds of what is short (3)")
    parser.add_argument("--quick", action="store_true", help="only the review as it is")
    parser.add_argument("--long", action="store_true", help="memory at sixty times the text too")
    parser.add_argument("--cap", type=float, default=240, help="seconds for a long baseline (240)")
    parser.add_argument("--json", type=Path, help="a file for the raw figures")
    arguments = parser.parse_args()
    if arguments.review is None:
        samples = sorted(SAMPLES.glob("*.md"))
        if not samples:
            parser.error("there is no sample review; name one")
        arguments.review = str(samples[0])
    return arguments


def main() -> None:
    """Measure, and print the report."""
    arguments = read_arguments()
    adopt_orphans()
    ffmpeg = bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    tables: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory(prefix="reviewcast-bench-") as name:
        bench, writer = Bench(Path(name)), Writer(arguments.review, Path(name))
        capacity = [measure_capacity(cores)]
        tables["The review"] = list(
            compare_once(bench, writer, runs=max(1, arguments.runs), ffmpeg=ffmpeg)
        )
        capacity.append(measure_capacity(cores))
        if not arguments.quick:
            limit_s = arguments.cap if ffmpeg else 0.0
            tables["Twenty times the text"] = list(
                compare_long(bench, writer, edits=max(1, arguments.runs), limit_s=limit_s)
            )
            capacity.append(measure_capacity(cores))
        if arguments.long:
            tables["Sixty times the text"] = list(measure_memory(bench, writer))
    given = statistics.median(capacity)
    print(f"{Path(arguments.review).name}: the machine gave {given:.1f} of {cores} cores")
    if not ffmpeg:
        print("The baseline needs ffmpeg and ffprobe, which are not on PATH: it is left out.")
    for title, rows in tables.items():
        print_table(title, rows)
    if arguments.json:
        report = {
            "review": Path(arguments.review).name,
            "cores": cores,
            "cores_given": capacity,
            "tables": {
                title: [asdict(row) | {"value": row.value, "mark": row.mark} for row in rows]
                for title, rows in tables.items()
            },
            "runs": bench.figures,
        }
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
