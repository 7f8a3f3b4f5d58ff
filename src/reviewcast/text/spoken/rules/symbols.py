"""Signs between words, addresses of the web and names of the networks become words."""

import re

from reviewcast.text.spoken.engine import PICTURES, Context, Family, Rule
from reviewcast.text.spoken.patterns import get_after, get_before
from reviewcast.text.spoken.words import say_cardinal, say_year

# endings that no sentence without a space after its full stop runs into
_BARE_DOMAINS = "com|org|net|edu|gov|info|tv|io|fm|co\\.uk|blog|film|social|app|dev"
_HOST = r"(?:[A-Za-z0-9-]{1,40}\.){1,4}"
_SPECIAL_AMPERSANDS = {"B&W": "black and white", "AT&T": "A T and T"}

_SAID = {
    "": "™®℠¶†‡•▪■□●○►▶◆←↗♪♫",
    "heart": "♥❤",
    "copyright": "©",
    "section": "§",
    "to": "→⇒",
    "up": "↑",
    "down": "↓",
    "number": "№",
    "by": "×",
    "divided by": "÷",
    "plus or minus": "±",
    "is not": "≠",
    "at least": "≥",
    "at most": "≤",
    "infinity": "∞",
    "root": "√",
    "pi": "π",
    "check": "✓✔",
    "cross": "✗✘",
}

_SIGNS = {sign: said for said, signs in _SAID.items() for sign in signs}
_EMOTICON = r"[:;=][-']?[)(DPp/\\](?![\w)(/])|:'\(|xD(?!\w)|\^_\^|¯\\_\(ツ\)_/¯"


_MAIL_SIGNS = {".": "dot", "_": "underscore", "+": "plus", "-": "dash"}


def _say_host(host: str) -> str:
    return host.replace("-", " dash ").replace(".", " dot ")


def _say_mail(match: re.Match[str], _context: Context) -> str:
    name = re.sub(r"[._+-]", lambda sign: f" {_MAIL_SIGNS[sign[0]]} ", match[1])
    return f"{' '.join(name.split())} at {_say_host(match[2].lower())}"


def _split_name(name: str) -> str:
    """Part MeToo into its words, and keep what has none.

    >>> _split_name("OscarsSoWhite2016")
    'Oscars So White twenty sixteen'
    """
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[0-9]+|[^\W\d_]", name)
    said = []
    for part in parts:
        if part.isdecimal() and part.isascii():
            said.append(say_year(part) if len(part) == 4 else say_cardinal(part))
        else:
            said.append(part)
    return " ".join(said)


def _say_number_sign(match: re.Match[str], _context: Context) -> str:
    before = get_before(match, 8)
    # "No. #1" says number already
    return "" if re.search(r"\b(?:[Nn]umber|[Nn]o\.) $", before) else "number "


def _say_ampersand(match: re.Match[str], _context: Context) -> str:
    before = " " if get_before(match, 1).strip() else ""
    after = " " if get_after(match, 1).strip() else ""
    return f"{before}and{after}"


def _say_lettered_ampersand(match: re.Match[str], context: Context) -> str:
    known = _SPECIAL_AMPERSANDS.get(match[0])
    return known or " and ".join(map(context.spell, match[0].split("&")))


def _say_sign(match: re.Match[str], _context: Context) -> str:
    said = _SIGNS[match[0].strip()]
    if not said:
        return (
            " "
            if get_before(match, 1).strip() and get_after(match, 1).strip() and " " in match[0]
            else ""
        )
    return _set_apart(said, match)


def _set_apart(said: str, match: re.Match[str]) -> str:
    """Put spaces between what is said for a sign and the words that touch it."""
    before, after = get_before(match, 1), get_after(match, 1)
    starts = match[0][0] == " " or bool(before and (before.isalnum() or before in ".!?,;:)”’"))
    ends = match[0][-1] == " " or after.isalnum()
    return " " * starts + said + " " * ends


EMOTICONS = Family(
    "emoticons",
    (
        Rule("heart", r" ?<3(?![\w.,%]) ?", lambda match, _: _set_apart("heart", match), "<"),
        Rule("emoticon", rf" ?(?<![\w:])(?:{_EMOTICON})", "", ":;=x^¯"),
    ),
)

WEB = Family(
    "web",
    (
        Rule(
            "mail",
            r"([A-Za-z0-9](?<![\w.+-].)[\w.+-]{0,40})@((?:[A-Za-z0-9-]{1,40}\.){1,4}[A-Za-z]{2,12})(?!\w)",
            _say_mail,
            "@",
        ),
        Rule(
            "address",
            rf"[hHwW](?<!\w.)(?:ttps?://|ww(?=\.))(?<!ww)(?P<host>{_HOST}[A-Za-z]{{2,12}})(?::[0-9]{{1,5}})?"
            r"(?:[/?#][^\s<>\"”’)\]]{0,2000}?)?(?=[.,;:!?…]*(?:[\s<>\"”’)\]]|$))",
            lambda match, _: _say_host(match["host"].lower().removeprefix("www.")),
            "/",
        ),
        Rule(
            "address without scheme",
            rf"(?P<host>[A-Za-z0-9](?<![\w@./-].)[A-Za-z0-9-]{{0,40}}(?:\.[A-Za-z0-9-]{{1,30}}){{0,3}}\.(?:{_BARE_DOMAINS})"
            rf"|www\.{_HOST}[A-Za-z]{{2,12}})(?![\w@-]|\.\w)(?:/[^\s<>\"”’)\]]{{0,2000}}?(?=[.,;:!?…]*(?:[\s<>\"”’)\]]|$)))?",
            lambda match, _: _say_host(match["host"].lower().removeprefix("www.")),
            ".",
        ),
        Rule(
            "hashtag",
            r"#(?<![\w&/#].)([^\W\d_]\w{0,80}|[0-9]{1,4}[A-Z]?[a-z]{3}\w{0,80})",
            lambda match, _: f"hashtag {_split_name(match[1])}",
            "#",
        ),
        Rule(
            "handle",
            r"@(?<![\w.].)(\w{1,40})(?:@[\w.-]{1,60}\w)?",
            lambda match, _: f"at {_split_name(match[1])}",
            "@",
        ),
    ),
)

