"""What a page says of itself: JSON-LD, microdata, microformats, OpenGraph, its head."""

import json
import re
from collections.abc import Iterator
from typing import Any

from reviewcast.text.readers.fields import keep_letters

_LONGEST_JSON = 256 * 1024
_MOST_NODES = 2000
_REVIEWS = re.compile(r"Review$")
_ARTICLES = re.compile(r"Article$|BlogPosting|NewsArticle|Posting$")

_METAS = {
    "og:title": "title", "og:image": "image", "og:description": "description",
    "og:locale": "language", "article:published_time": "date", "article:author": "author",
    "twitter:title": "title", "twitter:image": "image", "twitter:description": "description",
    "author": "author", "description": "description", "date": "date", "dc.date": "date",
    "dc.creator": "author", "dc.language": "language", "parsely-title": "title",
    "parsely-author": "author", "parsely-pub-date": "date",
}  # fmt: skip

_ITEMS = (
    ("subject.title", '[itemprop="itemReviewed"] [itemprop="name"], .p-item .p-name'),
    ("rating.value", '[itemprop="ratingValue"], .p-rating'),
    ("rating.max", '[itemprop="bestRating"], .p-best'),
    ("author", '[itemprop="author"] [itemprop="name"], [itemprop="author"], .p-author'),
    ("date", '[itemprop="datePublished"], .dt-published'),
    ("title", '[itemprop="headline"]'),
)

_LONGEST_SITE = 80
_HOST = re.compile(r"https?://(?:www\.)?([^/:?#\s]{1,200})")
_SITE_NAME = re.compile(r"\s+(?:[|–—·•»«‹›:]{1,2}|-{1,2}|::)\s+")


