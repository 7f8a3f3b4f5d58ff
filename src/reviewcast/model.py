"""The plain values that flow from a review to an episode.

All are frozen. Units stand in the names; positions in audio are counts of samples a channel,
at the rate that the value names, so that no rounding ever adds up.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

Role = Literal["narrator", "quote", "title", "list", "spoiler"]


EpisodeKind = Literal["full", "trailer", "bonus"]


class Span(Struct, frozen=True):
    """Where a text stands: characters `start` to `end` of one paragraph.

    Paragraph -1 is the section's heading; section -1 is the review's title.
    """

    section: int
    paragraph: int
    start: int
    end: int


class Omission(Struct, frozen=True):
    """A part of the review that will not be spoken, and why.

    `span` tells where it stands when the script left it out, not the reader.
    """

    text: str
    reason: str
    span: Span | None = None


class Paragraph(Struct, frozen=True):
    """A run of text without markup or line breaks, spoken in one role.

    `emphasis` are the characters, from and to, that were set in italics: often a work's title.
    `links` are those that led somewhere, and where.
    """

    text: str
    role: Role = "narrator"
    emphasis: tuple[tuple[int, int], ...] = ()
    links: tuple[tuple[int, int, str], ...] = ()


class Section(Struct, frozen=True):
    """A heading, or none, and what stands below it."""

    heading: str | None
    paragraphs: tuple[Paragraph, ...]


class Document(Struct, frozen=True):
    """What a reader finds in a file: its metadata as it is written there, and its text.

    `metadata` has lower-case keys and string values, `origins` tells of each key that does not
    come from front matter where it stood. `title` is the one that stands in the text. `markup` is
    all of the source that no reader of the review sees: link targets, tags, names of shortcodes.
    `notes` are remarks for the writer on what had to be guessed. `script` is there when the file
    is an edited script.
    """

    sections: tuple[Section, ...]
    title: str = ""
    metadata: dict[str, str] = {}
    origins: dict[str, str] = {}
    omissions: tuple[Omission, ...] = ()
    markup: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    script: "Script | None" = None


class Review(Struct, frozen=True, kw_only=True):
    """A review with all that is known of it.

    `origins` tells for each field that has a value where it came from, for example
    `{"title": "front matter"}`; `unknown` are the keys of front matter that nothing was made of.
    `language` is a BCP 47 tag; `date` is `YYYY-MM-DD` or "". `notes` are remarks for the writer on
    what had to be guessed. `script` is there when the review came as an edited script.
    """

    title: str
    slug: str
    sections: tuple[Section, ...]
    language: str = "en"
    subject: str = ""
    author: str = ""
    rating: str = ""
    date: str = ""
    image: str = ""
    description: str = ""
    link: str = ""
    """Where the review can be read: an http or https address."""
    track: int | None = None
    season: int = 0
    kind: EpisodeKind = "full"
    explicit: bool = False
    draft: bool = False
    omissions: tuple[Omission, ...] = ()
    origins: dict[str, str] = {}
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    script: "Script | None" = None


class Change(Struct, frozen=True):
    """What was written at `start` to `end` of the text, what is said for it, and by which rule.

    `ipa` is how a lexicon says it, for voices that take that.
    """

    start: int
    end: int
    written: str
    spoken: str
    rule: str
    ipa: str = ""


class Segment(Struct, frozen=True, kw_only=True):
    """What a voice says in one breath: `text` as written, `spoken` as said.

    `chapter` is an index into the script's chapters; `pause_s` is the silence after it. `changes`
    tell how what is said differs from what is written. Section -2 of the `span` stands for what
    the script itself adds: opening, closing, warnings. `voice` says it in place of the episode's
    own when it is not "", and `recording` names a file that stands for the speech.
    """

    index: int
    chapter: int
    role: Role
    text: str
    spoken: str
    pause_s: float
    span: Span
    changes: tuple[Change, ...] = ()
    voice: str = ""
    recording: str = ""


class ScriptChapter(Struct, frozen=True):
    """A chapter's title, and whether the writer set it as a heading."""

    title: str
    written: bool


class Script(Struct, frozen=True, kw_only=True):
    """The whole narration in order, and what is left out of it."""

    title: str
    language: str
    chapters: tuple[ScriptChapter, ...]
    segments: tuple[Segment, ...]
    omissions: tuple[Omission, ...] = ()


class Take(Struct, frozen=True):
    """Speech from a voice: 16 bit little-endian mono PCM.

    A voice that knows when its words begin tells so in `marks`: for each the character of the
    text at which it begins, and the sample.
    """

    pcm: bytes
    rate_hz: int
    marks: tuple[tuple[int, int], ...] = ()


class TakeFigures(Struct, frozen=True, kw_only=True):
    """What was measured of a take, at the take's own rate.

    Speech stands in samples `start` to `end`. `level_lufs` is its gated loudness and
    `energies_lufs` its momentary loudness every 100 ms, as one channel (ITU-R BS.1770). `pauses`
    are its silences, from and to: those at both ends, and of 60 ms and more between; `marks` are
    the voice's own.
    """

    rate_hz: int
    samples: int
    start: int
    end: int
    level_lufs: float
    energies_lufs: tuple[float, ...]
    pauses: tuple[tuple[int, int], ...]
    marks: tuple[tuple[int, int], ...] = ()


