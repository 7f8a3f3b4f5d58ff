"""Takes become blocks on a timeline, between intro and outro."""

from msgspec import Struct

from reviewcast.errors import ConfigError
from reviewcast.loudness import SILENCE_LUFS
from reviewcast.model import Block, Chapter, Cue, Piece, Script, Sound, StoredTake, Timeline
from reviewcast.mp3 import FRAME_SAMPLES
from reviewcast.sound import RATE_HZ, scale_length, to_stereo_lufs

_LEAD = FRAME_SAMPLES
"""Silence with which a block begins."""
_TAIL = 3 * FRAME_SAMPLES
"""Silence with which it ends at least: the encoder's delay and what it looks ahead."""
_CUT_PAUSE_S = 0.25
_SPEECH_LUFS = -24.0
"""Where every take is set before the master's gain: loud enough for 16 bits, no peak clips."""
_MOST_GAIN_DB = 30.0
_EDGE_FADE_MS = 5


class StitchSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The sounds around the speech: "default", a file, or "" for none."""

    intro: str = "default"
    outro: str = "default"
    sting: str = "default"
    intro_under_s: float = 1.5
    """The intro fades under this much of the first words; 0 ends it cleanly before them."""
    outro_under_s: float = 1.0
    """The outro rises under this much of the last words; 0 begins it cleanly after them."""
    gap_s: float = 0.5
    """The silence between music and speech where they do not overlap."""
    music_db: float = -3.0
    """How loud the music is against the speech."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("intro_under_s", 0, 60),
            ("outro_under_s", 0, 60),
            ("gap_s", 0, 3),
            ("music_db", -40, 12),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"[stitch] {name} must be from {low} to {high}.")


class Sounds(Struct, frozen=True):
    """The opened sounds; None for those that are not wanted."""

    intro: Sound | None = None
    outro: Sound | None = None
    sting: Sound | None = None


def stitch_takes(
    script: Script,
    takes: tuple[StoredTake, ...],
    sounds: Sounds,
    settings: StitchSettings,
    *,
    goes_on: bool = False,
) -> Timeline:
    """Place the takes, trimmed and at one level, with their pauses and the music.

    Blocks are cut wherever a pause is long enough and no music sounds, so each depends on its
    own pieces alone. All positions are exact counts of samples. When the script `goes_on` after
    its last segment, the pause there is kept: so a part of a script has the blocks of the whole.
    """
    layer = _Layer(settings)
    if sounds.intro:
        layer.open_with(sounds.intro)
    chapter, pause_s = -1, 0.0
    for segment, take in zip(script.segments, takes, strict=True):
        layer.wait(pause_s)
        if segment.chapter != chapter:
            chapter = segment.chapter
            opening = script.chapters[chapter]
            # the first segment of all has no music before it but the intro
            has_sting = opening.written and segment.index > 0
            layer.begin_chapter(opening.title, sounds.sting if has_sting else None)
        layer.say(segment.index, take)
        pause_s = segment.pause_s
    if goes_on:
        layer.wait(pause_s)
    elif sounds.outro:
        layer.close_with(sounds.outro)
    return layer.finish()


