"""WordPress: the XML of its export (WXR), of which published posts alone are read."""

import re
from typing import TYPE_CHECKING

from lxml import etree

from reviewcast.model.errors import ReviewError
from reviewcast.shelf.converting import make_markdown
from reviewcast.shelf.dates import find_date
from reviewcast.shelf.sources.feed import plain_id
from reviewcast.shelf.sources.page import host_of
from reviewcast.shelf.sources.wordpress_shortcodes import expand_shortcodes
from reviewcast.shelf.values import LeftOut, Reading, SourceReview
from reviewcast.shelf.works import split_year
from reviewcast.shelf.xml import parse_elements
from reviewcast.text.readers.fields import plain_value
from reviewcast.text.readers.people import list_people

if TYPE_CHECKING:
    from lxml.etree import _Element

MARK = re.compile(
    rb"wordpress\.org/export/\d|<\w+:(?:wxr_version|post_password|post_type)\b|<wp:status\b",
    re.IGNORECASE,
)
"""What no feed has: one that was read as a feed would show its drafts."""
_CHANNEL = frozenset({"base_site_url", "base_blog_url"})
_POST = "post"
_REASONS = {
    "draft": "a draft",
    "auto-draft": "a draft",
    "pending": "waits for review",
    "private": "private",
    "trash": "in the trash",
    "future": "scheduled for later",
    "inherit": "a revision",
}
_OF_OTHERS = frozenset({"attachment", "nav_menu_item", "revision", "custom_css", "wp_block"})
_ACCESS_KEYS = frozenset({"_jetpack_newsletter_access", "_wpcom_newsletter_access"})


def read_export(data: bytes, name: str, *, include_paid: bool = False) -> Reading:
    """Read an export, and what is for subscribers only when that is asked for.

    Raise ReviewError when it is no XML or has a DOCTYPE.
    """
    site = ""
    reviews: list[SourceReview] = []
    left_out: list[LeftOut] = []
    failed: list[LeftOut] = []
    for element in parse_elements(data, name, _CHANNEL | {"item"}, failed):
        name_of_element = etree.QName(element).localname
        if name_of_element != "item":
            found = host_of((element.text or "").strip())
            site = found if name_of_element == "base_blog_url" else site or found
            continue
        fields = _read_fields(element)
        ids = _list_ids(fields, site)
        title = plain_value(fields.get("title", ""))
        reason = _find_reason(fields, element, include_paid=include_paid)
        if reason:
            if fields.get("post_type") not in _OF_OTHERS:
                left_out.append(LeftOut(title=title, reason=reason, ids=ids))
            continue
        try:
            html = expand_shortcodes(fields["encoded"], members=include_paid)
            text = make_markdown(html, members=include_paid)
            reviews.append(_read_post(fields, element, ids, site, text))
        except ReviewError as error:
            failed.append(LeftOut(title=title, reason=error.message, ids=ids))
    return Reading(reviews=tuple(reviews), left_out=tuple(left_out), failed=tuple(failed))


def _read_fields(item: "_Element") -> dict[str, str]:
    """Return the texts of an item's own children by their local names; never those of comments."""
    fields: dict[str, str] = {}
    for child in item.iterchildren(tag="*"):
        name = etree.QName(child)
        key = "excerpt" if name.namespace and "excerpt" in name.namespace else name.localname
        if len(child) == 0 and key not in fields:
            fields[key] = (child.text or "").strip()
    return fields


def _find_reason(fields: dict[str, str], item: "_Element", *, include_paid: bool) -> str:
    """Return why an item is no review for everybody, "" for a published post."""
    kind, status = fields.get("post_type", ""), _find_status(item)
    if kind != _POST:
        return "a page" if kind == "page" else f"no post but {kind or 'of an unknown type'}"
    if any(
        "".join(map(str, child.itertext())).strip()
        for child in item.iterchildren("{*}post_password")
    ):
        return "protected by a password"
    if status != "publish":
        return _REASONS.get(status, f"not published ({status or 'no status'})")
    for meta in item.iterchildren(tag="{*}postmeta"):
        key, value = meta.findtext("{*}meta_key") or "", meta.findtext("{*}meta_value") or ""
        is_paid = key in _ACCESS_KEYS and value.strip() not in {"", "everybody"}
        if is_paid and not include_paid:
            return "for subscribers only"
    return "" if fields.get("encoded") else "without text"


def _find_status(item: "_Element") -> str:
    """Return a post's status, of several the first that is not that of a published one."""
    found = [(child.text or "").strip() for child in item.iterchildren("{*}status")]
    return next((one for one in found if one != "publish"), found[0] if found else "")


def _list_ids(fields: dict[str, str], site: str) -> tuple[str, ...]:
    found = [f"wordpress:{site}:{fields.get('post_id', '')}"] if fields.get("post_id") else []
    found += [f"guid:{plain_id(fields['guid'])}"] if fields.get("guid") else []
    found += [f"url:{plain_id(fields['link'])}"] if fields.get("link") else []
    return tuple(found)


def _read_post(
    fields: dict[str, str], item: "_Element", ids: tuple[str, ...], site: str, text: str
) -> SourceReview:
    title = plain_value(fields.get("title", ""))
    terms = [
        plain_value((child.text or "").strip())
        for child in item.iterchildren(tag="category")
        if child.get("domain") in {"category", "post_tag"}
    ]
    date = find_date(fields.get("post_date", ""), fields.get("pubDate", ""))
    return SourceReview(
        source=f"wordpress@{site}",
        ids=ids,
        title=title or date,
        text=text,
        year=split_year(title)[1],
        date=date,
        author=fields.get("creator", ""),
        link=fields.get("link", ""),
        cast=_list_cast(fields["encoded"], item),
        tags=tuple(dict.fromkeys(term for term in terms if term and term != "Uncategorized")),
    )


def _list_cast(html: str, item: "_Element") -> tuple[str, ...]:
    """Return the work's people: of the post's own fields, and of the JSON-LD in its text."""
    metadata = {
        meta.findtext("{*}meta_key") or "": meta.findtext("{*}meta_value") or ""
        for meta in item.iterchildren(tag="{*}postmeta")
    }
    if "ld+json" in html:
        from reviewcast.text.readers.html.metadata import read_page_metadata
        from reviewcast.text.readers.html.parser import parse_page

        metadata |= read_page_metadata(parse_page(html))[0]
    return list_people(metadata)
