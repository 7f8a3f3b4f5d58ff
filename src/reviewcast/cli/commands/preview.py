"""`reviewcast preview`: single segments are looked at and heard."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewcast.cli.layout import clean, print_hanging
from reviewcast.cli.options import complete_file, flag, private_option, voice_option
from reviewcast.cli.output import print_json
from reviewcast.cli.trusting import confirm_voices, trust_option
from reviewcast.model.errors import UsageError

if TYPE_CHECKING:
    from reviewcast.episode.produce import Production
    from reviewcast.jobs.listing import Listing, Row
    from reviewcast.settings.run import Run
    from reviewcast.text.proper_nouns import Name
    from reviewcast.text.read import ReviewSource


_MOST_LINES = 2
_FIELDS = "index chapter role text spoken pause_s length_s is_known voice recording".split()


@click.command("preview")
@click.argument("review", metavar="REVIEW", shell_complete=complete_file)
@click.argument("segments", metavar="[SEGMENT]...", nargs=-1)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write an .mp3 or .wav instead of playing.",
)
@voice_option("A voice's name, or auto.")
@flag("--context", help="With the segment before and the one after.")
@flag("--mix", help="With the music that stands there.")
@trust_option
@private_option
@flag("--full", help="List texts whole, not only their first two lines.")
@flag("--json", "as_json", help="Print the result as JSON.")
@flag("--web", help="Hear and correct all of it on a page of your browser.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Of the page; 0 takes any that is free.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Of the page; 0.0.0.0 lets other machines in that have its token.",
)
@flag("--no-browser", help="Print the page's address and open nothing.")
@click.pass_obj
def command(
    quiet: bool,
    review: str,
    segments: tuple[str, ...],
    output: Path | None,
    voice: str | None,
    context: bool,
    mix: bool,
    trust: bool,
    allow_private: bool,
    full: bool,
    as_json: bool,
    web: bool,
    port: int,
    host: str,
    no_browser: bool,
) -> int:
    """List the segments of REVIEW (- for standard input), or hear some of them.

    A SEGMENT is a number (7), a range (7-9, 7- to the end) or a chapter ("chapter:Verdict",
    chapter:2). What is spoken for it is kept: the build does not speak it again. Without a player
    that is installed, a file is written beside the review, in a show into its .reviewcast folder.

    With --web a page on this machine shows all of it: to hear, to say otherwise, to record, to
    build. Its changes are kept beside the review; -o names the MP3. Ctrl-C ends it.
    """
    if web:
        from reviewcast.cli.commands.preview_web import serve_page

        return serve_page(
            review,
            refused=bool(segments or context or mix or full or as_json),
            quiet=quiet,
            trust=trust,
            voice=voice,
            output=output,
            host=host,
            port=port,
            opens_browser=not no_browser,
        )
    from reviewcast.jobs.listing import list_segments
    from reviewcast.jobs.preview import preview_segments

    review, source, run = _open(review, voice, allow_private=allow_private, quiet=quiet)
    if not segments:
        if output or context or mix:
            raise UsageError("No segment is named.", hint="Name some, such as 7, 7-9 or 1-.")
        _print_listing(list_segments(source, run), full=full, as_json=as_json)
        return 0
    if output:
        check_output(output)
    confirm_voices(run.settings, trust=trust)
    run.cache.prepare()
    preview = preview_segments(source, run, segments, context=context, mix=mix)
    path = _give(preview, review, output, run, quiet=quiet)
    _print_preview(preview, path, as_json=as_json)
    return 0


def _open(
    review: str, voice: str | None, *, allow_private: bool, quiet: bool
) -> "tuple[str, ReviewSource, Run]":
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.named_review import open_named
    from reviewcast.jobs.shows import open_run

    notify = make_notify(quiet=quiet)
    name, source, config = open_named(
        review, voice=voice, allow_private=allow_private, notify=notify
    )
    return name, source, open_run(config, notify=notify)


def _print_listing(listing: "Listing", *, full: bool, as_json: bool) -> None:
    if as_json:
        print_json(_describe(listing))
    else:
        _print_rows(listing, most_lines=0 if full else _MOST_LINES)


def check_output(output: Path) -> None:
    """Refuse a file for a preview that could not be written, before anything is spoken."""
    from reviewcast.system.files import check_writable

    if output.suffix.lower() not in {".mp3", ".wav"}:
        raise UsageError(f"Cannot write {output}.", hint="Name a file that ends in .mp3 or .wav.")
    check_writable(output)


def _give(
    preview: "Production", review: str, output: Path | None, run: "Run", *, quiet: bool
) -> Path | None:
    """Play a preview, or write it where it is asked for or nothing can play it.

    That is beside a review alone, and never among the reviews of a show.
    """
    from functools import partial

    from reviewcast.cli.player import play
    from reviewcast.jobs.preview import save_preview
    from reviewcast.system.extras import compose_install_line
    from reviewcast.system.files import make_folder

    if output is None:
        if play(partial(save_preview, preview, cache=run.cache)):
            return None
        beside, show = Path("review" if review == "-" else review), run.settings.folder
        if show is not None:
            beside = show / ".reviewcast" / beside.name
            make_folder(beside.parent, hint="Name a file with --output.")
        output = beside.with_suffix(".preview.mp3")
        if not quiet:
            click.echo(
                "No program that plays sound is installed, or none finds a device:"
                " the preview is written. Install ffplay or mpv, or the module sounddevice: "
                f"{compose_install_line('play')}",
                err=True,
            )
    save_preview(preview, output, cache=run.cache)
    return output


def _print_preview(preview: "Production", path: Path | None, *, as_json: bool) -> None:
    numbers = [segment.index + 1 for segment in preview.narration.script.segments]
    voiced = preview.takes.voiced
    result = {
        "path": str(path) if path else None,
        "duration_s": round(preview.audio.samples / preview.audio.rate_hz, 6),
        "segments": numbers,
        "voiced": voiced,
        "voice": preview.voice,
        "loudness": preview.audio.loudness,
    }
    if as_json:
        print_json(result)
        return
    click.echo(
        clean(
            f"{path or 'played'}: {result['duration_s']:.1f} s, voice {preview.voice}, "
            f"{voiced} segments voiced and {len(numbers) - voiced} reused"
        )
    )


def _describe(listing: "Listing") -> dict[str, Any]:
    """Return a listing as programs read it."""
    risky = _list_risky(listing)
    segments = [
        {
            "number": row.index + 1,
            **{name: getattr(row, name) for name in _FIELDS},
            **({"options": row.options} if row.options else {}),
            "is_edited": row.edit is not None,
            "risky": [name.written for name in risky if row.index in name.places],
        }
        for row in listing.rows
    ]
    return {
        "title": listing.title,
        "language": listing.language,
        "voice": listing.voice,
        "segments": segments,
        "omitted": [{"text": one.text, "reason": one.reason} for one in listing.omissions],
        "unfit": listing.unfit,
    }


def _list_risky(listing: "Listing") -> list["Name"]:
    return [name for name in listing.names if not name.spoken]


def _print_rows(listing: "Listing", *, most_lines: int) -> None:
    known = sum(row.is_known for row in listing.rows)
    minutes, seconds = divmod(round(sum(row.length_s + row.pause_s for row in listing.rows)), 60)
    counted = (
        f"{listing.title}: {len(listing.rows)} segments, {known} in the store, "
        f"{'' if known == len(listing.rows) else '~'}{minutes}:{seconds:02}, voice {listing.voice}"
    )
    print_hanging("", counted, style="bold")
    risky = _list_risky(listing)
    chapter = None
    for row in listing.rows:
        if row.chapter != chapter:
            chapter = row.chapter
            click.echo()
            print_hanging("## ", chapter, mark_style="bold", style="bold")
            click.echo()
        length = f"{'' if row.is_known else '~'}{row.length_s:.1f} s"
        mark = "?" if any(row.index in name.places for name in risky) else " "
        print_hanging(
            f"{row.index + 1:4} {length:>8} {'stored' if row.is_known else '':6} {mark} ",
            f"{_mark(row, listing)}{row.text}",
            mark_style="cyan",
            most_lines=most_lines,
        )
    if listing.omissions or listing.unfit or risky:
        click.echo()
    for omission in listing.omissions:
        line = f"{omission.text}  ({omission.reason})"
        print_hanging("   -  ", line, style="dim", most_lines=most_lines)
    for edit in listing.unfit:
        line = f"{edit.text}  (an edit that fits no segment any more; it is kept)"
        print_hanging("   !  ", line, mark_style="bold yellow")
    if risky:
        told = (f"{name.written} ({', '.join(str(n + 1) for n in name.places)})" for name in risky)
        print_hanging("   ?  ", f"not in the lexicon: {', '.join(told)}", mark_style="yellow")


def _mark(row: "Row", listing: "Listing") -> str:
    """Return what is special about a segment, in brackets."""
    from reviewcast.cli.console import describe_speaker

    marks: list[str] = [row.role] if row.role != "narrator" else []
    if row.recording:
        marks.append("recording")
    elif row.voice != listing.voice or row.options:
        marks.append(describe_speaker(row.voice, row.options))
    if row.edit:
        marks.append("edited")
    return f"[{', '.join(marks)}] " if marks else ""
