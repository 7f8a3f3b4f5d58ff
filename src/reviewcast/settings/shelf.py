"""The settings of a shelf: which reviews become episodes, and how short ones are collected."""

from typing import Annotated, ClassVar, Literal

from msgspec import Struct

from reviewcast.settings.fields import Settings, about
from reviewcast.settings.text import check_lines

EpisodeRole = Literal["alone", "round-up", "never"]
CollectBy = Literal["", "month", "year", "tag", "count"]

INTRO_FIELDS = ("title", "count", "works")


class ShelfRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of the reviews that all of a rule's conditions fit.

    Ratings are in stars of five, years those of the reviews' dates. A review without a rating or
    a date fits no condition on it.
    """

    then: EpisodeRole
    tag: str = ""
    rating_below: float | None = None
    rating_from: float | None = None
    year_before: int | None = None
    year_from: int | None = None
    words_below: int | None = None
    words_from: int | None = None


class ShelfSettings(Settings, frozen=True):
    """Which reviews become episodes of their own; a review's own front matter decides last."""

    table: ClassVar[str] = "shelf"

    alone_from_words: Annotated[
        int,
        about(
            "Reviews of so many words are episodes of their own, shorter ones belong"
            " into a round-up; 0: all are episodes.",
            ge=0,
            le=100_000,
        ),
    ] = 0
    rules: Annotated[
        tuple[ShelfRule, ...],
        about(
            'Tables [[shelf.rules]], the first that fits decides: then = "alone",'
            ' "round-up" or "never", for tag, rating_below, rating_from (stars of five),'
            " year_before, year_from (of the review), words_below, words_from."
        ),
    ] = ()


class CollectSettings(Settings, frozen=True):
    """How short reviews become round-ups: episodes with a chapter for each work."""

    table: ClassVar[str] = "collect"

    by: Annotated[
        CollectBy,
        about('What a round-up holds; "" makes none, and short reviews stay text.'),
    ] = ""
    count: Annotated[int, about('How many reviews a round-up by "count" holds.', ge=2, le=200)] = 10
    at_least_s: Annotated[
        float,
        about(
            "Groups with fewer seconds of speech, as estimated, are no episode: they"
            " join the next one. Nor are reviews that [shelf] alone_from_words would make one.",
            ge=0,
            le=3600,
        ),
    ] = 90.0
    title: Annotated[
        str,
        about(
            'The title of a round-up, such as "In brief: {title}"; "default" is one in'
            " the language of its reviews. {title} is the month, year, tag or number."
        ),
    ] = "default"
    intro: Annotated[
        str,
        about(
            'The line behind the title, such as "{count} works: {works}."; "default"'
            ' is one in the language of its reviews, "" none.'
        ),
    ] = "default"
    closing: Annotated[
        tuple[str, ...],
        about("Lines said after each review of a round-up, with the fields of [split] opening."),
    ] = ("{rating}",)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_lines(self.closing, "[collect]")
        check_lines([self.title], "[collect] title:", ["title"])
        check_lines([self.intro], "[collect] intro:", INTRO_FIELDS)
