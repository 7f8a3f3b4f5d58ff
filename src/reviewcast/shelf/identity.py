"""The same review in two sources is one: by exact ids, by work and day, then by its words."""

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from reviewcast.shelf.dates import count_days, list_near
from reviewcast.shelf.ledger import Record, is_file_id
from reviewcast.shelf.sources.letterboxd import FAMILY
from reviewcast.shelf.values import SourceReview
from reviewcast.shelf.works import key_work, list_keys, read_year, split_year

_RUN = 4
_LEAST_WORDS = 8
_ALIKE = 0.5
"""This part of the shorter text's runs of four words stands in the longer one, of the same work."""

_SAME = 0.8
_LEAST_UNNAMED = 25
"""So many words two texts have that are one although nothing says that they are of one work."""

_SAME_DAYS = 7
"""A blog has its text on a film so soon after the viewing, whatever its words are."""

_NEAR_DAYS = 31
_CERTAIN = _SAME_DAYS + 2
_SHORT, _SAMPLE = 200, 4
"""Of texts with more words than that, only every fourth run of words is looked up."""

_COMMON = 50
"""A run of words that stands in more reviews than that tells nothing."""

_MARKUP = re.compile(r"\]\([^()\s]*\)|https?://\S+|\\(?=\W)")
_WORD = re.compile(r"[^\W_]+")
_MOVABLE = ("feed@", "page@", "folder")
"""Sources whose ids are addresses, which change when a blog is rearranged."""


class Match(NamedTuple):
    """The record that a review belongs to, and why."""

    record: Record
    reason: str


class _Words(NamedTuple):
    plain: str
    size: int
    runs: frozenset[int]


class Identities:
    """Finds the record of a review among all that a show has."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_id: dict[str, Record] = {}
        self._by_file: defaultdict[str, list[Record]] = defaultdict(list)
        self._by_work: defaultdict[str, list[Record]] = defaultdict(list)
        self._by_day: defaultdict[str, list[Record]] = defaultdict(list)
        self._by_run: defaultdict[int, list[Record]] = defaultdict(list)
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Know a record by all that its versions tell; it may be known already."""
        for one in record.ids:
            if is_file_id(one):
                _enter(self._by_file[one], record)
            else:
                self._by_id.setdefault(one, record)
        for version in record.versions.values():
            for key in list_keys(version.title, version.work):
                _enter(self._by_work[key], record)
            for day in {version.watched, version.date} - {""}:
                _enter(self._by_day[day], record)
            words = _read_words(version.text)
            for run in words.runs:
                if words.size <= _SHORT or run % _SAMPLE == 0:
                    _enter(self._by_run[run], record)

    def find(self, review: SourceReview) -> Match | None:
        """Return the record of the same review, None when the show has none."""
        for one in review.ids:
            record = self._by_id.get(one)
            if record is not None and not _has_another(record, review, by=one):
                return Match(record, "the same id")
        for one in review.ids:
            for record in self._by_file.get(one, ()):
                if _is_same_file(record, review):
                    return Match(record, "the same file")
        best: tuple[tuple[bool, int, float], Match] | None = None
        for record in self._list_candidates(review):
            if any(_is_apart(review, version) for version in record.versions.values()):
                continue
            for version in record.versions.values():
                found = _compare(review, version, record)
                if found and (best is None or found[0] > best[0]):
                    best = (found[0], Match(record, found[1]))
        return best[1] if best else None

    def _list_candidates(self, review: SourceReview) -> Iterator[Record]:
        """Return the records of the same work, of about the same day, and with the same words."""
        found = [record for key in _keys(review) for record in self._by_work.get(key, ())]
        for day in list_near(review.watched) + list_near(review.date):
            found += self._by_day.get(day, ())
        for run in _read_words(review.text).runs:
            known = self._by_run.get(run, ())
            found += known if len(known) <= _COMMON else ()
        yield from {id(record): record for record in found}.values()


def _has_another(record: Record, review: SourceReview, *, by: str) -> bool:
    """True if a record has another review of the same source, which blogs give the same guid.

    Feeds may give all their entries one address: it tells nothing of two that differ otherwise.
    """
    known = record.versions.get(review.source)
    if known is None or known.ids[0] == review.ids[0]:
        return False
    if not review.source.startswith(_MOVABLE):
        return True
    return by != review.ids[0] and not _is_same_file(record, review)


def _is_same_file(record: Record, review: SourceReview) -> bool:
    """True if a review whose file has the name of a record's is that one, not another blog's."""
    if not record.versions:
        return True
    return any(
        _measure(review.text, version.text)[0] >= _ALIKE
        or (version.source == review.source and _is_same_work(review, version))
        for version in record.versions.values()
    )


