"""`reviewcast script`: what will be said."""

import click


@click.command("script")
@click.argument("review")
@click.option("--voice", envvar="REVIEWCAST_VOICE", help="Cut segments for this voice's limit.")
@click.option("--json", "as_json", is_flag=True, help="Print the script as JSON.")
def command(review: str, voice: str | None, as_json: bool) -> None:
    """Show the segments of REVIEW (- for standard input), and what is left out and why."""
    import msgspec

    from reviewcast.catalogue import open_review
    from reviewcast.cli.console import clean
    from reviewcast.pipeline import write_script

    script = write_script(*open_review(review, voice=voice))
    titles = [chapter.title for chapter in script.chapters]
    if as_json:
        segments = [
            {
                "index": segment.index,
                "chapter": titles[segment.chapter],
                "role": segment.role,
                "text": segment.text,
                "spoken": segment.spoken,
                "pause_s": segment.pause_s,
            }
            for segment in script.segments
        ]
        omitted = [
            {"text": omission.text, "reason": omission.reason} for omission in script.omissions
        ]
        result = {
            "title": script.title,
            "language": script.language,
            "segments": segments,
            "omitted": omitted,
        }
        click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2))
        return
    chapter = -1
    for segment in script.segments:
        if segment.chapter != chapter:
            chapter = segment.chapter
            click.echo(
                f"\n## {clean(titles[chapter])}\n" if chapter else f"## {clean(titles[chapter])}\n"
            )
        role = "" if segment.role == "narrator" else f"[{segment.role}] "
        click.echo(f"{segment.index + 1:4}  {role}{clean(segment.text)}")
        if segment.spoken != segment.text:
            click.echo(f"   >  {clean(segment.spoken)}")
    for omission in script.omissions:
        click.echo(f"   -  {clean(omission.text)}  ({omission.reason})")
