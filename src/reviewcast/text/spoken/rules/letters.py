"""Certificates, initials and initialisms are spelled where a voice would make them words."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import STARTERS, get_after, get_before
from reviewcast.text.spoken.words import say_cardinal, say_digits, say_year

# Measured: espeak-ng says each of these as a word (or "A" as the article), but people spell them.
# What is said as a word (NASA, IMAX, BAFTA), or spelled by every voice (HBO, DVD), is not here.
_SPELLED = frozenset(
    "ACDC ACLU ADR AFAIK AFI AKA AMC AOC ATF AVOD CGI DCEU DEA DUI EA EDM EMI EMT EP EPA ER ETA "
    "FAQ FYC GTA HEA ICU IDF IFC ILM IOU IQ IRL ITV JYP LED LOL MC MCU MMORPG NCIS NES NPC NYC NYU "
    "OSS OST OVA PLO PMRC POC POV PTA PVOD RIP SNES SVOD TLDR UFC UHD UPI USC UX VIP VOD YA".split()
)

_IRREGULAR = {
    "NAACP": "N double A C P",
    "NCAA": "N C double A",
    "AAA": "triple A",
    "IMDb": "I M D B",
    "TL;DR": "T L D R",
}

_GRADE_BEFORE = re.compile(
    r"(?:\b(?:[Gg]rade|[Rr]ating|[Vv]erdict|[Ss]core|[Vv]itamin|[Pp]lan|[Ss]ide|[Tt]ype|[Cc]lass|"
    r"[Pp]art|[Tt]eam|[Gg]roup|[Ss]olid|[Ss]traight|[Ee]xhibit|[Ll]evel|[Bb]ig|an?|to|from)\b[:\s]{1,3})$"
)


def _say_certificate(match: re.Match[str], context: Context) -> str:
    letters, age = match["letters"], match["age"]
    return f"{context.spell(letters.replace('-', ''))} {say_cardinal(age)}"


def _say_initialism(match: re.Match[str], context: Context) -> str | None:
    word, plural = match["word"], match["plural"] or ""
    if word in _IRREGULAR:
        said = " ".join(
            context.spell(part) if len(part) == 1 else part for part in _IRREGULAR[word].split()
        )
    elif word in _SPELLED:
        said = context.spell(word)
    else:
        return None
    if context.is_title(match) or _is_shouted(match):
        return None
    return said + ("'s" if plural else "")


def _is_shouted(match: re.Match[str]) -> bool:
    """True if a match stands among words in capitals: it is one of them, not an initialism."""
    near = get_before(match, 16) + get_after(match, 16)
    words = [word for word in re.findall(r"(?<!\w)[A-Za-z]{3,}(?!\w)", near) if len(word) > 3]
    return bool(words) and all(word.isupper() for word in words)


def _say_initials(match: re.Match[str], context: Context) -> str | None:
    letters = re.findall("[A-Z]", match[0])
    before, after = get_before(match), get_after(match)
    following = re.match(r" ([A-Z]\w*)", after)
    if len(letters) == 1:
        # one initial is followed by a surname and not by a new sentence
        if not following or following[1] in STARTERS:
            return None
        if re.search(r"\b(?:[Pp]lan|[Vv]itamin|[Pp]art|[Tt]ype|[Gg]rade|[Ss]ide|an?)\s$", before):
            return None
        return context.spell(letters[0])
    stop = "." if not after.strip(" \"'”’)]") else ""
    if following and following[1] in STARTERS:
        stop = "."
    stop *= match[0].endswith(".")
    return context.spell("".join(letters)) + stop


def _say_letters_and_number(match: re.Match[str], context: Context) -> str | None:
    letters, number, tail = match["letters"], match["number"], match["tail"] or ""
    plural = (match["plural"] or "").replace("+", " plus")
    said = context.spell(letters) if len(letters) < 4 else letters
    return f"{said} {_say_code(number)}{' ' * bool(tail)}{context.spell(tail)}{plural}"


def _say_code(number: str) -> str:
    if number[0] == "0":
        return say_digits(number)
    is_pair = (len(number) == 3 and number[1:] != "00") or (
        len(number) == 4 and number[1:] != "000"
    )
    return say_year(number) if is_pair else say_cardinal(number)


_PREFIXES = frozenset("mid pre post sub non anti ex pro late early circa".split())


def _say_hyphened(match: re.Match[str], context: Context) -> str | None:
    letters, number = match["letters"], match["number"]
    if letters.isupper() and len(letters) < 4:
        return f"{context.spell(letters)} {_say_code(number)}{match['plural'] or ''}"
    if letters in _PREFIXES:
        return None
    number = say_cardinal(number) if len(number) < 4 else say_year(number)
    return f"{letters} {number}{match['plural'] or ''}"


def _say_lone_a(match: re.Match[str], context: Context) -> str | None:
    ends = re.match(r"[.!?)\]”\"]*(?:\s(?![A-Z])|$)|[.!?)\]”\"]+\s", get_after(match, 6))
    if (
        context.reading.letter_a == "A"
        or not ends
        or not _GRADE_BEFORE.search(get_before(match, 14))
    ):
        return None
    return context.reading.letter_a


CERTIFICATES = Family(
    "certificates",
    (
        Rule(
            "certificate",
            r"(?<![\w-])(?P<letters>PG|NC|TV|VM|FSK|MA|BBFC|MPAA|R|M)-(?P<age>1?[0-9])(?![\w])",
            _say_certificate,
            "0-",
        ),
        Rule(
            "television certificate",
            r"TV-(MA|PG|G|Y)(?!\w)",
            lambda match, context: f"T V {context.spell(match[1])}",
            "-",
        ),
        Rule(
            "television for children", r"TV-(Y)7(?:-FV)?(?!\w)", lambda _m, _s: "T V Y seven", "-"
        ),
    ),
)

INITIALISMS = Family(
    "initialisms",
    (
        Rule(
            "letters and number",
            r"(?P<letters>[A-Z](?<![\w.'’$#@&].)(?<!\w-.)[A-Z]{0,4})(?P<number>[0-9]{1,4})"
            r"(?P<tail>[A-Z]{0,2})(?P<plural>s|\+)?(?![\w+]|-[A-Z0-9]|[.,:/][0-9])",
            _say_letters_and_number,
        ),
        Rule(
            "number, letter, number",
            r"([0-9](?<![\w.,$£€:/-].))(K)([0-9]{2})(?!\w)",
            lambda match, _: f"{say_cardinal(match[1])} {match[2]} {say_cardinal(match[3])}",
            "0K",
        ),
        Rule(
            "number and letters",
            r"([0-9](?<![\w.,$£€:/-].)[0-9]{0,3})([A-Z]{1,3})(?!\w|['’&/]|\.\w)",
            lambda match, context: f"{_say_code(match[1])} {context.spell(match[2])}",
        ),
        Rule(
            "letters, hyphen, number",
            r"(?P<letters>(?:[A-Z](?<![\w.'’-].)[A-Za-z]{0,15}|[a-z](?<![\w.'’-].)[a-z]{1,12}))-(?P<number>[0-9]{1,4})(?P<plural>s)?(?![\w%]|[-–/:][\w]|[.,][0-9])",
            _say_hyphened,
            "0-",
        ),
        Rule(
            "initialism",
            r"(?P<word>[A-Z](?<![\w.&'’$#@/].)(?:[A-Z;]{1,6}|MDb))(?P<plural>s)?(?![\w&@$]|\.[A-Z])",
            _say_initialism,
            "",
        ),
        Rule(
            "initials",
            r"[A-Z](?<![\w.&'’-].)\.(?: ?[A-Z]\.){0,5}(?:(?<=[A-Z]\.)[A-Z](?![\w.'’]))?(?!\w)",
            _say_initials,
            ".",
        ),
        Rule("lone A", r"A(?<![\w.'’$#&-].)(?![\w'’&+*-]|\.\w)", _say_lone_a, "A"),
    ),
)
