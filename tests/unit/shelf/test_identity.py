"""The same review in two sources is found, and two reviews are never taken for one."""

import pytest

from reviewcast.shelf.identity import Identities
from reviewcast.shelf.ledger import Record
from reviewcast.shelf.values import SourceReview
from reviewcast.shelf.works import guess_work, key_work, list_keys

LONG = (
    "It begins in the rain, with a man on a train who does not know where he goes, and it ends in"
    " the same rain, a year later, when he does; what lies between is the best film of its year."
)


def make(source, number, **fields):
    """Return a review of Heat."""
    fields = {"title": "Heat", "text": LONG, "ids": (f"{source}:{number}",), **fields}
    return SourceReview(source=source, **fields)


def letterboxd(number, day, **fields):
    """Return a review of Heat as Letterboxd has it."""
    return make("letterboxd", number, work="Heat", year="1995", date=day, watched=day, **fields)


def blog(title="Film Review: Heat (1995)", **fields):
    """Return a review of Heat as a blog has it."""
    return make("wordpress@blog.example", 7, title=title, **fields)


def find(known, review):
    """Return the reason why a review is one of those that are known, "" when it is none."""
    records = []
    for one in known:
        record = Record(file="x.md", ids=[], versions={})
        record.take(one)
        records.append(record)
    match = Identities(records).find(review)
    return match.reason if match else ""


SAME = {
    "the same id": (
        letterboxd(1, "2020-05-01"),
        letterboxd(1, "2021-01-01", text="All is changed."),
    ),
    "title, year and day of viewing": (
        letterboxd(1, "2020-05-01"),
        make("letterboxd-feed", 2, work="Heat", year="1995", watched="2020-05-01", text="Other."),
    ),
    "the same work on the same day": (
        letterboxd(1, "2020-05-01"),
        blog(text="A text of quite other words.", date="2020-05-01"),
    ),
    "the same work, 2 days apart": (
        letterboxd(1, "2020-05-01"),
        blog(text="A text of quite other words.", date="2020-05-03"),
    ),
    "the same work and 100% of the shorter text": (
        letterboxd(1, "2020-05-01"),
        blog(text=f"Years ago I wrote this. {LONG} I still think so.", date="2023-01-01"),
    ),
    "100% of the shorter text": (
        letterboxd(1, "2020-05-01"),
        blog("On rain in the cinema", text=f"Years ago: {LONG} Still.", date="2023-01-01"),
    ),
}


@pytest.mark.parametrize("reason", SAME)
def test_one_review(reason):
    """By ids, by work and day, by its words; in either order."""
    one, other = SAME[reason]
    assert find([one], other) == reason
    assert find([other], one) == reason


APART = {
    "seen again": (letterboxd(1, "2020-05-01"), letterboxd(2, "2020-05-01")),
    "seen again, as the feed has it": (
        letterboxd(1, "2020-05-01"),
        make("letterboxd-feed", 2, work="Heat", year="1995", watched="2020-05-02"),
    ),
    "another film of that name": (
        letterboxd(1, "2020-05-01"),
        blog("Heat (1986)", text="Of Reynolds.", date="2020-05-01"),
    ),
    "another text on it, years later": (
        letterboxd(1, "2020-05-01"),
        blog(
            text="What has this film become in all these years? Something else.", date="2023-01-01"
        ),
    ),
    "the same one-liner on another film": (
        letterboxd(1, "2020-05-01", text="A masterpiece."),
        make("goodreads", 1, title="Dune", work="Dune", text="A masterpiece.", date="2020-05-01"),
    ),
    "a text that both works have": (
        letterboxd(1, "2020-05-01"),
        make("goodreads", 1, title="Dune", work="Dune", date="2020-05-01"),
    ),
    "two posts of a blog with one title": (
        blog(date="2020-05-01"),
        make("wordpress@blog.example", 8, title="Film Review: Heat (1995)", date="2020-05-01"),
    ),
}


