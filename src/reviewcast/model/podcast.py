"""The values of a podcast: episode, release, feed."""

from datetime import datetime

from msgspec import Struct

from reviewcast.model.audio import Loudness
from reviewcast.model.disclosure import SYNTHETIC, Speaker
from reviewcast.model.text import EpisodeKind, Omission, Role

FEED = "feed.xml"
"""The name of a show's feed below its URL."""


class EpisodeChapter(Struct, frozen=True, omit_defaults=True):
    """A chapter as listeners see it.

    `image` is the suffix of its picture among the files beside the MP3, in a Release the name that
    it is published under; "" when it has none. `link` is where its review can be read.
    """

    title: str
    start_s: float
    image: str = ""
    link: str = ""


class EpisodeCue(Struct, frozen=True):
    """A segment as spoken, from `start_s` to `end_s` of the finished audio."""

    start_s: float
    end_s: float
    role: Role
    text: str


class EpisodeRecord(Struct, frozen=True, kw_only=True):
    """What episode.json tells of a finished episode, as far as a feed needs it.

    `path` is the MP3's; in the file it is its name, beside episode.json. `date` is YYYY-MM-DD or
    "". `voice` is "" for a human one, as of an adopted episode. `companions` are the SHA-256 of the
    files beside the MP3, by suffix. `soundbite` is where a stretch that stands for the episode
    starts, and its length, in seconds.
    """

    slug: str
    title: str
    path: str
    size_bytes: int
    duration_s: float
    sha256: str
    voice: str
    language: str
    loudness: Loudness
    chapters: tuple[EpisodeChapter, ...]
    track: int = 1
    own_track: bool = False
    """The review itself tells its number: it goes before the one that was published."""
    season: int = 0
    kind: EpisodeKind = "full"
    author: str = ""
    subject: str = ""
    rating: str = ""
    date: str = ""
    description: str = ""
    link: str = ""
    social: tuple[str, ...] = ()
    draft: bool = False
    explicit: bool = False
    companions: dict[str, str] = {}
    soundbite: tuple[float, float] = (0.0, 0.0)
    source: str = ""
    """The review's file, from the show's folder."""
    source_sha256: str = ""
    members: dict[str, str] = {}
    """Of a round-up: the files of its reviews, from the show's folder, and their SHA-256."""
    same_as: tuple[str, ...] = ()
    """The pages of the reviewed work in databases."""
    speakers: tuple[Speaker, ...] = ()
    """Who is heard; () in records of before, where `voice` alone tells of a synthetic one."""

    def list_speakers(self) -> tuple[Speaker, ...]:
        """Return who is heard, () when it is not known; a voice that was named is synthetic."""
        return self.speakers or (SYNTHETIC if self.voice else ())


class Episode(EpisodeRecord, frozen=True, kw_only=True):
    """A finished episode, built or imported: what was written, and what is said in it."""

    cues: tuple[EpisodeCue, ...]
    omitted: tuple[Omission, ...] = ()


class SpokenFigures(Struct, frozen=True, kw_only=True):
    """What one voice said in an episode, from which later builds are estimated.

    `setup` stands for all that decides how it sounds: its options, the language, its speed. Of its
    `characters`, of which a Chinese or Japanese one counts as several, `heard_s` seconds were
    heard, without the silence around them. `voiced` of them were spoken by this run, in `texts`
    that differ, whose takes have `take_bytes` in the cache. `chars_per_s` is what the voice itself
    says of its speed on a core, 0 for one that is online.
    """

    voice: str
    setup: str
    chars_per_s: float
    characters: int
    heard_s: float
    voiced: int
    texts: int
    take_bytes: int


class BuildFigures(Struct, frozen=True, kw_only=True):
    """What was counted and measured of a run that built an episode.

    `segments` counts the script's segments, of which `voiced` were spoken by this run and
    `reused` came from the store; likewise `blocks` and `blocks_reused`. `voiced_segments` are the
    indexes of the former. `voices` tells how many segments each voice says, `recordings` how many
    are own recordings. `bitrate_kbps` is the average where it varies. `files` are those that were
    written beside the MP3 on request, by what they are.
    """

    segments: int
    voiced: int
    reused: int
    blocks: int
    blocks_reused: int
    voiced_segments: tuple[int, ...]
    voices: dict[str, int]
    recordings: int
    rate_hz: int
    channels: int
    bitrate_kbps: int
    files: dict[str, str] = {}
    speech: tuple[SpokenFigures, ...] = ()
    block_bytes: int = 0
    encoded_s: float = 0.0


class RetiredFile(Struct, frozen=True):
    """A published file that nothing names any more, and since when (UTC)."""

    name: str
    since: datetime


class Publication(Struct, frozen=True, kw_only=True):
    """What the public was promised of an episode, once and for ever, and what lies published.

    `published` is in UTC; in the future it is when the episode will be there. `released` tells
    that it was there once: from then on the date stays, and whatever the clock says, so does the
    episode. `number` is the episode's in the feed, 0 for none, None in records from before it was
    kept. `files` are the published names by kind, `retired` those of before, until a grace period
    is over.
    """

    guid: str
    published: datetime
    number: int | None = None
    withdrawn: bool = False
    released: bool = False
    files: dict[str, str] = {}
    retired: tuple[RetiredFile, ...] = ()

    @property
    def was_public(self) -> bool:
        """True if subscribers have or had it; records of older versions tell by their files."""
        return self.released or bool(self.files)


class ShowPublication(Struct, frozen=True, kw_only=True):
    """The same of the show: its podcast:guid, and the files that all pages share, by name."""

    guid: str
    files: dict[str, str] = {}
    retired: tuple[RetiredFile, ...] = ()


class Release(Struct, frozen=True, kw_only=True):
    """An episode as the public sees it: what a feed's item and a page are made of.

    `published` is in UTC. Names of files are paths below the show's URL, in ASCII and
    percent-encoded where a URL needs that; "" for what there is not. `notes` is clean HTML,
    `description` plain text. Sizes are bytes, times seconds of decoded audio.
    """

    slug: str
    guid: str
    title: str
    published: datetime
    audio: str
    size_bytes: int
    duration_s: float
    page: str = ""
    vtt: str = ""
    srt: str = ""
    transcript: str = ""
    chapters_file: str = ""
    image: str = ""
    chapters: tuple[EpisodeChapter, ...] = ()
    number: int = 0
    season: int = 0
    kind: EpisodeKind = "full"
    explicit: bool = False
    language: str = ""
    description: str = ""
    notes: str = ""
    link: str = ""
    """The written review."""
    social: tuple[str, ...] = ()
    """Posts under which it is talked about."""
    author: str = ""
    subject: str = ""
    rating: str = ""
    soundbite: tuple[float, float] = (0.0, 0.0)
    """Start and length of a stretch that stands for the episode; (0, 0) for none."""
    same_as: tuple[str, ...] = ()
    """The pages of the reviewed work in databases."""
    speakers: tuple[Speaker, ...] = SYNTHETIC
    """Who is heard, each once; () when it is not known."""
    opus: str = ""
    """A smaller encoding of the same, in `opus_bytes` at `opus_kbps`."""
    opus_bytes: int = 0
    opus_kbps: int = 0
