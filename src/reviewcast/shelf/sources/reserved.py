"""Whether a page or a feed's entry is for some readers only, or was written by others."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

_FORM = re.compile(r"post-password-form|action=postpass\b", re.IGNORECASE)
_NO_EXCERPT = "There is no excerpt because this is a protected post"
_TITLES = re.compile(
    r"(?:Protected|Geschützt|Protégé|Protegido|Protetto|Beveiligd|Chroniony|Skyddad|Защищено"
    r"|Private|Privat|Privé|Privado|Privato)\s?:\s",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"#(?:comment|respond|reply|c)-?\d+\b|[?&](?:showComment|replytocom)=\d")
_LONGEST_JSON = 256 * 1024
_MOST_NODES = 2_000
_TEXTS = re.compile(r"Article|Posting|Review|WebPage|CreativeWork")
_OTHERS = frozenset({"itemReviewed", "about", "mentions", "isPartOf"})
"""What a text is about, such as a museum that costs an entry."""
_NO = (False, "false", "False", "no", 0)


def is_comment(entry: Any) -> bool:
    """True if an entry of a feed is somebody's comment on a post, whose address it shares."""
    if entry.get("thr_in-reply-to"):
        return True
    return any(_COMMENT.search(str(entry.get(name, ""))) for name in ("id", "link"))


def find_entry_reason(title: str, html: str) -> str:
    """Return why an entry of a feed is not for everybody, "" when nothing says so."""
    is_named = _TITLES.match(title) and len(html) < 1_000
    if _FORM.search(html) or _NO_EXCERPT in html or is_named:
        return "protected by a password"
    return ""


def find_page_reason(html: str) -> str:
    """Return why a page is not for everybody: it asks for a password, or says who pays for it."""
    from reviewcast.text.readers.html.parser import parse_page

    if _FORM.search(html):
        return "protected by a password"
    if "isAccessibleForFree" not in html and "content_tier" not in html:
        return ""
    tree = parse_page(html)
    tier = tree.css_first('meta[property="article:content_tier"]')
    written = (tier.attributes.get("content") or "") if tier is not None else ""
    scripts = [node.text(deep=True) for node in tree.css('script[type*="ld+json"]')]
    is_paid = written.strip().lower() == "locked" or any(map(_is_paid, scripts))
    return "for subscribers only" if is_paid else ""


def _is_paid(script: str) -> bool:
    """True if what JSON-LD describes is not free; parts of a page that are not say it, too."""
    if len(script) > _LONGEST_JSON:
        return False
    try:
        document = msgspec.json.decode(script)
    except (msgspec.DecodeError, RecursionError):
        return "isAccessibleForFree" in script and "false" in script.lower()
    return any(
        node.get("isAccessibleForFree") in _NO and _TEXTS.search(str(node.get("@type", "")))
        for node in _list_nodes(document)
    )


def _list_nodes(document: Any) -> Iterator[dict[str, Any]]:
    left = [document]
    for _ in range(_MOST_NODES):
        if not left:
            return
        node = left.pop()
        if isinstance(node, dict):
            yield node
        if isinstance(node, dict):
            left += [value for key, value in node.items() if key not in _OTHERS]
        elif isinstance(node, list):
            left += node
