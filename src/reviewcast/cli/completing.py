"""What the Tab key offers for a review and for a voice."""

import click
from click.shell_completion import CompletionItem


def complete_file(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Leave it to the shell, which knows files best."""
    return [CompletionItem(incomplete, type="file")]


def complete_voice(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the voices that are installed and begin so."""
    from reviewcast.system.plugins import list_voices

    return [
        CompletionItem(name) for name in ("auto", *list_voices()) if name.startswith(incomplete)
    ]
