"""A page is parsed, unless it is nested too deep; all its texts are listed, seen or unseen."""

import re
from typing import Any

from reviewcast.model.characters import decode_references
from reviewcast.model.errors import ReviewError
from reviewcast.text.readers.front_matter import skip_front_matter
from reviewcast.text.readers.html.elements import BLOCKS, KNOWN, VOID
from reviewcast.text.readers.markdown.template_tags import find_tags

DEEPEST = 300
FENCE = re.compile(r"\s*(?:---|\+\+\+)")
_TEMPLATE_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)[^<>]*?(/?)>")

# these close each other, so that a thousand of them unclosed are not nested
_SELF_CLOSING = VOID | set(
    "p li dt dd option optgroup tr td th thead tbody tfoot rt rp html head body img".split()
)


def list_html_texts(text: str) -> str:
    """Return all texts of a page, visible or not, as the parser alone finds them.

    Texts that only inline tags part are joined by a mark that stands within words.
    """
    body = skip_front_matter(text) if FENCE.match(text) else text
    if len(body) < len(text):
        # of a template in a tag no sign may end it: `<a {% if a > b %}href="x"{% endif %}>`
        body = _keep_words(body)
    root = parse_page(body).root
    return join_texts(root) if root is not None else ""


def _keep_words(body: str) -> str:
    """Drop the signs of templates."""
    parts: list[str] = []
    position = 0
    for tag in find_tags(body):
        words = " ".join(_TEMPLATE_WORD.findall(decode_references(tag.body)))
        parts += [body[position : tag.start], f" {words} " if words else ""]
        position = tag.end
    return "".join(parts) + body[position:]


def join_texts(root: Any) -> str:
    """Join the texts below a node: by a mark within words where only inline tags part them."""
    parts: list[str] = []
    joint = "\n"
    for node in root.traverse(include_text=True):
        tag = str(node.tag)
        if tag == "-text":
            parts += [joint, node.text_content or ""]
            joint = "_"
        elif tag in BLOCKS or tag == "br":
            joint = "\n"
    return "".join(parts)


def parse_page(text: str) -> Any:
    """Parse a page; raise ReviewError when it is nested over DEEPEST levels deep."""
    from selectolax.lexbor import LexborHTMLParser

    # the parser's time grows with the square of the depth, so this comes before it
    if _is_too_deep(text):
        text = _drop_stray_tags(text)
        if _is_too_deep(text):
            raise too_deep()
    return LexborHTMLParser(text)


def _is_too_deep(text: str) -> bool:
    depth = 0
    for match in _TAG.finditer(text):
        name = match[2].lower()
        if name not in _SELF_CLOSING and not match[3]:
            depth = max(0, depth - 1) if match[1] else depth + 1
            if depth > DEEPEST:
                return True
    return False


def _drop_stray_tags(text: str) -> str:
    """Drop the tags of unknown elements that never end: a broken template leaves them by hundreds.

    A browser shows nothing of them, and nests all that follows.
    """
    names = {(match[2].lower(), match[1]) for match in _TAG.finditer(text)}
    stray = {name for name, _ in names if name not in KNOWN and (name, "/") not in names}
    return _TAG.sub(lambda match: "" if match[2].lower() in stray else match[0], text)


def too_deep() -> ReviewError:
    """Return the error of a page nested deeper than DEEPEST levels."""
    return ReviewError(
        f"The page is nested over {DEEPEST} levels deep.",
        hint="Save the article alone, or close its tags.",
    )
