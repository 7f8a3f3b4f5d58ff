"""Which files somebody else has changed, told apart from what was only touched or is our own."""

import os

import pytest

from reviewcast.web.watch import WatchedFiles


@pytest.fixture
def review(tmp_path):
    review = tmp_path / "tale.md"
    review.write_text("It begins.")
    return review


def test_what_others_change_is_told_once(review, tmp_path):
    """New bytes, a file that appears, and one that goes."""
    edits = tmp_path / "tale.edits.toml"
    watched = WatchedFiles([review, edits])
    assert watched.find_changed() == ()
    review.write_text("It began, long ago.")
    assert watched.find_changed() == (review,)
    assert watched.find_changed() == ()
    edits.write_text("# mine")
    assert watched.find_changed() == (edits,)
    edits.unlink()
    assert watched.find_changed() == (edits,)


def test_the_same_bytes_are_no_change(review):
    """A file that was touched, or saved again as it was."""
    watched = WatchedFiles([review])
    os.utime(review, ns=(1, 1))
    assert watched.find_changed() == ()
    other = review.with_suffix(".new")
    other.write_bytes(review.read_bytes())
    other.replace(review)
    assert watched.find_changed() == ()


def test_what_we_write_is_not_told(review):
    """Unless somebody else has changed the same file before us, which nobody had seen yet."""
    watched = WatchedFiles([review])
    with watched.writing(review):
        review.write_text("Ours.")
    assert watched.find_changed() == ()
    review.write_text("Theirs, unseen.")
    with watched.writing(review):
        review.write_text("Theirs and ours.")
    assert watched.find_changed() == (review,)
