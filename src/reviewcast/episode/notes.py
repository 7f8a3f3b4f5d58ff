"""A review becomes an episode's show notes."""

import functools
import html
import itertools
import re
from collections.abc import Iterator, Sequence

from reviewcast.episode.notes_html import sanitize, simplify_html
from reviewcast.episode.notes_tables import (
    format_table,
    list_tables,
    part_tables,
    simplify_tables,
)
from reviewcast.episode.works import link_work
from reviewcast.model.clean import clean_line, cut_text, quote_url
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.model.text import ListKind, Paragraph, Review
from reviewcast.text.spoilers import mark_spoilers

_LONGEST_DESCRIPTION_BYTES = 4000

_LONGEST_TAIL_BYTES = 2000
"""So much of a description may be chapters and the link; the rest is the review's."""

_FEWEST_CHAPTERS = 3
_SPOILERS = "(Spoilers: in the episode.)"
_NUMBER = re.compile(r"\d+\. ")
_HEADING = re.compile(r"<h3>.*?</h3>", re.DOTALL)
_CLOSING = re.compile(r"</(?:p|h3|ul|ol|blockquote)>")


def compose_notes(
    release_html: str,
    *,
    rating: str,
    subject: str,
    author: str,
    chapters: Sequence[EpisodeChapter],
    link: str,
    same_as: Sequence[str] = (),
    with_tables: bool = False,
) -> tuple[str, str]:
    """Return an episode's description as plain text and its notes as clean HTML.

    Both tell what is reviewed, how it was rated and by whom; then come the review, the chapters
    and the link to the written review; the notes link to the work's own pages, `same_as`, too. The
    description has at most 4,000 bytes, of which the review gives way first. From three chapters
    on, the first at 0, they are listed as
    `00:00:00 Title`, which Apple Podcasts reads. The HTML may be anybody's: only paragraphs,
    headings, quotes, lists, emphasis and links to http, https and mailto are left of it, and
    what is nested over 50 levels deep is flattened. The review's own tables are lists there, for
    apps show no others, unless `with_tables` asks for notes of a page.
    """
    facts = [clean_line(fact) for fact in (subject, rating, author)]
    marks = _list_marks(chapters)
    address = quote_url(link)
    simplify = functools.partial(simplify_html, base=address)
    body = simplify(list_tables(release_html))
    named = [f"<strong>{html.escape(facts[0])}</strong>" if facts[0] else ""]
    named += map(html.escape, facts[1:])
    url = html.escape(address)
    blocks = (
        sanitize(_paragraph(" · ".join(filter(None, named)))),
        sanitize(_paragraph(link_work(same_as))),
        simplify_tables(release_html, simplify) if with_tables else body,
        sanitize(_paragraph("<br>\n".join(map(html.escape, marks)))),
        sanitize(_paragraph(f'<a href="{url}">{url}</a>' if url else "")),
    )
    notes = "\n".join(filter(None, blocks))
    return _describe(" · ".join(filter(None, facts)), _to_text(body), marks, address), notes


def make_excerpt(release_html: str, *, most_bytes: int) -> str:
    """Return how a review begins, as plain text on one line, cut to a size after a whole word.

    Headings are left out, for they say nothing without what stands below them.
    """
    body = _HEADING.sub("", simplify_html(list_tables(release_html), base=""))
    return cut_text(clean_line(_to_text(body)), most_bytes=most_bytes)


def format_notes(review: Review) -> str:
    """Return a review as plain HTML: headings, paragraphs, quotations, lists, italics and links.

    Spoilers are left out, for apps show notes unasked. The result is not sanitised: `compose_notes`
    does that.
    """
    blocks = []
    for section in mark_spoilers(review.sections):
        if section.heading:
            blocks.append(f"<h3>{html.escape(section.heading)}</h3>")
        for role, run in itertools.groupby(section.paragraphs, key=lambda p: p.role):
            if role == "list":
                for is_table, items in part_tables(list(run)):
                    table = [format_table(items, _format_paragraph)] if is_table else ()
                    blocks += table or _format_lists(items)
                continue
            written = [_format_paragraph(paragraph) for paragraph in run]
            match role:
                case "quote":
                    inner = "".join(f"<p>{text}</p>" for text in written)
                    blocks.append(f"<blockquote>{inner}</blockquote>")
                case "title":
                    blocks += [f"<h3>{text}</h3>" for text in written]
                case "spoiler":
                    blocks.append(f"<p>{_SPOILERS}</p>")
                case _:
                    blocks += [f"<p>{text}</p>" for text in written]
    return "\n".join(blocks) + "\n"


