"""Markdown: CommonMark with tables and strikethrough, walked token by token."""

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewcast.errors import ReviewError
from reviewcast.model import Document, Omission, Paragraph, Role, Section
from reviewcast.readers.front_matter import split_front_matter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_DEEPEST = 100
_CHAPTER_LEVELS = ("h1", "h2", "h3")
_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<[/!?]?([A-Za-z][A-Za-z0-9-]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_WITHIN_WORDS = {
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
_HIDDEN = re.compile(
    r"<(script|style|template|head)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)


def read_markdown(text: str) -> Document:
    """Read Markdown with or without front matter.

    Headings of the first three levels begin sections; a first heading of level one above all
    text is the title. Images and code are omitted, by name. Raw HTML keeps its text.

    Raises ReviewError when it is nested over 100 levels deep.
    """
    from markdown_it import MarkdownIt

    metadata, body = split_front_matter(text)
    parser = MarkdownIt("commonmark", {"maxNesting": 2 * _DEEPEST}).enable(
        ["table", "strikethrough"]
    )
    walker = _Walker()
    try:
        walker.walk(parser.parse(body))
    except RecursionError as error:
        raise _too_deep() from error
    sections = walker.sections
    title = ""
    if sections[0].level == "h1" and metadata.get("title", "") in ("", sections[0].heading):
        title, sections[0].heading = sections[0].heading or "", None
    return Document(
        tuple(Section(s.heading, tuple(s.paragraphs)) for s in sections),
        title=title,
        metadata=metadata,
        omissions=tuple(walker.omissions),
    )


class _Part:
    """A section while it grows."""

    def __init__(self, heading: str | None, level: str) -> None:
        self.heading = heading
        self.level = level
        self.paragraphs: list[Paragraph] = []


class _Walker:
    """Gathers sections and omissions from the flat list of tokens."""

    def __init__(self) -> None:
        self.sections = [_Part(None, "")]
        self.omissions: list[Omission] = []
        self._quotes = 0
        self._lists = 0
        self._row: list[str] | None = None
        self._heading: str | None = None

    def walk(self, tokens: "Sequence[Token]") -> None:
        for token in tokens:
            if token.level > _DEEPEST + 1:  # the inline token in a paragraph is one below it
                raise _too_deep()
            match token.type:
                case "blockquote_open" | "blockquote_close":
                    self._quotes += token.nesting
                case (
                    "bullet_list_open"
                    | "bullet_list_close"
                    | "ordered_list_open"
                    | "ordered_list_close"
                ):
                    self._lists += token.nesting
                case "heading_open":
                    self._heading = token.tag
                case "heading_close":
                    self._heading = None
                case "tr_open":
                    self._row = []
                case "tr_close":
                    self._add("; ".join(filter(None, self._row or [])), "list")
                    self._row = None
                case "inline":
                    self._take_inline(token)
                case "html_block":
                    self._add(self._strip_html(token.content), self._role)
                case "fence" | "code_block":
                    self._omit(token.content, "code")
                case _:
                    pass  # paragraph and table tokens that only bracket others; rules (hr)

    @property
    def _role(self) -> Role:
        return "quote" if self._quotes else "list" if self._lists else "narrator"

    def _take_inline(self, token: "Token") -> None:
        text = _squeeze("".join(self._read_inline(token.children or [])))
        if self._row is not None:
            self._row.append(text)
        elif self._heading in _CHAPTER_LEVELS and text and not self._quotes and not self._lists:
            part = _Part(text, self._heading)
            last = self.sections[-1]
            if last.heading is None and not last.paragraphs:
                self.sections[-1] = part
            else:
                self.sections.append(part)
        else:
            self._add(text, "title" if self._heading else self._role)

    def _read_inline(self, children: "Sequence[Token]") -> Iterator[str]:
        hidden = ""
        for child in children:
            match child.type:
                case "softbreak" | "hardbreak":
                    yield " "
                case "image":
                    self._omit(child.content or str(child.attrGet("src") or ""), "image")
                case "html_inline":
                    name = re.match(r"<(/?)(script|style|template)\b", child.content, re.IGNORECASE)
                    if name:
                        hidden = "" if name[1] else name[2].lower()
                    elif re.match(r"<(br|p|div|li)\b", child.content, re.IGNORECASE):
                        yield " "
                case "text" | "code_inline":
                    if hidden:
                        self._omit(child.content, hidden)
                    elif child.content:
                        yield child.content
                case _:
                    pass  # the opening and closing of emphasis, strong, strikethrough, links

    def _strip_html(self, source: str) -> str:
        for match in _COMMENT.finditer(source):
            if not match[1]:  # nobody meant to hide all that follows
                self._omit(match[0].removeprefix("<!--"), "comment")
        source = _COMMENT.sub("", source)
        for match in _HIDDEN.finditer(source):
            self._omit(_TAG.sub("", match[0]), match[1].lower())
        return _squeeze(html.unescape(_TAG.sub(_replace_tag, _HIDDEN.sub(" ", source))))

    def _add(self, text: str, role: Role) -> None:
        if text:
            self.sections[-1].paragraphs.append(Paragraph(text, role))

    def _omit(self, text: str, reason: str) -> None:
        if text.strip():
            self.omissions.append(Omission(_squeeze(text), reason))


def _replace_tag(tag: "re.Match[str]") -> str:
    return "" if tag[1].lower() in _WITHIN_WORDS else " "


def _too_deep() -> ReviewError:
    return ReviewError(
        f"The review is nested over {_DEEPEST} levels deep.", hint="Flatten its lists and quotes."
    )


def _squeeze(text: str) -> str:
    return " ".join(text.split())
