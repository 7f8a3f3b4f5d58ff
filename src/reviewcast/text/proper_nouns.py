"""Names and odd words are found before they are mispronounced.

English tells a name by its capital within a sentence; other languages alike, but German, whose
nouns have one, too: there only names of several words and those with foreign letters are found.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from reviewcast.text.cast import mark_cast
from reviewcast.text.name_search import Kind, NameSearch, Passage
from reviewcast.text.spoken import LexiconEntry, say


class Name(Struct, frozen=True, kw_only=True):
    """A name or an odd word, how often it occurs, and in which passages.

    `spoken` is what the lexicon makes of it, "" when it has no entry for any part of it. `doubt`
    is from 0 to 3: how likely a voice says it wrong, judged by its letters alone.
    """

    written: str
    count: int
    kinds: tuple[Kind, ...]
    spoken: str
    places: tuple[int, ...]
    doubt: int = 0


class SharedName(Struct, frozen=True, kw_only=True):
    """A name over several reviews, and in which of them it occurs.

    `language` is that of the first of them.
    """

    written: str
    count: int
    kinds: tuple[Kind, ...]
    spoken: str
    language: str
    reviews: tuple[str, ...]
    doubt: int = 0


_DOUBTS: dict[Kind, int] = {
    "foreign letters": 3, "no vowels": 3, "mixed case": 2, "figures": 2, "initials": 1, "signs": 1,
}  # fmt: skip

_CAST_DOUBT = 0.5
"""Names of people are from everywhere: one that looks English may not be."""

# letters beside each other that English words do not have, or say otherwise
_ODD_SPELLING = re.compile(
    r"[^\Waeiouy\d_]{5}|cz|sz|rz|zs|dz|dj|nj|xh|vr|zh|kh|bh|dh|jh|ts[aeiou]|tz[aeiou]|q(?!u)|sch[aeiou]"
    r"|\b(?:ng|mb|nd|nk|ts|hr|hl|sv|zb|zv|vl|mw|gb|kj|fj|bj|hj|tch|xi|pt|gn|ll|cs|sj)"
    r"|aa|ii|uu|yy|jj|vv|oei|eau|eux|ieu|ij|uij|iou\b|oux|ouill|ueue|tje|sje|cchi|ggi[aeo]"
    r"|[jqv]\b|[aeo]i?gh?n[aeo]|[a-z]uis\b|ez\b|dt\b|wski|wicz|ovi[cć]|oğ|ucci|etti|elli\b|vic\b"
)


def find_names(
    passages: Sequence[Passage | str],
    *,
    language: str,
    lexicon: Sequence[LexiconEntry] = (),
    italics: Sequence[str] = (),
    cast: Sequence[str] = (),
    voice: str = "",
) -> tuple[Name, ...]:
    """Find names and odd words, the most doubtful first, then the most frequent.

    `italics` are texts that stand in italics somewhere: those in capitals are titles of works.
    `cast` are people of the work, who are looked for. A lexicon's entries hold by language and
    voice as they do when a text is said.
    """
    search = NameSearch(language.lower().partition("-")[0])
    whole = [Passage(one, one) if isinstance(one, str) else one for one in passages]
    search.read(whole, italics)
    mark_cast(search, whole, cast)
    found = []
    for written, places in search.found.items():
        said = say(written, language=language, entries=lexicon, engine=voice) if lexicon else None
        is_known = said is not None and any(change.rule == "lexicon" for change in said.changes)
        found.append(
            Name(
                written=written,
                count=len(places),
                kinds=tuple(sorted(search.kinds[written])),
                spoken=said.text if said and is_known else "",
                places=tuple(sorted(set(places))),
                doubt=0 if is_known else _measure_doubt(written, search.kinds[written]),
            )
        )
    return tuple(sorted(found, key=_order))


def gather_names(
    reviews: Sequence[tuple[str, str, Sequence[Name]]],
) -> tuple[SharedName, ...]:
    """Gather the names of reviews, each given with its own name and language.

    Those come first whose correction mends most: in how many reviews a name is, times its doubt.
    """
    by_name: dict[str, list[tuple[str, str, Name]]] = defaultdict(list)
    for review, language, names in reviews:
        for name in names:
            by_name[name.written].append((review, language, name))
    gathered = (
        SharedName(
            written=written,
            count=sum(name.count for _, _, name in found),
            kinds=tuple(sorted({kind for _, _, name in found for kind in name.kinds})),
            spoken=next((name.spoken for _, _, name in found if name.spoken), ""),
            language=found[0][1],
            reviews=tuple(review for review, _, _ in found),
            doubt=max(name.doubt for _, _, name in found),
        )
        for written, found in by_name.items()
    )
    return tuple(sorted(gathered, key=_order_shared))


def _order(name: Name) -> tuple[float, int, str]:
    return -_weigh(name), -name.count, name.written.casefold()


def _order_shared(name: SharedName) -> tuple[float, float, int, str]:
    weight = _weigh(name)
    return -weight * len(name.reviews), -weight, -name.count, name.written.casefold()


def _weigh(name: Name | SharedName) -> float:
    """Return how much a name is to be listened to: its doubt, and a little for a work's people."""
    is_unheard = "cast" in name.kinds and not name.spoken
    return name.doubt + (_CAST_DOUBT if is_unheard else 0)


def _measure_doubt(written: str, kinds: Iterable[Kind]) -> int:
    """Judge how likely a voice says a name wrong: by its kinds, and by letters of other tongues."""
    doubt = max((_DOUBTS.get(kind, 0) for kind in kinds), default=0)
    return max(doubt, 2 if _ODD_SPELLING.search(written.lower()) else 0)
