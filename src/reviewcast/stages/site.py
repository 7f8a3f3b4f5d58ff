"""Episodes become pages."""

import functools
import hashlib
import re
import textwrap
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct

from reviewcast.bundled import open_templates
from reviewcast.errors import ConfigError
from reviewcast.markup import clean_line
from reviewcast.model import EpisodeChapter, EpisodeCue, Release, Role, Show
from reviewcast.readers.characters import clean_text

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from jinja2 import Environment

PAGE_FORMAT = 1
"""Raise it when Python code renders the same episode as another page.

Pages that are published already are rendered and uploaded anew after that; a change of the files
in site_files is noticed by itself.
"""
_SITE_SUFFIXES = (".css", ".html", ".js", ".svg")
_FEED = "feed.xml"
_INDEX = "index.html"
_ACCENT = "#c8371f"
_LIGHT_GROUND = "#fcfaf6"
_LIGHT_CARD = "#ffffff"
_DARK_GROUND = "#12151d"
_DARK_CARD = "#1b1f2a"
_LEAST_CONTRAST = 4.6
"""WCAG 2.2 (1.4.3) asks for 4.5."""
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_RIGHT_TO_LEFT = frozenset("ar ckb dv fa he ps sd ug ur yi".split())
_PARAGRAPH_PAUSE_S = {"list": 0.5}
_USUAL_PARAGRAPH_PAUSE_S = 0.65
"""A longer silence within a chapter begins a paragraph, as cues do not tell where one did.

Both lie between the pauses that [split] makes after a sentence and after a paragraph or an item.
"""
_NOTES_TAGS = frozenset("a b blockquote br code em h3 h4 i li ol p pre strong ul".split())
_DEEPEST_NOTES = 50
_KINDS = {
    "Arts > Books": "Book",
    "Leisure > Video Games": "VideoGame",
    "Music": "MusicAlbum",
    "TV & Film > After Shows": "TVSeries",
    "TV & Film > Film History": "Movie",
    "TV & Film > Film Reviews": "Movie",
    "TV & Film > TV Reviews": "TVSeries",
}
"""What the shows of a category review, as schema.org calls it."""
_WEB_URL = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_NUMBER = r"([0-9]{1,3}(?:[.,][0-9]{1,2})?)[ ]?(½?)"
_OUT_OF = re.compile(rf"{_NUMBER} ?(?:/|out of|von|sur) ?([0-9]{{1,3}})(?: (?:stars|points))?")
_PERCENT = re.compile(rf"{_NUMBER} ?%")
_STARS = re.compile(r"([★⭐🌟]{0,10})(½?)([☆✩]{0,10})")
_NAMED_YEAR = re.compile(r"(.+\S) \(((?:1[89]|20)[0-9]{2})\)")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^>]*>")


class SiteSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The pages that are published with the feed."""

    pages: bool = True
    accent: str = ""
    """A colour such as #c8371f; it is made darker or lighter where it would be hard to read."""
    subscribe: dict[str, str] = {}
    """Where else the show can be followed: "Apple Podcasts" = "https://…"."""
    per_page: int = 50
    """The newest episodes on the first page; older ones stand on pages of so many."""

    def __post_init__(self) -> None:
        if self.accent and not re.fullmatch(r"#(?:[0-9A-Fa-f]{3}){1,2}", self.accent):
            raise ConfigError(
                f"[site] accent {self.accent!r} is not a colour.", hint="Write it as #c8371f."
            )
        if not 1 <= self.per_page <= 1000:
            raise ConfigError("[site] per_page must be from 1 to 1000.")
        for name, url in self.subscribe.items():
            if not clean_text(name).strip():
                raise ConfigError("[site] subscribe has a place without a name.")
            if not _keep_web_url(url):
                raise ConfigError(
                    f"[site] subscribe {name!r} is not a web address: {url!r}.",
                    hint="It begins with https://",
                )


