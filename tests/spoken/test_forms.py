"""Written forms are said as a critic says them, and what is read well stays."""

import pytest
from tests.spoken.forms import FORMS, UNCHANGED

from reviewcast.spoken import say


@pytest.mark.parametrize(("written", "spoken"), FORMS.items())
def test_form(written, spoken):
    """A written form becomes the spoken one."""
    assert say(written).text == spoken


@pytest.mark.parametrize("text", UNCHANGED)
def test_unchanged(text):
    """What a voice reads well stays as it is, and no change is told."""
    assert say(text).text == text
    assert say(text).changes == ()
