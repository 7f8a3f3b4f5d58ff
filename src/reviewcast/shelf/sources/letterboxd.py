"""Letterboxd: the reviews.csv of an export, and the feed of a member's newest reviews."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.shelf import archive as archives
from reviewcast.shelf.archive import LARGEST_TABLE, Archive, convert_rows, read_rows
from reviewcast.shelf.converting import make_markdown
from reviewcast.shelf.dates import find_date
from reviewcast.shelf.values import LeftOut, Reading, SourceReview
from reviewcast.shelf.works import read_year

SOURCE, FEED_SOURCE = "letterboxd", "letterboxd-feed"
FAMILY = frozenset({SOURCE, FEED_SOURCE})
COLUMNS = frozenset({"Name", "Year", "Letterboxd URI", "Review"})
_TABLE = "reviews.csv"
_NEVER = frozenset({"deleted", "orphaned"})
_TITLE = re.compile(
    r"(.*?),?\s*(\d{4})?(?:\s*-\s*[★½]+)?(?:\s*\(contains spoilers\))?\s*\Z", re.DOTALL
)
_WARNING = re.compile(
    r"\s*<p>\s*(?:<em>|<i>)?\s*This\s+review\s+may\s+contain\s+spoilers\.?\s*(?:</em>|</i>)?\s*</p>",
    re.IGNORECASE,
)
_POSTER = re.compile(r"\s*<p>\s*<img\b[^>]*\bsrc=[\"']([^\"']+)[\"'][^>]*>\s*</p>", re.IGNORECASE)
_VIEWING = re.compile(
    r"\s*(?:<p>\s*<img\b[^>]*>\s*</p>\s*)?(?:<p>\s*(?:Re-?)?watched on [^<]*</p>\s*)?",
    re.IGNORECASE,
)
"""What the feed has of a film that was seen and not reviewed, whatever its guid is."""

_KIND = re.compile(r"letterboxd-(review|watch|list)-(\d+)")


def find_table(archive: Archive) -> str:
    """Return the name of an export's own reviews.csv, "" when it has none.

    Those below `deleted/` and `orphaned/` are what its writer has taken back, those below `likes/`
    are of others.
    """
    names = [name for name in _list_tables(archive) if not is_foreign(name)]
    return archives.find_table(archive, names, COLUMNS)


def _list_tables(archive: Archive) -> list[str]:
    return [name for name in archive.names if name.rpartition("/")[2] == _TABLE]


def is_foreign(name: str) -> bool:
    """True if a file lies in a folder of what its writer has deleted, or what others wrote."""
    return _is_dropped(name) or "likes" in name.lower().split("/")[:-1]


def _is_dropped(name: str) -> bool:
    return any(map(is_taken_back, name.split("/")[:-1]))


def read_archive(archive: Archive) -> Reading:
    """Read an export; of what was deleted only the addresses are read.

    By them an earlier import of it is found, so that it is spoken no more.
    """
    name = find_table(archive)
    if not name:
        raise UsageError("This export of Letterboxd has no reviews.csv.", hint="Export it again.")
    reading = read_table(archive.read(name, most_bytes=LARGEST_TABLE), name)
    there = {one for review in reading.reviews for one in review.ids}
    there |= {one for item in reading.left_out for one in item.ids}
    dropped = [
        LeftOut(
            title=other,
            reason="deleted or orphaned on Letterboxd",
            ids=tuple(one for one in _list_addresses(archive, other) if one not in there),
            source=SOURCE,
        )
        for other in _list_tables(archive)
        if _is_dropped(other)
    ]
    return replace(reading, left_out=(*reading.left_out, *dropped))


def _list_addresses(archive: Archive, name: str) -> Iterator[str]:
    """Return the ids of the reviews of a table, none of one that is broken."""
    with suppress(ReviewError):
        for row in read_rows(archive.read(name, most_bytes=LARGEST_TABLE), name, []):
            if uri := row.get("Letterboxd URI", ""):
                yield f"letterboxd:{uri}"


def is_taken_back(folder: str) -> bool:
    """True if a folder's name is that of what its writer has deleted."""
    return folder.lower() in _NEVER


