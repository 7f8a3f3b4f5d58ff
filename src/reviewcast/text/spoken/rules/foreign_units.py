"""What units and currencies are called in other languages, in the form that a number asks for."""

import re
from typing import NamedTuple

from reviewcast.text.spoken.rules.foreign_numbers import say_cardinal


class _Noun(NamedTuple):
    """One, few and many of a thing, and a fraction of it; Western languages have one and many."""

    gender: str
    one: str
    few: str
    many: str
    part: str


_LATIN = (
    "mm cm m km km/h g kg mg ml cl l min h °C GB MB TB kB Hz kHz MHz GHz W kW V MP mAh "
    "€ $ £".split()
)

_RUSSIAN = (
    "мм см м км км/ч г кг мг мл л мин ч °C ГБ МБ ТБ Гц кГц МГц ГГц Вт кВт тыс млн млрд руб ₽ "
    "€ $ £".split()
)

_SIGNS = frozenset("€$£₽")
_GENDERS = {"m": "masculine", "f": "feminine", "n": "neuter"}


def _name(signs: list[str], nouns: str) -> dict[str, _Noun]:
    """Give signs their nouns: the gender, one, many, or the gender, one, few, many, a part."""
    named = {}
    for sign, noun in zip(signs, nouns.split(";"), strict=True):
        gender, one, *others = noun.strip().split("|")
        many = others[-1] if others else one
        few, several, part = others if len(others) == 3 else (many, many, many)
        named[sign] = _Noun(gender, one, few, several, part)
    return named


