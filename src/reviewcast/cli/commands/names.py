"""`reviewcast names`: what a voice may mispronounce, and how it is said right."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewcast.cli.layout import clean, print_table
from reviewcast.cli.options import complete_file, flag, voice_option
from reviewcast.cli.output import print_json
from reviewcast.cli.trusting import confirm, trust_option
from reviewcast.model.errors import UsageError

if TYPE_CHECKING:
    from reviewcast.settings.schema import Config
    from reviewcast.text.proper_nouns import SharedName


@click.command("names")
@click.argument("reviews", metavar="[REVIEW]...", nargs=-1, shell_complete=complete_file)
@flag("--unknown", help="Only those that the lexicon does not have.")
@flag("--say", help="Play each; what is no file is a word to say.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --say: a folder for an MP3 of each, instead of playing.",
)
@voice_option("A voice's name, or auto.")
@click.option(
    "--set", "new", metavar="WORD=SAID", multiple=True, help="Enter how a word is said; repeatable."
)
@click.option("--remove", metavar="WORD", multiple=True, help="Take a word out of the lexicon.")
@trust_option
@flag("--json", "as_json", help="Print the list as JSON.")
@click.pass_obj
def command(
    quiet: bool,
    reviews: tuple[str, ...],
    unknown: bool,
    say: bool,
    output: Path | None,
    voice: str | None,
    new: tuple[str, ...],
    remove: tuple[str, ...],
    trust: bool,
    as_json: bool,
) -> int:
    """List the names and odd words of each REVIEW, the most doubtful first.

    Of several reviews, those come first that are doubtful in most of them; the people of a work,
    as front matter has them (cast, director), weigh a little more than others. Without a REVIEW,
    those of all reviews of the show in whose folder you are.

    --set writes into the show's lexicon.toml, or without a show into yours; a changed word speaks
    only the segments anew that hold it.
    """
    from reviewcast.cli.console import print_error
    from reviewcast.jobs.planning import find_shared_names, list_accesses
    from reviewcast.jobs.shows import list_reviews

    if output and not say:
        raise UsageError("-o is for what --say speaks.", hint="Add --say.")
    if new or remove:
        _change_lexicon(reviews, new, remove, quiet=quiet)
        if not (say or unknown or as_json):
            return 0
    show, words = None, [one for one in reviews if say and not Path(one).exists()]
    files = tuple(one for one in reviews if one not in words)
    if not files and not words:
        show, files = list_reviews(Path())
    for accesses in list_accesses(files, voice=voice, show=show, every=trust) if show else ():
        confirm(accesses, trust=trust)
    names, failed = find_shared_names(files, voice=voice, show=show)
    chosen = [name for name in names if not (unknown and name.spoken)]
    if say:
        _say_each(words, chosen, files, voice, output, trust=trust, quiet=quiet)
    else:
        _print(chosen, as_json=as_json)
    for failure in failed:
        print_error(f"{failure.review}: {failure.error}", failure.hint)
    return max((failure.exit_code for failure in failed), default=0)


def _find_config(files: Sequence[str], voice: str | None) -> "Config":
    """Return the settings of the show around the first review, or around us."""
    from reviewcast.jobs.shows import load_config, open_review
    from reviewcast.system.workspace import find_show

    if files:
        return open_review(files[0], voice=voice)[1]
    return load_config(find_show(Path.cwd()), voice=voice)


def _change_lexicon(
    reviews: Sequence[str], new: Sequence[str], remove: Sequence[str], *, quiet: bool
) -> None:
    from reviewcast.text.spoken.lexicon_file import add_word, find_lexicon_file, remove_word

    pairs = [text.partition("=") for text in new]
    for written, sign, said in pairs:
        if not (sign and written.strip() and said.strip()):
            raise UsageError(
                f"{written + sign + said!r} is no entry.", hint='Write "Chazelle=sha-ZELL".'
            )
    files = [review for review in reviews if Path(review).exists()]
    file = find_lexicon_file(_find_config(files, None).folder)
    for written, _, said in pairs:
        add_word(file, written, said)
    for written in remove:
        if not remove_word(file, written):
            raise UsageError(f"{file} has no entry {written!r}.", hint="See: reviewcast names")
    if not quiet:
        click.echo(clean(f"Written: {file}"), err=True)


def _say_each(
    words: Sequence[str],
    names: Sequence["SharedName"],
    files: Sequence[str],
    voice: str | None,
    output: Path | None,
    *,
    trust: bool,
    quiet: bool,
) -> None:
    """Play each word, or write it into a folder."""
    from functools import partial
    from itertools import groupby

    from reviewcast.cli.console import make_notify
    from reviewcast.cli.player import play_or_refuse
    from reviewcast.jobs.preview import save_preview, speak_words
    from reviewcast.jobs.shows import open_run
    from reviewcast.speech.casting import list_voice_accesses
    from reviewcast.system.files import check_writable

    config = _find_config(files, voice)
    confirm(list_voice_accesses(config, every=trust), trust=trust)
    run = open_run(config, notify=make_notify(quiet=quiet))
    run.cache.prepare()
    wanted = [(config.show.language, word) for word in words]
    wanted += [(name.language, name.written) for name in names]
    wanted = [(language, word) for language, word in wanted if any(map(str.isalnum, word))]
    if output and wanted:
        check_writable(output / _name_file(wanted[0][1]))
    for language, group in groupby(sorted(set(wanted), key=wanted.index), lambda pair: pair[0]):
        spoken = [word for _, word in group]
        heard = speak_words(spoken, language, run)
        for word, preview in zip(spoken, heard, strict=True):
            said = preview.narration.script.segments[0].spoken
            click.echo(clean(word if said == word else f"{word}  >  {said}"))
            if output:
                save_preview(preview, output / _name_file(word), cache=run.cache)
            else:
                hint = "Give a folder to -o, or install ffplay or mpv."
                play_or_refuse(partial(save_preview, preview, cache=run.cache), hint=hint)


def _name_file(word: str) -> str:
    """Name a word's file: letters and figures, no path."""
    return "".join(letter if letter.isalnum() else "-" for letter in word)[:60] + ".mp3"


def _print(names: Sequence["SharedName"], *, as_json: bool) -> None:
    if as_json:
        print_json({"names": names})
    elif names:
        print_table(
            [
                (
                    str(name.count),
                    name.written,
                    ", ".join(name.kinds),
                    name.spoken or ("?" if name.doubt else "as written"),
                    ", ".join(Path(review).name for review in name.reviews),
                )
                for name in names
            ]
        )
