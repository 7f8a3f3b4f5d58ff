"""README, manual and help: short, whole, led by links that hold, and every command runs."""

import glob
import os
import re
import shlex
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.support.exports import make_letterboxd, make_truth
from tests.support.foreign_show import OldHost

import reviewcast
from reviewcast.cli import group
from reviewcast.cli.examples import EXAMPLES

ROOT = Path(__file__).parents[2]
PACKAGE = Path(reviewcast.__file__).parent  # it may be installed elsewhere
MANUAL = PACKAGE / "resources/manual"
PAGES = [ROOT / "README.md", ROOT / ".github/CONTRIBUTING.md", *sorted(MANUAL.glob("*.md"))]
COMMANDS = group.list_commands(click.Context(group))
PARAGRAPHS = "\n\n".join(f"Paragraph {number} has seen Annabelle Lee." for number in range(9))
TALE = f"# Heat\n\n{PARAGRAPHS}\n\n## Verdict\n\nA heist: see it. Twice.\n"
# what waits for a browser, a client or an answer, and what needs a store or a service of the web
NOT_RUN = re.compile(
    r"--web|^serve|^tell|s3://|sftp://|^check https:|gtts|^cache clear$|^voices --measure"
)


def read_lines(path: Path) -> list[str]:
    """Return the command lines of a page's shell blocks that call the program."""
    blocks = re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if "reviewcast " in line and "scripts/" not in line]


def split_line(line: str) -> list[str]:
    """Return the program's arguments in a line of a shell: what follows cd, a pipe, a redirect."""
    line = re.split(r"reviewcast ", line, maxsplit=1)[1].partition(" >")[0]
    words = shlex.split(line)
    return [found for word in words for found in sorted(glob.glob(word)) or [word]]


def is_run(line: str) -> bool:
    return not NOT_RUN.search(line.removeprefix("reviewcast "))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    """Each link and picture within the project is there, and a manual leads only to its own."""
    text = path.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for target in targets:
        if not target.startswith(("https://", "#")):
            inside = target.partition("src/reviewcast/")[2]
            found = PACKAGE / inside if inside else path.parent / target
            assert found.resolve().is_file(), target
            assert path.parent != MANUAL or "/" not in target, target


def test_readme_is_short_and_small():
    """At most 150 lines, and pictures that load at once."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
    for name in ("preview.png", "waveform.svg"):
        assert (ROOT / ".github" / name).stat().st_size < 150_000


def test_every_command_is_documented():
    """No command is missing from the README and the manual."""
    text = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    for name in COMMANDS:
        assert f"reviewcast {name}" in text


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_lines_are_understood(path):
    """Each command line of a page is one that the program takes."""
    for line in read_lines(path):
        words = split_line(line)
        main = click.Context(group, obj=False)
        found = group.get_command(main, words[0])
        assert found, line
        try:
            found.make_context(words[0], words[1:], parent=main)
        except click.UsageError as error:
            pytest.fail(f"{line}: {error.format_message()}")


@pytest.fixture
def show(tmp_path, monkeypatch):
    """A folder with all that the examples name; the network and the player are no real ones."""
    if os.name == "nt":
        pytest.skip("the stand-in for a player is a shell script")
    player = tmp_path / "bin/ffplay"
    player.parent.mkdir()
    player.write_text("#!/bin/sh\nexit 0\n")
    player.chmod(0o755)
    home = tmp_path / "home"
    for folder in (home / "blog", home / "my-blog"):
        (folder / "_posts").mkdir(parents=True)
        (folder / "_config.yml").write_text("title: Blog\n")
        post = f"---\nrating: 4/5\n---\n{TALE}"
        (folder / "_posts/2026-01-02-heat-review.md").write_text(post)
    show = tmp_path / "show"
    (show / "reviews").mkdir(parents=True)
    (show / "out").mkdir()
    (show / "episodes").mkdir()
    (show / "podcast.toml").write_text(
        '[show]\ntitle = "Films"\nauthor = "Jo"\nurl = "https://example.org/show/"\n'
        'description = "What we saw."\nemail = "jo@example.org"\n'
        'reviews = ["*.md"]\n'
        '[publish]\nto = "public"\n[stitch]\nintro = ""\noutro = ""\nsting = ""\n'
    )
    (show / "letterboxd.zip").write_bytes(make_letterboxd(make_truth(3).viewings))
    for name in ("heat", "reviews/other"):
        (show / f"{name}.md").write_text(TALE)
    settings = {
        "PATH": str(player.parent),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "REVIEWCAST_CACHE": str(tmp_path / "cache"),
        "REVIEWCAST_VOICE": "espeak",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(show)
    return show


@pytest.fixture
def old_feed():
    with OldHost().serve() as host:
        host.put_show()
        yield f"{host.base}/feed"


def run(line: str, old_feed: str) -> None:
    """Run a line that is documented; in place of the feeds that it names there is one."""
    line = line.replace("~/", f"{os.environ['HOME']}/")
    line = re.sub(r"old\.xml|https://old\.example/feed\.xml", old_feed, line)
    words = split_line(line)
    if words[0] == "init":  # a show is begun where there is none
        fresh = Path.cwd() / f"fresh-{len(list(Path.cwd().iterdir()))}"
        fresh.mkdir()
        words = ["init", str(fresh), *(word for word in words[1:] if word != "my-show")]
    done = CliRunner().invoke(group, words, standalone_mode=False, catch_exceptions=True)
    code = getattr(done.exception, "exit_code", done.exit_code) or done.return_value or 0
    assert code == 0, f"{line}: {done.output} {done.exception!r}"


def test_the_examples_run(show, old_feed):
    """Each line under Examples of each command does in a prepared show what it says."""
    for line in (
        "build",
        *(line for lines in EXAMPLES.values() for line, _ in lines),
    ):
        if line.startswith("reviewcast import"):  # into a show that has nothing yet
            shutil.rmtree(show / "episodes", ignore_errors=True)
        if line.startswith("reviewcast unpublish"):
            run("reviewcast publish", old_feed)
        if is_run(line):
            run(f"reviewcast {line.removeprefix('reviewcast ')}", old_feed)
    assert (show / "heat.mp3").exists() or list((show / "episodes").glob("*/*.mp3"))


def test_the_readme_runs(show, old_feed):
    """So does each line of the README, from a new show on."""
    (show / "heat.md").rename("review.md")
    (show / "old-film.md").write_text(TALE.replace("Heat", "An old film"))
    run("reviewcast build", old_feed)
    for line in read_lines(ROOT / "README.md"):
        if is_run(line.partition("reviewcast ")[2]):
            run(line, old_feed)
    assert len(list(show.glob("fresh-*/podcast.toml"))) == 2
    assert (show / "public/feed.xml").exists()
