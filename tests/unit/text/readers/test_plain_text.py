"""Plain text: paragraphs and a title line."""

import pytest

from reviewcast.text.readers.plain import read_text


@pytest.mark.parametrize(
    ("text", "title", "paragraphs"),
    [
        ("A title\n\nText.", "A title", ["Text."]),
        ("A title!\n\n\n \nText,\n  on two lines.\n", "A title!", ["Text, on two lines."]),
        ("\n\nA title?\n\nText.", "A title?", ["Text."]),
        ("Alone", "", ["Alone"]),
        ("No title.\n\nText.", "", ["No title.", "Text."]),
        ("“No title.”\n\nText.", "", ["“No title.”", "Text."]),
        ("No title:\n\nText.", "", ["No title:", "Text."]),
        ("* * *\n\nText.", "", ["* * *", "Text."]),
        (f"{'long ' * 21}\n\nText.", "", [("long " * 21).strip(), "Text."]),
        ("Two lines\nof title\n\nText.", "Two lines of title", ["Text."]),
        ("# *Kept* `as` it is\n\nText [a](b).", "# *Kept* `as` it is", ["Text [a](b)."]),
        ("", "", []),
    ],
)
def test_read_text(text, title, paragraphs):
    """Blank lines part paragraphs; a short first one that is no sentence is the title."""
    document = read_text(text)
    assert document.title == title
    (section,) = document.sections
    assert [paragraph.text for paragraph in section.paragraphs] == paragraphs
    assert {paragraph.role for paragraph in section.paragraphs} <= {"narrator"}


def test_front_matter_is_read_in_plain_text_too():
    """A .txt may begin with front matter; its title is spoken once."""
    document = read_text("---\ntitle: A tale.\nrating: 8/10\n---\n\nA tale.\n\nIt begins.\n")
    assert document.metadata == {"title": "A tale.", "rating": "8/10"}
    assert document.title == "A tale."
    assert [p.text for p in document.sections[0].paragraphs] == ["It begins."]
