"""The parser of Markdown: CommonMark with tables, footnotes and definitions, links as written."""

import re
from functools import cache
from typing import TYPE_CHECKING

from reviewcast.text.readers.markdown.limits import DEEPEST

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline


# all that no rule of the parser begins with; an ampersand only where it begins no reference
_PLAIN_AMPERSAND = re.compile(
    r"(?:&(?![#A-Za-z])|[^\\`*_\[\]!<>&~^\n{}$%@+=:\-\d#])*&(?![#A-Za-z])"
)


@cache
def make_parser() -> "MarkdownIt":
    """Make a parser that changes nothing of what it finds: links stay as they are written."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt(
        "commonmark",
        {"maxNesting": 2 * DEEPEST, "inline_definitions": True, "store_labels": True},
    )
    parser.enable(["table", "strikethrough"])
    parser.use(footnote_plugin, move_to_end=False, always_match_refs=True)
    parser.use(deflist_plugin)
    parser.inline.ruler.before("text", "plain_text", _take_plain_text)
    # escaped marks keep their own tokens, apart from stray ones
    parser.disable("text_join")
    parser.normalizeLink = lambda address: address  # type: ignore[method-assign, assignment]
    parser.normalizeLinkText = lambda address: address  # type: ignore[method-assign, assignment]
    parser.validateLink = lambda _address: True  # type: ignore[method-assign, assignment]
    return parser


def _take_plain_text(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  markdown-it's own
    """Take an ampersand that begins no reference with the text around it, not letter by letter."""
    match = _PLAIN_AMPERSAND.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.pending += match[0]
    state.pos = match.end()
    return True