def _compare(
    review: SourceReview, other: SourceReview, record: Record
) -> tuple[tuple[bool, int, float], str] | None:
    """Return how sure it is that two versions are of one review, and why; None when not."""
    is_known = review.source in record.versions  # one source has each review once
    if is_known and not review.source.startswith(_MOVABLE):
        return None
    likeness, shared = _measure(review.text, other.text)
    if is_known and (likeness < _SAME or key_work(review.title) != key_work(other.title)):
        return None
    if not _is_same_work(review, other):
        return _compare_unnamed(review, other, likeness, shared)
    level, reason = _compare_days(review, other)
    if level < 0:
        return None
    if level == 0:
        if not _is_alike(review, other, likeness):
            return None
        reason = f"the same work and {likeness:.0%} of the shorter text"
    return (likeness >= _SAME, level, likeness), reason


def _is_apart(review: SourceReview, other: SourceReview) -> bool:
    """True if two exports of one service say that these are two reviews of it."""
    if review.source not in FAMILY or other.source not in FAMILY:
        return False
    return not _is_same_work(review, other) or _compare_days(review, other)[0] < 0


def _is_alike(review: SourceReview, other: SourceReview, likeness: float) -> bool:
    """True if the texts of two reviews of one work are one, whatever their days."""
    shorter = min(_read_words(review.text), _read_words(other.text), key=lambda one: one.size)
    if review.watched and other.watched:  # read or seen again, unless every word is the same
        return likeness >= _SAME and shorter.size >= _LEAST_UNNAMED
    if shorter.size >= _LEAST_WORDS and likeness >= _ALIKE:
        return True
    days = count_days(review.watched or review.date, other.watched or other.date)
    texts = _read_words(review.text).plain, _read_words(other.text).plain
    if days is None and texts[0] == texts[1]:
        return True
    near = days is not None and days <= _NEAR_DAYS
    return near and shorter.size >= 3 and f" {shorter.plain} " in f" {max(texts, key=len)} "


def _compare_unnamed(
    review: SourceReview, other: SourceReview, likeness: float, shared: int
) -> tuple[tuple[bool, int, float], str] | None:
    """Compare reviews that do not say by their titles that they are of one work."""
    if review.work and other.work:
        return None
    shorter = min(_read_words(review.text).size, _read_words(other.text).size)
    named = _names_work(review, other) or _names_work(other, review)
    least = _LEAST_WORDS if named else _LEAST_UNNAMED
    if likeness < _SAME or shorter < least or shared < _RUN:
        return None
    return (True, 0, likeness), f"{likeness:.0%} of the shorter text"


def _measure(one: str, other: str) -> tuple[float, int]:
    """Return which part of the shorter text's runs of words the other has, and how many."""
    first, second = _read_words(one), _read_words(other)
    shared = len(first.runs & second.runs)
    least = min(len(first.runs), len(second.runs))
    return (shared / least if least else float(first.plain == second.plain)), shared


@lru_cache(maxsize=512)
def _read_words(text: str) -> _Words:
    words = _WORD.findall(_MARKUP.sub(" ", text).casefold())
    runs = zip(*(words[at:] for at in range(_RUN)), strict=False)
    hashed = frozenset(zlib.crc32(" ".join(run).encode()) for run in runs)
    return _Words(" ".join(words), len(words), hashed)


def _keys(review: SourceReview) -> frozenset[str]:
    return list_keys(review.title, review.work)


def _enter(records: list[Record], record: Record) -> None:
    if not records or records[-1] is not record:
        records.append(record)


def _is_same_work(one: SourceReview, other: SourceReview) -> bool:
    if (one.isbn and one.isbn == other.isbn) or (one.tmdb and one.tmdb == other.tmdb):
        return True
    if not list_keys(one.title, one.work) & list_keys(other.title, other.work):
        return False
    years = [read_year(each.year) or split_year(each.title)[1] for each in (one, other)]
    if not all(years):
        return True
    return abs(int(years[0]) - int(years[1])) <= 1 or (_is_book(one) and _is_book(other))


def _is_book(review: SourceReview) -> bool:
    """True if a work's year is that of one of its editions."""
    return bool(review.isbn or review.creator)


def _compare_days(one: SourceReview, other: SourceReview) -> tuple[int, str]:
    """Return how well the days of two reviews of a work agree; below 0 they are different ones."""
    if one.source in FAMILY and other.source in FAMILY:
        if one.watched and other.watched:
            same = one.watched == other.watched
            return (_CERTAIN, "title, year and day of viewing") if same else (-1, "")
        same = bool(one.date) and one.date == other.date
        return (_CERTAIN, "title, year and day") if same else (-1, "")
    ours, theirs = (
        [day for day in (version.watched, version.date) if day] for version in (one, other)
    )
    days = [count_days(our, their) for our in ours for their in theirs]
    nearest = min((day for day in days if day is not None), default=None)
    if nearest is None or nearest > _SAME_DAYS:
        return 0, ""
    if nearest == 0:
        return _SAME_DAYS + 1, "the same work on the same day"
    return _SAME_DAYS + 1 - nearest, f"the same work, {nearest} days apart"


def _names_work(one: SourceReview, other: SourceReview) -> bool:
    """True if a title has the words of the other's work in it."""
    key = key_work(other.work)
    return len(key) > 3 and f" {key} " in f" {key_work(one.title)} "
