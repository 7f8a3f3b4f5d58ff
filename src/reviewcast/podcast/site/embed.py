"""An episode's small page for frames in other pages, and how to come by it (oEmbed)."""

import html
import json

from reviewcast.model.clean import clean_line
from reviewcast.model.podcast import Release
from reviewcast.podcast.site.frame import INDEX, Site
from reviewcast.podcast.site.listen import name_beside
from reviewcast.podcast.site.voices import tell_voice

EMBED_WIDTH, EMBED_HEIGHT = 600, 256
"""The size of the frame, in CSS pixels; it may be as narrow as 280 and as wide as one likes."""

_CACHE_S = 86_400


def render_embed(site: Site, release: Release) -> bytes:
    """Return the page for a frame: the player, the chapters, and where to follow the show."""
    page = name_beside(release.page, "embed")
    title = clean_line(release.title)
    return site.render(
        "embed.html",
        page,
        language=release.language,
        heading=title,
        image=release.image or site.cover,
        entry={"title": title, "duration_s": release.duration_s},
        release=release,
        voices=tell_voice(site.show, release),
        chapters=release.chapters if len(release.chapters) > 1 else (),
    )


def render_oembed(site: Site, release: Release) -> bytes:
    """Return an episode's oEmbed document (https://oembed.com): a frame of type rich."""
    document = {
        "version": "1.0",
        "type": "rich",
        "title": clean_line(release.title),
        "author_name": clean_line(release.author) or site.author,
        "provider_name": site.title,
        "provider_url": site.make_url(INDEX),
        "cache_age": _CACHE_S,
        "width": EMBED_WIDTH,
        "height": EMBED_HEIGHT,
        "html": format_frame(site.make_url(name_beside(release.page, "embed")), release.title),
    }
    text = json.dumps({name: value for name, value in document.items() if value != ""})
    return text.encode() + b"\n"


def format_frame(address: str, title: str) -> str:
    """Return the element that shows an embed page, on one line."""
    label = html.escape(f"Listen: {clean_line(title)}" if title else "Listen")
    return (
        f'<iframe src="{html.escape(address)}" title="{label}" width="100%"'
        f' height="{EMBED_HEIGHT}" frameborder="0" loading="lazy"></iframe>'
    )
