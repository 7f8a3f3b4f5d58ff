"""What may stand in a published document: clean lines, texts of a size, URLs in ASCII."""

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

from reviewcast.model.characters import clean_text

_BLANKS = re.compile("[ \t\n]+")
_LONE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_NETLOC = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:%-]*@)?(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::\d*)?")
WEB_URL = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_DEVICE = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]")

# IDNA 2003, which the standard library speaks, gives these another host than IDNA 2008 does
_DISPUTED = re.compile("[ßς\u200c\u200d]")


def clean_line(text: str, *, longest: int = 0) -> str:
    """Return text on one line, without what XML cannot hold or nobody sees.

    With `longest`, it has at most so many characters, and "…" tells that some are missing.
    """
    line = _BLANKS.sub(" ", clean_text(text)).strip()
    if not longest or len(line) <= longest:
        return line
    return _cut_word(line[: longest - 1]) + "…"


def cut_text(text: str, *, most_bytes: int) -> str:
    """Cut text to a size in UTF-8, after a whole word; "…" tells that some is missing."""
    encoded = text.encode()
    if len(encoded) <= most_bytes:
        return text
    room = most_bytes - len("…".encode())
    return _cut_word(encoded[:room].decode(errors="ignore")) + "…" if room > 0 else ""


def quote_url(url: str) -> str:
    """Write a web address in ASCII (RFC 3986); "" for what is not http or https.

    What is percent-encoded already stays as it is.
    """
    try:
        parts = urlsplit(clean_line(url))
        netloc = parts.netloc
        if not netloc.isascii() and not _DISPUTED.search(netloc):
            netloc = netloc.encode("idna").decode()
        _ = parts.port  # raises when it is none
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not netloc.isascii():
        return ""
    if not _NETLOC.fullmatch(netloc):
        return ""
    path, query, fragment = (
        quote(_LONE_PERCENT.sub("%25", part), safe=safe)
        for part, safe in (
            (parts.path, "/%:@!$&'()*+,;=~"),
            (parts.query, "/%:@!$&'()*+,;=~?"),
            (parts.fragment, "/%:@!$&'()*+,;=~?"),
        )
    )
    return urlunsplit((parts.scheme, netloc, path, query, fragment))


def make_slug(text: str) -> str:
    """Make a name for files and addresses of a text: a-z, 0-9 and single hyphens, or "".

    It has at most 80 characters. Names of devices, which Windows takes for no file of a folder,
    get an ending.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-")
    return f"{slug}-review" if _DEVICE.fullmatch(slug) else slug


def _cut_word(text: str) -> str:
    """Take a broken word off the end, unless that would take most of the text."""
    whole = text.rstrip()
    if whole == text and (space := max(text.rfind(" "), text.rfind("\n"))) > len(text) // 2:
        whole = text[:space].rstrip()
    return whole


def keep_web_url(url: str) -> str:
    """Return an address if it leads to the web and hides nothing, "" for any other."""
    try:
        is_web = WEB_URL.fullmatch(url) and clean_text(url) == url and urlsplit(url).hostname
        return url if is_web else ""
    except ValueError:  # such as an unclosed bracket
        return ""
