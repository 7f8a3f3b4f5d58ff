"""What a podcast.toml reaches outside of its show is confirmed here, once."""

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reviewcast.cli.layout import clean
from reviewcast.model.errors import ConfigError

if TYPE_CHECKING:
    from reviewcast.model.protocols import Access
    from reviewcast.settings.schema import Config


C = TypeVar("C", bound=Callable[..., Any])


def trust_option(command: C) -> C:
    """Add --trust to a command."""
    return click.option(
        "--trust",
        is_flag=True,
        help="Trust the hosts and folders outside of the show that podcast.toml names, and"
        " remember them.",
    )(command)


def confirm_voices(config: "Config", *, trust: bool) -> None:
    """Confirm the hosts that the show's voices send to, and the sounds outside of its folder."""
    from reviewcast.settings.accesses import list_file_accesses
    from reviewcast.speech.casting import list_voice_accesses

    confirm([*list_voice_accesses(config, every=trust), *list_file_accesses(config)], trust=trust)


def confirm(accesses: Iterable["Access"], *, trust: bool) -> None:
    """Confirm on a terminal what this user has not confirmed yet, and record it.

    With `trust` there is no prompt. Without a terminal nothing happens here: what needs the
    access refuses it. Raise ConfigError for what is declined.
    """
    from reviewcast.system.trust import find_untrusted, record_trust

    new = find_untrusted(accesses)
    if trust:
        record_trust(new)
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    for access in new:
        question = f"podcast.toml asks for {access.describe()}. Trust that from now on?"
        if not click.confirm(clean(question), err=True):
            raise ConfigError(
                f"podcast.toml asks for {access.describe()}, which you have declined.",
                hint="Change podcast.toml; as long as it stands there, it is asked again.",
            )
        record_trust([access])
