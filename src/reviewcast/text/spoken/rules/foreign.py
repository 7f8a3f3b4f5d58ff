"""German, French, Spanish and Italian: ratings, abbreviations, ordinals, years, numerals."""

import re
from functools import lru_cache, partial

from reviewcast.text.spoken.engine import PICTURES, Context, Family, Rule
from reviewcast.text.spoken.patterns import EMPTY_STAR, STAR, get_after, get_before
from reviewcast.text.spoken.rules.emoji import leave_out_ornament
from reviewcast.text.spoken.rules.foreign_abbreviations import ABBREVIATIONS, Abbreviations
from reviewcast.text.spoken.rules.foreign_dates import DATE_RULES, list_numeric_dates
from reviewcast.text.spoken.rules.foreign_numbers import say_cardinal, say_decimal, say_ordinal
from reviewcast.text.spoken.rules.foreign_signs import list_sign_families
from reviewcast.text.spoken.rules.foreign_words import WORDS, Words
from reviewcast.text.spoken.rules.other_ratings import list_other_ratings
from reviewcast.text.spoken.words import read_roman

_TOTALS = frozenset({5, 6, 10, 20, 100})

_RATED = re.compile(
    r"(?:wertung|note[ns]?|punkte|score|rating|nota|puntuación|calificación|valoración|voto|"
    r"valutazione|giudizio|fazit|verdict)\b[^.]{0,12}$",
    re.IGNORECASE,
)

_OF_WHOLE = re.compile(r" (?:de(?:s|r|l|lla|gli|i)?|du|d['’]|del|dem|della|dei)\b")

# what follows a sentence's end; in German, nouns have capitals, too
_BEGINS = re.compile(r"[\"'”’»)]{0,2}(?:\Z|\s+[\"“«¿¡(]?[A-ZÀ-ÞА-Я])")
_BEGINS_GERMAN = re.compile(
    r"[\"'“»)]{0,2}(?:\Z|\s+[\"„»(]?(?:D(?:er|ie|as|en|em|och|a|ann)|E(?:s|r|in|ine)|Sie|Ich|Wir|Und|"
    r"Aber|Auch|I[nm]|A[nm]|Mit|Nur|So|Was|Wer)\b)"
)

_NAME_BEFORE = re.compile(r"(?:[A-ZÀ-Ý]\.|\b[A-ZÀ-Ý][\w’'-]+) ?$")
_TIME_BEFORE = re.compile(
    r"[0-9IVXLº°] $|\b(?:sécs?|siglos?|secolo|anos?|años?|anno) $", re.IGNORECASE
)

_ORNAMENT = (
    "[\U0001f000-\U0001f44c\U0001f450-\U0001f493\U0001f4a0-\U0001fbff\u231a-\u23ff\u2600-\u2604"
    "\u2607-\u2763\u2765-\u27bf\u2b05-\u2b4f\ufe0e\ufe0f]"
)

# a sign of some form: digits, stars, numerals, a full stop that is no sentence's end, a short title
_FORM = re.compile(
    r"[0-9½¼¾★⭐☆✩#|/\u2190-\u2bff\U0001f000-\U0001fbff]|\*\*|\.(?!\Z)"
    r"|(?<!\w)(?:[IVX]{2}|[IVX](?:ers?|re|e|ᵉ)?(?!\w))|(?<!\w)(?i:usw|etc|ecc|bzw|std|min|c[íi]a|uu)\."
    r"|(?<!\w)(?:Dr|Mmes?|Mlle|Pr|Ste?|Mgr|EEUU)(?!\w)| -\w"
)

_OTHER_FORM = re.compile(
    "\\*\\*|[0-9\u0660-\u0669点] ?/| [|/]|[0-9][./-][0-9]{1,2}[./-][0-9]"
    "|[\u2600-\u27bf\u2b05-\u2bff\U0001f000-\U0001fbff]"
)

# likewise where there are words for units and abbreviations
_LATER_FORM = re.compile(
    r"[0-9#№|/\u2600-\u27bf\u2b05-\u2bff\U0001f000-\U0001fbff]|\*\*|\.(?!\Z)"
    r"|[A-Za-zë](?=[а-яё])|(?<=[а-яё])[A-Za-zë]|(?<!\w)\w{1,4}\.\Z|(?<!\w)EUA(?!\w)| -\w"
)


def has_foreign_forms(text: str, language: str) -> bool:
    """True if a text in another language than English may hold a form of the rules."""
    is_later = language in ABBREVIATIONS
    forms = _FORM if language in WORDS else _LATER_FORM if is_later else _OTHER_FORM
    return forms.search(text) is not None


