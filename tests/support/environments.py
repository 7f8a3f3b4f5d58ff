"""Environments of a machine as it comes: a Python, sh and its tools, and no uv."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# the package may be tried where it is installed, and what it was made of is away
in_a_checkout = pytest.mark.skipif(
    not (ROOT / "src/reviewcast").is_dir(), reason="is about a checkout, and there is no src here"
)
TOOLS = ("sh", "dirname", "mktemp", "mkdir", "rm", "grep", "head")
KEPT = ("HOME", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "PIP_INDEX_URL", "UV_DEFAULT_INDEX")
UNREACHABLE = ("cannot be reached", "Retrying (", "error sending request", "dns error")


def make_environ(folder: Path, **others: str) -> dict[str, str]:
    """Return an environment whose PATH is a folder, which it fills, with this Python and no uv."""
    folder.mkdir(exist_ok=True)
    for name in TOOLS:
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    (folder / "python3").write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
    (folder / "python3").chmod(0o755)
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    # to compile what nobody starts is most of the time of an installation
    quick = {"UV_COMPILE_BYTECODE": "0", "PIP_NO_COMPILE": "1"}
    return {"PATH": str(folder), **kept, **quick, **others}


def copy_checkout(folder: Path) -> Path:
    """Copy what a checkout has that an installation needs."""
    for name in ("src", "audio", "scripts"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    for name in ("pyproject.toml", "uv.lock", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def refuse_or_skip(done: "subprocess.CompletedProcess[str]") -> None:
    """Skip the test if a command failed for want of a package index; CI has one. Else it passed."""
    said = done.stdout + done.stderr
    if done.returncode and "CI" not in os.environ and any(one in said for one in UNREACHABLE):
        pytest.skip("no package index answers")
    assert done.returncode == 0, said
