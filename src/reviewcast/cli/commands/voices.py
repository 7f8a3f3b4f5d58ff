"""`reviewcast voices`: which voices there are, how quick they are, and how they sound."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewcast.cli.layout import clean, print_table
from reviewcast.cli.options import flag
from reviewcast.cli.output import print_json
from reviewcast.cli.trusting import confirm, trust_option
from reviewcast.model.errors import UsageError

if TYPE_CHECKING:
    from reviewcast.jobs.voices import BrokenVoice, InstalledVoice
    from reviewcast.speech.order import Candidate


_FEW = 6


@click.group("voices", invoke_without_command=True)
@flag("--measure", help="Let each speak a sentence; print how long it takes.")
@trust_option
@click.option("--language", default="", help="Of the order, such as en; default: the show's.")
@flag("--json", "as_json", help="Print the list as JSON.")
@click.pass_context
def command(
    context: click.Context, measure: bool, trust: bool, language: str, as_json: bool
) -> None:
    """List the voices that are installed; a broken one is named with what is wrong.

    Below stands which of them speak a review here, in the order of their turns, and why.
    --measure sends a sample sentence to the online ones; they have five seconds.
    """
    if context.invoked_subcommand:
        if measure or trust or as_json or language:
            raise UsageError(
                "--measure, --trust, --language and --json before say are for the list."
            )
        return
    from reviewcast.jobs.shows import load_config
    from reviewcast.jobs.voices import describe_voices
    from reviewcast.speech.casting import list_voice_accesses
    from reviewcast.speech.order import order_voices
    from reviewcast.system.workspace import find_show

    config = load_config(find_show(Path.cwd()))
    if measure:  # which asks all of them
        confirm(list_voice_accesses(config, every=True), trust=trust)
    voices = describe_voices(config, measure=measure)
    language = language or config.show.language
    order = order_voices(config, language)
    if as_json:
        result = {"voices": voices, "language": language, "order": order}
        print_json(result)
    elif voices:
        print_table([_describe(voice) for voice in voices], styles=("bold", "cyan"))
        click.echo(f"\nOrder for {clean(language)}:")
        print_table([_rank(place, one) for place, one in enumerate(order, 1)])


@command.command("say")
@click.argument("name")
@click.argument("text")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The .mp3 or .wav to write, instead of playing.",
)
@click.option("--language", default="", help="Of the text, such as en; default: the show's.")
@trust_option
@flag("--json", "as_json", help="Print the result as JSON.")
@click.pass_obj
def say(
    quiet: bool,
    name: str,
    text: str,
    output: Path | None,
    language: str,
    trust: bool,
    as_json: bool,
) -> None:
    """Speak TEXT with the voice NAME, as it would in a review: played, or written to -o."""
    from reviewcast.cli.commands.preview import check_output
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.preview import save_preview, speak_text
    from reviewcast.jobs.shows import load_config, open_run
    from reviewcast.speech.casting import list_voice_accesses
    from reviewcast.system.workspace import find_show

    if output:
        check_output(output)
    config = load_config(find_show(Path.cwd()), voice=name)
    confirm(list_voice_accesses(config, every=trust), trust=trust)
    run = open_run(config, notify=make_notify(quiet=quiet))
    run.cache.prepare()
    heard = speak_text(text, language or config.show.language, run)
    if output:
        save_preview(heard, output, cache=run.cache)
    else:
        from reviewcast.cli.player import play_or_refuse

        hint = "Give a file to -o, or install ffplay or mpv."
        play_or_refuse(partial(save_preview, heard, cache=run.cache), hint=hint)
    result = {
        "path": str(output) if output else None,
        "duration_s": round(heard.audio.samples / heard.audio.rate_hz, 6),
        "voice": heard.voice,
        "voiced": heard.takes.voiced,
    }
    if as_json:
        print_json(result)
    else:
        click.echo(
            clean(f"{output or 'played'}: {result['duration_s']:.1f} s, voice {heard.voice}")
        )


def _rank(place: int, candidate: "Candidate") -> tuple[str, ...]:
    """Return a voice's place in the order as a row: number, name, why, or why it is passed over."""
    why = f"passed over: {candidate.lack}" if candidate.lack else candidate.why
    return str(place), candidate.name, why


def _describe(voice: "InstalledVoice | BrokenVoice") -> tuple[str, ...]:
    """Return a voice as a row: name, where, languages, what it takes, what it is and needs."""
    from reviewcast.jobs.voices import BrokenVoice

    if isinstance(voice, BrokenVoice):
        return voice.name, "broken", "", "", voice.error
    languages, measured = voice.languages, voice.measured
    cost = ""
    if measured:
        cost = f"{measured.took_s:.3f} s for {measured.speech_s:.1f} s"
    if measured and measured.error:
        cost = "no answer" if voice.online else "fails"
    about = voice.about or f"version {voice.version}"
    if voice.needs:
        about += f" (needs {voice.needs})"
    if measured and measured.error:
        about += f" [{measured.error}]"
    return (
        voice.name,
        "online" if voice.online else "offline",
        ", ".join(languages) if len(languages) <= _FEW else f"{len(languages)} languages",
        cost,
        about,
    )
