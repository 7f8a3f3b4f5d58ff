"""A review becomes an episode's show notes."""

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urljoin

from reviewcast.model.characters import clean_text
from reviewcast.model.clean import clean_line, cut_text, quote_url
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.model.text import ListKind, Paragraph, Review
from reviewcast.text.spoilers import mark_spoilers

_LONGEST_DESCRIPTION_BYTES = 4000

_LONGEST_TAIL_BYTES = 2000
"""So much of a description may be chapters and the link; the rest is the review's."""

_FEWEST_CHAPTERS = 3
_DEEPEST = 50
_SPOILERS = "(Spoilers: in the episode.)"
_LONGEST_TAG = 2000
_KEPT = {"p", "h3", "blockquote", "ul", "ol", "li", "em", "strong", "a", "br"}
_CONTAINERS = {"blockquote", "ul", "ol", "li"}
_INLINE = {"em", "strong"}

_SAME = {
    **dict.fromkeys(("h1", "h2", "h4", "h5", "h6"), "h3"),
    **dict.fromkeys(("i", "cite", "dfn", "var"), "em"),
    "b": "strong",
}

_BREAKS = set(
    "p h3 div section article header footer main aside nav address details summary form fieldset"
    " figure figcaption center pre hr table caption thead tbody tfoot tr td th dl dt dd".split()
)

_UNREAD = set(
    "script style template head title noscript iframe object svg math textarea select canvas audio"
    " video".split()
)

