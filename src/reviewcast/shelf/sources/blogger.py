"""Blogger: the Atom of its export, of which live posts are read; comments, too, are entries."""

import re
from typing import TYPE_CHECKING

from lxml import etree

from reviewcast.model.errors import ReviewError
from reviewcast.shelf.converting import make_markdown
from reviewcast.shelf.dates import find_date
from reviewcast.shelf.sources.feed import plain_id
from reviewcast.shelf.values import LeftOut, Reading, SourceReview
from reviewcast.shelf.works import split_year
from reviewcast.shelf.xml import parse_elements

if TYPE_CHECKING:
    from lxml.etree import _Element

MARK = re.compile(
    rb"schemas\.google\.com/blogger/2008/kind#|<blogger:(?:type|status)>", re.IGNORECASE
)
_KIND = "http://schemas.google.com/g/2005#kind"


def read_export(data: bytes, name: str) -> Reading:
    """Read an export, old (Atom with kinds) or new (Takeout's); raise ReviewError."""
    reviews: list[SourceReview] = []
    left_out: list[LeftOut] = []
    failed: list[LeftOut] = []
    for entry in parse_elements(data, name, frozenset({"entry"}), failed):
        kind, draft = _find_kind(entry), _find_state(entry)
        is_reply = entry.find("{*}in-reply-to") is not None
        if kind not in {"post", "page"} or is_reply:  # comments, settings, templates
            continue
        number = _text(entry, "id")
        title = _text(entry, "title")
        ids = [f"guid:{plain_id(number)}"]
        link = _find_link(entry)
        ids += [f"url:{plain_id(link)}"] if link else []
        if kind == "page" or draft:
            left_out.append(LeftOut(title=title, reason=draft or "a page", ids=tuple(ids)))
            continue
        try:
            text = make_markdown(_text(entry, "content"))
        except ReviewError as error:
            failed.append(LeftOut(title=title, reason=error.message, ids=tuple(ids)))
            continue
        date = find_date(_text(entry, "published"), _text(entry, "created"))
        review = SourceReview(
            source=f"blogger@{number.partition('.post-')[0]}",
            ids=tuple(ids),
            title=title or date,
            text=text,
            year=split_year(title)[1],
            date=date,
            link=link,
            tags=_list_labels(entry),
            author=entry.findtext("{*}author/{*}name") or "",
        )
        reviews.append(review)
    return Reading(reviews=tuple(reviews), left_out=tuple(left_out), failed=tuple(failed))


def _text(entry: "_Element", name: str) -> str:
    """Return the text of a child by its local name; XHTML is written out."""
    child = entry.find(f"{{*}}{name}")
    if child is None:
        return ""
    if len(child):
        return etree.tostring(child, encoding="unicode", method="html", with_tail=False)
    return (child.text or "").strip()


def _find_kind(entry: "_Element") -> str:
    written = _text(entry, "type")
    if written:
        return written.lower()
    for category in entry.iterchildren(tag="{*}category"):
        if category.get("scheme") == _KIND:
            return (category.get("term") or "").rpartition("#")[2]
    return ""


def _find_state(entry: "_Element") -> str:
    """Return why an entry is not public, "" when it is."""
    status = _text(entry, "status").upper()
    drafted = [child.text or "" for child in entry.iter("{*}draft")]
    if any(text.strip().lower() == "yes" for text in drafted) or status == "DRAFT":
        return "a draft"
    return "" if status in {"", "LIVE"} else f"not live ({status.lower()})"


def _find_link(entry: "_Element") -> str:
    for link in entry.iterchildren(tag="{*}link"):
        if link.get("rel") == "alternate" and link.get("href"):
            return str(link.get("href"))
    return ""


def _list_labels(entry: "_Element") -> tuple[str, ...]:
    terms = [
        category.get("term") or ""
        for category in entry.iterchildren(tag="{*}category")
        if category.get("scheme") != _KIND  # Takeout names the blog, or nothing
    ]
    return tuple(term for term in terms if term)
