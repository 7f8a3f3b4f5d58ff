"""The job: a podcast that another tool has published goes on as the show of this folder."""

import contextlib
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.errors import FetchError, FetchUnavailable, SoundError, UsageError
from reviewcast.model.events import Notify, Progressed, Warned
from reviewcast.model.podcast import Publication, ShowPublication
from reviewcast.model.text import Review
from reviewcast.podcast.feed.external import ExternalFeed
from reviewcast.podcast.feed.guids import make_show_guid
from reviewcast.podcast.importing.companions import fetch_companions
from reviewcast.podcast.importing.download import (
    Downloads,
    fetch_audio,
    is_web,
    make_folder,
    measure_mp3,
    read_pages,
)
from reviewcast.podcast.importing.episode import make_episode
from reviewcast.podcast.importing.match import (
    Contents,
    How,
    ImportPlan,
    Match,
    Skipped,
    plan_import,
    read_contents,
)
from reviewcast.settings.schema import Config
from reviewcast.system.http import Fetcher
from reviewcast.system.show_lock import lock_show
from reviewcast.system.workspace import (
    load_show_publication,
    place_episode,
    save_audio,
    save_companions,
    save_publication,
    save_record,
    save_show_publication,
)

_PIECE = 1 << 20

_MOST_SILENT = 3
"""After so many episodes in a row that no server answers for, the others are not tried."""


class Adopted(Struct, frozen=True, kw_only=True):
    """An episode that now has the guid and date (UTC) that its subscribers know.

    It was fetched with its audio; or an episode that was there keeps its own; or they are
    promised to one that its review is yet to be built to.
    """

    slug: str
    title: str
    guid: str
    published: datetime
    how: How


