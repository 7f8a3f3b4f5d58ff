"""The public face for plug-ins is enough for a stranger, and the former names still work.

What stands in tests/typing is checked by mypy --strict in scripts/check.
"""

import importlib

import pytest
from tests.typing import chirp_voice, whistle_voice
from tests.typing.shelf_destination import make_destination

import reviewcast.plugin
from reviewcast.testing import check_destination, check_voice


@pytest.mark.parametrize("made_by", [chirp_voice, whistle_voice])
def test_a_voice_keeps_the_protocol(made_by):
    """By the checks that its author runs, with an `info` and as older ones are, without."""
    check_voice(made_by.make_voice())


def test_a_destination_keeps_the_protocol(tmp_path):
    """By the checks that its author runs."""
    check_destination(lambda: make_destination(tmp_path))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("reviewcast.model", "Take"),
        ("reviewcast.errors", "VoiceError"),
        ("reviewcast.errors", "VoiceUnavailable"),
        ("reviewcast.errors", "DestinationError"),
        ("reviewcast.protocols", "Voice"),
        ("reviewcast.protocols", "Upload"),
        ("reviewcast.sound", "decode_speech"),
    ],
)
def test_a_former_name_works_and_says_where_it_is_now(module, name):
    """It is the very same thing, with a DeprecationWarning; what never was there is missed."""
    place = importlib.import_module(module)
    with pytest.warns(DeprecationWarning, match=rf"{module}\.{name} has moved.*reviewcast\.plugin"):
        found = getattr(place, name)
    assert found is getattr(reviewcast.plugin, name)
    with pytest.raises(AttributeError):
        place.never_there  # noqa: B018
    with pytest.raises(ImportError):
        importlib.import_module(f"{module}.never_there")


@pytest.mark.parametrize("name", ["ToneVoice", "MemoryDestination", "check_voice"])
def test_the_checks_are_where_they_were(name):
    """Authors import them from reviewcast.testing, without a warning."""
    assert getattr(importlib.import_module("reviewcast.testing"), name)
