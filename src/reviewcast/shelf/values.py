"""The values of an import: a review as a source has it, and what was left out."""

from typing import Literal

from msgspec import Struct

Kind = Literal[
    "letterboxd",
    "letterboxd-feed",
    "goodreads",
    "storygraph",
    "feed",
    "wordpress",
    "substack",
    "ghost",
    "medium",
    "blogger",
    "folder",
    "page",
]
"""The formats that reviews are imported from."""


class SourceReview(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A review as one source has it.

    `source` names the export it is from, with the site where a format has many
    (`wordpress@blog.example`); `ids` are exact identities, such as `guid:…`. `text` is Markdown.
    `date` is the day of publication, `watched` that of viewing or reading, both YYYY-MM-DD or "".
    `creator` has made the work, `cast` are all its people, `author` has written the review.
    `image` is a picture's address.
    """

    source: str
    ids: tuple[str, ...]
    title: str
    text: str
    work: str = ""
    year: str = ""
    date: str = ""
    watched: str = ""
    rating: str = ""
    language: str = ""
    author: str = ""
    creator: str = ""
    link: str = ""
    image: str = ""
    tmdb: str = ""
    imdb: str = ""
    isbn: str = ""
    tags: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    spoiler: bool = False
    rewatch: bool = False


class LeftOut(Struct, frozen=True, kw_only=True):
    """What a source holds and is not imported, and why; of its text nothing is kept.

    `ids` are those that it would have had, by which an earlier import of it is found; `source`
    is that of a review where an id alone does not tell, as that of a file.
    """

    title: str
    reason: str
    ids: tuple[str, ...] = ()
    source: str = ""


class Reading(Struct, frozen=True, kw_only=True):
    """All that was found in a source: reviews, what was left out, and what failed.

    `failed` is to be imported and could not be read: another run may help. `warnings` are
    sentences on what was read in doubt.
    """

    reviews: tuple[SourceReview, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    failed: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()
