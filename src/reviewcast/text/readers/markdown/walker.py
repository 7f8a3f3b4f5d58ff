"""Markdown as blogs write it, walked token by token into a Flow."""

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from reviewcast.model.characters import decode_references
from reviewcast.model.text import Document
from reviewcast.text.readers.document import make_document
from reviewcast.text.readers.flow import Flow
from reviewcast.text.readers.front_matter import split_front_matter
from reviewcast.text.readers.html.elements import OWN, name_image
from reviewcast.text.readers.markdown.dialects import simplify_dialects
from reviewcast.text.readers.markdown.numbering import number_items
from reviewcast.text.readers.markdown.parser import (
    DEEPEST,
    make_parser,
    refuse_slow_markdown,
    too_deep,
)
from reviewcast.text.readers.markdown.raw_html import feed_set_in, feed_tags
from reviewcast.text.readers.markdown.shortcodes import expand_shortcodes
from reviewcast.text.readers.shown_ratings import find_image_rating

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token


_TAGS = {
    "paragraph": "p",
    "list_item": "li",
    "bullet_list": "ul",
    "ordered_list": "ol",
}

# emphasis that its writer left open, or closed behind a space: shown as it stands, never said
_STRAY_MARKS = re.compile(
    r"(?:\s+\*){2,}\s*$|^\s*(?:\*\s+){2,}|\s+\*{2,3}(?=[.,;:!?])|(?<![\s\d*])(?<!\\)\*{1,3}(?=[\s.,;:!?…)”’\"']|$)|(?:(?<=[\s(“‘\"'])|^)\*{1,3}(?=[^\s*])"
    r"|(?<=\s)\*{2,3}(?=\s)|(?<=\s)\*{1,3}$"
    r"|(?:(?<=[\s(“‘\"'])|^)_{1,3}(?=[^\W_])|(?<=[^\W_])_{1,3}(?=[\s.,;:!?…)”’\"']|$)"
)

# a rating by a typewriter: `Rating: ***`, `***1/2`, also where its label is set apart
_STARS = re.compile(
    r"[^*]*(?<!\w)\*{2,5} ?(?:½|1/2(?![\d/])|\(?out of )[^*]*|(?:[^*]*:)?\s*\*{2,5}\s*"
)

_OWN_TAG = re.compile(rf"</?({'|'.join(sorted(OWN))})(?![\w-])", re.IGNORECASE)
_LABEL = re.compile(r"\](?=\[([^\[\]]+)\])")
_TASK = re.compile(r"\[([ xX])\][ \t]+")


def read_markdown(text: str) -> Document:
    """Read Markdown with or without front matter.

    Headings of the first three levels begin sections; a first heading of level one above all
    text is the title. Footnotes follow the paragraph that refers to them. Raw HTML keeps its
    text; templates and shortcodes keep what a reader would see.

    Raise ReviewError when it is nested over 100 levels deep.
    """
    metadata, body = split_front_matter(text)
    flow = Flow()
    for match in _OWN_TAG.finditer(body):  # written by someone who knows our names
        flow.hide(match[1])
    body = simplify_dialects(expand_shortcodes(body, metadata, flow), flow)
    refuse_slow_markdown(body)
    parser = make_parser()
    env: dict[str, Any] = {}
    tokens: list[Token] = []
    try:
        # blocks only: what stands in one is parsed when the walk reaches it, and then dropped
        parser.block.parse(body, parser, env, tokens)
        _TokenWalker(flow, env).walk_all(tokens, body)
    except RecursionError as error:
        raise too_deep() from error
    return make_document(flow, metadata)