def site_version() -> str:
    """Return the version of all that pages are made of besides their content, as 16 hex digits.

    With a page's own data it keys whether the page has to be rendered anew. It changes with
    PAGE_FORMAT and with the templates, style and player; never with a comment in a Python file.
    """
    digest = hashlib.sha256(f"format {PAGE_FORMAT}\0".encode())
    places = _open_package().joinpath("site_files").iterdir()
    for place in sorted(places, key=lambda place: place.name):
        if place.name.endswith(_SITE_SUFFIXES):
            # a checkout may have given text files another line end
            data = place.read_bytes().replace(b"\r\n", b"\n")
            digest.update(place.name.encode() + b"\0" + data + b"\0")
    return digest.hexdigest()[:16]


def render_assets(settings: SiteSettings) -> dict[str, bytes]:
    """Give the style, the player and the icon, by names that hold a hash of their content."""
    return {asset.name: asset.data for asset in _make_assets(settings.accent).values()}


def render_index(
    show: Show, releases: Sequence[Release], settings: SiteSettings, *, cover: str
) -> dict[str, bytes]:
    """Give index.html with the newest episodes, and a page for every `per_page` older ones.

    Older pages are filled from the first episode on, so a new episode changes index.html alone,
    and adds a page when one is full of which index.html no longer shows all. `cover` is the name
    of the show's artwork below its URL, "" for none.
    """
    site = _Site(show, settings, cover)
    ordered = sorted(releases, key=lambda item: (item.published, item.number, item.slug))
    size = settings.per_page
    chunks = [ordered[at : at + size] for at in range(0, len(ordered) - size, size)]
    archives = [
        {"name": f"archive/{number:04}.html", "dates": _format_range(chunk)}
        for number, chunk in enumerate(chunks, 1)
    ]
    pages = {
        _INDEX: site.render(
            "index.html",
            _INDEX,
            heading=site.title,
            summary=site.description,
            image=cover,
            data=_describe_series(site) | {"@context": "https://schema.org"},
            entries=[_make_entry(item) for item in reversed(ordered[-size:])],
            archives=archives[::-1],
        )
    }
    for place, (archive, chunk) in enumerate(zip(archives, chunks, strict=True)):
        pages[archive["name"]] = site.render(
            "archive.html",
            archive["name"],
            heading=f"Episodes from {archive['dates']}",
            summary="",
            image=cover,
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
) -> bytes:
    """Give the page of one episode, to stand at `release.page`; it depends on no other episode.

    `cues` are the words as they are spoken, in order; without them there is no transcript.
    """
    site = _Site(show, settings, cover)
    entry = _make_entry(release)
    chapters = [
        {"title": clean_line(chapter.title), "start_s": chapter.start_s}
        for chapter in release.chapters
    ]
    return site.render(
        "episode.html",
        release.page,
        language=release.language,
        heading=entry["title"],
        summary=entry["description"],
        image=release.image or cover,
        data=_describe_episode(site, release, entry),
        entry=entry,
        release=release,
        link=_keep_web_url(release.link),
        chapters=chapters if len(chapters) > 1 else [],
        transcript=list(_group_cues(cues, release.chapters)),
        notes=_clean_notes(release.notes),
    )


# --- The frame of every page ---------------------------------------------------------------


class _Asset(Struct, frozen=True):
    name: str
    data: bytes


class _Site:
    """A show and its settings, cleaned for pages."""

    def __init__(self, show: Show, settings: SiteSettings, cover: str) -> None:
        self.show = show
        self.settings = settings
        self.cover = cover
        self.title = clean_line(show.title)
        self.author = clean_line(show.author)
        self.description = clean_text(show.description).strip()
        self.url = _keep_web_url(show.url).rstrip("/")

    def make_url(self, name: str) -> str:
        """Give the public address of a file, "" when the show has none or there is no file."""
        return f"{self.url}/{name}" if self.url and name else ""

    def render(self, template: str, page: str, *, language: str = "", **values: Any) -> bytes:
        """Fill a template for the page of that name."""
        from markupsafe import Markup

        language = _keep_language(language) or _keep_language(self.show.language) or "en"
        primary = language.partition("-")[0].lower()
        html = (
            _make_environment()
            .get_template(template)
            .render(
                site=self,
                page=page,
                root="../" * page.count("/") or "./",
                feed=_FEED,
                index=_INDEX,
                canonical=self.make_url(page),
                language=language,
                direction="rtl" if primary in _RIGHT_TO_LEFT else "ltr",
                # The words of the page itself are English, whatever the show speaks.
                ui=Markup("") if primary == "en" else Markup(' lang="en" dir="ltr"'),
                assets={
                    kind: asset.name for kind, asset in _make_assets(self.settings.accent).items()
                },
                grounds=(_LIGHT_GROUND, _DARK_GROUND),
                subscribe={clean_line(name): url for name, url in self.settings.subscribe.items()},
                website=_keep_web_url(self.show.website),
                funding_url=_keep_web_url(self.show.funding_url),
                license_url=_keep_web_url(self.show.license_url),
                **values,
            )
        )
        return html.encode()


