"""Fractions, sums and pairs like 24/7 are said as people say them."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import (
    BEGIN,
    END,
    LATER,
    NUMBER,
    is_part,
    is_time_signature,
    set_apart,
)
from reviewcast.text.spoken.words import (
    OPERATORS,
    VULGAR,
    say_amount,
    say_cardinal,
    say_figures,
    say_fraction,
)

_SAID_IN_PAIRS = frozenset(
    {("24", "7"), ("9", "11"), ("7", "11"), ("7", "7"), ("20", "20"), ("4", "20")}
)


def _say_signature(match: re.Match[str], _context: Context) -> str | None:
    is_sure = match[2] == "8" and match[1] in {"6", "9", "12"}
    if not is_sure and not is_time_signature(match):
        return None
    return f"{say_cardinal(match[1])} {say_cardinal(match[2])}"


def _say_part(match: re.Match[str], _context: Context) -> str | None:
    if not is_part(match) or not 0 < int(match[1]) <= int(match[2]):
        return None
    return f"{say_cardinal(match[1])} of {say_cardinal(match[2])}"


def _say_in_pairs(match: re.Match[str], _context: Context) -> str | None:
    first, last = match[1], match[2]
    if (first, last) not in _SAID_IN_PAIRS and int(first) + int(last) != 100:
        return None
    return f"{say_cardinal(first)} {say_cardinal(last)}"


def _say_slashed(match: re.Match[str], _context: Context) -> str | None:
    top, bottom, whole = int(match["top"]), int(match["bottom"]), match["whole"]
    if bottom == 0 or top == 0:
        return None
    if whole and top < bottom:
        return say_amount(f"{int(whole)} {top}/{bottom}")
    return (
        f"{say_cardinal(whole)} and {say_fraction(top, bottom)}"
        if whole
        else say_fraction(top, bottom)
    )


def _say_raised(match: re.Match[str], context: Context) -> str | None:
    """Say x² and mc², and of a title's ² the number."""
    base, number = match["base"], {"²": "two", "³": "three"}[match["power"]]
    if base.isalpha() and len(base) > 2:
        return f"{base} {number}" if context.is_likely_title(match) else None
    said = say_cardinal(base) if base.isdigit() else context.spell(base)
    return f"{said} {'squared' if number == 'two' else 'cubed'}"


def _say_sum(match: re.Match[str], _context: Context) -> str | None:
    if not any(char.isdigit() for char in match[0]) or match[0][-1] in "+-−×*/÷=":
        return None
    parts = re.findall(r"[0-9.,]+|[a-z]|[-+−×*/÷=]", match[0])
    return " ".join(
        OPERATORS.get(part) or (say_figures(part) if part[0] in ".0123456789" else part)
        for part in parts
    )


_OPERAND = r"(?:[0-9]{1,9}(?:\.[0-9]{1,4})?|[a-z](?![a-z]))"
_OPERATION = rf"(?: ?[-+−×*/÷] ?{_OPERAND})"

FRACTIONS = Family(
    "fractions",
    (
        Rule(
            "part of several",
            rf"({BEGIN}(?<!/.)[0-9]?)/([0-9]{{1,2}})(?![\w/%]|[.,][0-9])",
            _say_part,
            "0/",
        ),
        Rule(
            "time signature",
            rf"({BEGIN}(?<!/.)[0-9]?)/(2|4|8|16)(?![\w/%]|[.,][0-9])",
            _say_signature,
            "0/",
        ),
        Rule(
            "pair",
            rf"({BEGIN}(?<!/.)[0-9]?)/([0-9]{{1,2}})(?![\w/%]|[.,][0-9])",
            _say_in_pairs,
            "0/",
        ),
        Rule(
            "sum",
            rf"{_OPERAND}(?<!\w.){_OPERATION}{{0,4}} ?= ?{_OPERAND}{_OPERATION}{{0,4}}(?!\w)",
            _say_sum,
            "=",
        ),
        Rule(
            "plus",
            rf"({NUMBER}) ?\+ ?({LATER}){END}",
            lambda match, _: f"{say_figures(match[1])} plus {say_figures(match[2])}",
            "0+",
        ),
        Rule(
            "fraction",
            rf"(?:(?P<whole>{BEGIN}[0-9]{{0,3}})[ -])?(?P<top>{BEGIN}(?<!/.)[0-9]{{0,4}})"
            r" ?[/⁄] ?"
            r"(?P<bottom>[1-9][0-9]{0,4})(?:th|TH|rd|RD|nd|ND|ths)?(?![\w/⁄%]|[.,][0-9])",
            _say_slashed,
            "0/⁄",
        ),
        Rule(
            "raised",
            r"(?P<base>(?<!\w)(?:[A-Za-z]|mc|[0-9]{1,6}|[A-Z][a-z]{2,20}))(?P<power>[²³])(?!\w)",
            _say_raised,
            "²³",
        ),
        Rule(
            "vulgar fraction",
            rf"[0-9{VULGAR}](?:(?<![0-9].)(?<=[0-9])[0-9]{{0,5}} ?[{VULGAR}]|(?<=[{VULGAR}]))"
            r"(?![0-9])",
            lambda match, _: set_apart(match, say_amount(match[0].replace(" ", ""))),
            VULGAR,
        ),
    ),
)
