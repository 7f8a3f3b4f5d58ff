"""Plain sentences, which are most of a review, are known at a glance: they hold no English form.

Each look is cheap by itself: its pattern begins with one class of rare characters, or it is no
pattern at all. One alternation of them all takes four times as long.
"""

import re

from reviewcast.text.spoken.words import write_roman

# all but letters and the marks between words: a digit, a sign, a line's end
_SIGN = re.compile(r"[^A-Za-zÀ-ÖØ-öø-ÿ ,;:?!\"“”‘’'().…—–―-]")

# a capital in a word, or an A that is not the article
_CAPITAL = re.compile(r"[A-Z](?:(?<=[A-Za-z].)|(?<=A)(?<!\w.)(?!\w| [a-z]))")
_SMILEY = re.compile(r"[;:]['-]?[()]")
_WORD = re.compile(r"[A-Za-z]+")
_BEFORE_I = re.compile(r"[A-Z](?<!\w.)[a-z]+(?=(?: +|-)I\b)")
_PARTS = "part chapter episode volume act phase scene type season page".split()

_PART_ONE = re.compile(
    rf" [Ii](?!\w)(?:{'|'.join(f'(?<={part}{s} .)' for part in _PARTS for s in ('', 's'))})"
)

# said in full without a stop, or with one that ends the text
_SHORTENED = (
    "v vs etc feat ft w aka jr sr bros inc ltd corp dept govt eg ie cf approx st sts dr mr mrs ms "
    "sgt capt lt mt mme mlle prof cpl vol vols ch chs pt pts ep eps p pp nos"
).split()

_TELLING_WORDS = frozenset(
    [*_SHORTENED, *map(str.capitalize, _SHORTENED), "ed", "misc", "orig", "avg", "viz", "incl"]
    + ["Chvrches", *"BCDEFGHJKLMNOPQRSTUVWXYZ"]
    + "Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun".split()
    + [write_roman(number).lower() for number in range(2, 90)]
)

# with one of these a sentence begins; after any other word with a capital, I may be the first
_FIRST_WORDS = frozenset(
    "As All And But If Or So What When Why Where While Although Though Because Since Here Then Yet "
    "How That Now Before After Until Once Had Have Did Do Was Can Could Would Should May Might "
    "Perhaps Maybe Still Sometimes Yes No Oh Well Even".split()
)


def is_plain(text: str) -> bool:
    """True if a text has nothing that any rule of English begins with.

    >>> is_plain("A clown falls down."), is_plain("Rocky IV"), is_plain("Kramer vs Kramer")
    (True, False, False)
    """
    return not (
        _SIGN.search(text)
        or text.find(".", 0, -1) >= 0  # a full stop within the text may be an abbreviation's
        or _CAPITAL.search(text)
        or _SMILEY.search(text)
        or _PART_ONE.search(text)
        or not _TELLING_WORDS.isdisjoint(_WORD.findall(text))
        or ("I" in text and not _FIRST_WORDS.issuperset(_BEFORE_I.findall(text)))
    )