class _TokenWalker:
    """Passes the tokens to a Flow, and keeps the footnotes until they are referred to."""

    def __init__(self, flow: Flow, env: dict[str, Any]) -> None:
        self._flow = flow
        self._env = env
        self._notes: dict[str, Sequence[Token]] = {}
        self._spoken_notes: set[str] = set()
        self._lines: list[str] = []
        self._numbers: dict[int, str] = {}
        self._labels: list[str] = []
        self._cells: list[str] = []
        self._row_line = -1
        self._begins_item = False

    def walk_all(self, tokens: "Sequence[Token]", body: str) -> None:
        """Walk a whole document: its text first, then the notes that nothing refers to."""
        self._lines = body.split("\n") if any(t.type == "table_open" for t in tokens) else []
        self._numbers = number_items(tokens)
        self._walk(self._take_notes(tokens))
        for label, note in self._notes.items():
            if label not in self._spoken_notes:
                self._flow.open("reviewcast-note")
                self._walk(note)
                self._flow.close("reviewcast-note")

    def _take_notes(self, tokens: "Sequence[Token]") -> "list[Token]":
        """Part the footnotes from the text."""
        text: list[Token] = []
        note: list[Token] = []
        open_notes = 0
        again: Counter[str] = Counter()
        for token in tokens:
            if token.level > DEEPEST + 1:  # the parser drops what is twice as deep
                raise too_deep()
            if token.type == "footnote_reference_open":
                open_notes += 1
                if open_notes == 1:
                    note = []
                    label = str(token.meta["label"])
                    if label in self._notes:  # a second note of that name has no mark
                        again[label] += 1
                        label += f"\n{again[label]}"
                    self._notes[label] = note
                self._flow.hide(str(token.meta["label"]))
            elif token.type == "footnote_reference_close":
                open_notes -= 1
            elif open_notes:
                note.append(token)
            else:
                text.append(token)
        return text

    def _walk(self, tokens: "Sequence[Token]") -> None:
        flow = self._flow
        for token in tokens:
            if token.level > DEEPEST + 1:  # the inline token in a paragraph is one below it
                raise too_deep()
            kind, _, edge = token.type.rpartition("_")
            if token.type == "inline":
                self._take_inline(token)
            elif edge == "open":
                flow.open(_TAGS.get(kind, token.tag))
                self._begins_item = kind == "list_item" or (
                    self._begins_item and kind == "paragraph"
                )
                if kind == "list_item":
                    flow.hide(flow.prefix)
                    flow.prefix = self._numbers.get(id(token), "")
                    if not flow.prefix:
                        flow.hide(token.info)
                elif kind == "tr":
                    self._cells, self._row_line = [], token.map[0] if token.map else -1
            elif edge == "close":
                if kind == "tr":
                    self._take_extra_cells()
                flow.close(_TAGS.get(kind, token.tag))
            elif token.type == "html_block":
                feed_tags(token.content, flow, say=self._say_html)
                flow.say("\n")
            elif token.type in {"fence", "code_block"}:
                self._take_code(token)
            elif token.type == "definition":
                self._hide_definition(token)
            elif token.type == "hr":
                flow.open("hr")

    def _take_code(self, token: "Token") -> None:
        """Leave code out; sentences that are set in by four spaces are none."""
        self._flow.part()
        if token.type == "code_block":
            feed_set_in(token.content, self._flow, walk=self._walk_text, say=self._say_html)
        else:
            self._flow.leave_out(token.content, "code")
        self._flow.hide(token.info)

    def _hide_definition(self, token: "Token") -> None:
        for part in ("label", "url", "title"):
            self._flow.hide(str(token.meta[part] or ""))

    def _take_extra_cells(self) -> None:
        """Keep the cells of a row that is longer than the table's head: Markdown drops them."""
        from markdown_it.rules_block.table import escapedSplit

        line = self._lines[self._row_line].strip() if self._row_line >= 0 else ""
        cells = escapedSplit(line)
        if cells and not cells[0]:
            cells.pop(0)
        for cell in cells[len(self._cells) :]:
            if cell.strip():
                self._flow.say("; ")
                self._walk_text(cell.strip())

    def _take_inline(self, token: "Token") -> None:
        self._cells.append(token.content)
        self._walk_text(token.content)
        self._begins_item = False

    def _walk_text(self, text: str) -> None:
        parser = make_parser()
        children: list[Token] = []
        parser.inline.parse(text, parser, self._env, children)
        self._walk_inline(children, text)

    def _walk_inline(self, children: "Sequence[Token]", source: str) -> None:
        flow = self._flow
        self._labels = _LABEL.findall(source) if "][" in source else []
        for index, child in enumerate(children):
            match child.type:
                case "text":
                    self._say(child.content, is_first=index == 0)
                case "text_special" if child.info == "entity":
                    flow.say(decode_references(child.markup))
                case "text_special" | "code_inline":
                    flow.say(child.content)
                case "softbreak" | "hardbreak":
                    flow.end_line(hard=child.type == "hardbreak")
                case "html_inline":
                    feed_tags(child.content, flow)
                case "image":
                    self._leave_out_image(child)
                case "footnote_ref":
                    self._refer(child)
                case "inline":
                    self._walk_inline(child.children or [], source)
                case "link_open":
                    self._hide_link(child)
                    flow.open("a", {"href": str(child.attrGet("href") or "")})
                case "link_close":
                    flow.close("a")
                case _ if child.nesting == 1:
                    flow.open(child.tag)
                case _ if child.nesting == -1:
                    flow.close(child.tag)
                case _:
                    pass

    def _say(self, text: str, *, is_first: bool) -> None:
        if is_first and self._begins_item and (task := _TASK.match(text)):
            self._flow.hide(task[1])
            text = ("☑ " if task[1].strip() else "☐ ") + text[task.end() :]
        if ("*" in text or "_" in text) and not ("**" in text and _STARS.fullmatch(text)):
            text = _STRAY_MARKS.sub("", text)
        self._flow.say(text)

    def _say_html(self, text: str) -> None:
        """Say a text in raw HTML; some blogs have Markdown within it, as in `<p markdown="1">`."""
        if "](" in text or "**" in text:
            self._walk_text(text)
        else:
            self._flow.say(text)

    def _hide_link(self, token: "Token") -> None:
        if token.markup == "autolink":
            return
        self._flow.hide(str(token.attrGet("href") or ""))
        self._flow.hide(str(token.attrGet("title") or ""))
        self._hide_label(token)

    def _hide_label(self, token: "Token") -> None:
        """Account for the label of `[text][label]`: the parser gives it in capitals only."""
        from markdown_it.common.utils import normalizeReference

        label = token.meta.get("label")
        for written in self._labels if label else ():
            if normalizeReference(written) == label:
                self._flow.hide(written)
                self._labels.remove(written)
                break

    def _leave_out_image(self, token: "Token") -> None:
        flow, address = self._flow, str(token.attrGet("src") or "")
        rating = find_image_rating(token.content)
        if rating:
            flow.say(rating)
        else:
            flow.leave_out(token.content or name_image(address), "image")
        flow.leave_out(str(token.attrGet("title") or ""), "caption")
        flow.hide(address)
        if name_image(address) == address and not rating:
            flow.show(address)
        self._hide_label(token)

    def _refer(self, token: "Token") -> None:
        """Take a footnote's mark: its text follows when the paragraph is at its end."""
        label = token.meta.get("label")
        if label is None:
            note = self._env.get("footnotes", {}).get("list", {}).get(token.meta["id"], {})
            children, content = note.get("tokens", []), str(note.get("content", ""))
            self._flow.add_note(lambda: self._walk_inline(children, content))
            return
        label = str(label)
        self._flow.hide(label)
        if label in self._notes and label not in self._spoken_notes:
            self._spoken_notes.add(label)
            self._flow.add_note(lambda: self._walk(self._notes[label]))
