"""The only door to outside programs; none is needed to build an episode."""

import shutil
import subprocess

_PATIENCE_S = 10.0


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
