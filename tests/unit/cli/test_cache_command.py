"""`reviewcast cache` as users meet it: what it shows, what it removes, what it never touches."""

import os
import time
from pathlib import Path

import pytest
from tests.support.program import Program, be_main

from reviewcast.jobs.batch import build_batch
from reviewcast.system.cache import Cache
from reviewcast.system.show_lock import lock_show

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
    """The program with a copy of that cache without receipts; its files bear the time of now."""
    import shutil

    shutil.copytree(
        filled,
        tmp_path / "cache",
        copy_function=shutil.copyfile,
        ignore=shutil.ignore_patterns("receipts"),
    )
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
        assert result.json["unused"][kind] == result.json[kind]
    assert (result.json["owner"], result.json["episodes"]) == ("variable", 0)
    build(program, tmp_path)
    out = program.run("cache", cwd=tmp_path).out.splitlines()
    assert out[:2] == [str(program.cache), "named by a variable; 1 episode uses it"]
    for kind, line in zip(("takes", "blocks", "receipts", "scripts"), out[2:], strict=True):
        assert line.split()[:2] == [kind, str(len(list_entries(program, kind)))]
        assert "0 used by no episode" in line


def test_a_cache_that_is_not_there_is_empty_and_stays_away(tmp_path):
    """To look, to prune or to clear makes no folder."""
    program = Program(tmp_path / "cache")
    for arguments in (["cache"], ["cache", "prune", "--older", "1"], ["cache", "clear", "--yes"]):
        result = program.run(*arguments, "--json", cwd=tmp_path)
        assert result.code == 0
        assert result.json["takes"] == {"entries": 0, "size_bytes": 0}
    assert not program.cache.exists()


# --- whose it is


@pytest.fixture
def user(tmp_path: Path) -> Program:
    """The program of a user whose cache folder is below tmp_path."""
    home = tmp_path / "home"
    home.mkdir()
    return User(home)


class User(Program):
    """The program without REVIEWCAST_CACHE; `cache` is the user's home."""

    def environ(self, extra=None):
        places = ("HOME", "XDG_CACHE_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA")
        mine = dict.fromkeys(places, str(self.cache)) | {"REVIEWCAST_CACHE": ""}
        return super().environ(mine | dict(extra or {}))


def make_show(folder: Path, settings: str = "") -> Path:
    folder.mkdir()
    (folder / "podcast.toml").write_text(settings)
    (folder / "tale.md").write_text(TALE)
    return folder


def test_all_shows_share_one_cache(user, tmp_path):
    """What one show has spoken, the next one does not speak; lock and ledger stay with each."""
    one, two = make_show(tmp_path / "one"), make_show(tmp_path / "two")
    first = build(user, one)
    assert first["voiced"] == first["segments"]
    again = build(user, two)
    assert (again["voiced"], again["blocks_reused"]) == (0, again["blocks"])
    assert again["sha256"] == first["sha256"]
    here, there = (user.run("cache", "--json", cwd=show).json for show in (one, two))
    assert here == there == user.run("cache", "--json", cwd=tmp_path).json
    assert Path(here["folder"]).is_relative_to(user.cache)
    assert (here["owner"], here["episodes"]) == ("shared", 2)
    assert here["takes"]["entries"] == first["segments"]
    for show in (one, two):
        kept = {path.name for path in (show / ".reviewcast").iterdir()}
        assert kept == {"lock", "save.lock", "building", "CACHEDIR.TAG", ".gitignore"}
    lines = user.run("cache", cwd=one).out.splitlines()
    assert lines[1] == "shared by all shows; 2 episodes use it"


