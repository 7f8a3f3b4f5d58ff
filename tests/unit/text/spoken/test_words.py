"""Numbers become words, and words of numbers are well made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewcast.text.spoken import words


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (99, "ninety nine"),
        (100, "one hundred"),
        (115, "one hundred fifteen"),
        (1000, "one thousand"),
        (1_000_001, "one million one"),
        ("12,345", "twelve thousand three hundred forty five"),
        (10**21, "one zero" + " zero" * 20),
    ],
)
def test_cardinal(number, spoken):
    """Whole numbers are said without and."""
    assert words.say_cardinal(number) == spoken


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        (1, "first"),
        (12, "twelfth"),
        (20, "twentieth"),
        (22, "twenty second"),
        (100, "one hundredth"),
        (105, "one hundred fifth"),
    ],
)
def test_ordinal(number, spoken):
    """Places in a row end as they should."""
    assert words.say_ordinal(number) == spoken


@given(st.integers(1, 399))
def test_roman_and_back(number):
    """Every numeral that is written is read as the same number."""
    assert words.read_roman(words.write_roman(number)) == number


@pytest.mark.parametrize("numeral", ["", "IIII", "VV", "IC", "MI", "DC", "IVI", "I" * 20])
def test_no_roman(numeral):
    """What is not well made is no numeral."""
    assert words.read_roman(numeral) is None


@given(st.integers(0, 10**20))
def test_any_number(number):
    """Every number is said in letters and spaces alone."""
    for say in (words.say_cardinal, words.say_ordinal):
        assert say(number).replace(" ", "").isalpha()


@given(st.integers(0, 99999))
def test_any_year(number):
    """Every year is said, in letters and spaces alone."""
    assert words.say_year(number).replace(" ", "").isalpha()


@pytest.mark.parametrize(
    ("top", "bottom", "spoken"),
    [(1, 2, "one half"), (3, 2, "three halves"), (5, 8, "five eighths"), (3, 1, "three over one")],
)
def test_fraction(top, bottom, spoken):
    """Parts are said in the right number."""
    assert words.say_fraction(top, bottom) == spoken
