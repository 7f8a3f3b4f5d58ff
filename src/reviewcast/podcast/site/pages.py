"""Episodes become pages."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reviewcast.model.characters import clean_text
from reviewcast.model.clean import WEB_URL, clean_line, keep_web_url
from reviewcast.model.podcast import EpisodeCue, Release
from reviewcast.podcast.site.embed import EMBED_HEIGHT, EMBED_WIDTH
from reviewcast.podcast.site.frame import INDEX, MONTHS, Site, keep_language
from reviewcast.podcast.site.listen import name_beside
from reviewcast.podcast.site.spelling import spell
from reviewcast.podcast.site.structured_data import describe_episode, describe_series
from reviewcast.podcast.site.theme import make_assets
from reviewcast.podcast.site.transcript import group_cues
from reviewcast.podcast.site.voices import tell_voice, tell_voices
from reviewcast.settings.schema import Show, SiteSettings
from reviewcast.system.resources import find_site

PAGE_FORMAT = 3
"""Raise it when Python code renders the same episode as another page.

Pages that are published already are rendered and uploaded anew after that; a change of the files
in resources/site is noticed by itself.
"""

_SITE_SUFFIXES = (".css", ".html", ".js", ".svg")
_NOTES_TAGS = frozenset(
    "a b blockquote br code em h3 h4 i li ol p pre strong table tbody td th tr ul".split()
)
_DEEPEST_NOTES = 50

_SPOILER_LINE = "(Spoilers: in the episode.)"
"""What notes have in place of a spoiler, which the transcript holds."""

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^>]*>")


def site_version(folder: Path | None = None) -> str:
    """Return the version of all that pages are made of besides their content, as 16 hex digits.

    With a page's own data it keys whether the page has to be rendered anew. It changes with
    PAGE_FORMAT and with the templates, style and player, which lie in `folder`; never with a
    comment in a Python file.
    """
    digest = hashlib.sha256(f"format {PAGE_FORMAT}\0".encode())
    for place in sorted((folder or find_site()).iterdir(), key=lambda place: place.name):
        if place.name.endswith(_SITE_SUFFIXES):
            # a checkout may have given text files another line end
            data = place.read_bytes().replace(b"\r\n", b"\n")
            digest.update(place.name.encode() + b"\0" + data + b"\0")
    return digest.hexdigest()[:16]


def render_assets(settings: SiteSettings) -> dict[str, bytes]:
    """Return the style, the player and the icon, by names that hold a hash of their content."""
    return {asset.name: asset.data for asset in make_assets(settings.accent).values()}


def render_index(
    show: Show,
    releases: Sequence[Release],
    settings: SiteSettings,
    *,
    cover: str,
    shards: int = 0,
) -> dict[str, bytes]:
    """Return index.html with the newest episodes, and a page for every `per_page` older ones.

    Older pages are filled from the first episode on, so a new episode changes index.html alone,
    and adds a page when one is full of which index.html no longer shows all. `cover` is the name
    of the show's artwork below its URL, "" for none. `shards` counts the parts of what can be
    searched; with 0 there is no search.
    """
    site = Site(show, settings, cover)
    ordered = sorted(releases, key=lambda item: (item.published, item.number, item.slug))
    size = settings.per_page
    chunks = [ordered[at : at + size] for at in range(0, len(ordered) - size, size)]
    archives = [
        {"name": f"archive/{number:04}.html", "dates": _format_range(chunk)}
        for number, chunk in enumerate(chunks, 1)
    ]
    pages = {
        INDEX: site.render(
            "index.html",
            INDEX,
            heading=site.title,
            summary=site.description,
            image=cover,
            voices=tell_voices(show, ordered),
            data=describe_series(site) | {"@context": "https://schema.org"},
            entries=[_make_entry(item) for item in reversed(ordered[-size:])],
            archives=archives[::-1],
            shards=shards,
        )
    }
    for place, (archive, chunk) in enumerate(zip(archives, chunks, strict=True)):
        pages[archive["name"]] = site.render(
            "archive.html",
            archive["name"],
            heading=f"Episodes from {archive['dates']}",
            summary="",
            image=cover,
            voices=tell_voices(show, chunk),
            data=None,
            entries=[_make_entry(item) for item in reversed(chunk)],
            older=archives[place - 1] if place else None,
        )
    return pages


def render_episode(
    show: Show,
    release: Release,
    cues: Sequence[EpisodeCue],
    settings: SiteSettings,
    *,
    cover: str,
    older: Release | None = None,
    newer: Release | None = None,
) -> bytes:
    """Return the page of one episode, to stand at `release.page`.

    `cues` are the words as they are spoken, in order; without them there is no transcript. The
    page links to the episodes before and after it, of which it shows the title alone. What the
    notes repeat of transcript, chapters and header is left out; their links are kept.
    """
    site = Site(show, settings, cover)
    entry = _make_entry(release)
    chapters = [
        {
            "title": clean_line(chapter.title),
            "start_s": chapter.start_s,
            "image": chapter.image,
            "is_opening": not place and clean_line(chapter.title) == entry["title"],
        }
        for place, chapter in enumerate(release.chapters)
    ]
    whole = _clean_notes(release.notes)
    notes, links = _shorten_notes(whole, release, cues)
    return site.render(
        "episode.html",
        release.page,
        language=release.language,
        heading=entry["title"],
        summary=entry["description"],
        image=release.image or cover,
        voices=tell_voice(show, release),
        data=describe_episode(site, release, entry),
        entry=entry,
        release=release,
        link=keep_web_url(release.link),
        chapters=chapters if len(chapters) > 1 else [],
        transcript=list(group_cues(cues, release.chapters, whole)),
        notes=notes,
        links=links,
        older=_make_entry(older) if older else None,
        newer=_make_entry(newer) if newer else None,
        embed=name_beside(release.page, "embed"),
        oembed=name_beside(release.page, "oembed"),
        frame=(EMBED_WIDTH, EMBED_HEIGHT),
    )


# --- What an episode looks like -----------------------------------------------------------


def _make_entry(release: Release) -> dict[str, Any]:
    """Return what a list shows of an episode."""
    return {
        "title": clean_line(release.title),
        "description": clean_text(release.description).strip(),
        "subject": clean_line(release.subject),
        "author": clean_line(release.author),
        "rating": clean_line(release.rating),
        "published": release.published,
        "duration_s": release.duration_s,
        "kind": release.kind,
        "explicit": release.explicit,
        "image": release.image,
        "language": keep_language(release.language),
        "href": release.page or release.audio,
    }


def _clean_notes(notes: str) -> str:
    """Sanitise show notes once more; nothing in them loads, runs or leads anywhere but the web."""
    import nh3
    from markupsafe import Markup

    notes = clean_text(notes).strip()
    if _measure_depth(notes) > _DEEPEST_NOTES:  # nh3 takes quadratic time on deep nests
        notes = _TAG.sub(" ", notes)
    return Markup(  # noqa: S704 - this is where it becomes safe
        nh3.clean(
            notes,
            tags=set(_NOTES_TAGS),
            attributes={"a": {"href"}},
            attribute_filter=_filter_href,
            url_schemes={"http", "https", "mailto"},
            link_rel="nofollow noopener",
        )
    )


def _shorten_notes(
    notes: str, release: Release, cues: Sequence[EpisodeCue]
) -> tuple[str, dict[str, str]]:
    """Return clean notes without what the page shows elsewhere, and the links of what is left out.

    Without a transcript all paragraphs of the review stay. Links are texts by address.
    """
    from markupsafe import Markup
    from selectolax.lexbor import LexborHTMLParser

    said = spell("".join(cue.text for cue in cues))
    facts = spell(release.subject + release.rating + release.author)
    kept: list[str] = []
    links: dict[str, str] = {}
    body = LexborHTMLParser(notes).body
    for block in body.iter(include_text=True) if body else ():
        text = block.text().strip()
        spelled = spell(text)
        is_known = text in {release.link, _SPOILER_LINE} or spelled == facts
        if not (is_known or spelled in said or _is_timetable(text)):
            kept.append(block.html or "")
            continue
        for link in block.css("a"):
            url = link.attributes.get("href") or ""
            if url and url != release.link:
                links.setdefault(url, clean_line(link.text()) or url)
    return Markup("\n".join(kept)), links  # noqa: S704 - they were clean before


def _is_timetable(text: str) -> bool:
    """True if a paragraph lists chapters as notes do."""
    lines = text.split("\n")
    return all(re.match(r"[0-9]{2}:[0-9]{2}:[0-9]{2} ", line) for line in lines)


def _filter_href(_tag: str, _name: str, value: str) -> str | None:
    """Keep absolute links only: where a relative one was written, other pages lay around it."""
    is_mail = value.lower().startswith("mailto:")
    return value if is_mail or WEB_URL.match(value) else None


def _measure_depth(notes: str) -> int:
    depth = deepest = 0
    for match in _TAG.finditer(notes):
        if match[2].lower() not in {"br", "hr", "img"}:
            depth = max(0, depth - 1) if match[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _format_range(releases: Sequence[Release]) -> str:
    months = [
        f"{MONTHS[item.published.month - 1]} {item.published.year}"
        for item in (releases[0], releases[-1])
    ]
    return months[0] if months[0] == months[1] else " to ".join(months)
