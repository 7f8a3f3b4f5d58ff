"""Options that several commands have, and what the Tab key offers for them."""

import functools
from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

flag = functools.partial(click.option, is_flag=True)
"""An option that is given or not."""


private_option = flag(
    "--allow-private", help="Also fetch a URL from addresses of private networks."
)
"""The option of commands that take the address of a page."""


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


def voice_option(about: str) -> Callable[[Any], Any]:
    """Return the option --voice, for a command."""
    return click.option(
        "--voice", shell_complete=complete_voice, envvar="REVIEWCAST_VOICE", help=about
    )
