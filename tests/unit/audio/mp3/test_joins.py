"""Joins in the midst of sound: the seams of blocks are no louder than the codec's own noise."""

import io
import subprocess
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.conftest import require_tool
from tests.support.budget import FULL_SWEEP, count_examples
from tests.support.tones import make_noise, to_pcm

from reviewcast.audio.mp3.edges import (
    FEWEST_FRAMES,
    POST_FRAMES,
    PRE_FRAMES,
    EncodedFrames,
    encode_block,
)
from reviewcast.audio.mp3.frames import (
    DECODER_DELAY,
    FRAME_SAMPLES,
    build_info_frame,
    count_samples,
    encode_stream,
    find_frames,
    sum_crc16,
)
from reviewcast.audio.mp3.joins import can_join, join_blocks, measure_joined
from reviewcast.model.audio import FrameFigures, FrameStart
from reviewcast.model.errors import SoundError

RATE_HZ = 44_100
CBR = [*((1, kbps, None) for kbps in (64, 80, 96, 112, 128, 160))]
CBR += [(2, kbps, None) for kbps in (112, 128, 160, 192, 224, 256, 320)]
VBR = [(channels, 128, quality) for channels in (1, 2) for quality in (2, 4, 9)]
SOME = [(1, 96, None), (2, 128, None), (2, 320, None), (2, 128, 4)]
TAG = b"ID3\3\0\0\0\0\0\x10TIT2\0\0\0\6\0\0\0Title"  # without any, mp3val warns of that


def make_sound(kind, frames, channels, *, seed=0):
    """Make a continuous sound: at no place is it silent."""
    count = frames * FRAME_SAMPLES
    random = np.random.default_rng(seed)
    at = np.arange(count) / RATE_HZ
    if kind == "music":  # plucked chords
        sound = np.zeros((count, 2))
        for hz in (110, 164.8, 220, 277.2, 440, 1318.5):
            decay = np.exp(-3 * ((at + random.random()) % 0.6))
            wave = np.sin(2 * np.pi * hz * at + random.random())
            sound += (decay * wave)[:, None] * random.uniform(0.03, 0.1, 2)
    elif kind == "room":
        sound = 0.002 * random.normal(size=(count, 2))
    elif kind == "noise":
        sound = 0.2 * random.normal(size=(count, 2))
    elif kind == "steady":
        sound = np.stack([np.sin(2 * np.pi * hz * at) for hz in (440, 443)], axis=1) * 0.4
    elif kind == "clicks":
        sound = 0.003 * random.normal(size=(count, 2))
        for place in random.integers(0, count - 64, frames // 3):
            sound[place : place + 40] += random.uniform(-0.7, 0.7, (40, 2))
    else:  # words over a room, with pauses
        sound = 0.002 * random.normal(size=(count, 2))
        words = make_noise(frames * FRAME_SAMPLES / RATE_HZ, RATE_HZ, seed=seed)[:count]
        sound[: len(words)] += (words * (np.sin(2 * np.pi * 0.9 * at) > 0)[: len(words)])[:, None]
    sound = np.clip(sound, -0.99, 0.99).astype(np.float32)
    return sound if channels == 2 else sound[:, :1].copy()


def encode_parts(sound, cuts, form, *, pre=PRE_FRAMES, **options):
    """Encode the blocks between the cuts, each with what is around it."""
    total = len(sound) // FRAME_SAMPLES
    blocks = []
    for first, last in pairwise((0, *cuts, total)):
        before, after = (
            (pre if first else 0),
            (min(POST_FRAMES, total - last) if last < total else 0),
        )
        part = sound[(first - before) * FRAME_SAMPLES : (last + after) * FRAME_SAMPLES]
        blocks.append(
            encode_block(
                to_pcm(part),
                rate_hz=RATE_HZ,
                channels=form[0],
                bitrate_kbps=form[1],
                vbr_quality=form[2],
                quality=7,
                pre_frames=before,
                post_frames=after,
                **options,
            )
        )
    return blocks


def join(blocks):
    return b"".join(join_blocks((block.figures, block.frames) for block in blocks))


def make_file(stream, form, *, joined=None):
    info = build_info_frame(
        frames=len(list(find_frames(stream))),
        size_bytes=len(stream),
        rate_hz=RATE_HZ,
        channels=form[0],
        bitrate_kbps=form[1],
        vbr_quality=form[2],
        offsets=joined.offsets if joined and form[2] is not None else (),
        music_crc=joined.music_crc if joined else 0,
    )
    return info + stream


def decode(data):
    return soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)[0]


