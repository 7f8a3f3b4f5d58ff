"""A review is opened by what its user has named: a file, or the address of its page."""

from reviewcast.jobs.shows import open_review
from reviewcast.model.events import Notify
from reviewcast.settings.accesses import is_web
from reviewcast.settings.schema import Config
from reviewcast.text.read import ReviewSource


def open_named(
    name: str, *, voice: str | None, allow_private: bool, notify: Notify
) -> tuple[str, ReviewSource, Config]:
    """Open a review by its name, or the address of its page, of which nothing is written.

    Return the name that it has here, its bytes and its settings. Raise FetchError when a page
    cannot be had, UsageError or ReviewError for what is no review.
    """
    made: dict[str, bytes] = {}
    if is_web(name):
        from reviewcast.jobs.fetch_review import fetch_review

        name, data = fetch_review(name, allow_private=allow_private, notify=notify)
        made[name] = data
    return name, *open_review(name, voice=voice, made=made)
