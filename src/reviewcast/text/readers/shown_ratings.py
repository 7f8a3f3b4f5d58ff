"""Ratings that a page shows as pictures: an image of stars, the stars of an icon font."""

import re
from collections.abc import Mapping, Sequence

from reviewcast.text.readers.html.elements import list_classes

_STARS = "★⭐🌟✭✪✯⭑☆✩✰⚝⭒"

_RATING = re.compile(
    rf"\s*(?:[{_STARS}](?: ?[{_STARS}½]){{0,9}}(?:\s?1/2)?"
    r"|\d{1,2}(?:[.,]\d| ?½)?\s?(?:/|out of|of|von|sur|de|su)\s?(?:4|5|6|10|20|100)"
    r"(?:\s(?:stars?|sternen?|étoiles|estrellas|stelle))?"
    r"|\d(?:[.,]\d| ?½)?\s(?:stars?|sterne|étoiles?|estrellas?|stelle))\s*",
    re.IGNORECASE,
)

# by the class that names a star: what it shows; Font Awesome, Bootstrap, Glyphicons, Dashicons
_STAR_ICON = re.compile(
    r"(?:fa|icon|glyphicon|dashicons|bi)-star(?P<kind>-(?:half|empty|o|fill|filled)\b.*)?"
)

_REGULAR = {"far", "fa-regular"}  # those that draw outlines


def find_image_rating(alt: str) -> str:
    """Return the rating that the alternative text of an image is, "" when it is anything else."""
    return alt.strip() if _RATING.fullmatch(alt) else ""


def find_star_icon(name: str, attributes: Mapping[str, str | None]) -> str:
    """Return the star that an empty element of an icon font shows: ★, ½ or ☆, else ""."""
    if name not in {"i", "span"} or "star" not in (attributes.get("class") or ""):
        return ""
    classes = list_classes(attributes)
    icon = next(filter(None, map(_STAR_ICON.fullmatch, classes)), None)
    if icon is None or "hidden" in attributes:
        return ""
    kind = icon["kind"] or ""
    if kind.startswith("-half"):
        return "½"
    is_outline = kind in {"-empty", "-o"} or not _REGULAR.isdisjoint(classes)
    return "☆" if is_outline or (not kind and icon[0].startswith("bi-")) else "★"


class StarRow:
    """A row of star icons, whose first is held back: alone it is an ornament."""

    def __init__(self) -> None:
        self._held = ""

    def add(self, star: str, parts: Sequence[str]) -> str:
        """Add a star behind the parts of a text; return what the text goes on with."""
        if not self._held and not "".join(parts[-2:]).rstrip().endswith(("★", "½", "☆")):
            self._held = star
            return ""
        held, self._held = self._held, ""
        return held + star

    def end(self) -> None:
        """End the row, where something else follows."""
        self._held = ""
