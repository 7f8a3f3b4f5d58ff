"""The states that the shelf shows, from what lies on disk."""

import hashlib
from datetime import UTC, datetime

import pytest
from tests.support.show import add_episode, make_show

from reviewcast.jobs.publish import publish_show
from reviewcast.jobs.shelf import ShelfFilter, read_shelf
from reviewcast.jobs.shows import load_config
from reviewcast.model.events import ignore_events
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.podcast.promises import PublishOptions

SUNDAY = datetime(2026, 3, 1, 18, tzinfo=UTC)


@pytest.fixture
def show(tmp_path):
    """Four reviews, of which three are built, at one a week."""
    folder = make_show(tmp_path, more='[publish]\ndrip = "1/week"\n[site]\npages = false\n')
    (folder / "reviews").mkdir()
    for number in range(1, 5):
        data = f"---\ntitle: Film {number}\ndate: 2020-01-0{number}\n---\n\nIt ends.\n".encode()
        source = f"reviews/film-{number}.md"
        (folder / source).write_bytes(data)
        if number < 4:
            add_episode(
                folder,
                f"film-{number}",
                number,
                f"2020-01-0{number}",
                source=source,
                source_sha256=hashlib.sha256(data).hexdigest(),
            )
    return folder


def publish(show, **options):
    destination = FolderDestination.open(str(show / "public"))
    wanted = PublishOptions(**options)
    publish_show(load_config(show), destination, wanted, now=SUNDAY, notify=ignore_events)


def list_rows(show):
    shelf = read_shelf(load_config(show), now=SUNDAY)
    return {
        row.slug: (row.state, row.appears and f"{row.appears:%Y-%m-%d}") for row in shelf.reviews
    }


def test_from_new_to_live(show):
    """What the rhythm will release is scheduled, with the date that it will have."""
    publish(show)
    rows = list_rows(show)
    assert rows["film-1"][0] == "live"
    assert rows["film-2"] == ("scheduled", "2026-03-03")
    assert rows["film-3"] == ("scheduled", "2026-03-10")
    assert rows["film-4"] == ("new", None)


def test_edits_show(show):
    publish(show)
    for name in ("film-1", "film-2"):
        (show / f"reviews/{name}.md").write_text("---\ntitle: Film\n---\n\nIt ends otherwise.\n")
    rows = list_rows(show)
    assert (rows["film-1"][0], rows["film-2"][0]) == ("stale", "changed")


@pytest.mark.parametrize(
    ("matter", "state"), [("draft: true", "draft"), ("episode: never", "draft"), ('a: "', None)]
)
def test_what_is_held_back_has_no_date(show, matter, state):
    """Publishing gives its turn to the next one; what is public stays."""
    publish(show)
    for name in ("film-1", "film-2"):
        (show / f"reviews/{name}.md").write_text(f"---\ntitle: Film\n{matter}\n---\n\nIt ends.\n")
    rows = list_rows(show)
    assert rows.get("film-2") == (state and (state, None))
    assert rows["film-3"] == ("scheduled", "2026-03-03")
    assert rows.get("film-1", ("stale",))[0] == "stale"


def test_what_a_rule_keeps_text_is_not_scheduled(show):
    publish(show)
    with (show / "podcast.toml").open("a") as file:
        file.write('[[shelf.rules]]\nyear_from = 2000\nthen = "never"\n')
    rows = list_rows(show)
    assert (rows["film-1"][0], rows["film-2"], rows["film-4"]) == (
        *("live", ("draft", None)),
        ("new", None),
    )


def test_withdrawn_ones_have_no_date(show):
    publish(show)
    publish(show, withdraw=("film-1",))
    assert list_rows(show)["film-1"] == ("withdrawn", None)


def test_reviews_that_cannot_be_read_are_told(show):
    (show / "reviews/film-4.md").write_text('---\ntitle: "\n---\n\nText.\n')
    events = []
    shelf = read_shelf(load_config(show), now=SUNDAY, notify=events.append)
    assert len(shelf.reviews) == 3
    assert events[0].message.startswith("film-4.md: The front matter is not valid YAML")


@pytest.mark.parametrize(
    ("wanted", "slugs"),
    [
        (ShelfFilter(), {"film-1", "film-2", "film-3", "film-4"}),
        (ShelfFilter(states=("new",)), {"film-4"}),
        (ShelfFilter(roles=("text only",)), set()),
        (ShelfFilter(years=(2020, 2020), states=("spoken", "new")), {"film-1", "film-4"}),
        (ShelfFilter(years=(2021, 2022)), set()),
        (ShelfFilter(stars=(0, 5)), set()),
        (ShelfFilter(tags=("x",)), set()),
    ],
)
def test_filters(show, wanted, slugs):
    rows = read_shelf(load_config(show), now=SUNDAY).reviews
    found = {row.slug for row in rows if wanted.wants(row)}
    assert found == slugs
