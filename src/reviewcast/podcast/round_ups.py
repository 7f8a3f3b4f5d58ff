"""What of a shelf becomes an episode alone, what is collected, and what stays text: pure."""

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from reviewcast.model.events import Warned
from reviewcast.model.podcast import EpisodeRecord
from reviewcast.podcast.grouping import collect_reviews, estimate_s
from reviewcast.settings.schema import Config
from reviewcast.settings.shelf import EpisodeRole, ShelfRule
from reviewcast.text.look import Look
from reviewcast.text.round_up import RoundUp, RoundUpMember


class ShelfPlan(Struct, frozen=True, kw_only=True):
    """What becomes of each review, by its source, and the round-ups that are to be built.

    `held` maps a review to the slug of its round-up, `waiting` to why it is in none yet, and `own`
    to the slug of the episode that was built of it alone. `emptied` are the slugs of the built
    round-ups that all reviews have left.
    """

    roles: dict[str, EpisodeRole]
    round_ups: tuple[RoundUp, ...]
    held: dict[str, str]
    waiting: dict[str, str]
    own: dict[str, str]
    emptied: tuple[str, ...]


def plan_shelf(
    looks: Iterable[Look],
    records: Iterable[EpisodeRecord],
    config: Config,
    today: str,
    *,
    unread: Collection[str] = (),
) -> ShelfPlan:
    """Decide what becomes of the reviews of a show; `today` is YYYY-MM-DD.

    `unread` are the sources that are there and cannot be looked at: such a one stays where it is.

    What was built once stays: a review its own episode, a round-up the reviews that it holds, but
    for those that are gone or must not be there any more.
    """
    looks = sorted(looks, key=lambda look: (not look.date, look.date, look.source))
    records = list(records)
    own = _find_own(looks, records, unread)
    roles = {look.source: decide_role(look, config) for look in looks}
    kept = _keep_round_ups(looks, records, config, unread)
    held = {one.source: slug for slug, members in kept.items() for one in members}
    candidates, waiting = [], {}
    for look in looks:
        source = look.source
        if source in held:
            roles[source] = "round-up"
        elif roles[source] != "round-up":
            continue
        elif source in own and not look.own_role:
            roles[source] = "alone"
        elif reason := _find_obstacle(look, config, is_built=source in own):
            waiting[source] = reason
        else:
            candidates.append(look)
    taken = {record.slug for record in records} | {look.slug for look in looks}
    fresh, rest = collect_reviews(candidates, config, today, taken)
    round_ups = [
        _make_kept(record, kept[record.slug]) for record in records if kept.get(record.slug)
    ]
    round_ups += fresh
    held |= {one.source: made.slug for made in fresh for one in made.members}
    return ShelfPlan(
        roles=roles,
        round_ups=tuple(round_ups),
        held=held,
        waiting=waiting | rest,
        own=own,
        emptied=tuple(slug for slug, members in kept.items() if not members),
    )


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
    is_long = not config.collect.by or estimate_s([look]) >= config.collect.at_least_s
    return "alone" if look.words >= least and is_long else "round-up"


def leaves_round_up(look: Look, config: Config) -> bool:
    """True if a review must not be in the round-up that holds it, as it is by now.

    That is a draft, without a text, `never`, or `alone` by its front matter. Whatever else the
    rules say by now, it stays where it is.
    """
    role = look.own_role or ("never" if decide_role(look, config) == "never" else "round-up")
    return look.draft or not look.words or role != "round-up"


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


def warn_of_emptied(slug: str, *, published: bool) -> Warned:
    """Return the warning of a round-up that all reviews have left."""
    advice = f"reviewcast unpublish {slug}" if published else f"remove episodes/{slug}"
    return Warned(f"The round-up {slug} holds nothing any more: {advice}")


def _find_own(
    looks: Iterable[Look], records: Iterable[EpisodeRecord], unread: Collection[str]
) -> dict[str, str]:
    """Return the slugs of episodes built of one review, by its source; a renamed one's by bytes."""
    alone = {one.source: one for one in records if one.source and not one.members}
    known = {look.source for look in looks}.union(unread)
    lost = {one.source_sha256: one for one in alone.values() if one.source not in known}
    found = ((look.source, alone.get(look.source) or lost.get(look.sha256)) for look in looks)
    return {source: record.slug for source, record in found if record}


def _find_obstacle(look: Look, config: Config, *, is_built: bool) -> str:
    """Return why a review that belongs into a round-up cannot be in one, "" when it can."""
    if is_built:
        return "it has an episode of its own: unpublish it and remove its folder"
    if not config.collect.by:
        return "[collect] by makes no round-ups"
    if look.draft:
        return "it is a draft"
    return "" if look.words else "it has no text"


def _keep_round_ups(
    looks: Sequence[Look],
    records: Iterable[EpisodeRecord],
    config: Config,
    unread: Collection[str],
) -> dict[str, tuple[RoundUpMember, ...]]:
    """Return the reviews that built round-ups hold, in their order; a renamed one by its bytes."""
    known = {look.source: look for look in looks}
    built = [record for record in records if record.members]
    named = {source for record in built for source in record.members}
    moved = {look.sha256: look for look in looks if look.source not in named}

    def keep(source: str, sha256: str) -> RoundUpMember | None:
        look = known.get(source)
        if look is None and source in unread:
            return RoundUpMember(source, sha256)
        look = look or moved.get(sha256)
        stays = look and not leaves_round_up(look, config)
        return RoundUpMember(look.source, look.sha256) if look and stays else None

    return {
        record.slug: tuple(filter(None, map(keep, record.members, record.members.values())))
        for record in built
    }


def _make_kept(record: EpisodeRecord, members: tuple[RoundUpMember, ...]) -> RoundUp:
    return RoundUp(
        slug=record.slug,
        title=record.title,
        language=record.language,
        date=record.date,
        members=members,
    )
