"""The values of sound: takes, blocks, timeline, loudness, encoded audio."""

from typing import Literal

from msgspec import Struct

IS_SILENT, IS_QUICK = "is silent", "is far too quick"
"""What a take may be doubted for; the doubt of two checks is told once."""


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
    """A chapter, the sample at which it starts, its image's address as written, and its link."""

    title: str
    start: int
    image: str = ""
    link: str = ""


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


class Sounds(Struct, frozen=True):
    """The opened sounds; None for those that are not wanted. `bed` and `tone` go round.

    `shrinks` names what may be cut short before a short review: the music that comes along, which
    is made for it. A file of the user's own may hold words, and is never cut.
    """

    intro: Sound | None = None
    outro: Sound | None = None
    sting: Sound | None = None
    bed: Sound | None = None
    tone: Sound | None = None
    shrinks: tuple[Literal["intro", "outro"], ...] = ()

    def list_all(self) -> list[Sound]:
        """Return those that there are."""
        every = (self.intro, self.outro, self.sting, self.bed, self.tone)
        return [sound for sound in every if sound]
