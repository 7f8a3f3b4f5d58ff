"""`reviewcast completion`: the Tab key completes commands, options, voices and files."""

import click

_SHELLS = ("bash", "zsh", "fish")
_PROGRAM = "reviewcast"
_VARIABLE = "_REVIEWCAST_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
def command(shell: str) -> None:
    """Print what lets SHELL complete commands, options, voices and files by the Tab key.

    Each shell reads it from its own place; the examples below write it there.
    """
    from click.shell_completion import ShellComplete, get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"This version of click completes nothing in {shell}.")
    complete = kind(click.get_current_context().find_root().command, {}, _PROGRAM, _VARIABLE)
    # not bash's own source(): it starts a bash to learn its version, where there may be none
    click.echo(ShellComplete.source(complete))
