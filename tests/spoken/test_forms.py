"""Written forms are said as a critic says them, and what is read well stays."""

import pytest
from tests.spoken.forms import FORMS, UNCHANGED
from tests.spoken.more_forms import BRITISH, MORE_FORMS

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


@pytest.mark.parametrize(("written", "spoken"), MORE_FORMS.items())
def test_further_form(written, spoken):
    """Numbers that touch letters, ratings, seasons, prices and ornaments are said as meant."""
    assert say(written).text == spoken


@pytest.mark.parametrize("spoken", sorted(set(MORE_FORMS.values())))
def test_further_form_is_final(spoken):
    """What was made to be spoken is not changed a second time."""
    assert say(spoken).text == spoken


@pytest.mark.parametrize(("written", "spoken"), BRITISH.items())
def test_british_numbers(written, spoken):
    """British numbers have an "and", American ones none."""
    assert say(written, language="en-GB").text == spoken
    assert " and " not in say(written, language="en-US").text
