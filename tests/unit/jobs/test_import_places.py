"""Where the files of an import lie: never in another one's place, and where its user has put it."""

from datetime import UTC, datetime

import pytest
from tests.support.show import make_show

from reviewcast.jobs.import_reviews import import_reviews
from reviewcast.jobs.shows import load_config
from reviewcast.model.events import ignore_events
from reviewcast.shelf.detect import open_data

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEAD = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\n"


@pytest.fixture
def show(tmp_path):
    folder = make_show(tmp_path / "show")
    (folder / "reviews").mkdir()
    return folder


def run(show, text="Two men meet.", name="Heat"):
    row = f"2020-01-02,{name},1995,https://boxd.it/1,4,,{text},,2020-01-01\n"
    source = open_data((HEAD + row).encode(), "reviews.csv")
    return import_reviews(source, load_config(show), now=NOW, notify=ignore_events)


@pytest.mark.parametrize("taken", ["2020-01-01-HEAT.md", "2020-01-01-Heat.MD"])
def test_a_name_that_differs_in_its_case_is_taken(show, taken):
    """On systems where both are one file, the other would be lost."""
    (show / "reviews" / taken).write_text("# Ran\n\nA king divides his land.\n")
    (change,) = run(show).changes
    assert change.file == "reviews/2020-01-01-heat-2.md"


def test_a_link_within_the_show_stays_one(show):
    """Its user keeps the file elsewhere: that one gets the new text."""
    run(show)
    file, other = show / "reviews/2020-01-01-heat.md", show / "films/heat.md"
    other.parent.mkdir()
    file.rename(other)
    file.symlink_to("../films/heat.md")
    (change,) = run(show, "Two men meet and part.").changes
    assert change.change == "updated"
    assert file.is_symlink()
    assert other.read_text().endswith("\nTwo men meet and part.\n")


def test_what_a_link_out_of_the_show_names_is_not_written(show, tmp_path):
    run(show)
    file, other = show / "reviews/2020-01-01-heat.md", tmp_path / "heat.md"
    file.rename(other)
    file.symlink_to(other)
    before = other.read_bytes()
    run(show, "Two men meet and part.")
    assert other.read_bytes() == before
    assert file.read_text().endswith("\nTwo men meet and part.\n")
