"""What other pages play an episode by: listen.json, and the sentences of each episode."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from reviewcast.model.clean import clean_line, keep_web_url
from reviewcast.model.podcast import FEED, EpisodeChapter, EpisodeCue, Release
from reviewcast.podcast.site.frame import INDEX, Site, keep_language
from reviewcast.podcast.site.spelling import spell
from reviewcast.system.resources import find_site

LISTEN = "listen.json"
SCRIPT, STYLE = "listen.js", "listen.css"
"""What pages of others load has the same name for ever: they name it."""

_BESIDE = {"embed": "embed.html", "cues": "cues.json", "oembed": "oembed.json"}
_TAG = re.compile(r"<[^>]*>")
_SHORTER = (
    (re.compile(r" ?(=>|===|!==|<=|>=|&&|\|\||\+=|%=|\|\|=|[=<>{};,?:+*%&/-])[ \n]"), r"\1"),
    (re.compile(r"(?<=[\w)\]]) (?=[{}])| (?=})|(?<=\)) (?=\w)"), ""),
    (re.compile(r"(?<=[;{,(\[])\n|\n(?=[}\])?:|&.])"), ""),
    (re.compile(r"\((\w+)\)=>"), r"\1=>"),
    (re.compile(r"\b(if|for|while|await|return|async) (?=[(\[`])"), r"\1"),
    (re.compile(";(?=})"), ""),
    (re.compile(r"(?<=[\[,*+])0(?=\.\d)"), ""),
)
"""What the script can do without: each pattern, and what takes its place."""

_VERSION = 1

_MOST_LISTED = 16
"""A show of more entries lists them in parts: so many in one, on average."""

_PARTS = "parts=1"
_IN_PART = ("slug", "post", "page", "cues", "audio", "opus", "duration", "source_sha256")
"""What the script reads of an episode, besides where a post's stretch starts and ends."""

_END = re.compile(r"(/index)?(\.html?)?/?\Z")
_UNSPELLED = re.compile(r"%[0-7].|[^a-z0-9]")


def name_beside(page: str, kind: str) -> str:
    """Return the name of a file beside an episode's page: embed, cues or oembed; "" without one."""
    return f"{page.removesuffix(INDEX)}{_BESIDE[kind]}" if page else ""


def list_beside(page: str) -> set[str]:
    """Return the names of an episode's page and of all files that belong to it."""
    return {page, *(name_beside(page, kind) for kind in _BESIDE)}


def render_shared(parts: int = 1) -> dict[str, bytes]:
    """Return the script for pages of others and its style, by their names.

    The script is the one that comes along without comments, indentation and spaces around signs.
    `parts` is how many `render_parts` has made, 1 for none.
    """
    folder = find_site()
    # a checkout may have given text files another line end
    lines = [line.strip() for line in (folder / SCRIPT).read_text(encoding="utf-8").splitlines()]
    code = "\n".join(line for line in lines if line and not line.startswith("//"))
    for pattern, short in _SHORTER:
        code = pattern.sub(short, code)
    script = code.replace(_PARTS, f"parts={parts}", 1) + "\n"
    return {
        SCRIPT: script.encode(),
        STYLE: (folder / STYLE).read_bytes().replace(b"\r\n", b"\n"),
    }


def render_listen(site: Site, releases: Sequence[Release], sources: Mapping[str, str]) -> bytes:
    """Return listen.json: of each episode its post, audio, chapters and where its cues are.

    `sources` are the SHA-256 of the reviews' files, by slug. All addresses but those of posts
    start from listen.json itself. A round-up has a further entry for each of its posts, with
    the seconds from and to which it speaks of it. The newest episode comes first.
    """
    ordered = sorted(releases, key=lambda one: (one.published, one.number, one.slug), reverse=True)
    document = {
        "version": _VERSION,
        "title": site.title,
        "feed": FEED,
        "episodes": [entry for one in ordered for entry in _list_entries(one, sources)],
    }
    return msgspec.json.encode(document) + b"\n"


def count_parts(entries: int) -> int:
    """Return in how many parts so many entries are listed: 1, or a power of two."""
    parts = 1
    while parts * _MOST_LISTED < entries:
        parts *= 2
    return parts


