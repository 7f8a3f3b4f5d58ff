"""Several reviews at once: the same files as one after another, and one that fails stops none."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from tests.support.program import Program

from reviewcast.system.show_lock import lock_episode, lock_show


@pytest.fixture
def program(tmp_path):
    """Return the program with an empty cache of its own."""
    return Program(tmp_path / "cache")


ROOT = Path(__file__).parents[2]
BROKEN = b"\xff\xfe\x00\xd8 bad \x81"


def write_reviews(folder, count=4, *, broken=(2,)):
    """Write short reviews with dates; those of the numbers are no text, or far too long."""
    folder.mkdir(parents=True)
    for number in range(count):
        text = f"---\ntitle: Film {number}\ndate: 2026-01-0{number + 1}\n---\n\nFilm {number} ends."
        (folder / f"film-{number}.md").write_bytes(BROKEN if number in broken else text.encode())
    return folder


def make_show(folder, **options):
    """Make a show with an embedded voice, and its reviews."""
    write_reviews(folder / "reviews", **options)
    (folder / "podcast.toml").write_text('[show]\ntitle = "S"\n[voice]\nuse = ["espeak"]\n')
    return folder


def read_files(folder):
    """Return all that lies in a folder, but for what can be thrown away."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".reviewcast" not in path.parts
    }


@pytest.mark.parametrize("in_show", [True, False])
def test_the_same_files_as_one_after_another(program, tmp_path, in_show):
    """Numbers, too, when a review in the middle fails; and the results are told in their order."""
    found = []
    for jobs in (1, 2):
        # paths are in what is printed, so both lie under the same name
        folder = tmp_path / "here"
        make_show(folder) if in_show else write_reviews(folder / "reviews")
        given = [] if in_show else [f"reviews/film-{n}.md" for n in range(4)]
        result = program.run(
            "build", *given, "--voice", "espeak", "--jobs", str(jobs), "--json", cwd=folder,
            env={"REVIEWCAST_CACHE": str(tmp_path / f"cache-{jobs}")},
        )  # fmt: skip
        assert result.code == 3
        told = json.loads(result.out)
        del told["summary"]
        found.append((read_files(folder), told))
        folder.rename(tmp_path / f"jobs-{jobs}")
    assert found[0][0] == found[1][0]
    episodes = found[1][1]["episodes"]
    assert [one["title"] for one in episodes] == ["Film 0", "Film 1", "Film 3"]
    assert [one["track"] for one in episodes] == ([1, 2, 3] if in_show else [1, 1, 1])
    assert len(found[1][1]["failed"]) == 1
    assert [one["path"] for one in found[0][1]["episodes"]] == [one["path"] for one in episodes]


def test_what_reviews_share_is_voiced_once(program, tmp_path):
    """Also when both are begun at the same time: one speaks it, the other waits for it."""
    show = make_show(tmp_path / "show", count=6, broken=())
    with (show / "podcast.toml").open("a", encoding="utf-8") as file:
        file.write('[split]\nopening = ["Welcome to the show."]\nclosing = ["That is all."]\n')
    result = program.run("build", "--jobs", "2", "--json", cwd=show)
    assert result.code == 0, result.err
    takes = [path for path in (program.cache / "takes").rglob("*") if path.is_file()]
    assert sum(one["voiced"] for one in result.json["episodes"]) == len(takes)


def test_what_is_built_elsewhere_is_refused_by_its_name(program, tmp_path):
    """Another run has one review in hand: exit 7 for that, and the others are built."""
    show = make_show(tmp_path / "show", broken=())
    with lock_episode(show, str(show / "reviews/film-1.md")):
        result = program.run("build", "--jobs", "2", "--json", cwd=show)
    assert result.code == 3
    told = json.loads(result.out)
    assert [one["title"] for one in told["episodes"]] == ["Film 0", "Film 2", "Film 3"]
    assert [one["exit_code"] for one in told["failed"]] == [7]
    assert "builds reviews/film-1.md" in told["failed"][0]["error"]


def test_a_show_that_is_held_is_not_built(program, tmp_path):
    """A run that publishes, for example, is told of before anything is spoken."""
    show = make_show(tmp_path / "show", count=2, broken=())
    with lock_show(show):
        result = program.run("build", cwd=show)
    assert result.code == 7
    assert not (show / "episodes").exists()


def test_only_what_has_changed(program, tmp_path):
    """What is as it was is left out, also when its edits or the settings are what has changed."""
    show = make_show(tmp_path / "show", count=3, broken=())

    def plan(*options):
        result = program.run("build", "--plan", "--json", *options, cwd=show)
        assert result.code == 0, result.err
        return [one["title"] for one in json.loads(result.out)["plans"]]

    assert program.run("build", "reviews/film-0.md", cwd=show).code == 0
    assert plan("--changed") == ["Film 1", "Film 2"]
    assert plan("--limit", "1") == ["Film 0", "Film 1"][1:]
    assert plan("--since", "2026-01-03") == ["Film 2"]
    assert program.run("build", "reviews/film-0.md", "--changed", cwd=show).out == ""
    (show / "reviews/film-0.edits.toml").write_text("# looked at\n")
    assert plan("--changed", "--limit", "1") == ["Film 0"]


