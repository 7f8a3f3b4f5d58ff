"""`reviewcast init` and a `build` without names, as users meet them."""

import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest
from tests.support.budget import FULL_SWEEP
from tests.support.program import Program
from tests.unit.jobs.test_new_show import FILES, list_files

from reviewcast.jobs.new_show import start_show


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "cache")


def write_review(path: Path, title: str, more: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ntitle: {title}\n{more}---\n\nIt begins, and it ends.\n")
    return path


def test_a_show_in_a_minute(program, tmp_path):
    """init, then build: the sample is an episode with the show's own cover and sounds."""
    from mutagen.id3 import ID3

    made = program.run("init", "late-returns", "--author", "Jo Critic", cwd=tmp_path)
    assert made.code == 0, made.err
    show = tmp_path / "late-returns"
    assert sorted(made.out.split()) == sorted(str(Path("late-returns", name)) for name in FILES)
    assert "Late returns" in made.err
    assert "reviewcast build" in made.err

    built = program.run("build", "--voice", "espeak", "--json", cwd=show)
    episode = built.episode
    path = Path(episode["path"])
    assert path == show / "episodes" / "the-general" / "the-general.mp3"
    tag = ID3(path)
    assert tag["TALB"].text == ["Late returns"]
    assert tag.getall("APIC")[0].data == (show / "cover.jpg").read_bytes()

    before = path.read_bytes()
    again = program.run("build", "--voice", "espeak", "--json", cwd=show / "reviews").episode
    assert (again["voiced"], again["blocks"]) == (0, again["blocks_reused"])
    assert path.read_bytes() == before


def test_nothing_is_asked_without_a_terminal(program, tmp_path):
    """With input from elsewhere everything has a default; --quiet tells nothing but the files."""
    result = program.run("-q", "init", "x", cwd=tmp_path, data=b"Not a title\n")
    assert (result.code, result.err) == (0, "")
    assert 'title = "X"' in (tmp_path / "x" / "podcast.toml").read_text(encoding="utf-8")


def test_a_terminal_is_asked(program, tmp_path):
    """On a terminal title, author, language and URL are asked for, with what is known."""
    if os.name == "nt":
        pytest.skip("there are no pseudo terminals")
    master, slave = pty.openpty()
    with subprocess.Popen(
        program.command("init", "x"),
        cwd=tmp_path,
        env=program.environ(),
        stdin=slave,
        stdout=subprocess.DEVNULL,
        stderr=slave,
    ) as process:
        os.close(slave)
        os.write(master, b"\nJo Critic\n\n\n")
        said = b""
        while True:
            try:
                chunk = os.read(master, 4096)
            except OSError:  # Linux says so at the end
                break
            if not chunk:
                break
            said += chunk
    os.close(master)
    assert process.returncode == 0
    assert b"Title [X]" in said
    text = (tmp_path / "x" / "podcast.toml").read_text(encoding="utf-8")
    assert 'title = "X"' in text
    assert 'author = "Jo Critic"' in text


def test_a_second_init_changes_nothing(program, tmp_path):
    """A show that is there is an error of usage."""
    assert program.run("init", tmp_path / "x").code == 0
    before = list_files(tmp_path / "x")
    result = program.run("init", tmp_path / "x", "--title", "Other")
    assert (result.code, result.out) == (2, "")
    assert "already" in result.err
    assert list_files(tmp_path / "x") == before


def test_kill_at_any_moment_leaves_nothing_half_made(program, tmp_path):
    """Kills all along the way: each file is whole or not there, and the next run does the rest."""
    golden = tmp_path / "golden"
    arguments = ("--title", "Wind", "--author", "Jo")
    touches = int(program.kill(0, "init", golden, *arguments).err.split()[-1])
    files = list_files(golden)
    assert sorted(files) == FILES
    kills = 0
    for moment in range(1, touches + 1, max(1, touches // (8 if FULL_SWEEP else 4))):
        show = tmp_path / f"show{moment}"
        kills += program.kill(moment, "init", show, *arguments).code == -signal.SIGKILL
        left = list_files(show) if show.is_dir() else {}
        whole = {name: data for name, data in left.items() if not name.endswith(".part")}
        assert whole.items() <= files.items()
        if "podcast.toml" in whole:
            assert whole == files
            continue
        assert start_show(show, title="Wind", author="Jo").kept == ()
        assert list_files(show) == files
    assert kills >= (7 if FULL_SWEEP else 3)


def test_a_blog_becomes_a_show(program, tmp_path):
    """--from finds the reviews of a blog; its build takes them from there, into the show."""
    blog = tmp_path / "blog"
    write_review(blog / "_posts" / "2026-01-02-one.md", "One", "rating: 4\n")
    write_review(blog / "_posts" / "2026-01-03-two.md", "Two", "tags: review\n")
    (blog / "_config.yml").write_text("title: Wind\n")
    made = program.run("init", "show", "--from", "blog", cwd=tmp_path)
    assert made.code == 0, made.err
    assert "Found 2 reviews among 2 texts of blog (Jekyll)" in made.err
    assert "in _posts: 2" in made.err
    show = tmp_path / "show"
    assert not (show / "reviews").exists()

    plan = program.run("build", "--plan", "--voice", "espeak", "--json", cwd=show).json
    assert [entry["title"] for entry in plan["plans"]] == ["One", "Two"]
    assert not (show / "episodes").exists()
    built = program.run("build", "--voice", "espeak", "--json", cwd=show)
    assert built.code == 0, built.err
    paths = [Path(episode["path"]) for episode in built.json["episodes"]]
    assert [path.parent.parent for path in paths] == [show / "episodes"] * 2
    assert {path.suffix for path in blog.rglob("*") if path.is_file()} == {".md", ".yml"}

    one = program.run(
        "build", "../blog/_posts/2026-01-02-one.md", "--voice", "espeak", "--json", cwd=show
    ).episode
    assert Path(one["path"]) == paths[0]
    assert one["voiced"] == 0


def test_build_without_names_needs_a_show(program, tmp_path):
    """Outside a show, or in one without reviews, it is an error of usage with a hint."""
    result = program.run("build", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "reviewcast init" in result.err
    (tmp_path / "podcast.toml").write_text('[show]\nreviews = ["texts/**/*.md"]\n')
    result = program.run("build", "--plan", cwd=tmp_path)
    assert result.code == 2
    assert "texts/**/*.md" in result.err


def test_patterns_of_a_show(program, tmp_path):
    """Each file is built once, in order, whichever patterns name it; folders are none."""
    show = tmp_path / "show"
    write_review(show / "texts" / "b" / "two.md", "Two")
    write_review(show / "texts" / "one.md", "One")
    (show / "texts" / "folder.md").mkdir()
    write_review(show / "public" / "page.md", "A page")
    write_review(show / "episodes" / "one" / "page.md", "A page")
    (show / "podcast.toml").write_text(
        '[show]\nreviews = ["texts/**/*.md", "**/*.md", "./texts/b/../one.md"]\n'
    )
    plans = program.run("build", "--plan", "--voice", "espeak", "--json", cwd=show).json["plans"]
    assert [plan["title"] for plan in plans] == ["Two", "One"]
    stranger = write_review(tmp_path / "three.md", "Three")
    result = program.run("build", stranger, "--voice", "espeak", "--json", cwd=show)
    assert Path(result.episode["path"]) == tmp_path / "three.mp3"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--language", "Klingonese"], "language"),
        (["--url", "example.org"], "web address"),
        (["--from", "none"], "no folder"),
    ],
)
def test_wishes_that_cannot_be(program, tmp_path, arguments, said):
    """What cannot be is said in a sentence, and nothing is written."""
    result = program.run("init", "x", *arguments, cwd=tmp_path)
    assert result.code == 2
    assert said in result.err
    assert "Traceback" not in result.err
    assert not (tmp_path / "x").exists()
