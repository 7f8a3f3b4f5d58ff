"""MP3 frames: what is encoded in parts and joined decodes to the sum of its parts."""

import contextlib
import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from mutagen.mp3 import MP3, BitrateMode
from tests.conftest import require_tool
from tests.support.tones import encode_frames, find_offset, make_noise, to_pcm

from reviewcast.audio.mp3.frames import (
    DECODER_DELAY,
    FRAME_SAMPLES,
    build_info_frame,
    combine_crc16,
    count_samples,
    find_frames,
    level_change_db,
    list_bitrates,
    measure_frame,
    sum_crc16,
    widen_frame,
)
from reviewcast.model.errors import SoundError

RATE_HZ = 44_100
MONO_KBPS = (64, 80, 96, 112, 128, 160)
STEREO_KBPS = (112, 128, 160, 192, 224, 256, 320)
FORMATS = [*((1, kbps) for kbps in MONO_KBPS), *((2, kbps) for kbps in STEREO_KBPS)]
TAG = b"ID3\3\0\0\0\0\0\x10TIT2\0\0\0\6\0\0\0Title"  # without any, mp3val warns of that
LEAD, TAIL = FRAME_SAMPLES, 3 * FRAME_SAMPLES


def make_block(seed, *, channels=1, seconds=0.7):
    """Make a block as the stitcher does: noise between digital silence, in whole frames."""
    noise = make_noise(seconds, RATE_HZ, seed=seed)
    frames = -(-(LEAD + len(noise) + TAIL) // FRAME_SAMPLES)
    block = np.zeros((frames * FRAME_SAMPLES, channels), np.float32)
    block[LEAD : LEAD + len(noise), 0] = noise
    if channels == 2:
        block[LEAD : LEAD + len(noise), 1] = 0.5 * make_noise(seconds, RATE_HZ, seed=seed + 99)
    return block


def encode(block, kbps, *, quality=7, vbr_quality=None):
    return encode_frames(
        to_pcm(block),
        rate_hz=RATE_HZ,
        channels=block.shape[1],
        bitrate_kbps=kbps,
        quality=quality,
        vbr_quality=vbr_quality,
    )


def join(streams, *, channels, kbps):
    """Join encoded blocks behind their Info frame, as a file has them."""
    frames = sum(len(list(find_frames(stream))) for stream in streams)
    body = b"".join(streams)
    info = build_info_frame(
        frames=frames,
        size_bytes=len(body),
        rate_hz=RATE_HZ,
        channels=channels,
        bitrate_kbps=kbps,
    )
    return info + body, frames


def decode(data):
    samples, rate_hz = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    assert rate_hz == RATE_HZ
    return samples


def decode_by_ffmpeg(path: Path, channels: int):
    command = [require_tool("ffmpeg"), "-v", "error", "-i", str(path), "-f", "f32le", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    return np.frombuffer(done.stdout, "<f4").reshape(-1, channels)


@pytest.mark.parametrize(("channels", "kbps"), FORMATS)
def test_joined_blocks_last_as_long_as_their_samples(channels, kbps):
    """Three blocks give, decoded, all their samples but the decoder's delay, at every bit rate."""
    blocks = [make_block(seed, channels=channels, seconds=0.3) for seed in range(3)]
    data, frames = join([encode(b, kbps) for b in blocks], channels=channels, kbps=kbps)
    assert frames * FRAME_SAMPLES == sum(map(len, blocks))
    assert decode(data).shape == (count_samples(frames), channels)


@pytest.mark.parametrize(("channels", "kbps"), [(1, 96), (2, 128)])
def test_content_stands_where_it_was_put(channels, kbps):
    """Each block's noise is found in the decoded file at the very sample of the timeline."""
    blocks = [make_block(seed, channels=channels) for seed in range(4)]
    data, _ = join([encode(b, kbps, quality=3) for b in blocks], channels=channels, kbps=kbps)
    decoded = decode(data)[:, 0]
    base = 0
    for seed, block in enumerate(blocks):
        noise = make_noise(0.7, RATE_HZ, seed=seed)
        assert find_offset(decoded, noise) == base + LEAD
        base += len(block)


@pytest.mark.parametrize(("channels", "kbps"), [(1, 64), (1, 96), (2, 128), (2, 320)])
def test_joins_are_silent(channels, kbps):
    """Where two blocks meet, nothing is heard: no click, no rest of the one before."""
    blocks = [make_block(seed, channels=channels) for seed in range(4)]
    data, _ = join([encode(b, kbps) for b in blocks], channels=channels, kbps=kbps)
    decoded = decode(data)
    for at in np.cumsum([len(block) for block in blocks])[:-1]:
        assert np.abs(decoded[at - FRAME_SAMPLES : at + FRAME_SAMPLES // 4]).max() < 1e-4


def test_a_block_sounds_the_same_alone_and_among_others():
    """Decoded in a file, a block has the samples that it has when decoded by itself."""
    blocks = [make_block(seed) for seed in range(3)]
    streams = [encode(block, 96) for block in blocks]
    joined = decode(join(streams, channels=1, kbps=96)[0])
    base = 0
    for stream, block in zip(streams, blocks, strict=True):
        alone = decode(join([stream], channels=1, kbps=96)[0])
        there = joined[base : base + len(alone)]
        np.testing.assert_allclose(there, alone, atol=2e-5)
        base += len(block)


@pytest.mark.parametrize(("channels", "kbps"), FORMATS)
def test_every_reader_agrees_on_the_length(channels, kbps, tmp_path):
    """mutagen, ffprobe and a decoding ffmpeg give the same length, and a constant bit rate."""
    streams = [encode(make_block(s, channels=channels, seconds=0.4), kbps) for s in range(3)]
    data, frames = join(streams, channels=channels, kbps=kbps)
    path = tmp_path / "x.mp3"
    path.write_bytes(data)
    seconds = count_samples(frames) / RATE_HZ
    info = MP3(path).info
    assert info.length == pytest.approx(seconds, abs=0.001)
    assert info.bitrate_mode == BitrateMode.CBR
    assert info.bitrate == pytest.approx(kbps * 1000, rel=0.001)
    assert (info.encoder_info, info.channels) == ("LAME 3.100.0+", channels)
    assert len(decode_by_ffmpeg(path, channels)) == count_samples(frames)
    command = [require_tool("ffprobe"), "-v", "error", "-of", "json", "-show_entries"]
    done = subprocess.run([*command, "format=duration", str(path)], capture_output=True, check=True)
    assert float(json.loads(done.stdout)["format"]["duration"]) == pytest.approx(seconds, abs=0.03)


@pytest.mark.parametrize(("channels", "kbps"), [(1, 96), (2, 128), (2, 320)])
def test_validators_find_nothing(channels, kbps, tmp_path):
    """mp3val has no warning, and mpg123 decodes as many samples as we say."""
    streams = [encode(make_block(s, channels=channels, seconds=0.4), kbps) for s in range(3)]
    data, frames = join(streams, channels=channels, kbps=kbps)
    path, wave = tmp_path / "x.mp3", tmp_path / "x.wav"
    path.write_bytes(TAG + data)
    done = subprocess.run(
        [require_tool("mp3val"), str(path)], capture_output=True, text=True, check=True
    )
    assert "WARNING" not in done.stdout
    assert f"{frames + 1} MPEG frames (MPEG 1 Layer III)" in done.stdout
    done = subprocess.run(
        [require_tool("mpg123"), "-w", str(wave), str(path)], capture_output=True, check=True
    )
    assert b"warning" not in done.stderr.lower()
    assert soundfile.info(wave).frames == count_samples(frames)


def test_readers_agree_on_the_content(tmp_path):
    """Ffmpeg and soundfile give the same samples at the same places."""
    path = tmp_path / "x.mp3"
    streams = [encode(make_block(seed, channels=2), 128) for seed in range(2)]
    path.write_bytes(join(streams, channels=2, kbps=128)[0])
    by_ffmpeg = decode_by_ffmpeg(path, 2)
    np.testing.assert_allclose(decode(path.read_bytes()), by_ffmpeg, atol=1e-4)


@pytest.mark.parametrize(("channels", "kbps"), FORMATS)
def test_level_change_is_what_lame_does(channels, kbps):
    """The stated change of level is within 0.05 dB of the one measured on decoded noise."""
    block = make_block(5, channels=1, seconds=2.0)
    block = np.repeat(block, channels, axis=1)
    decoded = decode(join([encode(block, kbps, quality=3)], channels=channels, kbps=kbps)[0])
    # where the codec keeps everything: the projection on the input, not the energy with its noise
    wanted = block[: len(decoded)]
    change_db = 20 * np.log10((decoded * wanted).sum() / (wanted * wanted).sum())
    assert change_db == pytest.approx(level_change_db(kbps), abs=0.05)


def test_same_samples_give_the_same_bytes():
    """Encoding is repeatable, and no encoder leaves anything to the next."""
    block, other = make_block(1), make_block(2)
    first = encode(block, 96)
    encode(other, 128)
    assert encode(block, 96) == first


@pytest.mark.parametrize("frames", [1, 2, 3, 7])
def test_silence_gives_as_many_frames_as_it_lasts(frames):
    """Even the shortest block comes back in full."""
    stream = encode(np.zeros((frames * FRAME_SAMPLES, 2), np.float32), 128)
    assert len(list(find_frames(stream))) == frames


# --- headers


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("fffb9064", 417),  # MPEG-1, 128 kb/s, 44.1 kHz
        ("fffb9264", 418),  # the same, padded
        ("fffb9464", 384),  # 48 kHz
        ("fffb9864", 576),  # 32 kHz
        ("fffbe0c4", 1044),  # 320 kb/s, one channel
        ("fffa9064", 417),  # with CRC
        ("fff384c4", 192),  # MPEG-2, 64 kb/s, 24 kHz, one channel: Google's
        ("fff380c4", 208),  # 22.05 kHz
        ("fff388c4", 288),  # 16 kHz
        ("ffe384c4", 384),  # MPEG-2.5, 64 kb/s, 12 kHz
        ("ffe388c4", 576),  # 8 kHz
    ],
)
def test_measure_frame(header, size):
    """The size of a frame follows from its header alone, for all three versions."""
    assert measure_frame(bytes.fromhex(header)) == size


@pytest.mark.parametrize(
    "header",
    [
        "",
        "fffb90",
        "49443303",  # ID3
        "fffd9064",  # Layer II
        "ffff9064",  # Layer I
        "fff99064",  # layer 0
        "ffeb9064",  # reserved version
        "fffb0064",  # free format
        "fffbf064",  # bit rate 15
        "fffb9c64",  # rate 3
        "7ffb9064",
    ],
)
def test_measure_frame_refuses(header):
    """What is no Layer III header raises."""
    with pytest.raises(SoundError, match="not an MP3 stream"):
        measure_frame(bytes.fromhex(header))


def test_find_frames_covers_every_byte():
    """The offsets begin at 0 and each frame ends where the next begins."""
    stream = encode(make_block(1), 96)
    offsets = list(find_frames(stream))
    sizes = [measure_frame(stream[offset : offset + 4]) for offset in offsets]
    assert offsets == [0, *np.cumsum(sizes)[:-1]]
    assert sum(sizes) == len(stream)


def test_find_frames_refuses_a_cut_stream_at_every_byte():
    """A stream is whole or refused: only at the end of a frame can a cut not be seen."""
    stream = encode(make_block(1, seconds=0.02), 96)
    ends = {*list(find_frames(stream))[1:], len(stream)}
    for end in range(1, len(stream)):
        if end in ends:
            assert list(find_frames(stream[:end]))
            continue
        with pytest.raises(SoundError):
            list(find_frames(stream[:end]))


def test_find_frames_refuses_what_stands_between_frames():
    """A stray byte before, between or after frames raises."""
    stream = encode(make_block(1, seconds=0.05), 96)
    second = list(find_frames(stream))[1]
    for broken in (b"\0" + stream, stream[:second] + b"\0" + stream[second:], stream + b"\0"):
        with pytest.raises(SoundError):
            list(find_frames(broken))


@given(st.binary(max_size=200))
def test_find_frames_ends_on_any_bytes(data):
    """Any bytes are either frames or a SoundError."""
    with contextlib.suppress(SoundError):
        assert all(0 <= offset < len(data) for offset in find_frames(data))


# --- Info frame


def compute_crc16(data):
    """CRC-16/ARC, written the other way round than the one under test."""
    crc = 0
    for bit in (byte >> i & 1 for byte in data for i in range(8)):
        crc = (crc >> 1) ^ (0xA001 if (crc ^ bit) & 1 else 0)
    return crc


@pytest.mark.parametrize(("channels", "kbps"), FORMATS)
def test_info_frame_fields(channels, kbps):
    """The Info frame is one valid frame that states frames, bytes, delay, padding and its CRC."""
    info = build_info_frame(
        frames=1234, size_bytes=567_890, rate_hz=RATE_HZ, channels=channels, bitrate_kbps=kbps
    )
    assert list(find_frames(info)) == [0]
    at = 4 + (17 if channels == 1 else 32)
    assert info[at : at + 4] == b"Info"
    assert int.from_bytes(info[at + 8 : at + 12], "big") == 1234
    assert int.from_bytes(info[at + 12 : at + 16], "big") == len(info) + 567_890
    table = info[at + 16 : at + 116]
    assert list(table) == sorted(table)
    assert info[at + 120 : at + 129] == b"LAME3.100"
    delay_padding = int.from_bytes(info[at + 141 : at + 144], "big")
    assert (delay_padding >> 12) + (delay_padding & 0xFFF) == DECODER_DELAY
    assert int.from_bytes(info[at + 148 : at + 152], "big") == len(info) + 567_890
    assert int.from_bytes(info[at + 154 : at + 156], "big") == compute_crc16(info[: at + 154])
    assert compute_crc16(b"123456789") == 0xBB3D


def test_info_frame_is_itself_never_heard():
    """A decoder counts the Info frame as metadata: a file of one frame has one frame's samples."""
    stream = encode(np.zeros((3 * FRAME_SAMPLES, 2), np.float32), 128)
    data, frames = join([stream], channels=2, kbps=128)
    assert len(decode(data)) == count_samples(frames) == 3 * FRAME_SAMPLES - DECODER_DELAY


# --- VBR


def join_vbr(blocks, vbr_quality):
    """Join blocks of VBR behind their Xing frame, whose table is by the real offsets."""
    body = b"".join(encode(block, 0, vbr_quality=vbr_quality) for block in blocks)
    places = list(find_frames(body))
    info = build_info_frame(
        frames=len(places),
        size_bytes=len(body),
        rate_hz=RATE_HZ,
        channels=blocks[0].shape[1],
        bitrate_kbps=128,
        vbr_quality=vbr_quality,
        offsets=tuple(places[percent * len(places) // 100] for percent in range(100)),
        music_crc=sum_crc16(body),
    )
    return info + body, places


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("vbr_quality", [0, 2, 4, 9])
def test_vbr_blocks_join_as_cbr_ones_do(channels, vbr_quality, tmp_path):
    """Blocks in silence join by bytes in VBR too, and every reader knows length and kind."""
    blocks = [make_block(seed, channels=channels) for seed in range(4)]
    data, places = join_vbr(blocks, vbr_quality)
    assert len(places) * FRAME_SAMPLES == sum(map(len, blocks))
    assert len({places[i + 1] - places[i] for i in range(len(places) - 1)}) > 2
    decoded = decode(data)
    assert decoded.shape == (count_samples(len(places)), channels)
    base = 0
    for seed, block in enumerate(blocks):
        noise = make_noise(0.7, RATE_HZ, seed=seed)
        assert find_offset(decoded[:, 0], noise) == base + LEAD
        base += len(block)
        if base < len(decoded):
            assert np.abs(decoded[base - FRAME_SAMPLES : base + FRAME_SAMPLES // 4]).max() < 1e-4
    path = tmp_path / "x.mp3"
    path.write_bytes(TAG + data)
    info = MP3(path).info
    assert info.length == pytest.approx(count_samples(len(places)) / RATE_HZ, abs=0.001)
    assert info.bitrate_mode == BitrateMode.VBR
    assert info.encoder_settings == f"-V {vbr_quality}"
    np.testing.assert_allclose(decode_by_ffmpeg(path, channels), decoded, atol=1e-4)
    done = subprocess.run(
        [require_tool("mp3val"), str(path)], capture_output=True, text=True, check=True
    )
    assert "WARNING" not in done.stdout
    assert f"{len(places) + 1} MPEG frames (MPEG 1 Layer III)" in done.stdout


def test_vbr_turns_nothing_down():
    """LAME's VBR leaves the level as it is."""
    block = make_block(5, seconds=2.0)
    decoded = decode(join_vbr([block], 2)[0])
    wanted = block[: len(decoded)]
    change_db = 20 * np.log10((decoded * wanted).sum() / (wanted * wanted).sum())
    assert change_db == pytest.approx(0, abs=0.05)


def test_seek_table_tells_where_the_bytes_are():
    """In a file of which one half is silent, each hundredth of the time is found by the table."""
    silent = np.zeros((100 * FRAME_SAMPLES, 2), np.float32)
    data, places = join_vbr([make_block(1, channels=2, seconds=2.5), silent], 2)
    table = data[4 + 32 + 16 : 4 + 32 + 116]
    first = len(data) - len(encode(silent, 0, vbr_quality=2))
    assert len(data) - first < first
    info_bytes = measure_frame(data[:4])
    for percent, value in enumerate(table):
        true = info_bytes + places[percent * len(places) // 100]
        # the last of 256 steps is the highest that a byte can name
        assert value == 255 or abs(value * len(data) / 256 - true) <= len(data) / 512
    assert table[60] > 200  # the silent half is small


def test_xing_frame_fields():
    """The frame of a VBR file says so, and holds the music's CRC."""
    info = build_info_frame(
        frames=10,
        size_bytes=4000,
        rate_hz=RATE_HZ,
        channels=2,
        bitrate_kbps=128,
        vbr_quality=3,
        music_crc=0xABCD,
    )
    assert info[36:40] == b"Xing"
    assert int.from_bytes(info[36 + 116 : 36 + 120], "big") == 70
    assert info[36 + 129] == 4  # VBR, LAME's newer method
    assert int.from_bytes(info[36 + 146 : 36 + 148], "big") == 470
    assert info[36 + 152 : 36 + 154] == b"\xab\xcd"
    assert int.from_bytes(info[36 + 154 : 36 + 156], "big") == compute_crc16(info[: 36 + 154])


# --- CRC and headers


@pytest.mark.parametrize("size", [0, 1, 2, 4095, 4096, 4097, 8191, 8192, 20_001])
def test_crc_of_any_size(size):
    """Short or long, of an odd size or not, the CRC is the one that is defined."""
    data = np.random.default_rng(size).bytes(size)
    assert sum_crc16(data) == compute_crc16(data)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_crcs_combine(first, second):
    """The CRC of two stretches follows from that of each."""
    both = combine_crc16(sum_crc16(first), sum_crc16(second), len(second))
    assert both == compute_crc16(first + second)


def test_bit_rates_below_and_above():
    """Lower bit rates come the highest first, wider headers the lowest first."""
    assert list_bitrates(below_kbps=64) == (56, 48, 40, 32)
    wider = list(widen_frame(bytes.fromhex("fffb9264")))
    assert [header.hex() for header in wider][:2] == ["fffba264", "fffbb264"]
    assert [measure_frame(header) for header in wider] == [523, 627, 732, 836, 1045]
