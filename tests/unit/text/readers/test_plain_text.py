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


def list_paragraphs(text: str) -> list[tuple[str, str]]:
    (section,) = read_text(f"A title\n\n{text}").sections
    return [(paragraph.role, paragraph.text) for paragraph in section.paragraphs]


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        (
            "Good:\n- the sea\n- a boat that goes\n  on and on",
            [("narrator", "Good:"), ("list", "the sea"), ("list", "a boat that goes on and on")],
        ),
        ("Good:\n* the sea", [("narrator", "Good:"), ("list", "the sea")]),
        ("1. The sea\n2. A boat", [("list", "1. The sea"), ("list", "2. A boat")]),
        (
            "It took\n12. The end of\n13. Another",
            [("narrator", "It took 12. The end of 13. Another")],
        ),
        (
            "Words that wrap\n- as here - go on.",
            [("narrator", "Words that wrap - as here - go on.")],
        ),
        ("— No, he says.\n— Yes.", [("narrator", "— No, he says."), ("narrator", "— Yes.")]),
        (
            f"{'A long line. ' * 20}\nA second\nA third",
            [
                ("narrator", ("A long line. " * 20).strip()),
                ("narrator", "A second"),
                ("narrator", "A third"),
            ],
        ),
        (
            f"{'映画はとても長い。' * 9}\n終わり",
            [("narrator", "映画はとても長い。" * 9), ("narrator", "終わり")],
        ),
    ],
)
def test_lines_that_begin_anew(text, paragraphs):
    """Items, what is said in turn, and the lines of a text that does not wrap stay apart."""
    assert list_paragraphs(text) == paragraphs


def test_a_list_is_no_title():
    """The first item of a list stays in it."""
    document = read_text("- The sea\n- A boat\n\nText.")
    assert document.title == ""
    assert [p.role for p in document.sections[0].paragraphs] == ["list", "list", "narrator"]
