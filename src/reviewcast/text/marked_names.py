"""Names and titles with a mark inside that ends no sentence: Mamma Mia! Here We Go Again."""

import functools
import re

from reviewcast.model.characters import has_words
from reviewcast.text.sentence_words import OPENERS

CLOSERS = "\"”’'“‘)]»«›‹"
MARK = re.compile(r"[.!?…:;]")
_BRACKETED_YEAR = re.compile(r"\((?:[^()]{0,32}\D)?(?:18|19|20)\d\d\)")

_QUOTED_TITLE = re.compile(
    r"\b(?i:in|of|from|like|with|for|to|as|on|by|than|and|see|saw|watch(?:ed)?|called|titled)"
    r"\s[“\"‘'](?:[A-Z0-9]\S*|[a-z]{1,3})(?:\s(?:[A-Z0-9]\S*|[a-z]{1,3}))*[!?][”\"’']$"
)

# names with a mark inside, and how they go on
_MARKED_NAMES = {
    "Yahoo!": "", "Jeopardy!": "", "Panic!": "At the Disco", "Shots!": "Part Deux",
    "Mia!": "Here We", "Pussycat!": "Kill!", "You!": "Black Emperor", "E.T.": "The Extra",
    "P.S.": "",
}  # fmt: skip

# Mamma Mia! Here We Go Again: more words with capitals than a sentence begins with
_NAME_BEFORE = re.compile(r"(?:[A-Z][\w'’]+ |\A)[A-Z][\w'’]*[!?]$")

_NAME_GOES_ON = re.compile(
    r"(?!(?:I|The|A|An|In|On|At|For|My|Our|His|Her|Its|And|But|With|From|As|If|When)\b)[A-Z][\w'’]*"
    r"(?: (?:of|the|and|in|on|a|to|for))? [A-Z][\w'’]*"
    r"(?: (?:of|the|and|in|on|a|to|for))? [A-Z][\w'’]"
)


def is_in_name(before: str, following: str, *, begins: bool) -> bool:
    """True if a mark belongs to a name that goes on, or after which the sentence does."""
    bare = before.rstrip(CLOSERS)
    word = bare.rsplit(None, 1)[-1].lstrip(OPENERS)
    rest = _MARKED_NAMES.get(word)
    if rest is not None and following.startswith(rest) and (rest or not begins):
        return True
    if begins or bare.endswith("."):
        return False
    if not bare.endswith("…") and _NAME_BEFORE.search(bare) and _NAME_GOES_ON.match(following):
        return True
    is_repeated = word[:1].isalnum() and following.startswith(word)
    return (
        is_repeated
        or _BRACKETED_YEAR.match(following) is not None
        or _QUOTED_TITLE.search(before) is not None
    )


@functools.lru_cache(16)
def match_titles(titles: tuple[str, ...]) -> re.Pattern[str] | None:
    """Make the pattern of those titles that hold a mark; the longest is found first."""
    marked = []
    for title in sorted(titles, key=len, reverse=True):
        if MARK.search(title) and has_words(title):
            first, *rest = ("['’]" if letter in "'’" else re.escape(letter) for letter in title)
            # the pattern begins with a letter, which re searches for fastest
            marked.append(rf"{first}(?<!\w.){''.join(rest)}")
    return re.compile("|".join(marked)) if marked else None
