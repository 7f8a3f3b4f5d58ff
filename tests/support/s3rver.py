"""s3rver, a stand-in of S3 that ignores all conditions of a request, on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import require_tool
from tests.support.node_packages import require_node_package

KEY = "S3RVER"
"""The only access key that it knows, and its secret."""
_SCRIPT = """
const S3rver = require(process.argv[1]);
const server = new S3rver({
  address: "127.0.0.1", port: 0, silent: true, directory: process.argv[2],
  configureBuckets: [{ name: "show" }],
});
server.run((error, address) => {
  if (error) throw error;
  console.log(address.port);
});
"""


@contextmanager
def run_s3rver(folder: Path) -> Iterator[str]:
    """Serve a bucket `show` that lies in `folder`; give the server's URL."""
    command = [
        require_tool("node"),
        "-e",
        _SCRIPT,
        str(require_node_package("s3rver")),
        str(folder),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()
