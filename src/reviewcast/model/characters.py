"""Characters: references are decoded, and what nobody can see is dropped."""

import html
import re
import unicodedata
from html.entities import html5

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)

_LINE_END = re.compile("[\r\x85\u2028\u2029\x0c]")

_LINE_ENDS = str.maketrans(
    {"\r": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n\n", "\x0c": "\n\n"}
)

# full-width letters and figures, and those of mathematics that pass for bold or script
_STYLED = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]+")
_REFERENCE = re.compile(r"&(?:#(?:([0-9]{1,7})|[xX]([0-9a-fA-F]{1,6}))|[A-Za-z][A-Za-z0-9]{1,31});")


def has_words(text: str) -> bool:
    """True if there is a letter or a digit in a text."""
    return any(map(str.isalnum, text))


def decode_references(text: str) -> str:
    """Decode `&eacute;` and `&#233;`, but not what merely looks like it: `?a=1&copy=2`."""
    return _REFERENCE.sub(_decode, text) if "&" in text else text


def _decode(match: "re.Match[str]") -> str:
    name = match[0][1:]
    if name[0] != "#":
        return html5.get(name, match[0])
    number = int(match[1] or match[2], 10 if match[1] else 16)
    return html.unescape(match[0]) if number < 0x110000 else ""


def clean_text(text: str) -> str:
    """Drop controls, direction marks and their like; give every line the same end.

    Letters that only look otherwise, such as full-width ones, become those that they stand for.
    """
    if text.isascii() and text.isprintable():
        return text
    if _LINE_END.search(text):
        text = text.replace("\r\n", "\n").translate(_LINE_ENDS)
    if _STYLED.search(text):
        text = _STYLED.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    return _UNSEEN.sub("", text) if _UNSEEN.search(text) else text
