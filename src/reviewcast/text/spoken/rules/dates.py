"""Years, decades and dates are said as dates, not as counts."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import BEGIN, get_after, get_before
from reviewcast.text.spoken.words import say_cardinal, say_decade, say_ordinal, say_pair, say_year

_MONTHS = (
    "January February March April May June July August September October November December"
).split()

_MONTH_BY_NAME = {name[:length].lower(): name for name in _MONTHS for length in (3, 4, 20)}


def _find_month(word: str) -> str | None:
    return _MONTH_BY_NAME.get(
        word.lower().replace("sept", "sep") if len(word) < 5 else word.lower()
    )


def _read_day(match: re.Match[str]) -> tuple[str, str] | None:
    """Return a month, and its day or days in words; None when it has none such."""
    month, day, last = _find_month(match["month"]), match["day"], match["last"]
    if not month or not 1 <= int(day) <= 31 or int(last or 1) > 31:
        return None
    if month in {"May", "March"} and match["month"][0].islower() and not match["year"]:
        return None
    return month, say_ordinal(day) + (f" to {say_ordinal(last)}" if last else "")


def _say_month_day(match: re.Match[str], _context: Context) -> str | None:
    found = _read_day(match)
    words = " ".join(found) if found else None
    return f"{words}, {say_year(match['year'])}" if words and match["year"] else words


def _say_day_month(match: re.Match[str], context: Context) -> str | None:
    found = _read_day(match)
    if found is None or context.is_title(match):
        return None
    month, day = found
    if month == "May" and re.match(r" [a-z]", get_after(match, 2)):
        return None
    start = "" if re.search(r"\b[Tt]he $", get_before(match, 4)) else "the "
    year = f", {say_year(match['year'])}" if match["year"] else ""
    return f"{start}{day} of {month}{year}"


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

_END = r"(?![\w/%]|[.,:-][0-9])"
"""No figure goes on with the number before it."""

# what 1,500 or 2012 of is a count, with or without a comma
_COUNTED = (
    "people|persons?|pages?|copies|screens|theat(?:er|re)s|miles?|feet|foot|dollars|pounds|words?|"
    "votes|days|hours|minutes|seconds|times|extras|men|women|children|kids|soldiers|troops|fans|"
    "viewers|users|seats?|seaters?|others|points|shots|cuts|frames|locations|costumes|artists|"
    "animators|tickets|reviews|kilomet(?:er|re)s|met(?:er|re)s|square|degrees|units|tons|tonnes|"
    "entries|songs|tracks|books|volumes|horses|ships|planes|bullets|rounds|bodies|corpses|"
    "years?[ -]old|voters|readers|members|students|pieces?|more|or so|km|kg|mg|mph|lbs?|ft|mm|cm"
)

_COUNT_AFTER = re.compile(rf"[ -](?:{_COUNTED})\b")

_YEAR_BEFORE = re.compile(
    r"\b(?:in|since|until|till|by|during|circa|year|before|after|from|of|around|to) (?:the )?$",
    re.IGNORECASE,
)

_SURE_YEAR_BEFORE = re.compile(r"\b(?:in|since|during|circa|year|early|late|mid) $", re.IGNORECASE)
_DECADE_BEFORE = re.compile(r"\b(?:the|early|mid|late|of|their|his|her|my)[ -]$", re.IGNORECASE)


def _say_decade_form(match: re.Match[str], _context: Context) -> str | None:
    mark, digits, ending = match["mark"] or "", match["digits"], match["ending"]
    if len(digits) not in {2, 4} or not digits.endswith("0"):
        return None
    if len(digits) == 4 and not (1000 < int(digits) < 2200):
        return None
    if ending[0] in "'’":
        # 1960's Psycho is of that year; the 1960's are ten
        if not _DECADE_BEFORE.search(get_before(match)) or re.match(r" [A-Z]", get_after(match, 2)):
            return None
    elif ending[0] == " " and len(digits) == 2:
        return None
    if digits == "00" and not (mark or _DECADE_BEFORE.search(get_before(match))):
        return None
    # a quotation mark before a whole year opens a quotation
    return (mark if len(digits) == 4 else "") + say_decade(digits)


def _say_decades(match: re.Match[str], _context: Context) -> str | None:
    last = match["last"]
    if not (match["first"].endswith("0") and last.endswith("0")):
        return None
    return f"{say_decade(match['first'])} to {say_decade(last)}"


def _say_years(match: re.Match[str], context: Context) -> str | None:
    first, last = match["first"], match["last"]
    whole = last if len(last) == 4 else first[: 4 - len(last)] + last
    if int(whole) <= int(first) or int(whole) - int(first) > 500:
        return None
    if _COUNT_AFTER.match(get_after(match)) and not context.is_title(match):
        return None
    # nineteen thirty nine to forty five, but twenty nineteen to twenty twenty
    short = len(last) == 2 and int(last) > 9 and int(first) < 2000
    return f"{say_year(first)} to {say_pair(last) if short else say_year(whole)}"


def _say_era(match: re.Match[str], _context: Context) -> str:
    era = match["era"].replace(".", "")
    first = f"{say_year(match['first'])} to " if match["first"] else ""
    year = match["year"]
    year = say_cardinal(year) if "," in year else say_year(year)
    stop = "." if match["era"].endswith(".") and not get_after(match, 1) else ""
    return f"{first}{year} {era}{stop}"


def _say_short_year(match: re.Match[str], _context: Context) -> str:
    last = f" to {say_pair(match[2])}" if match[2] else ""
    return say_pair(match[1]) + last


def _say_plain_year(match: re.Match[str], context: Context) -> str | None:
    year, before, after = int(match[0]), get_before(match), get_after(match)
    if not context.is_title(match):
        is_sure = bool(_SURE_YEAR_BEFORE.search(before))
        if not is_sure and _COUNT_AFTER.match(after):
            return None
        is_usual = 1100 <= year < 2100
        if not is_usual and not (_YEAR_BEFORE.search(before) and 1000 < year < 2800):
            return None
    elif not 1100 <= year < 2100:
        return None
    return say_year(year)


def _say_quarter(match: re.Match[str], _context: Context) -> str:
    year = match["year"] if len(match["year"]) == 4 else f"20{match['year']}"
    return f"the {say_ordinal(match['quarter'])} quarter of {say_year(year)}"


DATES = Family(
    "dates",
    (
        Rule(
            "year, month, day",
            r"(?P<first>[12](?<![\w./-].)[0-9]{3})([-/.])(?P<second>[01]?[0-9])\2"
            rf"(?P<third>[0-3]?[0-9]){_END}",
            _say_iso_date,
            "0-/.",
        ),
        Rule(
            "numeric date",
            r"(?P<first>[0-3](?<![\w./-].)[0-9]?|[4-9](?<![\w./-].))(?P<mark>[-/.])"
            rf"(?P<second>[0-3]?[0-9])(?P=mark)(?P<year>[12][0-9]{{3}}|(?<=/)[0-9]{{2}}){_END}",
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
            rf"(?:(?P<stop>\.)?,? {_YEAR}{_END})?",
            _say_day_month,
        ),
        Rule("month, year", rf"{_NAME}\.?,? {_YEAR}{_END}", _say_month_year),
        Rule(
            "month and day by numbers",
            r"(?P<before>\b(?:[Oo]n|[Ss]ince|[Uu]ntil|[Dd]ated?) )(?P<first>[01]?[0-9])/"
            rf"(?P<second>[0-3]?[0-9])(?!/){_END}",
            _say_short_date,
            "0/",
        ),
        Rule(
            "decades",
            r"(?P<first>[12](?<!\w.)[0-9]{3})s? ?[-–] ?['’]?"
            r"(?P<last>[12][0-9]{3}|[0-9]{2})s(?!\w)",
            _say_decades,
            "0-–",
        ),
        Rule(
            "decade",
            r"(?P<mark>['’‘](?<!\w.))?(?P<digits>[0-9](?<!\w.)(?<![0-9][.,:/$].)[0-9]{1,3})"
            r"(?P<ending>['’]?s| s)(?!\w)",
            _say_decade_form,
            "0s",
        ),
        Rule(
            "era",
            rf"(?:(?P<first>{BEGIN}[0-9]{{0,3}}) ?[-–] ?)?"
            rf"(?P<year>{BEGIN}[0-9]{{0,3}}(?:,[0-9]{{3}})?) "
            r"(?P<era>A\.?D\.?|B\.?C\.?E\.?|C\.?E\.?|B\.?C\.?)(?!\w)",
            _say_era,
        ),
        Rule(
            "years",
            r"(?P<first>[12](?<![\w./$£€#-].)[0-9]{3})(?: ?[-–] ?|/)"
            rf"(?P<last>[12][0-9]{{3}}|[0-9]{{2}}|(?<=[-–])[1-9]){_END}(?![-–][0-9])",
            _say_years,
            "0-–/",
        ),
        Rule(
            "quarter",
            r"(?P<quarter>[1-4](?<!\w.))Q(?P<year>[0-9]{2}(?:[0-9]{2})?)(?!\w)",
            _say_quarter,
            "0Q",
        ),
        Rule(
            "short year",
            r"(?:’(?<!\w.)|(?:(?<=[a-z] )|\A)['‘](?![0-9]{2} [A-Z])|['‘](?=[0-9]{2}[-–]['’]))"
            r"([0-9]{2})(?:[-–]['’]([0-9]{2}))?(?!\w|['’‘]\w)",
            _say_short_year,
            "0'’‘",
        ),
        Rule(
            "year",
            rf"[12](?:(?<=\bc\..)|(?<![\w./:,$£€#@+=*].))(?<![0-9][-–].)[0-9]{{3}}{_END}"
            r"(?:(?<=\"[0-9]{4})(?=\")|(?![$€£°\"″]|[-–/][0-9]))",
            _say_plain_year,
        ),
    ),
)