class _Layer:
    """The block that is being laid, and those that are done."""

    def __init__(self, settings: StitchSettings) -> None:
        self._settings = settings
        self._blocks: list[Block] = []
        self._chapters: list[Chapter] = []
        self._cues: list[Cue] = []
        self._energies: list[float] = []
        self._base = 0  # samples of all blocks that are done
        self._pieces: list[Piece] = []
        self._at = _LEAD  # where the next piece begins in this block
        self._sounding = 0  # where the last music of this block ends

    def open_with(self, sound: Sound) -> None:
        under = min(_to_samples(self._settings.intro_under_s), sound.samples // 2)
        self._place_sound(sound, fade_out=under or _to_samples(0.3))
        self._at = (
            self._sounding - under if under else self._sounding + _to_samples(self._settings.gap_s)
        )

    def close_with(self, sound: Sound) -> None:
        last = self._cues[-1]
        spoken = last.end - last.start
        under = min(_to_samples(self._settings.outro_under_s), sound.samples // 2, spoken)
        self._at = last.end - self._base
        self._at += -under if under else _to_samples(self._settings.gap_s)
        self._place_sound(sound, fade_in=under)

    def begin_chapter(self, title: str, sting: Sound | None) -> None:
        if sting:
            self._chapters.append(Chapter(title, self._base + self._at))
            self._place_sound(sting)
            self._at = self._sounding
            self.wait(self._settings.gap_s)
        else:
            self._chapters.append(Chapter(title, self._base + self._at if self._chapters else 0))

    def say(self, index: int, take: StoredTake) -> None:
        figures = take.figures
        gain_db = max(-_MOST_GAIN_DB, min(_MOST_GAIN_DB, _SPEECH_LUFS - figures.level_lufs))
        length = scale_length(figures.end - figures.start, figures.rate_hz, RATE_HZ)
        self._pieces.append(
            Piece(
                source="take",
                key=take.key,
                rate_hz=figures.rate_hz,
                start=figures.start,
                end=figures.end,
                at=self._at,
                samples=length,
                gain_db=round(gain_db, 3),
                fade_in_ms=_EDGE_FADE_MS,
                fade_out_ms=_EDGE_FADE_MS,
            )
        )
        self._energies += [value + gain_db for value in to_stereo_lufs(figures.energies_lufs)]
        start = self._base + self._at

        def place(sample: int) -> int:
            inside = max(0, min(sample, figures.end) - figures.start)
            return start + scale_length(inside, figures.rate_hz, RATE_HZ)

        self._cues.append(
            Cue(
                index,
                start,
                start + length,
                tuple((place(first), place(last)) for first, last in figures.pauses),
                tuple((at, place(sample)) for at, sample in figures.marks),
            )
        )
        self._at += length

    def wait(self, pause_s: float) -> None:
        """Be silent so long; cut the block here when the pause has room for two ends."""
        samples = _to_samples(pause_s)
        after = self._at + samples
        if samples >= _to_samples(_CUT_PAUSE_S) and self._sounding + _TAIL + _LEAD <= after:
            self._close(after - _LEAD)
        else:
            self._at = after

    def finish(self) -> Timeline:
        if self._pieces:
            self._close(max(self._at, self._sounding) + _TAIL)
        return Timeline(
            rate_hz=RATE_HZ,
            blocks=tuple(self._blocks),
            chapters=tuple(self._chapters),
            cues=tuple(self._cues),
            energies_lufs=tuple(value for value in self._energies if value > SILENCE_LUFS),
        )

    def _place_sound(self, sound: Sound, *, fade_in: int = 0, fade_out: int = 0) -> None:
        gain_db = round(_SPEECH_LUFS + 3.0103 + self._settings.music_db - sound.level_lufs, 3)
        self._pieces.append(
            Piece(
                source="sound",
                key=sound.key,
                rate_hz=RATE_HZ,
                start=0,
                end=sound.samples,
                at=self._at,
                samples=sound.samples,
                gain_db=gain_db,
                fade_in_ms=max(_EDGE_FADE_MS, fade_in * 1000 // RATE_HZ),
                fade_out_ms=max(_EDGE_FADE_MS, fade_out * 1000 // RATE_HZ),
            )
        )
        self._energies += [value + gain_db for value in sound.energies_lufs]
        self._sounding = self._at + sound.samples

    def _close(self, end: int) -> None:
        frames = max(
            -(-(self._at + _TAIL) // FRAME_SAMPLES), (end + FRAME_SAMPLES // 2) // FRAME_SAMPLES
        )
        block = Block(tuple(self._pieces), frames * FRAME_SAMPLES)
        self._blocks.append(block)
        self._base += block.samples
        self._pieces, self._at, self._sounding = [], _LEAD, 0


def _to_samples(seconds: float) -> int:
    return round(seconds * RATE_HZ)