def test_dates_are_asked_of_those_that_have_one(program, tmp_path):
    """What has no date is left out, and counted."""
    folder = write_reviews(tmp_path / "reviews", count=2, broken=())
    (folder / "undated.md").write_text("# Undated\n\nIt ends.\n")
    files = sorted(str(path) for path in folder.iterdir())
    result = program.run("build", "--plan", "--json", "--since", "2026-01-02", *files)
    assert [one["title"] for one in json.loads(result.out)["plans"]] == ["Film 1"]
    assert "1 without a date" in result.err
    assert "1 before 2026-01-02" in result.err


def test_a_killed_run_goes_on(program, tmp_path):
    """Killed when the first episode is there, the next run has the files of one never killed."""
    whole = make_show(tmp_path / "whole", broken=())
    env = {"REVIEWCAST_CACHE": str(tmp_path / "cache-whole")}
    assert program.run("build", "--jobs", "1", cwd=whole, env=env).code == 0
    show = make_show(tmp_path / "show", broken=())
    command = program.command("build", "--jobs", "2")
    running = subprocess.Popen(
        command, cwd=show, env=program.environ({}), stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    for line in running.stderr:
        if line.startswith(b"Building: 1 "):
            break
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert program.run("build", "--jobs", "2", cwd=show).code == 0
    assert read_files(show) == read_files(whole)
    assert not list(show.rglob("*.part"))


def make_tone_show(folder, **options):
    """Make a show that a plug-in's voice speaks; return it, and the variables of its program."""
    info = folder / "package" / "tone-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tone\nVersion: 1\n")
    entry = "[reviewcast.voices]\ntone = tests.support.tones:ToneVoice\n"
    (info / "entry_points.txt").write_text(entry)
    show = make_show(folder / "show", count=6, **options)
    (show / "podcast.toml").write_text(
        f'[show]\ntitle = "S"\n[voice]\nuse = ["tone"]\n[voice.tone]\nfolder = "{folder}"\n'
    )
    path = os.pathsep.join([str(info.parent), str(ROOT)])
    return show, {"PYTHONPATH": path, "REVIEWCAST_TRUST": "1"}


def test_an_interrupted_run_ends_what_is_in_hand(program, tmp_path):
    """It says how to go on, exits with 130, and the next run builds the others alone."""
    show, env = make_tone_show(tmp_path, broken=())
    for number in range(1, 6):
        (show / f"reviews/film-{number}.md").write_text(f"# Film {number}\n\nHOLD it. It ends.\n")
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    with subprocess.Popen(
        program.command("build", "--jobs", "2"),
        cwd=show,
        env=program.environ(env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        wait_for_line(run, "Building: 1 ")
        run.send_signal(signal.SIGINT)
        wait_for_line(run, "Finishing the episodes in progress")
        opened = os.open(gate, os.O_RDWR)
        try:
            said = run.communicate(timeout=300)[1]
            assert run.returncode == 130, said
            assert "Go on: reviewcast build" in said
            built = len(list((show / "episodes").iterdir()))
            assert built in {3, 4}  # another one was handed over when the key was pressed
            again = program.run("build", "--changed", "--json", cwd=show, env=env)
        finally:
            os.close(opened)
    assert again.code == 0, again.err
    assert [one["title"] for one in again.json["episodes"]] == [
        f"Film {number}" for number in range(built, 6)
    ]


def wait_for_line(run, start):
    """Read what a run says up to a line that begins so."""
    for line in run.stderr:
        if line.startswith(start):
            return
    pytest.fail(f"it ended without saying {start}")


def test_poisoned_reviews_are_named_and_stop_no_other(program, tmp_path):
    """One that kills its process, one that is no text, one of 5 MB: exit 3, the others are there.

    What kills a process once is built by the next one.
    """
    show, env = make_tone_show(tmp_path, broken=(4,))
    reviews = show / "reviews"
    (reviews / "film-1.md").write_text("# Film 1\n\nIt begins well. And here all DIE of it.\n")
    (reviews / "film-2.md").write_text("# Film 2\n\nIt begins well. And here some DIE ONCE.\n")
    (reviews / "film-3.md").write_bytes(b"a " * 2_500_000)
    result = program.run("build", "--jobs", "2", "--json", cwd=show, env=env)
    assert result.code == 3, result.err
    failed = {one["review"]: one["error"] for one in result.json["failed"]}
    assert set(failed) == {f"reviews/film-{number}.md" for number in (1, 3, 4)}
    assert "ended its process 3 times at segment" in failed["reviews/film-1.md"]
    assert "DIE of it" in failed["reviews/film-1.md"]
    titles = {one["title"] for one in result.json["episodes"]}
    assert titles == {"Film 0", "Film 2", "Film 5"}
    assert result.json["summary"]["built"] == result.json["summary"]["failed"] == 3


def test_two_that_would_become_one_file(program, tmp_path):
    """The first of the command is built, the second is refused, whichever is done first."""
    for folder in ("a", "b"):
        write_reviews(tmp_path / folder, count=1, broken=())
    (tmp_path / "out").mkdir()
    files = [f"{folder}/film-0.md" for folder in ("b", "a")]
    result = program.run(
        "build", *files, "-o", "out", "--voice", "espeak", "--jobs", "2", "--json", cwd=tmp_path
    )
    assert result.code == 3
    assert [one["review"] for one in result.json["failed"]] == ["a/film-0.md"]
    assert "would both become" in result.json["failed"][0]["error"]