def test_a_show_has_its_own_when_its_settings_say_so(user, tmp_path):
    """Its own folder is filled, counted and cleared, and what else lies there is kept."""
    build(user, make_show(tmp_path / "one"))
    show = make_show(tmp_path / "two", '[cache]\nfolder = ".reviewcast"\n')
    segments = build(user, show)["segments"]
    ledger = show / ".reviewcast" / "published" / "aa" / "0.json"
    ledger.parent.mkdir(parents=True)
    ledger.write_text("{}")
    shown = user.run("cache", "--json", cwd=show).json
    assert Path(shown["folder"]) == show / ".reviewcast"
    assert (shown["owner"], shown["episodes"]) == ("show", 1)
    assert shown["takes"]["entries"] == segments
    cleared = user.run("cache", "clear", "--yes", "--json", cwd=show).json
    assert cleared["removed"]["takes"] == shown["takes"]
    assert [cleared[kind]["entries"] for kind in ("takes", "blocks", "receipts")] == [0, 0, 0]
    assert ledger.exists()
    assert (show / "episodes" / "tale" / "tale.mp3").exists()
    assert user.run("cache", "--json", cwd=tmp_path / "one").json["takes"]["entries"] == segments


def test_the_variable_goes_before_the_settings(user, tmp_path):
    """REVIEWCAST_CACHE wins over [cache] folder, and that over the user's folder."""
    show = make_show(tmp_path / "show", '[cache]\nfolder = "mine"\n')
    env = {"REVIEWCAST_CACHE": str(tmp_path / "named")}
    shown = user.run("cache", "--json", cwd=show, env=env).json
    assert (shown["folder"], shown["owner"]) == (str(tmp_path / "named"), "variable")
    shown = user.run("cache", "--json", cwd=show).json
    assert (shown["folder"], shown["owner"]) == (str(show / "mine"), "show")
    env = {"REVIEWCAST_CACHE_FOLDER": str(tmp_path / "other")}
    assert user.run("cache", "--json", cwd=show, env=env).json["folder"] == str(tmp_path / "other")


def test_a_show_of_an_earlier_version_keeps_its_takes(user, tmp_path):
    """What was spoken into .reviewcast is found there; when it is removed, the show shares."""
    import shutil

    show = make_show(tmp_path / "show", '[cache]\nfolder = ".reviewcast"\n')
    before = build(user, show)
    (show / "podcast.toml").write_text("")
    shutil.rmtree(show / "episodes")
    shutil.rmtree(show / ".reviewcast" / "receipts")
    after = build(user, show)
    assert (after["voiced"], after["sha256"]) == (0, before["sha256"])
    assert user.run("cache", "--json", cwd=show).json["owner"] == "show"
    shutil.rmtree(show / ".reviewcast" / "takes")
    assert build(user, show)["voiced"] == before["segments"]
    assert user.run("cache", "--json", cwd=show).json["owner"] == "shared"


@pytest.mark.parametrize("folder", [".", "..", "x/..", "{show}", "/", "\\u0000"])
def test_a_cache_that_would_hold_the_show(user, tmp_path, folder):
    """The show's folder, or one above it, is marked as throw-away by nobody: exit 4."""
    show = make_show(tmp_path / "show")
    folder = folder.format(show=show.as_posix())
    (show / "podcast.toml").write_text(f'[cache]\nfolder = "{folder}"\n')
    for arguments in (["cache"], ["build", "tale.md", "--voice", "espeak"]):
        result = user.run(*arguments, cwd=show)
        assert result.code == 4
        assert "[cache] folder" in result.err
        assert "Traceback" not in result.err
    assert {path.name for path in show.iterdir()} == {"podcast.toml", "tale.md"}


# --- what no episode uses


