"""Roman numerals in titles, reigns and wars are said as numbers, and nowhere else."""

import re
from collections.abc import Sequence
from itertools import pairwise

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import get_after, get_before
from reviewcast.text.spoken.words import read_roman, say_cardinal, say_ordinal

_REIGNS = frozenset(
    "Henry Richard Edward George William Charles James Elizabeth Louis Philip Philippe Felipe Juan "
    "Benedict Pius Leo Urban Innocent Clement Gregory Julius Paul Boniface Catherine Peter "
    "Alexander Nicholas Ivan Frederick Friedrich Wilhelm Napoleon Ramses Rameses Ptolemy Xerxes "
    "Darius Francis Franz Joseph Ferdinand Carlos Christian Gustav Otto Mary Margaret Robert "
    "Malcolm Harald Olaf Haakon Baldwin Leopold Ludwig Maximilian Mehmed Murad Suleiman Thutmose "
    "Amenhotep Seti Cleopatra Theodosius Constantine Justinian John".split()
)

_NOT_REIGNS = frozenset({"John", "Paul", "Robert", "Mary", "Malcolm", "Peter", "Joseph", "Leo"})

_SERIES_V = re.compile(
    r"\b(?:Rocky|Saw|Scream|Star Trek|Star Wars|Final Fantasy|GTA|Grand Theft Auto|Street Fighter|"
    "Mortal Kombat|Civilization|Civ|Dragon Quest|Ultima|Tekken|Death Wish|Halloween|"
    "Police Academy|Hellraiser|Puppet Master|Leprechaun|Critters|Tremors|Resident Evil|Persona|"
    "Forza|Far Cry|Diablo|Battlefield|Metal Gear Solid|Soulcalibur|Devil May Cry|"
    "Elder Scrolls|Assassin's Creed|Fallout|Wing Commander|King's Quest|Chicago|Led Zeppelin|"
    "Black Sabbath|Mark|Mk|Apollo|Saturn|Friday the 13th|Wizardry|Gears|Guilty Gear) $"
)

_SERIES_X = re.compile(r"\b(?:Saw|Final Fantasy|iPhone|OS|Dragon Quest|Chicago|Apollo) $")

_NUMBERED = (
    "Part|Chapter|Episode|Volume|Vol\\.|Book|Act|Context|Phase|Type|Mark|Season|Level|Stage|Article|"
    "Section|Super Bowl|WrestleMania|Tier|Round|Movement|Canto|Appendix|Figure|Title|Class|Pt\\.|"
    "Ch\\.|Ep\\.|Disc|Disk|Side|Case|Schedule|Opus|Symphony|Division|Formula|Vatican|Vol|Pt"
)

_NUMBERED_CAPITALS = "PART|CHAPTER|EPISODE|VOLUME|BOOK|ACT"
_NUMBERED_SMALL = "part|chapter|episode|volume|act|phase|scene|type|season"

_SHORT_WORDS = {"Vol": "Volume", "Pt": "Part", "Ch": "Chapter", "Ep": "Episode"}
_ROMAN = r"[IVXLC]{1,8}"

_AFTER_ONE = re.compile(
    r"\s*(?:$|[.,;:!?)\]”\"—–-]|['’]s|(?:is|was|of|and|in|to|with|ends|begins|opens|sets|has|had|by|"
    r"as|for|on|at|from|or|will|would|ruled|who|features?|introduces|takes|follows)\b)"
)

_ENDS = re.compile(r"$|[.,;:!?)\]”\"]|['’]s")

_BOUND_BEFORE = re.compile(
    r"\b(?:the|that|this|which|what|a|best|only|favou?rite) $", re.IGNORECASE
)

_CAPITAL_BEFORE = re.compile(
    r"(?:(?<![\w'’])(?P<word>[A-Z][\w'’.!?-]{0,30})|(?P<digits>[0-9]{1,4}(?:th)?))"
    r"[\"”’)]?(?P<mark>[:,]?) $"
)

_REIGN_TITLE = re.compile(
    r"\b(?:King|Queen|Pope|Tsar|Czar|Emperor|Empress|Kaiser|Prince|Pharaoh|Sultan) \w+ $"
)


def _say_war(match: re.Match[str], _context: Context) -> str | None:
    number = read_roman(match[2]) if match[2].isalpha() else int(match[2])
    return f"World War {say_cardinal(number)}" if number else None


def _say_numbered(match: re.Match[str], _context: Context) -> str | None:
    word, numerals = match[1], match["numerals"]
    pieces = re.split(r"(?<=[IVXLC])(\s*(?:,|&|and|to|or|[-–/])\s*)(?=[IVXLC])", numerals)
    numbers = [read_roman(piece) for piece in pieces[::2]]
    if None in numbers:
        return None
    if pieces[-1] == "I" and not word.isupper() and not _is_numeral_one(match):
        return None
    if word.islower() and pieces[-1] in {"I", "C", "X", "L"} and not _ENDS.match(get_after(match)):
        return None
    words = _join_numbers([number or 0 for number in numbers], pieces[1::2])
    return f"{_SHORT_WORDS.get(word.rstrip('.'), word)} {words}"


def _join_numbers(numbers: Sequence[int], joints: Sequence[str]) -> str:
    marks = [" to " if j.strip() in {"-", "–"} else j.replace("&", "and") for j in joints]
    return "".join(map("".join, zip(map(say_cardinal, numbers), [*marks, ""], strict=True)))


