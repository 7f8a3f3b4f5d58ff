"""Ratings are said as a critic says them: out of ten, in stars, as a grade, in percent."""

import re

from reviewcast.text.spoken.engine import DIGITS, Context, Family, Rule
from reviewcast.text.spoken.patterns import (
    AMOUNT,
    BEGIN,
    DASH,
    NUMBER,
    get_after,
    get_before,
    is_adjective,
    is_part,
    is_time_signature,
    set_apart,
)
from reviewcast.text.spoken.rules.picture_ratings import LABELLED, PICTURE_RATINGS
from reviewcast.text.spoken.words import say_amount, say_cardinal, say_number

_STAR = "★⭐🌟✭✪✯⭑"
_EMPTY = "☆✩✰⚝⭒"

_RATED = re.compile(
    r"(?:\b(?:rat(?:e[ds]?|ing)|scor(?:e[ds]?|ing)|grade|verdict)\b|★)[^.]{0,12}$", re.IGNORECASE
)

_OF_WHOLE = re.compile(r" of (?:the|all|an?|its?|his|her|their|my|our|us|them|what|this|that)\b")
_SUSPENDED = re.compile(r",? (?:and|or|to|through) [A-Z]-")  # A- and B-movies


def _say_stars(match: re.Match[str], _context: Context) -> str:
    full = sum(char in _STAR for char in match["full"] or "")
    empty = sum(char in _EMPTY for char in match["empty"] or "")
    half = "½" if match["half"] else ""
    if match[0] in _STAR and re.match(r" ?[0-9]", get_after(match, 2)):
        return ""  # ⭐ 4.5/5
    if match["stars"]:
        total = len(match["stars"])
    elif match["total"]:
        total = int(match["total"])
    else:
        total = full + empty + bool(half) if empty else 0
    return _count_stars(f"{full or ''}{half}", total, match)


def _say_half_star(match: re.Match[str], _context: Context) -> str:
    empty = sum(char in _EMPTY for char in match[0])
    return f"half a star out of {say_cardinal(empty + 1)}" if empty > 1 else "half a star"


def _say_no_star(match: re.Match[str], _context: Context) -> str:
    return f"zero out of {say_cardinal(len(match[0].replace(' ', '')))} stars"


def _say_amount_of_stars(match: re.Match[str], _context: Context) -> str:
    least = f"{say_amount(match['least'])} to " if match["least"] else ""
    amount = match["amount"].replace("-", " ")
    if match["one"] and amount != "½":
        return f"{least}{say_amount(amount)} star"
    return least + _count_stars(amount, 0, match)


def _say_asterisks(match: re.Match[str], _context: Context) -> str | None:
    """Say stars of a typewriter, but not the asterisks that a scene ends with or a note begins."""
    half, full = "½" if match["half"] else "", len(match["full"])
    total = int(match["points"] or 0) or len(match["total"] or "")
    is_labelled = bool(match["word"] or LABELLED.search(get_before(match, 40)))
    if full > 2 and not is_labelled:  # as posters quote: “A triumph” *** (The Stage ****)
        is_quoted = get_before(match, 2).rstrip()[-1:] in {*"'’”\""}
        is_labelled = is_quoted or get_after(match, 1) == ")"
    if not (half or total or match["open"] or is_labelled) or (full > total > 0):
        return None
    if match["open"] and full < 2 and not (half or is_labelled):
        return None
    words = _count_stars(f"{full}{half}", total, match)
    return f"({words})" if match["open"] else words


def _count_stars(amount: str, total: int, match: re.Match[str]) -> str:
    if total:
        return f"{say_amount(amount)} out of {say_cardinal(total)} stars"
    if amount in {"½", "0.5", ".5", "1/2"}:
        return "half a star"
    is_one = amount == "1" or is_adjective(match)
    return f"{say_amount(amount)} star" + "s" * (not is_one)


def _say_out_of(match: re.Match[str], _context: Context) -> str | None:
    amount, total = match["amount"].replace(",", ".").removesuffix(".0"), int(match["total"])
    has_stars = bool(match["stars"])
    if match[0] == "1/2" and get_before(match, 2).strip()[-1:] in {*_STAR}:
        return None  # the half of ★★★1/2
    if not has_stars and not _is_rating(match, amount, total):
        return None
    least = f"{say_amount(match['least'].replace(',', '.'))} to " if match["least"] else ""
    words = f"{least}{say_amount(amount)} out of {say_cardinal(total)}"
    return f"{words} stars" if has_stars else words


def _is_rating(match: re.Match[str], amount: str, total: int) -> bool:
    """Tell 8/10 and 3.5/4 from three quarters, the eighth of October and 24/7."""
    if (
        is_part(match)
        or _OF_WHOLE.match(get_after(match, 9))
        or (total in {4, 8} and is_time_signature(match))
    ):
        return False
    if not amount.isdigit():
        return total > 2
    points = int(amount)
    if points == total != 7 and 2 < total < 10:
        return True
    if points == 0:
        return total in {3, 4, 5, 6, 10, 100}
    if (points, total) in {(20, 20), (4, 20)}:
        return False
    if total in {5, 10, 100}:
        return points <= 2 * total and (total < 100 or points > 1)
    if _RATED.search(get_before(match)):
        return points <= total
    if total == 4:
        return points == 4 or (match[0] == match.string and points > 1)
    return total == 20 and 4 < points < 20


