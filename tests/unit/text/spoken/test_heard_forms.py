"""Forms that reviews of games, food, records and gadgets have, said as a listener expects them."""

import pytest

from reviewcast.text.spoken import say

_ENGLISH = {
    # what is compared, and ranges by a tilde
    "It has >50 levels": "It has over fifty levels",
    "most (<5) are bad": "most (under five) are bad",
    "needs >= 8 GB": "needs at least eight gigabytes",
    "took <=20 minutes": "took at most twenty minutes",
    "I <3 this": "I heart this",
    "Lasts 6~7 days": "Lasts six to seven days",
    "15 ~ 20 hours": "fifteen to twenty hours",
    "after ~30 hours": "after about thirty hours",
    "# of players": "number of players",
    # a unit at both ends
    "Brew at 92°C – 96°C": "Brew at ninety two to ninety six degrees Celsius",
    "at 20 F - 30 F": "at twenty to thirty degrees Fahrenheit",
    "3kg - 4kg": "three to four kilograms",
    "1,500mAh": "one thousand five hundred milliamp hours",
    "a 3.5mm jack": "a three and a half millimeter jack",
    "shot at 1/250s": "shot at one two hundred fiftieth of a second",
    "an f/1.4 lens": "an F one point four lens",
    "the K2.5": "the K two point five",
    "5M+ sold": "five million plus sold",
    # ratings
    "7,8/10": "seven point eight out of ten",
    "Score: 8,2 / 10": "Score: eight point two out of ten",
    "chapters 2,3/4": "chapters two,three, four",
    "Skyline★★★": "Skyline three stars",
    "that f★★king part": "that fking part",
    # signs between words
    "Their s/t record": "Their self-titled record",
    "Drama | 2018 | 90 min": "Drama, twenty eighteen, ninety minutes",
    "France / 2019 / 90 min": "France, twenty nineteen, ninety minutes",
    "1998/99 season": "nineteen ninety eight to ninety nine season",
    'watched "1917" again': 'watched "nineteen seventeen" again',
    'a 12" single': "a twelve inch single",
    "Price: $$$": "Price: three dollar signs",
    "* 2019 update: it closed": "twenty nineteen update: it closed",
}


@pytest.mark.parametrize(("written", "spoken"), _ENGLISH.items())
def test_english_form(written, spoken):
    """Comparisons, ranges with units, marks of cameras and signs between words are said."""
    assert say(written).text == spoken
