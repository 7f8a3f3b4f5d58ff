"""Packages of npm that tests need, in the folder that REVIEWCAST_NODE_MODULES names."""

import os
from pathlib import Path

import pytest

# read before conftest.py takes all variables of that prefix away
FOLDER = os.environ.get("REVIEWCAST_NODE_MODULES", "")


def require_node_package(name: str) -> Path:
    """Return a package's folder; without it skip the test, or fail it under CI."""
    place = Path(FOLDER, name)
    if not FOLDER or not place.is_dir():
        reason = f"{name} is not in the folder that REVIEWCAST_NODE_MODULES names"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return place