def test_prune_unused_keeps_what_an_episode_needs(program, tmp_path):
    """The kept episode is built again without a word spoken; that of the deleted one is gone."""
    kept = build(program, tmp_path)
    (tmp_path / "other.md").write_text("# Another\n\nIt is told.\n\nAnd told again.\n")
    other = program.run("build", tmp_path / "other.md", "--voice", "espeak", "--json").episode
    shown = program.run("cache", "--json", cwd=tmp_path).json
    assert shown["episodes"] == 2
    (tmp_path / "other.mp3").unlink()
    shown = program.run("cache", "--json", cwd=tmp_path).json
    assert shown["episodes"] == 1
    # the last line of both is the same
    assert shown["unused"]["takes"]["entries"] == other["segments"] - 1

    # what is young stays
    result = program.run("cache", "prune", "--unused", "--json", cwd=tmp_path)
    assert [result.json["removed"][kind]["entries"] for kind in ("takes", "blocks")] == [0, 0]

    for path in list_entries(program):
        make_old(path, 3)
    result = program.run("cache", "prune", "--unused", "--older", "9", "--json", cwd=tmp_path)
    assert result.json["removed"]["takes"]["entries"] == 0
    out = program.run("cache", "prune", "--unused", cwd=tmp_path).out.splitlines()
    assert f"{other['segments'] - 1} removed" in out[1]
    assert "1 removed" in out[3]
    assert out[5].startswith("freed ")
    shown = program.run("cache", "--json", cwd=tmp_path).json
    assert {kind: one["entries"] for kind, one in shown["unused"].items()} == {
        "takes": 0, "blocks": 0, "receipts": 0, "scripts": 0,
    }  # fmt: skip
    again = build(program, tmp_path)
    assert (again["voiced"], again["blocks_reused"]) == (0, again["blocks"])
    assert again["sha256"] == kept["sha256"]
    other = program.run("build", tmp_path / "other.md", "--voice", "espeak", "--json").episode
    assert other["voiced"] == other["segments"] - 1


def test_a_build_in_place_of_another_lets_its_takes_go(program, tmp_path):
    """What a sentence said before it was changed is used by nobody any more."""
    build(program, tmp_path)
    (tmp_path / "tale.md").write_text(TALE.replace("slowly", "quickly"))
    assert build(program, tmp_path)["voiced"] == 1
    for path in list_entries(program):
        make_old(path, 3)
    result = program.run("cache", "prune", "--unused", "--json", cwd=tmp_path)
    assert result.json["removed"]["takes"]["entries"] == 1
    assert build(program, tmp_path)["voiced"] == 0


def test_prune_needs_to_know_what(program, tmp_path):
    """Without an option nothing is removed: exit 2."""
    result = program.run("cache", "prune", cwd=tmp_path)
    assert result.code == 2
    assert "--unused" in result.err


@pytest.mark.parametrize("kind", ["takes", "receipts"])
def test_a_folder_that_cannot_be_read(program, tmp_path, kind):
    """A file in place of a store is a sentence, exit 6, and nothing is removed."""
    import shutil

    shutil.rmtree(program.cache / kind, ignore_errors=True)
    (program.cache / kind).write_bytes(b"")
    before = list_entries(program)
    for arguments in (["cache"], ["cache", "prune", "--unused"], ["cache", "clear", "--yes"]):
        if (kind, arguments[1:2]) == ("receipts", ["clear"]):
            continue
        result = program.run(*arguments, cwd=tmp_path)
        assert result.code == 6
        assert f"Cannot read {program.cache / kind}" in result.err
        assert "Traceback" not in result.err
    assert list_entries(program) == before


@pytest.mark.parametrize("options", [{}, {"only_unused": True}], ids=["all", "unused"])
def test_a_build_while_all_is_removed(program, tmp_path, monkeypatch, options):
    """It ends well all the same, and what is made again later has the same bytes."""
    before = build(program, tmp_path)
    monkeypatch.setenv("REVIEWCAST_CACHE", str(program.cache))
    cache = Cache(program.cache)
    removed = []

    def remove(event):
        if len(removed) < 9:  # as it goes on, the build gives up at last
            removed.append(event)
            cache.remove(**options)

    with be_main():
        batch = build_batch(
            [str(tmp_path / "tale.md")],
            output=tmp_path / "disturbed.mp3",
            voice="espeak",
            force=True,
            notify=remove,
        )
    assert len(removed) > 3
    assert batch.failed == ()
    assert build(program, tmp_path)["sha256"] == before["sha256"]


# --- what is removed


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
