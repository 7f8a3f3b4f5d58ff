"""Units, currencies, numeric dates and signs between words in other languages than English."""

import re
from functools import partial
from typing import NamedTuple

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import get_after, get_before
from reviewcast.text.spoken.rules.foreign_units import UNITS, list_signs, say_count


class Signs(NamedTuple):
    """What a language calls the signs # and ×; and what stands between hours and minutes."""

    number: str
    by: str
    and_or: tuple[str, ...]
    hours: str = " "


SIGNS = {
    "de": Signs("Nummer", "mal", ("und/oder",)),
    "fr": Signs("numéro", "par", ("et/ou",)),
    "es": Signs("número", "por", ("y/o", "e/o", "y/u"), " y "),
    "it": Signs("numero", "per", ("e/o",), " e "),
    "pt": Signs("número", "por", ("e/ou",), " e "),
    "nl": Signs("nummer", "bij", ("en/of",)),
    "pl": Signs("numer", "na", ("i/lub",)),
    "ru": Signs("номер", "на", ("и/или",)),
}
"""The languages that have words for signs."""

_BEGIN = r"[0-9](?:(?<![\w.,:/€$£₽].)(?<![^\W\d]-.)|(?<=[0-9][x×].))"
_WHOLE = rf"{_BEGIN}[0-9]{{0,5}}"
_NUMBER = (
    rf"(?P<number>{_BEGIN}[0-9]{{0,2}}"
    r"(?:[.\u00a0\u202f ][0-9]{3}(?![0-9])){1,3}(?:,[0-9]{1,2})?"
    rf"|{_WHOLE}(?:[,.][0-9]{{1,2}})?)"
)

# a scale follows the sum: $25 Mio.
_SCALE = re.compile(r" ?(?:[MBKk]\b|Mi[oa]|Mrd|[Mm]il|mln|mld|тыс|млн|млрд|bilh)")
_AT = re.compile(r"\b(?:um|ab|gegen) $", re.IGNORECASE)
_SHORT = re.compile(r"(?:min|мин|ч|godz|тыс|млн|млрд|руб)\.$")
_GOES_ON = re.compile(r"[\"'”’»“)\]]{0,2},?\s+[a-zà-ÿа-яё0-9(–—-]|[,;:)]")
_PAUSES = {"ar": "، ", "fa": "، ", "ja": "、", "zh": "，"}
_YEARS = {"pl": "r", "ru": "г"}
_NAMED = re.compile(r"\b[A-Z][a-z]+ $")
_DATIVE = re.compile(r"\b(?:nach|von|aus|in|seit|vor|mit|bei|zu|ab) $", re.IGNORECASE)
_DATIVES = {"ein ": "einem ", "eine ": "einer "}
_ENDINGS = frozenset(
    "in innen r n e s er es en a as os o i ne se ve te euse rice trice trices ra ras ora oras ka "
    "ki je ta aś łaś am łam em łem".split()
)


# Romance languages have no words that begin or end with a hyphen
_ASIDE = Rule(
    "aside between hyphens",
    r"-(?<=[\s(]-)(?P<aside>[^\W\d_][^-.!?;:()]{1,150}[\w”»\"])-(?=[\s,.;:)]|\Z)",
    lambda match, _: f"— {match['aside']} —" if " " in match["aside"] else None,
    "-",
)


# Latin letters within Cyrillic words, which look the same and break the word for a voice
_CYRILLIC = dict(zip("aceopxykëABCEHKMOPTXË", "асеорхукёАВСЕНКМОРТХЁ", strict=True))
_ALIKE = Rule(
    "Latin letter in a Cyrillic word",
    rf"[{''.join(_CYRILLIC)}](?:(?<=[а-яёА-ЯЁ].)(?![A-Za-z])|(?<![\w’'-].)(?=[а-яё]{{2}}))",
    lambda match, _: _CYRILLIC[match[0]],
    "".join(_CYRILLIC),
)


def list_sign_families(language: str) -> tuple[Family, ...]:
    """Return the rules of a language; one without words only has pauses for lines between words."""
    pause = Rule(
        "line between words",
        r" (?:\|{1,2}|/{1,2}) |\|(?<=\w\|) ",
        _PAUSES.get(language, ", "),
        "/|",
    )
    words = SIGNS.get(language)
    if words is None:
        return (Family("symbols", (pause,)),)
    alike = (_ALIKE,) if language == "ru" else ()
    asides = (_ASIDE,) if language in {"es", "fr", "it", "pt"} else ()
    return (
        Family("quantities", tuple(_list_quantity_rules(language, words))),
        Family("symbols", (pause, *asides, *alike, *_list_symbol_rules(words))),
    )


def _list_quantity_rules(language: str, words: Signs) -> list[Rule]:
    units, signs = list_signs(language)
    both = rf"{units}|{signs}" if language in _YEARS else units
    years = Rule(
        "year",
        rf"(?P<year>(?:1[0-9]|20)(?<![\w.,/]..)[0-9]{{2}}) ?{_YEARS.get(language, '')}\.(?!\w)",
        partial(_say_year, language=language),
        "0.",
    )
    return [
        *([years] if language in _YEARS else []),
        Rule(
            "hours and minutes",
            r"(?P<number>[0-9](?<![\w.,:/].)[0-9]?)(?P<unit>[huч])(?P<minutes>[0-5][0-9])"
            r"(?: ?(?P<minute>min|мин)\b\.?)?(?!\w)",
            partial(_say_hours, language=language, words=words),
            "huч",
        ),
        Rule(
            "unit",
            rf"{_NUMBER} ?(?P<unit>{both})(?P<stop>\.)?(?![\w/²³°'’]|-\w|\.\w)",
            partial(_say_unit, language=language),
        ),
        Rule(
            "sum of money",
            rf"(?:US)?(?P<unit>{signs}) ?"
            r"(?P<number>[0-9]{1,3}(?:[.\u00a0 ,][0-9]{3}(?![0-9])){1,3}"
            r"|[0-9]{1,6}(?:[,.][0-9]{1,2})?)(?!\w|[.,][0-9])",
            partial(_say_money, language=language),
            "€$£₽",
        ),
        Rule(
            "reais",
            r"R\$(?<!\w..) ?(?P<number>[0-9]{1,3}(?:\.[0-9]{3}){0,3}(?:,[0-9]{1,2})?)"
            r"(?!\w|[.,][0-9])",
            _say_reais,
            "$",
        ),
        Rule(
            "size",
            rf"(?P<number>{_WHOLE}(?:[,.][0-9]{{1,2}})?) ?[x×] ?(?=[1-9])",
            lambda match, _: f"{match['number']} {words.by} ",
            "x×",
        ),
    ]


def _say_year(match: re.Match[str], _context: Context, *, language: str) -> str:
    is_in = re.search(r"(?<!\w)[вВ] $", get_before(match, 3)) is not None
    word = "roku" if language == "pl" else "году" if is_in else "года"
    goes_on = _GOES_ON.match(get_after(match, 6))
    return f"{match['year']} {word}{'' if goes_on else '.'}"


def _say_hours(
    match: re.Match[str], _context: Context, *, language: str, words: Signs
) -> str | None:
    if match["unit"] not in UNITS[language]:
        return None
    hours = say_count(language, match["number"], match["unit"])
    if match["minute"]:
        minutes = say_count(language, str(int(match["minutes"])), match["minute"])
        return f"{hours}{words.hours}{minutes}{_get_stop(match)}"
    if match["minutes"] == "00":
        return hours
    return f"{hours}{words.hours}{int(match['minutes'])}"


def _say_unit(match: re.Match[str], _context: Context, *, language: str) -> str | None:
    unit = match["unit"]
    before = get_before(match, 12)
    if unit.isupper() and f" {unit}" in match[0] and _NAMED.search(before):
        return None  # Fighter 3 TB
    if unit == "г" and len(match["number"]) > 3:
        return None  # a year
    if unit == "u" and len(match["number"]) > 2:
        return None  # you, in Dutch
    if language == "de" and unit == "h" and _AT.search(before):
        return f"{match['number']} Uhr"
    said = say_count(language, match["number"], unit)
    if match["number"] == "1" and language == "de" and _DATIVE.search(before):
        said = re.sub("^eine? ", lambda article: _DATIVES[article[0]], said)
    return said + _get_stop(match)


def _get_stop(match: re.Match[str]) -> str:
    """Return the full stop, unless it is an abbreviation's within the sentence."""
    if not match[0].endswith("."):
        return ""
    return "" if _SHORT.search(match[0]) and _GOES_ON.match(get_after(match, 6)) else "."


def _say_money(match: re.Match[str], _context: Context, *, language: str) -> str | None:
    if _SCALE.match(get_after(match, 6)) or get_before(match, 1).isalnum():
        return None
    return say_count(language, match["number"], match["unit"])


def _say_reais(match: re.Match[str], _context: Context) -> str | None:
    if _SCALE.match(get_after(match, 6)):
        return None
    return f"{match['number']} {'real' if match['number'] == '1' else 'reais'}"


def _list_symbol_rules(words: Signs) -> list[Rule]:
    return [
        Rule("number sign", r"[#№](?<![\w&/#].) ?(?=[0-9])", f"{words.number} ", "#№"),
        Rule("number sign at the end", r" #(?=\Z)", "", "#"),
        Rule("hashtag", r"#(?<![\w&/#].)(?=[^\W\d_]\w)", "", "#"),
        Rule(
            "row of slashes",
            r"[^\W\d_](?<![\w/.:@'’-].)[^\W_]{1,30}(?:/[^\W\d_][^\W_]{1,30}){2,6}"
            r"(?![\w/@]|\.\w)",
            lambda match, _: None if _is_address(match) else match[0].replace("/", ", "),
            "/",
        ),
        Rule(
            "slash",
            r"(?P<first>[^\W\d_](?<![\w/.:@'’-].)[^\W_]{0,30})/(?P<second>[^\W\d_][^\W_]{0,30})"
            r"(?![\w/@]|\.\w|['’-]\w)",
            partial(_say_slash, words=words),
            "/",
        ),
    ]


def _is_address(match: re.Match[str]) -> bool:
    """True if the word that holds the match is an address or a path of files."""
    word = match.string[match.string.rfind(" ", 0, match.start()) + 1 : match.start()]
    return "://" in word or "." in word or "@" in word


def _say_slash(match: re.Match[str], context: Context, *, words: Signs) -> str | None:
    first, second = match["first"], match["second"]
    if _is_address(match):
        return None
    if match[0].lower() in words.and_or or context.is_likely_title(match):
        return f"{first} {second}"
    if second in _ENDINGS or min(len(first), len(second)) < 2:
        return None
    return f"{first} {second}" if match[0].isupper() else f"{first}, {second}"
