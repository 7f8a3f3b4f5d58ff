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
    """A heading, or none, and what stands below it.

    `images` are addresses as they are written, each with how many paragraphs stand before it.
    """

    heading: str | None
    paragraphs: tuple[Paragraph, ...]
    images: tuple[tuple[int, str], ...] = ()


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
    """A chapter's title, whether the writer set it as a heading, and its image's address."""

    title: str
    written: bool
    image: str = ""


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
    text at which it begins, and the sample. A voice that is a service says in `doubts` what makes
    a reply look less than whole, such as "breaks off": the text is then asked for again, and what
    the service says twice alike is kept, with a warning.
    """

    pcm: bytes
    rate_hz: int
    marks: tuple[tuple[int, int], ...] = ()
    doubts: tuple[str, ...] = ()


class TakeFigures(Struct, frozen=True, kw_only=True):
    """What was measured of a take, at the take's own rate.

    Speech stands in samples `start` to `end`. `level_lufs` is its gated loudness and
    `energies` its momentary loudness every 100 ms, as one channel (ITU-R BS.1770), packed by
    `pack_lufs`. `pauses` are its silences, from and to: those at both ends, and of 60 ms and more
    between; `marks` are the voice's own.
    """

    rate_hz: int
    samples: int
    start: int
    end: int
    level_lufs: float
    energies: bytes
    pauses: tuple[tuple[int, int], ...]
    marks: tuple[tuple[int, int], ...] = ()


class StoredTake(Struct, frozen=True):
    """A take in the store, by its key; `digest` tells it from others that stood under that key."""

    key: str
    figures: TakeFigures
    digest: str = ""


class Sound(Struct, frozen=True, kw_only=True):
    """A piece of music that was opened: its PCM is 44.1 kHz stereo, `key` hashes that.

    `pcm` is interleaved 16 bit little-endian. `energies` is its momentary loudness every 100 ms,
    packed by `pack_lufs`. `mono_loss_db` is how much softer it is where both channels are one.
    """

    key: str
    samples: int
    level_lufs: float
    energies: bytes
    pcm: bytes
    mono_loss_db: float = 0.0


class Piece(Struct, frozen=True, kw_only=True):
    """A stretch of a take or a sound, placed in a block.

    `start` and `end` count samples of the source at its own rate; `at` is the position in the
    block and `samples` the length there, both at 44.1 kHz. A "loop" is a sound that goes round:
    its piece may begin anywhere in it and be longer. Fades are in milliseconds. `levels` are
    points of a curve on top of `gain_db`: the sample from the piece's start, and the level in dB.
    """

    source: Literal["take", "sound", "loop"]
    key: str
    rate_hz: int
    start: int
    end: int
    at: int
    samples: int
    gain_db: float
    fade_in_ms: int
    fade_out_ms: int
    levels: tuple[tuple[int, float], ...] = ()
    digest: str = ""
    """Of a take: what it is, where its key tells how it was made."""


class Block(Struct, frozen=True):
    """Pieces that are mixed and encoded as one.

    `samples` is a whole number of MP3 frames of 1,152 samples. Before and after it is digital
    silence, or where music goes on, `lead` and `trail` frames of what sounds there: these are
    encoded with it and dropped, and pieces reach into them.
    """

    pieces: tuple[Piece, ...]
    samples: int
    lead: int = 0
    trail: int = 0


class Chapter(Struct, frozen=True):
    """A chapter, the sample at which it starts, and the address of its image as it is written."""

    title: str
    start: int
    image: str = ""


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
    """The whole episode as blocks, none of them rendered yet.

    `energies` is its momentary loudness every 100 ms, from what was measured of takes and sounds,
    packed by `pack_lufs`. `expected_lufs` is how loud it was expected to become when its first
    minute of speech was laid; None when it is shorter. `beds` are the stretches, from and to, in
    which a bed sounds at its full level.
    """

    rate_hz: int
    blocks: tuple[Block, ...]
    chapters: tuple[Chapter, ...]
    cues: tuple[Cue, ...]
    energies: bytes
    expected_lufs: float | None = None
    beds: tuple[tuple[int, int], ...] = ()


class Gain(Struct, frozen=True):
    """How the timeline reaches its loudness: one static gain, then a ceiling for true peaks."""

    gain_db: float
    ceiling_dbtp: float


class Loudness(Struct, frozen=True):
    """What was measured on the finished audio.

    Integrated loudness and true peak (ITU-R BS.1770-4), the loudness range in LU (EBU Tech 3342),
    and how much louder the speech is than the bed in its pauses, None without one.
    """

    integrated_lufs: float
    true_peak_dbtp: float
    range_lu: float = 0.0
    speech_to_bed_db: float | None = None


class FrameStart(Struct, frozen=True):
    """A way to begin a block that goes on from sound before it.

    `head` are the bytes that it needs at the end of what stands before it, `frame` its first frame.
    """

    head: bytes
    frame: bytes


class FrameFigures(Struct, frozen=True, kw_only=True):
    """What joining needs to know of a block's MP3 frames, so that these need not be read.

    `crc` is the CRC-16 over them, `offsets` are those of every 16th. `starts`, the best first,
    are empty when a block begins with nothing before it. `room` counts the bytes at its end that
    are free for the next one's head, and `ends` are the sizes of the last frames, in which they
    are. `opens` and `closes` are the window types of its first and last granule, a channel each.
    """

    frames: int
    size_bytes: int
    crc: int
    offsets: tuple[int, ...]
    starts: tuple[FrameStart, ...] = ()
    room: int = 0
    ends: tuple[int, ...] = ()
    opens: tuple[int, ...] = ()
    closes: tuple[int, ...] = ()


class BlockFigures(Struct, frozen=True, kw_only=True):
    """What was measured of a block's decoded MP3 frames, and how they are joined.

    `energies` is the momentary loudness every 100 ms, packed by `pack_lufs`; `true_peak_dbtp` is
    over all channels.
    `peaks` are the largest samples, a byte a frame, 255 for full scale. Before it was encoded, the
    block's own true peaks were held under `limit_dbtp`.
    """

    joint: FrameFigures
    energies: bytes
    true_peak_dbtp: float
    peaks: bytes
    limit_dbtp: float

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.joint.frames


class EncodedBlock(Struct, frozen=True, kw_only=True):
    """A block's MP3 frames in the store; `reused` when they were there before this run.

    `block` is what they were made of.
    """

    key: str
    block: Block
    size_bytes: int
    figures: BlockFigures
    reused: bool


class EncodedAudio(Struct, frozen=True, kw_only=True):
    """A whole episode as encoded blocks in order, with what was measured of them.

    `bitrate_kbps` is its average when `vbr_quality` is not None. `energies` is its momentary
    loudness every 100 ms, packed by `pack_lufs`; `gain_db` is that of the master.
    """

    rate_hz: int
    bitrate_kbps: int
    channels: int
    vbr_quality: int | None = None
    blocks: tuple[EncodedBlock, ...]
    samples: int
    loudness: Loudness
    energies: bytes = b""
    gain_db: float = 0.0

    @property
    def frames(self) -> int:
        """MP3 frames in all, without the Info frame."""
        return sum(block.figures.frames for block in self.blocks)


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


class EpisodeChapter(Struct, frozen=True, omit_defaults=True):
    """A chapter as listeners see it.

    `image` is the suffix of its picture among the files beside the MP3, in a Release the name that
    it is published under; "" when it has none.
    """

    title: str
    start_s: float
    image: str = ""


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
    cues: tuple[EpisodeCue, ...]
    omitted: tuple[Omission, ...] = ()
    voiced_segments: tuple[int, ...] = ()
    voices: dict[str, int] = {}
    recordings: int = 0
    rate_hz: int = 0
    channels: int = 0
    bitrate_kbps: int = 0
    files: dict[str, str] = {}


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
