"""Ratings as they are written, counted in stars of five."""

import re
from functools import lru_cache

from reviewcast.text.readers.fields import HEARTS, STARS

_SIGN = f"(?:{STARS.pattern}|{HEARTS.pattern})"
_AMOUNT = r"(?:(?<![\d.,])(\d{1,3}(?:[.,]\d{1,2})?)(?:\s?([¼½¾]))?|([¼½¾]))"
"""A number with or without a fraction, or a fraction alone."""

_SIGNS = re.compile(rf"({_SIGN}(?:\s?{_SIGN})*)(?:\s?([¼½¾]))?")
_HALF = re.compile(rf"(?:(?<=\d)[\s-]|({_SIGN})\s?)1/2(?!\d)")
_OUT_OF = re.compile(
    rf"{_AMOUNT}\s*(?:{_SIGN}|[^\W\d_]+)?\s*(?:/|\b(?:out of|of|von|sur|su|de|van)\b)"
    r"\s*(\d{1,3})(?!\d)"
)
_PERCENT = re.compile(rf"{_AMOUNT}\s*%")
_NUMBER = re.compile(rf"(?<!\w)[-−–]?{_AMOUNT}(?!\d)")
_FRACTIONS = {"¼": 0.25, "½": 0.5, "¾": 0.75}
_SCALES = (5, 10, 100)


@lru_cache(maxsize=512)
def count_stars(rating: str) -> float | None:
    """Return a rating as stars of five; None for one that is no number, or below zero.

    It may be written as 4/5, 3½ out of 5, 80 %, ★★★½, 4.5★, or a bare number, of which those over
    five are out of ten, and those over ten out of a hundred. What is more than its scale is five.
    """
    rating = _HALF.sub(r"\1½", rating)
    signs = _SIGNS.search(rating)
    # of ★★★½ the half belongs to the stars
    rest = rating if signs is None or not signs[2] else rating[: signs.start()]
    numbers = list(_NUMBER.finditer(rest))
    if any(number[0][0] in "-−–" for number in numbers):
        return None
    if match := _OUT_OF.search(rest):
        most = float(match[4])
        return min(5, _to_number(match) / most * 5) if most else None
    if match := _PERCENT.search(rest):
        share = _to_number(match) / 100
        return share * 5 if share <= 1 else None
    if len(numbers) == 1:
        value = _to_number(numbers[0])
        return next((value / most * 5 for most in _SCALES if value <= most), None)
    if numbers or not signs:
        return None
    count = len(re.findall(_SIGN, signs[1]))
    return count + _FRACTIONS.get(signs[2] or "", 0.0)


def _to_number(match: re.Match[str]) -> float:
    """Return the value of an amount."""
    whole, fraction, alone = match.group(1, 2, 3)
    return float((whole or "0").replace(",", ".")) + _FRACTIONS.get(fraction or alone or "", 0.0)


def is_over_scale(rating: str) -> bool:
    """True if a rating says that it is more than it can be, such as 99/5."""
    match = _OUT_OF.search(_HALF.sub(r"\1½", rating))
    return match is not None and _to_number(match) > float(match[4])