def render_parts(listen: bytes) -> dict[str, bytes]:
    """Return the parts of a listen.json by their names; none of a short one.

    An episode is listed in the part of its post's address, and in that of its name, as the script
    looks there; all addresses start from listen.json, too.
    """
    entries = msgspec.json.decode(listen)["episodes"]
    count = count_parts(len(entries))
    if count == 1:
        return {}
    listed: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    slugs: set[str] = set()
    for entry in entries:
        names = [_spell_address(entry["post"])] if entry["post"] else []
        if entry["slug"] not in slugs:  # a round-up's own entry comes before those of its posts
            slugs.add(entry["slug"])
            names.append(quote(entry["slug"]).lower())
        kept = {name: entry[name] for name in (*_IN_PART, "start", "end") if name in entry}
        for number in dict.fromkeys(find_part(name, count) for name in names):
            listed[number].append(kept)
    return {
        f"listen/{count}-{number}.json": msgspec.json.encode(
            {"version": _VERSION, "episodes": some}
        )
        + b"\n"
        for number, some in enumerate(listed)
    }


def find_part(name: str, parts: int) -> int:
    """Return the number of the part that a name is listed in: listen.js counts the same."""
    total = 0
    for sign in _UNSPELLED.sub("", name):
        total = (total * 31 + ord(sign)) % 65521
    return total % parts


def _spell_address(url: str) -> str:
    """Return path and query of a post's address, as browsers write them, in lower case."""
    parts = urlsplit(url)
    path, query = (quote(part, safe="/%") for part in (parts.path, parts.query))
    if "/." in path and not path.startswith("//"):
        path = urlsplit(urljoin("http://post/", path)).path
    return f"{_END.sub('', path, count=1)}?{query}".lower()


def _list_entries(release: Release, sources: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    entry = describe_entry(release, sources.get(release.slug, ""))
    yield entry
    ends = [chapter.start_s for chapter in release.chapters[1:]]
    for chapter, end in zip(release.chapters, [*ends, release.duration_s], strict=False):
        post = keep_web_url(chapter.link)
        if post and post != entry["post"]:
            title = clean_line(chapter.title)
            yield entry | {"post": post, "title": title, "start": chapter.start_s, "end": end}


def describe_entry(release: Release, source_sha256: str) -> dict[str, Any]:
    """Return what listen.json tells of an episode."""
    return {
        "slug": release.slug,
        "post": keep_web_url(release.link),
        "title": clean_line(release.title),
        "language": keep_language(release.language),
        "page": release.page,
        "embed": name_beside(release.page, "embed"),
        "cues": name_beside(release.page, "cues"),
        "audio": release.audio,
        **({"opus": release.opus} if release.opus else {}),
        "duration": release.duration_s,
        "chapters": [_describe_chapter(chapter) for chapter in release.chapters],
        "source_sha256": source_sha256,
    }


def _describe_chapter(chapter: EpisodeChapter) -> dict[str, Any]:
    return {"startTime": chapter.start_s, "title": clean_line(chapter.title)}


def render_cues(
    release: Release, cues: Sequence[EpisodeCue], notes: str, omitted: Sequence[str]
) -> bytes:
    """Return the sentences of an episode, as they are written, and when each is said.

    A cue is its start and end in seconds, its text, and 1 when the review itself has it; 0 is
    what the script adds, such as the line that discloses a voice, and what spoils. `notes` is the
    review as HTML, `omitted` are the texts that the episode leaves out.
    """
    written = spell(html.unescape(_TAG.sub(" ", notes)))
    unwritten = {spell(release.title)}  # a post has its title where its theme wants it
    rows = []
    for cue in cues:
        text = clean_line(cue.text)
        spelled = spell(text)
        if spelled:
            is_written = spelled not in unwritten and cue.role != "spoiler" and spelled in written
            rows.append([cue.start_s, cue.end_s, text, int(is_written)])
    silent = [clean_line(text) for text in omitted if spell(text)]
    document = {"version": _VERSION, "slug": release.slug, "cues": rows, "silent": silent}
    return msgspec.json.encode(document) + b"\n"
