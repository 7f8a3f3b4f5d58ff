"""Which work a title speaks of, and when two titles are of the same one."""

import re
import unicodedata
from functools import lru_cache

_YEAR = re.compile(r"\s*[\[(]((?:18[89]|19\d|20\d)\d)[\])]\s*")
_FIGURES = re.compile(r"(?<!\d)[0-9]{4}(?!\d)")
_SERIES = re.compile(r"\s*\([^()]*#\s*[\d.]+[^()]*\)\s*$")
_QUOTED = re.compile(r"[“‘\"«„]([^“”\"«»„]{2,120})[”’\"»“]")
_KIND = (
    r"(?:(?:my|the|a|film|movie|book|novel|album|music|game|tv|television|series|short|blu-ray|dvd|"
    r"4k|uhd|mini|quick|capsule|spoiler|spoiler-free|advance|early|theatrical|streaming)\s+){0,3}"
    r"(?:re-?)?(?:reviews?|rezension|kritik|filmkritik|filmrezension|buchkritik|critique|recensione|"
    r"reseña|crítica|recension|thoughts|revisited)"
)
_BEFORE = re.compile(rf"^{_KIND}(?:\s*#?\d+)?\s*(?:[:|–—-]|\bof\b)\s*", re.IGNORECASE)
_AFTER = re.compile(rf"\s*(?:[:|–—-]|\bin\b|\()?\s*\b{_KIND}\s*\)?$", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|a|an|der|die|das|le|la|les|el|il|los)\s+(?=\S)")
_WORD = re.compile(r"[^\W_]+")


def read_year(written: str) -> str:
    """Return the four figures of a year, "" for what has none: `1995?`."""
    found = _FIGURES.search(written)
    return found[0] if found else ""


def split_year(title: str) -> tuple[str, str]:
    """Return a title without the year in brackets, and that year, "" without one."""
    found = list(_YEAR.finditer(title))
    if not found:
        return title.strip(), ""
    last = found[-1]
    joined = f"{title[: last.start()]} {title[last.end() :]}".strip()
    return (joined, last[1]) if joined else (title.strip(), "")


def drop_series(title: str) -> str:
    """Return a book's title without `(Series, #2)` behind it."""
    return _SERIES.sub("", title) or title


def guess_work(title: str) -> tuple[str, str]:
    """Return the work that a blog's title names, and its year: `Film Review: Heat (1995)`."""
    title = " ".join(title.split())
    plain, year = split_year(title)
    shorter = _AFTER.sub("", _BEFORE.sub("", plain)).strip(" :|–—-,")
    return shorter or plain, year


@lru_cache(maxsize=100_000)
def key_work(title: str) -> str:
    """Return what titles of the same work have in common: letters and digits, no article."""
    folded = unicodedata.normalize("NFKD", drop_series(title).casefold()).replace("&", " and ")
    plain = "".join(sign for sign in folded if not unicodedata.combining(sign))
    plain = plain.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    words = " ".join(_WORD.findall(plain))
    return _ARTICLE.sub("", words) or words


def list_keys(title: str, work: str) -> frozenset[str]:
    """Return the keys that a review may be found by: of its work, else all that its title may be.

    A title's part before a colon is none: sequels share it.
    """
    if work:
        return frozenset({key_work(work)} - {""})
    plain, _ = split_year(title)
    names = {plain, guess_work(title)[0], *_QUOTED.findall(plain)}
    return frozenset({key_work(name) for name in names} - {""})
