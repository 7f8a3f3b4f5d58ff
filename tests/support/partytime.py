"""A feed as podcast-partytime reads it, the npm package behind the Podcast Index."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import require_tool
from tests.support.node_packages import require_node_package

_SCRIPT = Path(__file__).with_name("partytime.cjs")


def read_with_partytime(feed: bytes) -> dict[str, Any]:
    """Read a feed; without the package skip the test, or fail it under CI."""
    node = require_tool("node")
    modules = require_node_package("podcast-partytime").parent
    done = subprocess.run(
        [node, str(_SCRIPT)],
        input=feed,
        env={**os.environ, "NODE_PATH": str(modules), "LOG": "silent"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed
