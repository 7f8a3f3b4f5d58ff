"""Names of a whole review, whose sentences were cut for a voice that takes little at once."""

import pytest

from reviewcast.jobs.listing import list_names
from reviewcast.jobs.shows import load_config
from reviewcast.text.read import ReviewSource

CAST = (
    b"The film is carried from its first minute to its very last one by two people who are worth"
    b" every cent of it, Zo\xc3\xab Kravitz and Saoirse Ronan, and by nobody else at all."
)


@pytest.mark.parametrize("voice", ["gtts", "espeak"])
def test_cuts_hide_no_names(voice):
    """The names are the same whatever a voice's limit, and none is a part of another."""
    found = list_names(ReviewSource("x.md", CAST), load_config(None, voice=voice))
    written = {name.written for name in found.names}
    assert {"Zoë Kravitz", "Saoirse Ronan"} <= written
    assert "Zoë Kravitz and Saoirse Ronan" not in written
    assert all(name.places for name in found.names)
