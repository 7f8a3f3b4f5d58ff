"""What tests of more than one room need."""

import os
import shutil

import pytest


def require_tool(program: str) -> str:
    """Give the path of an outside program; without it skip the test, or fail it under CI."""
    path = shutil.which(program)
    if path is None:
        reason = f"{program} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
