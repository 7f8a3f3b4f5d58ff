"""What becomes of another tool's feed is planned of values alone."""

from datetime import UTC, datetime

import pytest

from reviewcast.model.audio import Loudness
from reviewcast.model.podcast import EpisodeRecord, Publication
from reviewcast.podcast.feed.external import ExternalFeed, ExternalFile, ExternalItem
from reviewcast.podcast.importing.match import Candidate, Contents, name_pending, plan_import

HOST = "https://old.example"
DAY = datetime(2020, 5, 1, tzinfo=UTC)


def make_item(name, day, *, kind="audio/mpeg", **fields):
    values = {
        "guid": f"guid-{name}", "title": name.title(), "published": DAY.replace(day=day),
        "audio": ExternalFile(f"{HOST}/{name}.mp3", kind), "link": f"{HOST}/posts/{name}.html",
    }  # fmt: skip
    return ExternalItem(**(values | fields))


def make_page(*items):
    return ExternalFeed(url=HOST, guid="", image="", settings={}, items=items, older=())


def make_record(slug, title, link=""):
    return EpisodeRecord(
        slug=slug, title=title, path=f"{slug}.mp3", size_bytes=9, duration_s=1.5, sha256="a" * 64,
        voice="espeak", language="en", loudness=Loudness(-16.0, -1.0), chapters=(), link=link,
    )  # fmt: skip


def plan(*items, show=None, download=True):
    return plan_import([make_page(*items)], show or Contents(), download=download)


def list_matches(planned):
    return [(one.slug, one.how, one.fault) for one in planned.matches]


def test_the_oldest_comes_first_and_each_once():
    """Pages repeat what newer ones have; slugs are made of titles, or addresses."""
    new, old = make_item("brazil", 9), make_item("alien", 2, title="")
    planned = plan_import([make_page(new, old), make_page(old)], Contents(), download=True)
    assert list_matches(planned) == [("alien", "fetched", ""), ("brazil", "fetched", "")]
    assert (planned.skipped, planned.known) == ((), 0)


def test_addresses_choose_before_titles():
    """A review of the same address gets the item, although another one has its title."""
    show = Contents(
        reviews=(
            Candidate("by-title", "Alien", ""),
            Candidate("by-link", "Other", f"{HOST}/posts/alien.html"),
        )
    )
    assert list_matches(plan(make_item("alien", 2), show=show)) == [("by-link", "fetched", "")]


def test_how_an_item_is_adopted():
    """An episode keeps its audio; without a download a review is promised, others are left."""
    show = Contents(
        records={"alien": make_record("alien", "Alien")}, reviews=(Candidate("brazil", "", ""),)
    )
    items = [make_item("alien", 1), make_item("brazil", 2), make_item("cube", 3)]
    assert list_matches(plan(*items, show=show, download=False)) == [
        ("alien", "kept", ""),
        ("brazil", "promised", ""),
        ("cube", None, "Neither an episode nor a review of it is here."),
    ]


def test_nothing_that_is_there_is_overwritten():
    """A folder with files, in any case of its name, takes no other episode."""
    show = Contents(occupied=frozenset({"alien"}), records={"cube": make_record("cube", "Other")})
    planned = plan(make_item("alien", 1), make_item("cube", 2), show=show)
    assert [one.slug for one in planned.matches] == ["alien-2", "cube-2"]


@pytest.mark.parametrize("waits", [False, True])
def test_a_stopped_run_goes_on(waits):
    """A promise without a record is fetched, over its own half-made audio only."""
    item = make_item("alien", 1)
    show = Contents(
        publications={"alien": Publication(guid=item.guid, published=DAY, released=True)},
        voiced=frozenset({"alien"}),
        waiting=frozenset({name_pending(item)} if waits else ()),
    )
    planned = plan(item, show=show)
    assert list_matches(planned) == ([("alien", "fetched", "")] if waits else [])
    assert planned.known == (0 if waits else 1)


def test_what_cannot_be_adopted_is_named():
    """Each item that is left out has its reason; a faulty one takes its slug all the same."""
    planned = plan(
        make_item("silent", 4, audio=None),
        make_item("alien", 3, kind="audio/mp4"),
        make_item("alien", 3, kind="audio/mp4", audio=ExternalFile(f"{HOST}/b.mp3", "audio/mpeg")),
    )
    assert [one.reason for one in planned.skipped] == [
        "An item above it has the same guid.",
        "It has no audio.",
    ]
    assert list_matches(planned) == [
        ("alien", "fetched", "Its audio is audio/mp4, and only audio/mpeg can be adopted.")
    ]
    undated = plan(make_item("cube", 1, published=None))
    assert [one.reason for one in undated.skipped] == [
        "Neither it nor the feed tells a date that can be read."
    ]
