"""Honorifics and abbreviations are said in full."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import STARTERS, get_after, get_before, get_stop

# before a name
_HONORIFICS = {
    "Dr": "Doctor",
    "Mr": "Mister",
    "Mrs": "Missus",
    "Ms": "Miz",
    "Prof": "Professor",
    "Capt": "Captain",
    "Lt": "Lieutenant",
    "Sgt": "Sergeant",
    "Cpl": "Corporal",
    "Pvt": "Private",
    "Col": "Colonel",
    "Gen": "General",
    "Maj": "Major",
    "Cmdr": "Commander",
    "Adm": "Admiral",
    "Gov": "Governor",
    "Sen": "Senator",
    "Rep": "Representative",
    "Rev": "Reverend",
    "Fr": "Father",
    "Hon": "Honorable",
    "Pres": "President",
    "Supt": "Superintendent",
    "Det": "Detective",
    "Insp": "Inspector",
    "Mt": "Mount",
    "Ft": "Fort",
    "Messrs": "Messers",
    "Mme": "Madame",
    "Mlle": "Mademoiselle",
}

_STOPLESS_HONORIFICS = frozenset("Dr Mr Mrs Ms Sgt Capt Lt Mt Mme Mlle Prof Cpl".split())

# before a number
_NUMBERS = {
    "number": "no nr",
    "numbers": "nos",
    "volume": "vol",
    "volumes": "vols",
    "chapter": "ch chap",
    "chapters": "chs chaps",
    "part": "pt",
    "parts": "pts",
    "episode": "ep",
    "episodes": "eps",
    "page": "p pg",
    "pages": "pp pgs",
    "opus": "op",
    "figure": "fig",
    "figures": "figs",
    "section": "sec",
    "issue": "iss",
    "level": "lv lvl",
    "circa": "ca",
    "approximately": "approx",
    "established": "est",
}

_NUMBERED = {form: said for said, forms in _NUMBERS.items() for form in forms.split()}
_STOPLESS_NUMBERED = frozenset("Vol Vols vol Pt Ep Ch pp Nos".split())
_BEFORE_YEARS = {"c": "circa", "b": "born", "d": "died"}

# with a full stop that may end the sentence, too
_ENDINGS = {
    "etc": "et cetera",
    "bros": "Brothers",
    "inc": "Incorporated",
    "ltd": "Limited",
    "corp": "Corporation",
    "jr": "Junior",
    "sr": "Senior",
    "ed": "edition",
    "ph.d": "P H D",
    "dept": "department",
    "govt": "government",
    "misc": "miscellaneous",
    "orig": "original",
    "avg": "average",
}

# with a full stop that ends nothing
_OPENINGS = {
    "vs": "versus",
    "e.g": "for example",
    "eg": "for example",
    "i.e": "that is",
    "ie": "that is",
    "a.k.a": "also known as",
    "aka": "also known as",
    "viz": "namely",
    "cf": "compare",
    "approx": "approximately",
    "incl": "including",
}

_STOPLESS = frozenset("vs etc aka jr sr".split())
_CAPITALIZED = frozenset("bros inc ltd corp jr sr".split())

_CREDITS = {
    "dir": "directed by",
    "prod": "produced by",
    "ft": "featuring",
    "feat": "featuring",
    "w": "with",
}

_WITH = {
    "w/": "with ",
    "w/o": "without",
    "w/out": "without",
    "b/w": "backed with",
    "b/c": "because",
    "n/a": "N A",
}


def _say_honorific(match: re.Match[str], _context: Context) -> str | None:
    word = match["word"]
    if not match["stop"] and word not in _STOPLESS_HONORIFICS:
        return None
    return _HONORIFICS.get(word)


def _say_saint(match: re.Match[str], _context: Context) -> str | None:
    """Return "Saint" for St. Vincent and "Street" for Elm St., by what stands around it."""
    following = re.match(r" ?-?([A-Z][\w'’]*)", get_after(match))
    has_name_before = re.search(r"(?:[A-Z][a-z]+|[0-9](?:st|nd|rd|th)) $", get_before(match))
    has_stop = match[0].endswith(".")
    if following and has_stop and not (has_name_before and following[1] in STARTERS):
        return "Saints" if match["plural"] else "Saint"
    if has_name_before and has_stop and not following:
        return "Street" + get_stop(match)
    return "Street." if has_name_before and has_stop else None


def _say_before_number(match: re.Match[str], _context: Context) -> str | None:
    word = match["word"]
    said = _NUMBERED.get(word.lower())
    if said is None and re.match(r"[12][0-9]{3}(?!\w)", get_after(match, 5)):
        said = _BEFORE_YEARS.get(word) if match["stop"] else None
    if word in {"no", "nos"} and not get_after(match, 2).lstrip("#")[:1].isdigit():
        return None
    if said is None or not (match["stop"] or (word in _STOPLESS_NUMBERED and match["space"])):
        return None
    is_name = word[0].isupper() and not word.startswith("N")
    return f"{said.capitalize() if is_name else said} "


def _say_abbreviation(match: re.Match[str], _context: Context) -> str | None:
    word = match["word"].lower()
    said = _ENDINGS.get(word) or _OPENINGS.get(word)
    if said is None or not (match["stop"] or word in _STOPLESS):
        return None
    if word in _CAPITALIZED and not match["word"][0].isupper():
        return None
    if word == "ed" and not re.search(r"(?:[0-9][a-z]{2}|\b[a-z]{3,8}) $", get_before(match)):
        return None
    before = get_before(match, 4)
    if word == "eg" and before == "for ":
        said = "example"
    before = before[-2:].rstrip()
    if match["word"][0].isupper() and (not before or before[-1] in ".!?"):
        said = said[0].upper() + said[1:]
    if word in _ENDINGS:
        return said + get_stop(match, before_names=word in _CAPITALIZED)
    # what opens something ends a sentence only where nothing follows
    return said + "." * bool(match["stop"] and not get_after(match, 1))


def _say_credit(match: re.Match[str], _context: Context) -> str | None:
    if not match["guest"]:
        said = _CREDITS[(match[1] or match[2]).lower()]
        return said if match["stop"] or said == "featuring" else None
    # "no easy feat. The" ends a sentence, and 6 ft. is a length
    following = re.match(r" [“\"@$]?(\w+)", get_after(match))
    before = re.search(r"(?:(?<![\w'’])[A-Z][\w'’.!?]*|[”\"’)]) $", get_before(match))
    if not following or (not before and following[1][0].islower()):
        return None
    is_name = following[1] not in STARTERS and (before or match.start() == 0)
    is_guest = is_name and (match["stop"] or (before and following[1][0].isupper()))
    return "featuring" if is_guest else None


def _say_with(match: re.Match[str], _context: Context) -> str | None:
    said = _WITH.get(match[0].lower())
    return said.rstrip() if said and not get_after(match, 1).strip() else said


_FIRSTS = "".join(sorted({word[0] for word in _HONORIFICS}))

ABBREVIATIONS = Family(
    "abbreviations",
    (
        Rule(
            "honorific",
            rf"(?P<word>[{_FIRSTS}](?<![\w.].)[a-z]{{1,6}})(?P<stop>\.)?"
            r"(?= ?[A-Z](?!\.\s)| (?:&|and) (?:Mr|Mrs|Ms|Dr)\b)",
            _say_honorific,
            _FIRSTS,
        ),
        Rule("numero", r"[Nn](?<!\w.)\.?[º°][ \u00a0]?(?=[0-9])", "number ", "º°"),
        Rule("saint", r"S(?<!\w.)t(?P<plural>s)?\.?(?!\w)", _say_saint, "S"),
        Rule(
            "before a number",
            r"(?P<word>[A-Za-z](?<![\w.].)[a-z]{0,5})(?P<stop>\.)?(?P<space> )?(?<=[. ])"
            r"(?=#?(?:[0-9]|(?:[IVX]{2,5}|[VX]|[ivxl]{2,6})(?!\w)))",
            _say_before_number,
            "",
        ),
        Rule(
            "credit",
            r"(?:\b([Dd]ir)|(?<=[(\[])([Pp]rod|[Ff]eat|[Ff]t|[Ww])|"
            r"(?<=[\w”\"’)] )(?P<guest>[Ff]eat|[Ff]t))(?P<stop>\.)?:?(?= [\w$“\"@])",
            _say_credit,
            "tdw",
        ),
        Rule("versus", r"v(?<=[\w'’.] .)(?<=\w\w .)\.?(?= [A-Z])", "versus", "v"),
        Rule(
            "with", r"[wbnWBN](?<![\w/.].)/(?:out\b|[oacw]\b|(?=[A-Za-z0-9 \"“]))", _say_with, "/"
        ),
        Rule(
            "abbreviation",
            r"(?P<word>[a-zA-Z](?<![\w.&'’/@-].)(?:\.[a-z](?:\.[a-z])?|h\.D|[a-z]{1,5}|KA))"
            r"(?P<stop>\.)?(?!\w|\.\w)",
            _say_abbreviation,
            ".vtafJS",
        ),
    ),
)