def _say_out_of_in_words(match: re.Match[str], _context: Context) -> str:
    return f"{say_amount(match[1])}{match[2]}{say_number(match[3])}"


def _say_grade(match: re.Match[str], context: Context) -> str | None:
    if match[1][1] != "+" and _SUSPENDED.match(get_after(match)):
        return None
    grades = [_say_letter_grade(grade, context) for grade in match.groups() if grade]
    return " to ".join(grades)


def _say_letter_grade(grade: str, context: Context) -> str:
    sign = {"+": " plus", "": ""}.get(grade[1:], " minus")
    return context.spell(grade[0]) + sign


def _say_percent(match: re.Match[str], _context: Context) -> str:
    least = f"{say_number(match['least'])} to " if match["least"] else ""
    sign = {"": "", "-": "minus ", "−": "minus ", "+": "plus "}[match["sign"] or ""]
    return set_apart(match, f"{sign}{least}{say_number(match['most'])} percent")


_TOTAL = r"(?P<total>[1-9][0-9]{0,2})"
_POINTS = r"[0-9](?<!\w.)(?<![0-9][.,/].)[0-9]{0,2}(?:\.[0-9]{1,2}|,5| ?[½¼¾]| 1[/⁄]2)?"

RATINGS = Family(
    "ratings",
    (
        Rule(
            "out of in words",
            re.compile(
                rf"({AMOUNT})( out of | of (?=[0-9]{{1,3}} stars))([0-9]{{1,3}})(?!\w|[.,/][0-9])"
            ),
            _say_out_of_in_words,
            words=("of",),
        ),
        Rule(
            "amount of stars",
            re.compile(
                rf"(?<!/)(?<! of )(?:(?P<least>{AMOUNT}){DASH})?"
                rf"(?P<amount>{BEGIN}-[1-9][/⁄][2-9](?![0-9/⁄])|{AMOUNT}|½(?<![\w½].))"
                rf"(?: ?[{_STAR}](?! ?[{_STAR}])|(?P<one>[ -][Ss]tar(?!\w))| [Ss]tars(?!\w))"
            ),
            _say_amount_of_stars,
            _STAR + "sS",
            DIGITS + "½",
        ),
        Rule(
            "asterisks",
            re.compile(
                r"(?P<open>\()?(?P<full>\*(?<![\w*\\].)\*{0,4})(?:(?P<half> ?½| ?1/2)(?![0-9])"
                r"|(?= ?(?:out of |of |/ ?)[0-9*(])|(?= ?\(out of )|(?=\))"
                r"|)"
                r"(?: ?(?P<bracket>\()?(?:out of |of |/ ?)(?:(?P<total>\*{3,5})|(?P<points>4|5|10))"
                r"(?: stars)?(?(bracket)\)))?(?P<word> stars(?!\w))?(?(open)\))(?![\w*/])"
            ),
            _say_asterisks,
            "*",
        ),
        Rule(
            "out of",
            re.compile(
                rf"(?:(?P<least>{_POINTS}){DASH})?(?P<amount>{_POINTS}) ?[/⁄] ?{_TOTAL}"
                r"(?:\.0(?![0-9]))?(?!\w|[/⁄]|[.,:–-][0-9])"
                rf"(?P<stars> ?[{_STAR}](?! ?[{_STAR}])| stars\b)?"
            ),
            _say_out_of,
            "/⁄",
            DIGITS,
            in_titles=False,
        ),
        Rule(
            "half a star",
            re.compile(rf"½(?<![{_STAR}0-9].)(?<![{_STAR}0-9] .)(?: ?[{_STAR}{_EMPTY}]){{1,9}}"),
            _say_half_star,
            "½",
        ),
        Rule(
            "stars",
            re.compile(
                rf"(?P<full>[{_STAR}](?: ?[{_STAR}]){{0,19}})(?P<half> ?½| ?1/2)?"
                rf"(?P<empty>(?: ?[{_EMPTY}]){{1,19}})?"
                rf"(?:(?: ?/ ?| out of )(?:{_TOTAL}|(?P<stars>[{_STAR}]{{1,10}}))(?![\w/]))?"
                r"(?: stars?\b)?"
            ),
            _say_stars,
            _STAR,
        ),
        Rule("no star", re.compile(rf"[{_EMPTY}](?: ?[{_EMPTY}]){{2,9}}"), _say_no_star, _EMPTY),
        *PICTURE_RATINGS,
        Rule(
            "grade",
            re.compile(r"([A-DF](?<![\w.&'’$#+−–-].)[+−–-])(?:/([A-DF][+−–-]?))?(?![\w+$])"),
            _say_grade,
            "+-−–",
            in_titles=False,
        ),
        Rule(
            "percent",
            re.compile(
                rf"(?P<sign>(?<![\w)])[-+−](?=[0-9]))?(?:(?P<least>{NUMBER}) ?%?{DASH})?"
                rf"(?P<most>{NUMBER}) ?%(?![0-9_])"
            ),
            _say_percent,
            "%",
            DIGITS,
        ),
    ),
)
