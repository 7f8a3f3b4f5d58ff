"""Lines, cuts and URLs of published documents."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.model.clean import clean_line, cut_text, make_slug, quote_url

ANY = st.text(st.characters(exclude_categories=()))


def test_clean_line():
    """A line has no ends of lines, no controls and no blanks around it; a narrow space stays."""
    assert clean_line(" a\r\n\tb\x00\u202e \ud83cc ") == "a b c"
    assert clean_line("Quoi\u202f?") == "Quoi\u202f?"


def test_longest_line():
    """A long line ends at a word, a long word anywhere."""
    assert clean_line("one two three", longest=13) == "one two three"
    assert clean_line("one two three", longest=12) == "one two…"
    assert clean_line("a" * 20, longest=10) == "a" * 9 + "…"


@pytest.mark.parametrize(
    ("size", "expected"),
    [(99, "zwei schöne Wörter"), (20, "zwei schöne Wörter"), (19, "zwei schöne…"), (2, "")],
)
def test_cut_text(size, expected):
    """Text is cut by its bytes in UTF-8, after a whole word."""
    assert cut_text("zwei schöne Wörter", most_bytes=size) == expected


@given(text=st.text(), size=st.integers(0, 60))
def test_cut_text_holds_its_size(text, size):
    """No text is longer than asked for, and what fits is untouched."""
    cut = cut_text(text, most_bytes=size)
    assert len(cut.encode()) <= size
    assert cut in {text, ""} or (cut.endswith("…") and text.startswith(cut[:-1]))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org", "https://example.org"),
        ("http://example.org:8000/a?b=c&d#e", "http://example.org:8000/a?b=c&d#e"),
        ("https://example.org/ä b%20c%zz", "https://example.org/%C3%A4%20b%20c%25zz"),
        ("https://example.org/<script>'\"", "https://example.org/%3Cscript%3E'%22"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        (" https://example.org/\n", "https://example.org/"),
        ("HTTPS://Example.org/", "https://Example.org/"),
        ("https://straße.example/", ""),  # two hosts, by the edition of IDNA
        ("https:///path", ""),
        ("https://exa mple.org/", ""),
        ("https://example.org:x/", ""),
        ("https://[broken/", ""),
        ("https://" + "ä" * 80 + ".org/", ""),
        ("//example.org/", ""),
        ("example.org", ""),
        ("javascript:alert(1)", ""),
        ("mailto:a@b.org", ""),
        ("", ""),
    ],
)
def test_quote_url(url, expected):
    """Web addresses become ASCII, everything else nothing."""
    assert quote_url(url) == expected


@settings(max_examples=count_examples(300))
@given(tail=ANY, host=st.one_of(st.just("example.org"), ANY))
def test_quote_any_url(tail, host):
    """What comes out is printable ASCII, and stays as it is when it is quoted again."""
    quoted = quote_url(f"https://{host}/{tail}")
    assert quoted.isascii()
    assert not quoted or quoted.isprintable()
    assert not set(quoted) & set(' "<>\\^`{|}')
    assert quote_url(quoted) == quoted


def test_slugs():
    """A slug is of a-z, 0-9 and single hyphens, of 80 characters at most; some texts have none."""
    assert make_slug("  Amélie: & “Délicatessen”! ") == "amelie-delicatessen"
    assert make_slug("生きる") == ""
    assert make_slug("ab-" * 99) == ("ab-" * 27)[:80]
    assert not make_slug("a" * 79 + " b").endswith("-")
    # names that Windows takes for devices, whatever follows the dot
    assert [make_slug(name) for name in ("Con", "NUL.", "com1", "LPT9", "Con Air", "com10")] == [
        "con-review",
        "nul-review",
        "com1-review",
        "lpt9-review",
        "con-air",
        "com10",
    ]
