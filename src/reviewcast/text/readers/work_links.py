"""Where the reviewed work is known: ids of databases in front matter become addresses."""

import re
from collections.abc import Callable, Iterator, Mapping

from reviewcast.model.clean import keep_web_url, quote_url

_TMDB = re.compile(
    r"(?:https?://(?:www\.)?themoviedb\.org/)?(?:(movie|tv)/)?([1-9]\d{0,8})(?:-[\w-]*)?/?",
    re.IGNORECASE | re.ASCII,
)
_IMDB = re.compile(
    r"(?:https?://(?:www\.|m\.)?imdb\.com/(?:[a-z]{2}(?:-[a-z]{2})?/)?title/)?(tt\d{7,10})(?:[/?#].*)?",
    re.IGNORECASE | re.ASCII,
)
_ISBN = re.compile(
    r"(?:https?://openlibrary\.org/isbn/|urn:isbn:|isbn(?:-1[03])?:?\s*)?"
    r"([\dX][\dX -]{8,16})/?",
    re.IGNORECASE | re.ASCII,
)
_MUSICBRAINZ = re.compile(
    r"(?:https?://(?:beta\.)?musicbrainz\.org/)?(?:(release-group|release|recording|work|artist)/)?"
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?",
    re.IGNORECASE | re.ASCII,
)
_WIKIDATA = re.compile(
    r"(?:https?://(?:www\.)?wikidata\.org/(?:wiki|entity)/)?(Q[1-9]\d{0,11})",
    re.IGNORECASE | re.ASCII,
)

_WORKS = frozenset(
    " params extra ids external_ids subject work film movie series tv book album game item"
    " itemreviewed reviewed review".split(" ")
)
"""What ids may stand in: those of persons are another matter."""

_SPACE = re.compile(r"[,;\s]+(?=\S)")
_LIST = re.compile(r",\s+|\s+(?=https?://)")
_MOST = 10
_LONGEST = 2000


def read_work_links(metadata: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the addresses of the reviewed work, each once, and remarks on what is no id.

    Ids may be written as such, or as addresses of their databases. An ISBN has to have a right
    check digit.
    """
    links: dict[str, None] = {}
    remarks: list[str] = []
    for name, (keys, example, read) in _KINDS.items():
        for key, value in _list_values(metadata, keys):
            odd = []
            for one in _part(value, name):
                if link := read(one):
                    links[link] = None
                else:
                    odd.append(one)
            if odd:
                remarks.append(_remark(key, odd[0], name, example))
    return tuple(links)[:_MOST], tuple(remarks)


def _list_values(metadata: Mapping[str, str], keys: frozenset[str]) -> Iterator[tuple[str, str]]:
    for key, value in metadata.items():
        outer, _, name = key.rpartition(".")
        name = re.sub(r"[- ]", "_", name)
        if (
            name in keys
            and outer.rpartition(".")[2] in _WORKS
            and value.strip().lower() not in {"", "null", "none", "~", "false", "true"}
        ):
            yield key, value.strip()[:_LONGEST]


def _part(value: str, name: str) -> list[str]:
    """Part a list, which front matter has as one text; an ISBN may hold spaces."""
    split = _LIST if name in {"ISBN", _LINKS} else _SPACE
    return [one for one in split.split(value) if one]


def _remark(key: str, value: str, name: str, example: str) -> str:
    shown = value if len(value) <= 60 else f"{value[:60]}…"
    if name == "ISBN" and (digits := _find_isbn(value)):
        return f"The {key} {shown!r} has a wrong check digit or is cut; {digits} is left out."
    return f"The {key} {shown!r} is no {name}, such as {example}; it is left out."


def _link_imdb(value: str) -> str:
    match = _IMDB.fullmatch(value)
    return f"https://www.imdb.com/title/{match[1].lower()}/" if match else ""


def _link_tmdb(value: str) -> str:
    match = _TMDB.fullmatch(value)
    kind = (match[1] or "movie").lower() if match else ""
    return f"https://www.themoviedb.org/{kind}/{match[2]}" if match else ""


def _link_musicbrainz(value: str) -> str:
    match = _MUSICBRAINZ.fullmatch(value)
    kind = (match[1] or "release-group").lower() if match else ""
    return f"https://musicbrainz.org/{kind}/{match[2].lower()}" if match else ""


def _link_wikidata(value: str) -> str:
    match = _WIKIDATA.fullmatch(value)
    return f"https://www.wikidata.org/wiki/{match[1].upper()}" if match else ""


def _link_isbn(value: str) -> str:
    isbn = _complete_isbn(_find_isbn(value))
    return f"https://openlibrary.org/isbn/{isbn}" if isbn else ""


def _find_isbn(value: str) -> str:
    match = _ISBN.fullmatch(value.strip("=\"' "))
    return re.sub(r"[ -]", "", match[1]).upper() if match else ""


def _complete_isbn(digits: str) -> str:
    """Return an ISBN of 13 digits, "" when a check digit is wrong (ISO 2108)."""
    if re.fullmatch(r"\d{9}[\dX]", digits):
        values = [10 if digit == "X" else int(digit) for digit in digits]
        if sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 11:
            return ""
        first = f"978{digits[:9]}"
        return f"{first}{-_weigh(first) % 10}"
    if re.fullmatch(r"97[89]\d{10}", digits) and not _weigh(digits) % 10:
        return digits
    return ""


def _weigh(digits: str) -> int:
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))


def _link_web(value: str) -> str:
    quoted = quote_url(value)
    return quoted if keep_web_url(quoted) else ""


_LINKS = "web address"

_KINDS: dict[str, tuple[frozenset[str], str, Callable[[str], str]]] = {
    "id of IMDb": (
        frozenset("imdb imdb_id imdbid imdb_url imdb_link".split()), "tt0041959", _link_imdb
    ),
    "id of TMDB": (
        frozenset("tmdb tmdb_id tmdbid tmdb_url themoviedb".split()),
        "1092, or tv/1399",
        _link_tmdb,
    ),
    "ISBN": (
        frozenset("isbn isbn13 isbn_13 isbn10 isbn_10".split()), "978-0-14-044913-6", _link_isbn
    ),
    "id of MusicBrainz": (
        frozenset("musicbrainz musicbrainz_id musicbrainz_url mbid".split()),
        "release-group/f5093c06-23e3-404f-aeaa-40f72885ee3a",
        _link_musicbrainz,
    ),
    "id of Wikidata": (
        frozenset("wikidata wikidata_id wikidata_url".split()), "Q203560", _link_wikidata
    ),
    _LINKS: (
        frozenset("same_as sameas work_links work_link".split()),
        "https://example.org/film",
        _link_web,
    ),
}  # fmt: skip
"""What is named: its keys in front matter, how one looks, and how it becomes an address."""

KEYS = frozenset[str]().union(*(keys for keys, _, _ in _KINDS.values()))
"""The last part of all keys that are read here."""
