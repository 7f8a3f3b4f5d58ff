"""Where a page's article is, and what kinds of boilerplate stand around it."""

import importlib
import importlib.util
import re
from collections.abc import Iterator
from typing import Any

from reviewcast.text.readers.html.elements import list_classes

_SELECTORS = (
    '[itemprop="reviewBody"]',
    '[itemprop="articleBody"]',
    ".e-content",
    """.entry-content, .post-content, .article-content, .review-content, .post-body, .entry-body,
    .article-body, .article__body, .review-body, .post__content, .post-entry, .blog-post-content""",
    "article",
    'main, [role="main"], #main-content, #content, .main-content',
    ".post, .entry, .hentry, .content, #main, .article, .blog-post",
)

_AROUND = {
    "nav": "navigation",
    "header": "header",
    "footer": "footer",
    "aside": "sidebar",
    "form": "form",
    "dialog": "dialog",
    "menu": "navigation",
    "search": "navigation",
}

_CLASSES = {
    "navigation": """nav navbar navigation menu breadcrumb breadcrumbs pagination pager toc skip
    skip-link go-top back-to-top backtotop scroll-top table-of-contents""",
    "sharing": "share sharing shares sharedaddy social addtoany sharebar",
    "related": "related relatedposts jp-relatedposts recommended more-posts read-next yarpp",
    "comments": """comments comment respond disqus disqus_thread reply webmentions commentlist
    dsq-brlink""",
    "newsletter": "newsletter subscribe subscription signup mailchimp optin mc_embed_signup donate",
    "advertisement": "advert advertisement ads ad adsbygoogle sponsor promo banner",
    "sidebar": "sidebar widget widgets widget-area",
    "byline": """byline meta postmeta entry-meta post-meta tags tag-list categories cat-links date
    posted-on dt-published pubdate""",
    "author": """author-box author-bio authorbox bio about-author about-the-author author-info
    author-card author-blurb author-details""",
    "footer": "footer copyright license colophon",
    "dialog": "cookie cookies modal popup gdpr consent",
    "embed": "instagram-media tiktok-embed fb-post",
}

_REASONS = {name: reason for reason, names in _CLASSES.items() for name in names.split()}

_SHORT = re.compile(
    r"^(?:post|entry|article|site|page|blog|review|wp|single|the)[-_]+|[-_]+(?:container|wrapper"
    r"|wrap|links?|block|section|area|box|list|bar|buttons?|inner|form|widget|heading|message|count)$"
)

_ROLES = {
    "navigation": "navigation",
    "banner": "header",
    "contentinfo": "footer",
    "complementary": "sidebar",
    "search": "form",
}

UNSHOWN = {"script", "style", "noscript", "template"}
_FEWEST_CHARS = 140
_SUMMARY_CHARS = 80


def find_article(tree: Any) -> Any:
    """Find the element that holds the review: by what blogs call it, else where paragraphs are.

    A page that has nothing around its text is its own article.
    """
    body = tree.body
    whole = max((_weigh(node) for node in tree.css("article, main")), default=0)
    for selector in _SELECTORS:
        best = max(tree.css(selector), key=_weigh, default=None)
        if best is not None and _weigh(best) >= max(_FEWEST_CHARS, 0.4 * whole):
            return best
    if body.css_first("nav, header, footer, aside, form, .sidebar, #sidebar, .menu") is None:
        return body
    return _ask_trafilatura(tree) or _find_densest(body) or body


def name_boilerplate(node: Any) -> str:
    """Return what kind of ornament an element is, "" when it seems to be text."""
    tag = str(node.tag)
    if tag.startswith("-"):
        return ""
    if tag in _AROUND:
        return _AROUND[tag]
    attributes = node.attributes
    role = _ROLES.get((attributes.get("role") or "").lower(), "")
    if role:
        return role
    for word in list_classes(attributes):
        short = _SHORT.sub("", _SHORT.sub("", word))
        reason = _REASONS.get(word) or _REASONS.get(short)
        if reason:
            return reason
    return ""


def read_shown_text(root: Any) -> str:
    """Return the text of an element without scripts and styles."""
    return " ".join(
        node.text_content or ""
        for node in root.traverse(include_text=True)
        if node.tag == "-text" and node.parent.tag not in UNSHOWN
    )


def summarise(text: str) -> str:
    """Return the beginning of a text, cut at a word."""
    if len(text) <= _SUMMARY_CHARS:
        return text
    return f"{text[:_SUMMARY_CHARS].rpartition(' ')[0] or text[:_SUMMARY_CHARS]}…"


def _weigh(node: Any) -> int:
    """Count the letters of an element's text that are not its links'."""
    paragraphs = node.css("p, li, blockquote")
    if not paragraphs:
        return len(node.text(deep=True).strip()) // 2
    return sum(len(p.text(deep=True)) - _weigh_links(p) for p in paragraphs)


def _weigh_links(node: Any) -> int:
    return sum(len(link.text(deep=True)) for link in node.css("a"))


def _ask_trafilatura(tree: Any) -> Any:
    """Let trafilatura say where the article is, when it is installed.

    That is the smallest element with nine tenths of what it finds; the text is taken from there.
    """
    if importlib.util.find_spec("trafilatura") is None:
        return None
    extracted = importlib.import_module("trafilatura").extract(tree.html) or ""
    lines = [_squeeze(line) for line in extracted.split("\n") if len(line) > 40][:200]
    best = None
    node = tree.body if lines else None
    while node is not None:
        best = node
        node = next((child for child in list_elements(node) if _holds(child, lines)), None)
    return best if best is not None and best.mem_id != tree.body.mem_id else None


def _holds(node: Any, lines: list[str]) -> bool:
    text = _squeeze(node.text(deep=True, separator=" "))
    return sum(line in text for line in lines) >= 0.9 * len(lines)


def _squeeze(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def list_elements(node: Any) -> Iterator[Any]:
    """Return the elements that are children of a node."""
    return (child for child in node.iter() if not str(child.tag).startswith("-"))


def _find_densest(body: Any) -> Any:
    """Find the element whose own paragraphs hold most text."""
    weights: dict[int, int] = {}
    nodes: dict[int, Any] = {}
    for paragraph in body.css("p"):
        parent = paragraph.parent
        weight = len(paragraph.text(deep=True)) - _weigh_links(paragraph)
        weights[parent.mem_id] = weights.get(parent.mem_id, 0) + weight
        nodes[parent.mem_id] = parent
    if not weights or max(weights.values()) < _FEWEST_CHARS:
        return None
    return nodes[max(weights, key=lambda key: weights[key])]
