"""Telephone numbers, dice, processors and games by their initials are said piece by piece."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import BEGIN, STARTERS
from reviewcast.text.spoken.words import read_roman, say_cardinal, say_digits, say_year

_SERIES = "FF|MGS|GTA|DMC|DQ|SF|KH|RE|DS|MK"


def _say_telephone(match: re.Match[str], _context: Context) -> str:
    number = match["bare"] or match["number"]
    plus = "plus " if number.startswith("+") else ""
    return (match["label"] or "") + plus + ", ".join(map(say_digits, re.findall("[0-9]+", number)))


def _say_dice(match: re.Match[str], _context: Context) -> str:
    count = f"{say_cardinal(match['count'])} " if match["count"] else ""
    sign = {"+": " plus ", "-": " minus ", "−": " minus "}.get(match["sign"] or "", "")
    bonus = sign + say_cardinal(match["bonus"]) if sign else ""
    return f"{count}D {say_cardinal(match['sides'])}{bonus}"


def _say_processor(match: re.Match[str], context: Context) -> str:
    letters = f" {context.spell(match['tail'])}" if match["tail"] else ""
    number = match["number"]
    said = say_year(number) if len(number) == 4 else say_cardinal(number)
    return f"{match['kind'][0]} {say_cardinal(match['kind'][1])} {said}{letters}"


def _say_model(match: re.Match[str], _context: Context) -> str | None:
    if match["name"] in STARTERS or match["number"].endswith("00"):
        return None
    return f"{match['name']} {say_digits(match['number'])}"


def _say_game(match: re.Match[str], context: Context) -> str | None:
    number = read_roman(match["numeral"])
    return f"{context.spell(match['series'])} {say_cardinal(number)}" if number else None


CODES = Family(
    "codes",
    (
        Rule(
            "telephone",
            r"(?P<label>\b(?:[Tt]el|[Pp]hone|[Cc]all|[Ff]ax)\b[.:]{0,2} ?)"
            r"(?P<number>\+?[0-9(][0-9() -]{5,18}[0-9])(?![\w/]|[.,:][0-9])"
            r"|(?P<bare>0(?<![\w.,/+-].)[0-9]{2,4} [0-9]{3,4} [0-9]{3,4})(?![\w/-]|[.,:][0-9])",
            _say_telephone,
        ),
        Rule(
            "dice",
            r"(?P<count>[1-9](?<![\w.].)[0-9]?)d(?P<sides>4|6|8|10|12|20|100)"
            r"(?:(?P<sign>[-+−])(?P<bonus>[0-9]{1,2}))?(?!\w)",
            _say_dice,
            "0d",
        ),
        Rule(
            "processor",
            r"\b(?P<kind>[im][3579])-(?P<number>[0-9]{4,5})(?P<tail>[A-Z]{0,2})(?!\w)",
            _say_processor,
            "0-",
        ),
        Rule(
            "model",
            r"\b(?P<name>(?:[Ss]et|[Mm]odel|[Ii]tem|[Pp]art)(?: number)?) (?P<number>[1-9][0-9]{4})"
            r"(?!\w|[.,][0-9])",
            _say_model,
        ),
        Rule(
            "model in a name",
            # 40898 Copies are counted
            r"\b(?P<name>[A-Z][A-Za-z]{1,15}) (?P<number>[1-9][0-9]{4})"
            r"(?= [A-Z][a-z]{2,15}(?<!s)\b)(?! (?:People|Men|Women|Children)\b)",
            _say_model,
        ),
        Rule(
            "discs",
            rf"({BEGIN})[x×](LP|CD|EP|DVD|Blu-ray|[Vv]inyl|[Cc]assette)s?(?!\w)",
            lambda match, _: f"{say_cardinal(match[1])} {match[2]}",
            "0x×",
        ),
        Rule(
            "series and numeral",
            rf"(?<![\w.])(?P<series>{_SERIES})(?P<numeral>[VI]{{2,4}}|[IX]{{2}}|X[IV]{{1,4}}|V)(?!\w)",
            _say_game,
            "IVX",
        ),
    ),
)
