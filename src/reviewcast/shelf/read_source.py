"""A source that was opened becomes reviews, and the list of what is left out of it."""

import datetime as dt
import os
from collections.abc import Callable
from functools import partial

from reviewcast.model.errors import UsageError
from reviewcast.shelf.archive import Archive
from reviewcast.shelf.converting import count_words
from reviewcast.shelf.dates import collect_unread, is_future
from reviewcast.shelf.detect import Source
from reviewcast.shelf.sources import (
    blogger,
    books,
    feed,
    folder,
    ghost,
    letterboxd,
    medium,
    substack,
    wordpress,
)
from reviewcast.shelf.sources.feed import Fetch
from reviewcast.shelf.sources.page import ReservedPageError, list_page_ids, read_page
from reviewcast.shelf.values import LeftOut, Reading, SourceReview

_LONGEST_BYTES = 2_000_000
"""No longer text can be read again, to be spoken."""


def read_reviews_of(
    source: Source, *, now: dt.datetime, fetch: Fetch | None = None, include_paid: bool = False
) -> Reading:
    """Read a source; `fetch` gets the pages of a feed that has only summaries.

    What is dated in the future is left out. Raise ReviewError when the source is broken,
    UsageError when it has not the format that it is to be read in.
    """
    with collect_unread() as unread:
        reading = _read(source, now, fetch, include_paid=include_paid)
    kept: list[SourceReview] = []
    left_out, failed = list(reading.left_out), list(reading.failed)
    for review in reading.reviews:
        if len(review.text.encode()) > _LONGEST_BYTES - 10_000:  # and its front matter
            reason = "Its text is larger than 2 MB."
            failed.append(LeftOut(title=review.title, reason=reason, ids=review.ids))
            continue
        if is_future(review.date, now):
            reason = "scheduled for later"
        elif not count_words(review.text):
            reason = "without text"
        else:
            kept.append(review)
            continue
        left_out.append(
            LeftOut(title=review.title, reason=reason, ids=review.ids, source=review.source)
        )
    warnings = [_describe_unread(source.name, unread)] if unread else []
    return Reading(
        reviews=tuple(kept),
        left_out=tuple(left_out),
        failed=tuple(failed),
        warnings=tuple(warnings),
    )


def _describe_unread(name: str, unread: list[str]) -> str:
    dates = "1 date" if len(unread) == 1 else f"{len(unread)} dates"
    return f"{name}: {dates} could not be read, such as {unread[0][:40]!r}."


def _read(source: Source, now: dt.datetime, fetch: Fetch | None, *, include_paid: bool) -> Reading:
    if source.parts:
        found = [_read(part, now, fetch, include_paid=include_paid) for part in source.parts]
        return Reading(
            reviews=tuple(review for one in found for review in one.reviews),
            left_out=tuple(item for one in found for item in one.left_out),
            failed=tuple(item for one in found for item in one.failed),
        )
    tables: dict[str, Callable[[bytes, str], Reading]] = {
        "letterboxd": letterboxd.read_table,
        "goodreads": books.read_goodreads,
        "storygraph": books.read_storygraph,
        "wordpress": partial(wordpress.read_export, include_paid=include_paid),
        "blogger": blogger.read_export,
    }
    if source.kind in {"feed", "letterboxd-feed"}:
        return feed.read_feed(source.parsed, url=source.url, fetch=fetch, include_paid=include_paid)
    if source.kind == "ghost":
        return ghost.read_export(source.parsed, include_paid=include_paid)
    if source.kind == "page":
        return _read_page(source, include_paid=include_paid)
    if source.archive is not None:
        return _read_archive(source.archive, source, now, include_paid=include_paid)
    if source.kind in tables:
        return tables[source.kind](source.data, source.name)
    raise UsageError(f"{source.name} is no {source.kind} export.", hint="Name another --as.")


def _read_page(source: Source, *, include_paid: bool) -> Reading:
    where = {"url": source.url, "name": source.name}
    try:
        return Reading(reviews=(read_page(source.data, **where, include_paid=include_paid),))
    except ReservedPageError as error:
        ids = list_page_ids(source.url)
        return Reading(left_out=(LeftOut(title=source.name, reason=error.message, ids=ids),))


def _read_archive(
    archive: Archive, source: Source, now: dt.datetime, *, include_paid: bool
) -> Reading:
    if source.kind == "letterboxd":
        return letterboxd.read_archive(archive)
    if source.kind == "substack":
        return substack.read_archive(archive, include_paid=include_paid)
    if source.kind == "medium":
        return medium.read_archive(archive)
    if source.kind == "folder":
        blog = os.path.basename(os.path.abspath(source.name)).removesuffix(".zip")
        return folder.read_archive(archive, now, blog=blog)
    raise UsageError(f"{source.name} is no {source.kind} export.", hint="Name another --as.")
