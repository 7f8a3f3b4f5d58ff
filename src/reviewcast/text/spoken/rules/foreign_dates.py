"""Ordinals, dates, years, centuries and times of day of German, French, Spanish and Italian."""

import re
from functools import partial

from reviewcast.text.spoken.engine import Context, Rule, Say
from reviewcast.text.spoken.patterns import get_before
from reviewcast.text.spoken.rules.foreign_numbers import say_cardinal, say_ordinal, say_year
from reviewcast.text.spoken.words import read_roman

_MONTHS = (
    "Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
)

# what is counted by ordinals, by gender
_MASCULINE = (
    rf"{_MONTHS}|Teil|Akt|Platz|Weltkrieg|Film|Band|Stock|Geburtstag|Tag|Bezirk|Song|Satz|Versuch|"
    "Roman|Auftritt|Kreuzzug|Advent"
)

_FEMININE = "Staffel|Folge|Auflage|Klasse|Episode|Minute|Runde|Stelle|Szene|Sinfonie|Seite|Reihe"
_NEUTER = "Jahrhundert|Kapitel|Mal|Album|Buch|Spiel|Jahr|Stück|Level|Lied"

_MONTH_NAMES = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}

_FIRST_DAYS = {"fr": "premier", "it": "primo", "pt": "primeiro"}
_DAY = r"(?P<day>[0-3](?<![\w.,:/-].)[0-9]|[1-9](?<![\w.,:/-].))(?<!00|3[2-9])"
_MONTH = "(?P<month>1[0-2]|0?[1-9])"
_LAST_DAY = "(?P<day>[12][0-9]|3[01]|0?[1-9])"
_YEAR = r"(?P<year>(?:1[89]|20)(?<![\w.,:/-]..)[0-9]{2})"
_LAST_YEAR = r"(?P<year>(?:1[89]|20)[0-9]{2})"
_BEFORE_DATE = re.compile(
    r"(?:\b(?:am|vom|zum|ab|seit|den|dem|(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag,?|Mittwoch,?)"
    r"|[0-9]\. (?:bis|und)) $",
    re.IGNORECASE,
)

_WEAK = re.compile(
    r"\b(?:am|vom|zum|beim|im|dem|den|des|einem|einen|eines|ihrem|seinem|ihren|seinen|diesem|diesen|"
    r"jedem|jeden|meinem|meinen|zur|einer|ihrer|seiner|dieser|jeder|unserem|unserer) $",
    re.IGNORECASE,
)

_STRONG_E = re.compile(
    r"\b(?:der|die|das|eine|seine|ihre|keine|meine|diese|jede|dieses|jedes) $", re.IGNORECASE
)

_DER = re.compile(r"\bder $", re.IGNORECASE)

_COUNTED = (
    r"(?:[€$%£°]|(?:Euro|Dollar|Meter|Kilometer|Seiten|Menschen|Leute|Stück|Zuschauer|Mal|Jahre[n]?|Tage|"
    r"Stunden|Minuten|Kopien|Kinos|Exemplare|Wörter|km|m|kg|g|Plätze|Besucher|Fans|Bilder)\b)"
)

_FEMININE_AFTER = re.compile(
    r" (?:saison|partie|fois|guerre|scène|moitié|place|édition|année|symphonie|temporada|parte|vez|"
    r"guerra|escena|mitad|stagione|parte|volta|scena|metà|edizione|puntata|sinfonia)\b"
)


def _say_german_ordinal(match: re.Match[str], _context: Context) -> str:
    noun = match["noun"]
    gender = "f" if match["feminine"] else "n" if match["neuter"] else "m"
    before = get_before(match, 12)
    if _WEAK.search(before) or (gender == "f" and _DER.search(before)):
        ending = "n"
    elif _STRONG_E.search(before) or gender == "f":
        ending = ""
    else:
        ending = {"m": "r", "n": "s"}[gender]
    return f"{say_ordinal('de', match['day'], ending)} {noun}"


def _say_german_article(match: re.Match[str], _context: Context) -> str:
    article = match["article"]
    is_weak = article.lower() in {"am", "im", "zum", "vom", "beim", "den", "dem", "des", "zur"}
    return f"{article} {say_ordinal('de', match['number'], 'n' if is_weak else '')}"


