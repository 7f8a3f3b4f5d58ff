"""Fields: verdicts, names of works and what no field is called."""

import pytest

from reviewcast.text.readers.fields import find_author, find_rating, find_work, holds, list_unknown


@pytest.mark.parametrize(
    ("metadata", "language", "rating"),
    [
        ({"stars": "3.5"}, "fr-CA", "3,5 étoiles"),
        ({"stars": "1.5"}, "fr", "1,5 étoile"),
        ({"stars": "1"}, "es", "1 estrella"),
        ({"hearts": "2"}, "de", "2 Herzen"),
        ({"hearts": "2"}, "fi", "2"),
        ({"rating": "★★★½"}, "es", "3,5 estrellas"),
        ({"score": "⭐️⭐️⭐️⭐️"}, "fr", "4 étoiles"),
        ({"hearts": "❤️❤️"}, "it", "2 cuori"),
        ({"rating": "★★★½"}, "en", "★★★½"),
        ({"grade": "B+"}, "fr", "B+"),
        ({"stars": "3", "out_of": "5"}, "fr", "3/5"),
        ({"extra.movie.rating": "8"}, "en", "8"),
        ({"bookrating": "3"}, "en", "3"),
    ],
)
def test_ratings(metadata, language, rating):
    """Stars and hearts are counted in the review's language, where they are no signs it says."""
    assert find_rating(metadata, language).value == rating


@pytest.mark.parametrize(
    ("metadata", "work"),
    [
        ({"movie": "1917"}, "1917"),
        ({"movie": "tt0111161", "film_title": "Salt"}, "Salt"),
        ({"film": "https://x.example/salt"}, ""),
        ({"book": "/covers/salt.jpg"}, ""),
        ({"movie": "603692"}, ""),
    ],
)
def test_works(metadata, work):
    """An address or a number in a database names no work."""
    assert find_work(metadata).value == work


@pytest.mark.parametrize("mark", ["isbn_13", "read_on", "book_review", "pages"])
def test_the_author_of_a_book(mark):
    """Where the fields tell of a book, its author did not write the review."""
    assert find_author({"author": "Ada", mark: "1"}).value == ""


def test_unknown():
    """Keys under no known name are listed, as they are written."""
    metadata = {"title": "x", "params.stars": "1", "mood": "sad", "header.image": "a", "isbn": "1"}
    assert list_unknown(metadata) == ("mood",)


def test_holds():
    """A title says another one when its words stand in it, in their order."""
    assert holds("Review: Salt & Sand (2020)", "salt and sand") is False
    assert holds("Review: Salt & Sand (2020)", "Salt – Sand!")
    assert not holds("Salty", "Salt")
    assert not holds("Salt", "…")
