"""Fields of a review, under all the names that blogs give them."""

import datetime as dt
import html
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from reviewcast.text.readers.people import is_key as is_people
from reviewcast.text.readers.withheld import is_key as is_withheld
from reviewcast.text.readers.work_links import KEYS

_NAMES = {
    "title": "title name headline post_title",
    "critic": "critic reviewer reviewed_by review_author review.author reviewer.name critic.name",
    "author": "author author.name authors by byline writer post_author",
    "date": "date published pubdate publish_date pub_date published_at published_time"
    " publishdate datepublished date_published post_date review_date review.date created"
    " created_at review.date_read date_read watched watched_date date_watched",
    "rating": "rating score stars grade hearts my_rating verdict_score review_score review_rating"
    " rating_value ratingvalue rating.value rating.score rating.ratingvalue score.value"
    " review.rating review.score review.stars review.grade user_rating personal_rating bookrating"
    " book_rating book.rating book.score movierating movie_rating movie.rating movie.score"
    " filmrating film_rating film.rating film.score album_rating album.rating game_rating"
    " game.rating work.rating subject.rating item.rating verdict",
    "scale": "rating_max max_rating best_rating rating.best rating.max rating.out_of rating_best"
    " bestrating rating.bestrating out_of scale rating_scale max_score rating.scale score.max"
    " review.best_rating review.rating_max",
    "image": "image cover poster thumbnail featured_image feature_image featuredimage featureimage"
    " featured-image header.image header.teaser header.overlay_image og_image image.url image.src"
    " image.path image.feature image.teaser cover.image cover.src cover_image coverimage"
    " poster_image hero hero_image heroimage banner thumb img images images.0 social_image"
    " resources.src",
    "description": "description excerpt summary subtitle dek standfirst tagline blurb deck",
    "slug": "slug",
    "permalink": "permalink url",
    "language": "language lang locale languagecode inlanguage",
    "subject": "subject work film movie book album game item reviewed itemreviewed show"
    " subject.title subject.name work.title work.name film.title film.name movie.title"
    " movie.name book.title book.name album.title album.name game.title game.name item.title"
    " item.name reviewed.title itemreviewed.name itemreviewed.title review.title review.item"
    " film_title movie_title book_title album_title game_title work_title subject_title"
    " filmtitle movietitle booktitle movie_name film_name book_name",
    "year": "subject.year work.year film.year movie.year book.year album.year game.year item.year"
    " itemreviewed.year film_year movie_year year release_year released subject.released"
    " film.released movie.released year_released released_year",
    "track": "track episode",
    "link": "link source source_url canonical canonical_url canonicalurl original_url external_url"
    " review_url review.url permalink url",
    "social": "social social.mastodon social.bluesky mastodon bluesky",
    "season": "season",
    "kind": "episode_type episodetype",
    "explicit": "explicit",
    "spoiler": "spoiler spoilers has_spoilers",
    "role": "episode",
    "tags": "tags tag keywords",
    "status": "status",
}

_KEYS = {field: tuple(names.split()) for field, names in _NAMES.items()}
_OUTER = re.compile(r"^(?:params|extra|taxonomies)\.")

_BOOK_MARKS = set(
    """isbn isbn13 isbn10 isbn_13 isbn_10 book.isbn book.isbn13 book.isbn10 goodreads goodreads_id
    goodreads_url asin olid openlibrary read_on date_read dateread book_review pages page_count
    num_pages translator""".split()
)

_NO_NAME = re.compile(
    r"tt\d{5,}|\d{5,}|\S+://\S+|/\S+|\S+\.(?:jpe?g|png|webp|gif|html?|md)", re.IGNORECASE
)

STARS = re.compile(r"[★⭐🌟]\ufe0f?")
HEARTS = re.compile(r"[♥❤💖💗💛💙💚💜🖤🧡]\ufe0f?")
_SIGNS = re.compile(r"(?:[★⭐🌟♥❤💖💗💛💙💚💜🖤🧡☆✩♡🤍½]\ufe0f?\s*)+")

