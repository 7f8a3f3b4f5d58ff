"""HTML of an export becomes Markdown: every visible word stays, and nothing unseen comes along."""

import itertools
import re
from typing import TYPE_CHECKING, Any

from reviewcast.model.characters import clean_text
from reviewcast.model.errors import ReviewError
from reviewcast.shelf.breaks import drop_idle_breaks

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_BLOCK = (
    r"p|div|h[1-6]|ul|ol|li|blockquote|pre|table|thead|tbody|tr|td|th|figure|figcaption|hr|section"
    r"|article|aside|details|summary|dl|dt|dd|iframe|video|audio|form|header|footer|center|style"
    r"|script"
)
_STARTS_BLOCK = re.compile(rf"\s*<!--|\s*</?(?:{_BLOCK})\b", re.IGNORECASE)
_HAS_PARAGRAPHS = re.compile(r"<p[\s>]", re.IGNORECASE)
_BREAKS = re.compile(r"(?:[ \t]*<br\s*/?>\s*){2,}", re.IGNORECASE)
_PRE = re.compile(r"(<pre\b.*?</pre\s*>)", re.IGNORECASE | re.DOTALL)
_EMBEDDED = re.compile(r"(?<=[\"'])\s*data:[\w/+.;=-]{1,80};base64,[^\"'<>]*", re.IGNORECASE)
_LARGEST, _MOST_TAGS = 4_000_000, 200_000
_UNSEEN = ["script", "style", "template", "noscript", "head", "title", "iframe", "object", "svg"]
_SPOILER = re.compile(
    r"\(view spoiler\)\s*\[(.*?)(?:\(hide spoiler\)\s*\]|\Z)|<spoiler>(.*?)(?:</spoiler>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_SLIPS = ("blockquote", "i", "b", "em", "strong")
_SEVERAL_LINES = re.compile(r"\n|<br|<p[\s>]", re.IGNORECASE)

_FOR_MEMBERS = re.compile(
    r"<!--\s*wp:premium-content/subscriber-view\b"
    r".*?(?:<!--\s*/wp:premium-content/subscriber-view\s*-->|\Z)"
    r"|<!--\s*wp:((?![\w/-]{0,60}(?:non|guest|logged-?out|premium-content))[\w/-]{0,60}?"
    r"(?:member|restrict|paywall|subscriber|private|protected)[\w/-]{0,60})\b(?![^>]*/-->)"
    r".*?(?:<!--\s*/wp:\1\s*-->|\Z)"
    r"|<!--\s*kg-gated-block:begin\b(?![^>]*\bnonMember:true)"
    r".*?(?:<!--\s*kg-gated-block:end\b[^>]*-->|\Z)"
    r"|<!--\s*wp:jetpack/paywall\b.*\Z|<!--\s*members-only\s*-->.*\Z",
    re.DOTALL | re.IGNORECASE,
)
"""What only subscribers of WordPress.com or Ghost see of a post that all others see the rest of."""

_ESCAPED = re.compile(r"([\\`*<\[\]|~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w{1,32};))")
_SPOILER_CODE = re.compile(r"\\\[(/?spoilers?)\\\]", re.IGNORECASE)
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|:::|=+\s*$|-{2,}\s*$)")
_LINE_NUMBER = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ADDRESSES = re.compile(r"!\[[^\]]*\]\([^)]*\)|\]\([^()\s]*\)|https?://\S+|\[/?spoiler\]")
_BLANK_LINES = re.compile(r"\n{3,}")
_RULES_AROUND = re.compile(r"\A(?:---\s*\n+)+|(?:\n+---\s*)+\Z")
_COMMENT_OR_CODE = re.compile(
    r"<!--.*?(?:-->|\Z)|\{%-?\s*comment\s*-?%\}.*?(?:\{%-?\s*endcomment\s*-?%\}|\Z)"
    r"|(?P<code>^(?:```|~~~).*?^(?:```|~~~)[^\n]*$|`[^`\n]+`)",
    re.MULTILINE | re.DOTALL,
)
"""Whichever begins first holds the other."""


def make_markdown(html: str, *, members: bool = False) -> str:
    """Return HTML as Markdown; text without paragraphs gets them where its lines are blank.

    Comments, scripts and what is hidden are left out, as are the parts of a post that only
    subscribers see, unless `members`, and pictures that stand in it. Raise ReviewError when it is
    nested too deep, over 4 MB or has over 200,000 tags, which take memory many times over.
    """
    from reviewcast.text.readers.html.parser import parse_page

    html = _EMBEDDED.sub("", html)
    if len(html) > _LARGEST:
        raise ReviewError(f"Its HTML is larger than {_LARGEST // 1_000_000} MB.")
    if html.count("<") > _MOST_TAGS:
        raise ReviewError(f"Its HTML has over {_MOST_TAGS:,} tags.")
    html = clean_text(html).replace("\r\n", "\n")
    if not members:
        html = _FOR_MEMBERS.sub("", html)
    html = _close_tags(html)
    html = _SPOILER.sub(_mark_spoiler, html)
    html = _break_paragraphs(html)
    parse_page(html)  # raises when it is too deep
    try:
        text = _convert(html)
    except RecursionError as error:
        raise ReviewError("Its HTML is nested too deeply.") from error
    lines = [line if line.strip() else "" for line in text.split("\n")]
    return _RULES_AROUND.sub("", _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip())


