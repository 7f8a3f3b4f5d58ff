"""Several short reviews become one: a round-up, with a chapter for each work, spoilers last."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.errors import LostTextError, ReviewError
from reviewcast.model.text import Paragraph, Review, Script, ScriptChapter, Section, Segment, Span
from reviewcast.settings.schema import FIELD
from reviewcast.settings.shelf import CollectSettings
from reviewcast.text.announcements import get_round_up_intro, get_spoiler_title
from reviewcast.text.read import ReviewSource
from reviewcast.text.readers.fields import is_same
from reviewcast.text.script_completeness import ADDED
from reviewcast.text.spoilers import mark_spoilers

FILE = "round-up.json"
"""What tells, in an episode's folder, of which reviews it is made."""

_YEAR = re.compile(r" \((?:1[89]|20)\d\d\)$")


class RoundUpMember(Struct, frozen=True):
    """A review of a round-up: its file, from the show's folder, and the SHA-256 of its bytes."""

    source: str
    sha256: str


class RoundUp(Struct, frozen=True, kw_only=True):
    """A round-up before it is read: what it is called, and the reviews that it holds, in order."""

    slug: str
    title: str
    language: str
    date: str
    members: tuple[RoundUpMember, ...]


def is_round_up(name: str) -> bool:
    """True if a file of this name tells of a round-up."""
    return Path(name).name == FILE


def place_round_up(slug: str, show: Path) -> Path:
    """Return the file that tells of a show's round-up."""
    return show / "episodes" / slug / FILE


def encode_round_up(made: RoundUp) -> bytes:
    """Return a round-up as its file holds it."""
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


def decode_round_up(source: ReviewSource) -> RoundUp:
    """Read the file of a round-up. Raise ReviewError when it is none."""
    try:
        return msgspec.json.decode(source.data, type=RoundUp)
    except msgspec.DecodeError as error:
        raise ReviewError(
            f"{source.name} is no round-up: {error}.",
            hint="Remove it, and build without a name.",
        ) from error


def refresh_round_up(source: ReviewSource, folder: Path) -> ReviewSource:
    """Return a round-up's file with the SHA-256 that its reviews in a show's folder have now.

    That of one which cannot be read stays: who reads it says so. Raise ReviewError when it is none.
    """
    made = decode_round_up(source)

    def look_again(member: RoundUpMember) -> RoundUpMember:
        try:
            data = (folder / member.source).read_bytes()
        except OSError:
            return member
        return RoundUpMember(member.source, hashlib.sha256(data).hexdigest())

    made = replace(made, members=tuple(map(look_again, made.members)))
    return ReviewSource(source.name, encode_round_up(made))


def fit_review(review: Review, folder: Path, base: Path) -> Review:
    """Return a review as a part of a round-up: its title names the work's year, and is said.

    Addresses of images are told from `base`, where the round-up looks for them, not from `folder`.
    """
    title = review.title
    if _YEAR.search(review.subject) and is_same(_YEAR.sub("", review.subject), title):
        title = review.subject
    sections = (
        replace(one, images=tuple((at, rebase(image, folder, base)) for at, image in one.images))
        for one in review.sections
    )
    return replace(
        review,
        title=title,
        sections=tuple(sections),
        image=rebase(review.image, folder, base),
        origins=review.origins | {"title": "front matter"},
    )


def rebase(address: str, folder: Path, base: Path) -> str:
    """Return the address of a file, told from `folder`, as it is told from `base`."""
    if not address or "://" in address or address.startswith("//"):
        return address
    return Path(os.path.relpath(folder / address.lstrip("/"), base)).as_posix()


def compose_review(made: RoundUp, reviews: Sequence[Review], settings: CollectSettings) -> Review:
    """Return a round-up as the one review whose notes, tag and record it has."""
    sections = [Section(None, tuple(map(Paragraph, list_intro(made.title, reviews, settings))))]
    sections += [Section(review.title, tuple(_list_paragraphs(review))) for review in reviews]
    authors = {review.author for review in reviews}
    return Review(
        title=made.title,
        slug=made.slug,
        sections=tuple(sections),
        language=made.language,
        author=authors.pop() if len(authors) == 1 else "",
        date=made.date,
        description=", ".join(review.title for review in reviews),
        explicit=any(review.explicit for review in reviews),
        draft=any(review.draft for review in reviews),
        omissions=tuple(one for review in reviews for one in review.omissions),
        origins={"title": "front matter", "slug": "front matter", "date": "front matter"},
    )


def list_intro(title: str, reviews: Sequence[Review], settings: CollectSettings) -> Iterator[str]:
    """Yield the line that a round-up begins with, behind its title, if it has one."""
    line = settings.intro
    if line == "default":
        line = get_round_up_intro(reviews[0].language) if len(reviews) > 1 else ""
    works = ", ".join(review.title for review in reviews)
    fields = {"title": title, "count": str(len(reviews)), "works": works}
    if line:
        yield FIELD.sub(lambda match: fields[match[1]], line)


def _list_paragraphs(review: Review) -> Iterator[Paragraph]:
    for section in mark_spoilers(review.sections):
        if section.heading:
            yield Paragraph(section.heading, "title")
        yield from section.paragraphs


