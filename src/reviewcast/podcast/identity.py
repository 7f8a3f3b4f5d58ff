"""Which episode is which: known again under another file name, and numbered once."""

import html
import itertools
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from reviewcast.model.clean import make_slug
from reviewcast.model.errors import UsageError
from reviewcast.model.podcast import EpisodeRecord, Publication
from reviewcast.model.text import Review, Section
from reviewcast.podcast.feed.live import LiveFeed, LiveItem
from reviewcast.system.workspace import load_cues, load_notes, load_record, load_records

_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^>]*>")
_ALIKE = 0.8  # of all words; a review that is corrected keeps more, another one has fewer


class Portrait(Struct, frozen=True):
    """What an episode is recognised by; `read_texts` gives what it says, in one way or several."""

    title: str
    date: str
    sha256: str
    read_texts: Callable[[], tuple[str, ...]]


def find_former(portrait: Portrait, lost: Collection[tuple[str, Portrait]]) -> tuple[str, bool]:
    """Find the episode that a new one was before its review file was renamed.

    `lost` are the episodes whose review files are gone, by slug. Return the slug and True for the
    one that has the same bytes, or the same title, date and text; the slug and False when only
    two of the three agree or several episodes fit, so that there is no telling; else "" and False.
    """
    same = [slug for slug, one in lost if portrait.sha256 and one.sha256 == portrait.sha256]
    doubtful = []
    if not same:
        for slug, one in lost:
            marks = _compare(portrait, one)
            if marks == 3:
                same.append(slug)
            elif marks == 2:
                doubtful.append(slug)
    found = same or doubtful
    return (found[0], same == found[:1]) if found else ("", False)


def _compare(one: Portrait, other: Portrait) -> int:
    """Count in how many of title, date and text two episodes agree.

    Dates of which one is unknown agree as long as title and text do.
    """
    dated = bool(one.date and other.date)
    same_title = _fold(one.title) == _fold(other.title)
    same_date = one.date == other.date if dated else False
    if not same_title and not same_date:
        return 0
    same_text = any(
        itertools.starmap(_is_alike, itertools.product(one.read_texts(), other.read_texts()))
    )
    if not dated:
        return 3 if same_title and same_text else 0
    return same_title + same_date + same_text


def _is_alike(one: str, other: str) -> bool:
    words, others = (Counter(_WORD.findall(text.casefold())) for text in (one, other))
    total = words.total() + others.total()
    return total > 0 and 2 * (words & others).total() >= _ALIKE * total


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


def describe_record(record: EpisodeRecord) -> Portrait:
    """Return what a built episode is recognised by."""

    def read_texts() -> tuple[str, ...]:
        # what was said has the show's own lines, the notes lack what was left out of them
        notes = html.unescape(_TAG.sub(" ", load_notes(record)))
        return " ".join(cue.text for cue in load_cues(record)), notes

    return Portrait(record.title, record.date, record.source_sha256, read_texts)


def is_lost(record: EpisodeRecord, show: Path) -> bool:
    """True if an episode was built from a review file that is there no more."""
    return bool(record.source) and not os.path.lexists(show / record.source)


def keep_slug(review: Review, source: str, sha256: str, show: Path) -> tuple[str, str]:
    """Return the slug under which a review is built, and the former name of its file.

    That is its own, unless its file has been renamed: then the episode stays the one that it was.
    `source` is the file's path from the show's folder, "" for standard input. The former name is
    "" where nothing changes. Raise UsageError when it may be a former episode and may be none.
    """
    if not source or "slug" in review.origins:
        return review.slug, ""
    if own := load_record(show, review.slug):
        _refuse_taken(own, source, show)
        return review.slug, ""
    records = load_records(show)
    built = [record.slug for record in records if record.source == source]
    if len(built) == 1:
        return built[0], ""  # it was renamed before an earlier build

    def read_texts() -> tuple[str, ...]:
        return (" ".join(itertools.chain.from_iterable(map(_list_texts, review.sections))),)

    portrait = Portrait(review.title, review.date, sha256, read_texts)
    lost = {record.slug: record for record in records if is_lost(record, show)}
    slug, certain = find_former(portrait, [(s, describe_record(one)) for s, one in lost.items()])
    if not slug or slug == review.slug:
        return review.slug, ""
    if not certain:
        raise UsageError(
            f"{source} may be the episode {slug} under another name: its review file"
            f" {lost[slug].source} is gone.",
            hint=f"If it is, write `slug: {slug}` into its front matter;"
            f" if not, `slug: {review.slug}`.",
        )
    return slug, lost[slug].source