class Adoption(Struct, frozen=True, kw_only=True):
    """What a run did, or with `dry_run` would do.

    `known` counts the items that the show has already. `settings` are those of the feed's show
    that podcast.toml does not have, `differing` those of which it has others. `cover` is the URL
    of the feed's artwork.
    """

    show_guid: str
    adopted: tuple[Adopted, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    known: int = 0
    settings: dict[str, Any] = {}
    differing: dict[str, Any] = {}
    cover: str = ""
    dry_run: bool = False


def import_feed(
    source: str,
    config: Config,
    *,
    reviews: Iterable[Review],
    download: bool = True,
    dry_run: bool = False,
    allow_private: bool = False,
    notify: Notify,
) -> Adoption:
    """Adopt the feed at a URL or in a file, RSS 2.0, with all its pages (RFC 5005).

    Each episode comes with its audio, its guid and its date, the oldest first. One that fits an
    episode of the show, or one of its `reviews`, takes that one's place, so that what is built of
    the review goes on under the old guid. Nothing that is there is overwritten. Stopped
    anywhere, the next run does the rest; what the show knows already is passed over.

    What lies in a private network is fetched only with `allow_private`, or when the source itself
    is a URL of this machine or its network by its very name.

    Without `download`, no audio is fetched: only episodes and reviews that are there are given
    their guids and dates. Raise UsageError for what is no feed, FetchError when the feed or a
    page of it cannot be had, StorageError; an episode that cannot be adopted is among `skipped`.
    """
    if config.folder is None:
        raise UsageError(
            "There is no podcast.toml here or above.", hint="Make a show: reviewcast init"
        )
    from reviewcast.system.guarded_http import is_local_name

    allow_private = allow_private or (is_web(source) and is_local_name(source))
    fetcher = Fetcher(allow_private=allow_private)
    pending = config.folder / ".reviewcast" / "adopted"
    with lock_show(config.folder), contextlib.closing(fetcher):
        pages = read_pages(source, fetcher)
        guid, is_new = _choose_guid(pages[0], source, config, config.folder, notify)
        show = read_contents(config.folder, pending, reviews)
        plan = plan_import(pages, show, download=download)
        result = _describe(pages[0], config, config.folder, guid=guid)
        if dry_run:
            outcomes = [_conclude(match, match.fault) for match in plan.matches]
            return _sum_up(replace(result, dry_run=True), plan, outcomes)
        if is_new:
            save_show_publication(config.folder, ShowPublication(guid=guid))
        downloads = Downloads(
            fetcher=fetcher,
            pending=pending,
            language=pages[0].settings.get("language", config.show.language),
            artwork=pages[0].image,
            notify=notify,
        )
        return _sum_up(result, plan, list(_carry_out(plan, config.folder, show, downloads)))


def _describe(feed: ExternalFeed, config: Config, folder: Path, *, guid: str) -> Adoption:
    """Return what a feed says of its show: its guid, its cover, and its settings.

    These are parted into those that podcast.toml lacks, and those that it has otherwise.
    """
    text = (folder / "podcast.toml").read_text(encoding="utf-8")
    written = tomllib.loads(text).get("show", {})
    others = {
        name: value for name, value in feed.settings.items() if value != getattr(config.show, name)
    }
    return Adoption(
        show_guid=guid,
        settings={name: value for name, value in others.items() if name not in written},
        differing={name: value for name, value in others.items() if name in written},
        cover=feed.image,
    )


def _sum_up(result: Adoption, plan: ImportPlan, outcomes: Sequence[Adopted | Skipped]) -> Adoption:
    skipped = (one for one in outcomes if isinstance(one, Skipped))
    return replace(
        result,
        adopted=tuple(one for one in outcomes if isinstance(one, Adopted)),
        skipped=(*plan.skipped, *skipped),
        known=plan.known,
    )


def _choose_guid(
    feed: ExternalFeed, source: str, config: Config, folder: Path, notify: Notify
) -> tuple[str, bool]:
    """Return the podcast:guid that holds, and True when the show has none of its own to keep.

    A feed that does not tell one is known by that of its address (podcast namespace, guid).
    """
    kept = load_show_publication(folder)
    own = config.show.guid or (kept.guid if kept else "")
    if own:
        if feed.guid and feed.guid.lower() != own.lower():
            notify(Warned(f"The show keeps its podcast:guid {own}; the feed's is {feed.guid}."))
        return own, False
    url = feed.url or (source if is_web(source) else "")
    guid = feed.guid or (make_show_guid(url) if url else "")
    return guid, bool(guid)


def _carry_out(
    plan: ImportPlan, folder: Path, show: Contents, downloads: Downloads
) -> Iterator[Adopted | Skipped]:
    """Adopt one item after another; what is fetched waits until nothing has been skipped."""
    silent = 0
    complete = not plan.skipped
    for number, match in enumerate(plan.matches, 1):
        fault = match.fault
        if not fault and match.how == "fetched" and silent >= _MOST_SILENT:
            fault = "It was not tried, as no server has answered."
        elif not fault:
            try:
                _adopt(match, folder, show, downloads)
                silent = 0 if match.how == "fetched" else silent
            except (FetchError, SoundError) as error:
                silent = silent + 1 if isinstance(error, FetchUnavailable) else 0
                fault = error.message
        complete = complete and not fault
        yield _conclude(match, fault)
        downloads.notify(Progressed("adopt", number, len(plan.matches)))
    if complete:
        shutil.rmtree(downloads.pending, ignore_errors=True)


def _conclude(match: Match, fault: str) -> Adopted | Skipped:
    """Return what became of an item: adopted, unless there is a fault."""
    item = match.item
    if fault or match.how is None or item.published is None:
        return Skipped(item.title, item.guid, fault)
    return Adopted(
        slug=match.slug, title=item.title, guid=item.guid, published=item.published, how=match.how
    )


def _adopt(match: Match, folder: Path, show: Contents, downloads: Downloads) -> None:
    """Fetch and measure all first; then the promise, the files, and the record last.

    A promise without a record stops `publish`, so no stopped run can give another guid away.
    """
    if match.how != "fetched":
        _promise(match, folder, show)
        return
    audio = fetch_audio(match.item, downloads)
    try:
        measured = measure_mp3(audio)
    except SoundError:
        audio.unlink()
        raise
    beside = fetch_companions(match.item, measured, downloads)
    _promise(match, folder, show)
    path = place_episode(match.slug, review=None, show=folder, output=None)
    size_bytes, sha256 = save_audio(path, _read_pieces(audio))
    save_companions(path, beside.files)
    episode = make_episode(match, measured, beside, language=downloads.language)
    save_record(path, replace(episode, path=str(path), size_bytes=size_bytes, sha256=sha256))
    audio.unlink()


def _promise(match: Match, folder: Path, show: Contents) -> None:
    item = match.item
    if match.slug in show.publications:
        return
    assert item.published is not None
    make_folder(folder / "episodes" / match.slug)
    # its subscribers know it already: neither date nor number changes any more
    promise = Publication(
        guid=item.guid, published=item.published, number=item.number, released=True
    )
    save_publication(folder, match.slug, promise)


def _read_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
