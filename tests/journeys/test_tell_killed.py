"""`reviewcast publish` is killed while it tells: no alert twice, none lost without a word."""

import os
import shutil
import signal
import subprocess

import pytest
from tests.support.budget import FULL_SWEEP
from tests.support.program import Program
from tests.support.show import add_episode, make_show
from tests.support.social import Services

ENV = {
    "SOURCE_DATE_EPOCH": "1795348800",  # 2026-11-22
    "MASTODON_TOKEN": "token-of-jo",
    "BLUESKY_APP_PASSWORD": "abcd-efgh",
    "SHOW_WEBHOOK_SECRET": "a-secret",
}
TELLERS = ("webhook", "mastodon", "bluesky")
PATHS = {
    "webhook": "/hook",
    "mastodon": "/api/v1/statuses",
    "bluesky": "/xrpc/com.atproto.repo.createRecord",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The program with a cache of its own."""
    return Program(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def scene(tmp_path, program, monkeypatch):
    """A show that tells, with an episode that is new; and where it is told."""
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    show = tmp_path / "before"
    with Services(show / "public") as services:
        make_show(show, url=services.url)
        add_episode(show, "film-1", 1, "2026-10-01")
        assert program.run("publish", env=ENV, cwd=show).code == 0
        make_show(show, url=services.url, more=services.settings(*TELLERS))
        assert program.run("publish", "--trust", env=ENV, cwd=show).code == 0
        add_episode(show, "film-2", 2, "2026-11-21")
        services.before_post = lambda _heard: check_live(services)
        yield show, services


def check_live(services):
    """Whatever is told, the feed at the public address names it, and its audio is there."""
    assert "<title>Film 2</title>" in (services.public / "feed.xml").read_text()
    assert list((services.public / "media").glob("film-2-*.mp3"))


def check_outcome(program, show, services):
    """Each alert was sent once, or not at all and is named by the next run; no third run sends."""
    again = program.run("publish", env=ENV, cwd=show)
    assert again.code == 0, again.err
    third = program.run("publish", env=ENV, cwd=show)
    for teller, path in PATHS.items():
        sent = len(services.list_posts(path))
        named = f"film-2 may not have been announced by {teller}" in again.err
        assert sent == 1 or (sent == 0 and named), (teller, sent, again.err)
        assert named == (f"film-2 may not have been announced by {teller}" in third.err)
    return again


@pytest.mark.parametrize("half", [0, 1])
def test_killed_before_each_touch_of_the_disk(program, scene, tmp_path, half):
    """From the first lock to the last record; every second moment of them."""
    before, services = scene
    show = tmp_path / "counted"
    shutil.copytree(before, show)
    services.public = show / "public"
    counted = program.kill(0, "publish", cwd=show)
    assert counted.code == 0
    total = int(counted.err.split()[-1])
    some = sorted({1 + n * (total - 1) // 5 for n in range(6)} | {total - 1})
    moments = (range(1, total + 1) if FULL_SWEEP else some)[half::2]
    killed = 0
    for moment in moments:
        show = tmp_path / "killed"
        shutil.copytree(before, show)
        services.public = show / "public"
        services.heard.clear()
        services.statuses.clear()
        services.records.clear()
        killed += program.kill(moment, "publish", cwd=show).code == -signal.SIGKILL
        check_outcome(program, show, services)
        shutil.rmtree(show)
    assert killed >= len(moments) - 1


@pytest.mark.parametrize("teller", TELLERS)
@pytest.mark.parametrize("accepted", [True, False])
def test_killed_while_a_service_is_asked(program, scene, teller, accepted):
    """The service has it, or not: it is never sent again unasked, and named."""
    show, services = scene
    services.public = show / "public"
    running = subprocess.Popen(
        program.command("publish"),
        env=program.environ(ENV),
        cwd=show,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def kill(heard):
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        if accepted:
            return
        services.heard.remove(heard)
        return

    services.answers[PATHS[teller]] = kill
    assert running.wait(60) == -signal.SIGKILL
    services.answers.clear()
    again = check_outcome(program, show, services)
    assert f"film-2 may not have been announced by {teller}" in again.err
    assert len(services.list_posts(PATHS[teller])) == accepted
    done = program.run("tell", "film-2", "--again", env=ENV, cwd=show)
    assert f"{teller} announced film-2" in done.out, done.err
