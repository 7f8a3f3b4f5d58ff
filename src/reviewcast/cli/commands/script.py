"""`reviewcast script`: what will be said."""

from typing import TYPE_CHECKING, Any

import click

from reviewcast.cli.layout import print_hanging
from reviewcast.cli.options import complete_file, flag, private_option, voice_option
from reviewcast.cli.output import print_json

if TYPE_CHECKING:
    from reviewcast.model.text import Review, Script, Segment
    from reviewcast.speech.casting import Cast


_FIELDS = "title subject author rating date language track slug image description".split()

_SETTINGS = {"author", "language"}


@click.command("script")
@click.argument("review", metavar="REVIEW", shell_complete=complete_file)
@voice_option("Write it for this voice.")
@flag("--explain", help="Tell where each field comes from, and the rule behind each spoken form.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "md", "json"]),
    default="text",
    help="md can be edited, and built in place of the review.",
)
@private_option
@flag("--json", "as_json", help="The same as --format json.")
@click.pass_obj
def command(
    quiet: bool,
    review: str,
    voice: str | None,
    explain: bool,
    style: str,
    allow_private: bool,
    as_json: bool,
) -> None:
    """Show the segments of REVIEW (- for standard input), and what is left out and why.

    REVIEW may be the URL of its page, of which nothing is kept.

    Where what is said differs from what is written, both are shown.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.named_review import open_named
    from reviewcast.speech.narration import write_script
    from reviewcast.text.draft import format_editable

    notify = make_notify(quiet=quiet)
    _, source, config = open_named(review, voice=voice, allow_private=allow_private, notify=notify)
    read, narration = write_script(source, config, notify=notify)
    cast, script = narration.cast, narration.script
    if as_json or style == "json":
        _print_json(read, cast, script, explain=explain)
    elif style == "md":
        click.echo(format_editable(read, script), nl=False)
    else:
        if explain:
            _print_fields(read)
        _print_text(cast, script, explain=explain)


def _find_speaker(segment: "Segment", cast: "Cast") -> dict[str, Any]:
    """Return who says a segment, when it is not the episode's own voice as it is."""
    name, options = cast.name_voice(segment), cast.find_options(segment)
    if segment.recording or (name == cast.name and not options):
        return {}
    return {"voice": name, **({"options": options} if options else {})}


def _list_fields(review: "Review") -> dict[str, dict[str, str]]:
    """Return each field that has a value, with where it came from."""
    return {
        name: {"value": str(value), "from": review.origins.get(name, "settings")}
        for name in _FIELDS
        if (value := getattr(review, name)) and (name in review.origins or name in _SETTINGS)
    }


def _print_fields(review: "Review") -> None:
    for name, field in _list_fields(review).items():
        print_hanging(f"{name}: ", f"{field['value']}  ({field['from']})", mark_style="bold")
    if review.unknown:
        unknown = f"{', '.join(review.unknown)}  (front matter)"
        print_hanging("not used: ", unknown, mark_style="bold yellow")
    click.echo()


def _print_json(review: "Review", cast: "Cast", script: "Script", *, explain: bool) -> None:
    segments: list[dict[str, Any]] = []
    for segment in script.segments:
        fields = ("index", "chapter", "role", "text", "spoken", "pause_s")
        values = {name: getattr(segment, name) for name in fields}
        segments.append({"number": segment.index + 1, **values})
        segments[-1]["chapter"] = script.chapters[segment.chapter].title
        segments[-1] |= _find_speaker(segment, cast)
        if explain:
            segments[-1]["changes"] = segment.changes
    result: dict[str, Any] = {
        "title": script.title,
        "language": script.language,
        "segments": segments,
        "omitted": [
            {"text": omission.text, "reason": omission.reason} for omission in script.omissions
        ],
    }
    if explain:
        result |= {"fields": _list_fields(review), "not_used": review.unknown}
    print_json(result)


def _print_text(cast: "Cast", script: "Script", *, explain: bool) -> None:
    from reviewcast.cli.console import describe_speaker

    chapter = -1
    for segment in script.segments:
        if segment.chapter != chapter:
            chapter = segment.chapter
            if chapter:
                click.echo()
            print_hanging("## ", script.chapters[chapter].title, mark_style="bold", style="bold")
            click.echo()
        marks = [] if segment.role == "narrator" else [str(segment.role)]
        if speaker := _find_speaker(segment, cast):
            marks.append(describe_speaker(speaker["voice"], speaker.get("options", {})))
        mark = f"[{', '.join(marks)}] " if marks else ""
        print_hanging(f"{segment.index + 1:4}  ", mark + segment.text, mark_style="cyan")
        if segment.spoken != segment.text:
            print_hanging("   >  ", segment.spoken, mark_style="green", style="green")
        if explain:
            for change in segment.changes:
                said = change.spoken or "(nothing)"
                line = f"{change.written} → {said}  ({change.rule})"
                print_hanging("      ", line, style="dim")
    for omission in script.omissions:
        print_hanging("   -  ", f"{omission.text}  ({omission.reason})", style="dim")
