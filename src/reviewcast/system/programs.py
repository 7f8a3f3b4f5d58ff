"""The only door to outside programs; none is needed to build an episode."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence

_PATIENCE_S = 10.0
_FAREWELL_S = 2.0


def is_installed(program: str) -> bool:
    """True if a program can be found."""
    return shutil.which(program) is not None


def find_program(program: str, *, places: Sequence[str] = ()) -> str | None:
    """Return the path of a program, also where paths of users do not lead; None without it."""
    return shutil.which(program) or shutil.which(program, path=os.pathsep.join(places))


def run_with_input(
    path: str, arguments: Sequence[str], data: bytes, *, longest_s: float
) -> tuple[int, str] | None:
    """Run a program that reads `data`; return its exit code and what it said on stderr.

    One that goes on for over `longest_s` is ended, and its code is that of a signal (below 0).
    None says that it cannot be started.
    """
    try:
        done = subprocess.run(
            [path, *arguments], input=data, capture_output=True, timeout=longest_s, check=False
        )
    except subprocess.TimeoutExpired:
        return -signal.SIGTERM, ""
    except OSError:
        return None
    return done.returncode, done.stderr.decode(errors="replace").strip()


def find_version(program: str, *arguments: str) -> str | None:
    """Return the first line of a program's version text, None when it is not installed."""
    path = shutil.which(program)
    if path is None:
        return None
    try:
        done = subprocess.run(
            [path, *arguments], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (done.stdout or done.stderr).strip().partition("\n")[0]


def run_silently(
    program: str, arguments: Sequence[str], *, longest_s: float | None = None
) -> tuple[bool, str]:
    """Run a program to its end; return whether it ended well, and what it said on stderr.

    It gets no input, and its output goes nowhere. Whatever ends the wait, Ctrl-C for example, ends
    the program. One that is not there, cannot be started, or goes on for over `longest_s`, did not
    end well.
    """
    path = shutil.which(program)
    if path is None:
        return False, ""
    with _hold_interrupt() as was_interrupted:
        try:
            running = subprocess.Popen(
                [path, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            return False, str(error)
    try:
        if was_interrupted:
            raise KeyboardInterrupt
        _, said = running.communicate(timeout=longest_s)
    except subprocess.TimeoutExpired:
        return False, ""
    finally:
        if running.poll() is None:
            running.terminate()
            try:
                running.wait(_FAREWELL_S)
            except subprocess.TimeoutExpired:
                running.kill()  # some wait for a sound device and hear nothing else
                running.wait()
        if running.stderr:
            running.stderr.close()
    return running.returncode == 0, said.decode(errors="replace").strip()


@contextlib.contextmanager
def _hold_interrupt() -> Iterator[list[int]]:
    """Hold back Ctrl-C until a program is known by its id; yield what has come meanwhile."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came  # signals are the main thread's
        return
    before = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)


def count_cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
