"""A blog's feed, RSS or Atom: its entries in full, or the pages that they lead to."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from msgspec.structs import replace

from reviewcast.model.errors import FetchUnavailable, ReviewcastError, ReviewError
from reviewcast.shelf.archive import LARGEST_FEED
from reviewcast.shelf.converting import count_words, make_markdown
from reviewcast.shelf.dates import find_date
from reviewcast.shelf.sources import letterboxd
from reviewcast.shelf.sources.page import ReservedPageError, host_of, read_page
from reviewcast.shelf.sources.reserved import find_entry_reason, is_comment
from reviewcast.shelf.values import LeftOut, Reading, SourceReview
from reviewcast.shelf.works import split_year
from reviewcast.shelf.xml import check_depth
from reviewcast.text.readers.fields import plain_value

_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)\b", re.IGNORECASE)
_CUT = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|\[&#8230;\]|read more\W*|continue reading\W*.{0,120}|»)\s*\Z",
    re.IGNORECASE,
)
_WORDS_OF_A_TEXT = 120
"""A description with so many words that is not cut off is the whole text."""

_NO_PLACE = re.compile(
    r"#(?:|comments?|respond|disqus_thread|top|(?:more|comment|c)-?\d+|(?:utm|at)_.*|content|main)\Z",
    re.IGNORECASE,
)
_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)\b", re.IGNORECASE)
_MOST_ENTRIES = 20_000

_MOST_SILENT = 3
"""After so many pages that no server answers for, the others are not tried."""

Fetch = Callable[[str], tuple[str, bytes]]
"""Returns the URL that a page was at after redirects, and its bytes; raises FetchError."""


def parse_entries(data: bytes, name: str, *, url: str = "") -> Any:
    """Parse a feed; raise ReviewError for one with a DOCTYPE, and for what is none.

    So it is for more than 50 MB, 20,000 entries or 256 levels, which no feed has.
    """
    import feedparser

    if len(data) > LARGEST_FEED or sum(1 for _ in _ENTRY.finditer(data)) > _MOST_ENTRIES:
        raise ReviewError(f"{name} is larger than any feed.", hint="Name an export of the blog.")
    plain = data.replace(b"\0", b"")  # so UTF-16 hides nothing
    root = _ROOT.search(plain)
    if _DOCTYPE.search(plain, 0, root.start() if root else len(plain)):
        raise ReviewError(f"{name} has a DOCTYPE, which is not read.")
    check_depth(data, name)
    headers = {"content-location": url} if url else {}
    # its sanitizer takes the tags from what is hidden, and leaves the text
    parsed = feedparser.parse(data, response_headers=headers, sanitize_html=False)
    if not parsed.entries and not parsed.version:
        raise ReviewError(f"{name} is no feed.", hint="Name the address of an RSS or Atom feed.")
    return parsed


def is_podcast(parsed: Any) -> bool:
    """True if most entries of a feed have audio: it is to be adopted, not read."""
    heard = [entry for entry in parsed.entries if any(map(_is_audio, entry.get("enclosures", ())))]
    return bool(heard) and 2 * len(heard) >= len(parsed.entries)


def is_letterboxd(parsed: Any) -> bool:
    """True if a feed is one of Letterboxd."""
    return "https://letterboxd.com" in parsed.namespaces.values() or any(
        str(entry.get("id", "")).startswith("letterboxd-") for entry in parsed.entries
    )


def _is_audio(enclosure: Any) -> bool:
    kind, address = str(enclosure.get("type", "")), str(enclosure.get("href", ""))
    return kind.startswith("audio/") or address.partition("?")[0].endswith((".mp3", ".m4a"))


def read_feed(parsed: Any, *, url: str, fetch: Fetch | None, include_paid: bool = False) -> Reading:
    """Read a feed's entries; one that has only a summary is fetched from the page it names.

    Without `fetch`, such entries fail. `url` is the feed's own address, "" for a file. Comments,
    and what only some may read, are left out.
    """
    if is_letterboxd(parsed):
        return letterboxd.read_entries(parsed.entries)
    site = host_of(parsed.feed.get("link", "") or url)
    left_out: list[LeftOut] = []
    failed: list[LeftOut] = []
    complete = partial(_complete, include_paid=include_paid)
    reviews = tuple(_read_entries(parsed, site, fetch, complete, left_out=left_out, failed=failed))
    return Reading(reviews=reviews, left_out=tuple(left_out), failed=tuple(failed))


def plain_id(identity: str) -> str:
    """Return an address without what changes when a blog moves to https: the same guid stays.

    Blogs of one page have their posts behind a #; what themes put there is none of an address.
    """
    plain = re.sub(r"^https?://(?:www\.)?", "", identity.strip(), flags=re.IGNORECASE)
    return _NO_PLACE.sub("", plain).rstrip("/")


def _read_entries(
    parsed: Any,
    site: str,
    fetch: Fetch | None,
    complete: Callable[[SourceReview, Fetch | None], SourceReview],
    *,
    left_out: list[LeftOut],
    failed: list[LeftOut],
) -> Iterator[SourceReview]:
    language = parsed.feed.get("language", "")
    silent = 0
    for entry in parsed.entries:
        review = _read_entry(entry, site, language)
        if is_comment(entry):  # it has the ids of the post that it is on
            left_out.append(LeftOut(title=review.title, reason="a comment"))
            continue
        html = "\n".join(part.value for part in entry.get("content", ()))
        reason = find_entry_reason(review.title, html or entry.get("summary", ""))
        if reason:
            left_out.append(_leave_out(review, reason))
            continue
        try:
            text = make_markdown(html or entry.get("summary", ""))
            if (html and not _is_cut(text)) or (
                count_words(text) >= _WORDS_OF_A_TEXT and not _CUT.search(text)
            ):
                yield replace(review, text=text)
                continue
            yield complete(replace(review, text=text), fetch)
        except ReservedPageError as error:
            left_out.append(_leave_out(review, error.message))
        except ReviewcastError as error:
            silent += isinstance(error, FetchUnavailable)
            fetch = fetch if silent < _MOST_SILENT else _refuse
            failed.append(LeftOut(title=review.title, reason=error.message, ids=review.ids))


def _leave_out(review: SourceReview, reason: str) -> LeftOut:
    return LeftOut(title=review.title, reason=reason, ids=review.ids, source=review.source)


def _refuse(_url: str) -> tuple[str, bytes]:
    raise ReviewError("Its page was not tried, as no server has answered.")


def _is_cut(text: str) -> bool:
    return bool(_CUT.search(text)) and count_words(text) < _WORDS_OF_A_TEXT


def _complete(review: SourceReview, fetch: Fetch | None, *, include_paid: bool) -> SourceReview:
    """Return a review with the text of its page where that is longer than its summary.

    Raise ReservedPageError for a page that only some may read.
    """
    if not review.link.startswith(("http://", "https://")) or fetch is None:
        if not review.text:
            raise ReviewError("It has no text, and no page that could be read.")
        return review
    url, data = fetch(review.link)
    page = read_page(data, url=url, include_paid=include_paid)
    if count_words(page.text) <= count_words(review.text):
        return review
    return replace(
        review,
        text=page.text,
        work=review.work or page.work,
        year=review.year or page.year,
        rating=page.rating,
        cast=page.cast,
        language=review.language or page.language,
    )


def _read_entry(entry: Any, site: str, language: str) -> SourceReview:
    title, link = entry.get("title", ""), entry.get("link", "")
    guid = entry.get("id", "") or link or title
    identities = [f"guid:{plain_id(guid)}"]
    if link:
        identities.append(f"url:{plain_id(link)}")
    title = plain_value(title.strip())
    date = find_date(entry.get("published") or entry.get("updated", ""))
    return SourceReview(
        source=f"feed@{site}",
        ids=tuple(dict.fromkeys(identities)),
        title=title or date,
        text="",
        year=split_year(title)[1],
        date=date,
        language=entry.get("language", "") or language,
        author=entry.get("author", ""),
        link=link if link.startswith(("http://", "https://")) else "",
        tags=tuple(plain_value(tag.term) for tag in entry.get("tags", ()) if tag.get("term")),
    )
