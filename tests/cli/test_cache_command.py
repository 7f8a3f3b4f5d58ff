"""`reviewcast cache` as users meet it: what it shows, what it removes, what it never touches."""

import os
import time
from pathlib import Path

import pytest
from tests.support.program import Program

from reviewcast.workspace import lock_show

DAY_S = 86_400
TALE = "# A tale\n\nIt begins slowly.\n\nAnd it ends.\n"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that a build has filled."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "tale.md").write_text(TALE)
    result = Program(folder / "cache").run("build", folder / "tale.md", "--voice", "espeak")
    assert result.code == 0, result.err
    return folder / "cache"


@pytest.fixture
def program(filled: Path, tmp_path: Path) -> Program:
    """The program with a copy of that cache, whose files bear the time of now."""
    import shutil

    shutil.copytree(filled, tmp_path / "cache", copy_function=shutil.copyfile)
    (tmp_path / "tale.md").write_text(TALE)
    return Program(tmp_path / "cache")


def list_entries(program: Program, kind: str = "*") -> list[Path]:
    return sorted(program.cache.glob(f"{kind}/??/" + "[0-9a-f]" * 64))


def make_old(path: Path, days: float) -> None:
    then = time.time() - days * DAY_S
    os.utime(path, (then, then))


def build(program: Program, tmp_path: Path):
    arguments = ("build", tmp_path / "tale.md", "--voice", "espeak", "--json")
    return program.run(*arguments).episode


def test_it_shows_the_folder_and_what_is_in_it(program, tmp_path):
    """Folder, number and bytes are those of the disk, on paper and as JSON."""
    result = program.run("cache", "--json", cwd=tmp_path)
    assert result.code == 0
    assert result.json["folder"] == str(program.cache)
    for kind in ("takes", "blocks"):
        entries = list_entries(program, kind)
        assert entries
        assert result.json[kind] == {
            "entries": len(entries),
            "size_bytes": sum(path.stat().st_size for path in entries),
        }
    out = program.run("cache", cwd=tmp_path).out.splitlines()
    assert out[0] == str(program.cache)
    assert out[1].split()[:2] == ["takes", str(len(list_entries(program, "takes")))]
    assert out[2].split()[:2] == ["blocks", str(len(list_entries(program, "blocks")))]


def test_a_cache_that_is_not_there_is_empty_and_stays_away(tmp_path):
    """To look, to prune or to clear makes no folder."""
    program = Program(tmp_path / "cache")
    for arguments in (["cache"], ["cache", "prune", "--older", "1"], ["cache", "clear", "--yes"]):
        result = program.run(*arguments, "--json", cwd=tmp_path)
        assert result.code == 0
        assert result.json["takes"] == {"entries": 0, "size_bytes": 0}
    assert not program.cache.exists()


def test_a_show_has_a_cache_of_its_own(tmp_path):
    """Inside a show its own folder is counted and cleared, and what else lies there is kept."""
    (tmp_path / "podcast.toml").write_text("")
    (tmp_path / "tale.md").write_text(TALE)
    env = {"REVIEWCAST_CACHE": ""}
    program = Program(tmp_path / "none")
    arguments = ("build", tmp_path / "tale.md", "--voice", "espeak", "--json")
    segments = program.run(*arguments, env=env).episode["segments"]
    ledger = tmp_path / ".reviewcast" / "published" / "aa" / "0.json"
    ledger.parent.mkdir(parents=True)
    ledger.write_text("{}")
    shown = program.run("cache", "--json", cwd=tmp_path, env=env).json
    assert Path(shown["folder"]) == tmp_path / ".reviewcast"
    assert shown["takes"]["entries"] == segments
    cleared = program.run("cache", "clear", "--yes", "--json", cwd=tmp_path, env=env).json
    assert cleared["removed"]["takes"] == shown["takes"]
    assert cleared["takes"]["entries"] == cleared["blocks"]["entries"] == 0
    assert ledger.exists()
    assert (tmp_path / "episodes" / "tale" / "tale.mp3").exists()


def test_prune_removes_what_was_not_used_for_so_long(program, tmp_path):
    """Only old entries go; the next build makes just those anew and gives the same bytes."""
    before = build(program, tmp_path)
    old, young = list_entries(program, "takes")[:2]
    make_old(old, 40)
    make_old(young, 20)
    result = program.run("cache", "prune", "--older", "30", "--json", cwd=tmp_path)
    assert result.json["removed"]["takes"]["entries"] == 1
    assert result.json["removed"]["blocks"]["entries"] == 0
    assert not old.exists()
    assert young.exists()
    after = build(program, tmp_path)
    assert (after["voiced"], after["sha256"]) == (1, before["sha256"])


