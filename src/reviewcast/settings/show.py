"""The settings of a show, and of what is published of it."""

import re
from typing import Annotated, ClassVar, Literal

from msgspec import Struct, field

from reviewcast.model.characters import clean_text
from reviewcast.model.clean import keep_web_url, quote_url
from reviewcast.model.errors import ConfigError
from reviewcast.settings.counting import check_prefix
from reviewcast.settings.fields import Settings, about
from reviewcast.settings.images import Image

LEAST_OPUS_KBPS = 12


class Person(Struct, frozen=True, forbid_unknown_fields=True):
    """Someone who is heard or has a hand in it; roles are those of the podcast taxonomy."""

    name: str
    role: str = "host"
    url: str = ""
    image: str = ""


class Show(Settings, frozen=True):
    """What all episodes share."""

    table: ClassVar[str] = "show"

    title: Annotated[str, about("The show's name, which is also the album of each MP3.")] = (
        "Reviews"
    )
    author: Annotated[str, about("Who writes the reviews, unless a review names someone else.")] = (
        ""
    )
    language: Annotated[
        str,
        about('The language of reviews that do not say theirs, such as "en" or "pt-BR".'),
    ] = "en"
    reviews: Annotated[
        tuple[str, ...],
        about(
            "Which files are the show's reviews: patterns below this folder, ** for any folders"
            " between. reviewcast build without a name builds all of them."
        ),
    ] = (
        "reviews/*.md",
        "reviews/*.txt",
        "reviews/*.html",
        "reviews/*.docx",
    )
    cover: Annotated[
        str,
        about(
            'A square JPEG or PNG in this folder; "default" is the one that comes along, "" none.'
            " Podcast directories want 1400 to 3000 pixels a side."
        ),
    ] = "default"
    url: Annotated[
        str,
        about(
            'Where the show is published, such as "https://example.org/podcast/". A feed needs it.'
        ),
    ] = ""
    description: Annotated[
        str, about("What the show is about, in a few sentences, for directories.")
    ] = ""
    website: Annotated[
        str, about("The site of the written reviews; without it, the published pages.")
    ] = ""
    email: Annotated[
        str,
        about("Who owns the show; directories write there to verify it. It is public."),
    ] = ""
    categories: Annotated[
        tuple[str, ...],
        about("From Apple's list, in its exact words, a subcategory after > ."),
    ] = ("TV & Film > Film Reviews",)
    explicit: Annotated[bool, about("True when it is not for all ages.")] = False
    type: Annotated[
        Literal["episodic", "serial"],
        about('"episodic": the newest first. "serial": from the first one on.'),
    ] = "episodic"
    copyright: Annotated[str, about('Such as "© 2026 Jo Critic".')] = ""
    license: Annotated[
        str,
        about('An SPDX identifier such as "CC-BY-4.0", or the name of a licence of your own.'),
    ] = ""
    license_url: Annotated[str, about("Where a licence of your own can be read.")] = ""
    funding_url: Annotated[str, about("A page on which listeners can support the show.")] = ""
    funding_text: Annotated[str, about("What apps write on the button that leads there.")] = (
        "Support the show"
    )
    persons: Annotated[
        tuple[Person, ...],
        about(
            'Who is heard or has a hand in it, such as [{ name = "Jo Critic", role = "host", url'
            ' = "https://example.org/jo" }].'
        ),
    ] = ()
    locked: Annotated[
        bool,
        about("True asks other hosts not to import the show without its owner's word."),
    ] = True
    guid: Annotated[
        str,
        about(
            "The show's podcast:guid, when it has one from before; else it is made once and kept."
        ),
    ] = ""
    new_feed_url: Annotated[
        str, about("Where the feed has moved to; apps that read the old one follow.")
    ] = ""
    verify: Annotated[
        str, about("A code that a directory gives you to prove that the show is yours.")
    ] = ""
    apple_verify: Annotated[
        str, about("The same of Apple Podcasts: the code that it shows in Podcasts Connect.")
    ] = ""
    frequency: Annotated[
        str, about("How often episodes come: daily, weekly, biweekly or monthly.")
    ] = ""
    ai_voice: Annotated[
        bool,
        about(
            "Feed and pages say of each episode whether a synthetic voice speaks, as Apple asks;"
            " false leaves it open."
        ),
    ] = True
    recordings: Annotated[
        Literal["human", "synthetic"],
        about(
            "Who is heard in recordings that stand for segments; synthetic when a program that is"
            " none of the voices made them."
        ),
    ] = "human"
    disclosure: Annotated[
        str,
        about(
            'The spoken line that says so, at the end of an episode; "default" is one in the'
            ' review\'s language, "" none. Where people alone were recorded there is none.'
        ),
    ] = "default"


