"""`reviewcast voices`: which voices there are."""

import click


@click.command("voices")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def command(as_json: bool) -> None:
    """List the voices that are installed; a broken one is named with what is wrong."""
    import msgspec

    from reviewcast.cli.console import print_table
    from reviewcast.errors import ConfigError
    from reviewcast.plugins import list_voices, load_voice

    found: list[dict[str, object]] = []
    for name in list_voices():
        try:
            voice = load_voice(name)
        except ConfigError as error:
            found.append({"name": name, "error": error.message})
            continue
        about = (voice.__doc__ or "").strip().partition("\n")[0]
        found.append(
            {
                "name": name,
                "version": voice.version,
                "online": voice.online,
                "max_chars": voice.max_chars,
                "about": about,
            }
        )
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode({"voices": found}), indent=2))
        return
    print_table(
        [
            (
                str(voice["name"]),
                "broken" if "error" in voice else "online" if voice["online"] else "offline",
                str(voice.get("error") or voice["about"]),
            )
            for voice in found
        ]
    )