_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*+)((?:[^>"']++|"[^"]*"|'[^']*')*)>""")

# what a stray apostrophe leaves of a tag, such as <p title=it's>
_BROKEN_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)([^<>]*+)>")

_HREF = re.compile(
    r"""(?:^|[\s"'/])href\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)

_REFERENCE = re.compile("&(?:#x?[0-9a-f]{1,8}|[a-z][a-z0-9]{1,31});?", re.IGNORECASE)
_MAIL = re.compile(r"mailto:([^@\s?&]+@[^@\s?&]+)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+\. ")
_CLOSING = re.compile(r"</(?:p|h3|ul|ol|blockquote)>")


def compose_notes(
    release_html: str,
    *,
    rating: str,
    subject: str,
    author: str,
    chapters: Sequence[EpisodeChapter],
    link: str,
) -> tuple[str, str]:
    """Return an episode's description as plain text and its notes as clean HTML.

    Both tell what is reviewed, how it was rated and by whom; then come the review, the chapters
    and the link to the written review. The description has at most 4,000 bytes, of which the
    review gives way first. From three chapters on, the first at 0, they are listed as
    `00:00:00 Title`, which Apple Podcasts reads. The HTML may be anybody's: only paragraphs,
    headings, quotes, lists, emphasis and links to http, https and mailto are left of it, and
    what is nested over 50 levels deep is flattened.
    """
    facts = [clean_line(fact) for fact in (subject, rating, author)]
    marks = _list_marks(chapters)
    address = quote_url(link)
    source = _REFERENCE.sub(_drop_unseen, clean_text(release_html))
    body = _sanitize(_Simplifier(address).simplify(source))
    named = [f"<strong>{html.escape(facts[0])}</strong>" if facts[0] else ""]
    named += map(html.escape, facts[1:])
    url = html.escape(address)
    blocks = (
        _sanitize(_paragraph(" · ".join(filter(None, named)))),
        body,
        _sanitize(_paragraph("<br>\n".join(map(html.escape, marks)))),
        _sanitize(_paragraph(f'<a href="{url}">{url}</a>' if url else "")),
    )
    notes = "\n".join(filter(None, blocks))
    return _describe(" · ".join(filter(None, facts)), _to_text(body), marks, address), notes


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
                blocks += _format_lists(list(run))
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
    """Return each list with those within it; the rows of a table are items.

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


def _drop_unseen(reference: re.Match[str]) -> str:
    return reference[0] if clean_text(html.unescape(reference[0])) else ""


def _paragraph(content: str) -> str:
    return f"<p>{content}</p>" if content else ""


def _sanitize(fragment: str) -> str:
    """Let through what is harmless; whatever came before, this decides."""
    import nh3

    cleaned = nh3.clean(
        fragment,
        tags=_KEPT,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="nofollow noopener",
    )
    return clean_text(cleaned).strip()  # it decodes references


def _to_text(fragment: str) -> str:
    """Return what clean HTML says, a blank line between paragraphs."""
    text = fragment.replace("\n", " ").replace("<br>", "\x00")
    text = text.replace("<li>", "\x00• ")
    text = _CLOSING.sub("\x00\x00", text)
    lines = map(clean_line, html.unescape(re.sub(r"<[^>]*>", "", text)).split("\x00"))
    joined = "\n".join(line for line in lines if line != "•")
    return re.sub(r"\n{3,}", "\n\n", joined).strip()


class _Simplifier:
    """Walks HTML once and writes the few elements that notes have, well nested.

    It stands before the sanitizer, whose time grows with the square of the nesting.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._out: list[str] = []
        self._containers: list[str] = []
        self._leaf = ""
        self._next = "p"
        self._inline: list[str] = []

    def simplify(self, text: str) -> str:
        at = 0
        while (start := text.find("<", at)) >= 0:
            self._write(text[at:start])
            at = self._take_markup(text, start)
        self._write(text[at:])
        self._close_containers(0)
        return "".join(self._out)

    def _take_markup(self, text: str, start: int) -> int:
        """Take the comment or tag that begins here; return where it ends."""
        if text.startswith(("<!", "<?"), start):
            mark = "-->" if text.startswith("<!--", start) else ">"
            at = text.find(mark, start)
            return at + len(mark) if at >= 0 else len(text)
        end = start + _LONGEST_TAG
        match = _TAG.match(text, start, end) or _BROKEN_TAG.match(text, start, end)
        if match is None:
            self._write("&lt;")
            return start + 1
        name = _SAME.get(match[2].lower(), match[2].lower())
        if name in _UNREAD and not match[1]:
            closing = re.compile(f"</{name}[^>]{{0,200}}>", re.IGNORECASE).search(text, match.end())
            return closing.end() if closing else len(text)
        if match[1]:
            self._close(name)
        else:
            self._open(name, match[3])
        return match.end()

    def _open(self, name: str, attributes: str) -> None:
        if name == "br":
            if self._leaf:
                self._out.append("<br>")
        elif name in _CONTAINERS:
            self._end_leaf()
            self._open_container(name)
        elif name in _BREAKS:
            self._end_leaf()
            self._next = "h3" if name == "h3" else "p"
        elif (name in _INLINE or name == "a") and name not in self._inline:
            tag = self._write_link(attributes) if name == "a" else f"<{name}>"
            if tag:
                self._begin_leaf()
                self._inline.append(name)
                self._out.append(tag)

    def _close(self, name: str) -> None:
        if name in self._inline:
            place = self._inline.index(name)
            self._out += [f"</{one}>" for one in reversed(self._inline[place:])]
            del self._inline[place:]
        elif name in _CONTAINERS and name in self._containers:
            place = len(self._containers) - 1 - self._containers[::-1].index(name)
            self._close_containers(place)
        elif name in _BREAKS:
            self._end_leaf()

    def _open_container(self, name: str) -> None:
        inside = self._containers[-1] if self._containers else ""
        if name == "li" and inside == "li":
            self._close_containers(len(self._containers) - 1)
            inside = self._containers[-1] if self._containers else ""
        if name == "li" and inside not in {"ul", "ol"}:
            self._open_container("ul")
        elif name != "li" and inside in {"ul", "ol"}:
            self._open_container("li")
        if len(self._containers) < _DEEPEST:
            self._containers.append(name)
            self._out.append(f"<{name}>")

    def _close_containers(self, place: int) -> None:
        self._end_leaf()
        for name in reversed(self._containers[place:]):
            self._out.append(f"</{name}>\n")
        del self._containers[place:]

    def _begin_leaf(self) -> None:
        """Open a paragraph or heading for the text that comes, where none is open."""
        if self._leaf:
            return
        if self._containers and self._containers[-1] in {"ul", "ol"}:
            self._open_container("li")
        name = self._leaf = self._next
        if name == "p" and self._containers and self._containers[-1] == "li":
            self._leaf = "li"  # an item's text needs no paragraph
            if not self._out[-1].startswith("<li"):
                self._out.append("<br>")
        else:
            self._out.append(f"<{name}>")

    def _end_leaf(self) -> None:
        self._out += [f"</{one}>" for one in reversed(self._inline)]
        self._inline.clear()
        if self._leaf in {"p", "h3"}:
            self._out.append(f"</{self._leaf}>\n")
        self._leaf = ""
        self._next = "p"

    def _write(self, text: str) -> None:
        if not self._leaf:
            text = text.lstrip()
        if text:
            self._begin_leaf()
            self._out.append(text)

    def _write_link(self, attributes: str) -> str:
        match = _HREF.search(attributes)
        if match is None:
            return ""
        url = clean_line(html.unescape(match[1] or match[2] or match[3] or ""))
        if mail := _MAIL.fullmatch(url):
            address = f"mailto:{quote(mail[1], safe='@+')}"
        else:
            try:
                address = quote_url(urljoin(self._base, url))
            except ValueError:
                address = ""
        return f'<a href="{html.escape(address)}">' if address else ""