def _is_numeral_one(match: re.Match[str]) -> bool:
    """True for the numeral of Part I, False for the word of "the Part I liked"."""
    if match[1] in {"Type", "Quadrant"} or _AFTER_ONE.match(get_after(match)):
        return True
    return not _BOUND_BEFORE.search(get_before(match)) and not re.match(
        r" [a-z]", get_after(match, 2)
    )


def _say_series(match: re.Match[str], _context: Context) -> str | None:
    series = _SERIES_V if match[0] == "V" else _SERIES_X
    return say_cardinal(read_roman(match[0]) or 0) if series.search(get_before(match)) else None


def _say_roman(match: re.Match[str], context: Context) -> str | None:
    numeral, near = match[0], get_before(match, 40)
    word = near[:-1].rpartition(" ")[2]
    if word.isalpha() and word.islower():
        return None  # most of them are the word I
    number = read_roman(numeral)
    before = _CAPITAL_BEFORE.search(near)
    if not number or not before or number > 89:
        return None
    word = before["word"] or ""
    stem = word.removesuffix("’s").removesuffix("'s")
    is_whole = before[0].endswith(f"{word} ")  # neither (Henry) I nor Henry, I
    if stem in _REIGNS and is_whole and _is_reign(match, stem, number):
        return f"the {say_ordinal(number)}"
    if numeral == "I":
        return None
    if len(numeral) == 1:
        # a lone V is a numeral at the end of a title's name; a lone X may be a letter even there
        if numeral == "X" or re.match(r" [A-Z]", get_after(match, 2)):
            return None
        if not context.is_likely_title(match):
            return None
    if number > 30 or numeral in {"XX", "XXX"}:
        return None
    if word in {"I", "The", "A", "An", "On", "In", "At", "Of", "And", "Or", "With"}:
        return None
    return say_cardinal(number)


def _is_reign(match: re.Match[str], name: str, number: int) -> bool:
    has_title = bool(_REIGN_TITLE.search(get_before(match, 40)))
    if name in _NOT_REIGNS and not has_title:
        # sons bear their fathers' first names, popes and kings are named with a title
        return number > 1 and name in {"Paul", "Peter", "Malcolm", "Leo"} and match[0] != "X"
    if match[0] in {"I", "X", "V", "C"} and name not in _REIGNS:
        return False
    if number == 1:
        return has_title or bool(re.match(r"$|[.,;:)!?]|['’]s| of | who ", get_after(match, 5)))
    return number < 24


def _say_row(match: re.Match[str], _context: Context) -> str | None:
    """Say III & IV, II–IV; each number is larger than the one before."""
    pieces = re.split(r"( ?(?:,|&|and|or|to|[-–/]) ?(?:and |or |& )?)", match[0])
    numbers = [read_roman(piece) or 0 for piece in pieces[::2]]
    if not all(low < high < 40 for low, high in pairwise(numbers)) or not numbers[0]:
        return None
    if pieces[0] in {"I", "X", "V"} and pieces[2] not in {"II", "III", "XI", "VI"}:
        return None
    return _join_numbers(numbers, [joint.replace("/", " ") for joint in pieces[1::2]])


def _say_page(match: re.Match[str], _context: Context) -> str | None:
    first, last = read_roman(match[1]), read_roman(match[2] or "I")
    if not first or not last:
        return None
    return say_cardinal(first) + (f" to {say_cardinal(last)}" if match[2] else "")


ROMANS = Family(
    "romans",
    (
        Rule("war", r"(World War |WW ?)(I{1,3}|IV|[123])(?!\w)", _say_war, "W"),
        Rule(
            "numbered",
            rf"\b((?:{_NUMBERED})s?|(?:{_NUMBERED_CAPITALS})S?|(?:{_NUMBERED_SMALL})s?)"
            rf" (?P<numerals>{_ROMAN}(?:(?:, ?| and | or | to | & | ?[-–/] ?){_ROMAN}){{0,3}})"
            r"(?![\w'’.-]\w|\w)",
            _say_numbered,
            "IVXLC",
        ),
        Rule(
            "row",
            r"[IVX](?<!\w.)(?<![.'’/&$-].)[IVX]{0,6}"
            r"(?:(?: & |, (?:and |or |& )?| and | or | to | ?[-–/] ?)[IVX]{2,6}){1,4}"
            r"(?![\w&$]|['’-]\w|\.\w)",
            _say_row,
            "IVX",
        ),
        Rule("series", r"[VX](?<=\w .)(?![\w.&'’-]\w|\w)", _say_series, "VX"),
        Rule(
            "page",
            r"([ivxl](?<= .)(?:(?<=[Pp]age .)|(?<=[Pp]ages .)|(?<=p\. .)|(?<=[Aa]ct .)|"
            r"(?<=[Ss]cene .))[ivxl]{0,5})(?: ?[-–] ?([ivxl]{1,6}))?(?!\w)",
            _say_page,
            "ivxl",
        ),
        Rule(
            "roman",
            r"[IVX](?<!\w.)(?<![.'’/&$-].)[IVXL]{0,6}(?!\w|[/&$]|-[A-Za-z]|\.\w|['’](?!s\b))",
            _say_roman,
            "IVX",
        ),
    ),
)
