"""Templates in a post: Liquid, Nunjucks and Hugo's shortcodes keep what a reader would see."""

import bisect
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reviewcast.readers.flow import Flow

_CLOSERS = {"{{<": ">}}", "{{%": "%}}", "{{": "}}", "{%": "%}", "{#": "#}"}
_OPENER = re.compile(r"\{\{[<%]|\{\{|\{%|\{#(?=\s)")
_LONGEST = 4000
_NAME = re.compile(r"[-~]?\s*(/?)\s*([\w./:-]*)\s*(.*?)\s*[-~/]?\s*", re.DOTALL)
_ARGUMENT = re.compile(
    r"(?:([A-Za-z_][\w.-]*)\s*[=:]\s*)?(?:\"([^\"]*)\"|'([^']*)'|`([^`]*)`|([^\s\"'`,|]+))"
)
_ADDRESS_BEFORE = re.compile(r"(?:\]\(|\]:[ \t]*|=[ \t]*[\"']?)[^\s\"'()<>]*\Z")
_ADDRESS = re.compile(r"(?:\w+:)?//|^[./#]|/|\.\w{2,5}$|^\w+[=?&]", re.ASCII)
_TEXT_KEYS = {
    "name", "title", "text", "movie", "film", "book", "album", "work", "show", "game", "label",
    "content", "quote", "cite", "author", "body", "message", "note", "summary", "heading",
    "subtitle", "description",
}  # fmt: skip
_CAPTION_KEYS = {"caption", "attribution", "credit", "attr", "source"}
_SILENT = set(
    """if elsif elseif else unless for case when assign capture increment decrement cycle set block
    extends macro import layout tablerow break continue paginate style schema javascript with more
    toc raw verbatim liquid break-after clear clearfix br hr spacer include_cached_css math katex
    mathjax rawhtml html center left right columns column row col ref relref post_url link_to_post
    asset_path baseurl siteurl absurl relurl""".split()
)
_CODE = {"highlight", "code", "codeblock", "mermaid", "chart", "console", "terminal", "prism"}
_IMAGES = re.compile(r"image|img|figure|gallery|picture|photo|lightbox|poster|thumb|carousel")
_EMBEDS = re.compile(
    r"youtube|vimeo|tweet|twitter|instagram|gist|spotify|soundcloud|bandcamp|video|audio|embed"
    r"|iframe|podcast|player|codepen|tiktok|mastodon|trailer|giphy|bluesky|imdb_id|^x$|^map$|^pdf$"
)
_QUOTES = re.compile(r"quote|epigraph|verse|poem")


class _Tag(NamedTuple):
    start: int
    end: int
    kind: str
    body: str


def expand_shortcodes(source: str, metadata: Mapping[str, str], flow: Flow) -> str:
    """Put in place of each tag what a reader of the page would see of it.

    Unknown tags keep the values of arguments called name, title, text and the like, quoted words,
    and all that stands between an opening and a closing tag. Images, embeds, code and the rest
    are left out by name.
    """
    if "{{" not in source and "{%" not in source and "{#" not in source:
        return source
    tags = list(_find_tags(source))
    closed: dict[str, list[_Tag]] = {}
    for tag in tags:
        name = _closed_name(tag)
        if name:
            closed.setdefault(name, []).append(tag)
    expander = _Expander(source, metadata, flow, closed)
    parts = []
    position = 0
    for tag in tags:
        if tag.start < position:
            continue
        text, end = expander.expand(tag)
        start, end, text = _trim_line(source, tag.start, end, text)
        parts += [source[position : max(position, start)], text]
        position = end
    return "".join(parts) + source[position:]


def _find_tags(source: str) -> Iterator[_Tag]:
    position = 0
    while match := _OPENER.search(source, position):
        closer = _CLOSERS[match[0]]
        # a tag ends soon or never: so that a million openers take no longer than their number
        end = source.find(closer, match.end(), match.end() + _LONGEST)
        body = source[match.end() : end]
        if end < 0 or ("\n\n" in body and match[0] != "{#"):
            position = match.end()
            continue
        position = end + len(closer)
        if not _is_in_code(source, match.start(), position):
            yield _Tag(match.start(), position, match[0], body)


