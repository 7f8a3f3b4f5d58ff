"""Medium: the HTML of each post of its export; drafts lie among them by their names."""

import re
from typing import Any

from reviewcast.model.errors import ReviewError
from reviewcast.shelf.archive import LARGEST_TEXT, Archive, decode
from reviewcast.shelf.converting import make_markdown
from reviewcast.shelf.dates import find_date
from reviewcast.shelf.values import LeftOut, Reading, SourceReview
from reviewcast.shelf.works import split_year

SOURCE = "medium"
_POST = re.compile(r"(?:.*/)?posts/([^/]+)\.html")
_ID = re.compile(r"-+([0-9a-f]{8,14})\Z")


def list_posts(archive: Archive) -> list[str]:
    """Return the names of the files of posts, drafts among them."""
    return [name for name in archive.names if _POST.fullmatch(name) and "__MACOSX" not in name]


def is_export(archive: Archive) -> bool:
    """True if an archive has pages as Medium writes them; one of them is looked into."""
    names = list_posts(archive)
    if not names:
        return False
    page = archive.read(names[0], most_bytes=LARGEST_TEXT)
    return b'data-field="body"' in page and b'class="p-name"' in page


def read_archive(archive: Archive) -> Reading:
    """Read the posts of an export; of drafts only the names are looked at."""
    reviews: list[SourceReview] = []
    left_out: list[LeftOut] = []
    failed: list[LeftOut] = []
    for name in list_posts(archive):
        stem = name.rpartition("/")[2].removesuffix(".html")
        number = _ID.search(stem)
        ids = (f"medium:{number[1] if number else stem}",)
        if stem.lower().startswith("draft"):
            left_out.append(LeftOut(title=stem, reason="a draft", ids=ids))
            continue
        try:
            page = decode(archive.read(name, most_bytes=LARGEST_TEXT), name)
            review = _read_post(page, stem, ids)
        except ReviewError as error:
            failed.append(LeftOut(title=stem, reason=error.message, ids=ids))
            continue
        if review is None:
            left_out.append(LeftOut(title=stem, reason="not published", ids=ids))
        else:
            reviews.append(review)
    return Reading(reviews=tuple(reviews), left_out=tuple(left_out), failed=tuple(failed))


def _read_post(page: str, stem: str, ids: tuple[str, ...]) -> SourceReview | None:
    """Return a post, None when nothing says when it was published."""
    from reviewcast.text.readers.html.parser import parse_page

    tree = parse_page(page)
    time = tree.css_first("time.dt-published")
    link = tree.css_first("a.p-canonical")
    written = (time.attributes.get("datetime") or "") if time is not None else ""
    date = find_date(written, unsure=(stem,))
    body = tree.css_first("section.e-content, [data-field=body]")
    if not date or body is None:
        return None
    title = _read_text(tree.css_first("h1.p-name")) or _read_text(tree.css_first("title"))
    heading = body.css_first("h1, h2, h3")
    if heading is not None and _read_text(heading) == title:
        heading.decompose()
    url = (link.attributes.get("href") or "") if link is not None else ""
    author = _read_text(tree.css_first("a.p-author"))
    return SourceReview(
        source=SOURCE,
        ids=ids,
        title=title or stem,
        text=make_markdown(body.html or ""),
        year=split_year(title)[1],
        date=date,
        author=author,
        link=url,
    )


def _read_text(node: Any) -> str:
    return " ".join(node.text(deep=True).split()) if node is not None else ""
