"""scripts/ set themselves up on a machine that has a Python and nothing else."""

import os
import subprocess
import sys
import tomllib

import pytest
from tests.support.environments import (
    ROOT,
    copy_checkout,
    in_a_checkout,
    make_environ,
    refuse_or_skip,
)

pytestmark = in_a_checkout
takes_long = pytest.mark.skipif(
    os.environ.get("REVIEWCAST_TEST_LONG") != "1", reason="takes minutes: REVIEWCAST_TEST_LONG=1"
)


def run(command, environ, **options):
    return subprocess.run(
        [str(part) for part in command], env=environ, capture_output=True, text=True, **options
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A checkout with an environment that its first start made, and what that printed."""
    folder = tmp_path_factory.mktemp("stock")
    environ = make_environ(folder / "bin")
    checkout = copy_checkout(folder)
    done = run([checkout / "scripts/reviewcast", "--version"], environ)
    refuse_or_skip(done)
    return checkout, environ, done


def test_the_first_start_says_one_line(made):
    """The second says none."""
    checkout, environ, done = made
    assert done.stdout.startswith("reviewcast, version ")
    assert done.stderr == f"reviewcast: setting up {checkout}/.venv (once)\n"
    assert run([checkout / "scripts/reviewcast", "--version"], environ).stderr == ""


def test_all_is_as_the_lock_has_it(made):
    """No requirement is broken, and the versions are the lock's: gTTS wants an older click."""
    checkout, environ, _ = made
    python = checkout / ".venv/bin/python"
    checked = run([python, "-m", "pip", "check"], environ)
    assert (checked.returncode, checked.stdout) == (0, "No broken requirements found.\n")
    ask = "from importlib.metadata import version as v; print(v('click'), v('gtts'), v('mammoth'))"
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    versions = {one["name"]: one.get("version") for one in lock["package"]}
    wanted = [versions[name] for name in ("click", "gtts", "mammoth")]
    assert run([python, "-c", ask], environ).stdout.split() == wanted


def test_the_hint_works_there(made):
    """What `voices` prints for edge brings its package."""
    checkout, environ, _ = made
    python = checkout / ".venv/bin/python"
    listed = run([checkout / "scripts/reviewcast", "voices"], environ).stdout
    assert "reviewcast[" not in listed
    ask = "from reviewcast.system.extras import compose_install_line as c; print(c('edge'))"
    line = run([python, "-c", ask], environ).stdout.strip()
    assert line in " ".join(listed.split())
    assert run([python, "-c", "import edge_tts"], environ).returncode == 1
    refuse_or_skip(run([line], environ, shell=True))
    assert run([python, "-c", "import edge_tts"], environ).returncode == 0


def take_ensurepip_away(python):
    python.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        '  "-m venv --without-pip "*) ;;\n'
        '  "-m venv "*) echo "ensurepip is not available."; exit 1 ;;\n'
        "esac\n" + python.read_text().splitlines()[1] + "\n"
    )


@takes_long
def test_a_python_without_ensurepip(tmp_path):
    """Debian's python3 without python3-venv does: pip comes from the index, proven by its hash."""
    environ = make_environ(tmp_path / "bin")
    take_ensurepip_away(tmp_path / "bin/python3")
    checkout = copy_checkout(tmp_path)
    done = run([checkout / "scripts/reviewcast", "--version"], environ)
    refuse_or_skip(done)
    assert done.stderr == f"reviewcast: setting up {checkout}/.venv (once)\n"
    assert not list((checkout / ".venv").glob("lib/*/site-packages/pip"))


@pytest.mark.parametrize("has_pip", [False, pytest.param(True, marks=takes_long)])
def test_no_index(tmp_path, has_pip):
    """Offline, one sentence says what is missing: exit 4, and the next start tries again."""
    environ = make_environ(
        tmp_path / "bin",
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_CONFIG_FILE="/dev/null",
        PIP_RETRIES="1",
        TMPDIR=str(tmp_path),
    )
    if not has_pip:
        take_ensurepip_away(tmp_path / "bin/python3")
    checkout = copy_checkout(tmp_path)
    for _ in range(2):
        done = run([checkout / "scripts/reviewcast", "--version"], environ)
        assert (done.returncode, done.stdout) == (4, "")
        first, second = done.stderr.splitlines()
        assert first == f"reviewcast: setting up {checkout}/.venv (once)"
        assert second.startswith("reviewcast: the package index cannot be reached. Connect")


def test_no_python(tmp_path):
    """Without a Python that is new enough, the sentence says what to install."""
    environ = make_environ(tmp_path / "bin", TMPDIR=str(tmp_path))
    (tmp_path / "bin/python3").unlink()
    done = run([copy_checkout(tmp_path) / "scripts/reviewcast", "--version"], environ)
    assert done.returncode == 4
    assert "no Python 3.11 or newer was found" in done.stderr.splitlines()[-1]


@takes_long
def test_an_index_without_uv(tmp_path):
    """Where there is no uv for a machine, pip installs the lock's versions in one call."""
    (tmp_path / "none.txt").write_text("uv==0.0.0\n")
    environ = make_environ(tmp_path / "bin", PIP_CONSTRAINT=str(tmp_path / "none.txt"))
    checkout = copy_checkout(tmp_path)
    done = run([checkout / "scripts/reviewcast", "--version"], environ)
    refuse_or_skip(done)
    assert done.stderr == f"reviewcast: setting up {checkout}/.venv (once)\n"
    assert not (checkout / ".venv/bin/uv").exists()
    python = checkout / ".venv/bin/python"
    assert run([python, "-m", "pip", "check"], environ).returncode == 0
    frozen = run([python, "-m", "pip", "freeze"], environ).stdout.lower().splitlines()
    pinned = {one.replace("_", "-") for one in frozen if "==" in one and not one.startswith("#")}
    assert len(pinned) > 30
    assert pinned <= {one.replace("_", "-") for one in list_pins()}


@pytest.mark.parametrize("needs", ["user", "dev"])
def test_what_pip_would_install(tmp_path, needs):
    """The requirements are pyproject.toml's, the constraints those of the lock."""
    ask = [sys.executable, ROOT / "scripts/_requirements.py", needs, tmp_path / "pins.txt"]
    first, second, *others = run(ask, dict(os.environ)).stdout.splitlines()
    assert first == f"--constraint {tmp_path}/pins.txt"
    assert second == f"--editable {ROOT}[s3,sftp]"
    assert any(one.startswith("pytest>=") for one in others) == (needs == "dev")
    assert any(one.startswith("ruff>=") for one in others) == (needs == "dev")
    pins = (tmp_path / "pins.txt").read_text().split()
    assert len(pins) > 100
    assert set(pins) <= set(list_pins())


def list_pins():
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    return [f"{one['name']}=={one.get('version')}" for one in lock["package"]]
