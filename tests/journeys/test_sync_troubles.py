"""Whatever is down, private, locked or hostile: a sync does the rest, and harms nothing."""

import json
import os
import re
import subprocess

import pytest
from tests.support.blog import Blog
from tests.support.speech_server import status
from tests.support.syncing import OFFLINE, ONLINE, START, list_public

from reviewcast.system.show_lock import lock_show, lock_sync

# --- outages


@pytest.mark.parametrize(
    ("state", "code"), [("down", 6), ("silent", 6), ("page", 3)], ids=["503", "no answer", "page"]
)
def test_a_source_that_is_down(syncing, state, code):
    """What is there is built and published; a page of maintenance is no review."""
    show = syncing.make()
    syncing.sync(show)
    syncing.blog.state = state
    (show / "reviews/own.md").write_text("# Own\n\nA film of my own, seen twice.\n")
    told = syncing.sync(show, code=code)
    assert [one["step"] for one in told["failed"]] == ["import"]
    assert [one["title"] for one in told["built"]] == ["Own"]
    assert len(list_public(show)) == 4
    assert len(list((show / "reviews").iterdir())) == 4
    syncing.blog.state = "up"
    assert syncing.sync(show)["planned"] == []


def test_one_source_of_two_is_down(syncing, tmp_path):
    """The other one is imported."""
    show = syncing.make()
    with Blog() as other:
        other.add(1)
        other.posts[0].title = "Another film"
        other.state = "down"
        told = syncing.sync(show, other.url, syncing.blog.url, code=6)
        assert [bool(one["result"]) for one in told["imports"]] == [False, True]
        other.state = "up"
        assert len(syncing.sync(show, other.url)["imports"]) == 1


@pytest.mark.parametrize("left", [0, 1, 6])
def test_a_source_that_is_suddenly_empty(syncing, left):
    """Nothing is taken back; that most is gone is warned of."""
    syncing.blog.add(9)
    show = syncing.make()
    syncing.sync(show)
    before = list_public(show)
    posts, syncing.blog.posts = syncing.blog.posts, syncing.blog.posts[:left]
    done = syncing.run(show)
    assert done.code == 0, done.err
    assert ("had 12 the last time" in done.err) == (left < 6)
    assert list_public(show) == before
    syncing.blog.posts = [type(post)(post.number, " ") for post in posts]  # all texts are gone
    syncing.sync(show, code=3)
    assert list_public(show) == before
    syncing.blog.posts = posts
    syncing.sync(show)
    assert list_public(show) == before


def test_a_voice_that_is_away(syncing, service):
    """What is built is published, exit 5; later the rest follows, and what was kept is kept."""
    show = syncing.make(ONLINE.format(service.url))
    service.faults = lambda asked: status(503)(asked) if asked.n > 5 else None
    told = syncing.sync(show, code=5)
    assert {one["step"] for one in told["failed"]} == {"build"}
    assert len(told["built"]) >= 1
    assert len(list_public(show)) == len(told["built"])
    service.faults = None
    asked = len(service.asked)
    syncing.sync(show)
    assert len(list_public(show)) == 3
    assert len(service.texts[asked:]) == len(set(service.texts[asked:]) - set(service.texts[:5]))


def test_a_destination_that_is_away(syncing, service):
    """All is built, exit 6; the next run publishes it and speaks nothing."""
    show = syncing.make(ONLINE.format(service.url))
    (show / "public").write_text("no folder")
    told = syncing.sync(show, code=6)
    assert len(told["built"]) == 3
    assert [one["step"] for one in told["failed"]] == ["publish"]
    (show / "public").unlink()
    asked = len(service.asked)
    assert syncing.sync(show)["built"] == []
    assert len(service.asked) == asked
    assert len(list_public(show)) == 3


def test_one_review_that_cannot_be_read(syncing):
    """It holds up no other, and is told by exit 3 until it is mended."""
    show = syncing.make()
    (show / "reviews").mkdir()
    (show / "reviews/broken.md").write_text('---\ntitle: "Heat\n---\nText.\n')
    told = syncing.sync(show, code=3)
    assert [(one["step"], one["name"]) for one in told["failed"]] == [
        ("build", "reviews/broken.md")
    ]
    assert len(list_public(show)) == 3


# --- nothing private, nothing too early


def test_what_turns_private_before_its_turn_is_never_public(syncing, tmp_path):
    """Built and not released yet, and private at the source since: it is not released."""
    export = tmp_path / "blog.xml"
    make_export(export, "publish")
    show = syncing.make(OFFLINE.replace("[voice]", '[publish]\ndrip = "1/day"\n[voice]'))
    told = syncing.sync(show, str(export))
    assert len(told["built"]) == 3
    (first,) = list_public(show)
    make_export(export, "private")
    for day in range(1, 6):
        told = syncing.sync(show, str(export), day=day, code=3)
        assert [one["step"] for one in told["failed"]] == ["import"] * 3
        assert list_public(show) == [first]
    make_export(export, "publish")
    for day in range(6, 9):
        syncing.sync(show, str(export), day=day)
    assert len(list_public(show)) == 3