def _say_german_decade(match: re.Match[str], _context: Context) -> str:
    number = match["decade"]
    said = say_year("de", number) if len(number) == 4 else say_cardinal("de", number)
    return f"{said}er{match['case'] or ''}"


def _say_french_ordinal(match: re.Match[str], _context: Context) -> str:
    number = match["number"]
    value = int(number) if number.isdigit() else read_roman(number) or 0
    if not value:
        return match[0]
    is_feminine = match["ending"] in {"re", "ère", "nde"} or _FEMININE_AFTER.match(
        match.string[match.end() : match.end() + 12]
    )
    if match["ending"] in {"nd", "nde"}:
        return "seconde" if is_feminine else "second"
    return say_ordinal("fr", value, "feminine" if is_feminine else "masculine")


def _say_french_time(match: re.Match[str], _context: Context) -> str:
    hours = say_cardinal("fr", match["hour"], "feminine")
    unit = "heure" if match["hour"].lstrip("0") in {"1", ""} else "heures"
    minutes = (match["minute"] or "").removeprefix("00")
    return f"{hours} {unit}" + (f" {say_cardinal('fr', minutes)}" if minutes else "")


def _say_numeric_date(match: re.Match[str], _context: Context, *, language: str) -> str:
    day, year = int(match["day"]), match["year"]
    month = _MONTH_NAMES[language].split()[int(match["month"]) - 1]
    if language == "de":
        before = get_before(match, 12)
        ending = "n" if _WEAK.search(before) else "" if _STRONG_E.search(before) else "r"
        said_year = say_year("de", year) if year < "2000" else year
        return f"{say_ordinal('de', day, ending)} {month} {said_year}"
    said_day = _FIRST_DAYS.get(language, "1") if day == 1 else str(day)
    joint = " de " if language in {"es", "pt"} else " "
    return f"{said_day}{joint}{month}{joint}{year}"


def _say_short_german_date(match: re.Match[str], _context: Context) -> str | None:
    if not _BEFORE_DATE.search(get_before(match, 12)):
        return None
    month = _MONTH_NAMES["de"].split()[int(match["month"]) - 1]
    is_end = not match.string[match.end() :].strip('"”’»“)')
    return f"{say_ordinal('de', match['day'], 'n')} {month}" + "." * is_end


def list_numeric_dates(language: str) -> tuple[Rule, ...]:
    """Return the rules of dates in digits, with the day first or the year first."""
    if language in {"ja", "zh"}:
        return (
            Rule(
                "numeric date",
                rf"{_YEAR}(?P<sign>[./-]){_MONTH}(?P=sign){_LAST_DAY}(?![0-9/-]|\.[0-9])",
                lambda match, _: f"{match['year']}年{int(match['month'])}月{int(match['day'])}日",
            ),
        )
    if language not in _MONTH_NAMES:
        return ()
    say_date = partial(_say_numeric_date, language=language)
    rules = (
        Rule(
            "numeric date",
            rf"{_DAY}(?P<sign>[/-]|\. ?){_MONTH}(?P=sign){_LAST_YEAR}(?![\w/-]|[.,][0-9])",
            say_date,
        ),
        Rule("numeric date of ISO", rf"{_YEAR}-{_MONTH}-{_LAST_DAY}(?![\w/-]|[.,][0-9])", say_date),
    )
    if language != "de":
        return rules
    short = Rule("short date", rf"{_DAY}\. ?{_MONTH}\.(?! ?[0-9]|\w)", _say_short_german_date, "0.")
    return (*rules, short)


