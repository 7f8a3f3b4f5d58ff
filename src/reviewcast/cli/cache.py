"""`reviewcast cache`: what was spoken and encoded is counted, pruned or cleared."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from reviewcast.cache import Cache, CacheContents
    from reviewcast.config import Config

_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_CENTURY_DAYS = 36_500


@click.group("cache", invoke_without_command=True)
@_JSON
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Show where the cache lies and how large it is: that of the show around, else your own.

    It can be removed at any time: what is gone is spoken and encoded anew when it is needed.
    """
    if ctx.invoked_subcommand is None:
        _, cache = _open()
        _print(cache, cache.measure(), as_json=as_json)


@command.command("prune")
@click.option(
    "--older",
    "days",
    metavar="DAYS",
    required=True,
    type=click.IntRange(1, _CENTURY_DAYS),
    help="What was not used for so many days.",
)
@_JSON
@click.pass_context
def prune(ctx: click.Context, days: int, as_json: bool) -> None:
    """Remove what no run has used for a time. The time is known to a day: rather more is kept."""
    _remove(days, as_json=as_json or _is_asked_above(ctx))


@command.command("clear")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@_JSON
@click.pass_context
def clear(ctx: click.Context, yes: bool, as_json: bool) -> None:
    """Remove all that was spoken and encoded; the finished episodes stay.

    It asks first. Without a terminal nobody can answer, and --yes is needed.
    """
    from reviewcast.errors import UsageError

    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError(
                "All takes and blocks would be removed, and nobody can be asked.",
                hint="Add --yes: reviewcast cache clear --yes",
            )
        _, cache = _open()
        found = cache.measure()
        click.confirm(
            f"Remove {found.entries} files, {_format_size(found.size_bytes)}, "
            f"from {_name_folder(cache)}?",
            abort=True,
            err=True,
        )
    _remove(0, as_json=as_json or _is_asked_above(ctx))


def _remove(unused_days: int, *, as_json: bool) -> None:
    """Remove entries while no build of the show is at work, and tell what is gone and left."""
    from contextlib import nullcontext

    from reviewcast.workspace import lock_show

    config, cache = _open()
    with lock_show(config.folder) if config.folder else nullcontext():
        removed = cache.remove(unused_days=unused_days)
        left = cache.measure()
    _print(cache, left, removed=removed, as_json=as_json)


def _open() -> tuple["Config", "Cache"]:
    """Find the cache that a build in this folder would use."""
    from reviewcast.catalogue import find_cache
    from reviewcast.config import load_config
    from reviewcast.workspace import find_show

    config = load_config(find_show(Path.cwd()))
    return config, find_cache(config)


def _is_asked_above(ctx: click.Context) -> bool:
    """Tell whether --json stands before the subcommand's name."""
    return bool(ctx.parent and ctx.parent.params.get("as_json"))


def _print(
    cache: "Cache",
    contents: "CacheContents",
    *,
    removed: "CacheContents | None" = None,
    as_json: bool,
) -> None:
    import msgspec

    from reviewcast.cli.console import clean, print_table

    if as_json:
        result = {
            "folder": _name_folder(cache),
            "takes": contents.takes,
            "blocks": contents.blocks,
            **({"removed": removed} if removed else {}),
        }
        click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2))
        return
    click.echo(clean(_name_folder(cache)))
    rows = []
    for name in ("takes", "blocks"):
        kept = getattr(contents, name)
        row = [name, str(kept.entries), _format_size(kept.size_bytes)]
        if removed:
            gone = getattr(removed, name)
            row.append(f"{gone.entries} removed, {_format_size(gone.size_bytes)}")
        rows.append(tuple(row))
    print_table(rows)


def _name_folder(cache: "Cache") -> str:
    return str(cache.folder.absolute())


def _format_size(size_bytes: int) -> str:
    """Give a size in units of thousands (SI), as disks are sold."""
    size, units = float(size_bytes), ["B", "kB", "MB", "GB", "TB"]
    while size >= 999.5 and len(units) > 1:
        size /= 1000
        del units[0]
    return f"{size:.1f} {units[0]}" if size < 99.5 and units[0] != "B" else f"{size:.0f} {units[0]}"