def _open_package() -> "Traversable":
    from importlib.resources import files

    return files("reviewcast")


@functools.cache
def _make_environment() -> "Environment":
    environment = open_templates("site_files")
    # Characters stand as themselves; `<`, `>`, `&` and `'` are still escaped by the filter.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}
    environment.filters.update(
        clean=clean_line,
        clip=_clip,
        clock=_format_clock,
        date=_format_date,
        megabytes=_format_megabytes,
        minutes=_format_minutes,
        seconds=_format_seconds,
    )
    return environment


@functools.lru_cache(maxsize=8)
def _make_assets(accent: str) -> dict[str, _Asset]:
    folder = _open_package().joinpath("site_files")
    accent = _expand_colour(accent or _ACCENT)
    light = _make_readable(accent, _LIGHT_GROUND, end="#000000")
    dark = _make_readable(accent, _DARK_CARD, end="#ffffff")
    colours = (
        f"\n:root {{ --ground: {_LIGHT_GROUND}; --card: {_LIGHT_CARD};"
        f" --accent: {light}; --on-accent: {_LIGHT_CARD};"
        f" --tint: {_mix_colours(_LIGHT_GROUND, light, 0.12)}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --ground: {_DARK_GROUND};"
        f" --card: {_DARK_CARD}; --accent: {dark}; --on-accent: {_DARK_GROUND};"
        f" --tint: {_mix_colours(_DARK_GROUND, dark, 0.2)}; }} }}\n"
    )
    contents = {
        "style.css": folder.joinpath("style.css").read_bytes() + colours.encode(),
        "player.js": folder.joinpath("player.js").read_bytes(),
        "icon.svg": folder.joinpath("icon.svg").read_bytes().replace(b"#accent", light.encode()),
    }
    assets = {}
    for name, data in contents.items():
        stem, _, suffix = name.partition(".")
        mark = hashlib.sha256(data).hexdigest()[:8]
        assets[stem] = _Asset(f"assets/{stem}-{mark}.{suffix}", data)
    return assets


# --- What an episode looks like -----------------------------------------------------------


def _make_entry(release: Release) -> dict[str, Any]:
    """Give what a list shows of an episode."""
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
        "language": _keep_language(release.language),
        "href": release.page or release.audio,
    }


class _Passage(Struct, frozen=True):
    """Cues that stand together: a paragraph, a list of paragraphs, a heading."""

    role: Role
    start_s: float
    paragraphs: tuple[tuple[EpisodeCue, ...], ...]


class _Part(Struct, frozen=True):
    """The transcript of a chapter; `heading` is "" when its first words are one."""

    heading: str
    passages: tuple[_Passage, ...]


def _group_cues(cues: Sequence[EpisodeCue], chapters: Sequence[EpisodeChapter]) -> Iterator[_Part]:
    """Sort cues into chapters; a chapter starts at or before the cue that it begins with."""
    starts = [chapter.start_s for chapter in chapters]
    parts: dict[int, list[EpisodeCue]] = {}
    for cue in cues:
        text = clean_text(cue.text).strip()
        if text:
            place = max(0, bisect_right(starts, cue.start_s + 0.001) - 1)
            kept = EpisodeCue(cue.start_s, cue.end_s, cue.role, text)
            parts.setdefault(place, []).append(kept)
    for place, spoken in sorted(parts.items()):
        passages = tuple(_group_passages(spoken))
        has_heading = passages[0].role == "title"
        heading = clean_line(chapters[place].title) if chapters and not has_heading else ""
        yield _Part(heading, passages)


