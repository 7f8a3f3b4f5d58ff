"""What was imported is kept, and the user's text is merged with what is new."""

import pytest

from reviewcast.model.errors import StorageError
from reviewcast.settings.schema import ReadSettings
from reviewcast.shelf.ledger import FILE, Ledger, Record, load_ledger, save_ledger
from reviewcast.shelf.merge import merge_edits
from reviewcast.shelf.review_file import format_review, name_file
from reviewcast.shelf.sources.folder import read_post
from reviewcast.shelf.values import SourceReview
from reviewcast.text.read import ReviewSource, read_review
from reviewcast.text.readers.front_matter import split_front_matter

BASE = "a\n\nb\n\nc\n\nd\n"


@pytest.mark.parametrize(
    ("new", "file", "wanted", "conflict"),
    [
        (BASE, BASE, BASE, False),
        ("A\n\nb\n\nc\n\nd\n", BASE, "A\n\nb\n\nc\n\nd\n", False),
        (BASE, "a\n\nb\n\nc\n\nD\n", "a\n\nb\n\nc\n\nD\n", False),
        ("A\n\nb\n\nc\n\nd\n", "a\n\nb\n\nc\n\nD\n", "A\n\nb\n\nc\n\nD\n", False),
        ("A\n\nb\n\nc\n\nd\n", "X\n\nb\n\nc\n\nd\n", "X\n\nb\n\nc\n\nd\n", True),
        ("A\n\nb\n\nc\n\nd\n", "A\n\nb\n\nc\n\nd\n", "A\n\nb\n\nc\n\nd\n", False),
        ("A\n\nb\n", "a\r\n\r\nb\r\n\r\nc\r\n\r\nd\r\n", "A\r\n\r\nb\r\n", False),
    ],
)
def test_three_ways(new, file, wanted, conflict):
    """One side's change is taken, both sides' are joined, and a clash leaves the file."""
    merge = merge_edits(BASE, new, file)
    assert (merge.text, merge.conflict) == (wanted, conflict)


def make(source, text, **fields):
    """Return a version of a review."""
    return SourceReview(source=source, ids=(f"{source}:1",), title="Heat", text=text, **fields)


def make_record(*versions):
    """Return a record of these versions."""
    record = Record(file="reviews/heat.md", ids=[], versions={})
    for version in versions:
        record.take(version)
    return record


def test_the_longest_is_spoken_and_the_others_are_linked():
    """What only another source knows, such as the rating, is kept."""
    short = make("letterboxd", "Fine.", rating="4/5", link="https://boxd.it/1", work="Heat")
    long = make(
        "wordpress@x", "It is fine, indeed.", link="https://x.example/heat", date="2020-01-02"
    )
    text = format_review(make_record(short, long))
    review = read_review(ReviewSource("heat.md", text.encode()), ReadSettings())
    assert review.sections[0].paragraphs[0].text == "It is fine, indeed."
    assert (review.rating, review.link) == ("4/5", "https://x.example/heat")
    assert (review.subject, review.date, review.unknown) == ("Heat", "2020-01-02", ())
    assert 'also: ["https://boxd.it/1"]' in text


def test_of_two_exports_of_letterboxd_the_last_change_counts():
    """A review that its writer has shortened is the shorter one, and stays it."""
    record = make_record(make("letterboxd", "It was long."), make("letterboxd-feed", "Short."))
    assert record.choose().text == "Short."
    record.take(make("letterboxd", "It was long."))
    assert record.choose().text == "Short."
    record.take(make("letterboxd", "New."))
    assert record.choose().text == "New."


def test_odd_values_are_read_again_as_they_are():
    """Quotation marks, colons, line breaks and signs of YAML in a title."""
    title = 'He said: "No" \\ #1 {x} [y] & *z* — \u2028x'
    review = SourceReview(source="x", ids=("x:a,b",), title=title, text="Fine.", tags=("a: b", "c"))
    text = format_review(make_record(review))
    read = read_review(ReviewSource("x.md", text.encode()), ReadSettings())
    assert read.title == " ".join(title.split()).replace("*z*", "z")


def test_ids_are_read_again_as_they_are():
    """Those of Blogger have commas, which part the items of a list."""
    ids = ("guid:tag:blogger.com,1999:blog-1.post-2", "url:x.example/a")
    review = SourceReview(source="blogger", ids=ids, title="Heat", text="Fine.")
    metadata, body = split_front_matter(format_review(make_record(review)))
    assert set(ids) <= set(read_post("reviews/heat.md", metadata, body).ids)


def test_names_of_files():
    """The day of viewing, the work, and a number when both are taken."""
    review = make("x", "y", date="2020-01-03", watched="2020-01-02")
    assert name_file(review, ()) == "reviews/2020-01-02-heat.md"
    assert name_file(review, {"reviews/2020-01-02-heat.md"}) == "reviews/2020-01-02-heat-2.md"
    plain = SourceReview(source="x", ids=("x:1",), title="生きる", text="y")
    assert name_file(plain, ()) == "reviews/review.md"


def test_the_ledger_is_whole_or_refused(tmp_path):
    """The same one is not written again; a broken one, or one that leads elsewhere, stops."""
    assert load_ledger(tmp_path) == Ledger()
    ledger = Ledger(reviews=[make_record(make("x", "y"))])
    assert save_ledger(tmp_path, ledger)
    assert not save_ledger(tmp_path, ledger)
    assert load_ledger(tmp_path) == ledger
    whole = (tmp_path / FILE).read_bytes()
    for broken in (
        whole[:-20],
        whole.replace(b"reviews/heat.md", b"../../heat.md"),
        whole.replace(b"reviews/heat.md", b"/etc/heat.md"),
        whole.replace(b'"version":1', b'"version":2'),
    ):
        (tmp_path / FILE).write_bytes(broken)
        with pytest.raises(StorageError):
            load_ledger(tmp_path)