@pytest.mark.parametrize("why", APART)
def test_two_reviews(why):
    """They stay apart; in either order."""
    one, other = APART[why]
    assert find([one], other) == ""
    assert find([other], one) == ""


def test_of_two_viewings_the_nearer_one():
    """A blog's text goes to the viewing that it was written after, or whose words it has."""
    first = letterboxd(1, "2020-05-01", text="I did not like it at all, it was far too long.")
    second = letterboxd(2, "2020-05-06")
    records = []
    for one in (first, second):
        record = Record(file=one.ids[0], ids=[], versions={})
        record.take(one)
        records.append(record)
    known = Identities(records)
    after = known.find(blog(text="Quite other words.", date="2020-05-07"))
    assert after and after.record.file == "letterboxd:2"
    older = known.find(blog(text=f"{first.text} {LONG[:60]} And more.", date="2020-05-07"))
    assert older and older.record.file == "letterboxd:1"


def test_a_viewing_that_a_blog_speaks_of_does_not_take_the_next_one():
    """Letterboxd itself says that they are two, whatever the day of the blog's text."""
    first = letterboxd(1, "2020-05-01")
    record = Record(file="x.md", ids=[], versions={})
    record.take(first)
    record.take(blog(date="2020-05-03"))
    again = make(
        "letterboxd-feed", 9, work="Heat", year="1995", watched="2020-05-03", text="Again."
    )
    assert Identities([record]).find(again) is None


def post(blog, **fields):
    """Return a post of a folder, whose file has the name that all such posts have."""
    return make(f"folder@{blog}", 1, ids=("file:posts/index.md",), **fields)


def test_a_file_of_the_same_name_is_another_review():
    """Each blog has a posts/index.md, and each site an index.html; both are found again."""
    dune = {"title": "Dune", "text": "Sand, sand and sand again, and a worm in it all."}
    assert find([post("a")], post("b", **dune)) == ""
    assert find([post("blog")], post("blog", **dune)) == ""
    assert (
        find(
            [make("page@", 1, ids=("file:index.html",))],
            make("page@", 1, ids=("file:index.html",), **dune),
        )
        == ""
    )
    both = [post("a"), post("b", **dune)]
    assert find(both, post("b", title="Dune", text="All is changed.")) == "the same file"
    assert find(both, post("c", title="On sand", text=dune["text"])) == "the same file"


def test_the_folder_of_a_blog_may_be_renamed():
    """The version that it had under its old name does not stay."""
    record = Record(file="x.md", ids=[], versions={})
    record.take(letterboxd(1, "2020-05-01"))
    record.take(post("a"))
    record.take(letterboxd(2, "2020-05-01"))
    record.take(post("b", text="Shorter."))
    assert list(record.versions) == ["letterboxd", "folder@b"]


@pytest.mark.parametrize(
    ("title", "work"),
    [
        ("Film Review: Heat (1995)", ("Heat", "1995")),
        ("Heat (1995) – Review", ("Heat", "1995")),
        ("Heat Movie Review", ("Heat", "")),
        ("1917 (2019)", ("1917", "2019")),
        ("Kritik: Toni Erdmann", ("Toni Erdmann", "")),
        ("Mission: Impossible", ("Mission: Impossible", "")),
        ("Reviews", ("Reviews", "")),
    ],
)
def test_the_work_of_a_title(title, work):
    """A title of a blog names its work, and says around it that it is a review."""
    assert guess_work(title) == work


def test_keys_of_works():
    """Articles, accents, signs and series make no other work; a sequel is one."""
    assert key_work("The Hobbit (Middle-earth, #0)") == key_work("hobbit")
    assert key_work("Amélie") == key_work("AMELIE")
    assert key_work("Don’t Look Now") == key_work("Dont Look Now")
    assert key_work("Alien") != key_work("Aliens")
    assert "heat" in list_keys("Why “Heat” still burns", "")
    assert "mission" not in list_keys("Mission: Impossible", "")