UNITS = {
    "de": _name(_LATIN, """m|Millimeter; m|Zentimeter; m|Meter; m|Kilometer; m|Kilometer pro Stunde;
        n|Gramm; n|Kilogramm; n|Milligramm; m|Milliliter; m|Zentiliter; m|Liter; f|Minute|Minuten;
        f|Stunde|Stunden; m|Grad Celsius; n|Gigabyte; n|Megabyte; n|Terabyte; n|Kilobyte;
        n|Hertz; n|Kilohertz; n|Megahertz; n|Gigahertz; n|Watt; n|Kilowatt; n|Volt;
        n|Megapixel; f|Milliamperestunde|Milliamperestunden; m|Euro; m|Dollar; n|Pfund"""),
    "fr": _name(_LATIN, """m|millimètre|millimètres; m|centimètre|centimètres; m|mètre|mètres;
        m|kilomètre|kilomètres; m|kilomètre à l’heure|kilomètres à l’heure; m|gramme|grammes;
        m|kilogramme|kilogrammes; m|milligramme|milligrammes; m|millilitre|millilitres;
        m|centilitre|centilitres; m|litre|litres; f|minute|minutes; f|heure|heures;
        m|degré Celsius|degrés Celsius; m|gigaoctet|gigaoctets; m|mégaoctet|mégaoctets;
        m|téraoctet|téraoctets; m|kilooctet|kilooctets; m|hertz; m|kilohertz; m|mégahertz;
        m|gigahertz; m|watt|watts; m|kilowatt|kilowatts; m|volt|volts; m|mégapixel|mégapixels;
        m|milliampère-heure|milliampères-heures; m|euro|euros; m|dollar|dollars;
        f|livre|livres"""),
    "es": _name(_LATIN, """m|milímetro|milímetros; m|centímetro|centímetros; m|metro|metros;
        m|kilómetro|kilómetros; m|kilómetro por hora|kilómetros por hora; m|gramo|gramos;
        m|kilogramo|kilogramos; m|miligramo|miligramos; m|mililitro|mililitros;
        m|centilitro|centilitros; m|litro|litros; m|minuto|minutos; f|hora|horas;
        m|grado Celsius|grados Celsius; m|gigabyte|gigabytes; m|megabyte|megabytes;
        m|terabyte|terabytes; m|kilobyte|kilobytes; m|hercio|hercios; m|kilohercio|kilohercios;
        m|megahercio|megahercios; m|gigahercio|gigahercios; m|vatio|vatios;
        m|kilovatio|kilovatios; m|voltio|voltios; m|megapíxel|megapíxeles;
        m|miliamperio hora|miliamperios hora; m|euro|euros; m|dólar|dólares; f|libra|libras"""),
    "it": _name(_LATIN, """m|millimetro|millimetri; m|centimetro|centimetri; m|metro|metri;
        m|chilometro|chilometri; m|chilometro orario|chilometri orari; m|grammo|grammi;
        m|chilogrammo|chilogrammi; m|milligrammo|milligrammi; m|millilitro|millilitri;
        m|centilitro|centilitri; m|litro|litri; m|minuto|minuti; f|ora|ore;
        m|grado Celsius|gradi Celsius; m|gigabyte; m|megabyte; m|terabyte; m|kilobyte; m|hertz;
        m|kilohertz; m|megahertz; m|gigahertz; m|watt; m|kilowatt; m|volt; m|megapixel;
        m|milliampereora; m|euro; m|dollaro|dollari; f|sterlina|sterline"""),
    "pt": _name(_LATIN, """m|milímetro|milímetros; m|centímetro|centímetros; m|metro|metros;
        m|quilômetro|quilômetros; m|quilômetro por hora|quilômetros por hora; m|grama|gramas;
        m|quilograma|quilogramas; m|miligrama|miligramas; m|mililitro|mililitros;
        m|centilitro|centilitros; m|litro|litros; m|minuto|minutos; f|hora|horas;
        m|grau Celsius|graus Celsius; m|gigabyte|gigabytes; m|megabyte|megabytes;
        m|terabyte|terabytes; m|kilobyte|kilobytes; m|hertz; m|quilohertz; m|megahertz;
        m|gigahertz; m|watt|watts; m|quilowatt|quilowatts; m|volt|volts;
        m|megapixel|megapixels; m|miliampere-hora|miliamperes-hora; m|euro|euros;
        m|dólar|dólares; f|libra|libras"""),
    "nl": _name(_LATIN, """m|millimeter; m|centimeter; m|meter; m|kilometer; m|kilometer per uur;
        m|gram; m|kilogram; m|milligram; m|milliliter; m|centiliter; m|liter;
        m|minuut|minuten; m|uur; m|graad Celsius|graden Celsius; m|gigabyte; m|megabyte;
        m|terabyte; m|kilobyte;
        m|hertz; m|kilohertz; m|megahertz; m|gigahertz; m|watt; m|kilowatt; m|volt;
        m|megapixel; m|milliampère-uur; m|euro; m|dollar; m|pond""")
    | _name(["km/u", "u"], "m|kilometer per uur; m|uur"),
    "pl": _name(_LATIN, """m|milimetr|milimetry|milimetrów|milimetra;
        m|centymetr|centymetry|centymetrów|centymetra; m|metr|metry|metrów|metra;
        m|kilometr|kilometry|kilometrów|kilometra;
        m|kilometr na godzinę|kilometry na godzinę|kilometrów na godzinę|kilometra na godzinę;
        m|gram|gramy|gramów|grama; m|kilogram|kilogramy|kilogramów|kilograma;
        m|miligram|miligramy|miligramów|miligrama; m|mililitr|mililitry|mililitrów|mililitra;
        m|centylitr|centylitry|centylitrów|centylitra; m|litr|litry|litrów|litra;
        f|minuta|minuty|minut|minuty; f|godzina|godziny|godzin|godziny;
        m|stopień Celsjusza|stopnie Celsjusza|stopni Celsjusza|stopnia Celsjusza;
        m|gigabajt|gigabajty|gigabajtów|gigabajta; m|megabajt|megabajty|megabajtów|megabajta;
        m|terabajt|terabajty|terabajtów|terabajta; m|kilobajt|kilobajty|kilobajtów|kilobajta;
        m|herc|herce|herców|herca; m|kiloherc|kiloherce|kiloherców|kiloherca;
        m|megaherc|megaherce|megaherców|megaherca; m|gigaherc|gigaherce|gigaherców|gigaherca;
        m|wat|waty|watów|wata; m|kilowat|kilowaty|kilowatów|kilowata;
        m|wolt|wolty|woltów|wolta; m|megapiksel|megapiksele|megapikseli|megapiksela;
        f|miliamperogodzina|miliamperogodziny|miliamperogodzin|miliamperogodziny; n|euro;
        m|dolar|dolary|dolarów|dolara; m|funt|funty|funtów|funta""")
    | _name(
        ["godz", "zł"],
        """f|godzina|godziny|godzin|godziny; m|złoty|złote|złotych|złotego"""),
    "ru": _name(_RUSSIAN, """m|миллиметр|миллиметра|миллиметров|миллиметра;
        m|сантиметр|сантиметра|сантиметров|сантиметра; m|метр|метра|метров|метра;
        m|километр|километра|километров|километра;
        m|километр в час|километра в час|километров в час|километра в час;
        m|грамм|грамма|граммов|грамма; m|килограмм|килограмма|килограммов|килограмма;
        m|миллиграмм|миллиграмма|миллиграммов|миллиграмма;
        m|миллилитр|миллилитра|миллилитров|миллилитра; m|литр|литра|литров|литра;
        f|минута|минуты|минут|минуты; m|час|часа|часов|часа;
        m|градус Цельсия|градуса Цельсия|градусов Цельсия|градуса Цельсия;
        m|гигабайт|гигабайта|гигабайт|гигабайта; m|мегабайт|мегабайта|мегабайт|мегабайта;
        m|терабайт|терабайта|терабайт|терабайта; m|герц|герца|герц|герца;
        m|килогерц|килогерца|килогерц|килогерца; m|мегагерц|мегагерца|мегагерц|мегагерца;
        m|гигагерц|гигагерца|гигагерц|гигагерца; m|ватт|ватта|ватт|ватта;
        m|киловатт|киловатта|киловатт|киловатта; f|тысяча|тысячи|тысяч|тысячи;
        m|миллион|миллиона|миллионов|миллиона; m|миллиард|миллиарда|миллиардов|миллиарда;
        m|рубль|рубля|рублей|рубля; m|рубль|рубля|рублей|рубля; m|евро;
        m|доллар|доллара|долларов|доллара; m|фунт|фунта|фунтов|фунта"""),
}  # fmt: skip
"""Units by language and sign."""


