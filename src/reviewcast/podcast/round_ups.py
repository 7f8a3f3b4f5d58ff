"""What of a shelf becomes an episode alone, what is collected, and what stays text: pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from msgspec import Struct

from reviewcast.model.clean import make_slug
from reviewcast.model.podcast import EpisodeRecord
from reviewcast.settings.schema import Config
from reviewcast.settings.shelf import CollectBy, CollectSettings, EpisodeRole, ShelfRule
from reviewcast.text.announcements import name_round_up
from reviewcast.text.look import Look
from reviewcast.text.round_up import RoundUp, RoundUpMember

_WORDS_PER_S = 3.6
"""Faster than voices read: what is estimated to be long enough is."""

_DIGITS = {"month": 7, "year": 4}
"""How much of a date names the group."""


class ShelfPlan(Struct, frozen=True, kw_only=True):
    """What becomes of each review, by its source, and the round-ups that are to be built.

    `held` maps a review to the slug of its round-up, `waiting` to why it is in none yet.
    """

    roles: dict[str, EpisodeRole]
    round_ups: tuple[RoundUp, ...]
    held: dict[str, str]
    waiting: dict[str, str]


class _Group(Struct, frozen=True):
    """Reviews that belong together: the period, tag or number that says so, and their language."""

    key: str
    language: str
    looks: tuple[Look, ...]


def plan_shelf(
    looks: Iterable[Look], records: Iterable[EpisodeRecord], config: Config, today: str
) -> ShelfPlan:
    """Decide what becomes of the reviews of a show; `today` is YYYY-MM-DD.

    What was built once stays: a review its own episode, a round-up the reviews that it holds, but
    for those that are gone or must not be there any more.
    """
    looks = sorted(looks, key=lambda look: (not look.date, look.date, look.source))
    records = list(records)
    built = {record.source for record in records if record.source and not record.members}
    roles = {look.source: decide_role(look, config) for look in looks}
    kept = _keep_round_ups(looks, records, config)
    held = {look.source: slug for slug, members in kept.items() for look in members}
    candidates, waiting = [], {}
    for look in looks:
        source = look.source
        if source in held:
            roles[source] = "round-up"
        elif roles[source] == "round-up" and source in built and not look.own_role:
            roles[source] = "alone"
        elif roles[source] == "round-up" and not config.collect.by:
            waiting[source] = "[collect] by makes no round-ups"
        elif roles[source] == "round-up" and look.draft:
            waiting[source] = "it is a draft"
        elif roles[source] == "round-up":
            candidates.append(look)
    taken = {record.slug for record in records} | {look.slug for look in looks}
    fresh, rest = _collect(candidates, config, today, taken)
    round_ups = [
        _make_kept(record, kept[record.slug]) for record in records if kept.get(record.slug)
    ]
    round_ups += fresh
    held |= {one.source: made.slug for made in fresh for one in made.members}
    return ShelfPlan(roles=roles, round_ups=tuple(round_ups), held=held, waiting=waiting | rest)


def decide_role(look: Look, config: Config) -> EpisodeRole:
    """Return a review's role: by its front matter, the first rule that fits, or its length.

    Where there are round-ups, one that is alone by its length alone is as long as they are.
    """
    if look.own_role:
        return look.own_role
    for rule in config.shelf.rules:
        if _fits(rule, look):
            return rule.then
    least = config.shelf.alone_from_words
    if not least:
        return "alone"
    is_long = not config.collect.by or _estimate_s([look]) >= config.collect.at_least_s
    return "alone" if look.words >= least and is_long else "round-up"


def leaves_round_up(look: Look, config: Config) -> bool:
    """True if a review must not be in the round-up that holds it, as it is by now.

    That is a draft, `never`, or `alone` by its front matter. Whatever else the rules say by now,
    it stays where it is.
    """
    role = look.own_role or ("never" if decide_role(look, config) == "never" else "round-up")
    return look.draft or role != "round-up"


def _fits(rule: ShelfRule, look: Look) -> bool:
    year = int(look.date[:4]) if look.date else None
    return (
        (not rule.tag or rule.tag.casefold() in (tag.casefold() for tag in look.tags))
        and _is_within(look.stars, rule.rating_from, rule.rating_below)
        and _is_within(year, rule.year_from, rule.year_before)
        and _is_within(look.words, rule.words_from, rule.words_below)
    )


def _is_within(value: float | None, low: float | None, below: float | None) -> bool:
    if low is None and below is None:
        return True
    if value is None:
        return False
    return (low is None or value >= low) and (below is None or value < below)


def _keep_round_ups(
    looks: Sequence[Look], records: Iterable[EpisodeRecord], config: Config
) -> dict[str, tuple[Look, ...]]:
    """Return the reviews that built round-ups hold, in their order; a renamed one by its bytes."""
    known = {look.source: look for look in looks}
    members = [record for record in records if record.members]
    named = {source for record in members for source in record.members}
    moved = {look.sha256: look for look in looks if look.source not in named}
    kept: dict[str, tuple[Look, ...]] = {}
    for record in members:
        found = (
            known.get(source) or moved.get(sha256) for source, sha256 in record.members.items()
        )
        kept[record.slug] = tuple(
            look for look in found if look and not leaves_round_up(look, config)
        )
    return kept


def _make_kept(record: EpisodeRecord, looks: Sequence[Look]) -> RoundUp:
    return RoundUp(
        slug=record.slug,
        title=record.title,
        language=record.language,
        date=record.date,
        members=_list_members(looks),
    )


def _list_members(looks: Iterable[Look]) -> tuple[RoundUpMember, ...]:
    return tuple(RoundUpMember(look.source, look.sha256) for look in looks)


def _collect(
    candidates: Sequence[Look], config: Config, today: str, taken: set[str]
) -> tuple[list[RoundUp], dict[str, str]]:
    """Return the round-ups of reviews that are in none yet, and why the others wait."""
    made: list[RoundUp] = []
    waiting: dict[str, str] = {}
    languages = {_find_primary(look.language) for look in candidates}
    for language in sorted(languages):
        looks = [look for look in candidates if _find_primary(look.language) == language]
        groups, rest = _group(looks, config.collect, language, today)
        waiting |= rest
        for group in groups:
            made.append(_make(group, config, taken))
            taken.add(made[-1].slug)
    return made, waiting


def _group(
    looks: Sequence[Look], settings: CollectSettings, language: str, today: str
) -> tuple[list[_Group], dict[str, str]]:
    """Part reviews of one language, in the order of their dates, into groups that are closed."""
    waiting: dict[str, str] = {}
    groups: list[_Group] = []
    carried: list[Look] = []
    for key, members in _part(looks, settings, waiting):
        together = (*carried, *members)
        carried = []
        digits = _DIGITS.get(settings.by, 0)
        if digits and key >= today[:digits]:
            waiting |= {look.source: f"{key} is not over" for look in together}
        elif settings.by == "count" and len(members) < settings.count:
            reason = f"{len(members)} of {settings.count} are there"
            if len(together) > len(members):  # with those of a group before, which was too short
                reason = "its group is too short yet"
            waiting |= {look.source: reason for look in together}
        elif _estimate_s(together) >= settings.at_least_s:
            groups.append(_Group(key, language, together))
        elif settings.by == "tag":
            waiting |= {look.source: f"{key!r} is too short yet" for look in together}
        else:
            carried = list(together)
    return groups, waiting | {look.source: "its group is too short yet" for look in carried}


def _part(
    looks: Sequence[Look], settings: CollectSettings, waiting: dict[str, str]
) -> Iterable[tuple[str, tuple[Look, ...]]]:
    """Yield groups by their keys, in order; what has no key is added to `waiting`."""
    if settings.by == "count":
        for at in range(0, len(looks), settings.count):
            yield "", tuple(looks[at : at + settings.count])
        return

    def find_key(look: Look) -> str:
        if settings.by == "tag":
            return look.tags[0] if look.tags else ""
        return look.date[: _DIGITS[settings.by]]

    def fold(look: Look) -> str:
        return make_slug(find_key(look)) or find_key(look)

    for key, members in groupby(sorted(looks, key=fold), key=fold):
        group = tuple(members)
        if key:
            yield find_key(group[0]), group
        else:
            what = "tag" if settings.by == "tag" else "date"
            waiting |= {look.source: f"it has no {what}" for look in group}


def _estimate_s(looks: Iterable[Look]) -> float:
    return sum(look.words for look in looks) / _WORDS_PER_S


def _make(group: _Group, config: Config, taken: set[str]) -> RoundUp:
    """Name a group; its slug is another one than any episode or review has."""
    by, language = config.collect.by, group.language
    show_language = _find_primary(config.show.language)
    suffix = "" if language == show_language else f"-{language}"
    number = 1
    slug = _name_slug(by, group.key, number) + suffix
    while slug in taken:
        number += 1
        slug = f"{_name_slug(by, group.key, number)}{suffix}"
    what = str(number) if by == "count" else group.key
    default, name = name_round_up(by, what, language)
    title = config.collect.title
    title = default if title == "default" else title.replace("{title}", name)
    return RoundUp(
        slug=slug,
        title=f"{title} ({number})" if number > 1 and by != "count" else title,
        language=config.show.language if not suffix else language,
        date=max(look.date for look in group.looks),
        members=_list_members(group.looks),
    )


def _name_slug(by: CollectBy, key: str, number: int) -> str:
    if by == "count":
        return f"round-up-{number:03}"
    base = f"tag-{make_slug(key) or 'other'}" if by == "tag" else key
    return base if number == 1 else f"{base}-{number}"


def _find_primary(language: str) -> str:
    return language.partition("-")[0].lower()
