"""`reviewcast serve`: the published folder on this machine."""

from pathlib import Path

import click

from reviewcast.cli.layout import clean


@click.command("serve")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 takes any that is free.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="0.0.0.0 lets other machines of your network in.",
)
@click.pass_obj
def command(quiet: bool, folder: Path | None, port: int, host: str) -> int:
    """Serve what is published in DIR, or of the show around, for trying it in a real client.

    The URL is printed as soon as it answers. In the feed, the show's own URL becomes this one.
    Ctrl-C ends it, with exit code 130.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.model.events import Warned
    from reviewcast.system.public_folder import find_feed, find_public_folder
    from reviewcast.web.folder_server import serve_folder
    from reviewcast.web.hosts import LOOPBACK, open_socket, tell_url

    public = find_feed(folder).parent if folder else find_public_folder(Path())
    if host not in LOOPBACK:
        make_notify(quiet=quiet)(
            Warned(f"Whoever can reach {host} can read {public}; dot-files are left out.")
        )
    with open_socket(host, port) as listener:
        click.echo(tell_url(listener))
        try:
            log = None if quiet else (lambda line: click.echo(clean(line), err=True))
            serve_folder(public, listener, host=host, log=log)
        except KeyboardInterrupt:
            pass  # the way to end it, and nothing to hint at
    return 130
