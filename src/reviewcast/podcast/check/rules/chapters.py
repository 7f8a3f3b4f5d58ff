"""Rules for chapters: the file beside the audio, and those in the feed itself."""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from reviewcast.model.podcast import EpisodeChapter
from reviewcast.podcast.check.document import Item, is_url, parse_duration
from reviewcast.podcast.check.findings import NAMESPACE_CHAPTERS, PSC, must, should
from reviewcast.podcast.feed.parse import expand

LARGEST_CHAPTERS = 5_000_000


@dataclass(frozen=True)
class ChapterFile:
    """A file of chapters as it was read; `duration_s` is the audio's length, where it is known.

    `images` are the addresses of the chapters' pictures as they stand there.
    """

    where: str
    url: str
    version: object = None
    chapters: tuple[EpisodeChapter, ...] = ()
    duration_s: float | None = None
    fault: str = ""
    images: tuple[str, ...] = ()


def read_chapter_file(
    data: bytes, url: str, *, where: str, duration_s: float | None
) -> ChapterFile:
    """Read JSON chapters; what is wrong with their form becomes the fault."""

    def fail(fault: str) -> ChapterFile:
        return ChapterFile(where, url, fault=fault)

    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return fail("It is no JSON.")
    listed = document.get("chapters") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return fail("It holds no list of chapters.")
    found, images = [], []
    for entry in listed:
        start_s = entry.get("startTime") if isinstance(entry, dict) else None
        if not isinstance(start_s, int | float) or isinstance(start_s, bool):
            return fail("A chapter has no startTime in seconds.")
        if not math.isfinite(start_s):
            return fail("A chapter's startTime is no number.")
        title, image = entry.get("title", ""), entry.get("img")
        if image:
            images.append(str(image))
        found.append(EpisodeChapter(title if isinstance(title, str) else "", float(start_s)))
    return ChapterFile(
        where, url, document.get("version"), tuple(found), duration_s, images=tuple(images)
    )


def read_simple_chapters(item: Item) -> tuple[EpisodeChapter, ...] | None:
    """Read psc:chapters; None when the episode has none, or one without a time that is one."""
    element = item.find("psc:chapters")
    if element is None:
        return None
    found = []
    for chapter in element.findall(expand("psc:chapter")):
        start_s = parse_duration(chapter.get("start") or "")
        if start_s is None:
            return None
        found.append(EpisodeChapter(chapter.get("title") or "", start_s))
    return tuple(found)


def find_disorder(chapters: Sequence[EpisodeChapter]) -> str:
    """Return where chapters do not ascend from 0, "" when they do."""
    if chapters and chapters[0].start_s != 0:
        return f"The first chapter starts at {chapters[0].start_s:g} s and not at 0."
    for before, after in itertools.pairwise(chapters):
        if after.start_s <= before.start_s:
            return (
                f"The chapter {after.title!r} at {after.start_s:g} s does not start after "
                f"the one before it, at {before.start_s:g} s."
            )
    return ""


@must(
    "chapters/readable",
    NAMESPACE_CHAPTERS,
    fix='Write {"version": "1.2.0", "chapters": [{"startTime": 0, "title": "…"}, …]}.',
)
def check_readable(file: ChapterFile) -> Iterator[str]:
    """The file is JSON of the form that clients read."""
    if file.fault:
        yield f"The chapter file {file.url} cannot be used. {file.fault}"


@should("chapters/version", NAMESPACE_CHAPTERS, fix='Write "version": "1.2.0".')
def check_version(file: ChapterFile) -> Iterator[str]:
    """The file names the version of its form."""
    if not file.fault and not re.fullmatch(r"1\.[0-2](\.\d+)?", str(file.version)):
        yield f"The chapters' version is {file.version!r}."


@must("chapters/order", NAMESPACE_CHAPTERS, fix="List the chapters by their time, the first at 0.")
def check_order(file: ChapterFile) -> Iterator[str]:
    """Chapters ascend from 0; players show the wrong one otherwise."""
    if disorder := find_disorder(file.chapters):
        yield disorder


@must("chapters/within", NAMESPACE_CHAPTERS, fix="Let every chapter start before the audio ends.")
def check_within(file: ChapterFile) -> Iterator[str]:
    """Chapters start within the audio."""
    if file.duration_s is not None:
        for chapter in file.chapters:
            if chapter.start_s >= file.duration_s:
                yield (
                    f"The chapter {chapter.title!r} starts at {chapter.start_s:g} s, "
                    f"the audio ends at {file.duration_s:g} s."
                )
                return


@should("chapters/title", NAMESPACE_CHAPTERS, fix="Give each chapter a title.")
def check_titles(file: ChapterFile) -> Iterator[str]:
    """A chapter has a title, for else it cannot be chosen."""
    for chapter in file.chapters:
        if not chapter.title.strip():
            yield f"The chapter at {chapter.start_s:g} s has no title."
            return


@should(
    "chapters/image",
    NAMESPACE_CHAPTERS,
    fix="Write the picture's whole address, with https:// before it.",
)
def check_images(file: ChapterFile) -> Iterator[str]:
    """A picture is named by its whole address: clients ask for it as it stands there."""
    for image in file.images:
        if not is_url(image):
            yield f"The chapters name a picture {image[:80]!r}, which is no web address."
            return


@must(
    "feed/item-psc",
    PSC,
    fix='List <psc:chapter start="00:00:00" title="…"/> by time, from 0, within the audio.',
)
def check_simple_chapters(item: Item) -> Iterator[str]:
    """Chapters in the feed have times, ascend from 0 and start within the audio."""
    element = item.find("psc:chapters")
    if element is None:
        return
    chapters = read_simple_chapters(item)
    if chapters is None:
        yield "A chapter in the feed has no start such as 00:01:30."
    elif disorder := find_disorder(chapters):
        yield disorder
    elif item.duration_s is not None and chapters and chapters[-1].start_s > item.duration_s + 1:
        yield f"The chapter {chapters[-1].title!r} starts after the episode has ended."


def tell_difference(
    one: Sequence[EpisodeChapter], other: Sequence[EpisodeChapter], *, titles: Any = str
) -> str:
    """Return how two lists of chapters differ, "" when they do not; 50 ms are no difference."""
    if len(one) != len(other):
        return f"{len(one)} chapters against {len(other)}"
    for left, right in zip(one, other, strict=True):
        if abs(left.start_s - right.start_s) > 0.05:
            return f"{left.title!r} starts at {left.start_s:g} s against {right.start_s:g} s"
        if titles(left.title) != titles(right.title):
            return f"{left.title!r} against {right.title!r}"
    return ""
