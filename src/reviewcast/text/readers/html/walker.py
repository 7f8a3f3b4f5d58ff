"""HTML: the review is found in its page, and walked into a Flow."""

import re
from typing import Any

from reviewcast.model.characters import has_words
from reviewcast.model.text import Document
from reviewcast.text.readers.document import make_document
from reviewcast.text.readers.fields import holds
from reviewcast.text.readers.flow import Flow
from reviewcast.text.readers.front_matter import split_front_matter
from reviewcast.text.readers.html.boilerplate import (
    UNSHOWN,
    find_article,
    name_boilerplate,
    read_shown_text,
    summarise,
)
from reviewcast.text.readers.html.elements import BLOCKS, VOID, list_classes
from reviewcast.text.readers.html.footnotes import BACK, BACK_CLASSES, NOTES_CLASSES, find_notes
from reviewcast.text.readers.html.metadata import find_site, read_page_metadata
from reviewcast.text.readers.html.ornaments import name_block
from reviewcast.text.readers.html.parser import (
    DEEPEST,
    FENCE,
    join_texts,
    parse_page,
    too_deep,
)
from reviewcast.text.readers.markdown.bracket_codes import leave_out_codes
from reviewcast.text.readers.markdown.shortcodes import expand_shortcodes

_LONGEST_MARK = 12
_LONGEST_BYLINE = 200


def read_html(text: str) -> Document:
    """Read a page: its article, without what is around it; metadata from its head.

    A page with front matter is the source of one: its fields go before those of the head, and
    its templates keep what a reader would see. Raise ReviewError when it is nested over 300
    levels deep.
    """
    flow = Flow()
    written, below = split_front_matter(text) if FENCE.match(text) else ({}, text)
    tree = parse_page(expand_shortcodes(below, written, flow) if len(below) < len(text) else text)
    metadata, origins = read_page_metadata(tree)
    metadata |= written
    origins = {name: origin for name, origin in origins.items() if name not in written}
    body = tree.body
    if body is None or body.tag != "body":  # a page of frames
        flow.hide(join_texts(tree.root))
        return make_document(flow, metadata, origins)
    article = find_article(tree)
    walker = _PageWalker(flow, tree)
    if article.mem_id != body.mem_id:
        headline = _find_headline(tree, article, find_site(tree))
        walker.leave_out_around(article, body, headline)
        if headline and "title" not in written:
            metadata["title"], origins["title"] = headline, "text"
    walker.walk(article, is_page=True)
    walker.leave_out_outside(tree)
    if "title" in written:
        return make_document(flow, metadata, origins)
    return _settle_title(flow, metadata, origins)


def read_html_fragment(text: str) -> Document:
    """Read HTML that is nothing but the review."""
    tree = parse_page(text)
    flow = Flow()
    if tree.body is not None:
        _PageWalker(flow, tree).walk(tree.body, is_page=False)
    return make_document(flow, {})


def _count_unlinked(node: Any) -> int:
    links = sum(len(" ".join(link.text(deep=True).split())) for link in node.css("a"))
    return len(" ".join(node.text(deep=True).split())) - links


def _settle_title(flow: Flow, metadata: dict[str, str], origins: dict[str, str]) -> Document:
    """Let the heading above the text be the title, whatever the page's head says.

    One below level one has to be a part of what the head says, if that says anything.
    """
    parts = flow.finish()
    first = parts[0]
    if first.heading and origins.get("title") != "text":
        said = metadata.get("title", "")
        if first.level == "h1" or not said or holds(said, first.heading):
            metadata["title"], origins["title"] = first.heading, "text"
            flow.hide(first.heading)
            first.heading = None
    elif first.heading and first.heading == metadata.get("title"):
        flow.hide(first.heading)
        first.heading = None
    return make_document(flow, metadata, origins)


def _find_headline(tree: Any, article: Any, site: str) -> str:
    """Find the heading of level one that stands outside the article and is its own."""
    title = tree.css_first("title")
    said = title.text(deep=True) if title is not None else ""
    own = [" ".join(h.text(deep=True).split()) for h in article.css("h1, h2")]
    if any(holds(said, heading) for heading in own):
        return ""  # the page is called after the article's own heading: the other is the site's
    headings = [" ".join(h.text(deep=True).split()) for h in tree.css("h1")]
    if article.css_first("h1") is None:
        return headings[0] if len(headings) == 1 else ""
    # sections have level one too: of the others, the page is called after its own
    named = [h for h in headings if h not in own and holds(said, h) and not holds(site, h)]
    return named[0] if len(named) == 1 else ""


