"""Ratings are said as a critic says them: out of ten, in stars, as a grade, in percent."""

import re

from reviewcast.text.spoken.engine import FIGURE, PICTURES, Context, Family, Rule
from reviewcast.text.spoken.patterns import (
    AMOUNT,
    BEGIN,
    DASH,
    EMPTY_STAR,
    NUMBER,
    STAR,
    get_after,
    get_before,
    is_adjective,
    is_part,
    is_time_signature,
    set_apart,
)
from reviewcast.text.spoken.words import say_amount, say_cardinal, say_number

_RATED = re.compile(
    r"(?:\b(?:rat(?:e[ds]?|ing)|scor(?:e[ds]?|ing)|grade|verdict)\b|★)[^.]{0,12}$", re.IGNORECASE
)

_OF_WHOLE = re.compile(r" of (?:the|all|an?|its?|his|her|their|my|our|us|them|what|this|that)\b")
_STARRED_WORD = re.compile(rf"(?<!\w)[A-Za-z]{{1,3}}[{STAR}{EMPTY_STAR}]*\Z")
_SUSPENDED = re.compile(r",? (?:and|or|to|through) [A-Z]-")  # A- and B-movies


def _say_stars(match: re.Match[str], _context: Context) -> str:
    full = sum(char in STAR for char in match["full"] or "")
    empty = sum(char in EMPTY_STAR for char in match["empty"] or "")
    half = "½" if match["half"] else ""
    if _STARRED_WORD.search(get_before(match, 8)) and get_after(match, 1).isalpha():
        return ""  # letters of a word that its writer does not spell out
    if match[0] in STAR and re.match(r" ?[0-9]", get_after(match, 2)):
        return ""  # ⭐ 4.5/5
    if match["stars"]:
        total = len(match["stars"])
    elif match["total"]:
        total = int(match["total"])
    else:
        total = full + empty + bool(half) if empty else 0
    return set_apart(match, _count_stars(f"{full or ''}{half}", total, match))


def _say_half_star(match: re.Match[str], _context: Context) -> str:
    empty = sum(char in EMPTY_STAR for char in match[0])
    return f"half a star out of {say_cardinal(empty + 1)}" if empty > 1 else "half a star"


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
    is_labelled = bool(match["word"] or _LABELLED.search(get_before(match, 40)))
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


_USUAL = frozenset({5, 10, 20, 100})


def _say_out_of(match: re.Match[str], _context: Context) -> str | None:
    amount, total = match["amount"].replace(",", ".").removesuffix(".0"), int(match["total"])
    has_stars = bool(match["stars"])
    if "," in match["amount"] and not match["amount"].endswith(",5") and total not in _USUAL:
        return None
    if match[0] == "1/2" and get_before(match, 2).strip()[-1:] in {*STAR}:
        return None  # the half of ★★★1/2
    if not has_stars and not _is_rating(match, amount, total):
        return None
    least = f"{say_amount(match['least'].replace(',', '.'))} to " if match["least"] else ""
    words = f"{least}{say_amount(amount)} out of {say_cardinal(total)}"
    return f"{words} stars" if has_stars else words


def _is_rating(match: re.Match[str], amount: str, total: int) -> bool:
    """True for 8/10 and 3.5/4, False for three quarters, the eighth of October and 24/7."""
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


def _say_grade(match: re.Match[str], context: Context) -> str | None:
    if match[1][1] != "+" and _SUSPENDED.match(get_after(match)):
        return None
    signs = {"+": " plus", "": ""}
    grades = (grade for grade in match.groups() if grade)
    return " to ".join(context.spell(one[0]) + signs.get(one[1:], " minus") for one in grades)


def _say_percent(match: re.Match[str], _context: Context) -> str:
    least = f"{say_number(match['least'])} to " if match["least"] else ""
    sign = {"": "", "-": "minus ", "−": "minus ", "+": "plus "}[match["sign"] or ""]
    return set_apart(match, f"{sign}{least}{say_number(match['most'])} percent")


_TOTAL = r"(?P<total>[1-9][0-9]{0,2})"
_POINTS = (
    r"[0-9](?<!\w.)(?<![0-9][.,/].)[0-9]{0,2}(?:\.[0-9]{1,2}|,[0-9](?= ?[/⁄–-])| ?[½¼¾]| 1[/⁄]2)?"
)

