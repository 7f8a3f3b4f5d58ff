"""Results for programs: what `--json` prints."""

from typing import Any

import click


def print_json(value: Any) -> None:
    """Print a value as indented JSON, and nothing else, to standard output."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))
