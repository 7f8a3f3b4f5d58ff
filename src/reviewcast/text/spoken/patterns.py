"""The pieces that patterns of numbers are made of, and what stands around a match."""

import re

from reviewcast.text.spoken.words import VULGAR

# Each begins with one plain class of characters, which re searches for fastest, and looks back
# only from there: no digit, letter or decimal point stands before the first digit.
BEGIN = r"[0-9](?<!\w[0-9])(?<![0-9][.,][0-9])"
WHOLE = BEGIN + r"[0-9]{0,20}(?:,[0-9]{3}(?![0-9])){0,6}"
NUMBER = WHOLE + r"(?:\.[0-9]{1,9})?"
AMOUNT = rf"{BEGIN}[0-9]{{0,8}}(?:\.[0-9]{{1,3}}| ?[{VULGAR}]| [1-9][/⁄][2-9](?![0-9/⁄]))?"
LATER = r"[0-9]{1,20}(?:,[0-9]{3}(?![0-9])){0,6}(?:\.[0-9]{1,9})?"  # a number after the first
END = r"(?!\w|[.,][0-9])"
STAR, EMPTY_STAR = "★⭐🌟✭✪✯⭑", "☆✩✰⚝⭒"
DASH = r"(?: ?[-–] ?)"
SCALE = r"(?:hundred|thousand|million|billion|trillion)"

# a full stop after one of these words is followed by a new sentence
STARTERS = frozenset(
    "A After All Also An And Another As At Both But By Each Every Few For From Had Has He Her Here "
    "His How However I If In Is It Its Like Many Maybe Most My No Nor Not Now Of On Once One Only "
    "Or Other Our Perhaps She Since So Some Still Such That The Their Then There These They This "
    "Those Though To Until Was We Well What When Where Which While Who Why With Yes Yet You".split()
)

_NEW_SENTENCE = re.compile(r"[\"'”’)\]]{0,3}(?:\s+[\"'“‘(\[]{0,2}(?P<word>[A-Z]\w{0,20})|\s*$)")
_ADJECTIVE_BEFORE = re.compile(r"\b[Aa]n? $")

_NOUN_AFTER = re.compile(
    r" (?!(?:a|an|and|are|as|at|but|by|for|from|had|has|in|is|less|more|of|on|or|over|per|that|"
    r"than|the|to|under|was|when|which|while|who|with)\b)[a-z]{3}"
)


def get_stop(match: re.Match[str], *, before_names: bool = False) -> str:
    """Return the full stop back when it ended more than an abbreviation.

    Before names a capital alone begins no new sentence: Warner Bros. Pictures.
    """
    new = match[0].endswith(".") and _NEW_SENTENCE.match(match.string, match.end())
    if new and before_names and new["word"]:
        return "." if new["word"] in STARTERS else ""
    return "." if new else ""


def get_before(match: re.Match[str], length: int = 24) -> str:
    """Return the characters before the match."""
    return match.string[max(0, match.start() - length) : match.start()]


def get_after(match: re.Match[str], length: int = 24) -> str:
    """Return the characters after the match."""
    return match.string[match.end() : match.end() + length]


def set_apart(match: re.Match[str], said: str) -> str:
    """Put a space between what is said and a letter that touches the match: 3D, s01."""
    return " " * get_before(match, 1).isalpha() + said + " " * get_after(match, 1).isalpha()


def is_adjective(match: re.Match[str]) -> bool:
    """True if the match is said of a noun: a $30M film."""
    before = _ADJECTIVE_BEFORE.search(get_before(match, 4))
    return bool(before and _NOUN_AFTER.match(get_after(match, 12)))


_PART_BEFORE = re.compile(
    r"\b(?:[Pp]art|PART|[Pp]t\.?|[Ee]pisode|[Ee]p\.?|[Cc]hapter|[Vv]olume|[Vv]ol\.?|[Pp]age|[Dd]isc|"
    r"[Tt]rack|[Ss]lide) $"
)


def is_part(match: re.Match[str]) -> bool:
    """True if 2/3 is the second part of three, as in part 2/3, and not two thirds."""
    return bool(_PART_BEFORE.search(get_before(match, 9)))


_MUSIC_AFTER = re.compile(
    r"[ -](?:time|beats?|met(?:er|re)|grooves?|signature|rhythms?|waltz|swing|shuffle|feel)\b"
)


def is_time_signature(match: re.Match[str]) -> bool:
    """True if 3/4 is a time signature, as of a waltz, and not three quarters."""
    if _MUSIC_AFTER.match(get_after(match, 14)):
        return True
    return get_before(match, 4) == " in " and not get_after(match, 3).startswith(" of")
