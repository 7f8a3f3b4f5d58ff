"""The shelf: every review of a show, what becomes of it, and how far that is."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from reviewcast.jobs.shows import find_cache, load_config
from reviewcast.model.events import Noticed, Notify, Warned, ignore_events
from reviewcast.model.podcast import EpisodeRecord, Publication
from reviewcast.model.shelf import ShelfRole, ShelfState
from reviewcast.podcast.feed.live import LiveFeed
from reviewcast.podcast.holding_back import hold_back, look_at_shelf
from reviewcast.podcast.promises import BuiltShow, PublishOptions, plan_calendar
from reviewcast.podcast.round_ups import ShelfPlan, plan_shelf, warn_of_emptied
from reviewcast.settings.schema import Config
from reviewcast.system.clock import read_clock
from reviewcast.system.workspace import load_publications, load_records
from reviewcast.text.draft import match_reviews
from reviewcast.text.look import Look, look_at_files
from reviewcast.text.memos import Memos
from reviewcast.text.round_up import RoundUp, encode_round_up, place_round_up


class ShelfRow(Struct, frozen=True, kw_only=True):
    """A review as the shelf shows it.

    `file` is its path from the show's folder. `stars` is the rating in stars of five, None without
    one. `round_up` is the slug of the one that it is in, "" for none, and `waits` why it is in
    none yet. `appears` is when its episode was or will be published, in UTC, None while that is
    open.
    """

    file: str
    slug: str
    title: str
    date: str
    rating: str
    stars: float | None
    tags: tuple[str, ...]
    words: int
    role: ShelfRole
    state: ShelfState
    round_up: str = ""
    waits: str = ""
    appears: datetime | None = None


class ShelfRoundUp(Struct, frozen=True, kw_only=True):
    """A round-up that is built, or is so by the next build."""

    slug: str
    title: str
    date: str
    reviews: int
    state: ShelfState


class Shelf(Struct, frozen=True):
    """All reviews of a show that can be read, in the order of their dates, and its round-ups."""

    reviews: tuple[ShelfRow, ...]
    round_ups: tuple[ShelfRoundUp, ...]


class ShelfFilter(Struct, frozen=True, kw_only=True):
    """Which rows are wanted: of any of the states, roles and tags, within years and stars.

    What is empty wants all; ranges are from and to, both included.
    """

    states: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    years: tuple[float, float] | None = None
    stars: tuple[float, float] | None = None

    def wants(self, row: ShelfRow) -> bool:
        """True if a row is one of those."""
        tags = {tag.casefold() for tag in row.tags}
        return (
            (not self.states or row.state in self.states)
            and (not self.roles or row.role in self.roles)
            and (not self.tags or not tags.isdisjoint(tag.casefold() for tag in self.tags))
            and _is_in(float(row.date[:4]) if row.date else None, self.years)
            and _is_in(row.stars, self.stars)
        )


class _Known(Struct, frozen=True):
    """What is known of the episodes of a show, by slug."""

    records: dict[str, EpisodeRecord]
    publications: dict[str, Publication]
    calendar: dict[str, datetime]
    now: datetime


def read_shelf(config: Config, *, now: datetime, notify: Notify = ignore_events) -> Shelf:
    """Return the shelf of a show; nothing is written, no destination is contacted.

    Reviews that cannot be read are warned of. Raise StorageError for a record that cannot be read.
    """
    folder = config.folder or Path()
    looks = list(look_at_shelf(match_reviews(folder, config), config, notify=notify))
    records = load_records(folder)
    publications = load_publications(folder)
    plan = _plan_shelf(looks, records, config, now)
    _warn_of_emptied(plan, publications, notify)
    by_source = {look.source: look for look in looks}
    by_slug = {
        one.slug: hold_back(one, config, kept=publications.get(one.slug), looks=by_source)
        for one in records
    }
    calendar = _plan_calendar(config, folder, by_slug, publications, now)
    known = _Known(by_slug, publications, calendar, now)
    looks.sort(key=lambda look: (not look.date, look.date, look.source))
    return Shelf(
        tuple(_make_row(look, plan, known) for look in looks),
        tuple(_describe_round_up(made, known) for made in plan.round_ups),
    )


def choose_reviews(
    show: Path, names: Iterable[str], *, notify: Notify, drafts: bool = True
) -> tuple[tuple[str, ...], dict[str, bytes]]:
    """Return which of a show's reviews are built alone, and its round-ups, by the settings.

    Round-ups stand behind the reviews, and what their files shall hold beside their names. A
    review that cannot be looked at stays: its build says why. How many are left out is told.
    Without `drafts` those are left out, too, and what no source shows any more.
    """
    config = load_config(show)
    names = list(names)
    memos = Memos(config, find_cache(config))
    looks = list(look_at_shelf(map(Path, names), config, memos=memos))
    records = load_records(show)
    plan = _plan_shelf(looks, records, config, read_clock())
    by_path = {str((show / look.source).resolve()): look for look in looks}
    chosen = []
    for name in names:
        look = by_path.get(str(Path(name).resolve()))
        # one that a round-up holds and that cannot be read is told of by the round-up's build
        unread_alone = look is None and _name(name, show) not in plan.held
        is_alone = look and plan.roles[look.source] == "alone" and (drafts or not look.draft)
        if unread_alone or is_alone:
            chosen.append(name)
    made = {
        _name_shortly(place_round_up(one.slug, show)): encode_round_up(one)
        for one in plan.round_ups
    }
    for look in looks:
        if look.remark:
            notify(Warned(look.remark))
    _warn_of_emptied(plan, load_publications(show), notify)
    _tell_left_out(plan, notify)
    return (*chosen, *made), made


def _plan_shelf(
    looks: Sequence[Look], records: Sequence[EpisodeRecord], config: Config, now: datetime
) -> ShelfPlan:
    """Plan the shelf; what is there and cannot be looked at stays where it is built."""
    folder = config.folder or Path()
    built = {source for one in records for source in (one.members or (one.source,)) if source}
    unseen = built.difference(look.source for look in looks)
    there = [folder / source for source in sorted(unseen) if os.path.lexists(folder / source)]
    # what the patterns of the show do not name any more can be read, and is none of its reviews
    others = {look.source for look in look_at_files(there, config)}
    unread = {_name(path, folder) for path in there} - others
    return plan_shelf(looks, records, config, f"{now.astimezone():%Y-%m-%d}", unread=unread)


def _name(path: str | Path, folder: Path) -> str:
    """Return a file's path from the show's folder, as records have it."""
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _warn_of_emptied(
    plan: ShelfPlan, publications: Mapping[str, Publication], notify: Notify
) -> None:
    """Warn of round-ups that nothing is in any more, as long as somebody can hear them."""
    for slug in plan.emptied:
        kept = publications.get(slug)
        if kept is None or not kept.withdrawn:
            notify(warn_of_emptied(slug, published=kept is not None))


def _tell_left_out(plan: ShelfPlan, notify: Notify) -> None:
    never = sum(role == "never" for role in plan.roles.values())
    parts = [f"{never} text only"] if never else []
    parts += [f"{len(plan.waiting)} waiting for a round-up"] if plan.waiting else []
    if parts:
        notify(Noticed(f"Not built: {', '.join(parts)}. See reviewcast shelf."))


def _name_shortly(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _plan_calendar(
    config: Config,
    folder: Path,
    records: dict[str, EpisodeRecord],
    publications: dict[str, Publication],
    now: datetime,
) -> dict[str, datetime]:
    """Return when the rhythm releases what is built, as far as it is known here."""
    show = BuiltShow(
        config=config, folder=folder, records=records, kept=publications, identity=None, assets={}
    )
    guids = dict.fromkeys(records, "")
    return plan_calendar(show, LiveFeed(), PublishOptions(), guids, now)


def _describe_round_up(made: RoundUp, known: _Known) -> ShelfRoundUp:
    record = known.records.get(made.slug)
    hashes = {one.source: one.sha256 for one in made.members}
    gone = dict.fromkeys(record.members, "") if record else {}
    return ShelfRoundUp(
        slug=made.slug,
        title=made.title,
        date=made.date,
        reviews=len(made.members),
        state=_find_state(record, gone | hashes, known),
    )


def _make_row(look: Look, plan: ShelfPlan, known: _Known) -> ShelfRow:
    role, round_up = plan.roles[look.source], plan.held.get(look.source, "")
    record = known.records.get(round_up or plan.own.get(look.source, ""))
    is_hidden = look.draft or (role == "never" and record is not None)
    kept = known.publications.get(record.slug) if record else None
    state = _find_state(record, {look.source: look.sha256}, known)
    return ShelfRow(
        file=look.source,
        slug=look.slug,
        title=look.title,
        date=look.date,
        rating=look.rating,
        stars=look.stars,
        tags=look.tags,
        words=look.words,
        role="text only" if role == "never" else role,
        state="draft" if is_hidden and not (kept and kept.was_public) else state,
        round_up=round_up,
        waits=plan.waiting.get(look.source, ""),
        appears=_find_appearance(record, known),
    )


def _find_state(
    record: EpisodeRecord | None, hashes: Mapping[str, str], known: _Known
) -> ShelfState:
    """Return how far an episode is; `hashes` are those of its reviews as they are now."""
    if record is None:
        return "new"
    if record.members:
        fresh = all(record.members.get(source) == sha256 for source, sha256 in hashes.items())
    else:
        fresh = record.source_sha256 in hashes.values()
    kept = known.publications.get(record.slug)
    if kept and kept.withdrawn:
        return "withdrawn"
    if kept and kept.was_public:
        return "live" if fresh else "stale"
    if not fresh:
        return "changed"
    if record.draft:
        return "draft"
    when = _find_appearance(record, known)
    return "scheduled" if when and when > known.now else "spoken"


def _find_appearance(record: EpisodeRecord | None, known: _Known) -> datetime | None:
    if record is None:
        return None
    kept = known.publications.get(record.slug)
    if kept and kept.withdrawn:
        return None
    if record.draft and not (kept and kept.was_public):
        return None
    return kept.published if kept else known.calendar.get(record.slug)


def _is_in(value: float | None, wanted: tuple[float, float] | None) -> bool:
    return wanted is None or (value is not None and wanted[0] <= value <= wanted[1])
