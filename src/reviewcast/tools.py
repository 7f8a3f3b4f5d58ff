"""The only door to outside programs; none is needed to build an episode."""

import shutil
import subprocess
from collections.abc import Sequence

_PATIENCE_S = 10.0
_FAREWELL_S = 2.0


def find_version(program: str, *arguments: str) -> str | None:
    """Give the first line that a program prints of itself, None when it is not installed."""
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


def run_silently(program: str, arguments: Sequence[str]) -> tuple[bool, str]:
    """Run a program to its end; give whether it ended well, and what it said on stderr.

    It gets no input, and its output goes nowhere. Whatever ends the wait, Ctrl-C for example, ends
    the program. One that is not there, or cannot be started, did not end well.
    """
    path = shutil.which(program)
    if path is None:
        return False, ""
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
        _, said = running.communicate()
    finally:
        if running.poll() is None:
            running.terminate()
            try:
                running.wait(_FAREWELL_S)
            except subprocess.TimeoutExpired:
                running.kill()  # some wait for a sound device and hear nothing else
                running.wait()
    return running.returncode == 0, said.decode(errors="replace").strip()
