"""The settings of a review's text: how it is cut, and what is said for written forms."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar

from msgspec import Struct

from reviewcast.model.errors import ConfigError, suggest
from reviewcast.settings.fields import Settings, about

# the title of the chapter, and what is said before it
SPOILER_TITLE = "Spoilers"
SPOILER_WARNING = "Spoilers ahead. Skip this chapter if you do not want to know."
FIELD = re.compile(r"\{(\w*)\}")
FIELDS = ("title", "subject", "author", "rating", "date")


class ReadSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is taken for granted when the review does not say it."""

    language: str = "en"
    author: str = ""


class SplitSettings(Settings, frozen=True):
    """How the text is cut into segments, what is added, and how long the silences are."""

    table: ClassVar[str] = "split"

    opening: Annotated[
        tuple[str, ...],
        about(
            'Lines said first, such as ["A review of {subject} by {author}."]. There are {title},'
            " {subject}, {author}, {rating} and {date}; a line whose field the review does not"
            " have is left out."
        ),
    ] = ()
    closing: Annotated[
        tuple[str, ...], about('Lines said last, such as ["My rating: {rating}."].')
    ] = ()
    spoiler_title: Annotated[
        str,
        about(
            "The title of the chapter of spoilers; unless changed, in the language of the review."
        ),
    ] = SPOILER_TITLE
    spoiler_warning: Annotated[
        str, about("Said before them, likewise in the review's language.")
    ] = SPOILER_WARNING
    run_chars: Annotated[
        int,
        about("Short sentences are spoken together up to this many characters.", ge=0, le=5000),
    ] = 220
    natural_chapters: Annotated[
        bool, about("A long review without headings gets an opening and a verdict.")
    ] = True
    clause_pause_s: Annotated[
        float,
        about("Seconds of silence inside a sentence that had to be cut.", ge=0, le=10),
    ] = 0.12
    sentence_pause_s: Annotated[float, about("Seconds after a sentence.", ge=0, le=10)] = 0.45
    list_pause_s: Annotated[float, about("Seconds after an entry of a list.", ge=0, le=10)] = 0.55
    paragraph_pause_s: Annotated[float, about("Seconds after a paragraph.", ge=0, le=10)] = 0.8
    quote_pause_s: Annotated[float, about("Seconds before and after a quotation.", ge=0, le=10)] = (
        1.0
    )
    heading_pause_s: Annotated[float, about("Seconds after a heading.", ge=0, le=10)] = 0.9
    chapter_pause_s: Annotated[float, about("Seconds before a new chapter.", ge=0, le=10)] = 1.1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_lines((*self.opening, *self.closing), "[split]")


def check_lines(lines: Iterable[str], where: str, fields: Sequence[str] = FIELDS) -> None:
    """Raise ConfigError, which begins with `where`, for a field that lines cannot have."""
    for name in FIELD.findall("".join(lines)):
        if name not in fields:
            hint = suggest(name, fields, otherwise=f"Use {', '.join(fields)}.")
            raise ConfigError(f"{where} There is no field {{{name}}}.", hint=hint)


SPOKEN_FAMILIES = {
    "titles": "Se7en is said as seven, and names of works are left as they are.",
    "markup": "Stray signs of markup are not said.",
    "formulas": "x², E = mc²: powers and short formulas.",
    "web": "Addresses and @names.",
    "emoticons": ":-) and its like.",
    "ratings": "8/10, ★★★½, B+, 4.5 stars.",
    "certificates": "PG-13, TV-MA.",
    "codes": "020 7123 4567, 2d6, FFVII.",
    "dates": "October 8, 1994, the '90s.",
    "episodes": "S02E05, 1x05.",
    "money": "$30M, €5.",
    "times": "122 min, 10:30pm.",
    "quantities": "4K, 5 kg, 60 fps.",
    "abbreviations": "vs., feat., Dr., No. 1.",
    "romans": "Rocky IV, Part II, Elizabeth I.",
    "voices": "Penélope, a title IT: as far as the voice misreads them.",
    "initialisms": "HBO, NASA, CGI.",
    "fractions": "1/2, ¾.",
    "numbers": "1,000, 3.5, 2nd.",
    "emoji": "Emoji are named, or left out where they only decorate.",
    "symbols": "&, %, +, °.",
    "typography": "Dashes, quotation marks and ellipses, in every language.",
}
"""The families of spoken forms, which [spoken] turns on and off, and what each is for."""
