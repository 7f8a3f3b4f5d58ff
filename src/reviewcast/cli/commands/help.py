"""`reviewcast help`: the manual, by topic."""

import re

import click

from reviewcast.cli.layout import is_terminal, print_table
from reviewcast.model.errors import UsageError, suggest

_MARK = "<!-- all settings -->"
"""Where settings.md has the list that is made of the settings themselves."""

_TOPIC = re.compile(r"\[([^\]]+)\]\([\w-]+\.md(?:#[\w-]+)?\)")
"""A link to another topic, which a terminal shows by its name."""


@click.command("help")
@click.argument("topic", default="")
@click.pass_context
def command(context: click.Context, topic: str) -> None:
    """Show a topic of the manual, or list the topics; of a command without one, show its help."""
    from reviewcast.system.resources import list_topics, read_topic

    topics = list_topics()
    main = context.find_root()
    commands = main.command.list_commands(main) if isinstance(main.command, click.Group) else []
    if not topic:
        _list_topics(topics)
    elif topic in topics:
        from reviewcast.settings.manual import describe_settings

        text = read_topic(topic)
        _show(text.replace(_MARK, describe_settings()) if _MARK in text else text)
    elif topic in commands:
        _show_command(main, topic)
    else:
        known = [*topics, *commands]
        hint = suggest(topic, known, otherwise="reviewcast help lists the topics.")
        raise UsageError(f"The manual has no topic {topic!r}.", hint=hint)


def _list_topics(topics: dict[str, str]) -> None:
    print_table(list(topics.items()))
    click.echo("\nreviewcast help TOPIC shows one; reviewcast COMMAND --help explains a command.")


def _show_command(main: click.Context, name: str) -> None:
    assert isinstance(main.command, click.Group)
    found = main.command.get_command(main, name)
    assert found
    click.echo(found.get_help(click.Context(found, info_name=name, parent=main)))


def _show(text: str) -> None:
    """Show a topic: paged and laid out on a terminal, elsewhere as it is written."""
    click.echo_via_pager(_lay_out(text) if is_terminal() else text)


def _lay_out(text: str) -> str:
    import os
    import shutil
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(
        file=StringIO(),
        width=min(shutil.get_terminal_size().columns, 100),
        force_terminal=True,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
    )
    with console.capture() as laid:
        console.print(Markdown(_TOPIC.sub(r"**\1**", text), hyperlinks=False))
    return laid.get()
