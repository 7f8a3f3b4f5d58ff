"""Posts as Ghost's editors keep them, Lexical and Mobiledoc: trees of JSON that become HTML."""

import html
from collections.abc import Callable
from typing import Any

import msgspec

from reviewcast.model.errors import ReviewError

_DEEPEST = 60
_LARGEST = 6_000_000
_MARKS = ((1, "strong"), (2, "em"), (16, "code"), (32, "sub"), (64, "sup"))
_BLOCKS = {
    "paragraph": "p",
    "quote": "blockquote",
    "extended-quote": "blockquote",
    "aside": "blockquote",
    "listitem": "li",
}
_HEADINGS = {"heading", "extended-heading"}
_SECTIONS = frozenset("p h1 h2 h3 h4 h5 h6 blockquote aside pull-quote ul ol".split())
_INLINE = frozenset("a b strong i em code s u sub sup".split())
_NEVER = frozenset({"email", "email-cta", "signup", "call-to-action", "transistor"})
"""Cards that are for mails, or ask for something; no reader of a page reads them as its text."""

_PAYWALL = "<!--members-only-->"
_GATE = "<!--kg-gated-block:begin nonMember:false -->{}<!--kg-gated-block:end-->"
_TEXTS = (
    "header subheader heading calloutText content productTitle productDescription textValue text"
    " fileTitle fileCaption title description"
).split()
"""What other cards say, as HTML; the names of the fields are those of all of them."""


def render_document(written: str) -> str:
    """Return the HTML of a document of Lexical or Mobiledoc; raise ReviewError when it is none."""
    if len(written) > _LARGEST:  # in memory it is many times larger
        raise ReviewError(f"Its document is larger than {_LARGEST // 1_000_000} MB.")
    try:
        document = msgspec.json.decode(written)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ReviewError(f"Its text is no JSON: {error}.") from error
    if isinstance(document, dict) and isinstance(document.get("root"), dict):
        return _render_node(document["root"], 0)
    if isinstance(document, dict) and isinstance(document.get("sections"), list):
        try:
            return "".join(_render_section(one, document) for one in document["sections"])
        except (LookupError, TypeError, ValueError) as error:
            raise ReviewError("Its text is broken Mobiledoc.") from error
    raise ReviewError("Its text is neither Lexical nor Mobiledoc.")


def _render_node(node: Any, depth: int) -> str:
    """Return the HTML of a node of Lexical and all below it."""
    if depth > _DEEPEST:
        raise ReviewError("Its text is nested too deeply.")
    if not isinstance(node, dict):
        return ""
    kind = str(node.get("type", ""))
    children = node.get("children")
    if not isinstance(children, list):
        return _render_leaf(kind, node)
    inner = "".join(_render_node(child, depth + 1) for child in children)
    if kind == "link":
        return _link(inner, node.get("url"))
    tag = _BLOCKS.get(kind, "")
    if kind in _HEADINGS or kind == "list":
        tag = str(node.get("tag", ""))
        tag = tag if tag in _SECTIONS else "p"
    return f"<{tag}>{inner}</{tag}>" if tag else inner


def _render_leaf(kind: str, node: dict[str, Any]) -> str:
    if kind in {"linebreak", "tab"}:
        return "<br>" if kind == "linebreak" else " "
    if kind in {"text", "extended-text", "code-highlight", "tk"}:
        text, marks = _escape(node.get("text")), node.get("format", 0)
        for bit, tag in _MARKS:
            if isinstance(marks, int) and marks & bit:
                text = f"<{tag}>{text}</{tag}>"
        return text
    return _render_card(kind, node)


def _render_card(kind: str, card: dict[str, Any]) -> str:
    """Return the HTML of a card; both editors have the same ones, with the same fields."""
    if kind in _NEVER:
        return ""
    if kind == "paywall":
        return _PAYWALL
    made = _CARDS[kind](card) if kind in _CARDS else _render_other(card)
    shown = card.get("visibility")
    web = shown.get("web") if isinstance(shown, dict) else None
    is_gated = isinstance(web, dict) and web.get("nonMember") is False
    return _GATE.format(made) if is_gated else made


