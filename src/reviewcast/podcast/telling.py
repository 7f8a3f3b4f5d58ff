"""Which episodes are announced where, once each: planned before anything is sent."""

import dataclasses
import uuid
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from reviewcast.model.clean import clean_line, quote_url
from reviewcast.model.events import Noticed, Warned
from reviewcast.model.podcast import FEED, Release
from reviewcast.model.protocols import Access
from reviewcast.model.telling import Alert, Teller, Told
from reviewcast.settings.messages import convert_setting, refuse_unknown
from reviewcast.settings.schema import Config, Show
from reviewcast.settings.tell import TellSettings
from reviewcast.system.plugins import load_teller
from reviewcast.text.posts import compose_post

Book = dict[str, dict[str, Told]]
"""What was announced, by guid and teller."""

_NAMESPACE = uuid.UUID("6f1c9c0e-6a55-5d0b-9c2e-1f0f3c6f8a52")
_MOST_NAMES = 5


class Due(Struct, frozen=True):
    """An episode that a teller is to announce; `again` says that it may have done so before."""

    release: Release
    teller: str
    again: bool = False


class TellPlan(Struct, frozen=True, kw_only=True):
    """What to announce once the feed is live, the record of that, and what to remark."""

    book: Book
    due: tuple[Due, ...]
    remarks: tuple[Warned | Noticed, ...] = ()


def make_tellers(config: Config) -> dict[str, Teller]:
    """Return the tellers by name, with the options that the settings give them.

    Raise ConfigError for an option that is unknown or wrong.
    """
    made: dict[str, Teller] = {}
    for name in config.tell.use:
        kind, where = load_teller(name), f"[tell.{name}]"
        options = config.tell.options.get(name, {})
        known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
        refuse_unknown(options, known, where)
        made[name] = convert_setting(options, kind, where)
    return made


def list_tell_accesses(config: Config) -> list[Access]:
    """List where a podcast.toml has episodes announced, with which secrets.

    Raise ConfigError as `make_tellers` does.
    """
    return [access for teller in make_tellers(config).values() for access in teller.accesses]


def plan_telling(
    releases: Iterable[Release],
    book: Book,
    settings: TellSettings,
    *,
    known: Collection[str],
    now: datetime,
) -> TellPlan:
    """Return what to announce after a publication; `known` are the guids that were public before.

    Of the `releases` that are new the newest `most` are announced, by each teller once. What was
    public before this teller was set up, what is dated too long ago and what exceeds that number
    is recorded as left out.
    """
    planned = {guid: dict(entries) for guid, entries in book.items()}
    newest = sorted(releases, key=lambda one: (one.published, one.number), reverse=True)
    due: list[Due] = []
    remarks: list[Warned | Noticed] = []
    for teller in settings.use:
        waiting, left = [], []
        fresh = 0
        for release in newest:
            entries = planned.setdefault(release.guid, {})
            entry = entries.get(teller)
            if entry is None:
                reason = _find_reason(release, settings, fresh, known=known, now=now)
                fresh += not reason
                entry = Told("left out" if reason else "waiting", now, reason)
                if reason and release.guid not in known:
                    left.append(release.slug)
            elif entry.state in {"waiting", "failed"} and _is_old(entry.at, settings, now):
                entry = Told("left out", now, "given up")
                remarks.append(Warned(f"{teller} does not announce {release.slug} any more."))
            entries[teller] = entry
            if entry.state in {"waiting", "failed"}:
                waiting.append(Due(release, teller))
            elif entry.state == "sending":
                remarks.append(warn_of_doubt(release, teller, entry))
        due += waiting[::-1][: settings.most]  # the oldest first
        if left:
            remarks.append(Noticed(f"Not announced by {teller}, as no news: {_list_some(left)}."))
    return TellPlan(
        book={guid: entries for guid, entries in planned.items() if entries},
        due=tuple(due),
        remarks=tuple(remarks),
    )


