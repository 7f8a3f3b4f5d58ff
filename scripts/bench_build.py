#!/usr/bin/env python3
"""Measure builds beside a user's own script and the pipe espeak-ng | lame, and print the ratios.

All that is compared runs in turn, in the same minutes, because a shared machine changes its
speed; so the figures are ratios, and the cores that the machine really gave stand beside them.
Python's bytecode is there before the first measured run, as after any installation that was used.
Each report is kept under its commit in .bench, which git ignores; --chart draws those.
"""

import argparse
import itertools
import json
import os
import shlex
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.bench_chart import draw_chart  # noqa: E402
from scripts.bench_measure import (  # noqa: E402
    Run,
    adopt_orphans,
    count_cores,
    list_cores,
    measure_capacity,
    measure_run,
)
from scripts.bench_rows import (  # noqa: E402
    Row,
    keep_report,
    load_reports,
    make_report,
    print_table,
    write_report,
)
from scripts.bench_texts import Text, Writer  # noqa: E402

SCRIPTS = ROOT / "scripts"
SAMPLES = ROOT / "src" / "reviewcast" / "samples"
EDITS = ("indeed", "truly", "surely", "rightly")
LATENCY_S = 0.25
CONNECTIONS, REQUESTS_PER_S = 8, 30
# sox: LAME makes one channel of what comes as one; its CPU is below 2 % of the pipe's
PIPE = (
    "espeak-ng -v en-us -s 165 -p 45 -f {words} --stdout"
    " | sox -q -V1 --ignore-length -t wav - -c 2 -t wav -"
    " | lame --quiet --cbr -b 128 -q 3 -m j --resample 44.1 - {target}"
)


@dataclass
class Bench:
    """Commands that are measured, and the raw figures of all runs."""

    folder: Path
    figures: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    capacities: list[float] = field(default_factory=list)
    caches: int = 0

    def run(
        self,
        name: str,
        command: Sequence[str],
        cache: Path,
        limit_s: float = 3600.0,
        environ: Mapping[str, str] | None = None,
    ) -> Run:
        """Measure a command and keep its figures under a name."""
        print(f"bench: {name} ...", end=" ", file=sys.stderr, flush=True)
        run = measure_run(
            command,
            cache=cache,
            bytecode=self.folder / "bytecode",
            limit_s=limit_s,
            environ=environ,
        )
        print(f"{run.wall_s:.1f} s, CPU {run.cpu_s:.1f} s", file=sys.stderr)
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

    def run_pipe(self, name: str, words: Path, prefix: Sequence[str] = ()) -> Run:
        """Measure the shell pipe."""
        target = self.folder / "pipe.mp3"
        pipe = PIPE.format(words=shlex.quote(str(words)), target=shlex.quote(str(target)))
        return self.run(name, [*prefix, "sh", "-c", pipe], self.folder)

    def open_cache(self) -> Path:
        """Return an empty cache; the one before is removed."""
        shutil.rmtree(self.folder / f"cache{self.caches}", ignore_errors=True)
        self.caches += 1
        return self.folder / f"cache{self.caches}"

    def run_build(
        self,
        name: str,
        text: Text,
        cache: Path,
        *,
        prefix: Sequence[str] = (),
        voice: str = "espeak",
        environ: Mapping[str, str] | None = None,
    ) -> tuple[Run, dict[str, Any]]:
        """Measure a build; return what it reported too."""
        target = text.review.with_suffix(".mp3")
        command = [*prefix, sys.executable, "-m", "reviewcast", "build", str(text.review)]
        command += ["--json", "-o", str(target), "--voice", voice]
        run = self.run(name, command, cache, environ=environ)
        episode: dict[str, Any] = json.loads(run.printed)["episodes"][0]
        return run, episode

    def run_parts(self, name: str, text: Text, cache: Path) -> dict[str, float]:
        """Measure speaking and encoding apart; return the CPU seconds by name."""
        command = [sys.executable, str(SCRIPTS / "bench_parts.py"), str(text.review), str(cache)]
        parts: dict[str, float] = json.loads(self.run(name, command, cache).printed)
        self.figures[name][-1].update(parts)
        return parts

    def measure_capacity(self) -> float:
        """Tell how many cores the machine gives now."""
        self.capacities.append(measure_capacity(count_cores()))
        return self.capacities[-1]


