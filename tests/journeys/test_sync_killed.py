"""`reviewcast sync` is killed, hard, at moments of all of its steps: the next run does the rest."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.blog import Post
from tests.support.budget import FULL_SWEEP
from tests.support.program import Program
from tests.support.syncing import OFFLINE, ONLINE, START, list_public
from tests.unit.jobs.test_publish import check_live

ROOT = Path(__file__).parents[2]
MOMENTS = 20 if FULL_SWEEP else 3
DRIP = '[publish]\ndrip = "1/day"\n'


def read_outcome(show):
    """Return all that a show consists of, but for what tells of single runs."""
    return {
        path.relative_to(show).as_posix(): path.read_bytes()
        for path in show.rglob("*")
        if path.is_file()
        and ".reviewcast" not in path.parts
        and path.name not in {"budget.json", "podcast.toml"}
    }


def kill(syncing, show, moment):
    """Sync until just before the disk is touched for the `moment`th time; 0 counts them."""
    env = syncing.program.environ(
        {
            "PYTHONPATH": str(ROOT),
            "REVIEWCAST_TRUST": "1",
            "SOURCE_DATE_EPOCH": str(START),
            "REVIEWCAST_CACHE": str(show.parent / f"{show.name}.cache"),
        }
    )
    command = [sys.executable, "-m", "tests.support.kill_at", str(moment)]
    command += ["sync", "--allow-private", "--json"]
    return subprocess.run(command, env=env, cwd=show, capture_output=True, timeout=300)


def count(syncing, show):
    """Sync to the end; return how often the disk was touched."""
    done = kill(syncing, show, 0)
    assert done.returncode == 0, done.stderr.decode()
    return int(done.stderr.split()[-1])


def finish(syncing, show):
    """Let the next run do the rest, as a killed one is followed by cron."""
    cache = show.with_name(f"{show.name}.cache")
    env = {"SOURCE_DATE_EPOCH": str(START), "REVIEWCAST_TRUST": "1"}
    done = Program(cache).run("sync", "--allow-private", "--json", cwd=show, env=env)
    assert done.code == 0, done.err


def make(syncing, name, more):
    """Make a show with a draft and a private review of its user's own."""
    show = syncing.make(more, name)
    (show / "reviews").mkdir()
    (show / "reviews/draft.md").write_text("---\ndraft: true\n---\n# Draft\n\nThe canary sings.\n")
    (show / "reviews/never.md").write_text("---\nepisode: never\n---\n# N\n\nThe canary sings.\n")
    return show


@pytest.mark.parametrize("step", ["first", "second"])
def test_killed_at_any_moment(syncing, step):
    """The next run ends with the same files as one that was never killed; nothing is doubled.

    Once in a new show, and once in one whose blog has a new post and a corrected one.
    """
    whole = make(syncing, "whole", OFFLINE + DRIP)
    if step == "second":
        finish(syncing, whole)
        syncing.blog.add()
        syncing.blog.posts[1] = Post(1, "Seen at last, and again. The word is marker1x still.")
    shutil.copytree(whole, whole.with_name("before"))
    total = count(syncing, whole)
    golden = read_outcome(whole)
    assert b"canary" not in b"".join(
        data for name, data in golden.items() if not name.startswith("reviews/")
    )
    texts = b"".join(data for name, data in golden.items() if name.endswith(".md"))
    markers = re.findall(rb"marker\d+x", texts)
    assert len(markers) == len(set(markers)) == 3 + (step == "second")
    for moment in sorted({1 + n * (total - 1) // MOMENTS for n in range(MOMENTS)}):
        show = whole.with_name(f"killed-{moment}")
        shutil.copytree(whole.with_name("before"), show)
        assert kill(syncing, show, moment).returncode == -9
        check_live(show / "public")
        if (show / "public/feed.xml").exists():
            assert list_public(show) in ([], ["Film 0"])
        finish(syncing, show)
        assert read_outcome(show) == golden, moment
        assert not list(show.rglob("*.part"))
        shutil.rmtree(show)


def test_killed_while_it_asks(syncing, service):
    """However often it is killed, no more requests are sent in a day than the budget allows."""
    show = make(syncing, "asks", ONLINE.format(service.url) + "[budget]\nrequests_per_day = 5\n")
    kills = 0
    while not service.asked or kills < 4:
        kills += kill(syncing, show, 100 + 40 * kills).returncode == -9
        assert len(service.asked) <= 5
    finish(syncing, show)
    assert len(service.asked) <= 5
    noted = json.loads((show / "budget.json").read_bytes())["days"]
    assert [one["requests"] >= len(service.asked) for one in noted] == [True]
