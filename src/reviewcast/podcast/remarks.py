"""What a user should know of a show before it is published."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from msgspec.structs import replace

from reviewcast.model.events import Noticed, Warned
from reviewcast.model.podcast import EpisodeRecord
from reviewcast.podcast.feed.live import LiveFeed
from reviewcast.podcast.holding_back import hold_back
from reviewcast.podcast.identity import list_times
from reviewcast.podcast.promises import BuiltShow
from reviewcast.podcast.publication import Plan
from reviewcast.podcast.round_ups import decide_role, leaves_round_up, warn_of_emptied
from reviewcast.system.files import escape
from reviewcast.text.draft import match_reviews
from reviewcast.text.look import look_at_files

_MOST_NAMES = 5


def remark_on_show(show: BuiltShow) -> Iterator[Warned | Noticed]:
    """Name the reviews that differ from what was built of them, and those never built.

    Warn of round-ups that all reviews have left, of reviews that are in two episodes, and of those
    that must not be public by now and are.
    """
    changed, built = [], set()
    for record in show.records.values():
        if record.source:
            path = show.folder / record.source
            built.add(os.path.normpath(path))
            built |= {os.path.normpath(show.folder / name) for name in record.members}
            if _is_emptied(show, record):
                yield from _warn_of_emptied(show, record)
                continue
            is_changed = _is_newer(path, record)
            exposed = list(_warn_of_exposed(show, record, is_changed=is_changed))
            yield from exposed
            if not (exposed or record.draft):  # a build is not what that one lacks
                changed += [record.source] * is_changed + _list_newer(show.folder, record)
    if changed:
        text = f"Changed since the build: {_list_some(changed)}."
        yield Warned(f"{text} Build first: reviewcast build")
    yield from _warn_of_repeats(show)
    found = match_reviews(show.folder, show.config) if show.config.show.reviews else []
    missing = _list_wanted(show, [path for path in found if str(path) not in built])
    if missing:
        yield Noticed(f"Not built, so not published: {_list_some(missing)}.")


def _warn_of_exposed(
    show: BuiltShow, record: EpisodeRecord, *, is_changed: bool
) -> Iterator[Warned | Noticed]:
    """Name an episode that is public though its review must not be so, as it is by now.

    One that was built like that may have been published by its name, which is no mistake.
    """
    kept, slug = show.kept.get(record.slug), record.slug
    if kept is None or kept.withdrawn or not kept.was_public or record.members:
        return
    advice = f"To take it back: reviewcast unpublish {slug}"
    if not is_changed and record.draft:
        yield Noticed(f"{slug} is public, and was built as a draft. {advice}")
    if is_changed and hold_back(replace(record, draft=False), show.config).draft:
        yield Warned(f"{slug} is public, and {record.source} is a draft or private now. {advice}")


def _is_emptied(show: BuiltShow, record: EpisodeRecord) -> bool:
    """True if all reviews of a round-up that are there must not be in it any more."""
    paths = [show.folder / source for source in record.members]
    there = [path for path in paths if os.path.lexists(path)]
    looks = look_at_files(there, show.config)
    left = sum(1 for _ in takewhile(lambda look: leaves_round_up(look, show.config), looks))
    return bool(there) and left == len(there)


def _warn_of_emptied(show: BuiltShow, record: EpisodeRecord) -> Iterator[Warned]:
    kept = show.kept.get(record.slug)
    if kept is None or not kept.withdrawn:
        yield warn_of_emptied(record.slug, published=kept is not None)


def _warn_of_repeats(show: BuiltShow) -> Iterator[Warned]:
    """Warn of reviews that are in more than one episode which is public or may be so."""
    slugs: dict[str, list[str]] = {}
    for slug, record in show.records.items():
        kept = show.kept.get(slug)
        if kept is None or not kept.withdrawn:
            for source in filter(None, record.members or [record.source]):
                slugs.setdefault(source, []).append(slug)
    for source, several in slugs.items():
        if len(several) > 1:
            yield Warned(
                f"{source} is in several episodes: {_list_some(several)}."
                " Unpublish all but one, and remove their folders."
            )


def _list_wanted(show: BuiltShow, paths: Sequence[Path]) -> list[str]:
    """Return the names of those reviews that are to be episodes of their own."""
    names = []
    for path in paths:
        looks = list(look_at_files([path], show.config))
        if not looks or (decide_role(looks[0], show.config) == "alone" and not looks[0].draft):
            names.append(escape(path.name))
    return names


def _list_newer(folder: Path, record: EpisodeRecord) -> list[str]:
    """Return the reviews of a round-up that were written to since its build, and differ."""
    return [
        source
        for source, sha256 in record.members.items()
        if _is_newer(folder / source, replace(record, source_sha256=sha256))
    ]


def remark_on_clock(show: BuiltShow, live: LiveFeed, now: datetime) -> Iterator[Warned]:
    """Warn of a clock that is behind what was published."""
    times = list_times(show.kept.values(), live)
    if times and times[-1] > now:
        yield Warned(
            f"The clock says {now:%Y-%m-%d %H:%M} UTC, but an episode was published at"
            f" {times[-1]:%Y-%m-%d %H:%M}: one of them is wrong. What is public stays;"
            " set the clock before publishing anything new."
        )


def remark_on_plan(show: BuiltShow, plan: Plan) -> Iterator[Warned | Noticed]:
    """Name the episodes whose files tell another number or another address than the feed will.

    Warn of those that had a date and must not appear any more.
    """
    for slug, when in sorted(plan.held_back.items()):
        review = show.records[slug].source or "its review"
        yield Warned(
            f"{slug} was to appear at {when:%Y-%m-%d %H:%M} UTC and is held back: {review} is a"
            f" draft or private now. To take its date away: reviewcast unpublish {slug}"
        )
    differing = [
        slug
        for slug, one in plan.promised.items()
        if (record := show.records.get(slug))
        and record.source
        and one.number
        and record.track != one.number
    ]
    if differing:
        text = f"Numbered otherwise in the MP3 than in the feed: {_list_some(differing)}."
        yield Noticed(f"{text} To have the same in both: reviewcast build")
    base = f"{show.config.show.url.rstrip('/')}/media/".encode()
    moved = [
        release.slug
        for release in plan.releases
        if _names_other_pictures(show.records[release.slug], base)
    ]
    if moved:
        text = f"Built for another url, so their chapters lack pictures: {_list_some(moved)}."
        yield Warned(f"{text} Build first: reviewcast build")


def _names_other_pictures(record: EpisodeRecord, base: bytes) -> bool:
    """True if an episode's chapter file says that its pictures do not lie below `base`."""
    if not any(chapter.image for chapter in record.chapters):
        return False
    return base not in Path(record.path).with_suffix(".chapters.json").read_bytes()


def _is_newer(review: Path, record: EpisodeRecord) -> bool:
    """True if a review was written to after its build, and differs."""
    try:
        if os.stat(review).st_mtime <= os.stat(record.path).st_mtime:
            return False
        return hashlib.sha256(review.read_bytes()).hexdigest() != record.source_sha256
    except OSError:
        return False  # a review that was moved away is no reason to say anything


def _list_some(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + rest