def read_page_metadata(tree: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Read a page's metadata; return its fields, and where each came from."""
    fields: dict[str, str] = {}
    origins: dict[str, str] = {}

    def add(key: str, value: object, origin: str) -> None:
        text = " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
        if text and not fields.get(key) and not (key == "author" and "://" in text):
            fields[key], origins[key] = text, origin

    for key, value in _read_json_ld(tree):
        add(key, value, "JSON-LD")
    for key, selector in _ITEMS:
        node = tree.css_first(selector)
        if node is not None:
            attributes = node.attributes
            written = attributes.get("content") or attributes.get("datetime")
            add(key, written or node.text(deep=True)[:500], "microdata")
    site = find_site(tree)
    for node in tree.css("meta"):
        attributes = node.attributes
        name = _name_meta(attributes)
        content = attributes.get("content") or ""
        if name in _METAS and not (_METAS[name] == "title" and _is_site(content, site)):
            origin = {"og": "OpenGraph", "article": "OpenGraph", "twitter": "Twitter card"}
            add(_METAS[name], content, origin.get(name.partition(":")[0], "meta"))
    canonical = tree.css_first('link[rel="canonical"]')
    if canonical is not None:
        add("canonical", canonical.attributes.get("href") or "", "canonical link")
    root = tree.css_first("html")
    add("language", (root.attributes.get("lang") or "") if root is not None else "", "html lang")
    title = tree.css_first("head > title")
    if title is not None and not _is_site(title.text(deep=True), site):
        add("title", _drop_site(title.text(deep=True), site), "title tag")
    if fields.get("title") and origins["title"] != "JSON-LD" and site:
        fields["title"] = _drop_site(fields["title"], site)
    return fields, origins


def find_site(tree: Any) -> str:
    """Return the name that a page says its site has, "" when it says none."""
    for node in tree.css("meta"):
        if _name_meta(node.attributes) == "og:site_name":
            return " ".join((node.attributes.get("content") or "").split())
    return _guess_site(tree)


def _guess_site(tree: Any) -> str:
    """Return the end or beginning of the title that the page also bears elsewhere as its site's."""
    title = tree.css_first("head > title")
    parts = _SITE_NAME.split(" ".join(title.text(deep=True).split())) if title is not None else []
    if len(parts) < 2:
        return ""
    borne = {keep_letters(name) for name in _list_site_names(tree)} - {""}
    return next((part for part in (parts[-1], parts[0]) if keep_letters(part) in borne), "")


def _list_site_names(tree: Any) -> Iterator[str]:
    """Return what may be the name of a page's site: its header's, its app's, its host's."""
    for node in tree.css("meta"):
        name = _name_meta(node.attributes)
        content = node.attributes.get("content") or ""
        if name in {"application-name", "apple-mobile-web-app-title"}:
            yield content
        elif name == "og:url":
            yield from _list_host_names(content)
    for node in tree.css('.site-title, .site-name, .blog-title, a[rel~="home"], .navbar-brand'):
        yield node.text(deep=True)[:_LONGEST_SITE]
    for node in tree.css('link[rel="canonical"]'):
        yield from _list_host_names(node.attributes.get("href") or "")


def _list_host_names(address: str) -> Iterator[str]:
    """Return the parts of an address' host but its last: of www.c6reviews.com, c6reviews."""
    match = _HOST.match(address)
    if match:
        yield match[1]
        yield from match[1].split(".")[:-1]


def _name_meta(attributes: Any) -> str:
    return (attributes.get("property") or attributes.get("name") or "").strip().lower()


def _is_site(title: str, site: str) -> bool:
    return bool(site) and " ".join(title.split()).casefold() == site.casefold()


def _drop_site(title: str, site: str) -> str:
    """Take the site's name off a page's title."""
    title = " ".join(title.split())
    parts = _SITE_NAME.split(title)
    if len(parts) < 2:
        return title
    if site and parts[-1].casefold() == site.casefold():
        return title[: title.rindex(parts[-1])].rstrip(" |–—·•»:-")
    if site and parts[0].casefold() == site.casefold():
        return title[len(parts[0]) :].lstrip(" |–—·•«»:-")
    return title.rpartition("|")[0].strip() if not site and " | " in title else title


def _read_json_ld(tree: Any) -> Iterator[tuple[str, object]]:
    things = [thing for node in tree.css("script") for thing in _load_things(node)]
    reviews = [thing for thing in things if _REVIEWS.search(_type_of(thing))]
    articles = [thing for thing in things if _ARTICLES.search(_type_of(thing))]
    for review in reviews[:1] or articles[:1]:
        work = review.get("itemReviewed")
        work = work[0] if isinstance(work, list) and work else work
        if isinstance(work, dict):
            yield "subject.title", work.get("name")
            yield "subject.same_as", _join(work.get("sameAs"))
            yield "subject.isbn", work.get("isbn")
            yield (
                "subject.year",
                str(work.get("datePublished") or work.get("dateCreated") or "")[:4],
            )
        rating = review.get("reviewRating")
        if isinstance(rating, dict):
            yield "rating.value", rating.get("ratingValue")
            yield "rating.max", rating.get("bestRating")
    for thing in (reviews + articles)[:4]:
        yield "title", thing.get("headline") or thing.get("name")
        yield "author", _name_of(thing.get("author"))
        yield "date", thing.get("datePublished")
        yield "language", thing.get("inLanguage")
        yield "image", _address_of(thing.get("image"))
        yield "description", thing.get("description")


def _load_things(node: Any) -> list[dict[str, Any]]:
    if "ld+json" not in (node.attributes.get("type") or ""):
        return []
    text = node.text(deep=True)
    if len(text) > _LONGEST_JSON:
        return []
    try:
        pending: list[Any] = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return []
    things = []
    for _ in range(_MOST_NODES):
        if not pending:
            break
        thing = pending.pop(0)
        if isinstance(thing, list):
            pending += thing
        elif isinstance(thing, dict):
            things.append(thing)
            pending += [thing[key] for key in ("@graph", "mainEntity", "review") if key in thing]
    return things


def _type_of(thing: dict[str, Any]) -> str:
    kind = thing.get("@type")
    return " ".join(map(str, kind)) if isinstance(kind, list) else str(kind or "")


def _name_of(person: object) -> object:
    if isinstance(person, list):
        return ", ".join(str(_name_of(one)) for one in person[:5] if _name_of(one))
    return person.get("name") if isinstance(person, dict) else person


def _join(urls: object) -> str:
    """Return addresses as front matter has a list of them."""
    found = urls if isinstance(urls, list) else [urls]
    return ", ".join(url for url in found[:10] if isinstance(url, str))


def _address_of(image: object) -> object:
    if isinstance(image, list):
        return _address_of(image[0]) if image else None
    return image.get("url") if isinstance(image, dict) else image