def _refuse_taken(own: EpisodeRecord, source: str, show: Path) -> None:
    """Raise UsageError when a slug that fits a file's name belongs to a review of another name."""
    renamed = make_slug(Path(own.source).stem) != own.slug
    if own.source not in {"", source} and renamed and not is_lost(own, show):
        raise UsageError(
            f"The episode {own.slug} is that of {own.source}, which had the name of"
            f" {source} before.",
            hint=f"Give {source} a slug of its own: `slug: {own.slug}-2` in its front matter.",
        )


def _list_texts(section: Section) -> Iterator[str]:
    if section.heading:
        yield section.heading
    for paragraph in section.paragraphs:
        yield paragraph.text


def find_namesakes(
    records: Mapping[str, EpisodeRecord], unknown: Mapping[str, LiveItem], live: LiveFeed
) -> dict[str, str]:
    """Find the live guids of episodes whose records were lost and whose files were renamed.

    `unknown` are the items, by guid, that nothing here accounts for. A record is the one that
    has the title, and the day or the length. Return the guid by slug where that is certain.
    """
    by_title: dict[str, list[str]] = {}
    for slug, record in records.items():
        by_title.setdefault(_fold(record.title), []).append(slug)
    dates = live.dates
    found: dict[str, list[str]] = {}
    for guid, item in unknown.items():
        day = f"{dates[guid]:%Y-%m-%d}" if guid in dates else ""
        fits = [
            slug
            for slug in by_title.get(_fold(item.title), ())
            if (day and day == records[slug].date)
            or item.fields.get("duration") == str(round(records[slug].duration_s))
        ]
        if len(fits) == 1:
            found.setdefault(fits[0], []).append(guid)
    return {slug: guids[0] for slug, guids in found.items() if len(guids) == 1}


def list_times(kept: Iterable[Publication], live: LiveFeed) -> list[datetime]:
    """Return when each episode that is or was public was published, in UTC, in order."""
    times = {one.guid: one.published for one in kept if one.was_public}
    return sorted((live.dates | times).values())


def number_episodes(
    records: Mapping[str, EpisodeRecord],
    kept: Collection[str],
    promised: Mapping[str, Publication],
    live: Mapping[str, int],
) -> dict[str, int]:
    """Return the number of each episode that is or will be public, 0 for none.

    A number is kept like a guid: the one that the review itself tells, else the one in the
    publication record, else that of the live feed (by guid), else, for the slugs in `kept`, whose
    records are from before numbers were, that of the build. New ones follow by date: they keep
    the numbers of their builds when these are free and in the order of the dates, else they are
    numbered on.
    """
    numbers: dict[str, int] = {}
    fresh = []
    for slug, one in promised.items():
        record = records.get(slug)
        if record is not None and record.own_track:
            numbers[slug] = record.track
        elif one.number is not None:
            numbers[slug] = one.number
        elif one.guid in live:
            numbers[slug] = live[one.guid]
        elif record is not None and slug in kept:
            numbers[slug] = record.track
        elif record is not None:
            fresh.append(slug)
    for season in {records[slug].season for slug in fresh}:
        own = [slug for slug in fresh if records[slug].season == season]
        taken = {
            number
            for slug, number in numbers.items()
            if slug in records and records[slug].season == season
        }
        numbers |= _number_new({slug: records[slug] for slug in own}, promised, taken)
    return numbers


def _number_new(
    records: Mapping[str, EpisodeRecord],
    promised: Mapping[str, Publication],
    taken: Collection[int],
) -> dict[str, int]:
    """Return numbers for the new episodes of a season, in which some are taken."""
    ordered = sorted(
        records,
        key=lambda slug: (promised[slug].published, records[slug].track, promised[slug].guid),
    )
    tracks = [records[slug].track for slug in ordered]
    if min(tracks) < 1 or tracks != sorted(set(tracks)) or not set(tracks).isdisjoint(taken):
        first = max(taken, default=0) + 1
        tracks = list(range(first, first + len(tracks)))
    return dict(zip(ordered, tracks, strict=True))