_UNITS = {
    "en": {"stars": ("star", "stars"), "hearts": ("heart", "hearts")},
    "fr": {"stars": ("étoile", "étoiles"), "hearts": ("cœur", "cœurs")},
    "es": {"stars": ("estrella", "estrellas"), "hearts": ("corazón", "corazones")},
    "de": {"stars": ("Stern", "Sterne"), "hearts": ("Herz", "Herzen")},
    "it": {"stars": ("stella", "stelle"), "hearts": ("cuore", "cuori")},
    "pt": {"stars": ("estrela", "estrelas"), "hearts": ("coração", "corações")},
    "nl": {"stars": ("ster", "sterren"), "hearts": ("hart", "harten")},
}

_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")

_MARKUP = re.compile(
    r"</?[A-Za-z][^<>]*>|(?<![\w*])\*{1,3}(?=\S)([^*]+)(?<=\S)\*{1,3}(?![\w*])"
    r"|(?<![\w])_{1,2}(?=\S)([^_]+)(?<=\S)_{1,2}(?![\w])|\[\[([^\[\]|]+)(?:\|[^\[\]]*)?\]\]"
    r"|\[([^\[\]]+)\]\([^()]*\)"
)

_WORD = re.compile(r"[^\W_]+")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()

_NAMED_DATE = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(?:(\d{1,2})(?:st|nd|rd|th)?\s+([A-Za-z]{3,9})\.?,?|([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?)\s+(\d{4})(?!\d)"
)


class Field(NamedTuple):
    """A value as it was written, and the key it was found under ("" when there is none)."""

    value: str
    key: str


def find_field(metadata: Mapping[str, str], field: str) -> Field:
    """Find the first value that a field has under any of its names."""
    no_value = {"", "true", "false", "null", "none", "~"}
    found = (one for one in list_values(metadata, field) if one.value.lower() not in no_value)
    return next(found, Field("", ""))


def list_values(metadata: Mapping[str, str], field: str) -> Iterator[Field]:
    """Return every value that a field has, under all of its names."""
    for key in _list_keys(tuple(metadata), field):
        yield Field(metadata[key].strip(), key)


def is_on(metadata: Mapping[str, str], field: str) -> bool:
    """True if a field, such as `explicit`, is switched on."""
    return any(one.value.lower() in {"true", "yes"} for one in list_values(metadata, field))


def find_author(metadata: Mapping[str, str]) -> Field:
    """Find who wrote the review: of a book, `author` is plainly someone else."""
    critic = find_field(metadata, "critic")
    known = _find_keys(tuple(metadata))
    if critic.value or not _BOOK_MARKS.isdisjoint(known):
        return critic
    return find_field(metadata, "author")


def find_subject(metadata: Mapping[str, str]) -> Field:
    """Find the work that is reviewed, with its year when that stands apart."""
    subject = find_work(metadata)
    year = find_field(metadata, "year").value
    if not subject.value or not re.fullmatch(r"(?:1[89]|20)\d\d", year) or year in subject.value:
        return subject
    return Field(f"{plain_value(subject.value)} ({year})", subject.key)


def find_work(metadata: Mapping[str, str]) -> Field:
    """Find the name of the work that is reviewed; a number in a database or a link is none."""
    named = {key: value for key, value in metadata.items() if not _NO_NAME.fullmatch(value.strip())}
    return find_field(named, "subject")


def find_rating(metadata: Mapping[str, str], language: str) -> Field:
    """Find the verdict as it was written; a bare number gets its scale, or its stars in words.

    Signs stay where they can be said; elsewhere they are counted.
    """
    rating = find_field(metadata, "rating")
    language = language.partition("-")[0].lower()
    if language != "en" and language in _UNITS and _SIGNS.fullmatch(rating.value):
        return Field(_count_signs(rating.value, language), rating.key)
    if not _NUMBER.fullmatch(rating.value):
        return rating
    scale = re.sub(r"^\D*", "", find_field(metadata, "scale").value)
    if _NUMBER.fullmatch(scale):
        return Field(f"{rating.value}/{scale}", rating.key)
    unit = rating.key.rpartition(".")[2]
    if unit in {"stars", "hearts"} and language in _UNITS:
        amount = rating.value if language == "en" else rating.value.replace(".", ",")
        return Field(f"{amount} {_name_unit(amount, unit, language)}", rating.key)
    return rating


_IMPORTED = frozenset("source also tmdb imdb creator rewatch".split())
"""What `reviewcast import` writes, and what a later import finds a review by."""

_KNOWN = _BOOK_MARKS.union(_IMPORTED, *_KEYS.values())


def list_unknown(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """List the keys that are no field's name."""
    return tuple(
        key
        for key in metadata
        if _KNOWN.isdisjoint(names := _name_alike(key))
        and not any(name.rpartition(".")[2] in KEYS for name in names)
        and not is_people(key)
        and not is_withheld(key)
    )


def _count_signs(signs: str, language: str) -> str:
    unit = "hearts" if HEARTS.search(signs) else "stars"
    count = len((HEARTS if unit == "hearts" else STARS).findall(signs))
    amount = f"{count},5" if "½" in signs else f"{count}"
    return f"{amount} {_name_unit(amount, unit, language)}"


def _name_unit(amount: str, unit: str, language: str) -> str:
    one, many = _UNITS[language][unit]
    value = float(amount.replace(",", "."))
    # in French all below two is one
    return one if value == 1 or (language == "fr" and value < 2) else many


def read_date(text: str) -> str:
    """Return YYYY-MM-DD of the beginning of a date, "" when there is none."""
    match = re.match(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)", text)
    if match:
        return _make_date(int(match[1]), int(match[2]), int(match[3]))
    named = _NAMED_DATE.match(text)
    if not named:
        return ""
    month = (named[2] or named[3]).lower()[:3]
    if month not in _MONTHS:
        return ""
    return _make_date(int(named[5]), _MONTHS.index(month) + 1, int(named[1] or named[4]))


def is_same(one: str, other: str) -> bool:
    """True if two titles have the same letters and digits."""
    return keep_letters(one) == keep_letters(other)


def holds(whole: str, part: str) -> bool:
    """True if the words of a title, in their order, stand in another one."""
    words = _WORD.findall(part.casefold())
    return (
        bool(words) and f" {' '.join(words)} " in f" {' '.join(_WORD.findall(whole.casefold()))} "
    )


def plain_value(value: str) -> str:
    """Take the markup off a value: blogs set a film's name in italics in titles too."""
    value = html.unescape(value) if "&" in value else value
    if not any(sign in value for sign in "<*_["):
        return value
    return _MARKUP.sub(lambda m: next(filter(None, m.groups()), ""), value).strip() or value


def keep_letters(text: str) -> str:
    """Return the letters and digits of a text, without case."""
    return "".join(filter(str.isalnum, text.casefold()))


def _make_date(year: int, month: int, day: int) -> str:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return ""


@lru_cache(500)
def _find_keys(keys: tuple[str, ...]) -> dict[str, str]:
    return {name: key for key in reversed(keys) for name in _name_alike(key)}


@lru_cache(5000)
def _list_keys(keys: tuple[str, ...], field: str) -> tuple[str, ...]:
    """Return which of the keys tell a field, the best name first."""
    known = _find_keys(keys)
    return tuple(filter(None, map(known.get, _KEYS[field])))


@lru_cache(500)
def _name_alike(key: str) -> tuple[str, str]:
    plain = _OUTER.sub("", key)
    return plain, re.sub(r"[- ]", "_", plain)
