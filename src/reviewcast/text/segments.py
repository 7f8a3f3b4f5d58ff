"""The segments of a script that somebody asks for."""

import difflib
import re
from collections.abc import Sequence

from msgspec.structs import replace

from reviewcast.model.errors import UsageError
from reviewcast.model.text import Review, Script

_RANGE = re.compile(r"(?P<first>[0-9]{1,6})\s*(?:(?P<dash>[-–])\s*(?P<last>[0-9]{1,6})?)?")


def choose_segments(places: Sequence[str], script: Script) -> tuple[int, ...]:
    """Return the indexes of segments by number from 1, range of numbers, or chapter.

    "7", "7-9", "7-" (to the end), "chapter:Verdict", "chapter:2". Raise UsageError for what there
    is not.
    """
    chosen: set[int] = set()
    for place in places:
        kind, colon, name = place.partition(":")
        if colon and kind.strip().lower() == "chapter":
            wanted = _find_chapter(name.strip(), script)
            chosen.update(one.index for one in script.segments if one.chapter == wanted)
        else:
            chosen.update(_read_range(place, len(script.segments)))
    if not chosen:
        raise UsageError("Nothing is said there.", hint="See: reviewcast preview REVIEW")
    return tuple(sorted(chosen))


def link_opening(script: Script, review: Review) -> Script:
    """Return a script whose first chapter leads to the work, where that is known elsewhere."""
    if not (review.same_as and script.chapters):
        return script
    opening = replace(script.chapters[0], link=review.same_as[0])
    return replace(script, chapters=(opening, *script.chapters[1:]))


def _read_range(place: str, count: int) -> range:
    found = _RANGE.fullmatch(place.strip())
    if found is None:
        raise UsageError(
            f"{place!r} names no segment.",
            hint='Write a number, a range such as 7-9, or "chapter:Verdict".',
        )
    first = int(found["first"])
    last = first if not found["dash"] else int(found["last"] or count)
    for number in (first, last):
        if not 1 <= number <= count:
            raise UsageError(f"There is no segment {number}.", hint=f"There are 1 to {count}.")
    if first > last:
        raise UsageError(f"The range {place} runs backwards.", hint=f"Write {last}-{first}.")
    return range(first - 1, last)


def _find_chapter(name: str, script: Script) -> int:
    """Find a chapter by its title in any case, by how only its title begins, or by its number."""
    titles = [chapter.title.casefold() for chapter in script.chapters]
    wanted = name.casefold()
    if wanted in titles:
        return titles.index(wanted)
    starting = [n for n, title in enumerate(titles) if wanted and title.startswith(wanted)]
    if len(starting) == 1:
        return starting[0]
    if re.fullmatch(r"[0-9]{1,4}", name) and 1 <= int(name) <= len(titles):
        return int(name) - 1
    near = difflib.get_close_matches(wanted, titles, 1)
    names = ", ".join(chapter.title for chapter in script.chapters)
    raise UsageError(
        f"There is no chapter {name!r}.",
        hint=f"Did you mean {script.chapters[titles.index(near[0])].title!r}?"
        if near
        else f"There are: {names}.",
    )


def add_neighbours(chosen: Sequence[int], script: Script) -> tuple[int, ...]:
    """Return the chosen indexes and those beside them, in order."""
    beside = {index + step for index in chosen for step in (-1, 0, 1)}
    return tuple(sorted(beside & set(range(len(script.segments)))))


def take_part(script: Script, chosen: Sequence[int]) -> Script:
    """Take segments out of a script; a chapter is only announced where its beginning is taken."""
    firsts: dict[int, int] = {}
    for segment in script.segments:
        firsts.setdefault(segment.chapter, segment.index)
    taken = set(chosen)
    chapters = (
        replace(chapter, written=chapter.written and firsts.get(number) in taken)
        for number, chapter in enumerate(script.chapters)
    )
    segments = tuple(script.segments[index] for index in chosen)
    return replace(script, segments=segments, chapters=tuple(chapters))