class FeedSettings(Settings, frozen=True):
    """How the feed is cut, and who tells the world of its changes."""

    table: ClassVar[str] = "feed"

    items: Annotated[
        int,
        about(
            "So many of the newest episodes are in the feed itself, the others in archives.",
            ge=1,
            le=5000,
        ),
    ] = 300
    full_text: Annotated[
        int,
        about(
            "So many of the newest episodes have their whole text in the feed; older ones have how"
            " it begins, and the link to all of it.",
            ge=0,
            le=5000,
        ),
    ] = 20
    opus_kbps: Annotated[
        int,
        about(
            "Each episode is also offered as Opus of so many kb/s, such as 24, for apps and"
            " browsers that play it: a sixth of the size; 0 for none.",
            ge=0,
            le=96,
        ),
    ] = 0
    images: Annotated[
        tuple[Image, ...],
        about(
            "Further pictures of the show (podcast:image), such as [{ href ="
            ' "https://example.org/wide.jpg", purpose = "social", aspect_ratio = "16/9", alt ='
            ' "A projector" }].'
        ),
    ] = ()
    hub: Annotated[
        str, about('A WebSub hub, which is notified when the feed has changed; "" for none.')
    ] = ""
    analytics_prefix: Annotated[
        str,
        about(
            "What a service that counts downloads wants before the addresses of the audio, in the"
            ' feed alone, such as "https://op3.dev/e,pg={guid}/"; "" for none. Who downloads is'
            " then known there, too."
        ),
    ] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0 < self.opus_kbps < LEAST_OPUS_KBPS:
            raise ConfigError(f"[feed] opus_kbps must be 0, or from {LEAST_OPUS_KBPS} to 96.")
        if self.hub:
            check_url("[feed] hub", self.hub)
        if self.analytics_prefix:
            check_prefix("[feed] analytics_prefix", self.analytics_prefix)


class SiteSettings(Settings, frozen=True):
    """The pages that are published with the feed."""

    table: ClassVar[str] = "site"

    pages: Annotated[bool, about("False publishes the feed alone.")] = True
    accent: Annotated[
        str,
        about('A colour such as "#c8371f"; made darker or lighter where it would be hard to read.'),
    ] = ""
    subscribe: Annotated[
        dict[str, str],
        about(
            'Where else the show can be followed, such as { "Apple Podcasts" ='
            ' "https://podcasts.apple.com/…" }.'
        ),
    ] = field(default_factory=dict)
    per_page: Annotated[
        int,
        about(
            "The newest episodes on the first page; older ones on pages of so many.", ge=1, le=1000
        ),
    ] = 50

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.accent and not re.fullmatch(r"#(?:[0-9A-Fa-f]{3}){1,2}", self.accent):
            raise ConfigError(
                f"[site] accent {self.accent!r} is not a colour.", hint="Write it as #c8371f."
            )
        for name, url in self.subscribe.items():
            if not clean_text(name).strip():
                raise ConfigError("[site] subscribe has a place without a name.")
            if not keep_web_url(url):
                raise ConfigError(
                    f"[site] subscribe {name!r} is not a web address: {url!r}.",
                    hint="It begins with https://",
                )


def check_url(where: str, url: str) -> None:
    """Raise ConfigError unless a setting is an address of the web as it is sent."""
    quoted = quote_url(url)
    if quoted != url:
        raise ConfigError(
            f"{where} {url!r} is not a web address.",
            hint=f"Write it as {quoted}" if quoted else "It begins with https:// or http://.",
        )
