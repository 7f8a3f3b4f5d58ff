"""A work's people, as sources name them, are found in the texts and ranked over a shelf."""

import pytest

from reviewcast.text.proper_nouns import find_names, gather_names
from reviewcast.text.readers.people import list_people, list_tagged

CAST = ("Al Pacino", "Val Kilmer", "Béla Lugosi")


@pytest.mark.parametrize(
    ("metadata", "people"),
    [
        ({"cast": "Al Pacino, Robert De Niro"}, ("Al Pacino", "Robert De Niro")),
        ({"starring": "Al Pacino as Hanna and Val Kilmer"}, ("Al Pacino", "Hanna", "Val Kilmer")),
        ({"movie.director": "Michael Mann", "directed_by": "Michael Mann"}, ("Michael Mann",)),
        ({"params.actors": "Zoë Kravitz; Béla Lugosi"}, ("Zoë Kravitz", "Béla Lugosi")),
        ({"book.author": "Ursula K. Le Guin", "author": "Jo Doe"}, ("Ursula K. Le Guin",)),
        ({"cast": "https://a.example/1, many, 12, ", "title": "Al Pacino"}, ()),
        ({"director": "X" * 80}, ()),
    ],
)
def test_people_are_named_under_many_keys(metadata, people):
    """Lists, roles and nested keys; the review's own author is none of them."""
    assert list_people(metadata) == people


def test_tags_may_be_people():
    """Two words or more with capitals; a genre is none."""
    tags = "Michael Mann, heist, Robert De Niro, 4K, neo noir, Criterion"
    assert list_tagged({"tags": tags}) == ("Michael Mann", "Robert De Niro")


def test_lists_without_end_are_read_at_once():
    """60 people at most, and no time for blanks."""
    many = ", ".join(f"Ann {chr(65 + at % 26)}x{chr(65 + at // 26)}" for at in range(500))
    assert len(list_people({"cast": many})) == len(list_tagged({"tags": many})) == 60
    assert list_people({"cast": " " * 60_000 + "Al" + " " * 60_000 + "Pacino"}) == ("Al Pacino",)


def test_a_cast_is_found_in_the_text():
    """Whole names and surnames; who is not named is none, and the doubt is that of the letters."""
    text = "We saw Al Pacino. Then Pacino met Kilmer, and Ann left."
    names = {one.written: one for one in find_names([text], language="en", cast=CAST)}
    marked = {name for name, one in names.items() if "cast" in one.kinds}
    assert marked == {"Al Pacino", "Pacino", "Kilmer"}
    assert names["Al Pacino"].doubt == 0
    german = find_names(
        ["Ein Film mit Val Kilmer, und val kilmers Bart."], language="de", cast=CAST
    )
    assert [(one.written, one.count) for one in german if "cast" in one.kinds] == [
        ("Val Kilmer", 1)
    ]


def test_what_mends_most_comes_first():
    """In how many reviews a name is, times its doubt; what the lexicon has comes last."""
    odd = find_names(["We met Zdzisław Wójcik."], language="en")
    cast = find_names(["We met Val Kilmer."], language="en", cast=CAST)
    plain = find_names(["We met Ann Hill."], language="en")
    reviews = [("odd", "en", odd)]
    reviews += [(f"cast{at}", "en", cast) for at in range(30)]
    reviews += [(f"plain{at}", "en", plain) for at in range(200)]
    ranked = [one.written for one in gather_names(reviews)]
    assert ranked[0] == "Val Kilmer"
    assert ranked.index("Zdzisław Wójcik") < ranked.index("Ann Hill")
