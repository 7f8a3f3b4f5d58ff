"""The first step of a sync: what is new in its sources becomes reviews of the show."""

from functools import partial

from reviewcast.jobs.import_reviews import ReviewImport, import_reviews
from reviewcast.jobs.sync_record import SourceMark
from reviewcast.jobs.sync_result import SourceImport
from reviewcast.jobs.sync_run import SyncRun
from reviewcast.model.errors import ConfigError, ReviewError, UsageError
from reviewcast.model.events import Warned
from reviewcast.settings.accesses import is_web, place_source, reach_source
from reviewcast.shelf.detect import Source, open_path
from reviewcast.shelf.fetching import open_fetch, open_url
from reviewcast.shelf.sources.feed import Fetch
from reviewcast.system.files import escape
from reviewcast.system.trust import require_trust
from reviewcast.system.workspace import load_publications

_FEWEST = 10
"""Nothing is said of a source with fewer reviews when most of them are gone."""


def import_sources(run: SyncRun) -> tuple[SourceImport, ...]:
    """Import from each source; one that cannot be read holds up no other.

    By a clock that is behind what was published nothing is: posts would seem to lie ahead.
    """
    imports: list[SourceImport] = []
    places = run.options.sources or run.config.sync.sources
    if places and not run.try_step("import", "", partial(_check_clock, run)):
        return ()
    for place in places:
        name = escape(place)
        result = run.try_step("import", name, partial(_import, place, run))
        imports.append(SourceImport(source=name, result=result))
        if result is not None:
            _note_troubles(name, result, run)
    return tuple(imports)


def _check_clock(run: SyncRun) -> bool:
    """Return True; raise ConfigError for a clock that is behind what subscribers have."""
    now = run.clock()
    public = [one.published for one in load_publications(run.folder).values() if one.was_public]
    if public and max(public) > now:
        raise ConfigError(
            f"The clock says {now:%Y-%m-%d %H:%M} UTC, but an episode was published at"
            f" {max(public):%Y-%m-%d %H:%M}: nothing is imported.",
            hint="Set the clock; the next sync goes on.",
        )
    return True


def _import(place: str, run: SyncRun) -> ReviewImport:
    options = run.options
    if not options.sources:
        require_trust(reach_source(place, run.config))
    with open_fetch(allow_private=options.allow_private) as fetch:
        source = _open_source(place, fetch, run)
        result = import_reviews(
            source,
            run.config,
            now=run.clock(),
            fetch=fetch,
            include_paid=options.include_paid,
            dry_run=options.dry_run,
            notify=run.notify,
        )
    mark = run.record.sources.get(escape(place))
    if mark and mark.found >= _FEWEST and result.found * 2 < mark.found:
        text = f"{escape(place)} shows {result.found} reviews, and had {mark.found} the last time"
        run.notify(Warned(f"{text}: what was imported stays."))
    run.record.sources[escape(place)] = SourceMark(source.kind, result.found)
    return result


def _open_source(place: str, fetch: Fetch, run: SyncRun) -> Source:
    """Open a source; raise ReviewError for what is a page now, and was none before."""
    if is_web(place):
        source = open_url(place, fetch)
    else:
        source = open_path(place if run.options.sources else str(place_source(place, run.config)))
    if source.kind == "podcast":
        raise UsageError(
            f"{place} is the feed of a podcast, which is adopted once.",
            hint=f"Run: reviewcast import --adopt {place}",
        )
    mark = run.record.sources.get(escape(place))
    if source.kind == "page" and mark and mark.kind != "page":
        raise ReviewError(
            f"{place} was a {mark.kind} and is some page now, of which nothing is imported.",
            hint="The site may be down. If that page is a review: reviewcast import",
        )
    return source


def _note_troubles(source: str, result: ReviewImport, run: SyncRun) -> None:
    """Note what an import leaves to the user, and what of it has failed."""
    for item in result.failed:
        run.fail("import", source, ReviewError(f"{item.title}: {item.reason}"))
    for change in result.changes:
        if change.change == "conflict":
            told = f"{change.file} is kept: you and the source have changed the same lines."
            run.fail("import", source, ReviewError(told, hint="Edit it until both agree."))
    for gone in result.withdrawn:
        told = f"{gone.file} was imported before, and no source shows it any more."
        hint = "Remove the file, and take its episode back: reviewcast unpublish"
        run.fail("import", source, ReviewError(told, hint=hint))
    if result.outside:
        text = "[show] reviews in podcast.toml names none of the imported files."
        run.notify(Warned(f'{text} Add "reviews/*.md" to it.'))
