"""Lengths, weights, picture formats and aspect ratios are said with their units in full."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import (
    AMOUNT,
    BEGIN,
    DASH,
    NUMBER,
    SCALE,
    get_after,
    get_before,
    get_stop,
    is_adjective,
)
from reviewcast.text.spoken.rules.units import DISC_AFTER, MADE_OF_AFTER, PICTURE_AFTER, UNITS
from reviewcast.text.spoken.words import (
    VULGAR,
    say_amount,
    say_cardinal,
    say_fraction,
    say_number,
    say_year,
)

# a letter that is a unit only right behind its number: 40W, but not 40 W; 45 s, but not 90s
_GLUED = frozenset({"m", "W", "V", "l", "L"})
_SPACED = frozenset({"s"})
_DIMENSIONS = {"²": "square", "2": "square", "³": "cubic", "3": "cubic"}

_AUDIENCE = re.compile(
    r" (?:views|copies|people|tickets|viewers|fans|followers|subscribers|dollars|"
    r"euros|pounds|streams|users|plays|readers|sales|units)\b"
)

_MORE_AFTER = re.compile(
    r" (?:as (?:many|much|[a-z]{2,12}) as|the|more|less|(?:[a-z]{2,10}er|worse) than|"
    r"(?:faster|slower|better|worse|bigger|larger|longer|higher)|its|his|her|their|"
    r"(?:a|per|each|every) (?:day|week|month|year)|daily|weekly)\b"
)

_SEEN_BEFORE = re.compile(
    r"\b(?:saw|seen|see|watch(?:ed)?|re-?watch(?:ed)?|read|re-?read|heard|play(?:ed)?|won|failed|it|"
    r"this|that|them|him|her|film|movie|book|album|least|only|already|about|over) $"
)

_TIMES_ENDS = re.compile(
    r"$|[.,;:!?)\]”\"]|['’](?!\w)| (?:and|but|or|in|on|over|at|so|already|now|before|since|last|"
    r"this|because|with|within|during|by|for)\b"
)

_WINNER_AFTER = re.compile(
    r"[ -](?:[A-Z][\w'’]{1,20}[ -]){0,3}(?:champions?|winners?|nominees?|medall?ists?)\b"
)

_NETWORK_AFTER = re.compile(r" (?:networks?|coverage|phones?|signal|towers?|connection)\b")
_OF_AFTER = re.compile(r" of\b")

_WORDUNITS = (
    r"(?:hours?|minutes?|years?|days?|weeks?|months?|miles?|seasons?|stars?|times|inch(?:es)?|feet|"
    r"points?|percent|decades?|pages?|acts?|pounds?|hearts|out|more)"
)


def _say_unit(match: re.Match[str], _context: Context) -> str | None:
    written = match["unit"]
    unit = UNITS.get(written) or UNITS.get(written.lower())
    if unit is None:
        return None
    gap = match["hyphen"] or ""
    if written == "g" and not gap and _NETWORK_AFTER.match(get_after(match, 12)):
        return None
    if (written in _GLUED and gap and not _OF_AFTER.match(get_after(match, 4))) or (
        written in _SPACED and (gap != " " or match.string[match.end() - 1] == ".")
    ):
        return None
    if written == "m" and gap:
        return None
    if written == "m" and _AUDIENCE.match(get_after(match, 14)):
        unit = ("million", "million")
    amount = match["amount"].replace(",", "" if match["thousands"] else ".")
    dimension = _DIMENSIONS.get(match["power"] or "", "")
    is_one = (
        amount == "1"
        or amount in VULGAR
        or (amount[1:2] in {"/", "⁄"} and amount[0] < amount[2])
        or match["hyphen"] == "-"
        or is_adjective(match)
        or MADE_OF_AFTER.match(get_after(match, 16))
    )
    words = [
        "minus" if match["minus"] else "",
        f"{say_amount(match['least'])} to" if match["least"] else "",
        say_amount(amount),
        match["scale"] or "",
        dimension,
        unit[0] if is_one and not match["scale"] else unit[1],
    ]
    return " ".join(filter(None, words)) + get_stop(match)


def _say_by(match: re.Match[str], _context: Context) -> str:
    first, last = match["first"], match["last"]
    square = _DIMENSIONS.get(match["power"] or "")
    unit = f" {square} meters" if square else ""
    return f"{say_number(first)} by {say_number(last)}{match['plural'] or ''}{unit}"


def _say_times(match: re.Match[str], _context: Context) -> str:
    """Say 3x the budget and seen 3x as times, a 3x zoom as X."""
    number, after = say_number(match[1]), get_after(match, 40)
    if _WINNER_AFTER.match(after):
        return f"{number} time"
    is_count = _SEEN_BEFORE.search(get_before(match)) and _TIMES_ENDS.match(after)
    is_alone = match[0] == match.string and len(match[1]) == 1
    if is_count or is_alone or _MORE_AFTER.match(after):
        return f"{number} time{'s' * (match[1] != '1')}"
    return f"{number} X"


def _say_temperatures(match: re.Match[str], _context: Context) -> str:
    scale = "Celsius" if match["unit"] == "C" else "Fahrenheit"
    return f"{say_cardinal(match['least'])} to {say_cardinal(match['most'])} degrees {scale}"


def _say_oven(match: re.Match[str], _context: Context) -> str:
    return f"{say_cardinal(match[1])} degrees {'Celsius' if match[2] == 'C' else 'Fahrenheit'}"


def _say_disc(match: re.Match[str], _context: Context) -> str | None:
    """Say the size of a 12" single; None where the mark ends a quotation."""
    size, mark = match[1], match[2]
    is_named = bool(DISC_AFTER.match(get_after(match, 12)))
    if mark != "″":
        if not is_named and size not in {"7", "10", "12"}:
            return None
        before = get_before(match, 400)
        is_quoted = before.count('"') % 2 or before.count("“") > before.count("”")
        if is_quoted and not is_named:
            return None
    return f"{say_amount(size)} inch"


