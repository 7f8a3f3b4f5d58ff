"""Templates in a post: Liquid, Nunjucks and Hugo's shortcodes keep what a reader would see."""

import bisect
import re
from collections.abc import Iterator, Mapping

from reviewcast.text.readers.flow import Flow
from reviewcast.text.readers.markdown.template_tags import (
    ARGUMENT,
    Argument,
    Tag,
    find_tags,
    name_closed_block,
    read_arguments,
    read_tag,
)

_MOST_WORDS = 4
_ADDRESSES = re.compile(r"url|site\.|asset|toc\b|content\b", re.IGNORECASE)
_WORD_BEFORE, _WORD_AFTER = re.compile(r"[^\W_]+[*_`~]*\Z"), re.compile(r"[*_`~]*[^\W_]+")
_VALUE_TAG = re.compile(r"<[A-Za-z/!][^<>]{0,300}>")
_NO_TAG = re.compile(r"<(?![A-Za-z/!][^<>]{0,300}>)")  # it would begin one with what follows
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

_INCLUDES = {"include", "include_relative", "render", "include_cached", "partial", "import"}
_CODE = {"highlight", "code", "codeblock", "mermaid", "chart", "console", "terminal", "prism"}
_IMAGES = re.compile(r"image|img|figure|gallery|picture|photo|lightbox|poster|thumb|carousel")

_EMBEDS = re.compile(
    r"youtube|vimeo|tweet|twitter|instagram|gist|spotify|soundcloud|bandcamp|video|audio|embed"
    r"|iframe|podcast|player|codepen|tiktok|mastodon|trailer|giphy|bluesky|imdb_id|^x$|^map$|^pdf$"
)

_QUOTES = re.compile(r"quote|epigraph|verse|poem")


