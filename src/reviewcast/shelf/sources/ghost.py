"""Ghost: the JSON of its export, of which published, public posts are read."""

import html
from typing import Any

import msgspec

from reviewcast.model.errors import ReviewError
from reviewcast.shelf.archive import decode
from reviewcast.shelf.converting import make_markdown
from reviewcast.shelf.dates import find_date
from reviewcast.shelf.sources.ghost_documents import render_document
from reviewcast.shelf.values import LeftOut, Reading, SourceReview
from reviewcast.shelf.works import split_year

SOURCE = "ghost"
_YES = (1, "true")
_MOST_POSTS = 100_000


def find_tables(data: bytes) -> dict[str, Any] | None:
    """Return the tables of an export, None when the JSON is something else.

    Raise ReviewError when it is no JSON at all.
    """
    try:
        document = msgspec.json.decode(data if data[:1] == b"{" else decode(data, "The export"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReviewError(f"The export is no JSON: {error}.", hint="Export it again.") from error
    if isinstance(document, dict) and isinstance(document.get("db"), list) and document["db"]:
        document = document["db"][0]
    tables = document.get("data", document) if isinstance(document, dict) else None
    if not isinstance(tables, dict) or not isinstance(tables.get("posts"), list):
        return None
    if len(tables["posts"]) > _MOST_POSTS:
        raise ReviewError(f"The export has over {_MOST_POSTS:,} posts.")
    return tables


def read_export(tables: dict[str, Any], *, include_paid: bool) -> Reading:
    """Read the posts of an export; those for members only when that is asked for."""
    tags, authors = _list_tags(tables), _list_authors(tables)
    mailed = _list_mailed(tables)
    reviews: list[SourceReview] = []
    left_out: list[LeftOut] = []
    failed: list[LeftOut] = []
    for post in _list_rows(tables, "posts"):
        number, title = str(post.get("id") or ""), str(post.get("title") or "")
        uuid = str(post.get("uuid") or number)
        ids = (f"ghost:{uuid}",)
        reason = _find_reason(post, include_paid=include_paid)
        reason = reason or ("sent by mail only" if number in mailed else "")
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
            author=authors.get(number, ""),
            tags=tuple(tags.get(number, ())),
        )
        reviews.append(review)
    return Reading(reviews=tuple(reviews), left_out=tuple(left_out), failed=tuple(failed))


def _find_reason(post: dict[str, Any], *, include_paid: bool) -> str:
    kind, status = post.get("type", "post"), post.get("status")
    if kind != "post" or post.get("page") in _YES:
        return "a page"
    if status != "published":
        reasons = {"draft": "a draft", "scheduled": "scheduled for later"}
        return reasons.get(str(status), "sent by mail only" if status == "sent" else "unpublished")
    visibility = post.get("visibility", "public")
    if visibility != "public" and not include_paid:
        return f"for subscribers only ({visibility})"
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


def _list_rows(tables: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = tables.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _list_tags(tables: dict[str, Any]) -> dict[str, list[str]]:
    """Return the names of the public tags of each post; internal ones begin with #."""
    names = {
        str(row.get("id")): str(row.get("name") or "")
        for row in _list_rows(tables, "tags")
        if row.get("visibility", "public") == "public"
    }
    found: dict[str, list[str]] = {}
    for row in _list_rows(tables, "posts_tags"):
        name = names.get(str(row.get("tag_id")), "")
        if name and not name.startswith("#"):
            found.setdefault(str(row.get("post_id")), []).append(name)
    return found


def _list_authors(tables: dict[str, Any]) -> dict[str, str]:
    names = {str(row.get("id")): str(row.get("name") or "") for row in _list_rows(tables, "users")}
    found: dict[str, str] = {}
    for row in _list_rows(tables, "posts_authors"):
        found.setdefault(str(row.get("post_id")), names.get(str(row.get("author_id")), ""))
    return found


def _list_mailed(tables: dict[str, Any]) -> set[str]:
    rows = _list_rows(tables, "posts_meta")
    return {str(row.get("post_id")) for row in rows if row.get("email_only") in _YES}
