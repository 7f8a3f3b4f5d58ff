"""All settings of a show together, and those of voices; show, sound and text hold the others."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Struct, field, structs

from reviewcast.model.errors import ConfigError, suggest
from reviewcast.model.text import LexiconEntry
from reviewcast.settings.fields import Settings, about, check_bounds
from reviewcast.settings.publish import CacheSettings, PublishSettings
from reviewcast.settings.shelf import CollectSettings, ShelfSettings
from reviewcast.settings.show import FeedSettings, Person, Show, SiteSettings
from reviewcast.settings.sound import Curve, EncodeSettings, MasterSettings, StitchSettings
from reviewcast.settings.sync import BudgetSettings, SyncSettings
from reviewcast.settings.tell import TellSettings
from reviewcast.settings.text import (
    FIELD,
    FIELDS,
    SPOILER_TITLE,
    SPOILER_WARNING,
    ReadSettings,
    SplitSettings,
)
from reviewcast.system.plugins import list_voices

__all__ = [
    "FIELD",
    "FIELDS",
    "SPOILER_TITLE",
    "SPOILER_WARNING",
    "Curve",
    "EncodeSettings",
    "FeedSettings",
    "MasterSettings",
    "Person",
    "ReadSettings",
    "Show",
    "SiteSettings",
    "SplitSettings",
    "StitchSettings",
]


class SynthesizeSettings(Settings, frozen=True):
    """How a voice that is a service is asked, and how patient a build is when it fails."""

    table: ClassVar[str] = "synthesize"

    connections: Annotated[
        int, about("How many requests are under way at once, at each address.", ge=1, le=16)
    ] = 4
    requests_per_s: Annotated[
        float,
        about("How many requests begin in a second at most, at each address.", ge=0.01, le=1000),
    ] = 8.0
    attempts: Annotated[
        int,
        about(
            "How often one segment is asked for; being asked to slow down is no attempt.",
            ge=1,
            le=1000,
        ),
    ] = 10
    patience_s: Annotated[
        float,
        about(
            "Seconds that a build goes on without any answer; a service that asks for a longer"
            " wait ends it at once. What was spoken is kept.",
            ge=0.1,
            le=86400,
        ),
    ] = 180.0
    first_wait_s: Annotated[
        float,
        about(
            "Seconds before the second attempt; each wait is longer than the last.", ge=0, le=3600
        ),
    ] = 0.5
    longest_wait_s: Annotated[
        float,
        about(
            "Seconds that no wait of ours goes beyond, but for one of several addresses that stays"
            " away.",
            ge=0,
            le=3600,
        ),
    ] = 3.0


class PolishSettings(Settings, frozen=True):
    """How what voices say is cleaned before it is mixed; what is clean is left as it is."""

    table: ClassVar[str] = "voice.polish"

    enabled: Annotated[bool, about("False leaves every take as it came.")] = True
    high_pass_hz: Annotated[
        float, about("Rumble below this is taken away; 0 leaves it.", ge=0, le=200)
    ] = 70.0
    clean_edges: Annotated[
        bool,
        about("Breaths and clicks before the first word and after the last are silenced."),
    ] = True
    de_ess_db: Annotated[
        float, about("The most that is taken from a sharp s; 0 leaves it.", ge=0, le=12)
    ] = 6.0
    speed: Annotated[
        float,
        about("0.5 to 2, at the same pitch, for any voice; needs the extra polish.", ge=0.5, le=2),
    ] = 1.0


DEFAULT_USE = ("gtts", "hibari", "espeak")
"""The voices of a show that names none: the last one is always there and has every language."""


class VoiceChoice(Struct, frozen=True):
    """Which voices may speak an episode, what follows when one fails, and the options of each."""

    use: Annotated[
        tuple[str, ...],
        about(
            "In this order: an online one when it answers, another one when it has the language."
            " One episode has one voice."
        ),
    ] = DEFAULT_USE
    when_it_fails: Annotated[
        Literal["stop", "next"],
        about(
            'When a voice fails for good: "stop" keeps what was spoken, "next" lets the next one'
            " speak the whole episode."
        ),
    ] = "stop"
    answer_within_s: Annotated[
        float,
        about(
            "How long the first answer of an online voice may take before the next one speaks; 0"
            " uses it without trying.",
            ge=0,
            le=300,
        ),
    ] = 5.0
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    polish: PolishSettings = PolishSettings()

    def __post_init__(self) -> None:
        check_bounds(self, "[voice]")
        if not self.use or not all(self.use) or len(set(self.use)) < len(self.use):
            raise ConfigError("[voice] use must name one voice or several, each once.")

    @property
    def may_pass(self) -> bool:
        """True if an online voice is passed over when it does not answer."""
        return len(self.use) > 1 and self.answer_within_s > 0


class CastSettings(Settings, frozen=True):
    """Who says what; "" is the episode's own voice.

    Either another voice, such as "espeak", or options: { pitch = 70 } changes the episode's own
    voice, { name = "gtts", tld = "co.uk" } another one.
    """

    table: ClassVar[str] = "cast"

    narrator: Annotated[str | dict[str, Any], about("All that has no other role.")] = ""
    quote: Annotated[str | dict[str, Any], about("What stands in a quotation of its own.")] = ""
    title: Annotated[str | dict[str, Any], about("The review's title and its headings.")] = ""
    spoiler: Annotated[
        str | dict[str, Any], about("The warning of spoilers, and the spoilers.")
    ] = ""
    list: Annotated[str | dict[str, Any], about("What stands in a list or a table.")] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
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
    voice: Annotated[VoiceChoice, about("Who speaks: reviewcast voices lists them.")] = (
        VoiceChoice()
    )
    cast: CastSettings = CastSettings()
    spoken: Annotated[
        dict[str, bool | str],
        about(
            "How written forms are said. Turn a family off, or add a form of your own below, such"
            ' as "8/10" said as "eight of ten". Names belong into lexicon.toml.'
        ),
    ] = {}
    lexicon: tuple[LexiconEntry, ...] = ()
    split: SplitSettings = SplitSettings()
    synthesize: SynthesizeSettings = SynthesizeSettings()
    stitch: Annotated[
        StitchSettings,
        about(
            'The sounds around the speech: a WAV, FLAC, MP3 or Ogg file in this folder, "default"'
            ' for the one that comes along, "" for none.'
        ),
    ] = StitchSettings()
    master: MasterSettings = MasterSettings()
    encode: EncodeSettings = EncodeSettings()
    feed: FeedSettings = FeedSettings()
    site: SiteSettings = SiteSettings()
    publish: PublishSettings = PublishSettings()
    tell: Annotated[
        TellSettings,
        about(
            "Where a new episode is announced, once, when the feed at its public address names it."
            " Secrets never stand here: the settings name the variables that hold them."
        ),
    ] = TellSettings()
    shelf: ShelfSettings = ShelfSettings()
    collect: CollectSettings = CollectSettings()
    sync: SyncSettings = SyncSettings()
    budget: BudgetSettings = BudgetSettings()
    cache: CacheSettings = CacheSettings()
    folder: Path | None = None
    cache_folder: Path | None = None
    variables: frozenset[tuple[str, str]] = frozenset()
    remarks: tuple[str, ...] = ()


TABLES: dict[str, Any] = {
    field.name: type(field.default)
    for field in structs.fields(Config)
    if isinstance(field.default, Settings)
}
"""The tables that are read as they stand: all but [voice] and [spoken]."""


def refuse_unknown_voice(name: str, where: str) -> None:
    """Raise ConfigError for a voice that is not installed, with the nearest one as the hint."""
    known = list_voices()
    if name not in known:
        hint = suggest(name.lower(), known, otherwise=f"There are: {', '.join(known)}.")
        raise ConfigError(f"{where} names {name!r}, and there is no such voice.", hint=hint)
