"""Letterboxd: the reviews.csv of an export, and the feed of a member's newest reviews."""

import re
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from reviewcast.model.errors import UsageError
from reviewcast.shelf.archive import LARGEST_TABLE, Archive, read_rows
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
_KIND = re.compile(r"letterboxd-(review|watch|list)-(\d+)")


def find_table(archive: Archive) -> str:
    """Return the name of an export's own reviews.csv, "" when it has none.

    Those below `deleted/` and `orphaned/` are what its writer has taken back.
    """
    found = [
        name
        for name in archive.names
        if name.rpartition("/")[2] == _TABLE
        and _NEVER.isdisjoint(part.lower() for part in name.split("/")[:-1])
        and "__MACOSX" not in name
    ]
    return min(found, key=lambda name: (name.count("/"), name), default="")


def read_archive(archive: Archive) -> Reading:
    """Read an export; of its other files only the names of the folders are looked at."""
    name = find_table(archive)
    if not name:
        raise UsageError("This export of Letterboxd has no reviews.csv.", hint="Export it again.")
    dropped = [
        LeftOut(title=other, reason="deleted or orphaned on Letterboxd")
        for other in archive.names
        if other.rpartition("/")[2] == _TABLE and other != name and "__MACOSX" not in other
    ]
    reading = read_table(archive.read(name, most_bytes=LARGEST_TABLE), name)
    return replace(reading, left_out=(*reading.left_out, *dropped))


def is_taken_back(folder: str) -> bool:
    """True if a folder's name is that of what its writer has deleted."""
    return folder.lower() in _NEVER


def read_table(data: bytes, name: str) -> Reading:
    """Read reviews.csv, in which each viewing has its own address."""
    failed: list[LeftOut] = []
    rows = [_read_row(row) for row in read_rows(data, name, failed, needed=("Name", "Review"))]
    return Reading(
        reviews=tuple(review for review in rows if review.text),
        left_out=tuple(
            LeftOut(title=review.title, reason="no text", ids=review.ids)
            for review in rows
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
    return Reading(reviews=tuple(_read_entries(entries, left_out)), left_out=tuple(left_out))


def _read_entries(entries: list[Any], left_out: list[LeftOut]) -> Iterator[SourceReview]:
    for entry in entries:
        guid, title = entry.get("id", ""), entry.get("title", "")
        kind = _KIND.fullmatch(guid)
        if kind and kind[1] == "review":
            yield _read_entry(entry, guid, title)
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
    rating = entry.get("letterboxd_memberrating", "")
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
        tmdb=entry.get("tmdb_movieid") or entry.get("tmdb_tvid") or "",
        spoiler=bool(warning) or "(contains spoilers)" in title,
        rewatch=entry.get("letterboxd_rewatch", "").lower() == "yes",
    )
