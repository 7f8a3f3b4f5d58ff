"""What was built, and must not be published as its reviews are by now."""

import os
from collections.abc import Mapping

from msgspec.structs import replace

from reviewcast.model.events import Notify, Warned, ignore_events
from reviewcast.model.podcast import EpisodeRecord
from reviewcast.podcast.round_ups import decide_role, leaves_round_up
from reviewcast.settings.schema import Config
from reviewcast.text.look import Look, look_at_files


def hold_back(
    record: EpisodeRecord,
    config: Config,
    *,
    known: bool,
    looks: Mapping[str, Look] | None = None,
    notify: Notify = ignore_events,
) -> EpisodeRecord:
    """Return an episode as a draft if a review in it says by now that it must not be public.

    That is a draft, `never` by its front matter or a rule, or belongs into its round-up no more.
    One that is there and cannot be read may say so, too: that is warned of, as is a role that is
    none. What is `known` to
    subscribers stays as it is. `looks` are those that were had before, by source.
    """
    if known or not record.source or config.folder is None:
        return record
    sources = list(record.members) or [record.source]
    found = dict(looks or {})
    paths = [config.folder / source for source in sources if source not in found]
    found |= {look.source: look for look in look_at_files(filter(os.path.lexists, paths), config)}
    unread = [
        source
        for source in sources
        if source not in found and os.path.lexists(config.folder / source)
    ]
    if unread:
        notify(
            Warned(
                f"Not published until {unread[0]} can be read, which may say that it must not be:"
                f" {record.slug}. See: reviewcast shelf"
            )
        )
    present = [found[source] for source in sources if source in found]
    for look in present:
        if look.remark:
            notify(Warned(look.remark))
    unwanted = any(
        leaves_round_up(look, config)
        if record.members
        else look.draft or decide_role(look, config) == "never"
        for look in present
    )
    return replace(record, draft=True) if unread or unwanted else record
