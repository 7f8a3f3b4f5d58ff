"""Powers and short formulas are said as a teacher says them; what is not plain stays as it is."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import BEGIN
from reviewcast.text.spoken.words import OPERATORS, say_figures

_POWERS = {"2": "squared", "3": "cubed"}

_PIECE = re.compile(
    r" +|(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)|(?P<letters>[A-Za-z]{1,2}(?![A-Za-z]))"
    r"|\^(?:(?P<power>[0-9n])|\{(?P<long_power>-?[0-9]{1,3}|[a-z])\})|(?P<sign>[-+−*/=()])"
)


def _say_formula(match: re.Match[str], context: Context) -> str | None:
    """Say the formula between two dollar signs, which may also stand around a sum of money."""
    formula = match[1]
    if not ("^" in formula or "=" in formula or (len(formula) == 1 and formula.isalpha())):
        return None  # US$5, CA$
    words: list[str] = []
    at = 0
    while at < len(formula):
        piece = _PIECE.match(formula, at)
        if piece is None:
            return None
        at = piece.end()
        if piece["number"]:
            words.append(say_figures(piece["number"]))
        elif piece["letters"]:
            words.append(context.spell(piece["letters"]))
        elif piece["sign"]:
            words.append(OPERATORS.get(piece["sign"], ""))
        elif piece[0].strip():
            words.append(_say_exponent(piece["power"] or piece["long_power"]))
    return " ".join(filter(None, words))


def _say_exponent(power: str) -> str:
    if power in _POWERS:
        return _POWERS[power]
    minus = "minus " if power.startswith("-") else ""
    digits = power.lstrip("-")
    return f"to the power of {minus}{say_figures(digits) if digits.isdigit() else digits}"


def _say_power(match: re.Match[str], context: Context) -> str:
    base = match["base"]
    said = context.spell(base) if base.isalpha() else say_figures(base)
    return f"{said} {_say_exponent(match['power'])}"


FORMULAS = Family(
    "formulas",
    (
        Rule(
            "formula",
            r"\$(?<![\w$\\].)([A-Za-z0-9(-][A-Za-z0-9^{}()+−*/=. -]{0,60})\$"
            r"(?<=[A-Za-z0-9)}]\$)(?![\w$])",
            _say_formula,
            "$",
        ),
        Rule(
            "power",
            rf"(?P<base>[A-Za-z](?<!\w.)(?=\^)|{BEGIN}[0-9]{{0,5}})\^\{{?(?P<power>-?[0-9]{{1,3}}|n)"
            r"\}?\^?(?![\w^])",
            _say_power,
            "^",
        ),
    ),
)
