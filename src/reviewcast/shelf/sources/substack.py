"""Substack: posts.csv and the HTML of each post; what tells of readers is never opened."""

import html

from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.shelf import archive as archives
from reviewcast.shelf.archive import LARGEST_TABLE, LARGEST_TEXT, Archive, decode, read_rows
from reviewcast.shelf.converting import make_markdown
from reviewcast.shelf.dates import find_date
from reviewcast.shelf.values import LeftOut, Reading, SourceReview
from reviewcast.shelf.works import split_year

SOURCE = "substack"
_TABLE = "posts.csv"
_COLUMNS = frozenset({"post_id", "is_published"})
_WIDGETS = (
    ".subscription-widget-wrap, .subscription-widget-wrap-editor, .subscribe-widget,"
    " .button-wrapper, .captioned-button-wrap, .install-substack-app-embed,"
    " .community-chat, .poll-embed,"
    " .sponsorship-campaign-embed, .paywall-jump"
)
_POSTS = {"", "newsletter", "podcast", "video"}
"""The types of what stands on the page; others went to some subscribers alone, or are no text."""


def find_table(archive: Archive) -> str:
    """Return the name of an export's posts.csv, "" when it has none."""
    names = [name for name in archive.names if name.rpartition("/")[2] == _TABLE]
    return archives.find_table(archive, names, _COLUMNS)


def read_archive(archive: Archive, *, include_paid: bool) -> Reading:
    """Read the published posts; those that subscribers pay for only when that is asked for."""
    table = find_table(archive)
    if not table:
        raise UsageError("This export of Substack has no posts.csv.", hint="Export it again.")
    folder = table.removesuffix(_TABLE)
    reviews: list[SourceReview] = []
    left_out: list[LeftOut] = []
    failed: list[LeftOut] = []
    for row in read_rows(archive.read(table, most_bytes=LARGEST_TABLE), table, failed):
        number, title = row.get("post_id", ""), html.unescape(row.get("title", ""))
        ids = (f"substack:{number}",)
        name = f"{folder}posts/{number}.html"
        reason = _find_reason(row, include_paid=include_paid)
        if not reason and name not in archive.names:
            reason = "without text"
        if reason:
            left_out.append(LeftOut(title=title or number, reason=reason, ids=ids))
            continue
        try:
            page = decode(archive.read(name, most_bytes=LARGEST_TEXT), name)
            text = make_markdown(_drop_widgets(page), members=include_paid)
        except ReviewError as error:
            failed.append(LeftOut(title=title, reason=error.message, ids=ids))
            continue
        review = SourceReview(
            source=SOURCE,
            ids=ids,
            title=title or number,
            text=text,
            year=split_year(title)[1],
            date=find_date(row.get("post_date", "")),
        )
        reviews.append(review)
    return Reading(reviews=tuple(reviews), left_out=tuple(left_out), failed=tuple(failed))


def _drop_widgets(page: str) -> str:
    """Return a post without what asks its readers for something, which Substack puts into it."""
    from reviewcast.text.readers.html.parser import parse_page

    if "subscri" not in page and "button-wrap" not in page and "data-component" not in page:
        return page
    tree = parse_page(page)
    for node in tree.css(_WIDGETS):
        node.decompose()
    return tree.body.html or "" if tree.body else page


def _find_reason(row: dict[str, str], *, include_paid: bool) -> str:
    if row.get("is_published", "").lower() != "true":
        return "a draft"
    audience = row.get("audience", "")
    if audience != "everyone" and not include_paid:
        return f"for subscribers only ({audience or 'no audience'})"
    kind = row.get("type", "")
    return "" if kind in _POSTS else f"no post but {kind!r}"
