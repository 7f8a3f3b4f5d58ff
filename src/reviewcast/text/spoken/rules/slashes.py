"""A slash between words is an "or", a pause, or nothing at all."""

import re

from reviewcast.text.spoken.engine import Context, Rule

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


SLASHES = (
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
    Rule("slash between spaces", r" /{1,2} ", ", ", "/"),
)
