"""Emoji that rate or warn are said by a short name, once for a run; ornaments are left out."""

import re

from reviewcast.text.spoken.engine import PICTURES, Context, Family, Rule
from reviewcast.text.spoken.patterns import get_after, get_before

# what is said: emoji that judge, warn or stand for a word; all others are ornaments
_NAMED = {
    "star": "⭐🌟★",
    "heart": "❤♥",
    "broken heart": "💔",
    "thumbs up": "👍",
    "thumbs down": "👎",
    "one hundred percent": "💯",
    "check": "✅✔✓☑",
    "cross": "❌✖✗✘",
    "warning": "⚠",
    "to": "➡→",
}

_NAMES = {sign: name for name, signs in _NAMED.items() for sign in signs}
_HEARTS = frozenset("❤♥🧡💛💚💙💜🖤🤍🤎💗💖💕")
_SAID_INSIDE = frozenset({"heart", "star"})  # I ❤️ it
_DROPPED = r"[\U0001F3FB-\U0001F3FF\U0001F1E6-\U0001F1FF\u20e3\U000E0000-\U000E007F]"

_PICTURE = (
    r"[\U0001F000-\U0001F1E5\U0001F200-\U0001F3FA\U0001F400-\U0001FAFF\u2190-\u21ff\u231a-\u23ff"
    r"\u2460-\u26ff\u2700-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299]"
)

_VERB_AFTER = re.compile(r" (?:it|this|that|you|him|her|them|me|my|the|[A-Z])")


def _say_emoji(match: re.Match[str], context: Context) -> str:
    """Say what rates or warns; leave ornaments out, with a full stop where one ended a sentence."""
    before, after = get_before(match, 1), get_after(match, 1)
    names: list[str] = []
    for char in re.findall(_PICTURE, match[0]):
        name = _NAMES.get(char, "")
        if char in _HEARTS:
            # a heart between words is one of them, behind a sentence it is an ornament
            name = (
                "heart" if before.isalnum() and _VERB_AFTER.match(" " + get_after(match, 6)) else ""
            )
        if name and name not in names[-1:]:
            names.append(name)
    said = ", ".join(names)
    if not said:
        return leave_out_ornament(match, context)
    starts = match[0][0] == " " or bool(before and not before.isspace() and before not in '([“"‘')
    if before.isalnum() and after in {"", ".", "!", "?"} and said not in _SAID_INSIDE:
        return f", {said}"
    ends = match[0][-1] == " " or after.isalnum()
    return " " * starts + said + " " * ends


def leave_out_ornament(match: re.Match[str], _context: Context) -> str:
    """Return what stays where an ornament stood: nothing, a space, or the end of a sentence."""
    before, after = get_before(match, 1), get_after(match, 1)
    if not before or not after:
        ends = before.isalpha() and not after and any(map(str.isspace, match.string))
        return "." if ends else ""
    is_gap = match[0][0] == " " or match[0][-1] == " "
    if not is_gap and before.isalnum() and after.isalnum() and after.isascii():
        return " "
    if before.isalpha() and after.isupper() and is_gap and not before.isupper():
        return ". "
    return " " if is_gap and after not in ".,;:!?)”" else ""


EMOJI = Family(
    "emoji",
    (
        Rule(
            "task",
            r"[☑☐](?<!(?s:.).) ",
            lambda match, _: "done: " if match[0][0] == "☑" else "to do: ",
            PICTURES,
        ),
        Rule("emoji", rf" ?{_PICTURE}(?:{_DROPPED}| ?{_PICTURE}){{0,60}} ?", _say_emoji, PICTURES),
        Rule("ornament", rf" ?{_DROPPED}{{1,60}} ?", leave_out_ornament, PICTURES),
    ),
)
