"""Ordinals, ranges and every number that is still written in figures."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import BEGIN, END, LATER, NUMBER, WHOLE, get_after, set_apart
from reviewcast.text.spoken.words import (
    make_plural,
    say_amount,
    say_cardinal,
    say_digits,
    say_figures,
    say_number,
    say_ordinal,
    say_plain,
    say_year,
)

_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}

_STREETS = {
    "St": "Street",
    "Ave": "Avenue",
    "Blvd": "Boulevard",
    "Rd": "Road",
    "Dr": "Drive",
    "Ln": "Lane",
    "Ct": "Court",
    "Pl": "Place",
    "Hwy": "Highway",
}

_WAYS = "St|Ave|Blvd|Rd|Dr|Ln|Ct|Pl|Street|Avenue|Boulevard|Road|Lane|Drive|Court|Place|Way|Terrace"

_PLACES = (
    r"Room|Route|Rte|Highway|Hwy|Flight|Boeing|Airbus|Fahrenheit|Suite|Apartment|Apt|Xbox|Channel|"
    r"Interstate|Porsche|Chevy|Ferrari|Mazda|Peugeot|Cessna|Cell|Ward|United|Interstate|BMW|"
    r"Building|Stateroom|Cabin|Chamber|Locker|Fiat|Gate|Studio|RTX|GTX"
)


def _say_address(match: re.Match[str], _context: Context) -> str | None:
    number, kind = match["number"], match["kind"]
    if kind in {"Dr", "St"} and not match["stop"]:
        return None
    stop = match["stop"] or ""
    if stop and not re.match(r"\s*$|\s+[A-Z]", match.string[match.end() : match.end() + 3]):
        stop = ""
    street = _STREETS.get(kind, kind)
    return f"{say_year(number)} {match['name']}{street}{stop}"


def _say_ordinal_form(match: re.Match[str], _context: Context) -> str | None:
    digits, suffix = match["digits"].replace(",", ""), match["suffix"].lower()
    if digits == "0" and match["suffix"].isupper():
        return None  # of a postcode
    right = "th" if digits[-2:-1] == "1" else _SUFFIXES.get(int(digits[-1]), "th")
    words = say_ordinal(digits) if suffix == right else f"{say_cardinal(digits)} {suffix}"
    return words + (" " if match["hyphen"] else "")


def _say_range(match: re.Match[str], context: Context) -> str | None:
    first, last, mark = match["first"], match["last"], match["mark"]
    if context.is_title(match):
        return f"{say_figures(first)} {say_figures(last)}"
    if first.startswith("0") and len(first) > 1 and "." not in first:
        return None
    if " " in mark and "–" not in mark and "~" not in mark:
        return None
    scale = match["scale"] or ""
    rises = float(first.replace(",", "")) < float(last.replace(",", ""))
    if not rises and len(last) < len(first) and len(last) == 2 and len(first) == 3:
        rises = int(first[-2:]) < int(last) if first.isdigit() and last.isdigit() else False
        last = first[0] + last if rises else last  # pages 112–15
    joint = " to " if rises or scale else " "
    return f"{say_figures(first)}{joint}{say_figures(last)}{scale}"


def _say_chain(match: re.Match[str], _context: Context) -> str:
    parts = re.split(r"[-–]", match[0])
    if any(len(part) > 2 for part in parts):
        return ", ".join(map(say_digits, parts))
    return " ".join(map(say_cardinal, parts))


def _say_compound(match: re.Match[str], _context: Context) -> str:
    """Say 97-minute; what follows the hyphen stays as it is."""
    return say_figures(match[1]) + " "


def _say_plural(match: re.Match[str], _context: Context) -> str:
    """Say 60s, and hundreds and thousands without their one."""
    words = say_plain(match[1])
    words = words.removeprefix("one ") if words.count(" ") == 1 else words
    head, space, last = words.rpartition(" ")
    return head + space + make_plural(last)


def _say_negative(match: re.Match[str], _context: Context) -> str:
    sign = "plus" if match[1] == "+" else "minus"
    return f"{sign} {say_figures(match[2])}"


def _say_decimal(match: re.Match[str], _context: Context) -> str:
    return set_apart(match, say_number(match[0].rstrip(",")))


def _say_about(match: re.Match[str], _context: Context) -> str:
    return "about " if match.string[match.end() : match.end() + 1].strip() else "about"


_MEASURES = (
    "hours?|minutes?|seconds?|days?|weeks?|months?|years?|lit(?:er|re)s?|met(?:er|re)s?|miles?|"
    "kilomet(?:er|re)s?|grams?|kilograms?|kilos?|pounds?|inch(?:es)?|feet|points?|stars?|percent|"
    "million|billion|euros?|degrees|times|out of"
)


def _say_named_version(match: re.Match[str], context: Context) -> str:
    tail = f" {context.spell(match['tail'].upper())}" if match["tail"] else ""
    return f"version {' point '.join(map(say_plain, match['parts'].split('.')))}{tail}"


def _say_grouped(match: re.Match[str], _context: Context) -> str | None:
    """Say 100.000 and 1.234.567 as people on the Continent mean them, not as a fraction."""
    first, *groups = match[0].split(".")
    is_sure = len(groups) > 1 or groups[0].endswith("00") or _COUNTED.match(get_after(match, 16))
    if first == "0" or not is_sure:
        return None
    return set_apart(match, say_cardinal(match[0].replace(".", "")))


_COUNTED = re.compile(
    r" (?:people|copies|euros?|dollars|pounds|words|pages|years|seats|tickets|players|units|fans|"
    r"views|viewers|inhabitants|kilomet(?:er|re)s|met(?:er|re)s|miles|times|votes|steps)\b"
)


NUMBERS = Family(
    "numbers",
    (
        Rule("double oh seven", r"00(?<!\w..)(?<![.,/:$-]..)7(?!\w|[.,][0-9])", "double oh seven"),
        Rule(
            "emergency",
            r"911(?:(?:(?<=[Cc]all 911)|(?<=[Dd]ial 911))\b|"
            r"(?<!\w.{3})(?= (?:call|dispatch|operator)))",
            lambda match, _: say_digits(match[0]),
        ),
        Rule(
            "place",
            rf"\b((?:{_PLACES}) )([1-9][0-9]{{2,3}})(s)?(?!\w|[,.][0-9])",
            lambda match, _: f"{match[1]}{say_year(match[2])}{'s' * bool(match[3])}",
        ),
        Rule(
            "course",
            r"\b([A-Z][a-z]{3,20}) 101(?!\w|[,.][0-9]| [A-Z])",
            lambda match, _: f"{match[1]} one oh one",
        ),
        Rule(
            "address",
            rf"(?P<number>{BEGIN}[0-9]{{2,4}}) (?P<name>(?:[A-Z][a-z]{{1,15}} ){{1,2}})"
            rf"(?P<kind>{_WAYS})(?!\w)(?P<stop>\.)?",
            _say_address,
        ),
        Rule(
            "ordinal",
            rf"(?P<digits>{WHOLE})(?P<suffix>st|nd|rd|th|ST|ND|RD|TH)(?!\w)(?P<hyphen>-(?=[A-Za-z]))?",
            _say_ordinal_form,
            "0tTdD",
        ),
        Rule(
            "chain",
            rf"{BEGIN}(?<![-–].)[0-9]{{0,12}}(?:[-–][0-9]{{1,12}}){{2,6}}(?!\w)|{BEGIN}[0-9]{{2}}-(?:[0-9]{{3}}[1-9]|(?<=555-)[0-9]{{4}})(?!\w)",
            _say_chain,
            "0-–",
        ),
        Rule(
            "thousands with full stops",
            rf"{BEGIN}[0-9]{{0,2}}(?:\.[0-9]{{3}}(?![0-9])){{1,4}}(?!\.?\w)",
            _say_grouped,
            "0.",
        ),
        Rule(
            "decimal comma",
            rf"{BEGIN}[0-9]{{0,3}},[0-9]{{1,2}}(?= (?:{_MEASURES})\b)",
            lambda match, _: say_amount(match[0].replace(",", ".")),
            "0,",
        ),
        Rule(
            "version by name",
            r"v(?<![\w.].)(?:er(?:sion)?\.? |\. ?)?(?P<parts>[0-9]{1,4}(?:\.[0-9]{1,4}){0,4})"
            r"(?P<tail>[a-z])?(?!\w|[.,][0-9])",
            _say_named_version,
            "0v",
        ),
        Rule(
            "version",
            rf"{BEGIN}[0-9]{{0,3}}(?:\.[0-9]{{1,4}}){{2,4}}",
            lambda match, _: set_apart(match, " point ".join(map(say_plain, match[0].split(".")))),
            "0.",
        ),
        Rule(
            "range",
            rf"(?P<first>{NUMBER})(?P<mark> ?[-–—~～] ?)(?P<last>{LATER})"
            rf"(?P<scale> (?:thousand|million|billion)\b)?(?!\w|[-–—/:][0-9]|[.,][0-9])",
            _say_range,
            "0-–—~～",
        ),
        Rule(
            "hyphened numbers",
            rf"({BEGIN}[0-9]{{0,3}})-(in|on|to|by|for|and|up|or)-([0-9]{{1,4}})(?!\w|\.[0-9])",
            lambda match, _: f"{say_cardinal(match[1])} {match[2]} {say_cardinal(match[3])}",
            "0-",
        ),
        Rule("compound", rf"({NUMBER})-(?=[A-Za-z]{{2}}|[a-z]-)", _say_compound, "0-"),
        Rule(
            "at least",
            rf"({NUMBER})\+(?![\w+])",
            lambda match, _: f"{say_figures(match[1])} plus",
            "0+",
        ),
        Rule("plural", rf"({WHOLE})['’]?s(?!\w)(?<=[0-9]s)", _say_plural, "0s"),
        Rule("sign", rf"([-+−])(?<![\w)\].,-].)({LATER}){END}", _say_negative, "0-+−"),
        Rule("about", r"[~≈](?<!\w.) ?(?=[0-9$£€])", _say_about, "~≈"),
        Rule("decimal", rf"{WHOLE}\.[0-9]{{1,9}}", _say_decimal, "0."),
        Rule(
            "decimal behind a letter",
            r"[0-9](?<=[A-Za-z].)[0-9]{0,2}\.[0-9]{1,2}(?![\w.])",
            _say_decimal,
            "0.",
        ),
        Rule("point", r"\.(?<![\w.].)[0-9]{1,8}(?!\w|\.[0-9])", _say_decimal, "0."),
        Rule(
            "count",
            r"[0-9](?<![0-9].)[0-9]{0,40}(?:,[0-9]{3}(?![0-9])){0,6}",
            lambda match, _: set_apart(match, say_plain(match[0])),
        ),
    ),
)
