"""Whether a full stop ends a sentence or belongs to the abbreviation before it."""

import re
from collections.abc import Callable
from typing import NamedTuple

from reviewcast.text.sentence_words import OPENERS, find_kinds

_LIST_ENDS = frozenset(("etc", "ecc", "usw", "usf"))
_DIGIT = re.compile(r"[#№]?\d")
_COUNT = re.compile(r"[#№]?\d|[IVXLC]+\b")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.-?)+[^\W\d_]{1,2}")
_TIME_FIRST = re.compile(r"(?:at|by|on|after|before|around|until|from|since)\s[\d:.]+\s?[ap]\.m\.$")

_TIME_ONLY = re.compile(
    r"[\"“(]?(?:(?:so|then|and|but)[, ]+)?(?:(?:at|by|on|after|before|around|until|from|since|"
    r"about)\s)?(?:almost |nearly )?[\d:.]+\s?[ap]\.m\."
)

_TIME_ZONE = re.compile(r"(?:[ECMP][SD]?T|GMT|UTC|BST)\b")

# a single letter after one of these is no initial
_LETTER_NAMED = frozenset(
    "rated part plan grade type vitamin generation gen malcolm class act phase chapter item "
    "episode volume war a an the option letter".split()
)

_ORDINAL_BEFORE = frozenset(
    "am im vom zum zur beim ab bis seit der die das den dem des ein eine einen einem einer "
    "ihr ihre sein seine mein meine ihrem seinem ihren seinen unser unsere und".split()
)

_ORDINAL_AFTER = re.compile(
    r"(?:Jan|Feb|März|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Jahrhundert|Staffel|Folge|Teil|Akt"
    r"|Mal|Platz|Auflage|Weltkrieg|Klasse|Kapitel|Jh)"
)


class Stop(NamedTuple):
    """A full stop, the words before it and what follows.

    `bare` ends with it; `kind` is that of the abbreviation `word`, "" when it is none; `begins`
    says whether a sentence may begin with what follows, `small` whether they begin small here.
    """

    bare: str
    following: str
    language: str
    begins: bool
    small: bool
    word: str
    previous: str
    kind: str


def find_stop(bare: str, following: str, language: str, *, begins: bool, small: bool) -> Stop:
    """Find the abbreviation that a full stop may belong to."""
    kinds = find_kinds(language)
    words = bare[:-1].rsplit(None, 2)
    word = words[-1].lstrip(OPENERS) if words else ""
    previous = words[-2].lstrip(OPENERS) if len(words) > 1 else ""
    kind = kinds.get(word.lower(), "")
    if not kind and language in {"fr", "it"}:
        word = word.replace("'", "’").rpartition("’")[2]  # l’Ing.
        kind = kinds.get(word.lower(), "")
    return Stop(bare, following, language, begins, small, word, previous, kind)


def judge_stop(stop: Stop) -> bool | None:
    """True if a full stop is more than an abbreviation's; None leaves it to the library."""
    return next((verdict(stop) for holds, verdict in _VERDICTS if holds(stop)), None)


def _is_before_count(stop: Stop) -> bool:
    pattern = {"part": _COUNT, "count": _DIGIT}.get(stop.kind)
    return pattern is not None and pattern.match(stop.following) is not None


def _ends_title(stop: Stop) -> bool:
    # Mulholland Dr. and Elm St. may end a sentence, but Dr. No does not begin one
    is_street = stop.word.lower() in {"dr", "st"} and stop.previous[:1].isupper()
    return is_street and stop.begins and not stop.following.lower().startswith("no")


def _ends_unit(stop: Stop) -> bool | None:
    first = stop.following[0]
    if first.islower():
        return stop.begins
    return None if first.isdigit() and stop.word.lower() in _LIST_ENDS else not first.isdigit()


def _ends_time(stop: Stop) -> bool | None:
    first, bare = stop.following[0], stop.bare.lower()
    if first.islower() or first.isdigit() or _TIME_ZONE.match(stop.following):
        return False
    if _TIME_ONLY.fullmatch(bare):
        return False  # a sentence that begins with a time has not ended with it
    return stop.begins or (False if _TIME_FIRST.match(bare) else None)


def _ends_letter(stop: Stop) -> bool | None:
    if stop.begins or stop.previous.lower() in _LETTER_NAMED:
        return True
    if stop.word == "I" and stop.language == "en":
        return not stop.previous[:1].isupper()
    return False if stop.word.isupper() or stop.small else None


def _ends_ordinal(stop: Stop) -> bool | None:
    is_before = stop.previous.lower() in _ORDINAL_BEFORE
    return False if is_before or _ORDINAL_AFTER.match(stop.following) else None


# which stops a verdict is about, and the verdict; the first that holds decides
_VERDICTS: tuple[tuple[Callable[[Stop], object], Callable[[Stop], bool | None]], ...] = (
    (lambda s: s.kind == "title" and (s.word[0].isupper() or s.small), _ends_title),
    (lambda s: s.kind == "open", lambda _: False),
    (_is_before_count, lambda _: False),
    (lambda s: s.kind == "part", lambda s: s.begins),
    (lambda s: s.kind == "count" and s.word.lower() == "no", lambda _: True),
    (lambda s: s.kind == "unit", _ends_unit),
    (lambda s: s.kind == "suffix", lambda s: s.begins),
    (lambda s: s.kind == "firm", lambda s: s.begins or None),
    (lambda s: s.word.lower() in {"a.m", "p.m"}, _ends_time),
    (lambda s: len(s.word) == 1 and s.word.isalpha(), _ends_letter),
    (lambda s: _DOTTED.fullmatch(s.word), lambda s: s.begins),
    (lambda s: s.language == "de" and s.word.isdigit() and len(s.word) < 3, _ends_ordinal),
)
