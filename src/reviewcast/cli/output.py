"""Results as they are printed: as JSON for programs, counted in words for readers."""

from typing import Any

import click


def count(number: int, thing: str) -> str:
    """Return a number of things in words, such as 1 file and 2 files."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def print_json(value: Any) -> None:
    """Print a value as indented JSON, and nothing else, to standard output."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))
