"""`reviewcast cache`: what was read, spoken and encoded is counted, pruned or cleared."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewcast.cli.layout import clean, print_table
from reviewcast.cli.options import flag
from reviewcast.cli.output import print_json
from reviewcast.model.errors import UsageError

if TYPE_CHECKING:
    from reviewcast.settings.schema import Config
    from reviewcast.system.cache import Cache, CacheContents, CacheUse


_JSON = flag("--json", "as_json", help="Print the result as JSON.")
_CENTURY_DAYS = 36_500

_OWNERS = {
    "shared": "shared by all shows",
    "show": "this show's own",
    "variable": "named by a variable",
}

_STORES = ("takes", "blocks", "receipts", "scripts")


@click.group("cache", invoke_without_command=True)
@_JSON
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Show where the cache lies, whose it is, how large, and what of it no episode uses.

    It is the one that all your shows share, unless the show around has its own. It can be removed
    at any time: what is gone is read, spoken and encoded anew when it is needed.
    """
    if ctx.invoked_subcommand is None:
        _, cache = _open()
        _print_use(cache, cache.measure(), as_json=as_json)


@command.command("prune")
@click.option(
    "--older",
    "days",
    metavar="DAYS",
    type=click.IntRange(1, _CENTURY_DAYS),
    help="What was not used for so many days.",
)
@flag("--unused", help="What no episode uses that is still there.")
@_JSON
@click.pass_context
def prune(ctx: click.Context, days: int | None, unused: bool, as_json: bool) -> None:
    """Remove what no run has used for a time, what no episode uses, or with both what is both.

    Each build notes what its episode is made of; as long as the MP3 lies where it was made, that
    is used. An episode that was built before there were such notes, or was moved since, needs
    another build first. What was used within the last day is kept, whoever uses it.
    """
    if not (days or unused):
        raise UsageError(
            "It is not said what to remove.",
            hint="Add --unused, --older DAYS or both; for all of it: reviewcast cache clear",
        )
    _remove(days or 0, only_unused=unused, as_json=as_json or _is_asked_above(ctx))


@command.command("clear")
@flag("-y", "--yes", help="Do not ask.")
@_JSON
@click.pass_context
def clear(ctx: click.Context, yes: bool, as_json: bool) -> None:
    """Remove all that was read, spoken and encoded; the finished episodes stay.

    It asks first. Without a terminal --yes is needed.
    """
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError(
                "All takes and blocks would be removed, and there is no terminal to confirm it.",
                hint="Add --yes: reviewcast cache clear --yes",
            )
        _, cache = _open()
        found = cache.measure().stored
        click.confirm(
            f"Remove {found.entries} files, {_format_size(found.size_bytes)}, "
            f"from {_name_folder(cache)}?",
            abort=True,
            err=True,
        )
    _remove(0, only_unused=False, as_json=as_json or _is_asked_above(ctx))


def _remove(older_days: int, *, only_unused: bool, as_json: bool) -> None:
    """Remove entries while no build of the show is at work, and print what is gone and left."""
    from contextlib import nullcontext

    from reviewcast.system.show_lock import lock_show

    config, cache = _open()
    with lock_show(config.folder) if config.folder else nullcontext():
        removed = cache.remove(older_days=older_days, only_unused=only_unused)
        left = cache.measure()
    _print_removed(cache, left.stored, removed, as_json=as_json)


def _open() -> tuple["Config", "Cache"]:
    """Find the cache that a build in this folder would use."""
    from reviewcast.jobs.shows import find_cache, load_config
    from reviewcast.system.workspace import find_show

    config = load_config(find_show(Path.cwd()))
    return config, find_cache(config)


def _is_asked_above(ctx: click.Context) -> bool:
    """True if --json stands before the subcommand's name."""
    return bool(ctx.parent and ctx.parent.params.get("as_json"))


def _print_use(cache: "Cache", use: "CacheUse", *, as_json: bool) -> None:
    if as_json:
        _print_json(cache, use.stored, {"episodes": use.episodes, "unused": use.unused})
        return
    episodes = "1 episode uses it" if use.episodes == 1 else f"{use.episodes} episodes use it"
    _print_rows(cache, use.stored, use.unused, "used by no episode", about=episodes)


def _print_removed(
    cache: "Cache", left: "CacheContents", removed: "CacheContents", *, as_json: bool
) -> None:
    if as_json:
        _print_json(cache, left, {"removed": removed})
        return
    _print_rows(cache, left, removed, "removed")
    click.echo(f"freed {_format_size(removed.size_bytes)}")
    if not removed.size_bytes and left.size_bytes:
        click.echo("What was used within the last day is kept.", err=True)


def _print_json(cache: "Cache", contents: "CacheContents", more: dict[str, object]) -> None:
    stores = {name: getattr(contents, name) for name in _STORES}
    print_json({"folder": _name_folder(cache), "owner": cache.owner} | stores | more)


def _print_rows(
    cache: "Cache", contents: "CacheContents", others: "CacheContents", said: str, about: str = ""
) -> None:
    """Print where a cache is, then for each store what it holds, and what is said of others."""
    click.echo(clean(_name_folder(cache)))
    if about:
        click.echo(f"{_OWNERS[cache.owner]}; {about}")
    rows: list[tuple[str, ...]] = []
    for name in _STORES:
        kept, other = getattr(contents, name), getattr(others, name)
        told = f"{other.entries} {said}, {_format_size(other.size_bytes)}"
        rows.append((name, str(kept.entries), _format_size(kept.size_bytes), told))
    print_table(rows)


def _name_folder(cache: "Cache") -> str:
    return str(cache.folder.absolute())


def _format_size(size_bytes: int) -> str:
    """Return a size in units of thousands (SI), as disks are sold."""
    size, units = float(size_bytes), ["B", "kB", "MB", "GB", "TB"]
    while size >= 999.5 and len(units) > 1:
        size /= 1000
        del units[0]
    return f"{size:.1f} {units[0]}" if size < 99.5 and units[0] != "B" else f"{size:.0f} {units[0]}"
