"""Ratings in hearts, thumbs, dots, moons and slices of pizza are said as numbers."""

import re

from reviewcast.text.spoken.engine import FIGURE, PICTURES, Context, Rule
from reviewcast.text.spoken.patterns import AMOUNT, get_before
from reviewcast.text.spoken.words import say_amount, say_cardinal

_HEART = "♥❤💖💗💛💙💚💜🖤🧡"
_NO_HEART = "♡🤍"
_PICTURE = "[\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001faff\u2600-\u27bf]"

LABELLED = re.compile(
    r"\b(?:rat(?:ed|ing)|scor(?:ed?|ing)|grade|verdict|overall|stars?|bewertung|note|nota|voto)"
    r"(?: [a-z]{2,12}){0,2} ?[:=–—-]? ?\(?$",
    re.IGNORECASE,
)


def _say_pictures(match: re.Match[str], _context: Context) -> str | None:
    """Say a rating in pizzas or moons; without a total or a label they are ornaments."""
    picture, run = match["picture"], match["run"]
    empty = "🌑" if picture == "🌕" else ""
    full = run.count(picture)
    if picture in "👍👎✅❌✔✖⚠☑➡":
        return None
    half = "½" if "🌗" in run or "🌓" in run else ""
    total = int(match["total"] or 0)
    if empty and empty in run:
        total = total or full + bool(half) + run.count(empty)
    if not total:
        is_rated = full > 1 and LABELLED.search(get_before(match, 40))
        return say_amount(f"{full}{half}") if is_rated else None
    return f"{say_amount(f'{full}{half}')} out of {say_cardinal(total)}" if full <= total else None


def _say_dots(match: re.Match[str], _context: Context) -> str:
    full = len(match["full"].replace(" ", ""))
    total = full + len(match["empty"].replace(" ", ""))
    return f"{say_cardinal(full)} out of {say_cardinal(total)}"


def _say_hearts(match: re.Match[str], _context: Context) -> str:
    full = sum(char in _HEART for char in match[0])
    empty = sum(char in _NO_HEART for char in match[0])
    total = f"out of {say_cardinal(full + empty)} " if empty else ""
    return f"{say_cardinal(full)} {total}hearts"


def _say_thumbs(match: re.Match[str], _context: Context) -> str:
    count = match[0].count(match[0][0])
    return f"{say_cardinal(count)} thumbs {'up' if match[0][0] == '👍' else 'down'}"


PICTURE_RATINGS = (
    Rule("hearts", rf"[{_HEART}](?: ?[{_HEART}{_NO_HEART}]){{1,9}}", _say_hearts, _HEART),
    Rule(
        "dots",
        r"(?P<full>[●■◆⬤▮](?: ?[●■◆⬤▮]){0,9})(?P<empty>(?: ?[○□◇◯▯]){1,9})",
        _say_dots,
        "●■◆⬤▮",
    ),
    Rule(
        "number of pictures",
        rf"(?P<amount>{AMOUNT}) ?(?P<picture>{_PICTURE})\ufe0f?(?: out of | ?/ ?)"
        r"(?P<total>3|4|5|6|10)(?: ?(?P=picture))?(?![\w/])",
        lambda match, _: f"{say_amount(match['amount'])} out of {say_cardinal(match['total'])}",
        FIGURE + PICTURES,
    ),
    Rule(
        "pictures",
        rf"(?P<run>(?P<picture>{_PICTURE})\ufe0f?"
        r"(?: ?(?:(?P=picture)|[🌑🌗🌓])\ufe0f?){0,9})"
        r"(?:(?: out of | ?/ ?)(?P<total>3|4|5|6|10)(?: ?(?P=picture))?(?![\w/]))?",
        _say_pictures,
        PICTURES,
    ),
    Rule("thumbs", "👍(?: ?👍){1,9}|👎(?: ?👎){1,9}", _say_thumbs, "👍👎"),
)
