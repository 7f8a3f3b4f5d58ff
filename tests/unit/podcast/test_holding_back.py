"""What was built is not published when its reviews say so by now, or cannot be asked."""

from datetime import UTC, datetime

import msgspec
import pytest
from tests.support.show import add_episode, make_show

from reviewcast.jobs.shows import load_config
from reviewcast.model.podcast import Publication
from reviewcast.podcast.holding_back import hold_back, look_at_shelf
from reviewcast.podcast.publication import read_built_show
from reviewcast.shelf.ledger import Ledger, Record, save_ledger
from reviewcast.shelf.values import SourceReview
from reviewcast.shelf.withdrawal import list_withdrawn

PUBLIC = Publication(guid="g", published=datetime(2026, 3, 2, tzinfo=UTC), released=True)
RULE = '[[shelf.rules]]\ntag = "private"\nthen = "never"\n'


@pytest.fixture
def show(tmp_path):
    folder = make_show(tmp_path, more=RULE)
    (folder / "reviews").mkdir()
    write(folder, "title: Heat")
    return folder


def write(show, matter):
    (show / "reviews/heat.md").write_text(f"---\n{matter}\n---\n\nTwo men meet.\n")


def hold(show, *, kept=None, withdrawn=(), **fields):
    record = add_episode(show, "heat", 1, "2026-03-02", source="reviews/heat.md", **fields)
    events = []
    held = hold_back(
        record, load_config(show), kept=kept, withdrawn=withdrawn, notify=events.append
    )
    assert msgspec.structs.replace(held, draft=False) == record
    return held.draft, [event.message for event in events]


@pytest.mark.parametrize(
    ("matter", "is_held"),
    [
        ("title: Heat", False),
        ("title: Heat\nepisode: alone", False),
        ("title: Heat\ndraft: true", True),
        ("title: Heat\nepisode: never", True),
        ("title: Heat\nepisode: text only", True),
        ("title: Heat\ntags: [private]", True),
        ("title: Heat\ntags: [private]\nepisode: alone", False),
    ],
)
def test_a_review_holds_back_its_episode(show, matter, is_held):
    """By its front matter, and by a rule that it does not speak against."""
    write(show, matter)
    assert hold(show) == (is_held, [])
    assert hold(show, kept=PUBLIC) == (False, [])
    assert hold(show, kept=msgspec.structs.replace(PUBLIC, released=False)) == (is_held, [])


@pytest.mark.parametrize("matter", ['episode: never\ntitle: "Heat', "episode: never\n- a: ["])
def test_what_cannot_be_read_is_held_back_with_a_warning(show, matter):
    """It may say never, where the mistake is."""
    write(show, matter)
    is_held, warnings = hold(show)
    assert is_held
    assert [text.partition(",")[0] for text in warnings] == [
        "Not published until reviews/heat.md can be read"
    ]


def test_a_review_that_is_gone_holds_back_nothing(show):
    (show / "reviews/heat.md").unlink()
    assert hold(show) == (False, [])


def test_a_role_that_is_none_is_warned_of(show):
    write(show, "title: Heat\nepisode: nevr")
    is_held, warnings = hold(show)
    assert not is_held
    assert "did you mean never?" in warnings[0]


@pytest.mark.parametrize(
    ("matter", "is_held"),
    [
        ("title: Heat", False),
        ("title: Heat\nepisode: round-up", False),
        ("title: Heat\nepisode: alone", True),
        ("title: Heat\ntags: [private]", True),
        ('title: "Heat', True),
    ],
)
def test_a_member_holds_back_its_round_up(show, matter, is_held):
    """Also one that is an episode alone by now: it would be public twice."""
    write(show, matter)
    assert hold(show, members={"reviews/heat.md": "0"})[0] == is_held


def test_what_no_source_shows_any_more_is_held_back(show):
    """It was private when it was last imported; what subscribers know stays."""
    ledger = Ledger(reviews=[Record(file="reviews/heat.md", ids=["guid:x"], versions={})])
    save_ledger(show, ledger)
    withdrawn = list_withdrawn(show)
    assert hold(show, withdrawn=withdrawn) == (True, [])
    assert hold(show, withdrawn=withdrawn, kept=PUBLIC) == (False, [])
    (look,) = look_at_shelf([show / "reviews/heat.md"], load_config(show))
    assert look.draft
    assert read_built_show(load_config(show), show).records["heat"].draft


@pytest.mark.parametrize("change", ["shown", "own", "removed"])
def test_what_is_shown_or_gone_is_not_withdrawn(show, change):
    record = Record(file="reviews/heat.md", ids=["guid:x"], versions={}, own=change == "own")
    if change == "shown":
        record.take(SourceReview(source="feed@x", ids=("guid:x",), title="Heat", text="Fine."))
    save_ledger(show, Ledger(reviews=[record]))
    if change == "removed":
        (show / "reviews/heat.md").unlink()
    assert not list_withdrawn(show)
