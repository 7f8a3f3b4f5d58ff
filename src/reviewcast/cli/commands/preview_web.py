"""`reviewcast preview --web`: the page that a review is heard and corrected on."""

import contextlib
from pathlib import Path

import click

from reviewcast.cli.trusting import confirm_voices
from reviewcast.model.errors import UsageError


def serve_page(
    review: str,
    *,
    refused: bool,
    quiet: bool,
    trust: bool,
    voice: str | None,
    output: Path | None,
    host: str,
    port: int,
    opens_browser: bool,
) -> int:
    """Serve the page of a review until Ctrl-C; return the exit code, which then is 130.

    Its URL is printed, token and all, and opened in the browser when that is wanted. Raises
    UsageError when the command line asks for something that the page has no use for.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.shows import STDIN, open_review
    from reviewcast.model.events import Warned
    from reviewcast.text.round_up import is_round_up
    from reviewcast.web.app import make_token, serve_session
    from reviewcast.web.hosts import LOOPBACK, open_socket, tell_url
    from reviewcast.web.session import EditingSession

    if is_round_up(review):
        raise UsageError(
            "A round-up is corrected where its reviews are.", hint="Open one of these on the page."
        )
    if refused:
        raise UsageError(
            "--web shows the whole review.", hint="Leave out segments and what is about them."
        )
    if review != STDIN:
        confirm_voices(open_review(review, voice=voice)[1], trust=trust)
    session = EditingSession(review, voice=voice, output=output)
    if host not in LOOPBACK:
        make_notify(quiet=quiet)(
            Warned(f"Whoever can reach {host} and has the token can change the edits of {review}.")
        )
    with open_socket(host, port) as listener:
        token = make_token()
        url = f"{tell_url(listener)}?token={token}"
        click.echo(url)
        if opens_browser:
            click.launch(url)
        with contextlib.suppress(KeyboardInterrupt):  # the way to end it
            serve_session(session, listener, token=token)
    return 130