def join_scripts(
    opening: Script,
    parts: Sequence[tuple[Review, Script]],
    closing: Script,
    *,
    chapter_pause_s: float,
    spoiler_title: str,
) -> Script:
    """Join the scripts of a round-up: what it begins with, a chapter a work, spoilers, its end.

    The spoilers of all reviews stand in one chapter, behind the titles of their works, and are
    warned of once.
    """
    joined = _Joined(chapter_pause_s)
    joined.open(ScriptChapter(opening.title, written=False), opening.segments)
    spoilers: list[tuple[str, list[Segment]]] = []
    warning: list[Segment] = []
    offset = 1  # section 0 is the opening's
    for review, script in parts:
        plain, spoiling, warned = _part_spoilers(_shift(script.segments, offset))
        offset += len(review.sections)
        image = next((one.image for one in script.chapters if one.image), review.image)
        link = review.link or next(iter(review.same_as), "")
        joined.open(ScriptChapter(review.title, written=True, image=image, link=link), plain)
        titles = [_add(one) for one in plain if one.span.section == -1]
        spoilers += [(review.title, [*titles, *spoiling])] if spoiling else []
        warning = warning or warned
    if spoilers:
        title = spoiler_title or get_spoiler_title(opening.language)
        joined.open(ScriptChapter(title, written=True), warning)
        for _, segments in spoilers:
            joined.add(segments)
    if closing.segments:
        if spoilers:  # who skips them hears it
            joined.open(ScriptChapter(opening.title, written=False), closing.segments)
        else:
            joined.add(closing.segments)
    said = joined.finish()
    prove_joined(said, [opening, *(script for _, script in parts), closing])
    return Script(
        title=opening.title,
        language=opening.language,
        chapters=tuple(joined.chapters),
        segments=said,
        omissions=tuple(one for _, script in parts for one in script.omissions),
    )


def prove_joined(segments: Sequence[Segment], parts: Sequence[Script]) -> None:
    """Raise LostTextError unless what the parts say of their own is said once, and as they do."""
    said = Counter(map(_name_saying, _list_own(segments)))
    told = Counter(_name_saying(one) for part in parts for one in _list_own(part.segments))
    for verb, differing in (("lose", told - said), ("repeat", said - told)):
        for _, text, _ in differing:
            raise LostTextError(f"The round-up would {verb} a part of a review: {text[:80]!r}.")


def _list_own(segments: Iterable[Segment]) -> Iterator[Segment]:
    return (one for one in segments if one.span.section != ADDED)


def _name_saying(segment: Segment) -> tuple[str, str, str]:
    return segment.role, segment.text, segment.spoken


class _Joined:
    """The chapters and segments of a round-up, as they come."""

    def __init__(self, chapter_pause_s: float) -> None:
        self.chapters: list[ScriptChapter] = []
        self._segments: list[Segment] = []
        self._pause_s = chapter_pause_s

    def open(self, chapter: ScriptChapter, segments: Sequence[Segment]) -> None:
        self.chapters.append(chapter)
        self.add(segments)

    def add(self, segments: Sequence[Segment]) -> None:
        """Add segments to the chapter that is open; the one before them gets its longest pause."""
        if self._segments and segments:
            last = self._segments[-1]
            pause_s = max(last.pause_s, self._pause_s)
            self._segments[-1] = replace(last, pause_s=pause_s)
        chapter = len(self.chapters) - 1
        self._segments += [replace(segment, chapter=chapter) for segment in segments]

    def finish(self) -> tuple[Segment, ...]:
        *others, last = self._segments
        numbered = enumerate([*others, replace(last, pause_s=0.0)])
        return tuple(replace(segment, index=index) for index, segment in numbered)


def _shift(segments: Sequence[Segment], offset: int) -> list[Segment]:
    """Count the sections of a part within the whole; what stands in none stays as it is."""
    return [
        replace(one, span=replace(one.span, section=one.span.section + offset))
        if one.span.section >= 0
        else one
        for one in segments
    ]


def _part_spoilers(
    segments: Sequence[Segment],
) -> tuple[list[Segment], list[Segment], list[Segment]]:
    """Part the segments of a review: what spoils nothing, what does, the warning of it.

    A heading over nothing but spoilers goes with them.
    """
    told = {one.span.section for one in segments if one.role not in {"title", "spoiler"}}
    spoiled = {one.span.section for one in segments if _spoils(one)} - told
    plain: list[Segment] = []
    spoiling: list[Segment] = []
    warning: list[Segment] = []
    for one in segments:
        if _spoils(one):
            spoiling.append(one)
        elif one.role == "spoiler":
            warning += [] if spoiling else [one]
        elif one.span.section in spoiled:
            spoiling.append(one)
        else:
            plain.append(one)
    return plain, spoiling, warning


def _spoils(segment: Segment) -> bool:
    return segment.role == "spoiler" and segment.span.section != ADDED


def _add(segment: Segment) -> Segment:
    """Return a title as it is said once more."""
    return replace(segment, span=Span(ADDED, 0, 0, 0))
