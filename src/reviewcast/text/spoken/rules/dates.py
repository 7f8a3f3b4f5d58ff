"""Years, decades and dates are said as dates, not as counts."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import get_after, get_before
from reviewcast.text.spoken.rules.years import END, YEARS
from reviewcast.text.spoken.words import say_ordinal, say_pair, say_year

_MONTHS = (
    "January February March April May June July August September October November December"
).split()

_MONTH_BY_NAME = {name[:length].lower(): name for name in _MONTHS for length in (3, 4, 20)}


def _find_month(word: str) -> str | None:
    return _MONTH_BY_NAME.get(
        word.lower().replace("sept", "sep") if len(word) < 5 else word.lower()
    )


def _say_day(day: str, suffix_day: str = "") -> str:
    words = say_ordinal(day)
    return f"{words} to {say_ordinal(suffix_day)}" if suffix_day else words


def _say_month_day(match: re.Match[str], _context: Context) -> str | None:
    month = _find_month(match["month"])
    day, last = match["day"], match["last"]
    if not month or not 1 <= int(day) <= 31 or int(last or 1) > 31:
        return None
    if month in {"May", "March"} and match["month"][0].islower() and not match["year"]:
        return None
    words = f"{month} {_say_day(day, last or '')}"
    return f"{words}, {say_year(match['year'])}" if match["year"] else words


def _say_day_month(match: re.Match[str], context: Context) -> str | None:
    month = _find_month(match["month"])
    day, last, year = match["day"], match["last"], match["year"]
    if not month or not 1 <= int(day) <= 31 or int(last or 1) > 31:
        return None
    if month in {"May", "March"} and match["month"][0].islower() and not year:
        return None
    if context.is_title(match) or (month == "May" and re.match(r" [a-z]", get_after(match, 2))):
        return None
    start = "" if re.search(r"\b[Tt]he $", get_before(match, 4)) else "the "
    words = f"{start}{_say_day(day, last or '')} of {month}"
    return f"{words}, {say_year(year)}" if year else words


def _say_month_year(match: re.Match[str], _context: Context) -> str | None:
    month = _find_month(match["month"])
    return f"{month} {say_year(match['year'])}" if month else None


def _say_numeric_date(match: re.Match[str], context: Context) -> str | None:
    first, second, year = match["first"], match["second"], match["year"]
    if context.is_likely_title(match):
        return " ".join(say_year(part) for part in (first, second, year))
    dash = match["mark"] == "-"
    if int(first) > 12 or ((context.day_first or dash) and int(second) <= 12):
        first, second = second, first
        day_first = True
    else:
        day_first = context.day_first
    if not (1 <= int(first) <= 12 and 1 <= int(second) <= 31):
        return None
    month, day = _MONTHS[int(first) - 1], say_ordinal(second)
    years = say_year(year) if len(year) == 4 else say_pair(year)
    return f"the {day} of {month}, {years}" if day_first else f"{month} {day}, {years}"


def _say_iso_date(match: re.Match[str], _context: Context) -> str | None:
    month, day = int(match["second"]), int(match["third"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{_MONTHS[month - 1]} {say_ordinal(day)}, {say_year(match['first'])}"


def _say_short_date(match: re.Match[str], context: Context) -> str | None:
    month, day = match["first"], match["second"]
    if context.day_first:
        month, day = day, month
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return f"{match['before']}{_MONTHS[int(month) - 1]} {say_ordinal(day)}"


_NAME = r"(?P<month>[JFMASOND](?<!\w.)[A-Za-z]{2,8}|[jfmasond](?<!\w.)[a-z]{2,8})"
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?(?:[-–](?P<last>[0-3]?[0-9])(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<year>[12][0-9]{3})"

DATES = Family(
    "dates",
    (
        Rule(
            "year, month, day",
            r"(?P<first>[12](?<![\w./-].)[0-9]{3})([-/.])(?P<second>[01]?[0-9])\2"
            rf"(?P<third>[0-3]?[0-9]){END}",
            _say_iso_date,
            "0-/.",
        ),
        Rule(
            "numeric date",
            r"(?P<first>[0-3](?<![\w./-].)[0-9]?|[4-9](?<![\w./-].))(?P<mark>[-/.])"
            rf"(?P<second>[0-3]?[0-9])(?P=mark)(?P<year>[12][0-9]{{3}}|(?<=/)[0-9]{{2}}){END}",
            _say_numeric_date,
            "0-/.",
        ),
        Rule(
            "month, day",
            rf"{_NAME}(?:\.? |-){_DAY}(?:(?:,? |-){_YEAR})?(?!\w|[/%:]|[.,][0-9]|-[0-9])",
            _say_month_day,
        ),
        Rule(
            "day, month",
            rf"(?P<day>[0-3](?<!\w.)(?<![0-9][./:,–-].)[0-9]?|[4-9](?<!\w.)(?<![0-9][./:,–-].))"
            r"(?:st|nd|rd|th)?(?:[-–](?P<last>[0-3]?[0-9])(?:st|nd|rd|th)?)? (?:of )?"
            r"(?P<month>[JFMASONDjfmasond][A-Za-z]{2,8})(?!\w)"
            rf"(?:(?P<stop>\.)?,? {_YEAR}{END})?",
            _say_day_month,
        ),
        Rule("month, year", rf"{_NAME}\.?,? {_YEAR}{END}", _say_month_year),
        Rule(
            "month and day by numbers",
            r"(?P<before>\b(?:[Oo]n|[Ss]ince|[Uu]ntil|[Dd]ated?) )(?P<first>[01]?[0-9])/"
            rf"(?P<second>[0-3]?[0-9])(?!/){END}",
            _say_short_date,
            "0/",
        ),
        *YEARS,
    ),
)
