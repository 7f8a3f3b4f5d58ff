"""Ids of databases in front matter become addresses; what is none is told, and left out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.settings.schema import ReadSettings
from reviewcast.text.read import ReviewSource, read_review
from reviewcast.text.readers.work_links import read_work_links

IMDB = "https://www.imdb.com/title/tt0041959/"
TMDB = "https://www.themoviedb.org/movie/1092"
ISBN = "https://openlibrary.org/isbn/9780140449136"
MBID = "f5093c06-23e3-404f-aeaa-40f72885ee3a"
MUSIC = f"https://musicbrainz.org/release-group/{MBID}"


@pytest.mark.parametrize(
    ("key", "value", "links"),
    [
        ("imdb", "tt0041959", [IMDB]),
        ("imdb_id", "TT0041959", [IMDB]),
        ("film.imdb", "https://www.imdb.com/title/tt0041959/?ref_=x", [IMDB]),
        ("params.imdb", "https://m.imdb.com/de/title/tt0041959", [IMDB]),
        ("tmdb", "1092", [TMDB]),
        ("tmdb", "https://www.themoviedb.org/movie/1092-the-third-man", [TMDB]),
        ("tmdb", "tv/1399", ["https://www.themoviedb.org/tv/1399"]),
        ("isbn", "978-0-14-044913-6", [ISBN]),
        ("isbn", "0-14-044913-2", [ISBN]),
        ("isbn", "9780140449136, 0140449132", [ISBN]),
        ("isbn13", '="9780140449136"', [ISBN]),
        ("isbn", "0-8044-2957-X", ["https://openlibrary.org/isbn/9780804429573"]),
        ("book.isbn", "ISBN 978 0 14 044913 6", [ISBN]),
        ("musicbrainz", MBID, [MUSIC]),
        ("musicbrainz", f"https://musicbrainz.org/release/{MBID.upper()}",
         [f"https://musicbrainz.org/release/{MBID}"]),
        ("wikidata", "Q203560", ["https://www.wikidata.org/wiki/Q203560"]),
        ("same_as", "https://a.example/é, https://b.example/",
         ["https://a.example/%C3%A9", "https://b.example/"]),
        ("work_links", "https://a.example/?x=1,2", ["https://a.example/?x=1,2"]),
        ("imdb", "", []),
        ("tmdb", "null", []),
        ("director.imdb", "nm0715346", []),
        ("links", "https://a.example/", []),
    ],
)  # fmt: skip
def test_ids_and_addresses(key, value, links):
    """Each form that blogs and exports write leads to the same place."""
    assert read_work_links({key: value}) == (tuple(links), ())


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("imdb", "nm0715346", "'nm0715346' is no id of IMDb, such as tt0041959"),
        ("imdb", "0041959", "is no id of IMDb"),
        ("imdb", "https://evil.example/title/tt0041959", "is no id of IMDb"),
        ("tmdb", "The Third Man", "is no id of TMDB"),
        ("tmdb", "-1", "is no id of TMDB"),
        ("isbn", "978-0-14-044913-7", "has a wrong check digit"),
        ("isbn", "0-14-044913-X", "has a wrong check digit"),
        ("isbn", "1234567890123", "has a wrong check digit"),
        ("isbn", "unknown", "is no ISBN, such as 978"),
        ("musicbrainz", "Abbey Road", "is no id of MusicBrainz"),
        ("wikidata", "L5", "is no id of Wikidata"),
        ("same_as", "javascript:alert(1)", "is no web address"),
        ("same_as", "x" * 5000, "is no web address"),
    ],
)
def test_what_is_no_id(key, value, said):
    """It is told in one sentence, and left out; nothing fails."""
    links, (remark,) = read_work_links({key: value})
    assert links == ()
    assert said in remark
    assert len(remark) < 200


def test_a_review_has_them_in_order():
    """With what is wrong among its remarks; no key of them is unknown."""
    front = f"imdb: tt0041959\ntmdb: abc\nisbn: 9780140449136\nmusicbrainz: {MBID}\nsame_as: [https://a.example/]"
    data = f"---\ntitle: X\n{front}\n---\nIt is about penicillin.\n".encode()
    review = read_review(ReviewSource("x.md", data), ReadSettings())
    assert review.same_as == (IMDB, ISBN, MUSIC, "https://a.example/")
    assert review.unknown == ()
    assert [note for note in review.notes if "TMDB" in note]


def test_a_page_that_tells_of_its_work():
    """What search engines read of a saved page is known, too."""
    page = (
        '<html><head><title>X</title><script type="application/ld+json">{"@type": "Review",'
        f'"itemReviewed": {{"@type": "Movie", "name": "Heat", "sameAs": ["{IMDB}", 7]}}}}'
        "</script></head><body><article><p>It is about a heist, and about rain.</p></article>"
    )
    review = read_review(ReviewSource("x.html", page.encode()), ReadSettings())
    assert (review.subject, review.same_as) == ("Heat", (IMDB,))


@settings(max_examples=count_examples(300), deadline=None)
@given(st.sampled_from(["imdb", "tmdb", "isbn", "musicbrainz", "wikidata", "same_as"]), st.text())
def test_no_value_is_too_odd(key, value):
    """Whatever stands there, all that is made of it are addresses of the web."""
    links, remarks = read_work_links({key: value})
    assert all(link.startswith(("https://", "http://")) and link.isascii() for link in links)
    assert len(remarks) <= 1
