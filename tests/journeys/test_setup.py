"""Set-up goes on without the voice hibari when the package index does not have it any more."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINE = "reviewcast: the voice hibari cannot be installed and is left out; espeak speaks."
FAKE_UV = """#!/bin/sh
echo "$*" >>"$0.log"
case "$WITHOUT: $*" in
  "hibari: "*"--no-install-package hibari-tts"* | ": "*) ;;
  *) echo "error: Failed to download" >&2; exit 1 ;;
esac
mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
ln -sf "$PYTHON" "$UV_PROJECT_ENVIRONMENT/bin/python"
printf '#!/bin/sh\\necho started\\n' >"$UV_PROJECT_ENVIRONMENT/bin/reviewcast"
chmod +x "$UV_PROJECT_ENVIRONMENT/bin/reviewcast"
"""


@pytest.fixture
def start(tmp_path):
    """Start the program from a checkout without an environment; what uv cannot have is given."""
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "scripts", tree / "scripts")
    (tree / "src").mkdir()
    for name in ("pyproject.toml", "uv.lock"):
        (tree / name).touch()
    uv = tmp_path / "bin/uv"
    uv.parent.mkdir()
    uv.write_text(FAKE_UV)
    uv.chmod(0o755)

    def run(without):
        path = os.pathsep.join([str(uv.parent), os.environ["PATH"]])
        names = ("UV_PROJECT_ENVIRONMENT", "UV_PYTHON")
        env = {key: value for key, value in os.environ.items() if key not in names}
        env |= {"PATH": path, "PYTHON": sys.executable, "WITHOUT": without}
        return subprocess.run(
            [tree / "scripts/reviewcast"], env=env, capture_output=True, text=True, timeout=60
        )

    return run


@pytest.mark.skipif(os.name == "nt", reason="the scripts are for POSIX shells")
class TestSetUp:
    """`scripts/reviewcast` in a fresh checkout."""

    def test_with_all_packages(self, start):
        """Nothing is left out, and nothing said of it."""
        done = start("")
        assert (done.returncode, done.stdout) == (0, "started\n")
        assert LINE not in done.stderr

    def test_without_the_voice(self, start):
        """One line says so, in place of what uv said, and the program starts."""
        done = start("hibari")
        assert (done.returncode, done.stdout) == (0, "started\n"), done.stderr
        assert done.stderr.splitlines()[1:] == [LINE]

    def test_without_any(self, start):
        """What failed is said, and not that a voice is missing."""
        done = start("everything")
        assert done.returncode == 4
        assert "Failed to download" in done.stderr
        assert LINE not in done.stderr
