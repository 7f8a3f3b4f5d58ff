#!/usr/bin/env python3
"""Run pip where Python comes without it, from its wheel in the package index.

The index is the one in PIP_INDEX_URL, else PyPI's; the wheel must be what the index says of it.
"""

import hashlib
import json
import os
import runpy
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

TIMEOUT_S = 60
PYPI = "https://pypi.org/simple"
JSON = "application/vnd.pypi.simple.v1+json"  # PEP 691


def main() -> None:
    """Fetch pip and run it with the arguments; exit with a sentence when it cannot be had."""
    try:
        wheel = fetch_pip(os.environ.get("PIP_INDEX_URL") or PYPI)
    except (OSError, ValueError, KeyError, LookupError) as error:
        raise SystemExit(f"ERROR: pip cannot be fetched from the package index: {error}") from error
    with tempfile.TemporaryDirectory(prefix="reviewcast-pip-") as folder:
        path = Path(folder, "pip-0-py3-none-any.whl")
        path.write_bytes(wheel)
        sys.path.insert(0, str(path))
        sys.argv = ["pip", "--disable-pip-version-check", "--no-input", *sys.argv[1:]]
        runpy.run_module("pip", run_name="__main__")


def fetch_pip(index: str) -> bytes:
    """Return the newest wheel of pip that this Python can run, proven by its hash."""
    page = index.rstrip("/") + "/pip/"
    found: dict[str, Any] = json.loads(fetch(page, accept=JSON))
    wheels = [one for one in found["files"] if is_usable(one)]
    newest = max(wheels, key=lambda one: read_version(one["filename"]))
    data = fetch(urljoin(page, newest["url"]))
    if hashlib.sha256(data).hexdigest() != newest["hashes"]["sha256"]:
        raise ValueError(f"{newest['filename']} is not what the index says of it")
    return data


def fetch(url: str, accept: str = "*/*") -> bytes:
    """Return what a URL of https, or of this machine, gives."""
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
        data: bytes = response.read()
    return data


def is_usable(file: dict[str, Any]) -> bool:
    """True if a file is a released wheel for every Python 3 from this one's age on."""
    name, needs = file["filename"], file.get("requires-python") or ""
    version = name.split("-")[1] if name.endswith("-py3-none-any.whl") else "a"
    least = needs.removeprefix(">=")
    return (
        version.replace(".", "").isdigit()
        and not file.get("yanked")
        and least.replace(".", "").isdigit()
        and tuple(map(int, least.split("."))) <= sys.version_info[:3]
    )


def read_version(filename: str) -> tuple[int, ...]:
    """Return the version in a wheel's name as numbers."""
    return tuple(map(int, filename.split("-")[1].split(".")))


if __name__ == "__main__":
    main()