def _render_image(card: dict[str, Any]) -> str:
    images = card.get("images")
    shown = images if isinstance(images, list) else [card]
    tags = [
        f'<img src="{_escape(one.get("src"))}" alt="{_escape(one.get("alt"))}">'
        for one in shown
        if isinstance(one, dict)
    ]
    return f"<figure>{''.join(tags)}{_caption(card)}</figure>"


def _render_markdown(card: dict[str, Any]) -> str:
    from reviewcast.text.readers.markdown.parser import render_html

    return render_html(_text(card.get("markdown")))


def _render_bookmark(card: dict[str, Any]) -> str:
    about = card.get("metadata")
    about = about if isinstance(about, dict) else {}
    url = card.get("url") or about.get("url")
    named = _link(_escape(about.get("title") or url), url)
    return f"<p>{named}</p><p>{_escape(about.get('description'))}</p>{_caption(card)}"


def _render_toggle(card: dict[str, Any]) -> str:
    return f"<p>{_text(card.get('heading'))}</p><p>{_text(card.get('content'))}</p>"


def _render_other(card: dict[str, Any]) -> str:
    """Return what a card says that is not known, so that nothing of a text is lost."""
    said = [_text(card.get(name)) for name in _TEXTS]
    return "".join(f"<p>{one}</p>" for one in said if one) + _caption(card)


_CARDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "image": _render_image,
    "gallery": _render_image,
    "html": lambda card: _text(card.get("html")),
    "markdown": _render_markdown,
    "card-markdown": _render_markdown,
    "code": lambda card: f"<pre><code>{_escape(card.get('code'))}</code></pre>{_caption(card)}",
    "codeblock": lambda card: (
        f"<pre><code>{_escape(card.get('code'))}</code></pre>" + _caption(card)
    ),
    "hr": lambda _card: "<hr>",
    "horizontalrule": lambda _card: "<hr>",
    "bookmark": _render_bookmark,
    "toggle": _render_toggle,
    "embed": lambda card: _text(card.get("html")) + _caption(card),
    "button": lambda card: (
        f"<p>{_link(_escape(card.get('buttonText')), card.get('buttonUrl'))}</p>"
    ),
}


def _render_section(section: Any, document: dict[str, Any]) -> str:
    """Return the HTML of a section of Mobiledoc: by its first number text, image, list or card."""
    kind = section[0]
    if kind == 1:
        tag = section[1] if section[1] in _SECTIONS else "p"
        return _wrap(tag, _render_markers(section[2], document))
    if kind == 2:
        return _render_image({"src": section[1]})
    if kind == 3:
        items = (_wrap("li", _render_markers(item, document)) for item in section[2])
        return _wrap(section[1] if section[1] in {"ul", "ol"} else "ul", "".join(items))
    if kind == 10:
        name, *rest = document["cards"][section[1]]
        return _render_card(name, rest[0] if rest and isinstance(rest[0], dict) else {})
    return ""


def _render_markers(markers: list[Any], document: dict[str, Any]) -> str:
    """Return the HTML of runs of text, each of which opens and closes some marks."""
    made: list[str] = []
    opened: list[str] = []
    for kind, opening, closed, value in markers:
        for index in opening:
            name, *rest = document["markups"][index]
            tag = name if name in _INLINE else "span"
            given = rest[0] if rest else []
            attributes = dict(zip(given[::2], given[1::2], strict=False))
            address = f' href="{_escape(attributes.get("href"))}"' if tag == "a" else ""
            made.append(f"<{tag}{address}>")
            opened.append(tag)
        if kind == 1:
            name, text, *_ = document["atoms"][value]
            made.append("<br>" if name == "soft-return" else _escape(text))
        else:
            made.append(_escape(value))
        made += [f"</{opened.pop()}>" for _ in range(closed) if opened]
    return "".join([*made, *(f"</{tag}>" for tag in reversed(opened))])


def _wrap(tag: str, inner: str) -> str:
    tag = "blockquote" if tag in {"aside", "pull-quote"} else tag
    return f"<{tag}>{inner}</{tag}>"


def _caption(card: dict[str, Any]) -> str:
    caption = _text(card.get("caption"))
    return f"<figcaption>{caption}</figcaption>" if caption else ""


def _link(inner: str, url: Any) -> str:
    return f'<a href="{_escape(url)}">{inner}</a>' if url else inner


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _escape(value: Any) -> str:
    return html.escape(_text(value))
