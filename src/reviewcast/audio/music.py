"""Music on the timeline: its gain, and what goes round below the words."""

import fnmatch
import math
from collections.abc import Iterator

from msgspec import structs

from reviewcast.audio.files.decode import TURN_AROUND
from reviewcast.audio.levels import (
    EDGE_FADE_MS,
    SPEECH_LUFS,
    Levels,
    cut_levels,
    draw_fade,
    duck,
    join_levels,
)
from reviewcast.audio.mp3.edges import POST_FRAMES, PRE_FRAMES
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.audio.samples import RATE_HZ, to_samples
from reviewcast.model.audio import Block, Piece, Sound, Sounds
from reviewcast.model.events import Notify, Warned
from reviewcast.model.text import Script, ScriptChapter
from reviewcast.settings.schema import Curve, StitchSettings

_MOST_MUSIC_GAIN_DB = 30.0
"""Music is raised by no more: what is softer still is its noise."""

LEAD = FRAME_SAMPLES
"""Silence with which a block begins."""

TAIL = 3 * FRAME_SAMPLES
"""Silence with which it ends at least: the encoder's delay and what it looks ahead."""

_LEAST_MUSIC_S = 3.0

_CUT_FADE_S = 1.5
"""How long music that is cut short fades where no words are: a chord, not a click."""

_TONE_JOIN_S = 0.1
_AUDIBLE_DB = 1.0
_MOST_LOSS_DB, _SILENT_LOSS_DB = 4.0, 20.0  # in mono; channels with nothing in common lose 3 dB


def find_music_gain(sound: Sound, against_db: float) -> float:
    """Return by how many dB music is raised, to lie `against_db` above the speech."""
    return round(min(_find_wanted_gain(sound, against_db), _MOST_MUSIC_GAIN_DB), 3)


def _find_wanted_gain(sound: Sound, against_db: float) -> float:
    return SPEECH_LUFS + 3.0103 + against_db - sound.level_lufs


def warn_of_sounds(sounds: Sounds, settings: StitchSettings, notify: Notify) -> None:
    """Warn of music that hardly anybody would hear: too soft to be raised, or gone in mono."""
    for name, sound, against_db in (
        ("intro", sounds.intro, settings.music_db),
        ("outro", sounds.outro, settings.music_db),
        ("sting", sounds.sting, settings.music_db),
        ("bed", sounds.bed, settings.bed_db),
    ):
        if not sound:
            continue
        what = f"The {name} {getattr(settings, name)}"
        wanted_db = _find_wanted_gain(sound, against_db)
        if wanted_db - _MOST_MUSIC_GAIN_DB >= _AUDIBLE_DB:
            notify(
                Warned(
                    f"{what} is so soft that it stays below its level, even raised by"
                    f" {_MOST_MUSIC_GAIN_DB:.0f} dB. Take a louder file."
                )
            )
        if sound.mono_loss_db >= _SILENT_LOSS_DB:
            notify(
                Warned(
                    f"{what} is silent where both channels are played as one, as on phones and"
                    f" smart speakers: its channels cancel each other out. {TURN_AROUND}"
                )
            )
        elif sound.mono_loss_db >= _MOST_LOSS_DB:
            notify(
                Warned(
                    f"{what} is {sound.mono_loss_db:.0f} dB softer where both channels are played"
                    " as one, as on phones and smart speakers. Narrow it in an audio editor."
                )
            )


def misses_bed(script: Script, settings: StitchSettings) -> bool:
    """True if a bed is wanted, and none of the chapters is one that should have it."""
    chapters = enumerate(script.chapters)
    return bool(settings.bed) and not any(has_bed(n, one, settings) for n, one in chapters)


def has_bed(number: int, chapter: ScriptChapter, settings: StitchSettings) -> bool:
    """True if a chapter, counted from 0, has the bed."""
    title = chapter.title.casefold()
    return not settings.bed_chapters or any(
        _matches(title, wanted.casefold().strip()) or wanted.strip() == str(number + 1)
        for wanted in settings.bed_chapters
    )


def _matches(title: str, wanted: str) -> bool:
    """True if a title is the wanted one, in which only * stands for anything: not [REC]."""
    return fnmatch.fnmatchcase(title, wanted.replace("[", "[[]").replace("?", "[?]"))


def merge_blocks(one: Block, other: Block) -> Block:
    """Make one block of two neighbours: what both hold of their overlap is laid once."""
    pieces = []
    for piece in one.pieces:
        last = piece.at + piece.samples
        if piece.source == "loop" and last > one.samples:
            piece = _crop(piece, 0, one.samples - piece.at)  # noqa: PLW2901
        pieces.append(piece)
    for piece in other.pieces:
        if piece.source == "loop" and piece.at < 0:
            piece = _crop(piece, -piece.at, piece.samples + piece.at)  # noqa: PLW2901
        pieces.append(structs.replace(piece, at=piece.at + one.samples))
    return Block(tuple(pieces), one.samples + other.samples, one.lead, other.trail)


