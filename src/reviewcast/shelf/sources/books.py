"""Books: the CSV exports of Goodreads and of StoryGraph."""

import html
import re

from reviewcast.shelf.archive import convert_rows, read_rows
from reviewcast.shelf.converting import make_markdown
from reviewcast.shelf.dates import find_date, list_dates
from reviewcast.shelf.values import LeftOut, Reading, SourceReview
from reviewcast.shelf.works import drop_series, read_year

GOODREADS, STORYGRAPH = "goodreads", "storygraph"
GOODREADS_COLUMNS = frozenset({"Book Id", "Title", "My Review"})
STORYGRAPH_COLUMNS = frozenset({"Title", "Authors", "Read Status", "Review"})
_ISBN = re.compile(r"(?:97[89])?\d{9}[\dXx]")
_MENTION = re.compile(r"\[(b|a|s|bc|ac):([^|\[\]\n]+)\|(\d*)(?:\|[^\[\]\n]*)?\]")
"""How a review of Goodreads mentions a book, an author or a series, or shows a cover."""

_PLACES = {"b": "book/show", "a": "author/show", "s": "series"}
_YES = {"true", "yes", "1"}


def read_goodreads(data: bytes, name: str) -> Reading:
    """Read what Goodreads exports; the column Private Notes is never looked at."""
    failed: list[LeftOut] = []
    rows = read_rows(data, name, failed, needed=("Title", "My Review"))
    return _part(list(convert_rows(rows, _read_goodreads, failed)), failed)


def _part(reviews: list[SourceReview], failed: list[LeftOut]) -> Reading:
    """Return a reading in which books that were rated and not reviewed are left out."""
    kept: list[SourceReview] = []
    left_out: list[LeftOut] = []
    for review in reviews:
        if review.text:
            kept.append(review)
        elif review.rating:
            left_out.append(
                LeftOut(title=review.title, reason="a rating without a text", ids=review.ids)
            )
    return Reading(reviews=tuple(kept), left_out=tuple(left_out), failed=tuple(failed))


def _read_goodreads(row: dict[str, str]) -> SourceReview:
    title, number = row.get("Title", ""), row.get("Book Id", "")
    rating = row.get("My Rating", "")
    isbn = read_isbn(row.get("ISBN13", "")) or read_isbn(row.get("ISBN", ""))
    read_on = find_date(row.get("Date Read", ""))
    year = row.get("Original Publication Year") or row.get("Year Published") or ""
    return SourceReview(
        source=GOODREADS,
        ids=(f"goodreads:{number}",) if number else (f"goodreads:{title}@{read_on}",),
        title=drop_series(title),
        text=make_markdown(_MENTION.sub(_link, row.get("My Review", ""))),
        work=title,
        year=read_year(year),
        date=read_on or find_date(row.get("Date Added", "")),
        watched=read_on,
        rating=f"{rating}/5" if rating not in {"", "0"} else "",
        creator=" ".join(row.get("Author", "").split()),
        link=f"https://www.goodreads.com/book/show/{number}" if number.isdigit() else "",
        isbn=isbn,
        tags=_list_shelves(row.get("Bookshelves", "")),
        spoiler=row.get("Spoiler", "").lower() in _YES,
    )


def _link(mention: "re.Match[str]") -> str:
    kind, name, number = mention.groups()
    if kind not in _PLACES:  # a cover, which has no words
        return ""
    url = f"https://www.goodreads.com/{_PLACES[kind]}/{number}"
    return f'<a href="{url}">{html.escape(html.unescape(name))}</a>' if number else name


def read_storygraph(data: bytes, name: str) -> Reading:
    """Read what StoryGraph exports."""
    failed: list[LeftOut] = []
    rows = read_rows(data, name, failed, needed=("Title", "Review"))
    return _part(list(convert_rows(rows, _read_storygraph, failed)), failed)


def _read_storygraph(row: dict[str, str]) -> SourceReview:
    title, creator = row.get("Title", ""), row.get("Authors", "")
    number = row.get("ISBN/UID", "")
    dates = list_dates(row.get("Dates Read", "")) or list_dates(row.get("Last Date Read", ""))
    read_on = dates[-1] if dates else ""
    rating = row.get("Star Rating", "")
    return SourceReview(
        source=STORYGRAPH,
        ids=(f"storygraph:{number or f'{title}@{creator}'}",),
        title=drop_series(title),
        text=make_markdown(row.get("Review", "")),
        work=title,
        date=read_on or find_date(row.get("Date Added", "")),
        watched=read_on,
        rating=f"{rating.removesuffix('.0')}/5" if rating not in {"", "0", "0.0"} else "",
        creator=creator,
        isbn=read_isbn(number),
        tags=_list_shelves(row.get("Tags", "")),
    )


def read_isbn(written: str) -> str:
    """Return the ISBN in a field such as `="9780261102217"`, "" when there is none."""
    plain = written.strip("=\"' ").replace("-", "")
    return plain.upper() if _ISBN.fullmatch(plain) else ""


def _list_shelves(written: str) -> tuple[str, ...]:
    names = (name.strip() for name in written.split(","))
    return tuple(name for name in names if name and name not in {"read", "to-read"})
