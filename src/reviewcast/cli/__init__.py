"""The face: one command a file, each loaded only when it is called."""

import errno
import importlib
import keyword
import sys

import click

from reviewcast.model.errors import ReviewcastError, suggest

_COMMANDS = {
    "init": "Begin a show: settings, sounds, a cover, a first review.",
    "build": "Turn reviews into finished MP3 episodes.",
    "script": "Show what will be said, before anything is.",
    "preview": "List a review's segments, and hear some of them.",
    "clip": "Cut a part of an episode to share, as MP3 and as a video.",
    "shelf": "List the show's reviews, and what becomes of each.",
    "names": "List names and odd words, hear them, and set how they are said.",
    "publish": "Publish the episodes: feed, pages, files.",
    "embed": "Let the posts of a blog play their episodes.",
    "sync": "Import, build and publish whatever is new, in one go, for cron.",
    "tell": "Announce new episodes, and those that may not have been announced.",
    "unpublish": "Take episodes out of the feed.",
    "import": "Bring reviews along from other services, or adopt a published podcast.",
    "check": "Check a published show, or any feed, by the rules of podcasting.",
    "serve": "Serve the published show on this machine, to try it in a client.",
    "voices": "List the voices that are installed.",
    "cache": "Show, prune or clear what was spoken and encoded.",
    "doctor": "Check that everything works on this machine.",
    "help": "Show the manual, by topic.",
    "completion": "Let the Tab key complete commands, in bash, zsh and fish.",
}

_QUIET = "Print nothing but results and errors."


class _Commands(click.Group):
    """Finds commands by name in this package; their help is at hand without loading them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        # a word that Python keeps for itself names no module
        module = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        found = importlib.import_module(f"reviewcast.cli.commands.{module}")
        command: click.Command = found.command
        _take_quiet(command)
        _add_examples(command, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not ctx.resilient_parsing:
            ctx.fail(f"There is no command {args[0]!r}. {suggest(args[0], _COMMANDS)}".strip())
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _take_quiet(command: click.Command) -> None:
    """Accept --quiet behind the command as well, where people write it."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _take_quiet(inner)

    def be_quiet(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
        ctx.obj = ctx.obj or value

    if all(param.name != "quiet" for param in command.params):
        option = click.Option(
            ["-q", "--quiet"], is_flag=True, expose_value=False, callback=be_quiet, help=_QUIET
        )
        command.params.append(option)


def _add_examples(command: click.Command, name: str) -> None:
    """Add examples to the end of the help of a command, and of those within it."""
    from reviewcast.cli.examples import format_examples

    command.epilog = format_examples(name)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _add_examples(inner, f"{name} {inner.name}")


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Each command explains itself: reviewcast build --help. The manual: reviewcast help.",
)
@click.version_option(package_name="reviewcast", prog_name="reviewcast")
@click.option("-q", "--quiet", is_flag=True, envvar="REVIEWCAST_QUIET", help=_QUIET)
@click.pass_context
def group(ctx: click.Context, quiet: bool) -> None:
    """Turn a written review into a finished podcast episode."""
    ctx.obj = quiet


def main() -> None:
    """Run the command line; every way out of the program is here."""
    try:
        sys.exit(group.main(prog_name="reviewcast", standalone_mode=False) or 0)
    except ReviewcastError as error:
        _fail(error.message, error.hint, error.exit_code)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        help_line = f"See {context.command_path} --help" if context else ""
        _fail(_end(error.format_message()), help_line, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _fail("Interrupted.", "Run the same command to go on: what was spoken is kept.", 130)
    except BrokenPipeError:
        sys.stdout = None  # the reader has left: nothing to flush
        sys.exit(141)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            # a result that goes to a file finds it full as well
            _fail("The disk is full.", "Make room and run the same command again.", 6)
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
        hint = f"Please report it with this line: {where}"
        _fail(f"This is a bug in reviewcast: {type(error).__name__}: {error}", hint, 1)


def _end(message: str) -> str:
    return message if message.endswith((".", "?", "!", ")")) else f"{message}."


def _fail(message: str, hint: str, exit_code: int) -> None:
    from reviewcast.cli.console import print_error

    print_error(message, hint)
    sys.exit(exit_code)
