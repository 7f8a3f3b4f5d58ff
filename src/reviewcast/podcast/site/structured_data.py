"""An episode and the reviewed work as schema.org data."""

import re
from typing import Any

from reviewcast.episode.works import find_isbn, find_work_kind
from reviewcast.model.clean import keep_web_url
from reviewcast.model.disclosure import find_source_type
from reviewcast.model.podcast import FEED, Release
from reviewcast.podcast.site.frame import Site, keep_language
from reviewcast.system.file_types import find_type

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

_SOURCE_TYPES = {
    "trainedAlgorithmicMedia": "https://schema.org/TrainedAlgorithmicMediaDigitalSource",
    "compositeWithTrainedAlgorithmicMedia": (
        "https://schema.org/CompositeWithTrainedAlgorithmicMediaDigitalSource"
    ),
    "digitalCapture": "https://schema.org/DigitalCaptureDigitalSource",
}
"""IPTC's terms as members of schema.org's IPTCDigitalSourceEnumeration."""

_NUMBER = r"([0-9]{1,3}(?:[.,][0-9]{1,2})?)[ ]?(½?)"
_OUT_OF = re.compile(rf"{_NUMBER} ?(?:/|out of|von|sur) ?([0-9]{{1,3}})(?: (?:stars|points))?")
_PERCENT = re.compile(rf"{_NUMBER} ?%")
_STARS = re.compile(r"([★⭐🌟]{0,10})(½?)([☆✩]{0,10})")
_NAMED_YEAR = re.compile(r"(.+\S) \(((?:1[89]|20)[0-9]{2})\)")


# --- What search engines read: https://schema.org -------------------------------------------


def describe_series(site: Site) -> dict[str, Any]:
    """Return the show as schema.org's PodcastSeries."""
    return _drop_empty(
        {
            "@type": "PodcastSeries",
            "name": site.title,
            "url": f"{site.url}/" if site.url else "",
            "webFeed": site.make_url(FEED),
            "description": site.description,
            "inLanguage": keep_language(site.show.language),
            "image": site.make_url(site.cover),
            "author": _describe_person(site.author),
        }
    )


def describe_episode(site: Site, release: Release, entry: dict[str, Any]) -> dict[str, Any]:
    """Return an episode as schema.org's PodcastEpisode, with the review and the work."""
    page = site.make_url(release.page)
    language = keep_language(release.language) or keep_language(site.show.language)
    author = _describe_person(entry["author"] or site.author)
    audio = {
        "@type": "AudioObject",
        "contentUrl": site.make_url(release.audio),
        "encodingFormat": find_type(".mp3").mime,
        "contentSize": str(release.size_bytes),
        "duration": _format_duration(release.duration_s),
        "digitalSourceType": _SOURCE_TYPES.get(find_source_type(release.speakers), ""),
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
        "partOfSeries": describe_series(site),
    }
    if release.season:
        episode["partOfSeason"] = {"@type": "PodcastSeason", "seasonNumber": release.season}
    graph = [_drop_empty(episode)]
    if entry["subject"]:
        review = {
            "@type": "Review",
            "name": entry["title"],
            "url": keep_web_url(release.link) or page,
            "description": entry["description"],
            "datePublished": release.published.date().isoformat(),
            "inLanguage": language,
            "author": author,
            "itemReviewed": _describe_subject(entry["subject"], release, site.show.categories),
            "reviewRating": _describe_rating(entry["rating"]),
        }
        if page:
            review["associatedMedia"] = {"@id": f"{page}#episode"}
        graph.append(_drop_empty(review))
    return {"@context": "https://schema.org", "@graph": graph}


def _describe_person(name: str) -> dict[str, str]:
    return {"@type": "Person", "name": name} if name else {}


def _describe_subject(
    subject: str, release: Release, categories: tuple[str, ...]
) -> dict[str, Any]:
    """Name the work, and its pages in databases; "The General (1926)" is The General of 1926."""
    category = categories[0] if categories else ""
    kind = find_work_kind(release.same_as) or _KINDS.get(category)
    kind = kind or _KINDS.get(category.partition(" > ")[0], "Thing")
    known = {"sameAs": list(release.same_as), "isbn": find_isbn(release.same_as)}
    named = _NAMED_YEAR.fullmatch(subject)
    if named and kind != "Thing":
        return _drop_empty({"@type": kind, "name": named[1], "datePublished": named[2], **known})
    return _drop_empty({"@type": kind, "name": subject, **known})


def _describe_rating(rating: str) -> dict[str, Any]:
    """Return a rating that is a number out of another; {} for grades and words."""
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


def _format_duration(seconds: float) -> str:
    """Write a length as ISO 8601 has it: PT1H2M3S."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"PT{f'{hours}H' * bool(hours)}{f'{minutes}M' * bool(hours or minutes)}{rest}S"