@lru_cache
def list_foreign_families(language: str) -> tuple[Family, ...]:
    """Return the families of rules for a language; one without words has few."""
    ornaments = Family(
        "emoji",
        (
            Rule(
                "ornament",
                rf" ?{_ORNAMENT}(?: ?{_ORNAMENT}|[\u200d\U000e0000-\U000e007f]){{0,60}} ?",
                leave_out_ornament,
                PICTURES,
            ),
        ),
    )
    words = WORDS.get(language)
    if words is None:
        return (
            Family("ratings", tuple(list_other_ratings(language))),
            Family("abbreviations", tuple(_list_abbreviation_rules(ABBREVIATIONS.get(language)))),
            Family("dates", list_numeric_dates(language)),
            *list_sign_families(language),
            ornaments,
        )
    return (
        Family("ratings", tuple(_list_rating_rules(words))),
        Family("abbreviations", tuple(_list_abbreviation_rules(words))),
        Family("dates", (*list_numeric_dates(language), *DATE_RULES[language])),
        *list_sign_families(language),
        Family(
            "romans",
            (
                Rule(
                    "roman",
                    r"(?P<word>[A-ZÀ-Ý][\w’'-]{1,30}(?<![IVXLC]{2})) "
                    r"(?P<numeral>[IVX]{2,6}|[VI](?!\w))(?![\w'’/&-])(?P<stop>\.)?",
                    partial(_say_roman, words=words),
                    "IVX",
                ),
            ),
        ),
        ornaments,
    )


def _list_rating_rules(words: Words) -> list[Rule]:
    return [
        Rule(
            "half a star",
            rf"½(?<![0-9{STAR}].)(?<![{STAR}] .) ?[{STAR}{EMPTY_STAR}](?: ?[{EMPTY_STAR}]){{0,9}}",
            lambda _match, _context: words.stars.half,
            "½",
        ),
        Rule(
            "stars",
            rf"(?P<full>[{STAR}](?: ?[{STAR}]){{0,19}})(?P<half> ?½| ?1/2)?"
            rf"(?P<empty>(?: ?[{EMPTY_STAR}]){{1,19}})?(?: ?/ ?(?P<total>10|[4-6])(?![\w/]))?",
            partial(_say_stars, words=words),
            STAR,
        ),
        Rule(
            "asterisks",
            r"\*(?<![\w*\\].)\*{1,4}(?P<half> ?½| ?1/2)?(?![\w*/])",
            partial(_say_asterisks, words=words),
            "*",
        ),
        Rule(
            "out of",
            r"(?P<amount>[0-9](?<![\w.,/].)[0-9]{0,2}(?:[.,][0-9]{1,2}|½)?) ?/ ?"
            r"(?P<total>5|6|10|20|100)(?![\w/]|[.,][0-9])",
            partial(_say_out_of, words=words),
            "0/",
            in_titles=False,
        ),
        Rule(
            "half",
            r"(?P<whole>[0-9](?<![\w.,/].)[0-9]?) ?½(?!\w)",
            lambda match, _context: words.half.format(
                n=say_cardinal(words.language, match["whole"])
            ),
            "0½",
        ),
    ]


def _say_stars(match: re.Match[str], _context: Context, *, words: Words) -> str:
    full = sum(char in STAR for char in match["full"])
    empty = sum(char in EMPTY_STAR for char in match["empty"] or "")
    total = int(match["total"] or 0) or (full + empty + bool(match["half"]) if empty else 0)
    return _count_stars(full, total, is_half=bool(match["half"]), words=words)


def _say_asterisks(match: re.Match[str], _context: Context, *, words: Words) -> str | None:
    if not (match["half"] or _RATED.search(get_before(match))):
        return None
    full = match[0].count("*")
    return _count_stars(full, 0, is_half=bool(match["half"]), words=words)


def _count_stars(full: int, total: int, *, is_half: bool, words: Words) -> str:
    stars = words.stars
    if total >= full:
        most = say_cardinal(words.language, total)
        if full == 1 and words.language != "de":
            joint = "de" if words.language == "es" else words.out_of
            return f"{stars.one_and_half if is_half else stars.one} {joint} {most}"
        single = "ein" if is_half else "einer"
        number = single if full == 1 else say_cardinal(words.language, full)
        return (stars.half_of if is_half else stars.of).format(n=number, total=most)
    if full == 1:
        return stars.one_and_half if is_half else stars.one
    return (stars.and_half if is_half else stars.many).format(n=say_cardinal(words.language, full))