def read_table(data: bytes, name: str) -> Reading:
    """Read reviews.csv, in which each viewing has its own address."""
    failed: list[LeftOut] = []
    rows = read_rows(data, name, failed, needed=("Name", "Review"))
    found = list(convert_rows(rows, _read_row, failed))
    return Reading(
        reviews=tuple(review for review in found if review.text),
        left_out=tuple(
            LeftOut(title=review.title, reason="no text", ids=review.ids)
            for review in found
            if review.title and not review.text
        ),
        failed=tuple(failed),
    )


def _read_row(row: dict[str, str]) -> SourceReview:
    uri, film = row.get("Letterboxd URI", ""), row.get("Name", "")
    date, watched = find_date(row.get("Date", "")), find_date(row.get("Watched Date", ""))
    tags = (tag.strip() for tag in row.get("Tags", "").split(","))
    return SourceReview(
        source=SOURCE,
        ids=(f"letterboxd:{uri}",) if uri else (f"letterboxd:{film}@{watched or date}",),
        title=film,
        text=make_markdown(row.get("Review", "")),
        work=film,
        year=read_year(row.get("Year", "")),
        date=date,
        watched=watched,
        rating=f"{row['Rating']}/5" if row.get("Rating") else "",
        link=uri if uri.startswith("https://") else "",
        tags=tuple(tag for tag in tags if tag),
        rewatch=row.get("Rewatch", "").lower() in {"yes", "true"},
    )


def read_entries(entries: list[Any]) -> Reading:
    """Read the entries of a feed of Letterboxd; those without a review are left out."""
    left_out: list[LeftOut] = []
    failed: list[LeftOut] = []
    reviews = tuple(_read_entries(entries, left_out, failed))
    return Reading(reviews=reviews, left_out=tuple(left_out), failed=tuple(failed))


def _read_entries(
    entries: list[Any], left_out: list[LeftOut], failed: list[LeftOut]
) -> Iterator[SourceReview]:
    for entry in entries:
        guid, title = entry.get("id", "") or entry.get("link", ""), entry.get("title", "")
        kind = _KIND.fullmatch(guid)
        is_other = not kind and guid and entry.get("letterboxd_filmtitle")
        is_told = is_other and not _VIEWING.fullmatch(entry.get("summary", ""))
        if is_told or (kind and kind[1] == "review"):
            try:
                yield _read_entry(entry, guid, title)
            except ReviewError as error:
                failed.append(LeftOut(title=title, reason=error.message, ids=(guid,)))
        else:
            reason = "a viewing without a review" if kind and kind[1] == "watch" else "no review"
            left_out.append(LeftOut(title=title, reason=reason))


def _read_entry(entry: Any, guid: str, title: str) -> SourceReview:
    parts = _TITLE.match(title)
    html = entry.get("summary", "")
    poster = _POSTER.match(html)
    html = html[poster.end() :] if poster else html
    warning = _WARNING.match(html)
    film = entry.get("letterboxd_filmtitle") or (parts[1] if parts else title)
    rating, series = entry.get("letterboxd_memberrating", ""), entry.get("tmdb_tvid", "")
    return SourceReview(
        source=FEED_SOURCE,
        ids=(guid,),
        title=film,
        text=make_markdown(html[warning.end() :] if warning else html),
        work=film,
        year=read_year(entry.get("letterboxd_filmyear", "")) or (parts[2] or "" if parts else ""),
        date=find_date(entry.get("published", "")),
        watched=find_date(entry.get("letterboxd_watcheddate", "")),
        rating=f"{rating.removesuffix('.0')}/5" if rating else "",
        link=entry.get("link", ""),
        image=poster[1] if poster else "",
        tmdb=entry.get("tmdb_movieid") or (f"tv/{series}" if series else ""),
        spoiler=bool(warning) or "(contains spoilers)" in title,
        rewatch=entry.get("letterboxd_rewatch", "").lower() == "yes",
    )