_COMPARED = {">": "over ", "<": "under ", ">=": "at least ", "<=": "at most "}

_ALTERNATIVES = frozenset(
    "he/she she/he him/her his/her his/hers her/his yes/no if/when him/herself".split()
)

_ROLE = re.compile(r"(?:[eo]r|ist|ian|man|woman|host|cook|chef|poet|star|lead)s?$")

_PERSON = re.compile(
    r"(?:friend|wife|husband|mother|father|brother|sister|owner|pimp|waitress|actress|hero|boss|"
    r"villain|chef|writer|singer|director|actor|artist|poet|cook)s?$"
)


def _say_slash(match: re.Match[str], context: Context) -> str | None:
    pair = f"{match[1]}/{match[2]}"
    if pair.lower() in {"and/or", "either/or"}:
        return None
    if pair.lower() in _ALTERNATIVES:
        return f"{match[1]} or {match[2]}"
    if pair.lower() == "s/he":
        return "he or she"
    if pair.lower() == "s/t":
        return "self-titled"
    if context.is_title(match):
        return f"{match[1]} {match[2]}"
    if context.is_likely_title(match):
        return f"{match[1]}, {match[2]}"  # lines of a song
    if match[0].islower() and len(match[1]) > 1 and (len(match[2]) > 1 or match[2] == "a"):
        # an actor/director is both, and so is a chef/food writer; milk/butter is one of two
        words = (match[1], match[2])
        is_both, has_person = all(map(_ROLE.search, words)), any(map(_PERSON.search, words))
        return f"{match[1]}{' ' if is_both else ', ' if has_person else ' or '}{match[2]}"
    is_name = match[2][0].isupper() or match[1][0].isupper()
    is_name = is_name and len(match[1]) > 1 < len(match[2])
    return f"{match[1]}{', ' if is_name else ' '}{match[2]}"


def _say_slashes(match: re.Match[str], _context: Context) -> str:
    """Say a row of several: rock/jazz/funk, PC/PS5/Switch."""
    return match[0].replace("/", ", ")


SYMBOLS = Family(
    "symbols",
    (
        Rule("number sign", r"#(?<![\w&/#].)(?=[0-9])", _say_number_sign, "#"),
        Rule("number of", r"#(?<![\w&#].)(?= of )", "number", "#"),
        Rule(
            "price level",
            r"\$(?<![\w$].)\${1,4}(?![\w$])",
            lambda match, _: f"{say_cardinal(len(match[0]))} dollar signs",
            "$",
        ),
        Rule(
            "comparison",
            r"[<>](?<![\w<>=*-].)=? ?(?=[$£€]?[0-9])",
            lambda match, _: _COMPARED[match[0].rstrip()],
            "<>",
        ),
        Rule("plus", r"\+(?:(?<=[A-Za-z]{2}\+)|(?<=[0-9][KMBk]\+))(?![\w+])", " plus", "+"),
        Rule("sharp", r"([A-G](?<!\w.))[#♯](?!\w)", lambda match, _: f"{match[1]} sharp", "#♯"),
        Rule(
            "bleep",
            r"(?<![\w*])[A-Za-z]\*{2,6}(?:[A-Za-z]{0,2}?(ing|ed|er|s|y)?)?(?![\w*])|(?<![\w*])[A-Za-z]{1,2}\*[a-z]{1,3}(ing|ed|er|s)?(?![\w*])",
            lambda match, _: f"bleep{match[1] or ''}",
            "*",
        ),
        Rule(
            "ampersand in a name",
            r"(?:[A-Z](?<![\w.&].)|AT(?<!\w..))&[A-Z](?![\w&])",
            _say_lettered_ampersand,
            "&",
        ),
        Rule("ampersand", r"(?<!&)(?<!& )&{1,2}(?!\s?&|#?\w{1,8};)", _say_ampersand, "&"),
        Rule(
            "row of slashes",
            r"[^\W\d_](?<![\w/.:].)[^\W_]{0,30}(?:/[^\W\d_][^\W_]{0,30}){2,6}(?![\w/.]\w|/)",
            _say_slashes,
            "/",
        ),
        Rule(
            "slash",
            r"([^\W\d_](?<![\w/.:'’].)(?:[^\W_]|['’](?=\w)){0,30})/"
            r"([^\W\d_](?:[^\W_]|['’](?=\w)){0,30})(?![\w/])",
            _say_slash,
            "/",
        ),
        Rule(
            "slash at a number",
            r"/(?:(?<=[0-9]/)|(?<=[0-9]s/))(?=['’\w])|/(?<=\w/)(?=['’]?[0-9])|/(?<=[A-Z]/)(?=[A-Z])",
            ", ",
            "/",
        ),
        Rule("slash between spaces", r" (?:/{1,2}|\|{1,2}) ", ", ", "/|"),
        Rule("sign", rf" ?[{''.join(_SIGNS)}] ?", _say_sign, "™®©§¶†‡•×÷±π" + PICTURES),
    ),
)