def compare_once(bench: Bench, writer: Writer, *, runs: int, ffmpeg: bool) -> Iterator[Row | str]:
    """Measure the review as it is, all commands in turn; a first round warms up and is dropped."""
    text = writer.write_once()
    wall: list[float] = []
    cpu: list[float] = []
    warm: list[float] = []
    memory: list[float] = []
    base_memory: list[float] = []
    starts: list[float] = []
    for number in range(runs + 1):
        if number == 1:
            for rows in (wall, cpu, warm, memory, base_memory, starts):
                rows.clear()
            bench.figures.clear()
        base = bench.run_baseline("baseline 1x", text, 3600.0) if ffmpeg else None
        cache = bench.open_cache()
        cold, _ = bench.run_build("cold build 1x", text, cache)
        again, episode = bench.run_build("warm rebuild 1x", text, cache)
        if episode["voiced"] or episode["blocks_reused"] != episode["blocks"]:
            raise SystemExit("A rebuild without a change made something anew.")
        start = bench.run("help", [sys.executable, "-m", "reviewcast", "--help"], cache)
        writer.duration_s = episode["duration_s"]
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
        yield Row("peak memory, baseline", base_memory, "MB")
    else:
        yield "the baseline, which needs ffmpeg and ffprobe on PATH"
    yield Row("rebuild, nothing changed : cold build, wall", warm)
    yield Row("peak memory, cold build", memory, "MB", 250)
    yield Row("reviewcast --help, CPU", starts, "s", 0.3)


@dataclass
class Hour:
    """The figures of some rounds over an hour of audio."""

    parts: list[float] = field(default_factory=list)
    share: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    free: list[float] = field(default_factory=list)
    pinned: list[float] = field(default_factory=list)
    edits: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    reused: list[float] = field(default_factory=list)
    voiced: int = 0


def compare_hour(
    bench: Bench, writer: Writer, *, runs: int, limit_s: float, edits: int
) -> Iterator[Row | str]:
    """Measure an hour of audio, all commands in turn; `limit_s` is the baseline's, 0: without."""
    copies = writer.count_copies(3600)
    hour = Hour()
    missing = [name for name in ("espeak-ng", "lame", "sox") if not shutil.which(name)]
    pinned = ["taskset", "-c", str(list_cores()[0])] if shutil.which("taskset") else []
    words = writer.write_many(copies).write_words()
    given: list[float] = []
    words_of_edit = itertools.cycle(EDITS)
    for _ in range(runs):
        text = writer.write_many(copies)
        cache = bench.open_cache()
        before = bench.measure_capacity()
        cold, episode = bench.run_build("cold build 1 h", text, cache)
        given.append((before + bench.measure_capacity()) / 2)
        parts = bench.run_parts("parts 1 h", text, cache)
        hour.parts.append(cold.cpu_s / (parts["speaking_cpu_s"] + parts["encoding_cpu_s"]))
        hour.share.append(100 * parts["encoding_cpu_s"] / cold.cpu_s)
        hour.busy.append(cold.wall_s / (cold.cpu_s / given[-1]))
        hour.memory.append(cold.peak_mb)
        if not missing:
            pipe = bench.run_pipe("pipe 1 h", words)
            hour.free.append(pipe.wall_s / cold.wall_s)
        for word in itertools.islice(words_of_edit, edits):
            # each edit takes the one before back, so the text differs from the last in two
            edited = writer.write_many(copies, edit=word)
            rebuild, made = bench.run_build("one sentence changed 1 h", edited, cache)
            hour.edits.append(rebuild.wall_s / cold.wall_s)
            hour.reused.append(100 * made["blocks_reused"] / made["blocks"])
            hour.voiced = max(hour.voiced, made["voiced"])
        if not missing and pinned:
            text = writer.write_many(copies)
            one, _ = bench.run_build(
                "cold build 1 h, one core", text, bench.open_cache(), prefix=pinned
            )
            pipe = bench.run_pipe("pipe 1 h, one core", words, pinned)
            hour.pinned.append(pipe.wall_s / one.wall_s)
    told = f"{episode['duration_s'] / 60:.0f} min, {episode['blocks']} blocks"
    gave = f"{statistics.median(given):.2f} cores given"
    yield Row("CPU of cold build : speaking + LAME apart", hour.parts, most=1.25, note=told)
    yield Row("encoding's share of the CPU", hour.share, "%")
    yield Row("wall : CPU / cores given", hour.busy, most=1.3, note=gave)
    if missing:
        yield f"the pipe, which needs {', '.join(missing)}"
    else:
        yield Row("pipe : cold build, wall, all cores", hour.free, least=1.5, note=gave)
        if pinned:
            yield Row("pipe : cold build, wall, one core", hour.pinned, least=1.0)
        else:
            yield "the pipe on one core, which needs taskset"
    yield Row("rebuild, one sentence changed : cold build, wall", hour.edits, most=1 / 50)
    yield Row("blocks reused by that rebuild, of all", hour.reused, "%")
    yield Row("segments voiced by that rebuild, at most", [hour.voiced], "")
    yield Row("peak memory, cold build", hour.memory, "MB", 250)
    if limit_s:
        yield from compare_baseline(bench, writer.write_many(copies), limit_s)