def _group_passages(cues: Iterable[EpisodeCue]) -> Iterator[_Passage]:
    passages: list[list[list[EpisodeCue]]] = []
    last: EpisodeCue | None = None
    for cue in cues:
        gap_s = cue.start_s - last.end_s if last else 0.0
        is_new = gap_s > _PARAGRAPH_PAUSE_S.get(cue.role, _USUAL_PARAGRAPH_PAUSE_S)
        if last is None or last.role != cue.role or (is_new and cue.role in {"narrator", "title"}):
            passages.append([[cue]])
        elif is_new:
            passages[-1].append([cue])
        else:
            passages[-1][-1].append(cue)
        last = cue
    for paragraphs in passages:
        first = paragraphs[0][0]
        yield _Passage(first.role, first.start_s, tuple(map(tuple, paragraphs)))


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


def _filter_href(_tag: str, _name: str, value: str) -> str | None:
    """Keep absolute links only: where a relative one was written, other pages lay around it."""
    is_mail = value.lower().startswith("mailto:")
    return value if is_mail or _WEB_URL.match(value) else None


def _measure_depth(notes: str) -> int:
    depth = deepest = 0
    for match in _TAG.finditer(notes):
        if match[2].lower() not in {"br", "hr", "img"}:
            depth = max(0, depth - 1) if match[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest


# --- What search engines read: https://schema.org -------------------------------------------


def _describe_series(site: _Site) -> dict[str, Any]:
    return _drop_empty(
        {
            "@type": "PodcastSeries",
            "name": site.title,
            "url": f"{site.url}/" if site.url else "",
            "webFeed": site.make_url(_FEED),
            "description": site.description,
            "inLanguage": _keep_language(site.show.language),
            "image": site.make_url(site.cover),
            "author": _describe_person(site.author),
        }
    )


def _describe_episode(site: _Site, release: Release, entry: dict[str, Any]) -> dict[str, Any]:
    page = site.make_url(release.page)
    language = _keep_language(release.language) or _keep_language(site.show.language)
    author = _describe_person(entry["author"] or site.author)
    audio = {
        "@type": "AudioObject",
        "contentUrl": site.make_url(release.audio),
        "encodingFormat": "audio/mpeg",
        "contentSize": str(release.size_bytes),
        "duration": _format_duration(release.duration_s),
    }
    episode = {
        "@type": "PodcastEpisode",
        "@id": f"{page}#episode" if page else "",
        "url": page,
        "name": entry["title"],
        "description": entry["description"],
        "datePublished": release.published.isoformat(),
        "duration": _format_duration(release.duration_s),
        "episodeNumber": release.number,
        "inLanguage": language,
        "image": site.make_url(release.image or site.cover),
        "author": author,
        "associatedMedia": _drop_empty(audio),
        "partOfSeries": _describe_series(site),
    }
    if release.season:
        episode["partOfSeason"] = {"@type": "PodcastSeason", "seasonNumber": release.season}
    graph = [_drop_empty(episode)]
    if entry["subject"]:
        review = {
            "@type": "Review",
            "name": entry["title"],
            "url": _keep_web_url(release.link) or page,
            "description": entry["description"],
            "datePublished": release.published.date().isoformat(),
            "inLanguage": language,
            "author": author,
            "itemReviewed": _describe_subject(entry["subject"], site.show.categories),
            "reviewRating": _describe_rating(entry["rating"]),
        }
        if page:
            review["associatedMedia"] = {"@id": f"{page}#episode"}
        graph.append(_drop_empty(review))
    return {"@context": "https://schema.org", "@graph": graph}


def _describe_person(name: str) -> dict[str, str]:
    return {"@type": "Person", "name": name} if name else {}


def _describe_subject(subject: str, categories: tuple[str, ...]) -> dict[str, str]:
    """Name the work; "The General (1926)" is The General of 1926."""
    category = categories[0] if categories else ""
    kind = _KINDS.get(category) or _KINDS.get(category.partition(" > ")[0], "Thing")
    named = _NAMED_YEAR.fullmatch(subject)
    if named and kind != "Thing":
        return {"@type": kind, "name": named[1], "datePublished": named[2]}
    return {"@type": kind, "name": subject}


def _describe_rating(rating: str) -> dict[str, Any]:
    """Give a rating that is a number out of another; {} for grades and words."""
    parsed = _parse_rating(rating)
    if parsed is None:
        return {}
    value, best = parsed
    return {"@type": "Rating", "ratingValue": value, "bestRating": best, "worstRating": 0}


def _parse_rating(rating: str) -> tuple[float, int] | None:
    rating = rating.replace("\ufe0f", "").strip()
    if match := _OUT_OF.fullmatch(rating):
        value, best = _read_number(match), int(match[3])
    elif match := _PERCENT.fullmatch(rating):
        value, best = _read_number(match), 100
    elif rating and (match := _STARS.fullmatch(rating)):
        value = len(match[1]) + 0.5 * bool(match[2])
        best = len(match[1]) + bool(match[2]) + len(match[3]) if match[3] else 5
    else:
        return None
    value = int(value) if value == int(value) else value
    return (value, best) if 0 <= value <= best and best else None


def _read_number(match: re.Match[str]) -> float:
    return float(match[1].replace(",", ".")) + 0.5 * bool(match[2])


def _drop_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value or value is False}


