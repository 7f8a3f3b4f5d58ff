"""The plain values that flow from a review to an episode.

All are frozen. Units stand in the names; positions in audio are counts of samples a channel,
at the rate that the value names, so that no rounding ever adds up.
"""

from typing import Literal

from msgspec import Struct

Role = Literal["narrator", "quote", "title", "list", "spoiler"]


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
    """

    text: str
    role: Role = "narrator"
    emphasis: tuple[tuple[int, int], ...] = ()


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
    `{"title": "front matter"}`. `language` is a BCP 47 tag; `date` is `YYYY-MM-DD` or "". `notes`
    are remarks for the writer on what had to be guessed. `script` is there when the review came as
    an edited script.
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
    track: int | None = None
    omissions: tuple[Omission, ...] = ()
    origins: dict[str, str] = {}
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
    the script itself adds: opening, closing, warnings.
    """

    index: int
    chapter: int
    role: Role
    text: str
    spoken: str
    pause_s: float
    span: Span
    changes: tuple[Change, ...] = ()


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
    """Speech from a voice: 16 bit little-endian mono PCM."""

    pcm: bytes
    rate_hz: int


class TakeFigures(Struct, frozen=True, kw_only=True):
    """What was measured of a take, at the take's own rate.

    Speech stands in samples `start` to `end`. `level_lufs` is its gated loudness and
    `energies_lufs` its momentary loudness every 100 ms, as one channel (ITU-R BS.1770).
    """

    rate_hz: int
    samples: int
    start: int
    end: int
    level_lufs: float
    energies_lufs: tuple[float, ...]


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
    """A segment's speech on the timeline, in samples."""

    segment: int
    start: int
    end: int


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


class Episode(Struct, frozen=True, kw_only=True):
    """A finished episode: what was written and measured, and all that a feed will need.

    `segments` counts the script's segments, of which `voiced` were spoken by this run and
    `reused` came from the store; likewise `blocks` and `blocks_reused`.
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
    segments: int
    voiced: int
    reused: int
    blocks: int
    blocks_reused: int
    chapters: tuple[EpisodeChapter, ...]
    cues: tuple[EpisodeCue, ...]
    track: int = 1
    author: str = ""
    subject: str = ""
    rating: str = ""
    date: str = ""
    description: str = ""
    omitted: tuple[Omission, ...] = ()
