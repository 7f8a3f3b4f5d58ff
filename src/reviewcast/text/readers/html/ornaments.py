"""Short blocks around a review, known by their content: tags, forms, links to other pages."""

import re
from collections.abc import Iterable
from typing import Any

from reviewcast.text.readers.html.boilerplate import (
    UNSHOWN,
    list_elements,
    name_boilerplate,
    read_shown_text,
)

# what stands above a list of links that is no part of the review
_PHRASES = {
    "related": """related | related posts | related articles | related reviews | related books
    | related films | related movies | you may also like | you might also like
    | you might also enjoy | read next | read more | up next | more reviews | more posts
    | recent posts | recent reviews | latest posts | latest reviews | other reviews
    | similar posts | next post | previous post
    | articles similaires | articles liés | articles connexes | à lire aussi | lire aussi
    | vous aimerez aussi | vous aimerez peut-être | dans la même catégorie | derniers articles
    | articles récents | critiques similaires | entradas relacionadas | artículos relacionados
    | reseñas relacionadas | también te puede interesar | te puede interesar
    | quizás te interese | más reseñas | últimas entradas | entradas recientes | leer más
    | ähnliche beiträge | ähnliche artikel | das könnte dich auch interessieren | mehr lesen
    | articoli correlati | potrebbe interessarti | leggi anche | posts relacionados
    | leia também | veja também""",
    "comments": """comments | leave a comment | leave a reply | join the discussion | discussion
    | commentaires | laisser un commentaire | réactions | comentarios | deja un comentario
    | deja una respuesta | kommentare | commenti | lascia un commento | comentários""",
    "sharing": """share | share this | share this post | share this review | partager
    | partager cet article | compartir | comparte | comparte esto | teilen | condividi
    | compartilhar | compartilhe""",
    "newsletter": "newsletter | subscribe | follow me | suscríbete | s'abonner | abonnieren",
    "byline": "tags | tagged | categories | filed under | étiquettes | catégories | etiquetas",
}

_HEADED = {
    " ".join(phrase.split()): reason
    for reason, phrases in _PHRASES.items()
    for phrase in phrases.split("|")
}

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_LABELS = _HEADINGS | {"span", "strong", "b", "label", "p", "legend", "small"}
_SILENT = UNSHOWN | {"link", "meta", "hr", "br", "input"}

_TAG_LINK = re.compile(
    r"/(?:tags?|labels?|topics?|categor\w+|cat[eé]gor\w+|etiquetas?|temas?|kategorien?)[/=]",
    re.IGNORECASE,
)

_TAILS = {"comments", "sharing", "related", "newsletter", "form", "advertisement", "navigation"}
_LONGEST_LABEL = 60
_LONGEST_GLUE = 12
_MOST_BELOW = 20
_LONGEST_BLOCK = 2000
_MOST_PARTS = 400


def name_block(node: Any) -> str:
    """Return what kind of ornament a short block is by what stands in it, "" when it seems text.

    That is a label above nothing but ornaments, links to tags, or links below "You may also like".
    """
    if node.tag in _HEADINGS:
        return _name_heading(node) if _is_short(node) else ""
    is_plain = node.child is None or (node.child.next is None and node.child.tag == "-text")
    if is_plain or not _is_short(node) or node.css_first("h1") is not None:
        return ""
    return _name_links(node) or _name_headed(node, depth=2)


def _name_links(node: Any) -> str:
    """Return what a block is that holds nothing but links, and perhaps a heading that says why."""
    links = node.css("a")
    if not links:
        return ""
    text = read_shown_text(node)
    letters, linked = _count(text), _weigh_letters(links)
    if _is_all(linked, letters) and not text.rstrip().endswith((".", "!", "?")):
        if len(links) > 1 and all(map(_is_tag_link, links)):
            return "byline"
        if len(links) == 1 and letters == linked and "tag" in _rel(links[0]):
            return "byline"
    heading = next((child for child in list_elements(node) if child.tag not in _SILENT), None)
    if heading is None or heading.tag not in _HEADINGS:
        heading = _find_heading_before(node)
    else:
        letters -= _count(read_shown_text(heading))
    return _name_phrase(heading) if heading is not None and _is_all(linked, letters) else ""


def _name_heading(node: Any) -> str:
    """Return what a heading stands above, when that is all ornaments or links."""
    below = []
    following = node.next
    while following is not None and not (following.tag in _HEADINGS and following.tag <= node.tag):
        if following.tag == "-text" and _count(following.text_content or ""):
            return ""
        if not str(following.tag).startswith("-") and following.tag not in _SILENT:
            below.append(following)
            if len(below) > _MOST_BELOW:
                return ""
        following = following.next
    reasons = [name_boilerplate(block) for block in below]
    if reasons and all(reason in _TAILS for reason in reasons):
        return reasons[0]
    letters = sum(_count(read_shown_text(block)) for block in below)
    linked = sum(_weigh_letters(block.css("a")) for block in below)
    return _name_phrase(node) if _is_all(linked, letters) else ""


def _is_all(linked: int, letters: int) -> bool:
    return letters - linked <= max(_LONGEST_GLUE, 0.2 * letters)


def _name_headed(node: Any, depth: int) -> str:
    """Return what a block is that holds nothing but ornaments, and a label for them."""
    reasons: list[str] = []
    label = 0
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            if _count(child.text_content or ""):
                return ""
        elif not str(child.tag).startswith("-") and child.tag not in _SILENT:
            reason = name_boilerplate(child)
            letters = _count(read_shown_text(child))
            if not reason and depth and letters and child.tag not in _LABELS:
                reason = _name_headed(child, depth - 1)
            if reason:
                reasons.append(reason)
            elif child.tag in _LABELS:
                label += letters
            elif letters:
                return ""
    return reasons[0] if reasons and label <= _LONGEST_LABEL else ""


def _find_heading_before(node: Any) -> Any:
    before = node.prev
    for _ in range(_MOST_BELOW):
        if before is None or before.tag in _HEADINGS:
            return before
        before = before.prev
    return None


def _name_phrase(heading: Any) -> str:
    text = " ".join(read_shown_text(heading).casefold().replace("’", "'").split())
    return _HEADED.get(text.strip(" :.…!?—–-→»"), "")


def _is_tag_link(link: Any) -> bool:
    return "tag" in _rel(link) or bool(_TAG_LINK.search(link.attributes.get("href") or ""))


def _rel(link: Any) -> list[str]:
    return (link.attributes.get("rel") or "").lower().split()


def _is_short(node: Any) -> bool:
    letters = 0
    for number, part in enumerate(node.traverse(include_text=True)):
        if part.tag == "-text" and part.parent.tag not in UNSHOWN:
            letters += _count((part.text_content or "")[: 4 * _LONGEST_BLOCK])
        if letters > _LONGEST_BLOCK or number > _MOST_PARTS:
            return False
    return True


def _count(text: str) -> int:
    return sum(map(str.isalnum, text))


def _weigh_letters(nodes: Iterable[Any]) -> int:
    return sum(_count(read_shown_text(node)) for node in nodes)