def make_export(path, status):
    """Write a WordPress export of three posts in a state."""
    items = "".join(
        f"<item><title>Film {n}</title><link>https://wp.example/{n}</link>"
        f"<guid isPermaLink='false'>https://wp.example/?p={n}</guid>"
        f"<content:encoded><![CDATA[<p>The canary{n} sings in this film.</p>]]></content:encoded>"
        f"<wp:post_id>{n}</wp:post_id><wp:post_date>2025-01-0{n} 08:00:00</wp:post_date>"
        f"<wp:status>{status}</wp:status><wp:post_type>post</wp:post_type></item>"
        for n in (1, 2, 3)
    )
    path.write_text(
        '<?xml version="1.0"?><rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Blog</title>'
        "<wp:wxr_version>1.2</wp:wxr_version>"
        "<wp:base_site_url>https://wp.example</wp:base_site_url>"
        f"{items}</channel></rss>"
    )


# --- several at once, and what podcast.toml may not do unasked


def test_two_at_once(syncing):
    """The second ends at once by exit 7 and a sentence; the first does all."""
    show = syncing.make()
    env = syncing.program.environ({"REVIEWCAST_TRUST": "1", "SOURCE_DATE_EPOCH": str(START)})
    command = syncing.program.command("sync", "--allow-private", "--json")
    runs = [
        subprocess.Popen(command, cwd=show, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    outputs = [(run.communicate(timeout=120), run.returncode) for run in runs]
    codes = sorted(code for _, code in outputs)
    assert codes[0] == 0
    assert set(codes) <= {0, 7}
    for (out, err), code in outputs:
        if code:
            assert b"Another sync is at work" in err
            assert not out
        else:
            assert json.loads(out)["failed"] == []
    assert len(list_public(show)) == 3


def test_a_lock_that_is_held(syncing):
    """While it is held nothing is done; a build by hand that is at work fails the steps by 7."""
    show = syncing.make()
    with lock_sync(show):
        done = syncing.run(show, "--json")
        assert (done.code, done.out) == (7, "")
    with lock_show(show):
        done = syncing.run(show, "--json")
        assert done.code == 7
        assert {one["step"] for one in done.json["failed"]} == {"import", "publish"}
    assert not (show / "reviews").exists()


def test_a_show_of_somebody_else_imports_nothing_unasked(syncing, tmp_path):
    """Neither from a host nor from a folder of this machine; arguments are the user's own."""
    show = syncing.make()
    toml = show / "podcast.toml"
    folder = tmp_path / "diary"
    folder.mkdir()
    (folder / "secret.md").write_text("---\ntitle: Secret\n---\nOnly for me.\n")
    toml.write_text(
        toml.read_text().replace(f'{syncing.blog.url}"', f'{syncing.blog.url}", "{folder}"')
    )
    done = syncing.program.run("sync", "--allow-private", "--json", cwd=show)
    assert done.code == 4
    assert [one["exit_code"] for one in done.json["failed"][:2]] == [4, 4]
    assert syncing.blog.asked == 0
    assert not (show / "reviews").exists()
    trusted = syncing.program.run("sync", "--allow-private", "--json", "--trust", cwd=show)
    assert trusted.code == 0, trusted.err
    assert len(list_public(show)) == 4
    assert syncing.program.run("sync", "--allow-private", cwd=show).code == 0  # it is remembered


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("http://127.0.0.1:9/feed", 6),
        ("file:///etc/passwd", 2),
        ("no-such.zip", 2),
        ("-", 2),
        ("/dev/zero", 3),
        ("", 2),
    ],
)
def test_hostile_sources(syncing, source, code):
    """Each is refused in a sentence, and the rest goes on."""
    show = syncing.make()
    if not source:
        toml = show / "podcast.toml"
        toml.write_text(re.sub(r"sources = .*", 'sources = [" "]', toml.read_text()))
        assert syncing.program.run("sync", "--json", cwd=show).code == 4
        return
    done = syncing.program.run("sync", "--json", "--", source, cwd=show)
    assert done.code != 1, done.err
    assert [one["exit_code"] for one in done.json["failed"]] == [code]
    assert done.json["failed"][0]["error"]
    assert "Traceback" not in done.err


@pytest.mark.skipif(os.name == "nt", reason="folders are read-only otherwise there")
@pytest.mark.parametrize("name", ["budget.json", "sync.json", "imports.json"])
def test_a_record_that_is_broken(syncing, name):
    """It is a sentence, and nothing is lost or published by it."""
    show = syncing.make(OFFLINE + "[budget]\nminutes_per_day = 5\n")
    syncing.sync(show)
    before = list_public(show)
    (show / name).write_bytes(b"{")
    done = syncing.run(show)
    assert done.code == 6, done.err
    assert name in done.err
    assert list_public(show) == before
