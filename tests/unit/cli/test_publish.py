"""`reviewcast publish` and `unpublish`, as typed."""

import json
import shutil

import pytest
from tests.support.program import Program
from tests.support.show import add_episode, make_show

CLOCK = {"SOURCE_DATE_EPOCH": "1795000000"}  # 2026-11-18


@pytest.fixture
def program(tmp_path):
    """The program with a cache of its own."""
    return Program(tmp_path / "cache")


@pytest.fixture
def show(tmp_path):
    """A show of two finished episodes."""
    folder = make_show(tmp_path / "show")
    add_episode(folder, "film-1", 1, "2026-10-01")
    add_episode(folder, "film-2", 2, "2026-10-08")
    return folder


def test_publish_tells_what_it_did(program, show):
    """The result is on stdout, progress on stderr; the second run has nothing to do."""
    result = program.run("publish", cwd=show, env=CLOCK)
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[:2] == ["feed: + Film 2", "feed: + Film 1"]
    assert lines[2].startswith("https://example.org/podcast/feed.xml: 2 episodes, ")
    assert "Uploading: " in result.err
    again = program.run("publish", cwd=show / "episodes", env=CLOCK)
    assert again.out == "https://example.org/podcast/feed.xml: 2 episodes, nothing uploaded\n"


def test_dry_run_is_a_readable_diff(program, show):
    """Uploads, deletions and changes of the feed are listed; nothing is written."""
    program.run("publish", cwd=show, env=CLOCK)
    add_episode(show, "film-1", 1, "2026-10-01", title="Film one")
    before = {p: p.stat().st_mtime_ns for p in show.rglob("*") if p.is_file()}
    result = program.run("publish", "--dry-run", cwd=show, env=CLOCK)
    assert result.code == 0, result.err
    assert "feed: ~ Film one: title: 'Film 1' → 'Film one'" in result.out
    assert "+ episodes/film-1/index.html (" in result.out
    assert "would be uploaded" in result.out
    after = {p: p.stat().st_mtime_ns for p in show.rglob("*") if p.is_file()}
    locks = {show / ".reviewcast" / "lock", show / "public" / ".reviewcast.lock"}
    assert {p for p in after if after[p] != before.get(p)} <= locks


def test_json_holds_the_whole_result(program, show):
    """With --json, all that happened can be read by programs."""
    add_episode(show, "film-3", 3, "2026-12-24")
    result = json.loads(program.run("publish", "--json", cwd=show, env=CLOCK).out)
    assert result["episodes"] == 2
    assert result["scheduled"] == {"film-3": "2026-12-24T00:00:00Z"}
    assert {"name": "feed.xml", "size_bytes": (show / "public" / "feed.xml").stat().st_size} in (
        result["uploaded"]
    )


def test_a_rhythm_as_typed(program, show):
    """The first episode appears, the other one's turn is printed; no rhythm is one sentence."""
    env = CLOCK | {"TZ": "UTC"}
    planned = program.run("publish", "--drip", "1/week", "--dry-run", cwd=show, env=env)
    assert "Calendar:\n  2026-11-24 07:00 UTC: film-2\n" in planned.out
    result = program.run("publish", "--drip", "1/week", cwd=show, env=env)
    assert "1 episode waits for its turn, film-2 at 2026-11-24 07:00 UTC." in result.out
    assert ' uploaded\nSet drip = "1/week" under [publish]' in result.out
    refused = program.run("publish", "--drip", "daily", cwd=show, env=env)
    assert refused.code == 4
    assert "'daily' is no rhythm" in refused.err
    every = program.run("publish", "--drip", "", "--json", cwd=show, env=env)
    assert (every.json["episodes"], every.json["calendar"]) == (2, {})


def test_unpublish_and_date(program, show):
    """An episode is taken out and brought back; a date can be given to one that waits."""
    assert program.run("publish", cwd=show, env=CLOCK).code == 0
    out = program.run("unpublish", "film-1", cwd=show, env=CLOCK)
    assert "feed: - Film 1" in out.out
    assert "feed: + Film 1" in program.run("publish", "film-1", cwd=show, env=CLOCK).out
    add_episode(show, "film-3", 3, "2026-10-20")
    arguments = ("publish", "film-3", "--date", "2026-12-24T06:00+01:00")
    waits = program.run(*arguments, cwd=show, env=CLOCK)
    assert "film-3 will appear at 2026-12-24 05:00 UTC: publish again then." in waits.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["publish", "none"], 2, "There is no episode none"),
        (["publish", "--date", "2026-12-24"], 2, "--date needs an EPISODE"),
        (["publish", "film-1", "--date", "soon"], 2, "'soon' is no date"),
        (["publish", "--to", "s4://x"], 4, "s4"),
        (["unpublish", "film-1"], 2, "was never published"),
        (["unpublish"], 2, "EPISODE"),
    ],
)
def test_refusals(program, show, arguments, code, said):
    """What cannot be is said in a sentence with the documented exit code; nothing is published."""
    result = program.run(*arguments, cwd=show, env=CLOCK)
    assert (result.code, result.out) == (code, ""), result.err
    assert said in result.err
    assert "Traceback" not in result.err
    assert not (show / "public" / "feed.xml").exists()


def test_without_a_show(program, tmp_path):
    """Outside of a show the way to one is told."""
    result = program.run("publish", cwd=tmp_path)
    assert result.code == 2
    assert "reviewcast init" in result.err


def test_a_folder_that_cannot_be_written(program, show):
    """A destination that is a file is an error of exit 6; the file stays."""
    (show / "public").write_text("mine", encoding="utf-8")
    result = program.run("publish", cwd=show, env=CLOCK)
    assert result.code == 6, result.err
    assert (show / "public").read_text(encoding="utf-8") == "mine"


def test_a_moved_show_keeps_its_identity(program, show):
    """At a new address the show's and the episodes' guids stay; the old feed says where it is."""
    assert program.run("publish", cwd=show, env=CLOCK).code == 0
    old = (show / "public" / "feed.xml").read_text(encoding="utf-8")
    settings = (show / "podcast.toml").read_text(encoding="utf-8")
    moved = settings.replace("example.org/podcast", "pod.example.net")
    moved += 'new_feed_url = "https://pod.example.net/feed.xml"\n'
    (show / "podcast.toml").write_text(moved, encoding="utf-8")
    shutil.rmtree(show / "public")
    assert program.run("publish", cwd=show, env=CLOCK).code == 0
    new = (show / "public" / "feed.xml").read_text(encoding="utf-8")
    assert "<itunes:new-feed-url>https://pod.example.net/feed.xml<" in new

    def list_guids(feed):
        return [line for line in feed.splitlines() if "guid" in line]

    assert list_guids(new) == list_guids(old)


def test_a_dry_run_needs_no_lock(program, show):
    """Where nothing can be written it tells what would change; publishing refuses."""
    (show / ".reviewcast").write_bytes(b"no folder")
    (show / "public/.reviewcast.lock").mkdir(parents=True)
    result = program.run("publish", "--dry-run", cwd=show, env=CLOCK)
    assert (result.code, "would be uploaded" in result.out) == (0, True), result.err
    assert program.run("publish", cwd=show, env=CLOCK).code == 6
