"""HTML of anybody becomes the few elements that show notes have, well nested and harmless."""

import html
import re
from urllib.parse import quote, urljoin

from reviewcast.model.characters import clean_text
from reviewcast.model.clean import clean_line, quote_url

_DEEPEST = 50
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


def simplify_html(text: str, *, base: str) -> str:
    """Return paragraphs, headings, quotes, lists, emphasis and links; addresses start from `base`.

    What is nested over 50 levels deep is flattened. The result is sanitised.
    """
    source = _REFERENCE.sub(_drop_unseen, clean_text(text))
    return sanitize(_Simplifier(base).simplify(source))


def sanitize(fragment: str) -> str:
    """Return what is harmless of a fragment of HTML; whatever came before, this decides."""
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


def _drop_unseen(reference: re.Match[str]) -> str:
    return reference[0] if clean_text(html.unescape(reference[0])) else ""


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
