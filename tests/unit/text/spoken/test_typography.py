"""Typography becomes what voices read well."""

import unicodedata

import pytest
from hypothesis import given, settings
from tests.support.budget import count_examples
from tests.unit.text.texts import paragraphs

from reviewcast.text.spoken.rules.typography import speak_typography


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("the world—even now—is", "the world — even now — is"),
        ("one – two - three -- four", "one — two — three — four"),
        ("one--two", "one — two"),
        ("well-known, 1920–1927, -5", "well-known, 1920–1927, -5"),
        ("—Yes. No—", "Yes. No"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("no\u00a0break  two", "no break two"),
        ("cafe\u0301", "caf\u00e9"),
        ("a \ufffd b", "a b"),
        ("❤\ufe0f", "❤"),
        ("", ""),
        ("—", "—"),
    ],
)
def test_typography(written, spoken):
    """Dashes between words stand apart, and what nobody sees is gone."""
    assert speak_typography(written) == spoken


@settings(max_examples=count_examples(150), deadline=None)
@given(paragraphs)
def test_no_letter_is_lost(text):
    """Every letter and digit is spoken, in order."""
    spoken = speak_typography(text)
    assert list(filter(str.isalnum, spoken)) == list(
        filter(str.isalnum, unicodedata.normalize("NFC", text))
    )
    assert spoken == spoken.strip()
