"""Numbers become English words, the American way and without "and"."""

import re
import unicodedata

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()

_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = "thousand million billion trillion quadrillion quintillion sextillion".split()

_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}

OPERATORS = {
    "+": "plus",
    "-": "minus",
    "−": "minus",
    "×": "times",
    "*": "times",
    "/": "over",
    "÷": "divided by",
    "=": "equals",
}

VULGAR = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞"
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_MAX_DIGITS = 21
_MAX_PLAIN = 9  # longer figures without commas are codes, said digit by digit


def say_cardinal(number: int | str) -> str:
    """Say a whole number, written with or without commas; longer ones than sextillions by digits.

    >>> say_cardinal("5,123")
    'five thousand one hundred twenty three'
    """
    digits = str(number).replace(",", "")
    if len(digits) > _MAX_DIGITS:
        return say_digits(digits)
    number = int(digits)
    if number < 100:
        return _say_below_hundred(number)
    parts = []
    for scale in range(len(_SCALES), -1, -1):
        group, number = divmod(number, 1000**scale)
        if group:
            parts.append(_say_below_thousand(group))
            parts += [_SCALES[scale - 1]] * (scale > 0)
    return " ".join(parts)


def _say_below_hundred(number: int) -> str:
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]} {_ONES[ones]}" if ones else _TENS[tens]


def _say_below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    return " ".join([*words, _say_below_hundred(rest)] if rest else words)


def say_ordinal(number: int | str) -> str:
    """Say a number's place in a row.

    >>> say_ordinal(21)
    'twenty first'
    """
    head, space, last = say_cardinal(number).rpartition(" ")
    return head + space + _make_ordinal(last)


def _make_ordinal(word: str) -> str:
    if word in _ORDINALS:
        return _ORDINALS[word]
    return f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th"


def say_year(number: int | str) -> str:
    """Say a year, or any number that is said in pairs.

    >>> [say_year(year) for year in (1905, 2001, 2012, 237)]
    ['nineteen oh five', 'two thousand one', 'twenty twelve', 'two thirty seven']
    """
    year = int(number)
    pair, rest = divmod(year, 100)
    if year < 100 or year > 9999 or year % 1000 < 10:
        return say_cardinal(year)
    if not rest:
        return f"{say_cardinal(pair)} hundred"
    return f"{_say_below_hundred(pair)} {say_pair(rest)}"


def say_pair(number: int | str) -> str:
    """Say the last two digits of a year or the minutes of a time."""
    number = int(number)
    return f"oh {_ONES[number]}" if number < 10 else _say_below_hundred(number)


def say_british(spoken: str) -> str:
    """Put the British "and" into what was said of numbers.

    >>> say_british("one thousand two hundred thirty two"), say_british("two thousand one")
    ('one thousand two hundred and thirty two', 'two thousand and one')
    """
    return _BRITISH.sub(lambda found: f"{found[1] or found[2]} and ", spoken)


_BELOW_HUNDRED = "|".join([*_ONES[1:], *_TENS[2:], *map(_make_ordinal, [*_ONES[1:], *_TENS[2:]])])
_ONE_OF = "|".join(_ONES[1:])

_BRITISH = re.compile(
    rf"\b(?:(hundred) (?=(?:{_BELOW_HUNDRED})\b(?! hundred\b))"
    rf"|(thousand|million|billion) (?=(?:{_BELOW_HUNDRED})\b"
    rf"(?! (?:(?:{_ONE_OF}) )?(?:hundred|thousand|million|billion)\b)))"
)


def say_decade(number: int | str) -> str:
    """Say a decade by its first year, with or without the century.

    >>> say_decade(1980), say_decade(90), say_decade(2000)
    ('nineteen eighties', 'nineties', 'two thousands')
    """
    words = say_cardinal(2000) if int(number) == 0 else say_year(number)
    head, space, last = words.rpartition(" ")
    return head + space + make_plural(last)


def make_plural(word: str) -> str:
    """Return the plural of a number word: sixes, twenties, ones."""
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith("x") else f"{word}s"


def say_digits(digits: str) -> str:
    """Say each digit of a string, and nothing else of it."""
    return " ".join(_ONES[int(digit)] for digit in digits if digit in "0123456789")


def say_number(written: str) -> str:
    """Say a whole or decimal number as it is written, with commas.

    >>> say_number("2,000.50")
    'two thousand point five zero'
    """
    whole, point, decimals = written.partition(".")
    if not point:
        return say_cardinal(whole)
    start = f"{say_cardinal(whole)} " if whole else ""
    return f"{start}point {say_digits(decimals)}"


def say_plain(digits: str) -> str:
    """Say a whole number as a count, or digit by digit where it is written as a code."""
    plain = digits.replace(",", "")
    if "," not in digits and (len(plain) > _MAX_PLAIN or (plain[0] == "0" and len(plain) > 1)):
        return say_digits(plain)
    return say_cardinal(plain)


def say_figures(written: str) -> str:
    """Say a decimal number, or a whole one as a count or a code."""
    return say_number(written) if "." in written else say_plain(written)


def say_amount(written: str) -> str:
    """Say a number whose halves are heard as halves: 3.5, 3½, 3 1/2.

    >>> say_amount("3.5"), say_amount("8½"), say_amount("2 1/4"), say_amount("8.3")
    ('three and a half', 'eight and a half', 'two and a quarter', 'eight point three')
    """
    if written[-1] in VULGAR:
        written = f"{written[:-1].strip()} {unicodedata.normalize('NFKC', written[-1])}"
    if "/" in written or "\u2044" in written:
        whole, _, fraction = written.replace("\u2044", "/").rpartition(" ")
        top, bottom = map(int, fraction.split("/"))
    elif written.endswith(".5"):
        whole, top, bottom = written[:-2].lstrip("0").replace(",", ""), 1, 2
    else:
        return say_number(written)
    if not whole:
        return say_fraction(top, bottom)
    part = "a " + _FRACTIONS[bottom] if top == 1 and bottom in _FRACTIONS else ""
    return f"{say_cardinal(whole)} and {part or say_fraction(top, bottom)}"


_FRACTIONS = {2: "half", 3: "third", 4: "quarter"}


def say_fraction(top: int, bottom: int) -> str:
    """Say a fraction.

    >>> say_fraction(1, 2), say_fraction(3, 4), say_fraction(7, 8)
    ('one half', 'three quarters', 'seven eighths')
    """
    if bottom < 2:
        return f"{say_cardinal(top)} over {say_cardinal(bottom)}"
    part = _FRACTIONS.get(bottom) or say_ordinal(bottom)
    if top != 1:
        part = "halves" if bottom == 2 else f"{part}s"
    return f"{say_cardinal(top)} {part}"


def read_roman(numeral: str) -> int | None:
    """Return the value of a Roman numeral up to the hundreds, or None when it is not well made.

    >>> read_roman("XIV"), read_roman("MI"), read_roman("IIX")
    (14, None, None)
    """
    numeral = numeral.upper()
    if not numeral or len(numeral) > 12 or not set(numeral) <= set(_ROMAN):
        return None
    values = [_ROMAN[letter] for letter in numeral]
    total = sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )
    # only one way of writing a number is well made
    return total if write_roman(total) == numeral else None


def write_roman(number: int) -> str:
    """Write a number below 400 as a Roman numeral, empty when it has none."""
    written = ""
    for value, letters in zip(
        (100, 90, 50, 40, 10, 9, 5, 4, 1), "C XC L XL X IX V IV I".split(), strict=True
    ):
        count, number = divmod(max(number, 0), value)
        written += letters * count
    return written
