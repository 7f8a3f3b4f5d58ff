"""The parser of Markdown: CommonMark with tables, footnotes and definitions, links as written.

What would take it hours is refused before it is parsed.
"""

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from reviewcast.model.errors import ReviewError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline


DEEPEST = 100
_MOST_OPEN_BRACKETS = 200
_MOST_DEPTHS = 100_000
_MOST_MARKS = 40_000
_MOST_NOTES = 1000
_NOTE_LABEL = re.compile(r"\[\^([^\]\s]{1,100})\]:")
_EMPHASIS_MARKS = re.compile(r"\*+|_+")
_MARKERS = re.compile(r"[>*+\- \t]*")
_DEEP_LINE = re.compile(r"^[ \t]*(?:[>*+-][ \t]{0,3}){9}", re.MULTILINE)
_BRACKETS = re.compile(r"(?<!\\)[\[\]]|\n[ \t]*(?=\n)")

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


def render_html(body: str) -> str:
    """Return Markdown as HTML; raise ReviewError when it is nested too deep or too slow to read."""
    refuse_slow_markdown(body)
    return str(make_parser().render(body))


def _take_plain_text(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001  markdown-it's own
    """Take an ampersand that begins no reference with the text around it, not letter by letter."""
    match = _PLAIN_AMPERSAND.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.pending += match[0]
    state.pos = match.end()
    return True


def refuse_slow_markdown(body: str) -> None:
    """Refuse what no review needs and the parser would look at again and again.

    Raise ReviewError, naming what there is too much of.
    """
    _refuse_heap_of_marks(body)
    _refuse_heap_of_notes(body)
    _refuse_open_brackets(body)
    _refuse_deep_lines(body)


def _refuse_heap_of_marks(body: str) -> None:
    """Refuse more marks of emphasis than the longest text can have: each costs the parser time."""
    if body.count("*") + body.count("_") <= _MOST_MARKS:
        return
    if sum(1 for _ in _EMPHASIS_MARKS.finditer(body)) > _MOST_MARKS:
        raise ReviewError(
            f"The review has over {_MOST_MARKS} marks of emphasis.",
            hint="Remove the asterisks and underscores that its words do not need.",
        )


def _refuse_heap_of_notes(body: str) -> None:
    """Refuse a footnote that is defined again and again: only the first has a mark."""
    if body.count("]:") <= _MOST_NOTES:
        return
    for label, times in Counter(_NOTE_LABEL.findall(body)).most_common(1):
        if times <= _MOST_NOTES:
            return
        raise ReviewError(
            f"The footnote [^{label[:20]}] is defined over {_MOST_NOTES} times.",
            hint="Give each footnote a name of its own.",
        )


def _refuse_open_brackets(body: str) -> None:
    """Refuse a heap of brackets that never close: looking for their ends takes for ever."""
    start = 0
    while start < len(body):
        end = body.find("\n\n", start) + 1 or len(body)
        if body.count("[", start, end) > _MOST_OPEN_BRACKETS:  # no common paragraph has as many
            depth = 0
            for match in _BRACKETS.finditer(body, start, end):
                depth = (
                    depth + 1 if match[0] == "[" else max(0, depth - 1) if match[0] == "]" else 0
                )
                if depth > _MOST_OPEN_BRACKETS:
                    raise ReviewError(
                        f"A paragraph opens over {_MOST_OPEN_BRACKETS} brackets and closes none.",
                        hint="Close its links and images, or remove them.",
                    )
        start = end


def _refuse_deep_lines(body: str) -> None:
    """Refuse a long text within deep quotes or lists: every level looks at every line."""
    if not _DEEP_LINE.search(body):
        return
    depth = cost = 0
    for line in body.split("\n"):
        markers = _MARKERS.match(line)
        depth = max(depth, len("".join(markers[0].split()))) if markers and line.strip() else 0
        cost += depth
    if cost > _MOST_DEPTHS:
        raise too_deep()


def too_deep() -> ReviewError:
    """Return the error of a text nested deeper than DEEPEST levels."""
    return ReviewError(
        f"The review is nested over {DEEPEST} levels deep.", hint="Flatten its lists and quotes."
    )