# --- Words and numbers ----------------------------------------------------------------------


def _keep_web_url(url: str) -> str:
    """Give an address if it leads to the web and hides nothing, "" for any other."""
    try:
        is_web = _WEB_URL.fullmatch(url) and clean_text(url) == url and urlsplit(url).hostname
        return url if is_web else ""
    except ValueError:  # such as an unclosed bracket
        return ""


def _keep_language(tag: str) -> str:
    return tag if re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", tag) else ""


def _clip(text: str, limit: int) -> str:
    """Cut a text for a summary, at a word."""
    return textwrap.shorten(text, limit, placeholder=" …")


def _format_date(moment: datetime) -> str:
    """Write a date in words, the same on a machine of any language."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _format_range(releases: Sequence[Release]) -> str:
    months = [
        f"{_MONTHS[item.published.month - 1]} {item.published.year}"
        for item in (releases[0], releases[-1])
    ]
    return months[0] if months[0] == months[1] else " to ".join(months)


def _format_clock(seconds: float) -> str:
    """Write a position as a player shows it: 3:07 or 1:02:03."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _format_minutes(seconds: float) -> str:
    """Write a length for a list: 4 min, 1 h 5 min."""
    minutes = max(1, round(seconds / 60))
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours))


def _format_duration(seconds: float) -> str:
    """Write a length as ISO 8601 has it: PT1H2M3S."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"PT{f'{hours}H' * bool(hours)}{f'{minutes}M' * bool(hours or minutes)}{rest}S"


def _format_seconds(seconds: float) -> str:
    """Write a position for a media fragment (W3C Media Fragments 1.0): 12.3."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _format_megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.1f} MB"


# --- Colours: WCAG 2.2, relative luminance and contrast ---------------------------------------


def _expand_colour(colour: str) -> str:
    digits = colour.lower()[1:]
    return f"#{''.join(digit * 2 for digit in digits) if len(digits) == 3 else digits}"


def _split_colour(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix_colours(first: str, second: str, share: float) -> str:
    pairs = zip(_split_colour(first), _split_colour(second), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _measure_luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (part / 255 for part in _split_colour(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _measure_contrast(first: str, second: str) -> float:
    low, high = sorted((_measure_luminance(first), _measure_luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _make_readable(colour: str, ground: str, *, end: str) -> str:
    """Move a colour towards black or white, as little as its contrast to the ground asks for."""
    steps = (_mix_colours(colour, end, step / 50) for step in range(51))
    return next(step for step in steps if _measure_contrast(step, ground) >= _LEAST_CONTRAST)
