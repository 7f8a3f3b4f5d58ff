"""Plain sentences take a short way; it never differs from the long one."""

from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewcast.text import spoken
from reviewcast.text.spoken import say
from reviewcast.text.spoken.plain import is_plain
from reviewcast.text.spoken.rules.famous import FAMOUS

names = (
    "Dr Capt etc vs Inc eg Rocky Henry Part part act Vol page ii i XIV I A Plan St w feat café"
    " Chvrches"
)
words = st.from_regex(r"[A-Za-z]{1,9}", fullmatch=True) | st.sampled_from(names.split())
joints = st.sampled_from(' |, |; |: |? |! |-|\'| (|) | "|" |’| - |—|… | ,'.split("|"))


@given(
    st.lists(st.tuples(words, joints), min_size=1, max_size=12),
    st.sampled_from(["", ".", "?", "-"]),
)
def test_both_ways_say_the_same(pairs, end):
    """What the short way leaves alone, the long way leaves alone too."""
    text = "".join(word + joint for word, joint in pairs).strip() + end
    said = say(text)
    with mock.patch.multiple(spoken, is_plain=lambda _: False, is_tidy=lambda _: False):
        assert say(text) == said


@pytest.mark.parametrize("entry", FAMOUS, ids=lambda entry: entry.written)
def test_famous_titles_take_the_long_way(entry):
    """No famous title is plain."""
    assert not is_plain(entry.written)