def expand_shortcodes(source: str, metadata: Mapping[str, str], flow: Flow) -> str:
    """Put in place of each tag what a reader of the page would see of it.

    Unknown tags keep the values of arguments called name, title, text and the like, quoted words,
    and all that stands between an opening and a closing tag. Images, embeds, code and the rest
    are left out by name.
    """
    if "{{" not in source and "{%" not in source and "{#" not in source:
        return source
    tags = list(find_tags(source))
    closed: dict[str, list[Tag]] = {}
    for tag in tags:
        name = name_closed_block(tag)
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
    return "".join([*parts, source[position:], *expander.list_ends()])


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
        self, source: str, metadata: Mapping[str, str], flow: Flow, closed: dict[str, list[Tag]]
    ) -> None:
        self._source = source
        self._metadata = metadata
        self._flow = flow
        self._closed = closed
        self._ends: dict[str, list[str]] = {}

    def expand(self, tag: Tag) -> tuple[str, int]:
        """Return the text in place of a tag, and where the source goes on."""
        if tag.kind == "{#" or tag.body.lstrip().startswith("/*"):
            self._flow.hide(tag.body)
            return "", tag.end
        if self._is_in_address(tag):
            self._flow.hide(tag.body)
            return "", tag.end
        if tag.kind == "{{":
            value = self._expand_variable(tag.body)
            if value:
                self._hide_neighbours(tag)
            return self._mend_tags(value), tag.end
        ended = name_closed_block(tag)
        if ended:
            self._flow.hide(tag.body)
            return (self._ends.get(ended) or [""]).pop(), tag.end
        _, name, arguments = read_tag(tag)
        if name.lower() in _INCLUDES:
            self._flow.hide(name)
            name, arguments = self._read_include(arguments)
            if name == "":
                self._flow.hide(arguments)
                return "", tag.end
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

    def list_ends(self) -> Iterator[str]:
        """Return the ends of the blocks that are still open: what they say is not lost."""
        for ends in self._ends.values():
            yield from reversed(ends)

    def _is_in_address(self, tag: Tag) -> bool:
        before = self._source[max(0, tag.start - 300) : tag.start]
        return bool(_ADDRESS_BEFORE.search(before.rpartition("\n")[2]))

    def _find_end(self, tag: Tag, name: str) -> Tag | None:
        ends = self._closed.get(name.lower(), [])
        first = bisect.bisect_left(ends, tag.end, key=lambda other: other.start)
        return ends[first] if first < len(ends) else None

    def _read_include(self, arguments: str) -> tuple[str, str]:
        match = re.match(r"[\"']?([^\s\"',]+)[\"']?,?\s*(.*)", arguments, re.DOTALL)
        if not match:
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
        is_short = len(expression.split()) <= _MOST_WORDS
        if quoted or (is_short and _ADDRESSES.search(body)):
            return ""
        if value:
            return value
        self._flow.leave_out(f"{{{{ {expression} }}}}", "variable")
        return ""

    def _mend_tags(self, value: str) -> str:
        """Account for tags in a value; what only begins like one is none."""
        for match in _VALUE_TAG.finditer(value):
            self._flow.hide(match[0])
        return _NO_TAG.sub("&lt;", value)

    def _hide_neighbours(self, tag: Tag) -> None:
        """Account for what grows together with a value: of `v{{ page.version }}` the v."""
        before = _WORD_BEFORE.search(self._source[max(0, tag.start - 80) : tag.start])
        after = _WORD_AFTER.match(self._source, tag.end)
        for match in filter(None, (before, after)):
            self._flow.hide(match[0])

    def _expand_tag(self, name: str, arguments: str) -> str:
        flow, kind = self._flow, name.lower()
        is_paired = kind in self._closed
        if kind in _SILENT:
            flow.hide(f"{name} {arguments}")
            return ""
        if _IMAGES.search(kind):
            self._leave_out_image(name, arguments)
            return _mark_place("image")
        if _EMBEDS.search(kind):
            flow.leave_out(f"{name} {arguments}", "embed")
            return _mark_place("embed")
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
        for key, value, _ in read_arguments(arguments):
            if key.lower() in _CAPTION_KEYS:
                self._flow.leave_out(value, "caption")
            elif key.lower() in _TEXT_KEYS | {"alt"} or (not key and " " in value):
                texts.append(value)
            else:
                self._flow.hide(value)
            self._flow.hide(key)
        self._flow.leave_out(" ".join(texts) or name, "image")
        self._flow.hide(name)
        self._flow.hide(ARGUMENT.sub(" ", arguments))

    def _has_text(self, kind: str, arguments: str) -> bool:
        all_words = bool(_QUOTES.search(kind))
        return any(
            _keep_text(argument, all_words=all_words) for argument in read_arguments(arguments)
        )

    def _keep_arguments(self, arguments: str, *, all_words: bool) -> str:
        kept = []
        for argument in read_arguments(arguments):
            self._flow.hide(argument.key)
            seen = _keep_text(argument, all_words=all_words)
            if seen:
                kept.append(seen)
                self._flow.hide(argument.value.partition("|")[2])
            elif argument.key.lower() in _CAPTION_KEYS:
                self._flow.leave_out(argument.value, "caption")
            else:
                self._flow.hide(argument.value)
        self._flow.hide(ARGUMENT.sub(" ", arguments))
        return self._mend_tags(" ".join(kept))


def _mark_place(kind: str) -> str:
    """Mark where a picture or an embed stood, for what its page shows above or below it."""
    return f"<reviewcast-{kind}></reviewcast-{kind}>"


def _keep_text(argument: Argument, *, all_words: bool) -> str:
    """Return what a reader would see of an argument: of `Smile|2022` the film's name."""
    key, value, is_quoted = argument
    seen = value.partition("|")[0].strip()
    is_text = key.lower() in _TEXT_KEYS or all_words or (not key and is_quoted and _is_words(seen))
    return seen if is_text and seen and not _ADDRESS.search(seen) else ""


def _is_words(value: str) -> bool:
    """True if a value is a text, not an identifier: it has words, or one with a capital."""
    words = value.split()
    if any(re.search(r"\d[A-Za-z]|[a-z][A-Z]|_", word) for word in words):
        return False
    return len(words) > 1 or bool(value[:1].isupper() and re.sub(r"['’-]", "", value).isalpha())
