"""What a source does not show any more is dropped, and nothing else is."""

import pytest

from reviewcast.shelf.ledger import Record
from reviewcast.shelf.values import LeftOut, SourceReview
from reviewcast.shelf.withdrawal import forget_removed, withdraw_versions


def make_record(*versions, file="reviews/heat.md"):
    """Return a record of these versions, whose file an import has written."""
    record = Record(file=file, ids=[], versions={}, written="canary")
    for source, *ids in versions:
        record.take(SourceReview(source=source, ids=tuple(ids), title="Heat", text="Fine."))
    return record


LETTERBOXD = ("letterboxd", "letterboxd:1")
POST = ("wordpress@x", "wordpress:x:1", "guid:x/?p=1", "url:x/heat")


@pytest.mark.parametrize(
    ("version", "ids", "source", "dropped"),
    [
        (POST, POST[1:], "", True),
        (("feed@x", "guid:x/?p=1"), POST[1:], "", True),
        (POST, ("wordpress:x:2", "guid:x/?p=1"), "", False),
        (("folder@a", "file:posts/index.md"), ("file:posts/index.md",), "folder@a", True),
        (("folder@a", "file:posts/index.md"), ("file:posts/index.md",), "folder@b", False),
    ],
)
def test_versions_of_what_was_left_out(tmp_path, version, ids, source, dropped):
    """By its ids; a guid that two posts have, and a file's name, tell nothing alone."""
    record = make_record(LETTERBOXD, version)
    item = LeftOut(title="Heat", reason="private", ids=ids, source=source)
    (found,) = withdraw_versions(tmp_path, [record], [item])
    assert found.record is record
    assert list(record.versions) == ["letterboxd", *([] if dropped else [version[0]])]


def test_of_two_exports_of_letterboxd_one_is_left(tmp_path):
    """It is chosen, although the other one has changed last."""
    record = make_record(LETTERBOXD, ("letterboxd-feed", "letterboxd-review-2"))
    item = LeftOut(title="Heat", reason="no text", ids=("letterboxd-review-2",))
    withdraw_versions(tmp_path, [record], [item])
    assert record.choose().source == "letterboxd"


def test_what_was_deleted_on_letterboxd_is_in_no_export_of_it(tmp_path):
    """Its feed had it, and shows the newest alone; a blog's version is another matter."""
    record = make_record(LETTERBOXD, ("letterboxd-feed", "letterboxd-review-2"), POST)
    item = LeftOut(title="x", reason="deleted", ids=("letterboxd:9", *LETTERBOXD[1:]),
                   source="letterboxd")  # fmt: skip
    (found,) = withdraw_versions(tmp_path, [record], [item])
    assert (list(record.versions), found.title) == (["wordpress@x"], "Heat")


def test_a_review_of_the_show_stays_its_own(tmp_path):
    """It may have the ids of an import, for it was written by one whose record is lost."""
    record = make_record(("show", *POST[1:]))
    record.own = True
    withdraw_versions(tmp_path, [record], [LeftOut(title="x", reason="private", ids=POST[1:])])
    assert list(record.versions) == ["show"]


def test_a_text_is_forgotten_with_its_file(tmp_path):
    """Not before, for the next import may join it with its user's edits."""
    record = make_record(POST, file="heat.md")
    (tmp_path / "heat.md").write_text("canary")
    withdraw_versions(tmp_path, [record], [LeftOut(title="x", reason="private", ids=POST[1:])])
    forget_removed(tmp_path, [record])
    assert (record.versions, record.written) == ({}, "canary")
    (tmp_path / "heat.md").unlink()
    forget_removed(tmp_path, [record])
    assert (record.written, record.ids) == ("", list(POST[1:]))
