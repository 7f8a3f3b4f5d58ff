"""The job: a review that stands on a page of the web is fetched, to be spoken as if it were here.

In a show it is imported, as any other review; elsewhere nothing of it is written.
"""

import itertools
from collections.abc import Container, Iterable
from pathlib import Path

from msgspec import Struct

from reviewcast.jobs.import_reviews import import_reviews
from reviewcast.jobs.planning import Failure, try_each
from reviewcast.jobs.shows import load_config
from reviewcast.model.clean import make_slug
from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.model.events import Noticed, Notify, Warned
from reviewcast.model.text import Review
from reviewcast.settings.accesses import is_web
from reviewcast.shelf.detect import Source
from reviewcast.shelf.fetching import open_fetch, open_url
from reviewcast.shelf.ledger import Record, load_ledger
from reviewcast.shelf.read_source import read_reviews_of
from reviewcast.shelf.review_file import format_review
from reviewcast.shelf.sources.page import open_page
from reviewcast.shelf.values import SourceReview
from reviewcast.system.clock import read_clock
from reviewcast.system.workspace import find_show

_MOST_TOLD = 5
_SHORT = 40


class FetchedReviews(Struct, frozen=True):
    """The names of reviews that are to be read, and the bytes of those that lie on no disk.

    `failed` are pages that could not be had, or are no review's.
    """

    names: tuple[str, ...]
    made: dict[str, bytes]
    failed: tuple[Failure, ...] = ()


def fetch_reviews(
    names: Iterable[str], *, keep: bool, allow_private: bool, notify: Notify
) -> FetchedReviews:
    """Fetch those of the names that are addresses of pages; the others stay as they are.

    With `keep`, in a show, a page is imported and its file stands for it.
    """
    made: dict[str, bytes] = {}
    folder = find_show(Path.cwd()) if keep else None

    def fetch(name: str) -> str:
        if not is_web(name):
            return name
        source, page = _fetch(name, allow_private=allow_private)
        review = _check(source)
        _tell_left_out(page, notify)
        if folder is not None:
            return _keep(source, review.ids[0], folder, notify)
        file = _name_file(review, made)
        made[file] = _format(review)
        return file

    found, failed = try_each(names, fetch)
    return FetchedReviews(tuple(found), made, tuple(failed))


def fetch_review(url: str, *, allow_private: bool, notify: Notify) -> tuple[str, bytes]:
    """Fetch the review of a page; return a name for it and its Markdown. Nothing is written.

    Raise FetchError when it cannot be had, UsageError or ReviewError for what is no review.
    """
    source, page = _fetch(url, allow_private=allow_private)
    review = _check(source)
    _tell_left_out(page, notify)
    return _name_file(review, ()), _format(review)


def _format(review: SourceReview) -> bytes:
    record = Record(file="", ids=list(review.ids), versions={review.source: review})
    return format_review(record).encode()


def _name_file(review: SourceReview, taken: Container[str]) -> str:
    """Return a name for what lies on no disk, in the folder that the command is run in."""
    stem = make_slug(review.work or review.title) or "review"
    numbered = (f"{stem}-{number}.md" for number in itertools.count(2))
    return next(name for name in itertools.chain([f"{stem}.md"], numbered) if name not in taken)


def _fetch(url: str, *, allow_private: bool) -> tuple[Source, Review]:
    with open_fetch(allow_private=allow_private) as fetch:
        source = open_url(url, fetch)
    if source.kind != "page":
        raise UsageError(
            f"{source.url} is no page of one review.",
            hint="Bring all that it has into a show: reviewcast import URL",
        )
    return source, open_page(source.data, name=source.name)


def _check(source: Source) -> SourceReview:
    """Return the one review of a page; raise ReviewError when it must not be spoken."""
    reading = read_reviews_of(source, now=read_clock())
    for item in (*reading.failed, *reading.left_out):
        raise ReviewError(f"{source.url} is left out: {item.reason.rstrip('.')}.")
    return reading.reviews[0]


def _keep(source: Source, own: str, folder: Path, notify: Notify) -> str:
    """Import a page, of which `own` is an id, into a show; return the name of its file."""
    result = import_reviews(source, load_config(folder), now=read_clock(), notify=notify)
    record = next((one for one in load_ledger(folder).reviews if own in one.ids), None)
    if record is None:  # a file whose name cannot be written into the ledger stands for it
        raise UsageError(
            f"{source.url} is in the show, as {result.joined[0].file}."
            if result.joined
            else f"{source.url} is in the show already.",
            hint="Build that file, and give it a name in UTF-8.",
        )
    path = folder / record.file
    if not path.is_file():
        raise UsageError(
            f"{source.url} was imported as {record.file}, which you have removed.",
            hint="Build it in another folder, or save the page and name that file.",
        )
    for change in result.changes:
        if change.change == "conflict":
            notify(Warned(f"{change.file} is kept: you and its page have changed the same lines."))
        else:
            notify(Noticed(f"{change.file}: {change.change}"))
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _tell_left_out(page: Review, notify: Notify) -> None:
    """Report what of a page was left out of its review."""
    told = [f"{_shorten(one.text)} ({one.reason})" for one in page.omissions if one.text.strip()]
    more = len(told) - _MOST_TOLD
    told = [*told[:_MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
    if told:
        notify(Noticed(f"Left out of the page: {'; '.join(told)}."))


def _shorten(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHORT else f"{plain[:_SHORT].rstrip()}…"
