"""How what is optional gets installed, by whatever installed reviewcast itself."""

import functools
import importlib.metadata
import importlib.util
import os
import re
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")
_SHELL_READS = re.compile(r"[^\w./:\\=-]")


@functools.cache
def compose_install_line(extra: str, *, upgrade: bool = False) -> str:
    """Return the shell command that installs an extra's packages where reviewcast runs.

    It names packages, since reviewcast itself comes from a checkout and not from an index.
    """
    options = ["--upgrade"] if upgrade else []
    return _quote([*_find_installer(), *options, *_list_requirements(extra)])


@functools.cache
def find_installed(package: str) -> str:
    """Return the version of a distribution that is installed, "" when none is."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _find_installer() -> list[str]:
    """Return the command that installs into this Python's environment."""
    python = sys.executable
    if importlib.util.find_spec("pip"):
        return [python, "-m", "pip", "install", *_list_options()]
    beside = shutil.which("uv", path=str(Path(python).parent))
    if uv := "uv" if shutil.which("uv") else beside:
        return [uv, "pip", "install", "--python", python, *_list_options()]
    # neither is there, as in the environment of a uv that was removed since
    return [python, "-m", "ensurepip", "&&", python, "-m", "pip", "install"]


def _list_options() -> list[str]:
    """Return what a system's own Python asks for, such as Debian's (PEP 668)."""
    marked = Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").exists()
    return ["--break-system-packages"] if marked and sys.prefix == sys.base_prefix else []


def _list_requirements(extra: str) -> list[str]:
    """Return an extra's requirements as pyproject.toml has them."""
    found = []
    for line in importlib.metadata.requires("reviewcast") or []:
        requirement, _, marker = line.partition(";")
        match = _EXTRA.search(marker)
        if match and match[1] == extra:
            found.append(requirement.replace(" ", ""))
    return found


def _quote(words: Sequence[str]) -> str:
    """Return words as one writes them in this system's shell."""
    if os.name == "nt":
        return " ".join(f'"{one}"' if _SHELL_READS.search(one) else one for one in words)
    return " ".join(one if one == "&&" else shlex.quote(one) for one in words)
