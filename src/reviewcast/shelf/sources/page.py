"""A page of the web: the article in it, without what stands around it, such as comments."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from reviewcast.model.errors import ReviewError
from reviewcast.model.text import Paragraph, Review
from reviewcast.settings.schema import ReadSettings
from reviewcast.shelf.archive import decode
from reviewcast.shelf.converting import make_markdown
from reviewcast.shelf.sources.reserved import find_page_reason
from reviewcast.shelf.values import SourceReview
from reviewcast.shelf.works import split_year
from reviewcast.text.read import ReviewSource, read_review


def host_of(url: str) -> str:
    """Return the host of an address without www, "" when it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


class ReservedPageError(ReviewError):
    """A page asks for a password or is paid for; its message is that reason."""


def read_page(
    data: bytes, *, url: str = "", name: str = "", include_paid: bool = False
) -> SourceReview:
    """Read a page as a saved one is read; raise ReviewError when it holds no text.

    Raise ReservedPageError for one that only some may read; what is paid for, unless asked for.
    """
    reason = find_page_reason(decode(data, name or url))
    if reason and not (include_paid and reason.startswith("for ")):
        raise ReservedPageError(reason)
    return describe_page(open_page(data, name=name or url), url=url, name=name)


def list_page_ids(url: str) -> tuple[str, ...]:
    """Return the ids of a page by its address, () without one."""
    plain = url.partition("://")[2].removeprefix("www.").partition("#")[0].rstrip("/")
    return (f"url:{plain}",) if plain else ()


def open_page(data: bytes, *, name: str = "") -> Review:
    """Read a page's article, with what is left out of it; raise ReviewError without a text."""
    # an address has its own endings, such as that of Heat.2
    is_file = "://" not in name and name.lower().endswith((".html", ".htm", ".xhtml"))
    return read_review(ReviewSource(name if is_file else "page.html", data), ReadSettings())


def describe_page(review: Review, *, url: str, name: str = "") -> SourceReview:
    """Return the article of a page as a source's review; `url` is where it was, "" for a file."""
    link = review.link or url
    work, year = split_year(review.subject)
    return SourceReview(
        source=f"page@{host_of(link)}",
        ids=list_page_ids(link) or (f"file:{name}",),
        title=review.title,
        text=write_markdown(review),
        work=work,
        year=year,
        date=review.date,
        rating=review.rating,
        language=review.language if "language" in review.origins else "",
        author=review.author,
        link=link,
        image=review.image,
        cast=review.cast,
    )


def write_markdown(review: Review) -> str:
    """Return a review that was read as Markdown again: headings, paragraphs, lists, quotes."""
    parts: list[str] = []
    for section in review.sections:
        if section.heading:
            parts.append(f"## {make_markdown(_escape(section.heading))}")
        spoils = False
        for paragraph in section.paragraphs:
            is_spoiler = paragraph.role == "spoiler"
            if is_spoiler != spoils:
                parts.append("[spoiler]" if is_spoiler else "[/spoiler]")
                spoils = is_spoiler
            parts.append(_write_paragraph(paragraph))
        parts += ["[/spoiler]"] if spoils else []
    return "\n\n".join(part for part in parts if part)


def _write_paragraph(paragraph: Paragraph) -> str:
    text = make_markdown(f"<p>{''.join(_mark_up(paragraph))}</p>")
    if paragraph.role == "list":
        return f"- {text}"
    if paragraph.role == "title":
        return f"### {text}"
    return f"> {text}" if paragraph.role == "quote" else text


def _mark_up(paragraph: Paragraph) -> Iterator[str]:
    """Return the HTML of a paragraph: its emphasis and its links, which may overlap."""
    spans = [(start, end, "em", "") for start, end in paragraph.emphasis]
    spans += [(start, end, "a", f' href="{_escape(url)}"') for start, end, url in paragraph.links]
    spans.sort(key=lambda span: (span[0], -span[1]))
    done = 0
    for start, end, tag, attributes in spans:
        if start < done:
            continue
        yield _escape(paragraph.text[done:start])
        yield f"<{tag}{attributes}>{_escape(paragraph.text[start:end])}</{tag}>"
        done = end
    yield _escape(paragraph.text[done:])


def _escape(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )
