"""Numbers in words of other languages: the only door to unicode-rbnf, Unicode's own rules."""

from functools import lru_cache
from typing import Any


def say_cardinal(language: str, number: int | str, kind: str = "") -> str:
    """Return a whole number in words; `kind` is "feminine" or "masculine" where that matters.

    >>> say_cardinal("de", 21), say_cardinal("fr", 80), say_cardinal("es", 1, "feminine")
    ('einundzwanzig', 'quatre-vingts', 'una')
    """
    return _spell(language, number, f"spellout-cardinal-{kind}" if kind else "spellout-numbering")


def say_ordinal(language: str, number: int | str, kind: str) -> str:
    """Return the place in a row; `kind` is "feminine", "masculine" or the German ending.

    >>> say_ordinal("de", 3, "n"), say_ordinal("fr", 20, "masculine")
    ('dritten', 'vingtième')
    """
    return _spell(language, number, f"spellout-ordinal-{kind}" if kind else "spellout-ordinal")


def say_year(language: str, year: int | str) -> str:
    """Return a year in words.

    >>> say_year("de", 1994)
    'neunzehnhundertvierundneunzig'
    """
    return _spell(language, year, "spellout-numbering-year")


def say_decimal(language: str, written: str, point: str) -> str:
    """Return a number with decimals in words, digit by digit after the word for the point."""
    whole, _, decimals = written.replace(",", ".").partition(".")
    words = [say_cardinal(language, whole or 0)]
    if decimals:
        words += [point, *(say_cardinal(language, digit) for digit in decimals)]
    return " ".join(words)


def _spell(language: str, number: int | str, rules: str) -> str:
    said: str = _open_engine(language).format_number(int(number), ruleset_names=[rules]).text
    return said.replace("\u00ad", "")  # soft hyphens


@lru_cache
def _open_engine(language: str) -> Any:
    from unicode_rbnf import RbnfEngine

    return RbnfEngine.for_language(language)
