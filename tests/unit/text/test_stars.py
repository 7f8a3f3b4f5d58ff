"""Ratings counted in stars of five, and those that say more than they can."""

import pytest

from reviewcast.settings.schema import ReadSettings
from reviewcast.text.read import ReviewSource, read_review
from reviewcast.text.stars import count_stars, is_over_scale


@pytest.mark.parametrize(
    ("rating", "stars"),
    [
        ("4/5", 4),
        ("7/10", 3.5),
        ("★★★½", 3.5),
        ("3,5", 3.5),
        ("8", 4),
        ("85", 4.25),
        ("7 out of 10", 3.5),
        ("4★", 4),
        ("4.5★", 4.5),
        ("4.5 ⭐", 4.5),
        ("4,5 ⭐️", 4.5),
        ("★ 4/5", 4),
        ("★★★★☆", 4),
        ("★★★★☆ (2019)", 4),
        ("★★★ 1/2", 3.5),
        ("★ ★ ★ ½", 3.5),
        ("★ 1/2", 1.5),
        ("½", 0.5),
        ("½★", 0.5),
        ("3½", 3.5),
        ("3¾", 3.75),
        ("3 ½ stars", 3.5),
        ("3 1/2 stars", 3.5),
        ("3-1/2 stars", 3.5),
        ("3½/5", 3.5),
        ("3 1/2 out of 5", 3.5),
        ("7 1/2 / 10", 3.75),
        ("4 stars out of 5", 4),
        ("4 von 5 Sternen", 4),
        ("4,5 sur 5", 4.5),
        ("4 étoiles sur 5", 4),
        ("8%", 0.4),
        ("85 %", 4.25),
        ("120%", None),
        ("💛💛💛", 3),
        ("❤️❤️❤️½", 3.5),
        ("3,5 Sterne", 3.5),
        ("2 estrellas", 2),
        ("-1", None),
        ("−1/5", None),
        ("3-4", None),
        ("1995", None),
        ("101", None),
        ("0", 0),
        ("B+", None),
        ("", None),
        ("5/0", None),
        ("11/10", 5),
        ("99/5", 5),
    ],
)
def test_ratings_are_stars_of_five(rating, stars):
    """However they are written."""
    assert count_stars(rating) == stars


@pytest.mark.parametrize("rating", ["99/5", "11/10", "6 out of 5", "5½/5", "7 von 5 Sternen"])
def test_more_than_it_can_be(rating):
    """It is told, and nothing is refused."""
    assert is_over_scale(rating)
    text = f"---\ntitle: Heat\nrating: {rating}\n---\n# Heat\n\nIt is long.\n"
    review = read_review(ReviewSource("heat.md", text.encode()), ReadSettings())
    assert f"The rating {rating!r} is more than it can be." in review.notes


@pytest.mark.parametrize("rating", ["5/5", "10/10", "3 1/2", "85", "★★★★★★", "", "B+", "5/5/2024"])
def test_what_it_can_be(rating):
    """Nothing is said of those."""
    assert not is_over_scale(rating)