_GERMAN = (
    Rule(
        "ordinal",
        r"(?P<day>[0-9](?<![\w.,/].)[0-9]{0,2})\. ?(?P<noun>"
        rf"{_MASCULINE}|(?P<feminine>{_FEMININE})|(?P<neuter>{_NEUTER}))"
        r"(?=(?:s|es|e|n|en|er)?(?!\w))",
        _say_german_ordinal,
        "0.",
    ),
    Rule(
        "ordinal behind an article",
        r"(?<!\w)(?P<article>[Dd]e[rnms]|[Dd]ie|[Dd]as|[Aa]m|[Ii]m|[Zz]u[mr]|[Vv]om|[Bb]eim) "
        r"(?P<number>[0-9]{1,3})\.(?= [A-ZÄÖÜa-zäöü])"
        r"(?! (?:Der|Die|Das|Es|Er|Sie|Ich|Und|Aber)\b)",
        _say_german_article,
        "0.",
    ),
    Rule(
        "decade",
        r"(?<![\w.,'’])['’]?(?P<decade>(?:1[1-9])?[1-9]0)er(?P<case>n)?(?!\w)",
        _say_german_decade,
        "0e",
    ),
    Rule(
        "years",
        r"(?P<first>1[1-9](?<![\w.,/:€$#+-]..)[0-9]{2}) ?[-–/] ?(?P<last>(?:1[1-9]|20)[0-9]{2})"
        r"(?![\w%/:–-]|[.,][0-9])",
        lambda match, _: f"{say_year('de', match['first'])} bis {say_year('de', match['last'])}",
        "0-–/",
    ),
    Rule(
        "year",
        rf"1[1-9](?<![\w.,/:€$#+-]..)[0-9]{{2}}"
        rf"(?![\w%/:]|[.,][0-9]|[-–][0-9]{{3}}| ?{_COUNTED})",
        lambda match, _: say_year("de", match[0]),
    ),
)

_FRENCH = (
    Rule(
        "ordinal",
        r"(?P<number>[0-9](?<![\w.,/].)[0-9]{0,2}|[IVX](?<![\w-].)[IVX]{0,5})"
        r"(?P<ending>ème|ᵉ|(?<!\bI)e|(?:(?<=[0-9])|(?<=\bI))(?:ère|ers?|re)|(?<=[0-9])nde?)(?!\w)",
        _say_french_ordinal,
        "eèᵉn",
    ),
    Rule(
        "time",
        r"(?P<hour>[01](?<![\w.,].)[0-9]?|2(?<![\w.,].)[0-4]?|[3-9](?<![\w.,].)) ?h ?"
        r"(?P<minute>[0-5][0-9])?(?!\w)",
        _say_french_time,
        "0h",
    ),
)


def _say_spanish_century(match: re.Match[str], _context: Context) -> str | None:
    number = read_roman(match["numeral"])
    if not number:
        return None
    word = "siglo" if match["word"] == "s." else match["word"]
    said = say_ordinal("es", number, "masculine") if number < 11 else say_cardinal("es", number)
    return f"{word} {said}"


def _say_italian_century(match: re.Match[str], _context: Context) -> str | None:
    number = read_roman(match["numeral"])
    return f"{say_ordinal('it', number, 'masculine')} secolo" if number else None


def _make_southern(language: str, century: str, say_century: Say) -> tuple[Rule, ...]:
    """Make the rules that Spanish and Italian share, and that of their centuries."""
    kinds = {"ª": "feminine", "er": "masculine-adjective"}
    return (
        Rule(
            "ordinal",
            r"(?P<number>[0-9](?<![\w.,/].)[0-9]?)\.?(?P<mark>[ºª°](?!\w)|(?<=[13])er(?!\w))",
            lambda match, _: say_ordinal(
                language, match["number"], kinds.get(match["mark"], "masculine")
            ),
            "0ºª°e",
        ),
        Rule("century", century, say_century, "IVX"),
        Rule(
            "decade",
            r"(?P<word>\b[Aa]n(?:ni|ys|os)|\b[Aa]ños) ['’](?P<decade>[1-9]0)(?!\w)",
            lambda match, _: f"{match['word']} {say_cardinal(language, match['decade'])}",
            "0'’",
        ),
    )


DATE_RULES = {
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _make_southern(
        "es",
        r"(?<!\w)(?P<word>siglos?|s\.) ?(?P<numeral>[IVX]{1,5})(?!\w)",
        _say_spanish_century,
    ),
    "it": _make_southern(
        "it", r"(?<![\w])(?P<numeral>[IVX]{1,5}) sec(?:olo|\.)(?!\w)", _say_italian_century
    ),
}
"""The rules of ordinals, dates and years by language."""