def _crop(piece: Piece, first: int, samples: int) -> Piece:
    """Take a part of a piece that goes round."""
    return structs.replace(
        piece,
        start=piece.start + first,
        end=piece.start + first + samples,
        at=piece.at + first,
        samples=samples,
        levels=cut_levels(piece.levels, first, samples),
    )


class Bed:
    """A bed that sounds: from `start` on, rising; once it is known, to `end`, falling."""

    def __init__(self, sound: Sound, start: int, rise: int) -> None:
        self.sound, self.start, self.rise = sound, start, rise
        self.end = self.fall = 0

    def draw(self, curve: Curve) -> Levels:
        """Return its levels, by samples from its start."""
        rise = draw_fade(0, self.rise, curve=curve, ends=False)
        if not self.end:
            return rise
        return join_levels(
            rise, draw_fade(self.end - self.start, self.fall, curve=curve, ends=True)
        )


def place_sound(
    sound: Sound, at: int, *, first: int, last: int, gain_db: float, levels: Levels
) -> Piece:
    """Return the piece of a sound from one of its samples to another, at a place in a block."""
    return Piece(
        source="sound",
        key=sound.key,
        rate_hz=RATE_HZ,
        start=first,
        end=last,
        at=at,
        samples=last - first,
        gain_db=gain_db,
        fade_in_ms=EDGE_FADE_MS,
        fade_out_ms=EDGE_FADE_MS,
        levels=levels,
    )


def loop(
    sound: Sound, start: int, *, at: int, samples: int, gain_db: float, levels: Levels
) -> Piece:
    """Return a piece of a sound that begins anew whenever it ends; times in samples."""
    start %= sound.samples
    return Piece(
        source="loop",
        key=sound.key,
        rate_hz=RATE_HZ,
        start=start,
        end=start + samples,
        at=at,
        samples=samples,
        gain_db=gain_db,
        fade_in_ms=0,
        fade_out_ms=0,
        levels=levels,
    )


def find_music_limit(settings: StitchSettings, *, speech_s: float) -> int | None:
    """Return how many samples of intro and outro sound alone by so much speech; None for all.

    In whole seconds, so that an edit hardly ever changes the block of the music.
    """
    if settings.music_share == 1:
        return None
    return to_samples(max(_LEAST_MUSIC_S, math.floor(settings.music_share * speech_s)))


def shape_intro(sound: Sound, samples: int, under: int, settings: StitchSettings) -> Levels:
    """Draw how an intro goes down as the words begin, `under` samples before its end."""
    words = samples - under
    attack = max(1, to_samples(settings.duck_attack_s))
    clean = to_samples(0.3 if samples == sound.samples else _CUT_FADE_S)
    return join_levels(
        duck(words - attack, words, settings.duck_db) if under else (),
        _fade(samples, under or clean, settings, ends=True),
    )


def shape_outro(sound: Sound, samples: int, under: int, settings: StitchSettings) -> Levels:
    """Draw how an outro rises as the words end, `under` samples after its beginning."""
    if under:
        release = max(1, min(to_samples(settings.duck_release_s), samples - under))
        return join_levels(
            _fade(samples, under, settings, ends=False),
            duck(under + release, under, settings.duck_db),
        )
    if samples < sound.samples:
        return _fade(samples, to_samples(_CUT_FADE_S), settings, ends=False)
    return ()


def _fade(samples: int, most: int, settings: StitchSettings, *, ends: bool) -> Levels:
    fade = min(most, to_samples(settings.fade_s))
    return draw_fade(samples, fade, curve=settings.fade_curve, ends=ends)


def lay_tone(
    tone: Sound, samples: int, settings: StitchSettings, *, lead: int, trail: int, is_first: bool
) -> Iterator[Piece]:
    """Lay the room tone: told from the block's start, then from its end, joined in between.

    So a block's tone depends on its own length alone, and goes on without a seam: it stands
    at its beginning on every border. `lead` and `trail` are the block's frames of overlap.
    """
    gain_db = find_music_gain(tone, settings.room_tone_db)
    first, last = -lead * FRAME_SAMPLES, samples + trail * FRAME_SAMPLES
    if is_first:
        first = LEAD
    if not trail:
        last = samples - TAIL + FRAME_SAMPLES
    # what a neighbour holds too is left alone
    low = POST_FRAMES * FRAME_SAMPLES if lead else first
    high = samples - PRE_FRAMES * FRAME_SAMPLES if trail else last
    join, middle = min(to_samples(_TONE_JOIN_S), high - low), (low + high) // 2
    if join <= 0:
        return  # the whole is shorter than any of this
    head, tail = middle + join // 2 - first, last - (middle - join // 2)
    rise = _fade(head, to_samples(0.5), settings, ends=False) if is_first else ()
    fall = () if trail else _fade(tail, to_samples(0.5), settings, ends=True)
    out = draw_fade(head, join, curve="power", ends=True)
    into = draw_fade(tail, join, curve="power", ends=False)
    for start, at, length, levels in (
        (first, first, head, join_levels(rise, out)),
        (last - tail - samples, last - tail, tail, join_levels(into, fall)),
    ):
        yield loop(tone, start, at=at, samples=length, gain_db=gain_db, levels=levels)
