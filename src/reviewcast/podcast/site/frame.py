"""The frame that all pages share: templates, addresses, formats."""

import functools
import re
import textwrap
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reviewcast.model.characters import clean_text
from reviewcast.model.clean import clean_line, keep_web_url
from reviewcast.model.podcast import FEED
from reviewcast.podcast.site.pictures import name_small
from reviewcast.podcast.site.theme import DARK_GROUND, LIGHT_GROUND, make_assets
from reviewcast.settings.schema import Show, SiteSettings
from reviewcast.system.resources import open_templates

if TYPE_CHECKING:
    from jinja2 import Environment


INDEX = "index.html"

MONTHS = (
    "January February March April May June July August September October November December"
).split()

_RIGHT_TO_LEFT = frozenset("ar ckb dv fa he ps sd ug ur yi".split())


class Site:
    """A show and its settings, cleaned for pages."""

    def __init__(self, show: Show, settings: SiteSettings, cover: str) -> None:
        self.show = show
        self.settings = settings
        self.cover = cover
        self.title = clean_line(show.title)
        self.author = clean_line(show.author)
        self.description = clean_text(show.description).strip()
        self.url = keep_web_url(show.url).rstrip("/")

    def make_url(self, name: str) -> str:
        """Return the public address of a file, "" when the show has none or there is no file."""
        return f"{self.url}/{name}" if self.url and name else ""

    def render(self, template: str, page: str, *, language: str = "", **values: Any) -> bytes:
        """Fill a template for the page of that name."""
        from markupsafe import Markup

        language = keep_language(language) or keep_language(self.show.language) or "en"
        primary = language.partition("-")[0].lower()
        html = (
            _make_environment()
            .get_template(template)
            .render(
                site=self,
                page=page,
                root="../" * page.count("/") or "./",
                feed=FEED,
                index=INDEX,
                canonical=self.make_url(page),
                language=language,
                direction="rtl" if primary in _RIGHT_TO_LEFT else "ltr",
                # The words of the page itself are English, whatever the show speaks.
                ui=Markup("") if primary == "en" else Markup(' lang="en" dir="ltr"'),
                assets={
                    kind: asset.name for kind, asset in make_assets(self.settings.accent).items()
                },
                grounds=(LIGHT_GROUND, DARK_GROUND),
                subscribe={clean_line(name): url for name, url in self.settings.subscribe.items()},
                website=keep_web_url(self.show.website),
                funding_url=keep_web_url(self.show.funding_url),
                license_url=keep_web_url(self.show.license_url),
                **values,
            )
        )
        return html.encode()


@functools.cache
def _make_environment() -> "Environment":
    environment = open_templates("resources/site")
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
        small=name_small,
    )
    return environment


def keep_language(tag: str) -> str:
    """Return a language tag that is well-formed, else an empty text."""
    return tag if re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", tag) else ""


def _clip(text: str, limit: int) -> str:
    """Cut a text for a summary, at a word."""
    return textwrap.shorten(text, limit, placeholder=" …")


def _format_date(moment: datetime) -> str:
    """Write a date in words, the same on a machine of any language."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


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


def _format_seconds(seconds: float) -> str:
    """Write a position for a media fragment (W3C Media Fragments 1.0): 12.3."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _format_megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.1f} MB"