def encode_whole(sound, form):
    """Encode a sound in one pass, without the frames that LAME adds."""
    stream = encode_stream(
        to_pcm(sound),
        rate_hz=RATE_HZ,
        channels=form[0],
        bitrate_kbps=form[1],
        vbr_quality=form[2],
        quality=7,
    )
    return stream[: [*find_frames(stream), len(stream)][len(sound) // FRAME_SAMPLES]]


def measure_errors(stream, sound, form):
    """Measure, frame by frame, the error of decoded frames against what was encoded, and steps.

    A frame here is where frames of the stream begin as heard. LAME's change of level is no error.
    """
    decoded = decode(make_file(stream, form))
    assert len(decoded) == len(sound) - DECODER_DELAY
    wanted = sound[: len(decoded)]
    level = float((decoded * wanted).sum() / (wanted * wanted).sum())
    error = decoded - level * wanted
    start = FRAME_SAMPLES - DECODER_DELAY
    rows = (len(decoded) - start) // FRAME_SAMPLES

    def cut(values):
        return values[start : start + rows * FRAME_SAMPLES].reshape(rows, -1)

    steps = np.diff(decoded, axis=0, prepend=decoded[:1])
    # row 0 is the second frame
    powers = np.concatenate([[0.0], (cut(error) ** 2).mean(axis=1)])
    return powers, np.concatenate([[0.0], np.abs(cut(steps)).max(axis=1)])


def check_joins(stream, sound, cuts, form, *, over_db=2.0):
    """Hold the frames at the joins to those of a single pass.

    No error is larger by `over_db` than the largest that a single pass makes anywhere: what that
    had saved for an onset, a join has not. In the middle they are the same; nor are steps larger.
    """
    errors, steps = measure_errors(stream, sound, form)
    single_errors, single_steps = measure_errors(encode_whole(sound, form), sound, form)
    # the overlap of a join is heard in the first frame after it and, by filters, around it
    seams = [row for cut in cuts for row in (cut - 1, cut) if 2 <= row < len(errors)]
    floor = 1e-9  # 16 bit PCM has 0.8e-10
    assert errors[seams].max() <= single_errors[2:].max() * 10 ** (over_db / 10) + floor
    ratios = (errors[seams] + floor) / (single_errors[seams] + floor)
    assert np.median(ratios) < 10**0.15
    assert steps[seams].max() <= single_steps.max() * 1.1 + 1e-3


def list_cuts(frames, *, seed=0):
    random = np.random.default_rng(seed)
    cuts = [PRE_FRAMES]
    while cuts[-1] < frames - 30:
        cuts.append(cuts[-1] + int(random.integers(FEWEST_FRAMES, 25)))
    return cuts


KINDS = ("music", "room", "noise", "steady", "clicks", "words")


@pytest.mark.parametrize("form", [*CBR, *VBR], ids=str)
def test_joins_are_not_heard(form):
    """At every bit rate, joins wherever they fall make no more error than a single pass does.

    Each form has half of the sounds, but for a full sweep.
    """
    half = [*CBR, *VBR].index(form) % 2
    for seed, kind in enumerate(KINDS):
        if seed % 2 != half and not FULL_SWEEP:
            continue
        sound = make_sound(kind, 150, form[0], seed=seed)
        cuts = list_cuts(150, seed=seed)
        blocks = encode_parts(sound, cuts, form)
        assert all(can_join(a.figures, b.figures) for a, b in pairwise(blocks))
        check_joins(join(blocks), sound, cuts, form)


@settings(max_examples=count_examples(12), deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(KINDS),
    form=st.sampled_from(SOME),
    seed=st.integers(0, 999),
    lengths=st.lists(st.integers(FEWEST_FRAMES, 9), min_size=1, max_size=8),
)
def test_joins_are_not_heard_anywhere(kind, form, seed, lengths):
    """Any sound, cut into blocks of two frames and more, is joined without a trace."""
    cuts = [PRE_FRAMES + sum(lengths[:index]) for index in range(len(lengths) + 1)]
    sound = make_sound(kind, cuts[-1] + 60, form[0], seed=seed)
    blocks = encode_parts(sound, cuts, form)
    assert all(can_join(a.figures, b.figures) for a, b in pairwise(blocks))
    stream = join(blocks)
    assert len(list(find_frames(stream))) == cuts[-1] + 60
    # a join amid an onset, every few frames, is starved of bits: coarser, never torn
    check_joins(stream, sound, cuts, form, over_db=10)


@pytest.mark.parametrize("form", [(1, 96, None), (2, 128, None), (2, 128, 4)], ids=str)
def test_what_joins_need_is_needed(form):
    """With heads that are zero, or with too little before a block, the proof above fails."""
    sound = make_sound("music", 150, form[0])
    cuts = [40, 75, 110]
    blocks = encode_parts(sound, cuts, form)
    check_joins(join(blocks), sound, cuts, form)
    broken = [
        (
            structs.replace(
                block.figures,
                starts=tuple(FrameStart(bytes(len(s.head)), s.frame) for s in block.figures.starts),
            ),
            block.frames,
        )
        for block in blocks
    ]
    for stream in (
        b"".join(join_blocks(broken)),
        b"".join(block.frames for block in blocks),
        join(encode_parts(sound, cuts, form, pre=0)),
    ):
        with pytest.raises(AssertionError):
            check_joins(stream, sound, cuts, form, over_db=10)


def check_decoders(blocks, form, folder):
    """Hold four decoders and a validator to one result; return the decoded samples."""
    joined = measure_joined(block.figures for block in blocks)
    data = make_file(join(blocks), form, joined=joined)
    decoded = decode(data)
    assert len(decoded) == count_samples(joined.frames)
    path = folder / "x.mp3"
    path.write_bytes(TAG + data)
    for program, arguments in (
        ("ffmpeg", ["-v", "warning", "-i", str(path), "-c:a", "pcm_s16le"]),
        ("mpg123", ["-q", "-w"]),
        ("lame", ["--quiet", "--decode"]),
    ):
        wave = str(folder / f"{program}.wav")
        last = {"mpg123": [wave, str(path)], "lame": [str(path), wave]}.get(program, [wave])
        command = [require_tool(program), *arguments, *last]
        done = subprocess.run(command, capture_output=True, check=True)
        assert done.stderr == b"", program
        samples = soundfile.read(wave, dtype="float32", always_2d=True)[0]
        assert samples.shape == decoded.shape, program
        np.testing.assert_allclose(samples, decoded, atol=1e-4, err_msg=program)
    done = subprocess.run(
        [require_tool("mp3val"), str(path)], capture_output=True, text=True, check=True
    )
    assert "WARNING" not in done.stdout
    assert f"{joined.frames + 1} MPEG frames (MPEG 1 Layer III)" in done.stdout


@pytest.mark.parametrize("form", SOME, ids=str)
def test_decoders_agree(form, tmp_path):
    """FFmpeg, mpg123 and lame decode what soundfile does, to the sample; none complains."""
    sound = make_sound("words", 200, form[0])
    check_decoders(encode_parts(sound, list_cuts(200), form), form, tmp_path)


def test_a_larger_frame_is_the_last_way_out(tmp_path):
    """Where no thinner first frame helps, CBR takes one larger frame, which all decoders read."""
    form = (2, 128, None)
    sound = make_sound("words", 60, 2, seed=5)
    first, second = encode_parts(sound, [30], form, most_thinner=0)
    assert not second.figures.starts[-1].head
    tight = EncodedFrames(first.frames, structs.replace(first.figures, room=0), first.heard)
    stream = join([tight, second])
    assert len(stream) > len(first.frames) + len(second.frames)
    check_joins(stream, sound, [30], form)
    check_decoders([tight, second], form, tmp_path)


@pytest.mark.parametrize("form", [*CBR, *VBR], ids=str)
def test_figures_tell_what_joining_gives(form):
    """Size, frames, CRC and seek table follow from the blocks' figures alone."""
    sound = make_sound("words", 120, form[0], seed=3)
    blocks = encode_parts(sound, list_cuts(120, seed=3), form)
    stream = join(blocks)
    joined = measure_joined(block.figures for block in blocks)
    assert joined.size_bytes == len(stream)
    assert joined.music_crc == sum_crc16(stream)
    places = list(find_frames(stream))
    assert joined.frames == len(places) == 120
    assert all(block.figures.crc == sum_crc16(block.frames) for block in blocks)
    assert len(joined.offsets) == 100
    for percent, offset in enumerate(joined.offsets):
        at = percent * 120 // 100
        assert places[max(0, at - 4)] <= offset <= places[min(119, at + 5)]


def test_the_crc_of_every_start_is_right():
    """Whichever start a block takes, the figures tell the bytes that come out."""
    for form in ((2, 128, None), (1, 64, None), (2, 128, 6)):
        sound = make_sound("words", 60, form[0], seed=5)
        first, second = encode_parts(sound, [30], form)
        assert second.figures.starts
        heads = [len(start.head) for start in second.figures.starts]
        assert heads == sorted(heads, reverse=True)
        assert heads[-1] == 0
        for head in [head for head in heads if head <= first.figures.room]:
            small = structs.replace(first.figures, room=head)
            stream = b"".join(join_blocks([(small, first.frames), (second.figures, second.frames)]))
            joined = measure_joined([small, second.figures])
            assert (joined.size_bytes, joined.music_crc) == (len(stream), sum_crc16(stream))
            check_joins_loosely(stream, sound, form)


def check_joins_loosely(stream, sound, form):
    """Nothing is torn: a thinner first frame may be coarser, not wrong."""
    errors, _ = measure_errors(stream, sound, form)
    single, _ = measure_errors(encode_whole(sound, form), sound, form)
    assert errors.max() < single.max() * 10 + 1e-9


@pytest.mark.parametrize("form", SOME, ids=str)
def test_blocks_in_silence_are_what_they_were(form):
    """Without frames before and after it, a block has the frames that LAME gives, but the last."""
    sound = make_sound("words", 30, form[0])
    sound[:FRAME_SAMPLES] = sound[-3 * FRAME_SAMPLES :] = 0
    (block,) = encode_parts(sound, [], form)
    assert block.frames == block.heard[: len(block.frames)]
    lame = encode_stream(
        to_pcm(sound),
        rate_hz=RATE_HZ,
        channels=form[0],
        bitrate_kbps=form[1],
        quality=7,
        vbr_quality=form[2],
    )
    assert lame.startswith(block.frames)
    assert len(list(find_frames(lame))) == len(list(find_frames(block.frames))) + 1 == 31
    assert (block.figures.starts, block.figures.room, block.figures.ends) == ((), 0, ())
    assert join([block, block, block]) == block.frames * 3


def test_a_block_that_begins_a_file_finds_no_room():
    """A block from the midst of a sound can also stand first: it takes a start that needs none."""
    sound = make_sound("music", 60, 2)
    block = encode_parts(sound, [30], (2, 128, None))[1]
    assert can_join(None, block.figures)
    stream = join([block])
    assert len(stream) == len(block.frames)
    assert stream != block.frames
    assert len(decode(make_file(stream, (2, 128, None)))) == count_samples(30)


def test_what_cannot_be_joined_is_told():
    """Too little room raises, and windows that do not overlap as they must are noticed."""
    first, second = (b.figures for b in encode_parts(make_sound("music", 60, 2), [30], SOME[1]))
    assert can_join(first, second)
    stubborn = structs.replace(second, starts=second.starts[:1])
    assert not can_join(structs.replace(first, room=0), stubborn)
    for give in (measure_joined, lambda blocks: list(join_blocks((b, b"") for b in blocks))):
        with pytest.raises(SoundError, match="cannot be joined"):
            give([structs.replace(first, room=0), stubborn])
    for closes, opens, fits in ((0, 0, True), (0, 1, True), (1, 0, False), (1, 2, True)):
        pair = [
            structs.replace(first, closes=(closes, 0)),
            structs.replace(second, opens=(opens, 0)),
        ]
        assert can_join(*pair) is fits


def test_what_cannot_be_encoded_is_refused():
    """One frame before a block is too few, and one frame is no block."""
    for pre, frames in ((1, 10), (PRE_FRAMES, PRE_FRAMES + 1)):
        with pytest.raises(ValueError, match="frames"):
            encode_block(
                bytes(2 * FRAME_SAMPLES * frames),
                rate_hz=RATE_HZ,
                channels=1,
                bitrate_kbps=96,
                quality=7,
                pre_frames=pre,
            )


def test_joining_holds_one_block_at_a_time():
    """A block is given out as soon as the next is known."""
    blocks = encode_parts(make_sound("room", 90, 1), [20, 40, 60], (1, 96, None))
    taken = []

    def give():
        for block in blocks:
            taken.append(block)
            yield block.figures, block.frames

    joined = join_blocks(give())
    for count in range(2, len(blocks) + 1):
        next(joined)
        assert len(taken) == count
    assert len(list(joined)) == 1
    assert list(join_blocks([])) == []
    assert measure_joined([]).offsets == ()


def test_same_samples_give_the_same_block():
    """Encoding is repeatable, the other starts included."""
    sound = make_sound("words", 60, 2)
    assert encode_parts(sound, [30], SOME[1]) == encode_parts(sound, [30], SOME[1])


def test_frame_figures_of_nothing():
    """Figures need no more than the counts for a block in silence."""
    figures = FrameFigures(frames=2, size_bytes=10, crc=0, offsets=(0,))
    assert can_join(None, figures)
    assert can_join(figures, figures)