_GAUGES = {"8", "9.5", "16", "17.5", "35", "65", "70"}
_LINES = frozenset({"2", "4", "5", "6", "8"})
_PICTURE_BEFORE = re.compile(r"\b(?:in|native|full|true|upscaled|restored in|at) $", re.IGNORECASE)


def _say_gauge(match: re.Match[str], _context: Context) -> str | None:
    """Say the width of a film: 35mm."""
    if match[1] not in _GAUGES:
        return None
    return f"{say_number(match[1])} millimeter"


def _say_ratio(match: re.Match[str], _context: Context) -> str:
    """Say an aspect ratio: 16:9, 2.35:1."""
    first, last = match["first"], match["last"]
    by = "by" if (first, last) in {("16", "9"), ("4", "3"), ("21", "9"), ("16", "10")} else "to"
    return f"{say_number(first)} {by} {say_number(last)}"


def _say_large(match: re.Match[str], _context: Context) -> str | None:
    """Say 10k or 35M as a number, and 4k of a picture as a format."""
    number, letter = match["number"], match["letter"]
    scale = {"k": "thousand", "m": "million", "b": "billion"}[letter.lower()]
    if letter == "k" and re.match(r" (?:runs?|races?)\b", get_after(match, 6)):
        return f"{say_number(number)} K"
    is_format = number in _LINES and letter == "k" and not match["space"]
    if is_format and (
        PICTURE_AFTER.match(get_after(match, 16)) or _PICTURE_BEFORE.search(get_before(match))
    ):
        return f"{say_number(number)} K"
    if match["space"] and "." not in number:
        return None
    if letter == "M" and len(number) == 1 and not re.match(r"\+| [a-z]", get_after(match, 2)):
        return None  # the company 3M
    if letter == "B" and re.match(r" [A-Z]", get_after(match, 2)):
        return None  # 221B Baker Street
    return f"{say_number(number)} {scale}"


_OTHER_CASES = (
    "Kg Km KG KM LB LBS MIN MINS HR HRS Hz HZ kHz KHz MHz GHz KB MB GB TB Gb FPS MPH Mbps Kbps "
    "Gbps RPM BPM kW KW DPI CM MM mL ML L cL dL tbs"
).split()

_UNIT = "|".join(map(re.escape, sorted({*UNITS, *_OTHER_CASES} - {"m"}, key=len, reverse=True)))