_HEART = "♥❤💖💗💛💙💚💜🖤🧡"
_NO_HEART = "♡🤍"
_PICTURE = "[\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001faff\u2600-\u27bf]"

_LABELLED = re.compile(
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
        is_rated = full > 1 and _LABELLED.search(get_before(match, 40))
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


RATINGS = Family(
    "ratings",
    (
        Rule(
            "out of in words",
            rf"({AMOUNT})( out of | of (?=[0-9]{{1,3}} stars))([0-9]{{1,3}})(?!\w|[.,/][0-9])",
            lambda match, _: f"{say_amount(match[1])}{match[2]}{say_number(match[3])}",
        ),
        Rule(
            "amount of stars",
            rf"(?<!/)(?<! of )(?:(?P<least>{AMOUNT}){DASH})?"
            rf"(?P<amount>{BEGIN}-[1-9][/⁄][2-9](?![0-9/⁄])|{AMOUNT}|½(?<![\w½].))"
            rf"(?: ?[{STAR}](?! ?[{STAR}])|(?P<one>[ -][Ss]tar(?!\w))| [Ss]tars(?!\w))",
            _say_amount_of_stars,
            FIGURE + STAR + "sS",
        ),
        Rule(
            "asterisks",
            r"(?P<open>\()?(?P<full>\*(?<![\w*\\].)\*{0,4})(?:(?P<half> ?½| ?1/2)(?![0-9])"
            r"|(?= ?(?:out of |of |/ ?)[0-9*(])|(?= ?\(out of )|(?=\))"
            r"|)"
            r"(?: ?(?P<bracket>\()?(?:out of |of |/ ?)(?:(?P<total>\*{3,5})|(?P<points>4|5|10))"
            r"(?: stars)?(?(bracket)\)))?(?P<word> stars(?!\w))?(?(open)\))(?![\w*/])",
            _say_asterisks,
            "*",
        ),
        Rule(
            "out of",
            rf"(?:(?P<least>{_POINTS}){DASH})?(?P<amount>{_POINTS}) ?[/⁄] ?{_TOTAL}"
            r"(?:\.0(?![0-9]))?(?!\w|[/⁄]|[.,:–-][0-9])"
            rf"(?P<stars> ?[{STAR}](?! ?[{STAR}])| stars\b)?",
            _say_out_of,
            "0/⁄",
            in_titles=False,
        ),
        Rule(
            "half a star",
            rf"½(?<![{STAR}0-9].)(?<![{STAR}0-9] .)(?: ?[{STAR}{EMPTY_STAR}]){{1,9}}",
            _say_half_star,
            "½",
        ),
        Rule(
            "stars",
            rf"(?P<full>[{STAR}](?: ?[{STAR}]){{0,19}})(?P<half> ?½| ?1/2)?"
            rf"(?P<empty>(?: ?[{EMPTY_STAR}]){{1,19}})?"
            rf"(?:(?: ?/ ?| out of )(?:{_TOTAL}|(?P<stars>[{STAR}]{{1,10}}))(?![\w/]))?"
            r"(?: stars?\b)?",
            _say_stars,
            STAR,
        ),
        Rule(
            "no star",
            rf"[{EMPTY_STAR}](?: ?[{EMPTY_STAR}]){{2,9}}",
            lambda match, _: f"zero out of {say_cardinal(len(match[0].replace(' ', '')))} stars",
            EMPTY_STAR,
        ),
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
        Rule(
            "grade",
            r"([A-DF](?<![\w.&'’$#+−–-].)[+−–-])(?:/([A-DF][+−–-]?))?(?![\w+$])",
            _say_grade,
            "+-−–",
            in_titles=False,
        ),
        Rule(
            "percent",
            rf"(?P<sign>(?<![\w)])[-+−](?=[0-9]))?(?:(?P<least>{NUMBER}) ?%?{DASH})?"
            rf"(?P<most>{NUMBER}) ?%(?![0-9_])",
            _say_percent,
            "0%",
        ),
    ),
)