class StoredTake(Struct, frozen=True):
    """A take in the store, by its key."""

    key: str
    figures: TakeFigures


class Sound(Struct, frozen=True, kw_only=True):
    """A piece of music that was opened: its PCM is 44.1 kHz stereo, `key` hashes its file.

    `pcm` is interleaved 16 bit little-endian.
    """

    key: str
    samples: int
    level_lufs: float
    energies_lufs: tuple[float, ...]
    pcm: bytes


class Piece(Struct, frozen=True, kw_only=True):
    """A stretch of a take or a sound, placed in a block.

    `start` and `end` count samples of the source at its own rate; `at` is the position in the
    block and `samples` the length there, both at 44.1 kHz. Fades are in milliseconds.
    """

    source: Literal["take", "sound"]
    key: str
    rate_hz: int
    start: int
    end: int
    at: int
    samples: int
    gain_db: float
    fade_in_ms: int
    fade_out_ms: int


class Block(Struct, frozen=True):
    """Pieces that are mixed and encoded as one, between digital silence.

    `samples` is a whole number of MP3 frames of 1,152 samples.
    """

    pieces: tuple[Piece, ...]
    samples: int


class Chapter(Struct, frozen=True):
    """A chapter and the sample at which it starts."""

    title: str
    start: int


class Cue(Struct, frozen=True):
    """A segment's speech on the timeline, in samples.

    `pauses` are the silences in it and at its ends, from and to; `marks` are the characters of
    what is said at which words begin, and where, when the voice told.
    """

    segment: int
    start: int
    end: int
    pauses: tuple[tuple[int, int], ...] = ()
    marks: tuple[tuple[int, int], ...] = ()


class Timeline(Struct, frozen=True, kw_only=True):
    """The whole episode as blocks, none of them rendered yet."""

    rate_hz: int
    blocks: tuple[Block, ...]
    chapters: tuple[Chapter, ...]
    cues: tuple[Cue, ...]
    energies_lufs: tuple[float, ...]


class Gain(Struct, frozen=True):
    """How the timeline reaches its loudness: one static gain, then a ceiling for true peaks."""

    gain_db: float
    ceiling_dbtp: float


class Loudness(Struct, frozen=True):
    """Integrated loudness and true peak (ITU-R BS.1770-4), measured on the finished audio."""

    integrated_lufs: float
    true_peak_dbtp: float


class BlockFigures(Struct, frozen=True, kw_only=True):
    """What was measured of a block's decoded MP3 frames.

    `energies_lufs` is the momentary loudness every 100 ms; `true_peak_dbtp` is over all channels.
    """

    frames: int
    energies_lufs: tuple[float, ...]
    true_peak_dbtp: float


class EncodedBlock(Struct, frozen=True, kw_only=True):
    """A block's MP3 frames in the store; `reused` when they were there before this run."""

    key: str
    size_bytes: int
    figures: BlockFigures
    reused: bool


class EncodedAudio(Struct, frozen=True, kw_only=True):
    """A whole episode as encoded blocks in order, with what was measured of them."""

    rate_hz: int
    bitrate_kbps: int
    channels: int
    blocks: tuple[EncodedBlock, ...]
    samples: int
    loudness: Loudness

    @property
    def frames(self) -> int:
        """MP3 frames in all, without the Info frame."""
        return sum(block.figures.frames for block in self.blocks)

    @property
    def size_bytes(self) -> int:
        """Bytes of all frames, without the Info frame."""
        return sum(block.size_bytes for block in self.blocks)


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


class EpisodeChapter(Struct, frozen=True):
    """A chapter as listeners see it."""

    title: str
    start_s: float


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
    season: int = 0
    kind: EpisodeKind = "full"
    author: str = ""
    subject: str = ""
    rating: str = ""
    date: str = ""
    description: str = ""
    link: str = ""
    draft: bool = False
    explicit: bool = False
    companions: dict[str, str] = {}
    soundbite: tuple[float, float] = (0.0, 0.0)
    source: str = ""
    """The review's file, from the show's folder."""
    source_sha256: str = ""


class Episode(EpisodeRecord, frozen=True, kw_only=True):
    """A finished episode: what was written and measured.

    `segments` counts the script's segments, of which `voiced` were spoken by this run and
    `reused` came from the store; likewise `blocks` and `blocks_reused`.
    """

    segments: int
    voiced: int
    reused: int
    blocks: int
    blocks_reused: int
    cues: tuple[EpisodeCue, ...]
    omitted: tuple[Omission, ...] = ()


class RetiredFile(Struct, frozen=True):
    """A published file that nothing names any more, and since when (UTC)."""

    name: str
    since: datetime


class Publication(Struct, frozen=True, kw_only=True):
    """What the public was promised of an episode, once and for ever, and what lies published.

    `published` is in UTC; in the future it is when the episode will be there. `released` tells
    that it was there once: from then on the date stays. `files` are the
    published names by kind, `retired` those of before, until a grace period is over.
    """

    guid: str
    published: datetime
    withdrawn: bool = False
    released: bool = False
    files: dict[str, str] = {}
    retired: tuple[RetiredFile, ...] = ()


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
    author: str = ""
    subject: str = ""
    rating: str = ""
    soundbite: tuple[float, float] = (0.0, 0.0)
    """Start and length of a stretch that stands for the episode; (0, 0) for none."""
    synthetic: bool = True
    """A synthetic voice speaks."""