def choose_due(releases: Iterable[Release], book: Book, teller: str, *, again: bool) -> TellPlan:
    """Return the episodes that a user names and a teller has certainly not announced.

    With `again` also those that it may have announced.
    """
    due: list[Due] = []
    remarks: list[Warned | Noticed] = []
    for release in releases:
        entry = book.get(release.guid, {}).get(teller)
        if entry and entry.state == "told":
            remarks.append(Noticed(f"{teller} announced {release.slug} on {entry.at:%Y-%m-%d}."))
        elif entry and entry.state == "sending" and not again:
            remarks.append(warn_of_doubt(release, teller, entry))
        else:
            due.append(Due(release, teller, again=bool(entry and entry.state == "sending")))
    return TellPlan(book=book, due=tuple(due), remarks=tuple(remarks))


def warn_of_doubt(release: Release, teller: str, entry: Told) -> Warned:
    """Name an episode that may have been announced, or not."""
    why = f": {entry.note}" if entry.note else ": the run ended meanwhile"
    return Warned(
        f"{release.slug} may not have been announced by {teller}"
        f" ({entry.at:%Y-%m-%d %H:%M} UTC{why})."
        f" Look there. If it is missing: reviewcast tell {release.slug} --again; if not:"
        f" reviewcast tell {release.slug} --skip"
    )


def make_alert(due: Due, show: Show, config: Config, teller: Teller, *, sent: datetime) -> Alert:
    """Return the announcement of an episode, by [tell] text and within the teller's limits."""
    release, info = due.release, teller.info
    page = _join(show, release.page) if release.page else ""
    audio = _join(show, release.audio)
    link = quote_url(release.link) or page or audio
    texts = {
        "show": show.title,
        "title": release.title,
        "rating": release.rating,
        "subject": release.subject,
        "author": release.author or show.author,
        "description": release.description,
    }
    # no service, and no JSON, takes what is no character
    texts = {name: clean_line(text) for name, text in texts.items()}
    values = {**texts, "link": link, "audio": audio}
    return Alert(
        id=str(uuid.uuid5(_NAMESPACE, f"{info.name}\n{release.guid}")),
        guid=release.guid,
        text=compose_post(
            config.tell.text,
            values,
            most_graphemes=info.most_graphemes,
            most_bytes=info.most_bytes,
            link_graphemes=info.link_graphemes,
            may_mention=info.may_mention,
        ),
        **texts,
        link=link,
        audio=audio,
        feed=_join(show, FEED),
        published=release.published,
        sent=sent,
        duration_s=release.duration_s,
        page=page,
        image=_join(show, release.image) if release.image else "",
        language=release.language or show.language,
        again=due.again,
    )


def _find_reason(
    release: Release,
    settings: TellSettings,
    fresh: int,
    *,
    known: Collection[str],
    now: datetime,
) -> str:
    """Return why an episode without a record is not announced, "" when it is."""
    if release.guid in known:
        return "it was public before"
    if _is_old(release.published, settings, now):
        return f"it is dated over {settings.within_days} days before"
    return f"{settings.most} newer ones appeared with it" if fresh >= settings.most else ""


def _is_old(when: datetime, settings: TellSettings, now: datetime) -> bool:
    return now - when > timedelta(days=settings.within_days)


def _join(show: Show, name: str) -> str:
    return f"{show.url.rstrip('/')}/{name}"


def _list_some(slugs: list[str]) -> str:
    rest = f" and {len(slugs) - _MOST_NAMES} more" if len(slugs) > _MOST_NAMES else ""
    return ", ".join(slugs[:_MOST_NAMES]) + rest


def list_doubts(releases: Iterable[Release], book: Book, use: Iterable[str]) -> Iterator[Warned]:
    """Name the episodes that may have been announced, or not."""
    tellers = tuple(use)
    for release in releases:
        for teller in tellers:
            entry = book.get(release.guid, {}).get(teller)
            if entry and entry.state == "sending":
                yield warn_of_doubt(release, teller, entry)