def _is_in_code(source: str, start: int, end: int) -> bool:
    return source[start - 1 : start] == "`" and source[end : end + 1] == "`"


def _closed_name(tag: _Tag) -> str:
    """Give the name of the block that a tag closes, "" when it closes none."""
    slash, name, _ = _read_name(tag)
    name = name.lower()
    if slash:
        return name
    if tag.kind == "{%" and name.startswith("end") and len(name) > 3:
        return name.removeprefix("end").strip("_-")
    return ""


def _read_name(tag: _Tag) -> tuple[str, str, str]:
    match = _NAME.fullmatch(tag.body)
    return (match[1], match[2], match[3]) if match else ("", "", tag.body)


def _trim_line(source: str, start: int, end: int, text: str) -> tuple[int, int, str]:
    """Take away the whole line that a tag leaves empty; a text alone on it is a paragraph."""
    line = source.rfind("\n", 0, start) + 1
    stop = source.find("\n", end)
    stop = len(source) if stop < 0 else stop
    if source[line:start].strip() or source[end:stop].strip():
        return start, end, text
    if not text:
        return line, min(stop + 1, len(source)), ""
    if "reviewcast-" in text or not source[line:start]:
        return line, stop, f"\n{text}\n"
    return start, end, text


class _Expander:
    """Turns one tag after the other into text, and remembers the blocks that are open."""

    def __init__(
        self, source: str, metadata: Mapping[str, str], flow: Flow, closed: dict[str, list[_Tag]]
    ) -> None:
        self._source = source
        self._metadata = metadata
        self._flow = flow
        self._closed = closed
        self._ends: dict[str, list[str]] = {}

    def expand(self, tag: _Tag) -> tuple[str, int]:
        """Give the text in place of a tag, and where the source goes on."""
        if tag.kind == "{#" or tag.body.lstrip().startswith("/*"):
            self._flow.hide(tag.body)
            return "", tag.end
        if self._is_in_address(tag):
            self._flow.hide(tag.body)
            return "", tag.end
        if tag.kind == "{{":
            return self._expand_variable(tag.body), tag.end
        ended = _closed_name(tag)
        if ended:
            self._flow.hide(tag.body)
            return (self._ends.get(ended) or [""]).pop(), tag.end
        _, name, arguments = _read_name(tag)
        if name.lower() in {
            "include",
            "include_relative",
            "render",
            "include_cached",
            "partial",
            "import",
        }:
            name, arguments = self._read_include(arguments)
            if name == "":
                return "", tag.end
            self._flow.hide(_read_name(tag)[1])
        is_code = name.lower() in _CODE
        stop = self._find_end(tag, name) if is_code or name == "comment" else None
        if stop:
            inner = self._source[tag.end : stop.start]
            self._flow.hide(f"{tag.body} {stop.body}")
            if name == "comment":
                self._flow.hide(inner)
            else:
                self._flow.leave_out(inner, "code")
            return "", stop.end
        return self._expand_tag(name, arguments), tag.end

    def _is_in_address(self, tag: _Tag) -> bool:
        before = self._source[max(0, tag.start - 300) : tag.start]
        return bool(_ADDRESS_BEFORE.search(before.rpartition("\n")[2]))

    def _find_end(self, tag: _Tag, name: str) -> _Tag | None:
        ends = self._closed.get(name.lower(), [])
        first = bisect.bisect_left(ends, tag.end, key=lambda other: other.start)
        return ends[first] if first < len(ends) else None

    def _read_include(self, arguments: str) -> tuple[str, str]:
        match = re.match(r"[\"']?([^\s\"',]+)[\"']?,?\s*(.*)", arguments, re.DOTALL)
        if not match:
            self._flow.hide(arguments)
            return "", ""
        folder, _, file = match[1].rpartition("/")
        stem, _, suffix = file.partition(".")
        self._flow.hide(f"{folder} {suffix}")
        return stem, match[2]

    def _expand_variable(self, body: str) -> str:
        expression, _, filters = body.strip(" -~\n").partition("|")
        expression = expression.strip()
        quoted = re.fullmatch(r"\"([^\"]*)\"|'([^']*)'", expression)
        value = self._metadata.get(re.sub(r"^(?:page|post|this)\.", "", expression).lower(), "")
        if quoted and not _ADDRESS.search(quoted[1] or quoted[2] or ""):
            self._flow.hide(filters)
            return quoted[1] or quoted[2] or ""
        self._flow.hide(body)
        if quoted or re.search(r"url|site\.|asset|toc\b|content\b", body, re.IGNORECASE):
            return ""
        if value:
            return value
        self._flow.leave_out(f"{{{{ {expression} }}}}", "variable")
        return ""

    def _expand_tag(self, name: str, arguments: str) -> str:
        flow, kind = self._flow, name.lower()
        is_paired = kind in self._closed
        if kind in _SILENT:
            flow.hide(f"{name} {arguments}")
            return ""
        if _IMAGES.search(kind):
            self._leave_out_image(name, arguments)
            return ""
        if _EMBEDS.search(kind):
            flow.leave_out(f"{name} {arguments}", "embed")
            return ""
        if not is_paired and not self._has_text(kind, arguments):
            flow.leave_out(f"{name} {arguments}", "shortcode")
            return ""
        flow.hide(name)
        kept = self._keep_arguments(arguments, all_words=bool(_QUOTES.search(kind)))
        if "spoiler" in kind:
            return self._open_spoiler(kind, kept, is_paired=is_paired)
        if is_paired and _QUOTES.search(kind):
            end = f"\n\n{kept}\n\n</reviewcast-quote>\n" if kept else "\n</reviewcast-quote>\n"
            self._ends.setdefault(kind, []).append(end)
            return "\n<reviewcast-quote>\n\n"
        return kept

    def _open_spoiler(self, name: str, kept: str, *, is_paired: bool) -> str:
        if not is_paired:
            return f"<reviewcast-spoiler>{kept}</reviewcast-spoiler>" if kept else ""
        self._ends.setdefault(name, []).append("</reviewcast-spoiler>")
        return f"<reviewcast-spoiler>{kept}"

    def _leave_out_image(self, name: str, arguments: str) -> None:
        texts = []
        for key, value in _read_arguments(arguments):
            if key.lower() in _CAPTION_KEYS:
                self._flow.leave_out(value, "caption")
            elif key.lower() in _TEXT_KEYS | {"alt"} or (not key and " " in value):
                texts.append(value)
            else:
                self._flow.hide(value)
            self._flow.hide(key)
        self._flow.leave_out(" ".join(texts) or name, "image")
        self._flow.hide(name)
        self._flow.hide(_ARGUMENT.sub(" ", arguments))

    def _has_text(self, kind: str, arguments: str) -> bool:
        all_words = bool(_QUOTES.search(kind))
        return any(
            _keep_text(key, value, arguments, all_words=all_words)
            for key, value in _read_arguments(arguments)
        )

    def _keep_arguments(self, arguments: str, *, all_words: bool) -> str:
        kept = []
        for key, value in _read_arguments(arguments):
            self._flow.hide(key)
            seen = _keep_text(key, value, arguments, all_words=all_words)
            if seen:
                kept.append(seen)
                self._flow.hide(value.partition("|")[2])
            elif key.lower() in _CAPTION_KEYS:
                self._flow.leave_out(value, "caption")
            else:
                self._flow.hide(value)
        self._flow.hide(_ARGUMENT.sub(" ", arguments))
        return " ".join(kept)


def _read_arguments(arguments: str) -> Iterator[tuple[str, str]]:
    for match in _ARGUMENT.finditer(arguments):
        yield match[1] or "", match[2] or match[3] or match[4] or match[5] or ""


def _keep_text(key: str, value: str, arguments: str, *, all_words: bool) -> str:
    """Give what a reader would see of an argument: of `Smile|2022` the film's name."""
    seen = value.partition("|")[0].strip()
    is_text = key.lower() in _TEXT_KEYS or all_words or (not key and _is_words(arguments, seen))
    return seen if is_text and seen and not _ADDRESS.search(seen) else ""


def _is_words(arguments: str, value: str) -> bool:
    """Tell a quoted text from an identifier: it has words, or one with a capital."""
    if not re.search(rf"[\"'`]{re.escape(value)}", arguments):
        return False
    words = value.split()
    if any(re.search(r"\d[A-Za-z]|[a-z][A-Z]|_", word) for word in words):
        return False
    return len(words) > 1 or bool(value[:1].isupper() and value.isalpha())