def list_signs(language: str) -> tuple[str, str]:
    """Return what matches any unit of a language, and what matches any currency."""
    units = sorted((sign for sign in UNITS[language] if sign not in _SIGNS), key=len, reverse=True)
    signs = "".join(sign for sign in UNITS[language] if sign in _SIGNS)
    return "|".join(re.escape(unit) for unit in units), f"[{re.escape(signs)}]"


def say_count(language: str, number: str, sign: str) -> str:
    """Return a number, with a decimal comma or full stop, and the unit as its noun.

    >>> say_count("pl", "22", "min"), say_count("de", "1", "km"), say_count("fr", "1,5", "l")
    ('dwadzieścia dwie minuty', 'ein Kilometer', '1,5 litre')
    """
    noun = UNITS[language][sign]
    whole = re.sub(r"[.\s\u00a0\u202f](?=[0-9]{3}(?![0-9]))", "", number)
    if not whole.isdigit():
        is_single = language in {"fr", "pt"} and whole[0] in "01" and not whole[1].isdigit()
        return f"{number} {noun.one if is_single else noun.part}"
    count = int(whole)
    said = f"{_say_number(language, count, number, noun)} {_inflect(language, count, noun)}"
    return said.replace("una ora", "un’ora") if language == "it" else said


def _inflect(language: str, count: int, noun: _Noun) -> str:
    last, is_teen = count % 10, 10 < count % 100 < 20
    if count == 1 or (language == "ru" and last == 1 and not is_teen):
        return noun.one
    if language == "fr" and count == 0:
        return noun.one
    return noun.few if 2 <= last <= 4 and not is_teen else noun.many


def _say_number(language: str, count: int, written: str, noun: _Noun) -> str:
    """Return the number as written, or in words where it has a gender."""
    is_gendered = count % 10 in {1, 2} and count % 100 not in {11, 12}
    is_hundreds = language in {"es", "pt"} and noun.gender == "f" and count >= 200
    is_written = language == "nl" or (language in {"de", "it"} and count > 1)
    if is_written or count > 999 or not (is_gendered or is_hundreds):
        return written
    return say_cardinal(language, count, _GENDERS[noun.gender])
