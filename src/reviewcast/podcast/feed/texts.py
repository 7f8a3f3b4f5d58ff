"""Texts of feeds: titles without tags, descriptions that fit, notes in HTML."""

import html
import re

from reviewcast.model.characters import clean_text, decode_references
from reviewcast.model.clean import clean_line, cut_text

LONGEST_TITLE = 255
"""So many characters of all values but descriptions are taken by Apple."""

_LONGEST_DESCRIPTION_BYTES = 4000
_LIKE_A_TAG = re.compile(r"<(?=[A-Za-z/!?])([^<>]*)>")

_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|em|font|i|p|q|s|small|span|strong|sub|sup|u)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def plain_title(text: str) -> str:
    """Take HTML out of a title, which some tools write there."""

    def drop(tag: re.Match[str]) -> str:
        return " " if tag[0].lower().startswith(("<br", "<p", "</p")) else ""

    return clean_line(decode_references(_INLINE.sub(drop, text)))


def strip_tags(text: str) -> str:
    """Return a text without the tags of HTML in it."""
    return _TAG.sub("", text)


def _soften(text: str) -> str:
    """Put other brackets where some readers would see a tag, and drop or run it.

    RSS 2.0 leaves open whether titles and descriptions are text or HTML.
    """
    return _LIKE_A_TAG.sub(r"‹\1›", text)


def clean_title(text: str) -> str:
    """Return a title in one line, of at most 255 characters, without anything like a tag."""
    return _soften(clean_line(text, longest=LONGEST_TITLE))


def limit_description(text: str) -> str:
    """Cut a description to the 4,000 bytes that Apple takes."""
    plain = _soften(clean_text(text).strip())
    return cut_text(plain, most_bytes=_LONGEST_DESCRIPTION_BYTES)


def make_paragraph(text: str) -> str:
    """Return a text as a paragraph of HTML."""
    return f"<p>{html.escape(text, quote=False)}</p>".replace("\n", "<br>\n")


def to_html(text: str) -> str:
    """Make paragraphs of a text that has no tags of its own."""
    if not text or _TAG.search(text):
        return text
    blocks = (html.escape(decode_references(block)) for block in re.split(r"\n\s*\n", text))
    return "".join(f"<p>{block.strip().replace(chr(10), '<br>')}</p>" for block in blocks)