def _say_out_of(match: re.Match[str], _context: Context, *, words: Words) -> str | None:
    amount, total = match["amount"], int(match["total"])
    if _OF_WHOLE.match(get_after(match, 8)) or total not in _TOTALS:
        return None
    is_whole = amount.isdigit()
    if is_whole and (int(amount) > 2 * total or (total in {6, 20} and not _is_rated(match))):
        return None
    if amount.endswith("½"):
        said = words.half.format(n=say_cardinal(words.language, amount[:-1]))
    else:
        said = say_decimal(words.language, amount, words.point)
    return f"{said} {words.out_of} {say_cardinal(words.language, total)}"


def _is_rated(match: re.Match[str]) -> bool:
    return match[0] == match.string or _RATED.search(get_before(match)) is not None


def _list_abbreviation_rules(words: Words | Abbreviations | None) -> list[Rule]:
    if words is None:
        return []
    return [
        Rule(
            "abbreviation",
            _match_any([*words.anywhere, *words.endings], r"(?!\w)"),
            partial(_say_abbreviation, words=words),
            "",
        ),
        Rule(
            "before a number",
            _match_any(words.before_numbers, r" ?(?=[0-9])"),
            lambda match, _context: words.before_numbers[_normalize(match[0])] + " ",
        ),
        Rule(
            "before a name",
            _match_any(words.before_names, r"(?= [A-ZÀ-Ý])(?! Night\b)", is_capital=True)
            if words.before_names
            else r"(?!)",
            partial(_say_before_name, words=words),
            "",
        ),
    ]


def _match_any(names: object, after: str, *, is_capital: bool = False) -> str:
    """Match any of these abbreviations, with or without spaces behind their full stops."""
    patterns = []
    for name in sorted(names, key=len, reverse=True):  # type: ignore[call-overload]
        pattern = re.escape(name).replace(r"\.", r"\. ?").removesuffix(" ?")
        pattern = pattern.replace("ades", "ad es") if name == "ades." else pattern
        first = name[0]
        is_small = not is_capital or name in {"sig.", "sr."}
        capital = f"[{first}{first.upper()}]" if is_small else first.upper()
        patterns.append(f"{capital}(?i:{pattern[len(re.escape(first)) :]})")
    return rf"(?<![\w.’'-])(?:{'|'.join(patterns)}){after}"


def _normalize(written: str) -> str:
    return re.sub(r"\s", "", written).lower()


def _say_before_name(
    match: re.Match[str], _context: Context, *, words: Words | Abbreviations
) -> str | None:
    name = _normalize(match[0])
    # D. Antonio is a don, J. D. Smith has two initials
    if len(name) == 2 and _NAME_BEFORE.search(get_before(match, 12)):
        return None
    return words.before_names[name]


def _say_abbreviation(
    match: re.Match[str], _context: Context, *, words: Words | Abbreviations
) -> str | None:
    name = _normalize(match[0])
    said = words.anywhere.get(name) or words.endings[name]
    before = get_before(match, 12)
    if name in {"a.c.", "d.c."} and not _TIME_BEFORE.search(before):
        return None  # of a city, or of a company
    if said.startswith("po ") and before.endswith("po "):
        return said.removeprefix("po ")
    before = before[-2:].rstrip()
    if match[0][0].isupper() and (not before or before[-1] in ".!?"):
        said = said[0].upper() + said[1:]
    begins = _BEGINS_GERMAN if words is WORDS["de"] else _BEGINS
    is_end = name in words.endings and begins.match(get_after(match, 12)) is not None
    return said + "." * is_end


def _say_roman(match: re.Match[str], context: Context, *, words: Words) -> str | None:
    name, numeral, stop = match["word"], match["numeral"], match["stop"] or ""
    number = read_roman(numeral)
    is_queen = name in words.queens
    is_reign = is_queen or name in words.kings or name.removesuffix("s") in words.kings
    if not number or number > 39 or numeral in {"XX", "XXX"}:
        return None
    is_letter = numeral == "I" or (len(numeral) == 1 and not context.is_likely_title(match))
    if is_letter and not is_reign:
        return None
    said = say_cardinal(words.language, number)
    if is_reign and words.language == "de":
        # the full stop is the ordinal's, unless the sentence ends
        is_end = not get_after(match, 1)
        is_genitive = name not in words.kings and not is_queen
        article = "des" if is_genitive else "die" if is_queen else "der"
        ordinal = say_ordinal("de", number, "n" if is_genitive else "")
        return f"{name} {article} {ordinal.capitalize()}{stop * is_end}"
    if is_reign and (words.language == "it" or (words.language == "es" and number <= 10)):
        said = say_ordinal(words.language, number, "feminine" if is_queen else "masculine")
    return f"{name} {said}{stop}"
