"""An edited script: what `reviewcast script --format md` wrote, changed by hand, is read back."""

import re
from collections.abc import Iterator
from typing import cast, get_args

from reviewcast.model.errors import ReviewError
from reviewcast.model.text import (
    Document,
    Paragraph,
    Role,
    Script,
    ScriptChapter,
    Section,
    Segment,
    Span,
)
from reviewcast.text.readers.front_matter import split_front_matter

_MARK = "reviewcast"

# two signs: a chapter that begins without a sting
_CHAPTER = re.compile(r"(?P<signs>##?) (?P<title>.+)$")
_SEGMENT = re.compile(r"\[(?:\d+ · )?(?P<role>\w+) · (?P<pause>\d{1,2}(?:\.\d+)?) s\]$")
_SPOKEN = "= "
_HINT = "Take a fresh one: reviewcast script --format md REVIEW"


def is_script(text: str) -> bool:
    """True if a text is an edited script, by the first line of its front matter."""
    return bool(re.match(rf"\s*---[ \t]*\n{_MARK}: script[ \t]*\n", text))


def read_script(text: str) -> Document:
    """Read an edited script, with its front matter, as it will be spoken.

    Raise ReviewError, naming the line, for what is neither a chapter nor a segment.
    """
    metadata, body = split_front_matter(text)
    first_line = text[: len(text) - len(body)].count("\n") + 1
    metadata.pop(_MARK, None)
    chapters: list[ScriptChapter] = []
    segments: list[Segment] = []
    for number, lines in _list_parts(body, first_line):
        chapter = _CHAPTER.match(lines[0])
        if chapter and len(lines) == 1:
            chapters.append(ScriptChapter(chapter["title"], chapter["signs"] == "#"))
            continue
        head = _SEGMENT.match(lines[0])
        if not head or len(lines) not in {2, 3} or (len(lines) == 3 and lines[2][:2] != _SPOKEN):
            raise ReviewError(f"Line {number} begins neither a chapter nor a segment.", hint=_HINT)
        if head["role"] not in get_args(Role):
            roles = ", ".join(get_args(Role))
            raise ReviewError(f"Line {number} has an unknown role.", hint=f"There are: {roles}.")
        if not chapters:
            chapters.append(ScriptChapter(metadata.get("title", "Review"), False))
        written = lines[1]
        segments.append(
            Segment(
                index=len(segments),
                chapter=len(chapters) - 1,
                role=cast("Role", head["role"]),
                text=written,
                spoken=lines[2].removeprefix(_SPOKEN) if len(lines) == 3 else written,
                pause_s=float(head["pause"]),
                span=Span(0, len(segments), 0, len(written)),
            )
        )
    script = Script(
        title=metadata.get("title", ""),
        language=metadata.get("language", ""),
        chapters=tuple(chapters),
        segments=tuple(segments),
    )
    paragraphs = tuple(Paragraph(segment.text, segment.role) for segment in segments)
    return Document((Section(None, paragraphs),), metadata=metadata, script=script)


def format_script(script: Script, fields: dict[str, str]) -> str:
    """Write a script so that it can be edited and read back."""
    lines = ["---", f"{_MARK}: script"]
    lines += [f"{name}: {_quote(value)}" for name, value in fields.items() if value]
    lines += ["---", ""]
    chapter = -1
    for segment in script.segments:
        if segment.chapter != chapter:
            chapter = segment.chapter
            opening = script.chapters[chapter]
            lines += [f"# {opening.title}" if opening.written else f"## {opening.title}", ""]
        lines.append(f"[{segment.index + 1} · {segment.role} · {segment.pause_s:g} s]")
        lines.append(segment.text)
        if segment.spoken != segment.text:
            lines.append(_SPOKEN + segment.spoken)
        lines.append("")
    return "\n".join(lines)


def _list_parts(body: str, first_line: int) -> Iterator[tuple[int, list[str]]]:
    """Return each run of lines that are not blank, with the number of its first line."""
    part: list[str] = []
    for number, line in enumerate([*body.split("\n"), ""], first_line):
        if line.strip():
            part.append(line.strip())
        elif part:
            yield number - len(part), part
            part = []


def _quote(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
