"""What was built, and must not be published as its reviews are by now."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec.structs import replace

from reviewcast.model.events import Notify, Warned, ignore_events
from reviewcast.model.podcast import EpisodeRecord, Publication
from reviewcast.podcast.round_ups import decide_role, leaves_round_up
from reviewcast.settings.schema import Config
from reviewcast.shelf.withdrawal import list_withdrawn
from reviewcast.text.look import Look, look_at_files
from reviewcast.text.memos import Memos


def look_at_shelf(
    paths: Iterable[Path],
    config: Config,
    *,
    notify: Notify = ignore_events,
    memos: Memos | None = None,
) -> Iterator[Look]:
    """Look at reviews as `look_at_files` does; what no source shows any more is a draft.

    Raise StorageError when it cannot be read what was imported.
    """
    withdrawn = list_withdrawn(config.folder) if config.folder else frozenset()
    for look in look_at_files(paths, config, notify=notify, memos=memos):
        yield replace(look, draft=True) if look.source in withdrawn else look


def hold_back(
    record: EpisodeRecord,
    config: Config,
    *,
    kept: Publication | None = None,
    looks: Mapping[str, Look] = MappingProxyType({}),
    withdrawn: Collection[str] = (),
    notify: Notify = ignore_events,
) -> EpisodeRecord:
    """Return an episode as a draft if a review in it says by now that it must not be public.

    That is a draft, `never` by its front matter or a rule, or belongs into its round-up no more;
    or it is among those `withdrawn` from all sources that they were imported from.
    One that is there and cannot be read may say so, too: that is warned of, as is a role that is
    none. What subscribers have, by its publication `kept`, stays as it is; what was scheduled and
    never public does not. `looks` are those that were had before, by source.
    """
    folder = config.folder
    if (kept and kept.was_public) or not record.source or folder is None:
        return record
    sources = [
        source for source in record.members or (record.source,) if os.path.lexists(folder / source)
    ]
    present = []
    for source in sources:
        look = looks.get(source) or next(look_at_files([folder / source], config), None)
        if look is None:
            text = f"Not published until {source} can be read, which may say that it must not be"
            notify(Warned(f"{text}: {record.slug}. See: reviewcast shelf"))
        else:
            present.append(look)
            if look.remark:
                notify(Warned(look.remark))
    unwanted = any(
        leaves_round_up(look, config)
        if record.members
        else look.draft or decide_role(look, config) == "never"
        for look in present
    )
    unwanted = unwanted or not set(sources).isdisjoint(withdrawn)
    is_held = unwanted or len(present) < len(sources)
    return replace(record, draft=True) if is_held else record
