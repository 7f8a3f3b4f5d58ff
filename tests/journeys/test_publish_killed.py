"""`reviewcast publish` is killed inside its system calls, and the disk is filled."""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import require_tool
from tests.support.budget import FULL_SWEEP
from tests.support.program import Program
from tests.support.show import add_episode, make_show
from tests.unit.jobs.test_publish import check_live, read_tree

CLOCK = {"SOURCE_DATE_EPOCH": "1795000000"}
CALLS = {
    "write": "write,pwrite64,sendfile,copy_file_range",
    "fsync": "fsync,fdatasync",
    "rename": "rename,renameat,renameat2",
    "unlink": "unlink,unlinkat,rmdir",
    "mkdir": "mkdir,mkdirat",
}
# every moment when asked for; else some of each kind, spread over the run


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The program with a cache of its own."""
    return Program(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def scene(tmp_path_factory, program):
    """A show that was published and has changed since; what shall be, and the calls till then."""
    require_tool("strace")
    place = tmp_path_factory.mktemp("scene")
    show = make_show(place / "show")
    add_episode(show, "film-1", 1, "2026-10-01")
    add_episode(show, "film-2", 2, "2026-10-08")
    assert program.run("publish", cwd=show, env=CLOCK).code == 0
    add_episode(show, "film-2", 2, "2026-10-08", audio=b"corrected" * 999)
    add_episode(show, "film-3", 3, "")
    shutil.copytree(show, place / "before")
    assert run_traced(program, show, ",".join(CALLS.values())).returncode == 0
    made = re.findall(r"^\d+ +(\w+)\(", (place / "trace").read_text(errors="replace"), re.MULTILINE)
    totals = {kind: sum(map(made.count, calls.split(","))) for kind, calls in CALLS.items()}
    return place / "before", read_tree(show / "public"), read_tree(show / "episodes"), totals


def run_traced(program: Program, show: Path, calls: str, inject: str = ""):
    """Publish under strace, which notes these calls, and changes one of them."""
    command = ["strace", "-f", "-qq", "-o", str(show.parent / "trace"), "-e", f"trace={calls}"]
    if "signal" not in inject:  # all other calls are then as quick as without; but none is killed
        command += ["--seccomp-bpf"]
    if inject:
        command += ["-e", f"inject={calls}:{inject}"]
    # no bytecode is written, so that each call is one of ours
    command += [sys.executable, "-B", "-m", "reviewcast", "-q", "publish"]
    env = program.environ(CLOCK)
    return subprocess.run(command, cwd=show, env=env, capture_output=True, timeout=120)


def choose(total, most):
    return (
        range(1, total + 1)
        if FULL_SWEEP
        else sorted({1 + n * (total - 1) // most for n in range(most + 1)})
    )


@pytest.mark.parametrize(
    ("kind", "most"), [("write", 2), ("fsync", 1), ("rename", 2), ("unlink", 1), ("mkdir", 1)]
)
def test_killed_in_a_system_call(program, scene, tmp_path, kind, most):
    """Killed at a write, fsync, rename …: the live feed is sound, the next run ends golden."""
    before, golden, records, totals = scene
    kills = 0
    for moment in choose(totals[kind], most):
        show = tmp_path / "killed"
        shutil.copytree(before, show)
        code = run_traced(program, show, CALLS[kind], f"signal=KILL:when={moment}").returncode
        kills += code in {-signal.SIGKILL, 128 + signal.SIGKILL}
        check_live(show / "public")
        feed = (show / "public" / "feed.xml").read_bytes()
        assert feed in {golden["feed.xml"], (before / "public" / "feed.xml").read_bytes()}
        again = program.run("publish", cwd=show, env=CLOCK)
        assert again.code == 0, again.err
        assert read_tree(show / "public") == golden
        assert read_tree(show / "episodes") == records
        assert not list(show.rglob("*.part"))
        shutil.rmtree(show)
    assert kills >= 1


@pytest.mark.parametrize("kind", ["write", "fsync", "rename"])
def test_a_call_that_finds_the_disk_full(program, scene, tmp_path, kind):
    """ENOSPC anywhere is exit 6 and a sentence; what was live stays sound."""
    before, golden, _, totals = scene
    failed = 0
    for moment in choose(totals[kind], 2 if kind == "write" else 1):
        show = tmp_path / "full"
        shutil.copytree(before, show)
        done = run_traced(program, show, CALLS[kind], f"error=ENOSPC:when={moment}")
        assert done.returncode in {0, 6}, done.stderr
        assert b"Traceback" not in done.stderr
        failed += done.returncode == 6
        check_live(show / "public")
        assert program.run("publish", cwd=show, env=CLOCK).code == 0
        assert read_tree(show / "public") == golden
        shutil.rmtree(show)
    assert failed >= 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_a_result_that_finds_the_disk_full(program):
    """What is printed into a file on a full disk is no bug but exit 6."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            program.command("voices", "--json"),
            env=program.environ(),
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 6
    assert b"The disk is full." in done.stderr


def test_a_tiny_disk(program, tmp_path):
    """On a file system without room for the media the feed is not touched, and no part is left."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a file system cannot be mounted here")
    try:
        show = make_show(tmp_path / "show", more="[site]\npages = false\n")
        add_episode(show, "film-1", 1, "2026-10-01", audio=b"small" * 2000)
        assert program.run("publish", "--to", place / "x", cwd=show, env=CLOCK).code == 0
        before = read_tree(place / "x")
        add_episode(show, "film-2", 2, "2026-10-08", audio=b"large" * 250_000)
        done = program.run("publish", "--to", place / "x", cwd=show, env=CLOCK)
        assert done.code == 6, done.err
        assert "No space left" in done.err
        assert read_tree(place / "x")["feed.xml"] == before["feed.xml"]
        check_live(place / "x")
    finally:
        subprocess.run(["umount", str(place)], check=True)
