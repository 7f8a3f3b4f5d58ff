"""The program on a terminal of its own, so many columns wide."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from .program import Program


def run_on_terminal(
    program: Program,
    *arguments: str | Path,
    columns: int,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    data: bytes = b"",
) -> str:
    """Run with stdin, stdout and stderr on one terminal; return all that it was sent.

    `data` is what is typed. Skip the test where there are no such terminals.
    """
    if sys.platform == "win32":
        pytest.skip("there are no such terminals")
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = program.environ({"TERM": "xterm", **(env or {})})
    environment.pop("COLUMNS", None)
    said = b""
    with subprocess.Popen(
        program.command(*arguments),
        env=environment,
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        if data:
            os.write(ours, data)
        try:
            while piece := os.read(ours, 65536):
                said += piece
        except OSError:  # Linux ends a terminal so
            pass
        running.wait(60)
    os.close(ours)
    return said.decode()
