"""The option by which a cluster's workers speak."""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import click

from reviewcast.model.events import Notify

if TYPE_CHECKING:
    from reviewcast.settings.run import Elsewhere

on_option = click.option(
    "--on",
    metavar="ADDRESS",
    help="Have a Dask cluster speak and render: tcp://HOST:PORT, tls://HOST:PORT, or dask for one"
    " on this machine. See: reviewcast help cluster",
)
"""The option of commands that speak much."""


def open_workers(on: str | None, notify: Notify) -> "AbstractContextManager[Elsewhere | None]":
    """Return the cluster that the option names; one of our own ends with the context."""
    if on is None:
        return nullcontext()
    from reviewcast.speech.cluster import open_cluster

    return open_cluster(on, notify=notify)
