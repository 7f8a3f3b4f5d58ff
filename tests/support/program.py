"""The program itself, run as users run it."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import reviewcast.__main__
from reviewcast.cli import main

_ROOT = Path(__file__).parent.parent.parent
_OURS = ("REVIEWCAST_", "HTTPS_PROXY", "https_proxy", "REQUESTS_CA_BUNDLE", "NO_COLOR")


@dataclass(frozen=True)
class Program:
    """The command line with a cache of its own."""

    cache: Path

    def run(
        self,
        *arguments: str | Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        data: bytes | None = None,
    ) -> "Result":
        """Run to the end, in this process, and return what was printed.

        A PYTHONPATH is for a process of its own.
        """
        if "PYTHONPATH" in (env or {}):
            return self.run_apart(*arguments, env=env, cwd=cwd, data=data)
        with contextlib.chdir(cwd or "."):
            return run_here(*arguments, env=self.environ(env), data=data)

    def run_apart(
        self,
        *arguments: str | Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        data: bytes | None = None,
    ) -> "Result":
        """Run to the end as a process of its own, where that is the point."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.environ(env),
            cwd=cwd,
            input=data,
            capture_output=True,
            check=False,
            timeout=300,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def kill(self, moment: int, *arguments: str | Path, cwd: Path = _ROOT) -> "Result":
        """Run until just before the disk is touched for the `moment`th time; 0 counts them."""
        return self._run_with("tests.support.kill_at", str(moment), *map(str, arguments), cwd=cwd)

    def run_bounded(self, *arguments: str | Path, cwd: Path = _ROOT) -> "Result":
        """Run with a minute of the processor and 1.5 GB: what needs more is killed, or a bug."""
        return self._run_with("tests.support.bounded", *map(str, arguments), cwd=cwd)

    def _run_with(self, *command: str, cwd: Path) -> "Result":
        done = subprocess.run(
            [sys.executable, "-m", *command],
            env=self.environ({"PYTHONPATH": str(_ROOT)}),
            cwd=cwd,
            capture_output=True,
            check=False,
            timeout=300,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def command(self, *arguments: str | Path) -> list[str]:
        """Return the command line."""
        return [sys.executable, "-m", "reviewcast", *map(str, arguments)]

    def environ(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return an environment in which nothing of this machine's settings is left."""
        env = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
        own = {"REVIEWCAST_CACHE": str(self.cache), "XDG_CONFIG_HOME": f"{self.cache}.config"}
        return {**env, **own, **(extra or {})}


@dataclass(frozen=True)
class Result:
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return what was printed as JSON."""
        return json.loads(self.out)

    @property
    def episode(self) -> Any:
        """Return the one episode that was built."""
        assert self.code == 0, self.err
        (episode,) = self.json["episodes"]
        return episode


@contextlib.contextmanager
def be_main() -> Iterator[None]:
    """Let the program's worker processes load what they would, not the tests' runner."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = reviewcast.__main__
    try:
        yield
    finally:
        sys.modules["__main__"] = before


def run_here(
    *arguments: str | Path, env: Mapping[str, str] | None = None, data: bytes | None = None
) -> Result:
    """Run the command line in this process, where a process of its own is not the point.

    `env` stands in place of this process's variables.
    """
    streams = [io.TextIOWrapper(io.BytesIO(given or b""), "utf-8") for given in (data, b"", b"")]
    stdin, out, err = streams
    code = 0
    with (
        mock.patch.dict(os.environ, os.environ if env is None else env, clear=True),
        be_main(),
        mock.patch.multiple(sys, argv=["reviewcast", *map(str, arguments)], stdin=stdin),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    texts = []
    for stream in (out, err):
        stream.flush()
        stream.seek(0)
        texts.append(stream.read())
    return Result(code, *texts)
