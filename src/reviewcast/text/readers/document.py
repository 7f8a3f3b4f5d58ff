"""A finished flow becomes a Document, without what a page leaves over when its links are gone.

Leftovers are known by what stands in a paragraph alone: links within the page, to shops and
networks, a caption below its picture, a label above one.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from reviewcast.model.characters import has_words
from reviewcast.model.text import Document, Omission, Paragraph, Section
from reviewcast.text.readers.fields import is_same
from reviewcast.text.readers.flow import Flow
from reviewcast.text.readers.html.elements import KNOWN
from reviewcast.text.readers.runs import SectionDraft

_LONGEST_LINE = 160
_SEPARATORS = re.compile(r"[\s|/•·,;:&~–—()\[\]←→↑↓»«>-]+|\b(?:and|or|und|et|y|e|ou|oder)\b")

_PICTURES = re.compile(
    r"(?:(?:the|official|watch the|watch|photo|image|picture|more|some|my|a few)[ ]){0,2}"
    r"(?:photos?|pictures?|pics|images?|gallery|galleries|screenshots?|stills?|posters?|trailers?"
    r"|videos?|clips?|teasers?|fotos?|bilder|galerie|galería|galleria|bande[- ]annonce|tráiler"
    r"|vidéos?|imágenes|immagini|bildergalerie|bildschirmfotos|captures d'écran)",
    re.IGNORECASE,
)

_BACK = re.compile(
    r"(?:(?:back|return|go|jump|scroll)(?: up)? )?(?:to )?(?:the )?(?:top|table of contents"
    r"|contents|index|toc)(?: of (?:the )?page)?|up|nach oben|zurück nach oben|haut de page"
    r"|retour en haut|volver arriba|arriba|torna su",
    re.IGNORECASE,
)

# the label of a list of links within the page, which no listener hears
_CONTENTS = re.compile(
    r"table of contents|toc|inhaltsverzeichnis|sommaire|table des matières|tabla de contenidos?"
    r"|índice de (?:contenidos?|conteúdos?)|indice dei contenuti|inhoudsopgave|spis treści"
    r"|innehållsförteckning|indholdsfortegnelse|innholdsfortegnelse|оглавление|зміст|目次|もくじ"
    r"|目录|目錄|목차|فهرس المحتويات",
    re.IGNORECASE,
)

# likewise, where nothing stands below: a box may have contents, too
_CONTENTS_AT_END = re.compile(
    r"contents|inhalt|índice|contenidos|sumário|sommario|indice|inhoud|innehåll|indhold|innhold"
    r"|содержание|المحتويات",
    re.IGNORECASE,
)

_PLACES = (
    r"amazon(?:\.[a-z.]{2,6})?|goodreads|bookshop(?:\.org)?|barnes (?:&|and) noble|b&n|kobo|kindle"
    r"|apple (?:books|music|tv\+?|podcasts)|audible|book depository|waterstones|indiebound|indigo"
    r"|imdb|letterboxd|rotten tomatoes|metacritic|steam|gog|itch(?:\.io)?|epic games(?: store)?"
    r"|nintendo(?: eshop)?|eshop|playstation(?: store)?|xbox(?: store)?|spotify|bandcamp|tidal"
    r"|discogs|youtube|google (?:play|maps|books)|itunes|netflix|(?:the )?storygraph|librarything"
    r"|tmdb|trakt|yelp|tripadvisor|opentable|bgg|boardgamegeek|justwatch|deezer|soundcloud|last\.fm"
    r"|facebook|twitter|x|instagram|pinterest|reddit|linkedin|tumblr|whatsapp|telegram|mastodon"
    r"|bluesky|threads|e-?mail|print|pocket|hacker news|website|web site|homepage|facebook page"
)

_SHOP = re.compile(
    r"(?:(?:view|buy|shop|order|pre-?order|get|find|see|add|rent|download|check|available|visit"
    r"|open|listen|stream|watch|read|more|follow|follow me|support|it|this|now|out|here|the book"
    r"|the film|the game|the album|reviews?|info|for|on|at|in|to|from|via|with) )*"
    rf"(?:{_PLACES})(?: (?:page|link|store|listing|uk|us|canada|print|e-?book|paperback|hardcover"
    r"|audiobook|audio))*",
    re.IGNORECASE,
)

_SHARING = re.compile(
    r"(?:share|like|follow|tweet|pin)(?: (?:this|it|me|us|post|review|article|the love))*"
    r"(?: (?:on|via|with))?\s*:|(?:partager|teilen|compartir|condividi|compartilhar)[^:]{0,20}:",
    re.IGNORECASE,
)

_NETWORKS = re.compile(
    rf"(?:\b(?:{_PLACES}|like|this|on|loading|share|tweet|more)\b|[\W_])*", re.IGNORECASE
)

_TAGS = re.compile(
    r"(?:tags?|tagged(?: as| with)?|filed under|posted in|keywords|schlagwörter|étiquettes"
    r"|etiquetas|mots[- ]clés)\s*:\s*\S",
    re.IGNORECASE,
)

_SENTENCE = re.compile(r"[^\W\d_]{2,}[.!?]\s+[A-Z]|[^\W\d_]{4,}[.!?]$")
_DECLARATION = re.compile(r"-{0,2}[a-z][a-z-]*\s*:\s*[^{}]+")

_TAG_ADDRESS = re.compile(
    r"/(?:tags?|labels?|topics?|categor\w+|etiquetas?|kategorien?)[/=]", re.IGNORECASE
)


def make_document(
    flow: Flow, metadata: dict[str, str], origins: dict[str, str] | None = None
) -> Document:
    """Make a document of a finished flow; its first heading above all text may be its title.

    That is one of level one, unless the title is known and others follow, or one that says the
    known title again.
    """
    parts = flow.finish()
    for part in parts:
        _leave_out_leftovers(part, flow.omissions)
    title, first, known = "", parts[0], metadata.get("title", "")
    is_only = first.level == "h1" and all(part.level != "h1" for part in parts[1:])
    if first.heading and (
        (first.level == "h1" and not known) or is_only or is_same(first.heading, known)
    ):
        title, first.heading = first.heading, None
    return Document(
        tuple(Section(part.heading, tuple(part.paragraphs), tuple(part.images)) for part in parts),
        title=title,
        metadata=metadata,
        origins=origins or {},
        omissions=tuple(flow.omissions),
        markup=tuple(flow.markup),
    )


def _leave_out_leftovers(part: SectionDraft, omissions: list[Omission]) -> None:
    """Move from a section to what is left out all that only its page needs."""
    reasons = [_find_reason(part, number) for number in range(len(part.paragraphs))]
    _keep_mixed_lists(part.paragraphs, reasons)
    omissions += (
        Omission(paragraph.text, reason)
        for paragraph, reason in zip(part.paragraphs, reasons, strict=True)
        if reason
    )
    if any(reasons):
        before = [0]
        for reason in reasons:
            before.append(before[-1] + (not reason))
        part.images = [(before[at], image) for at, image in part.images]
        part.marks = [(before[at], mark) for at, mark in part.marks]
        part.paragraphs = [
            one for one, reason in zip(part.paragraphs, reasons, strict=True) if not reason
        ]
    if part.heading and not part.paragraphs and part.marks and _is_picture_label(part.heading):
        omissions.append(Omission(part.heading, "heading of pictures"))
        part.heading = None
    elif part.heading and not part.paragraphs and any(reasons) and _is_contents(part.heading):
        omissions.append(Omission(part.heading, "navigation"))
        part.heading = None


def _keep_mixed_lists(paragraphs: Sequence[Paragraph], reasons: list[str]) -> None:
    """Keep the shops of a list that names others, too."""
    for is_list, group in groupby(range(len(paragraphs)), lambda at: paragraphs[at].role == "list"):
        items = list(group)
        if is_list and any(reasons[at] != "links" for at in items):
            for at in items:
                reasons[at] = "" if reasons[at] == "links" else reasons[at]


def _find_reason(part: SectionDraft, number: int) -> str:
    """Return why a paragraph is not said, "" when it is."""
    paragraph = part.paragraphs[number]
    text = paragraph.text
    if paragraph.role != "list" and _is_contents(text):
        below = part.paragraphs[number + 1 : number + 2]
        is_kept = bool(below) and not _find_reason(part, number + 1)
        is_sure = bool(_CONTENTS.fullmatch(_bare(text)))
        return "" if is_kept and (below[0].role == "list" or not is_sure) else "navigation"
    if paragraph.role == "title":
        follows = any(at == number + 1 for at, _ in part.marks)
        return "heading of pictures" if follows and _is_picture_label(text) else ""
    if _is_style(text):
        return "style"
    if len(text) > _LONGEST_LINE:
        return ""
    if paragraph.links and (reason := _name_links(paragraph)):
        return reason
    if _SHARING.match(text) and _NETWORKS.fullmatch(_SHARING.sub("", text, count=1)):
        return "sharing"
    if _TAGS.match(text) and not _SENTENCE.search(text):
        return "byline"
    if any(at == number + 1 for at, _ in part.marks) and _is_picture_label(text):
        return "caption"
    is_below = any(at == number and mark == "image" for at, mark in part.marks)
    is_caption = is_below and paragraph.role == "narrator" and _is_all_italic(paragraph)
    return "caption" if is_caption else ""


def _name_links(paragraph: Paragraph) -> str:
    """Return what a paragraph is that holds nothing but links."""
    texts = [paragraph.text[start:end] for start, end, _ in paragraph.links]
    addresses = [url for _, _, url in paragraph.links]
    if has_words(_drop(paragraph.text, ((start, end) for start, end, _ in paragraph.links))):
        return ""
    if all(url.startswith("#") and len(url) > 1 for url in addresses):
        return "navigation"
    if all(_BACK.fullmatch(text.strip(" ↑⇧▲^.[]()")) for text in texts if has_words(text)):
        return "navigation" if all(url[:1] in {"#", ""} for url in addresses) else ""
    if len(addresses) > 1 and all(map(_TAG_ADDRESS.search, addresses)):
        return "byline"
    return "links" if all(_SHOP.fullmatch(" ".join(text.split())) for text in texts) else ""


def _is_style(text: str) -> bool:
    """True if a text is nothing but rules of CSS, which a program has pasted with the page."""
    *rules, rest = text.split("}")
    return bool(rules) and not rest.strip() and all(map(_is_style_rule, rules))


def _is_style_rule(rule: str) -> bool:
    selector, _, body = rule.strip().partition("{")
    declarations = list(filter(None, map(str.strip, body.split(";"))))
    element = re.split(r"[.#:,> \[]", selector, maxsplit=1)[0]
    is_selector = element in KNOWN if element else selector[:1] in {".", "#"}
    return is_selector and bool(declarations) and all(map(_DECLARATION.fullmatch, declarations))


def _is_contents(text: str) -> bool:
    bare = _bare(text)
    return bool(_CONTENTS.fullmatch(bare) or _CONTENTS_AT_END.fullmatch(bare))


def _bare(text: str) -> str:
    return text.strip(" :.!*–—-")


def _is_picture_label(text: str) -> bool:
    return bool(_PICTURES.fullmatch(_bare(text)))


def _is_all_italic(paragraph: Paragraph) -> bool:
    return bool(paragraph.emphasis) and not has_words(_drop(paragraph.text, paragraph.emphasis))


def _drop(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return what is left of a text without some spans of it, and without separators."""
    rest, at = [], 0
    ordered: Sequence[tuple[int, int]] = sorted(spans)
    for start, end in ordered:
        rest.append(text[at:start] if start > at else "")
        at = max(at, end)
    return _SEPARATORS.sub(" ", " ".join([*rest, text[at:]]))
