"""What HTML's elements and attributes mean to a listener."""

import re
from collections.abc import Mapping

BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html iframe legend li
    main menu nav noscript object ol p pre search section summary table tbody td tfoot th thead tr
    ul video reviewcast-quote reviewcast-spoilers reviewcast-caption
    reviewcast-note""".split()
)

_INLINE = frozenset(
    """a abbr acronym applet area audio b base basefont bdi bdo big br button canvas cite code col
    colgroup data datalist del dfn em embed font frame head i img input ins kbd label link map mark
    math meta meter nobr noframes optgroup option output param picture portal progress q rb rp rt
    rtc ruby s samp script select slot small source span strike strong style sub sup svg template
    textarea time title track tt u var wbr mfrac mi mn mo mrow msqrt msub msup mtext
    reviewcast-spoiler reviewcast-image reviewcast-embed""".split()
)

KNOWN = BLOCKS | _INLINE

OWN = frozenset(name for name in KNOWN if name.startswith("reviewcast-"))
"""What our own readers write in place of a dialect's marks."""

VOID = frozenset(
    "area base basefont br col embed hr img input link meta param source track wbr".split()
)

_NEVER_SPOKEN = {
    "script": "script",
    "style": "style",
    "template": "template",
    "noscript": "noscript",
    "head": "head",
    "title": "title",
    "code": "pre",
    "struck out": "s del strike",
    "reading aid": "rt rp",
    "image": "svg canvas",
    "embed": "iframe video audio object applet",
    "form": "form button select textarea",
    "caption": "reviewcast-caption",
    "footnote without a mark": "reviewcast-note",
}

_REASONS = {name: reason for reason, names in _NEVER_SPOKEN.items() for name in names.split()}
_CODE_SIGNS = frozenset("{}[]<>=;\\|$#@^~`&/+")
_CALL = re.compile(r"\w[(\[{]|^\s*[a-z(]")
_SENTENCE_END = re.compile(r"[^\W\d_][.!?…][\"'”’»)]*(?=\s|$)")
_FEWEST_WORDS = 12
_SMALLEST_PX = 64
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

_HIDING_CLASSES = frozenset(
    """hidden hide visually-hidden visuallyhidden sr-only screen-reader-text screen-reader-only
    d-none is-hidden""".split()
)

_CAPTION_CLASSES = frozenset(
    "caption wp-caption-text tr-caption image-caption img-caption photo-caption".split()
)


def list_classes(attributes: Mapping[str, str | None]) -> list[str]:
    """Return the words of `class` and `id`, in lower case."""
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower().split()


def find_hidden_reason(name: str, attributes: Mapping[str, str | None]) -> str:
    """Return why an element is neither seen nor said, "" when it is."""
    if not attributes:
        return ""
    if (
        "hidden" in attributes
        or (attributes.get("aria-hidden") or "").lower() == "true"
        or _HIDING_STYLE.search(attributes.get("style") or "")
        or not _HIDING_CLASSES.isdisjoint(list_classes(attributes))
    ):
        return "hidden"
    if name not in {"table", "div", "figure"} and not _CAPTION_CLASSES.isdisjoint(
        list_classes(attributes)
    ):
        return "caption"
    return ""


def find_unspoken_reason(
    name: str, attributes: Mapping[str, str | None], *, is_quoting: bool
) -> str:
    """Return why the text of an element is not said, "" when it is.

    `is_quoting` is true in a figure that shows a quotation: its caption names who said it.
    """
    reason = _REASONS.get(name, "") or find_hidden_reason(name, attributes)
    return reason or ("caption" if name == "figcaption" and not is_quoting else "")


def is_prose(text: str) -> bool:
    """True if a text is sentences, not code: a paragraph set in becomes code by mistake."""
    signs = sum(character in _CODE_SIGNS for character in text)
    words = text.split()
    return (
        len(words) >= _FEWEST_WORDS
        and bool(_SENTENCE_END.search(text))
        and not _CALL.search(text)
        and 100 * signs <= len(text)
        and sum(word[0].isalpha() or word[-1].isalpha() for word in words) >= 0.8 * len(words)
    )


def name_image(address: str | None) -> str:
    """Return an image's address, if it is one and not the whole image."""
    address = address or ""
    return "image" if address.lstrip()[:5].lower() == "data:" else address


def find_picture(attributes: Mapping[str, str | None]) -> str:
    """Return the address of an image that is more than an ornament; "" for one that is not.

    Pages that fetch images late name them beside a stand-in; icons and smileys have a small size.
    """
    sizes = (attributes.get(name) or "" for name in ("width", "height"))
    if any(size.isdecimal() and int(size) < _SMALLEST_PX for size in sizes):
        return ""
    named = (attributes.get(name) or "" for name in ("data-src", "data-lazy-src", "src"))
    return next((one for one in named if one and name_image(one) == one), "")


def is_spoiler(name: str, attributes: Mapping[str, str | None]) -> bool:
    """True if a reader is warned of an element before it shows its text."""
    if name == "details" or "spoiler" in name:
        return True
    return any("spoiler" in word and not word.startswith("no") for word in list_classes(attributes))
