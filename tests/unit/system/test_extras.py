"""The line that installs what is optional names what pyproject.toml does, and works."""

import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.support.environments import in_a_checkout, make_environ, refuse_or_skip

import reviewcast
from reviewcast.system.extras import compose_install_line

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = Path(reviewcast.__file__).parents[1]  # src, or where it is installed
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_line_names_packages_that_an_index_has(extra):
    """Every extra has its line, for this very Python; reviewcast itself is in no index."""
    words = shlex.split(compose_install_line(extra))
    assert sys.executable in words
    assert words[-len(EXTRAS[extra]) :] == EXTRAS[extra]
    assert "reviewcast[" not in compose_install_line(extra, upgrade=True)


def test_without_pip_and_without_uv(tmp_path):
    """The line brings pip first."""
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    (place,) = bare.glob("lib/*/site-packages")
    reached = [one for one in sys.path if one.endswith("site-packages")]
    (place / "others.pth").write_text("\n".join([*reached, str(PACKAGES)]))
    ask = "from reviewcast.system import extras; import importlib.util as u;"
    ask += "u.find_spec = lambda _: None;"
    ask += "print(extras.compose_install_line('edge'))"
    said = subprocess.run(
        [bare / "bin/python", "-c", ask],
        env=make_environ(tmp_path / "none"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.startswith(f"{bare}/bin/python -m ensurepip && {bare}/bin/python -m pip install ")


@in_a_checkout
@pytest.mark.skipif(
    os.environ.get("REVIEWCAST_TEST_LONG") != "1", reason="fills one: REVIEWCAST_TEST_LONG=1"
)
def test_the_line_works_after_pip_install(tmp_path):
    """In an environment that pip filled, the line brings what it names."""
    made = tmp_path / "a folder"
    subprocess.run([sys.executable, "-m", "venv", made], check=True)
    python = made / "bin" / "python"
    # the other packages have no part in the line
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", ROOT],
        capture_output=True,
        text=True,
    )
    refuse_or_skip(done)
    assert subprocess.run([python, "-c", "import edge_tts"], capture_output=True).returncode == 1
    ask = "from reviewcast.system.extras import compose_install_line as c; print(c('edge'))"
    line = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout
    refuse_or_skip(subprocess.run(line, shell=True, capture_output=True, text=True))
    subprocess.run([python, "-c", "import edge_tts"], check=True)