def drop_comments(markdown: str) -> str:
    """Return Markdown without comments, which no reader of a blog sees; code keeps its own."""
    return _COMMENT_OR_CODE.sub(lambda match: match["code"] or "", markdown).strip()


def count_words(markdown: str) -> int:
    """Return how many words a text has, without pictures and addresses."""
    return len(_WORD.findall(_ADDRESSES.sub(" ", markdown)))


def _close_tags(html: str) -> str:
    """Close what is opened by `<i>` twice and never closed, a slip of hand that members make."""
    for tag in _SLIPS:
        opened = re.compile(rf"<{tag}>", re.IGNORECASE)
        count = len(opened.findall(html))
        if count and count % 2 == 0 and f"</{tag}" not in html.lower():
            parts = opened.split(html)
            ends = itertools.cycle((f"<{tag}>", f"</{tag}>"))
            html = parts[0] + "".join(f"{next(ends)}{part}" for part in parts[1:])
    return html


def _mark_spoiler(match: "re.Match[str]") -> str:
    text = match[1] or match[2] or ""
    space = "\n\n" if _SEVERAL_LINES.search(text) else ""
    return f"{space}[spoiler]{space}{text}{space}[/spoiler]{space}"


def _break_paragraphs(html: str) -> str:
    """Make paragraphs of blank lines and doubled breaks, as the services that show them do.

    Where there are no paragraphs at all, each line ends on purpose.
    """
    keeps_lines = not _HAS_PARAGRAPHS.search(html)
    parts = _PRE.split(html)
    for at in range(0, len(parts), 2):
        text = _BREAKS.sub("\n\n", parts[at]) if keeps_lines else parts[at]
        blocks = [block for block in re.split(r"\n[ \t]*\n\s*", text) if block.strip()]
        parts[at] = "\n".join(_make_block(block, keeps_lines=keeps_lines) for block in blocks)
    return "".join(parts)


def _make_block(block: str, *, keeps_lines: bool) -> str:
    if _STARTS_BLOCK.match(block):
        return block
    text = block.strip()
    return f"<p>{text.replace(chr(10), '<br>') if keeps_lines else text}</p>"


def _convert(html: str) -> str:
    from bs4 import BeautifulSoup, Comment

    soup = BeautifulSoup(html, "lxml")
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for node in soup.find_all(_is_unseen):
        node.extract()
    drop_idle_breaks(soup)
    return str(_make_converter().convert_soup(_mark_spoilers(soup)))


def _is_unseen(node: Any) -> bool:
    from reviewcast.text.readers.html.elements import find_hidden_reason

    return node.name in _UNSEEN or find_hidden_reason(node.name, _list_attributes(node)) == "hidden"


def _list_attributes(node: Any) -> dict[str, str]:
    return {
        key: " ".join(value) if isinstance(value, list) else str(value)
        for key, value in node.attrs.items()
    }


def _mark_spoilers(soup: "BeautifulSoup") -> "BeautifulSoup":
    from reviewcast.text.readers.html.elements import is_spoiler

    for node in soup.find_all(True):
        if node.name != "details" and is_spoiler(node.name, _list_attributes(node)):
            node.name = "reviewcast-spoiler"
    return soup


def _make_converter() -> Any:
    from markdownify import ATX, BACKSLASH, MarkdownConverter

    class Converter(MarkdownConverter):
        """Escapes what Markdown, as reviews are read, would take for markup."""

        def escape(self, text: str, parent_tags: Any) -> str:
            if {"pre", "code"} & set(parent_tags):
                return text
            text = _SPOILER_CODE.sub(r"[\1]", _ESCAPED.sub(r"\\\1", text))
            lines = (
                _LINE_NUMBER.sub(r"\1\\\2", _LINE_START.sub(r"\1\\\2", line))
                for line in text.split("\n")
            )
            return "\n".join(lines)

        def convert_br(self, node: Any, text: str, parent_tags: Any) -> str:
            if {"pre", "code"} & set(parent_tags):
                return "\n"
            return str(super().convert_br(node, text, parent_tags))  # type: ignore[misc]

        def convert_reviewcast_spoiler(self, _node: Any, text: str, **_where: Any) -> str:
            return f"[spoiler]{text}[/spoiler]"

        def convert_details(self, _node: Any, text: str, **_where: Any) -> str:
            return f"\n\n[spoiler]\n\n{text.strip()}\n\n[/spoiler]\n\n"

        def convert_summary(self, _node: Any, text: str, **_where: Any) -> str:
            return f"{text.strip()}\n\n"

    return Converter(heading_style=ATX, bullets="-", newline_style=BACKSLASH, escape_misc=False)