def compare_baseline(bench: Bench, text: Text, limit_s: float) -> Iterator[Row]:
    """Measure the user's own script over an hour; it is stopped at a limit."""
    base = bench.run_baseline("baseline 1 h", text, limit_s)
    stopped = f"stopped at {limit_s:.0f} s" if base.over else ""
    cold = [Run(**run, printed="") for run in bench.figures["cold build 1 h"]]
    wall = [run.wall_s / base.wall_s for run in cold]
    cpu = [run.cpu_s / base.cpu_s for run in cold]
    yield Row("cold build : baseline, wall", wall, most=1 / 3, at_most=base.over, note=stopped)
    yield Row("cold build : baseline, CPU", cpu, at_most=base.over, note=stopped)
    yield Row("peak memory, baseline", [base.peak_mb], "MB", at_least=base.over, note=stopped)


def measure_memory(bench: Bench, writer: Writer, *, full: bool) -> Iterator[Row | str]:
    """Measure the memory that ten minutes need, and ten hours."""
    for name, seconds in (("10 min", 600), ("10 h", 36_000))[: 1 + full]:
        text = writer.write_many(writer.count_copies(seconds))
        cold, episode = bench.run_build(f"cold build {name}", text, bench.open_cache())
        note = f"{episode['duration_s'] / 60:.0f} min"
        yield Row(f"peak memory, cold build of {name}", [cold.peak_mb], "MB", 250, note=note)
    if not full:
        yield "10 h, which takes minutes: --full"


