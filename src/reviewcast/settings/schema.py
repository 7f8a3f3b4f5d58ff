"""Every setting once: its type, default, bounds and explanation."""

import difflib
import re
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from reviewcast.model.characters import clean_text
from reviewcast.model.clean import keep_web_url, quote_url
from reviewcast.model.errors import ConfigError
from reviewcast.model.text import Entry
from reviewcast.system.plugins import list_voices

# the title of the chapter, and what is said before it
SPOILER_TITLE = "Spoilers"


SPOILER_WARNING = "Spoilers ahead. Skip this chapter if you do not want to know."


class Person(Struct, frozen=True, forbid_unknown_fields=True):
    """Someone who is heard or has a hand in it; roles are those of the podcast taxonomy."""

    name: str
    role: str = "host"
    url: str = ""
    image: str = ""


class Show(Struct, frozen=True, forbid_unknown_fields=True):
    """What all episodes share: [show] in podcast.toml."""

    title: str = "Reviews"
    author: str = ""
    language: str = "en"
    reviews: tuple[str, ...] = (
        "reviews/*.md",
        "reviews/*.txt",
        "reviews/*.html",
        "reviews/*.docx",
    )
    """Which files are the show's reviews: patterns below the show's folder."""
    cover: str = "default"
    """A square JPEG or PNG; "default" is the one that comes along, "" none."""
    url: str = ""
    """Where the show is published, such as https://example.org/podcast/; a feed needs it."""
    description: str = ""
    website: str = ""
    """The site of the written reviews; without it, the published pages."""
    email: str = ""
    """Who owns the show; directories write there to verify it."""
    categories: tuple[str, ...] = ("TV & Film > Film Reviews",)
    """From Apple's list, a subcategory after " > "."""
    explicit: bool = False
    type: Literal["episodic", "serial"] = "episodic"
    copyright: str = ""
    license: str = ""
    """An SPDX identifier such as CC-BY-4.0, or the name of a licence of your own."""
    license_url: str = ""
    funding_url: str = ""
    funding_text: str = "Support the show"
    persons: tuple[Person, ...] = ()
    locked: bool = True
    """True asks other hosts not to import the show without its owner's word."""
    guid: str = ""
    """The show's podcast:guid, when it has one from before; else it is made once and kept."""
    new_feed_url: str = ""
    """Where the feed has moved to; clients that read this one follow."""
    frequency: str = ""
    """How often episodes come: daily, weekly, biweekly or monthly."""
    ai_voice: bool = True
    """The feed says that a synthetic voice speaks, as Apple asks."""
    disclosure: str = "default"
    """The spoken line that says so, at the end of an episode; "" for none."""


class ReadSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is taken for granted when the review does not say it."""

    language: str = "en"
    author: str = ""


_LONGEST_PAUSE_S = 10.0


FIELD = re.compile(r"\{(\w*)\}")


FIELDS = ("title", "subject", "author", "rating", "date")


class SplitSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How the text is cut into segments, what is added, and how long the silences are."""

    opening: tuple[str, ...] = ()
    """Lines said first, such as "A review of {subject} by {author}."; one whose field the review
    does not have is left out."""
    closing: tuple[str, ...] = ()
    spoiler_title: str = SPOILER_TITLE
    """Said and written in the review's language, unless it is another than this one."""
    spoiler_warning: str = SPOILER_WARNING
    """Likewise."""
    run_chars: int = 220
    """Short sentences are spoken together up to this many characters."""
    natural_chapters: bool = True
    """A long review without headings gets an opening and a verdict."""
    clause_pause_s: float = 0.12
    sentence_pause_s: float = 0.45
    list_pause_s: float = 0.55
    paragraph_pause_s: float = 0.8
    quote_pause_s: float = 1.0
    """Before and after a quotation."""
    heading_pause_s: float = 0.9
    chapter_pause_s: float = 1.1

    def __post_init__(self) -> None:
        if not 0 <= self.run_chars <= 5000:
            raise ConfigError("[split] run_chars must be from 0 to 5000.")
        for field in self.__struct_fields__:
            if field.endswith("_s") and not 0 <= getattr(self, field) <= _LONGEST_PAUSE_S:
                raise ConfigError(f"[split] {field} must be from 0 to {_LONGEST_PAUSE_S:.0f}.")
        for line in (*self.opening, *self.closing):
            for name in FIELD.findall(line):
                if name not in FIELDS:
                    near = difflib.get_close_matches(name, FIELDS, 1)
                    hint = f"Did you mean {near[0]}?" if near else f"Use {', '.join(FIELDS)}."
                    raise ConfigError(f"[split] There is no field {{{name}}}.", hint=hint)


class SynthesizeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How a voice that is a service is asked, and how patient a run is when it fails."""

    connections: int = 4
    """How many requests are under way at once; a voice may allow fewer."""
    requests_per_s: float = 8.0
    """How many requests begin in a second at most."""
    attempts: int = 10
    """How often one segment is asked for; a request to slow down is no attempt."""
    patience_s: float = 180.0
    """How long a run goes on without any answer, and the longest wait that a service may ask."""
    first_wait_s: float = 0.5
    longest_wait_s: float = 3.0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("connections", 1, 16),
            ("requests_per_s", 0.01, 1000),
            ("attempts", 1, 1000),
            ("patience_s", 0.1, 86_400),
            ("first_wait_s", 0, 3600),
            ("longest_wait_s", 0, 3600),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"[synthesize] {name} must be from {low} to {high}.")


class PolishSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How takes are cleaned, and how fast they are."""

    enabled: bool = True
    high_pass_hz: float = 70.0
    """Below it rumble is taken away; 0 leaves it."""
    clean_edges: bool = True
    """Breaths and clicks before the first word and after the last are silenced."""
    de_ess_db: float = 6.0
    """The most that is taken from a sharp s; 0 leaves it."""
    speed: float = 1.0
    """0.5 to 2, without a change of pitch."""

    def __post_init__(self) -> None:
        for name, low, high in (("high_pass_hz", 0, 200), ("de_ess_db", 0, 12), ("speed", 0.5, 2)):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"[voice.polish] {name} must be from {low} to {high}.")


Curve = Literal["linear", "power", "smooth"]


class StitchSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The sounds around the speech: "default", a file, or "" for none."""

    intro: str = "default"
    outro: str = "default"
    sting: str = "default"
    bed: str = ""
    """Music that goes on under the speech."""
    bed_chapters: tuple[str, ...] = ()
    """The chapters that have the bed: titles, in which * stands for anything, or numbers from 1.
    None: all."""
    bed_db: float = -22.0
    """How loud the bed is against the speech."""
    bed_fade_s: float = 1.5
    """How long the bed rises with the first words of its chapters, and falls after the last."""
    intro_under_s: float = 1.5
    """The intro goes on under this much of the first words; 0 ends it cleanly before them."""
    outro_under_s: float = 1.0
    """The outro rises under this much of the last words; 0 begins it cleanly after them."""
    duck_db: float = -8.0
    """How far the music goes down under words."""
    duck_attack_s: float = 0.3
    duck_release_s: float = 0.6
    fade_s: float = 3.0
    """How long a fade lasts at most."""
    fade_curve: Curve = "power"
    gap_s: float = 0.5
    """The silence between music and speech where they do not overlap."""
    music_db: float = -3.0
    """How loud intro, outro and stings are against the speech."""
    music_share: float = 0.1
    """How long the music that comes along plays before the first words, and after the last, as a
    share of the speech; 1: to its end."""
    sting_chapters_s: float = 30.0
    """Stings stand only between chapters of so much speech; 0: between all."""
    room_tone_db: float = 0.0
    """A breath of room tone instead of digital silence, against the speech; 0: none."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("intro_under_s", 0, 60),
            ("outro_under_s", 0, 60),
            ("duck_db", -60, 0),
            ("duck_attack_s", 0, 10),
            ("duck_release_s", 0, 10),
            ("fade_s", 0, 30),
            ("bed_fade_s", 0, 30),
            ("bed_db", -60, 0),
            ("gap_s", 0, 3),
            ("music_db", -40, 12),
            ("music_share", 0, 1),
            ("sting_chapters_s", 0, 3600),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"[stitch] {name} must be from {low} to {high}.")
        if not all(wanted.strip() for wanted in self.bed_chapters):
            raise ConfigError("[stitch] bed_chapters must name chapters, or be empty for all.")
        if self.room_tone_db and not -80 <= self.room_tone_db <= -30:
            raise ConfigError("[stitch] room_tone_db must be from -80 to -30, or 0 for none.")


class MasterSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How loud the finished episode is."""

    loudness_lufs: float = -16.0
    """Of two channels; one channel is set 3 LU lower, which sounds as loud."""
    true_peak_dbtp: float = -1.0

    def __post_init__(self) -> None:
        if not -40 <= self.loudness_lufs <= -8:
            raise ConfigError("[master] loudness_lufs must be from -40 to -8.")
        if not -12 <= self.true_peak_dbtp <= 0:
            raise ConfigError("[master] true_peak_dbtp must be from -12 to 0.")


_BITRATES_KBPS = {1: (64, 80, 96, 112, 128, 160), 2: (112, 128, 160, 192, 224, 256, 320)}


class EncodeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the MP3 is like."""

    channels: int = 2
    """2: joint stereo. 1: mono, for which 96 kb/s are enough."""
    bitrate_kbps: int = 0
    """Constant; 0 takes 128 for stereo and 96 for mono."""
    mode: Literal["cbr", "vbr"] = "cbr"
    """Constant bit rate, or one that varies with what is heard."""
    vbr_quality: int = 4
    """LAME's -V for "vbr", 0 (best) to 9."""
    quality: int = 3
    """LAME's algorithm quality, 0 (slow) to 9."""
    threads: int = 0
    """How many blocks are encoded at once; 0 takes one a core."""

    def __post_init__(self) -> None:
        if self.channels not in _BITRATES_KBPS:
            raise ConfigError("[encode] channels must be 1 or 2.")
        allowed = _BITRATES_KBPS[self.channels]
        if self.bitrate_kbps and self.bitrate_kbps not in allowed:
            raise ConfigError(
                f"[encode] bitrate_kbps cannot be {self.bitrate_kbps}.",
                hint=f"For {self.channels} channels choose one of {', '.join(map(str, allowed))}.",
            )
        if not 0 <= self.quality <= 9 or not 0 <= self.threads <= 256:
            raise ConfigError("[encode] quality must be from 0 to 9, threads from 0 to 256.")
        if not 0 <= self.vbr_quality <= 9:
            raise ConfigError("[encode] vbr_quality must be from 0 to 9.")

    @property
    def kbps(self) -> int:
        """The constant bit rate that is used."""
        return self.bitrate_kbps or (128 if self.channels == 2 else 96)

    def name_recipe(self) -> "EncodeSettings":
        """Return what decides the bytes of a block, and nothing else."""
        if self.mode == "cbr":
            return msgspec.structs.replace(self, bitrate_kbps=self.kbps, vbr_quality=0, threads=0)
        return msgspec.structs.replace(self, bitrate_kbps=0, threads=0)


_MOST_ITEMS = 5000


class FeedSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How the feed is cut, and who tells the world of its changes."""

    items: int = 300
    """So many of the newest episodes are in the feed itself, the others in archive pages."""
    hub: str = ""
    """A WebSub hub, which is told when the feed has changed; "" for none."""

    def __post_init__(self) -> None:
        if not 1 <= self.items <= _MOST_ITEMS:
            raise ConfigError(f"[feed] items must be from 1 to {_MOST_ITEMS}.")
        if self.hub:
            check_url("[feed] hub", self.hub)


def check_url(where: str, url: str) -> None:
    """Raise ConfigError unless a setting is an address of the web as it is sent."""
    quoted = quote_url(url)
    if quoted != url:
        raise ConfigError(
            f"{where} {url!r} is not a web address.",
            hint=f"Write it as {quoted}" if quoted else "It begins with https:// or http://.",
        )


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
            if not keep_web_url(url):
                raise ConfigError(
                    f"[site] subscribe {name!r} is not a web address: {url!r}.",
                    hint="It begins with https://",
                )


class PublishSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the show is published, and what becomes of files that nothing names any more."""

    to: str = "public"
    """A folder, s3://bucket/prefix or sftp://user@host/path."""
    grace_days: int = 14
    """So long a replaced file stays: players and caches may still ask for it."""

    def __post_init__(self) -> None:
        if not self.to.strip():
            raise ConfigError("[publish] to must name a folder or a URL.")
        if not 0 <= self.grace_days <= 3650:
            raise ConfigError("[publish] grace_days must be from 0 to 3650.")


class CacheSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a show keeps what was spoken and encoded."""

    folder: str = ""
    """A folder of its own, from the show's; "" for the one that all shows of the user share."""

    def __post_init__(self) -> None:
        if "\0" in self.folder:
            raise ConfigError("[cache] folder is no name of a folder.")


DEFAULT_USE = ("gtts", "hibari", "espeak")
"""The voices of a show that names none: the last one is always there and has every language."""


class VoiceChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Which voices may speak an episode, what follows when one fails, and the options of each."""

    use: tuple[str, ...] = DEFAULT_USE
    """In this order: an online one when it answers, another one when it has the language."""
    when_it_fails: Literal["stop", "next"] = "stop"
    """When a voice fails for good: "stop" keeps what was spoken, "next" lets the next voice speak
    the whole episode."""
    answer_within_s: float = 5.0
    """How long the first answer of an online voice may take before the next one speaks; 0: it is
    used without being tried."""
    options: dict[str, dict[str, Any]] = {}
    polish: PolishSettings = PolishSettings()

    def __post_init__(self) -> None:
        if not self.use or not all(self.use) or len(set(self.use)) < len(self.use):
            raise ConfigError("[voice] use must name one voice or several, each once.")
        if not 0 <= self.answer_within_s <= 300:
            raise ConfigError("[voice] answer_within_s must be from 0 to 300.")

    @property
    def may_pass(self) -> bool:
        """True if an online voice is passed over when it does not answer."""
        return len(self.use) > 1 and self.answer_within_s > 0


class CastSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Who says the segments of a role, "" for the episode's own voice.

    It is the name of a voice or its options, of which `name` says whose they are: without it they
    change the episode's own voice.
    """

    narrator: str | dict[str, Any] = ""
    quote: str | dict[str, Any] = ""
    title: str | dict[str, Any] = ""
    spoiler: str | dict[str, Any] = ""
    """The warning and what it warns of."""
    list: str | dict[str, Any] = ""

    def __post_init__(self) -> None:
        for role in self.__struct_fields__:
            name, _ = self.find(role)
            if not isinstance(name, str):
                raise ConfigError(f"In [cast], the name of {role} must be a text.")
            if name:
                refuse_unknown_voice(name, f"[cast] {role}")

    def find(self, role: str) -> tuple[str, dict[str, Any]]:
        """Return the name of a role's voice, "" for the episode's own, and the changed options."""
        value = getattr(self, role)
        options = {"name": value} if isinstance(value, str) else dict(value)
        return options.pop("name", ""), options


class Config(Struct, frozen=True, kw_only=True):
    """All settings of a run.

    `spoken` turns families of spoken forms off or says a written form otherwise; `lexicon` holds
    the show's words, then the user's. `folder` is where podcast.toml lies, None without one, and
    `cache_folder` what REVIEWCAST_CACHE names. `variables` are the settings, by table and key,
    that do not come from podcast.toml but from the user: from a variable or the command line.
    `remarks` are what the user is told of the settings, such as of a key that has a new name.
    """

    show: Show = Show()
    voice: VoiceChoice = VoiceChoice()
    cast: CastSettings = CastSettings()
    spoken: dict[str, bool | str] = {}
    lexicon: tuple[Entry, ...] = ()
    split: SplitSettings = SplitSettings()
    synthesize: SynthesizeSettings = SynthesizeSettings()
    stitch: StitchSettings = StitchSettings()
    master: MasterSettings = MasterSettings()
    encode: EncodeSettings = EncodeSettings()
    feed: FeedSettings = FeedSettings()
    site: SiteSettings = SiteSettings()
    publish: PublishSettings = PublishSettings()
    cache: CacheSettings = CacheSettings()
    folder: Path | None = None
    cache_folder: Path | None = None
    variables: frozenset[tuple[str, str]] = frozenset()
    remarks: tuple[str, ...] = ()


TABLES: dict[str, Any] = {
    "show": Show,
    "cast": CastSettings,
    "split": SplitSettings,
    "synthesize": SynthesizeSettings,
    "stitch": StitchSettings,
    "master": MasterSettings,
    "encode": EncodeSettings,
    "feed": FeedSettings,
    "site": SiteSettings,
    "publish": PublishSettings,
    "cache": CacheSettings,
}


def refuse_unknown_voice(name: str, where: str) -> None:
    """Raise ConfigError for a voice that is not installed, with the nearest one as the hint."""
    known = list_voices()
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, 1)
        raise ConfigError(
            f"{where} names {name!r}, and there is no such voice.",
            hint=f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}.",
        )


SPOKEN_FAMILIES = (
    "titles",
    "markup",
    "formulas",
    "web",
    "emoticons",
    "ratings",
    "certificates",
    "codes",
    "dates",
    "episodes",
    "money",
    "times",
    "quantities",
    "abbreviations",
    "romans",
    "voices",
    "initialisms",
    "fractions",
    "numbers",
    "emoji",
    "symbols",
    "typography",
)
"""The families of spoken forms, which [spoken] turns on and off."""
