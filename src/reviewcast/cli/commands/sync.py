"""`reviewcast sync`: import, build and publish whatever is new, in one go."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewcast.cli.commands.publish import describe_told
from reviewcast.cli.layout import clean
from reviewcast.cli.options import flag
from reviewcast.cli.output import count, print_json
from reviewcast.cli.trusting import confirm, trust_option

if TYPE_CHECKING:
    from reviewcast.jobs.publish import Published
    from reviewcast.jobs.sync_result import SourceImport, SyncBuilt, Synced
    from reviewcast.settings.schema import Config


@click.command("sync")
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@flag("--dry-run", help="Print what each step would do, and write nothing.")
@flag(
    "--include-paid",
    help="Also import what only subscribers may read, as far as an export or a page has it.",
)
@flag("--allow-private", help="Also fetch from addresses of private networks.")
@trust_option
@flag("--json", "as_json", help="Print one document of all steps as JSON.")
@click.pass_obj
def command(
    quiet: bool,
    sources: tuple[str, ...],
    dry_run: bool,
    include_paid: bool,
    allow_private: bool,
    trust: bool,
    as_json: bool,
) -> int:
    """Import what is new, build what is new or has changed, and publish it.

    SOURCE is what import takes; without one, those of [sync] sources in podcast.toml. Whatever
    fails holds up nothing else, and is told by the exit code; the next run does the rest. What
    [budget] does not allow on a day waits for the next. With -q nothing is printed when nothing
    has changed.
    """
    from reviewcast.cli.console import make_notify, print_error
    from reviewcast.jobs.shows import open_show
    from reviewcast.jobs.sync import sync_show
    from reviewcast.jobs.sync_run import SyncOptions
    from reviewcast.system.clock import read_clock

    config = open_show(Path())
    _confirm_all(config, sources, trust=trust)
    options = SyncOptions(
        sources=sources,
        include_paid=include_paid,
        allow_private=allow_private,
        dry_run=dry_run,
    )
    result = sync_show(config, options, clock=read_clock, notify=make_notify(quiet=quiet))
    if as_json:
        print_json(result)
    elif result.has_changed or not quiet:
        for line in _describe(result):
            click.echo(clean(line))
    for failure in result.failed:
        name = f"{failure.name}: " if failure.name else ""
        print_error(f"{name}{failure.error}", failure.hint)
    return result.exit_code


def _confirm_all(config: "Config", sources: tuple[str, ...], *, trust: bool) -> None:
    """Confirm all that podcast.toml reaches outside of the show, before the first step."""
    from reviewcast.model.errors import ConfigError
    from reviewcast.podcast.telling import list_tell_accesses
    from reviewcast.settings.accesses import (
        list_file_accesses,
        list_publish_accesses,
        list_review_accesses,
        reach_source,
    )
    from reviewcast.speech.casting import list_voice_accesses
    from reviewcast.text.draft import match_reviews

    found = [one for source in config.sync.sources for one in reach_source(source, config)]
    found = [] if sources else found
    with suppress(ConfigError):  # the build reports a voice that does not exist
        found += list_voice_accesses(config, every=trust)
    with suppress(ConfigError):
        found += list_tell_accesses(config)
    if config.folder:
        found += list_review_accesses(config, match_reviews(config.folder, config))
    confirm([*found, *list_file_accesses(config), *list_publish_accesses(config)], trust=trust)


def _describe(result: "Synced") -> Iterator[str]:
    for one in result.imports:
        yield from _describe_import(one)
    yield from map(_describe_built, result.built)
    for plan in result.plans:
        requests = f", {count(plan.requests, 'request')}" if plan.requests else ""
        yield f"Would be built: {plan.title}: {plan.to_voice} of {plan.segments} to voice{requests}"
    if result.waiting:
        names = [one.review for one in result.waiting]
        rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"Waiting: {', '.join(names[:3])}{rest}: {result.waiting[0].reason}"
    if result.published:
        for change in result.published.changes:
            sign = {"new": "+", "gone": "-"}.get(change.kind, "~")
            yield f"feed: {sign} {change.title}"
        yield from describe_told(result.published.told)
    yield _sum_up(result)


def _describe_import(one: "SourceImport") -> Iterator[str]:
    if one.result and one.result.changes:
        kinds = [change.change for change in one.result.changes]
        counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
        told = ", ".join(f"{number} {kind}" for kind, number in counts.items())
        would = "Would be imported" if one.result.dry_run else "Imported"
        yield f"{would} from {one.source}: {told}"


def _describe_built(one: "SyncBuilt") -> str:
    minutes, seconds = divmod(round(one.duration_s), 60)
    return (
        f"Built: episodes/{one.slug}: {minutes}:{seconds:02}, voice {one.voice},"
        f" {one.voiced} of {count(one.segments, 'segment')} voiced"
    )


def _sum_up(result: "Synced") -> str:
    """Return one line that sums up the run."""
    kinds = [change.change for one in result.imports if one.result for change in one.result.changes]
    updated = kinds.count("updated") + kinds.count("merged")
    would = "would be " if result.dry_run else ""
    built = len(result.planned) if result.dry_run else len(result.built)
    parts = [
        f"{count(kinds.count('new'), 'review')} {would}imported" if "new" in kinds else "",
        f"{count(updated, 'review')} {would}updated" if updated else "",
        f"{count(built, 'episode')} {would}built" if built else "",
        f"{len(result.waiting)} waiting for another day's budget" if result.waiting else "",
        f"{len(result.failed)} failed" if result.failed else "",
    ]
    told = ", ".join(filter(None, parts)) or "nothing new"
    return f"{told}; {_describe_published(result.published, would)}"


def _describe_published(published: "Published | None", would: str) -> str:
    if published is None:
        return "nothing published"
    sent = count(len(published.uploaded), "file") if published.uploaded else "nothing"
    text = f"{count(published.episodes, 'episode')} public, {sent} {would}uploaded"
    if published.calendar:
        slug, when = next(iter(published.calendar.items()))
        text += f", next {slug} at {when:%Y-%m-%d %H:%M} UTC"
    return text
