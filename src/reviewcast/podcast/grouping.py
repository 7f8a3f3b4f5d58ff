"""Reviews that belong into round-ups become groups, each with its name: pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from msgspec import Struct

from reviewcast.model.clean import make_slug
from reviewcast.settings.schema import Config
from reviewcast.settings.shelf import CollectBy, CollectSettings
from reviewcast.text.announcements import name_round_up
from reviewcast.text.look import Look
from reviewcast.text.round_up import RoundUp, RoundUpMember

_WORDS_PER_S = 3.6
"""Faster than voices read: what is estimated to be long enough is."""

_DIGITS = {"month": 7, "year": 4}
"""How much of a date names the group."""


class _Group(Struct, frozen=True):
    """Reviews that belong together: the period, tag or number that says so, and their language."""

    key: str
    language: str
    looks: tuple[Look, ...]


def collect_reviews(
    candidates: Sequence[Look], config: Config, today: str, taken: set[str]
) -> tuple[list[RoundUp], dict[str, str]]:
    """Return the round-ups of reviews that are in none yet, and why the others wait.

    `candidates` are in the order of their dates, `today` is YYYY-MM-DD. The slugs that are `taken`
    are given to none, and those that are given are added to them.
    """
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


def estimate_s(looks: Iterable[Look]) -> float:
    """Return how long reviews take to be said, in seconds, by their words."""
    return sum(look.words for look in looks) / _WORDS_PER_S


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
        elif estimate_s(together) >= settings.at_least_s:
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
        members=tuple(RoundUpMember(look.source, look.sha256) for look in group.looks),
    )


def _name_slug(by: CollectBy, key: str, number: int) -> str:
    if by == "count":
        return f"round-up-{number:03}"
    base = f"tag-{make_slug(key) or 'other'}" if by == "tag" else key
    return base if number == 1 else f"{base}-{number}"


def _find_primary(language: str) -> str:
    return language.partition("-")[0].lower()