def test_a_build_marks_what_it_uses(program, tmp_path):
    """What is old but used by the last build is kept by the next prune."""
    for path in list_entries(program):
        make_old(path, 400)
    assert build(program, tmp_path)["voiced"] == 0
    result = program.run("cache", "prune", "--older", "1", "--json", cwd=tmp_path)
    assert result.json["removed"]["takes"]["entries"] == 0
    assert result.json["removed"]["blocks"]["entries"] == 0


def test_clear_asks_for_yes_without_a_terminal(program, tmp_path):
    """Nobody can answer: exit 2 says what to add, and nothing is removed."""
    before = list_entries(program)
    result = program.run("cache", "clear", cwd=tmp_path)
    assert result.code == 2
    assert "--yes" in result.err
    assert list_entries(program) == before


@pytest.mark.skipif(os.name == "nt", reason="there are no such terminals there")
@pytest.mark.parametrize(("answer", "code"), [(b"n\n", 130), (b"y\n", 0)])
def test_clear_asks_on_a_terminal(program, tmp_path, answer, code):
    """It names number and size, and does what the answer says."""
    import pty
    import subprocess

    before = list_entries(program)
    mine, theirs = pty.openpty()
    try:
        os.write(mine, answer)
        done = subprocess.run(
            program.command("cache", "clear"),
            env=program.environ(),
            cwd=tmp_path,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            check=False,
            timeout=60,
        )
        asked = os.read(mine, 4096).decode()
    finally:
        os.close(mine)
        os.close(theirs)
    assert f"Remove {len(before)} files" in asked
    assert done.returncode == code
    assert list_entries(program) == ([] if code == 0 else before)


def test_only_entries_are_ever_removed(program, tmp_path):
    """Whatever else lies in the folders, or looks almost like an entry, stays."""
    name = "ab" + "0" * 62
    folder = program.cache / "takes"
    strange = [
        folder / "notes.txt",
        folder / name,
        folder / "ab" / "notes.txt",
        folder / "ab" / name[:-1],
        folder / "ab" / name.upper(),
        folder / "ab" / ("cd" + "0" * 62),
        folder / "abc" / name,
        program.cache / "published" / "ab" / name,
    ]
    blocks = program.cache / "blocks"
    free = next(two for two in map("{:02x}".format, range(256)) if not (blocks / two).exists())
    outside = tmp_path / "outside" / (free + "0" * 62)
    strange.append(outside)
    for path in strange:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    (folder / "ab" / name).mkdir()
    if os.name != "nt":
        (folder / "ab" / ("ab" + "1" * 62)).symlink_to(outside)
        (blocks / free).symlink_to(outside.parent)
    assert program.run("cache", "clear", "--yes", cwd=tmp_path).code == 0
    assert all(path.read_text() == "mine" for path in strange)
    assert (folder / "ab" / name).is_dir()
    shown = program.run("cache", "--json", cwd=tmp_path).json
    assert shown["takes"]["entries"] == shown["blocks"]["entries"] == 0
    assert (program.cache / "CACHEDIR.TAG").exists()


@pytest.mark.parametrize("tag", [None, "Signature: of another kind"])
def test_a_folder_without_the_tag_is_left_alone(program, tmp_path, tag):
    """A folder that does not say that it is a cache is not touched: exit 6."""
    (program.cache / "CACHEDIR.TAG").unlink()
    if tag:
        (program.cache / "CACHEDIR.TAG").write_text(tag)
    before = list_entries(program)
    for arguments in (["clear", "--yes"], ["prune", "--older", "1"]):
        result = program.run("cache", *arguments, cwd=tmp_path)
        assert result.code == 6
        assert "CACHEDIR.TAG" in result.err
    assert list_entries(program) == before


def test_a_show_at_work_keeps_its_cache(program, tmp_path):
    """While another run holds the show, nothing is removed: exit 7; to look is free."""
    (tmp_path / "podcast.toml").write_text("")
    before = list_entries(program)
    with lock_show(tmp_path):
        assert program.run("cache", "clear", "--yes", cwd=tmp_path).code == 7
        assert program.run("cache", "prune", "--older", "1", cwd=tmp_path).code == 7
        assert program.run("cache", cwd=tmp_path).code == 0
    assert list_entries(program) == before


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "1e9", "99999999999999999999"])
def test_days_that_are_none(program, tmp_path, days):
    """An age that cannot be meant is refused: exit 2."""
    result = program.run("cache", "prune", "--older", days, cwd=tmp_path)
    assert result.code == 2
    assert "Traceback" not in result.err


def test_json_may_stand_before_the_subcommand(program, tmp_path):
    """`cache --json clear` is `cache clear --json`."""
    assert program.run("cache", "--json", "clear", "--yes", cwd=tmp_path).json["removed"]