def _format_lists(items: Sequence[Paragraph]) -> Iterator[str]:
    """Return each list with those within it; the rows of what is no table are items.

    A list whose numbers stand in its text is not numbered again.
    """
    pieces: list[str] = []
    around: list[tuple[ListKind, int]] = []
    tags: list[str] = []

    def close_to(depth: int) -> None:
        while len(tags) > depth:
            pieces.append(f"</li></{tags.pop()}>")
        del around[depth:]

    for count, paragraph in enumerate(items, 1):
        path: tuple[tuple[ListKind, int], ...] = paragraph.lists or (("ul", count),)
        pairs = zip(around, path, strict=False)
        same = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))
        if same == len(path):
            close_to(same)
            pieces.append("<br>")  # a further paragraph of the item
        elif same < len(around) and _follows(around[same], path[same]):
            close_to(same + 1)
            around[same] = path[same]
            pieces.append("</li><li>")
        else:
            close_to(same)
            if not same and pieces:
                yield "".join(pieces)
                pieces.clear()
        for kind, number in path[len(around) :]:
            around.append((kind, number))
            is_numbered = kind == "ol" and not _NUMBER.match(paragraph.text)
            tags.append("ol" if is_numbered else "ul")
            pieces.append(f"<{tags[-1]}><li>")
        pieces.append(_format_paragraph(paragraph))
    close_to(0)
    yield "".join(pieces)


def _follows(before: tuple[ListKind, int], after: tuple[ListKind, int]) -> bool:
    """True if an item belongs to the same list as one before it."""
    return before[0] == after[0] and before[1] < after[1]


def _format_paragraph(paragraph: Paragraph) -> str:
    """Put italics and links into a text; where two overlap, the inner one is opened again."""
    text = paragraph.text
    marks = [(start, -end, "em", "<em>") for start, end in paragraph.emphasis]
    marks += [
        (start, -end, "a", f'<a href="{html.escape(url)}">') for start, end, url in paragraph.links
    ]
    marks.sort()  # at each place the outer one comes first
    bounds = sorted({0, len(text), *(abs(at) for mark in marks for at in mark[:2])})
    pieces: list[str] = []
    around: list[tuple[int, int, str, str]] = []
    for start, end in itertools.pairwise(bounds):
        here = [mark for mark in marks if mark[0] <= start < -mark[1]]
        same = len(
            list(
                itertools.takewhile(
                    lambda pair: pair[0] == pair[1], zip(around, here, strict=False)
                )
            )
        )
        pieces += [f"</{name}>" for *_, name, _ in reversed(around[same:])]
        pieces += [tag for *_, tag in here[same:]]
        around = here
        pieces.append(html.escape(text[start:end]))
    pieces += [f"</{name}>" for *_, name, _ in reversed(around)]
    return "".join(pieces)


def _describe(facts: str, body: str, marks: Sequence[str], address: str) -> str:
    room = _LONGEST_TAIL_BYTES - len(address.encode())
    listed: list[str] = []
    for mark in marks:
        room -= len(mark.encode()) + 1
        if room < 0:
            break
        listed.append(mark)
    tail = "\n\n".join(filter(None, ("\n".join(listed), address)))
    room = _LONGEST_DESCRIPTION_BYTES - len(tail.encode()) - 2
    head = cut_text("\n\n".join(filter(None, (facts, body))), most_bytes=room)
    text = "\n\n".join(filter(None, (head, tail)))
    return cut_text(text, most_bytes=_LONGEST_DESCRIPTION_BYTES)


def _list_marks(chapters: Sequence[EpisodeChapter]) -> list[str]:
    if len(chapters) < _FEWEST_CHAPTERS or chapters[0].start_s >= 1:
        return []
    return [f"{_format_time(one.start_s)} {clean_line(one.title)}".strip() for one in chapters]


def _format_time(seconds: float) -> str:
    whole = int(seconds)  # never rounded up: the chapter's first word would be missed
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def _paragraph(content: str) -> str:
    return f"<p>{content}</p>" if content else ""


def _to_text(fragment: str) -> str:
    """Return what clean HTML says, a blank line between paragraphs."""
    text = fragment.replace("\n", " ").replace("<br>", "\x00")
    text = text.replace("<li>", "\x00• ")
    text = _CLOSING.sub("\x00\x00", text)
    lines = map(clean_line, html.unescape(re.sub(r"<[^>]*>", "", text)).split("\x00"))
    joined = "\n".join(line for line in lines if line != "•")
    return re.sub(r"\n{3,}", "\n\n", joined).strip()