def compare_gtts(bench: Bench, writer: Writer) -> Iterator[Row | str]:
    """Measure Google's voice beside gTTS' own save(), against a stand-in that answers late."""
    try:
        from tests.support.google import GoogleStandIn
    except ImportError as error:
        yield f"Google's voice, whose stand-in cannot be loaded: {error}"
        return
    text = writer.write_many(writer.count_copies(900))
    words, script = text.write_words(), str(SCRIPTS / "bench_gtts.py")
    target = bench.folder / "gtts.mp3"
    save = [sys.executable, script, "save", str(words), str(target)]
    voice = [sys.executable, script, "voice", str(text.review)]
    settings = {
        "REVIEWCAST_SYNTHESIZE_CONNECTIONS": str(CONNECTIONS),
        "REVIEWCAST_SYNTHESIZE_REQUESTS_PER_S": str(REQUESTS_PER_S),
    }
    with GoogleStandIn() as google:
        places = google.environ()
        # what the stand-in has spoken once it has at hand: only its latency is measured then
        bench.run("gTTS warm-up", save, bench.folder, environ=places)
        bench.run("voice warm-up", voice, bench.open_cache(), environ=places | settings)
        google.latency_s = LATENCY_S
        own = bench.run("gTTS save()", save, bench.folder, environ=places)
        asked, shaken = len(google.requests), google.handshakes
        ours = bench.run("voice", voice, bench.open_cache(), environ=places | settings)
        handshakes = google.handshakes - shaken
        times = [request.at_s for request in google.requests[asked:]]
        built, _ = bench.run_build(
            "build with gtts",
            text,
            bench.open_cache(),
            voice="gtts",
            environ=places | settings,
        )
    busiest = max(sum(start <= at < start + 1 for at in times) for start in times)
    note = f"{len(times)} requests, {CONNECTIONS} connections"
    yield Row("gTTS save() : our voice, wall", [own.wall_s / ours.wall_s], least=6, note=note)
    yield Row("gTTS save() : whole build, wall", [own.wall_s / built.wall_s])
    yield Row("TLS handshakes", [handshakes], "", CONNECTIONS)
    yield Row("most requests in a second", [busiest], "", REQUESTS_PER_S)


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("review", nargs="?", help="a .txt or .md file; else the sample")
    parser.add_argument("--runs", type=int, default=2, help="rounds (2); figures are medians")
    parser.add_argument("--quick", action="store_true", help="only the review as it is")
    parser.add_argument("--full", action="store_true", help="memory at 10 h too: some 10 minutes")
    parser.add_argument(
        "--cap", type=float, default=120, help="seconds for the long baseline (120)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="a file for the raw figures")
    parser.add_argument(
        "--chart", type=Path, metavar="FILE.svg", help="draw what is kept, and measure nothing"
    )
    arguments = parser.parse_args()
    if arguments.review is None:
        samples = sorted(SAMPLES.glob("*.md"))
        if not samples:
            parser.error("there is no sample review; name one")
        arguments.review = str(samples[0])
    return arguments


def measure_all(bench: Bench, arguments: argparse.Namespace) -> dict[str, list[Row | str]]:
    """Measure all that is asked for."""
    runs = max(1, arguments.runs)
    ffmpeg = bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))
    writer = Writer(arguments.review, bench.folder)
    bench.measure_capacity()
    tables = {"The review": list(compare_once(bench, writer, runs=runs, ffmpeg=ffmpeg))}
    bench.measure_capacity()
    if not arguments.quick:
        limit_s = arguments.cap if ffmpeg else 0.0
        hour = compare_hour(bench, writer, runs=runs, limit_s=limit_s, edits=2)
        tables["One hour"] = list(hour)
        tables["Memory"] = list(measure_memory(bench, writer, full=arguments.full))
        tables[f"Google's voice at {LATENCY_S * 1000:.0f} ms"] = list(compare_gtts(bench, writer))
    return tables


def main() -> None:
    """Measure, print the report and keep it; or draw what is kept."""
    arguments = read_arguments()
    if arguments.chart:
        reports = load_reports()
        if not reports:
            raise SystemExit("Nothing is kept yet: run scripts/bench first.")
        arguments.chart.write_text(draw_chart(reports), encoding="utf-8")
        return
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="reviewcast-bench-") as name:
        bench = Bench(Path(name))
        tables = measure_all(bench, arguments)
    cores, given = count_cores(), statistics.median(bench.capacities)
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else 0.0
    review = Path(arguments.review).name
    print(f"{review}: the machine gave {given:.2f} of {cores} cores, its load was {load:.1f}")
    for title, rows in tables.items():
        print_table(title, rows)
    report = make_report(
        tables,
        review=review,
        cores=cores,
        cores_given=bench.capacities,
        load=load,
        runs=bench.figures,
    )
    kept = None if arguments.quick else keep_report(report)
    if kept:
        print(f"\nkept as {kept.relative_to(ROOT)}")
    if arguments.json:
        write_report(report, arguments.json)


if __name__ == "__main__":
    main()
