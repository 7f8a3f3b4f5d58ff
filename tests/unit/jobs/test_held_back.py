"""An episode that has a date, and whose review turns private before that, does not appear."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.show import add_episode, make_show

from reviewcast.jobs.publish import publish_show
from reviewcast.jobs.shelf import read_shelf
from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import UsageError
from reviewcast.model.events import Noticed, Warned
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.podcast.promises import PublishOptions
from reviewcast.shelf.ledger import Ledger, Record, save_ledger

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
RULE = '[[shelf.rules]]\ntag = "diary"\nthen = "never"\n'
PRIVATE = [
    "draft: true",
    "private: true",
    "publish: never",
    "published: false",
    "status: private",
    "episode: never",
    "tags: [diary]",
    'title: "Heat',
]


@pytest.fixture
def show(tmp_path):
    folder = make_show(tmp_path, more=RULE)
    (folder / "reviews").mkdir()
    write(folder, "title: Heat")
    build(folder)
    return folder


def write(show, matter):
    (show / "reviews/heat.md").write_text(f"---\n{matter}\n---\n\nTwo men meet.\n")


def build(show, *, date="2026-03-02", **fields):
    digest = hashlib.sha256((show / "reviews/heat.md").read_bytes()).hexdigest()
    more = {"source": "reviews/heat.md", "source_sha256": digest} | fields
    return add_episode(show, "heat", 1, date, **more)


def publish(show, now=NOW, **options):
    events = []
    result = publish_show(
        load_config(show),
        FolderDestination.open(str(show / "public")),
        PublishOptions(**options),
        now=now,
        notify=events.append,
    )
    warnings = [event.message for event in events if isinstance(event, Warned)]
    return result, [text for text in warnings if "heat" in text]


def has_heat(show):
    files = [path for path in (show / "public").rglob("*") if path.is_file()]
    return any(b"heat" in path.read_bytes().lower() or "heat" in str(path) for path in files)


def schedule(show):
    result, _ = publish(show, include=("heat",), date=NOW + timedelta(days=7))
    assert list(result.scheduled) == ["heat"]
    assert not has_heat(show)


@pytest.mark.parametrize("matter", PRIVATE)
def test_private_beats_the_schedule(show, matter):
    """It is named before its day and on it, and appears once it is for all again."""
    schedule(show)
    write(show, matter)
    for now in (NOW + timedelta(days=1), LATER):
        result, warnings = publish(show, now)
        assert (result.episodes, result.scheduled) == (0, {})
        assert list(result.held_back) == ["heat"]
        told = "was to appear at 2026-11-29 12:00 UTC and is held back"
        (warning,) = [text for text in warnings if "can be read" not in text]
        assert told in warning  # and nobody is asked to build it
        assert not has_heat(show)
    rows = read_shelf(load_config(show), now=LATER).reviews  # none of what cannot be read
    assert [(row.state, row.appears) for row in rows] in ([("draft", None)], [])
    write(show, "title: Heat")
    result, _ = publish(show, LATER)
    assert (result.episodes, result.held_back) == (1, {})
    assert b"Sun, 29 Nov 2026" in (show / "public/feed.xml").read_bytes()


def test_what_no_source_shows_any_more_loses_its_day(show):
    schedule(show)
    save_ledger(show, Ledger(reviews=[Record(file="reviews/heat.md", ids=["x:1"], versions={})]))
    assert list(publish(show, LATER)[0].held_back) == ["heat"]
    assert not has_heat(show)


def test_a_date_ahead_of_its_own_is_none_either(show):
    """As one that front matter gives: the first publish keeps it."""
    write(show, "title: Heat")
    build(show, date="2026-12-01")
    assert list(publish(show)[0].scheduled) == ["heat"]
    write(show, "title: Heat\nprivate: true")
    assert list(publish(show, LATER)[0].held_back) == ["heat"]
    assert not has_heat(show)


def test_one_that_was_built_private_is_held_back_too(show):
    schedule(show)
    write(show, "title: Heat\ndraft: true")
    build(show, draft=True)
    assert list(publish(show, LATER)[0].held_back) == ["heat"]
    publish(show, LATER, include=("heat",))
    assert has_heat(show)


def test_a_draft_is_not_scheduled(show):
    """Its day would come and it would not."""
    write(show, "title: Heat\ndraft: true")
    for date in (LATER, None):
        build(show, draft=True, date="2026-12-24")
        with pytest.raises(UsageError, match="draft or private: it would not appear on 2026-12-2"):
            publish(show, include=("heat",), date=date)
    publish(show, include=("heat",), date=NOW)
    assert has_heat(show)


def test_a_member_keeps_its_round_up_from_its_day(show):
    other = show / "reviews/ran.md"
    other.write_text("---\ntitle: Ran\n---\n\nA king divides his land.\n")
    members = {
        f"reviews/{name}.md": hashlib.sha256((show / f"reviews/{name}.md").read_bytes()).hexdigest()
        for name in ("heat", "ran")
    }
    build(show, members=members, source="episodes/heat/round-up.json")
    schedule(show)
    other.write_text("---\ntitle: Ran\nprivate: true\n---\n\nA king divides his land.\n")
    assert list(publish(show, LATER)[0].held_back) == ["heat"]


def test_what_is_public_stays_and_is_named(show):
    """Taking it back is for its user to say."""
    publish(show)
    write(show, "title: Heat\nprivate: true")
    result, warnings = publish(show, LATER)
    assert result.episodes == 1
    (warning,) = warnings
    assert warning.startswith("heat is public, and reviews/heat.md is a draft or private now.")
    publish(show, LATER, withdraw=("heat",))
    assert not any("is a draft" in text for text in publish(show, LATER)[1])


def test_one_published_by_name_is_a_notice_alone(show):
    """Not a warning each day."""
    write(show, "title: Heat\ndraft: true")
    build(show, draft=True)
    publish(show, include=("heat",))
    events = []
    publish_show(
        load_config(show),
        FolderDestination.open(str(show / "public")),
        PublishOptions(),
        now=LATER,
        notify=events.append,
    )
    told = [event for event in events if "was built as a draft" in getattr(event, "message", "")]
    assert list(map(type, told)) == [Noticed]


def test_a_draft_is_not_missed(show):
    """Of reviews that were never built, the others are named."""
    for name, matter in (("up", "title: Up"), ("diary", "title: Diary\nprivate: true")):
        (show / f"reviews/{name}.md").write_text(f"---\n{matter}\n---\n\nIt flies.\n")
    told = []
    publish_show(
        load_config(show),
        FolderDestination.open(str(show / "public")),
        PublishOptions(),
        now=NOW,
        notify=told.append,
    )
    texts = [event.message for event in told if isinstance(event, Noticed)]
    assert texts == ["Not built, so not published: up.md."]