class _PageWalker:
    """Passes the nodes of a page to a Flow, without recursion."""

    def __init__(self, flow: Flow, tree: Any) -> None:
        self._flow = flow
        self._notes = find_notes(tree)
        self._spoken: set[str] = set()
        self._numbers: dict[int, str] = {}
        self._headline = ""
        self._is_page = False
        self._weight = 1

    def walk(self, root: Any, *, is_page: bool) -> None:
        """Walk all below a node; `is_page` drops navigation, comments and their like."""
        self._is_page = is_page
        self._weight = max(1, len(root.text(deep=True)))
        self._walk_below(root, note=False)

    def leave_out_around(self, article: Any, body: Any, headline: str) -> None:
        """Name each block of the page that the article does not stand in, but for its headline."""
        self._headline = headline
        node = article
        blocks: list[Any] = []
        while node is not None and node.mem_id != body.mem_id:
            parent = node.parent
            blocks += [
                child for child in parent.iter(include_text=True) if child.mem_id != node.mem_id
            ]
            node = parent
        for block in blocks:
            self._leave_out_block(block, name_boilerplate(block) or "outside the article")

    def leave_out_outside(self, tree: Any) -> None:
        """Account for the head, and for what broken pages have beside their body."""
        for root in (tree.root.parent if tree.root.tag == "html" else tree.root).iter():
            for child in root.iter(include_text=True):
                if child.tag == "head":
                    self._flow.hide(join_texts(child))
                elif child.tag != "body":
                    self._leave_out_block(child, "outside the article")

    def _leave_out_block(self, node: Any, reason: str) -> None:
        if node.tag in UNSHOWN:
            reason = ""
        is_text = node.tag == "-text"
        self._flow.hide((node.text_content or "") if is_text else join_texts(node))
        text = (node.text_content or "") if is_text else read_shown_text(node)
        text = " ".join(text.split()).removeprefix(self._headline)
        if node.tag in BLOCKS:
            self._flow.part()
        if reason and has_words(text):
            self._flow.leave_out(summarise(text), reason)

    def _walk_below(self, root: Any, *, note: bool) -> None:
        flow = self._flow
        path = [root]
        node = root.child
        while True:
            if node is not None and node.mem_id != root.mem_id:
                goes_on = self._enter(node, note=note)
                if goes_on and node.child is not None:
                    path.append(node)
                    if len(path) > DEEPEST:
                        raise too_deep()
                    node = node.child
                    continue
                if goes_on and node.tag not in VOID:
                    flow.close(str(node.tag))
            while node is None or node.next is None:
                if len(path) == 1:
                    return
                node = path.pop()
                flow.close(str(node.tag))
            node = node.next

    def _enter(self, node: Any, *, note: bool) -> bool:
        """Pass a node to the flow; True if its children are to be walked."""
        flow, tag = self._flow, str(node.tag)
        if tag == "-text":
            flow.say(leave_out_codes(node.text_content or "", flow))
            return False
        if tag.startswith("-"):
            return False
        attributes = node.attributes
        if tag in {"script", "style", "template"}:
            flow.hide(join_texts(node))
            return False
        reason = self._find_reason(node, tag, attributes) if self._is_page else ""
        if reason:
            self._leave_out_block(node, reason)
            return False
        own = self._notes.get(attributes.get("id") or "")
        if not note and own is not None and own.mem_id == node.mem_id:
            if attributes["id"] not in self._spoken:
                self._spoken.add(str(attributes["id"]))
                flow.hide(join_texts(node))
                flow.leave_out(node.text(deep=True, separator=" "), "footnote without a mark")
            return False
        if tag == "a" and self._take_reference(node, str(attributes.get("href") or "")):
            return False
        if tag == "ol":
            self._numbers.update(_number_items(node, attributes))
        flow.open(tag, attributes)
        if node.mem_id in self._numbers:
            flow.prefix = self._numbers[node.mem_id]
        return True

    def _find_reason(self, node: Any, tag: str, attributes: Any) -> str:
        if tag in {"h1", "h2", "h3", "p", "a", "span", "em", "i", "b", "strong", "blockquote"}:
            # a paragraph of a class such as "meta" is still text, if it is as long as one
            reason = name_boilerplate(node) if tag in {"p", "span", "a", "blockquote"} else ""
            if reason:
                return reason if _count_unlinked(node) < _LONGEST_BYLINE else ""
            return self._name_block(node) if tag in {"h2", "h3", "p"} else ""
        if not NOTES_CLASSES.isdisjoint(list_classes(attributes)) and tag != "li":
            return ""
        if tag == "header" and node.css_first("h1") is not None:
            return ""
        reason = name_boilerplate(node) or (self._name_block(node) if tag in BLOCKS else "")
        if reason and len(node.text(deep=True)) > 0.4 * self._weight:
            return ""  # what holds the half of an article is no ornament of it
        return reason

    def _name_block(self, node: Any) -> str:
        """Return what a block is by what stands in it; the first heading is no ornament's."""
        if not any(part.paragraphs for part in self._flow.parts) and (
            node.tag in {"h2", "h3"} or node.css_first("h2, h3") is not None
        ):
            return ""
        return name_block(node)

    def _take_reference(self, node: Any, href: str) -> bool:
        """Take a footnote's mark, or the arrow back to it."""
        mark = node.text(deep=True)
        if len(mark.strip()) > _LONGEST_MARK:
            return False
        if BACK.match(href) or not BACK_CLASSES.isdisjoint(list_classes(node.attributes)):
            self._flow.hide(join_texts(node))
            return True
        note = self._notes.get(href[1:]) if href.startswith("#") else None
        if note is None:
            return False
        self._flow.hide(join_texts(node))
        if href[1:] not in self._spoken:
            self._spoken.add(href[1:])
            self._flow.add_note(lambda: self._walk_below(note, note=True))
        return True


def _number_items(node: Any, attributes: Any) -> dict[int, str]:
    """Number the items of a list that counts down or starts elsewhere, as a browser does."""
    items = [child for child in node.iter() if child.tag == "li"]
    is_reversed = "reversed" in attributes
    start = attributes.get("start") or ""
    number = int(start) if re.fullmatch(r"\d{1,4}", start) else len(items) if is_reversed else 1
    if number in {0, 1} and not is_reversed:
        return {}
    step = -1 if is_reversed else 1
    return {item.mem_id: f"{number + step * index}. " for index, item in enumerate(items)}
