"""Measure what a command takes, all of its children with it, and the cores that there are."""

import ctypes
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

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


def adopt_orphans() -> None:
    """Let processes whose parent ends without waiting become ours, so that their CPU is counted."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, on Linux only


def count_cpu() -> float:
    """Return the CPU seconds, user's and system's, of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure_run(
    command: Sequence[str],
    *,
    cache: Path,
    bytecode: Path,
    limit_s: float = 3600.0,
    environ: Mapping[str, str] | None = None,
) -> Run:
    """Run a command and tell its wall time, CPU and memory with all of its children's.

    `environ` is added to what the environment has besides settings of ours. Peak memory is the sum
    of the proportional set sizes of the whole tree, looked at every 20 ms, or the resident size of
    its largest process when that is more.
    """
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as told:
        before, start = count_cpu(), time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=told,
            env=_make_environment(cache, bytecode, environ or {}),
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
                os.waitpid(-process.pid, 0)  # those of its group: we may have other children
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


def _make_environment(cache: Path, bytecode: Path, environ: Mapping[str, str]) -> dict[str, str]:
    dropped = ("REVIEWCAST_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {
        "PYTHONPYCACHEPREFIX": str(bytecode),
        "REVIEWCAST_CACHE": str(cache),
        "REVIEWCAST_QUIET": "1",
        **environ,
    }


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


def count_cores() -> int:
    """Return the cores that this process may use."""
    return len(list_cores())


def list_cores() -> list[int]:
    """List the cores that this process may use, by number."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def measure_capacity(cores: int) -> float:
    """Tell how many cores do the work of one: a busy loop alone against one on each at once."""

    def run_loops(count: int) -> list[float]:
        command = [sys.executable, "-S", "-c", LOOP]
        loops = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
        return [float(loop.communicate()[0]) for loop in loops]

    alone = min(*run_loops(1), *run_loops(1))
    return sum(alone / each for each in run_loops(cores))