QUANTITIES = Family(
    "quantities",
    (
        Rule(
            "aspect ratio",
            rf"(?P<first>{NUMBER}) ?: ?(?P<last>[0-9](?:\.[0-9]{{1,2}})?|(?<=16:)10)"
            r"(?![\w:]|\.[0-9])",
            _say_ratio,
            "0:",
        ),
        Rule("film gauge", rf"({NUMBER})[ -]?mm(?![\w²³/])", _say_gauge),
        Rule(
            "height",
            rf"({BEGIN})(?:['’′](1?[0-9])(?:[\"”″]|['’]{{2}})|"
            r" ?(?:ft|feet)\.?,? (1?[0-9]) ?in(?:ches|\.)?(?!\w))",
            lambda match, _: f"{say_cardinal(match[1])} foot {say_cardinal(match[2] or match[3])}",
        ),
        Rule("inches", rf"({BEGIN}[0-9]?(?:\.[0-9])?)([\"”″]|'')(?!\w)", _say_disc, "0\"”″'"),
        Rule(
            "resolution",
            rf"({BEGIN}[0-9]{{2,3}})([pi])(?!\w)",
            lambda match, _: f"{say_year(match[1])} {match[2]}",
        ),
        Rule(
            "K",
            r"([2-8](?<![\w.,$£€].))[ -]?K(?!\w)",
            lambda match, _: f"{say_cardinal(match[1])} K",
            "0K",
        ),
        Rule(
            "large",
            rf"(?P<number>{NUMBER})(?P<space> )?(?P<letter>[KMBk])(?!\w|['’]\w)",
            _say_large,
            "0KMBk",
        ),
        Rule(
            "dimensions",
            r"([1-9](?<![\w.,$£€].))[ -]?(DX?|(?<=[234])d)(?!\w)",
            lambda match, _: f"{say_cardinal(match[1])} {' '.join(match[2].upper())}",
            "0Dd",
        ),
        Rule(
            "temperatures",
            rf"(?P<least>{BEGIN}[0-9]{{0,2}}) ?(?P<degrees>°)? ?(?P<unit>[CF]){DASH}"
            r"(?P<most>[0-9]{1,3}) ?(?(degrees)°) ?(?P=unit)(?!\w)",
            _say_temperatures,
            "0CF",
        ),
        Rule(
            "unit of both ends",
            rf"(?P<least>{NUMBER}) ?(?P<unit>{_UNIT}){DASH}(?={NUMBER} ?(?P=unit)(?!\w))",
            lambda match, _: f"{say_number(match['least'])} to ",
        ),
        Rule(
            "shutter",
            r"1/(?<![\w.,/]..)(?P<part>[1-9][0-9]{1,4}) ?(?:s|sec)(?!\w)",
            lambda match, _: f"{say_fraction(1, int(match['part']))} of a second",
            "0/",
        ),
        Rule(
            "aperture",
            r"[fFƒ](?<!\w.)/(?P<number>[0-9]{1,2}(?:\.[0-9])?)(?![\w/]|[.,][0-9])",
            lambda match, _: f"F {say_number(match['number'])}",
            "0/",
        ),
        Rule(
            "unit",
            rf"(?P<minus>(?<![\w)])[-−](?=[0-9]))?(?:(?P<least>{NUMBER}){DASH})?"
            rf"(?P<amount>(?P<thousands>{BEGIN}[0-9]{{0,2}}(?:,[0-9]{{3}}(?![0-9])){{1,3}})"
            rf"|{BEGIN}[0-9]{{0,3}},[0-9]{{1,2}}(?![0-9,])"
            rf"|{BEGIN}(?<![/⁄].)[/⁄][2-9](?=[ -]?[a-z])|[{VULGAR}]|(?<![0-9][/⁄]){AMOUNT})"
            rf"(?:[ -](?P<scale>{SCALE}))?(?:(?P<hyphen>[ -])?(?P<unit>{_UNIT}|(?<=[0-9])m))"
            r"(?P<power>[²³])?(?!\w)(?:\.(?!\w))?",
            _say_unit,
            in_titles=False,
        ),
        Rule(
            "frames and lines",
            rf"({BEGIN}[0-9]{{2,3}})([pi])(24|25|30|48|50|60|120)(?!\w)",
            lambda match, _: f"{say_year(match[1])} {match[2]} {say_cardinal(match[3])}",
        ),
        Rule("oven", r"([1-5](?<![\w.,$£€/-].)[0-9][05])([CF])(?!\w)", _say_oven, "0CF"),
        Rule(
            "feet",
            rf"({BEGIN}[0-9]?)['’′](?= (?:tall|wide|long|high|by)\b)",
            lambda match, _: f"{say_cardinal(match[1])} {'foot' if match[1] == '1' else 'feet'}",
            "0'’′",
        ),
        Rule(
            "by",
            rf"(?P<first>{BEGIN}[0-9]{{0,4}}) ?[x×] ?(?P<last>[0-9]{{1,5}})"
            r"(?: m(?P<power>[²³23]))?(?P<plural>s)?(?!\w)",
            _say_by,
            "0x×",
        ),
        Rule("times", rf"({NUMBER})[x×](?!\w)", _say_times, "0x×"),
        Rule(
            "halves",
            rf"({BEGIN}[0-9]{{0,3}}(?:\.5| ?[{VULGAR}]| [1-9]/[2-9]))"
            rf"(?:[ -](?={_WORDUNITS}(?!\w)))",
            lambda match, _: say_amount(match[1]) + " ",
        ),
    ),
)
