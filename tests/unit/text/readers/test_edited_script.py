"""An editable script: written, changed by hand, read back."""

import msgspec
import pytest

from reviewcast.model.errors import ReviewError
from reviewcast.model.text import Paragraph, Review, Script, Section
from reviewcast.settings.schema import SplitSettings
from reviewcast.text.readers.edited_script import format_script, is_script, read_script
from reviewcast.text.split import split_review
from reviewcast.text.spoken import say

FIELDS = {"title": 'A "B": C', "author": "Jo", "rating": ""}


def make_script() -> Script:
    review = Review(
        title='A "B": C',
        slug="a",
        sections=(
            Section(None, (Paragraph("It cost $30M."), Paragraph("# not a chapter", "list"))),
            Section("Verdict", (Paragraph("See it — twice.", "quote"),)),
        ),
    )

    def speak(text, _emphasis):
        spoken = say(text)
        return spoken.text, spoken.changes

    return split_review(review, SplitSettings(), max_chars=1000, say=speak)


def test_round_trip():
    """What was written is read back the same: chapters, roles, pauses, both texts."""
    script = make_script()
    text = format_script(script, FIELDS)
    assert is_script(text)
    document = read_script(text)
    again = document.script
    assert document.metadata == {"title": 'A "B": C', "author": "Jo"}
    assert again.chapters == script.chapters
    for before, after in zip(script.segments, again.segments, strict=True):
        for name in ("index", "chapter", "role", "text", "spoken", "pause_s"):
            assert getattr(before, name) == getattr(after, name)


def test_edits_are_taken():
    """Another spoken text, another pause, a segment less: the script is what stands there."""
    text = format_script(make_script(), FIELDS)
    text = text.replace("= It cost thirty million dollars.", "= It cost a fortune.")
    text = text.replace("[1 · narrator · 0.8 s]", "[narrator · 2 s]")
    first = read_script(text).script.segments[0]
    assert (first.text, first.spoken, first.pause_s) == ("It cost $30M.", "It cost a fortune.", 2.0)


def test_what_is_over_the_limit_is_cut():
    """A voice with a lower limit gets an edited segment in parts, in order."""
    script = msgspec.structs.replace(make_script(), chapters=make_script().chapters)
    review = Review(title="T", slug="t", sections=(), script=script)
    fitted = split_review(review, SplitSettings(), max_chars=20)
    assert max(len(segment.spoken) for segment in fitted.segments) <= 20
    assert [s.index for s in fitted.segments] == list(range(len(fitted.segments)))
    said = " ".join(segment.spoken for segment in fitted.segments)
    assert said == " ".join(segment.spoken for segment in script.segments)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Just a line.", "Line 5 begins neither a chapter nor a segment."),
        ("[1 · singer · 0.8 s]\nText.", "Line 5 has an unknown role."),
        ("[1 · narrator · 0.8 s]", "Line 5 begins neither a chapter nor a segment."),
        ("[1 · narrator · 0.8 s]\nText.\nMore.", "Line 5 begins neither"),
    ],
)
def test_broken_lines_are_named(line, message):
    """What cannot be read is told with its line and a hint."""
    with pytest.raises(ReviewError, match=message) as caught:
        read_script(f"---\nreviewcast: script\n---\n\n{line}\n")
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# A\n\nB.",
        "---\ntitle: reviewcast: script\n---\n",
        "---\na: b\n---\nreviewcast: script\n",
    ],
)
def test_other_texts_are_no_scripts(text):
    """Only the mark in the front matter makes a script."""
    assert not is_script(text)
