"""Plain sentences take a short way; it never differs from the long one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewcast import spoken
from reviewcast.spoken import say
from reviewcast.spoken.famous import FAMOUS

words = st.from_regex(r"[A-Za-z]{1,9}", fullmatch=True)
joints = st.sampled_from([" ", ", ", "; ", ": ", "? ", "! ", "-", "'", " (", ") ", ' "', '" ', "’"])


@given(st.lists(st.tuples(words, joints), min_size=1, max_size=12), st.sampled_from([".", "", "?"]))
def test_both_ways_say_the_same(pairs, end):
    """What the short way would leave alone, the long way leaves alone too."""
    text = "".join(word + joint for word, joint in pairs).strip() + end
    if not spoken._TELLING.search(text):
        assert say(text, overrides={"ratings": True}).text == text


@pytest.mark.parametrize("entry", FAMOUS, ids=lambda entry: entry.written)
def test_famous_titles_take_the_long_way(entry):
    """No famous title is plain."""
    assert spoken._TELLING.search(entry.written)
