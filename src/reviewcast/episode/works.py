"""The places where a reviewed work is known, as notes and search engines name them."""

import html
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_NAMES = {
    "imdb.com": "IMDb",
    "themoviedb.org": "TMDB",
    "openlibrary.org": "Open Library",
    "musicbrainz.org": "MusicBrainz",
    "wikidata.org": "Wikidata",
}

_KINDS = (
    (re.compile(r"https://openlibrary\.org/isbn/(\d{13})"), "Book"),
    (re.compile(r"https://www\.themoviedb\.org/(tv)/\d+"), "TVSeries"),
    (re.compile(r"https://www\.themoviedb\.org/(movie)/\d+"), "Movie"),
    (re.compile(r"https://musicbrainz\.org/(release|release-group)/[\da-f-]+"), "MusicAlbum"),
)


def link_work(same_as: Sequence[str]) -> str:
    """Return links to a work's pages as HTML, each by the name of its site; "" without any."""
    return " · ".join(
        f'<a href="{html.escape(url)}">{html.escape(_name_site(url))}</a>' for url in same_as
    )


def find_work_kind(same_as: Sequence[str]) -> str:
    """Return what a work is by schema.org, "" when its pages do not tell."""
    return next((kind for form, kind in _KINDS for url in same_as if form.fullmatch(url)), "")


def find_isbn(same_as: Sequence[str]) -> str:
    """Return a work's ISBN of 13 digits, "" when it has none."""
    form, _ = _KINDS[0]
    return next((match[1] for url in same_as if (match := form.fullmatch(url))), "")


def _name_site(url: str) -> str:
    host = (urlsplit(url).hostname or url).removeprefix("www.")
    return _NAMES.get(host, host)
