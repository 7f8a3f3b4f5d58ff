"""Ghost: the JSON of its export, of which published, public posts are read."""

import html
from typing import Any

from msgspec import Struct

from reviewcast.model.errors import ReviewError
from reviewcast.shelf.archive import decode
from reviewcast.shelf.converting import make_markdown
from reviewcast.shelf.dates import find_date
from reviewcast.shelf.sources.ghost_documents import render_document
from reviewcast.shelf.sources.ghost_tables import read_rows
from reviewcast.shelf.values import LeftOut, Reading, SourceReview
from reviewcast.shelf.works import split_year

SOURCE = "ghost"
_YES = (1, "true")
_MOST_POSTS = 100_000
_LONGEST_NAME = 200

_POSTS = frozenset(
    "id uuid title type page status visibility published_at locale html lexical mobiledoc"
    " plaintext".split()
)
_OTHERS = {
    "posts": frozenset({"id"}),
    "tags": frozenset({"id", "name", "visibility"}),
    "posts_tags": frozenset({"post_id", "tag_id"}),
    "users": frozenset({"id", "name"}),
    "posts_authors": frozenset({"post_id", "author_id"}),
    "posts_meta": frozenset({"post_id", "email_only"}),
}
"""The tables that tell of posts, and their fields that are read."""


class Export(Struct, frozen=True):
    """An export, and what its other tables tell of its posts, by their ids."""

    data: bytes
    tags: dict[str, list[str]]
    authors: dict[str, str]
    mailed: frozenset[str]


def open_export(data: bytes) -> Export | None:
    """Return an export, None when the JSON is something else.

    Its posts are read when it is their turn. Raise ReviewError when it is no JSON at all, or has
    more rows than any blog.
    """
    data = data if data[:1] == b"{" else decode(data, "The export").encode()
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in _OTHERS if name != "posts"}
    posts = -1
    for table, row in read_rows(data, _OTHERS):
        if table != "posts":
            tables[table] += [_shorten(row)] if row is not None else []
            continue
        posts += 1  # without a row it is the table itself
        if posts > _MOST_POSTS:
            raise ReviewError(f"The export has over {_MOST_POSTS:,} posts.")
    if posts < 0:
        return None
    return Export(data, _list_tags(tables), _list_authors(tables), _list_mailed(tables))


def read_export(export: Export, *, include_paid: bool) -> Reading:
    """Read the posts of an export; those for members only when that is asked for."""
    reviews: list[SourceReview] = []
    left_out: list[LeftOut] = []
    failed: list[LeftOut] = []
    for _, post in read_rows(export.data, {"posts": _POSTS}):
        if post is None:
            continue
        number, title = str(post.get("id") or ""), str(post.get("title") or "")
        uuid = str(post.get("uuid") or number)
        ids = (f"ghost:{uuid}",)
        reason = _find_reason(post, include_paid=include_paid)
        reason = reason or ("sent by mail only" if number in export.mailed else "")
        if reason:
            left_out.append(LeftOut(title=title, reason=reason, ids=ids))
            continue
        try:
            text = make_markdown(_find_html(post), members=include_paid)
        except ReviewError as error:
            failed.append(LeftOut(title=title, reason=error.message, ids=ids))
            continue
        review = SourceReview(
            source=SOURCE,
            ids=ids,
            title=title,
            text=text,
            year=split_year(title)[1],
            date=find_date(str(post.get("published_at") or "")),
            language=str(post.get("locale") or ""),
            author=export.authors.get(number, ""),
            tags=tuple(export.tags.get(number, ())),
        )
        reviews.append(review)
    return Reading(reviews=tuple(reviews), left_out=tuple(left_out), failed=tuple(failed))


def _shorten(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value[:_LONGEST_NAME] if isinstance(value, str) else value
        for name, value in row.items()
    }


def _find_reason(post: dict[str, Any], *, include_paid: bool) -> str:
    kind, status = post.get("type", "post"), post.get("status")
    if kind != "post" or post.get("page") in _YES:
        return "a page"
    if status != "published":
        reasons = {"draft": "a draft", "scheduled": "scheduled for later"}
        return reasons.get(str(status), "sent by mail only" if status == "sent" else "unpublished")
    visibility = post.get("visibility", "public")
    if visibility != "public" and not include_paid:
        return f"for subscribers only ({visibility or 'of an unknown kind'})"
    return ""


def _find_html(post: dict[str, Any]) -> str:
    """Return a post's HTML, else that of its document or its plain text.

    Raise ReviewError when it has none of them.
    """
    if post.get("html"):
        return str(post["html"])
    for editor in ("lexical", "mobiledoc"):
        if post.get(editor):
            return render_document(str(post[editor]))
    if post.get("plaintext"):
        return html.escape(str(post["plaintext"]), quote=False)
    raise ReviewError("The export has neither its HTML nor its document.")


def _list_tags(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """Return the names of the public tags of each post; internal ones begin with #."""
    names = {
        str(row.get("id")): str(row.get("name") or "")
        for row in tables["tags"]
        if row.get("visibility", "public") == "public"
    }
    found: dict[str, list[str]] = {}
    for row in tables["posts_tags"]:
        name = names.get(str(row.get("tag_id")), "")
        if name and not name.startswith("#"):
            found.setdefault(str(row.get("post_id")), []).append(name)
    return found


def _list_authors(tables: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    names = {str(row.get("id")): str(row.get("name") or "") for row in tables["users"]}
    found: dict[str, str] = {}
    for row in tables["posts_authors"]:
        found.setdefault(str(row.get("post_id")), names.get(str(row.get("author_id")), ""))
    return found


def _list_mailed(tables: dict[str, list[dict[str, Any]]]) -> frozenset[str]:
    rows = tables["posts_meta"]
    return frozenset(str(row.get("post_id")) for row in rows if row.get("email_only") in _YES)
