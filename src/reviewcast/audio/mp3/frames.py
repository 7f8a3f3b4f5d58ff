"""MP3 frames: encoded by LAME, counted, cut, joined, and introduced by an Info frame.

Blocks are encoded apart and joined by bytes. That is sound because each stream of a fresh
encoder begins with an empty bit reservoir, and because blocks begin and end in digital silence,
so nothing of one block's overlap is heard in the next. How blocks are joined where it is not
silent is told in joins.py.

Sources: ISO/IEC 11172-3 §2.4.1 (frame header), LAME's "Mp3 Info Tag rev 1" (Xing/Info/LAME).
"""

import functools
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from reviewcast.model.errors import SoundError
from reviewcast.settings.schema import EncodeSettings

FRAME_SAMPLES = 1152
"""Samples a channel in a frame of MPEG-1 Layer III."""

DECODER_DELAY = 1105
"""Samples by which what a decoder gives lags behind what LAME was given (576 + 528 + 1)."""

_ENCODER_DELAY = 576

_PADDING = DECODER_DELAY - _ENCODER_DELAY
"""The end padding to declare so that decoders drop nothing at the end: their own 529."""

_BITRATES_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_HZ = (44100, 48000, 32000)
_VBR_MTRH = 4  # LAME's default and best method
_FEWEST_FOLDED = 4096  # bytes: below, a plain loop is quicker than numpy
_NOT_MP3 = "is not an MP3 stream"


def encode_stream(
    pcm: bytes,
    *,
    rate_hz: int,
    channels: int,
    bitrate_kbps: int,
    quality: int,
    vbr_quality: int | None = None,
) -> bytes:
    """Encode interleaved 16 bit PCM by a fresh LAME, to all the frames that it gives.

    After a block that ends in two frames of silence there is one too many, of silence only.

    `vbr_quality`, 0 (best) to 9, makes the bit rate vary; `bitrate_kbps` then says nothing.
    """
    import lameenc

    encoder = lameenc.Encoder()
    encoder.silence()
    if vbr_quality is None:
        encoder.set_bit_rate(bitrate_kbps)
    else:
        encoder.set_vbr(_VBR_MTRH)
        encoder.set_vbr_quality(vbr_quality)
    encoder.set_in_sample_rate(rate_hz)
    encoder.set_out_sample_rate(rate_hz)
    encoder.set_channels(channels)
    encoder.set_quality(quality)
    return bytes(encoder.encode(pcm)) + bytes(encoder.flush())


def level_change_db(bitrate_kbps: int) -> float:
    """Return by how many decibels LAME's CBR presets turn the signal down (measured, ±0.001).

    Its VBR turns nothing down.
    """
    for limit, scale in ((160, 0.95), (192, 0.97), (224, 0.98)):
        if bitrate_kbps <= limit:
            return 20 * math.log10(scale)
    return 0.0


def find_level_change_db(settings: EncodeSettings) -> float:
    """Return by how many dB LAME turns the signal down with these settings."""
    return level_change_db(settings.kbps) if settings.mode == "cbr" else 0.0


def list_bitrates(*, below_kbps: int) -> tuple[int, ...]:
    """List the bit rates of MPEG-1 under one, the highest first."""
    return tuple(kbps for kbps in reversed(_BITRATES_KBPS) if 0 < kbps < below_kbps)


def widen_frame(header: bytes) -> Iterator[bytes]:
    """Return the header of a frame of MPEG-1 anew with each higher bit rate, the lowest first."""
    for index in range((header[2] >> 4) + 1, len(_BITRATES_KBPS)):
        yield header[:2] + bytes((header[2] & 0x0F | index << 4,)) + header[3:]


def find_frames(stream: bytes) -> Iterator[int]:
    """Return the offset of each frame, from the first byte to the last.

    Raise SoundError at a byte that belongs to no whole frame.
    """
    offset = 0
    while offset < len(stream):
        size = measure_frame(stream[offset : offset + 4])
        if offset + size > len(stream):
            raise SoundError(f"The stream {_NOT_MP3}: its last frame is cut off.")
        yield offset
        offset += size


@functools.lru_cache(maxsize=256)
def measure_frame(header: bytes) -> int:
    """Return the size in bytes of the Layer III frame that begins with these four bytes.

    Raise SoundError when no such frame does.
    """
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        raise SoundError(f"The stream {_NOT_MP3}: no frame begins where one should.")
    version = header[1] >> 3 & 3  # 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        raise SoundError(f"The stream {_NOT_MP3}: a frame header has impossible values.")
    padding = header[2] >> 1 & 1
    if version == 3:
        return 144_000 * _BITRATES_KBPS[bitrate] // _RATES_HZ[rate] + padding
    return (
        72_000 * _BITRATES_2_KBPS[bitrate] // (_RATES_HZ[rate] >> (1 if version == 2 else 2))
        + padding
    )


def count_samples(frames: int) -> int:
    """Return the length a decoder reports, in samples a channel, of so many frames."""
    return frames * FRAME_SAMPLES - DECODER_DELAY


def build_info_frame(
    *,
    frames: int,
    size_bytes: int,
    rate_hz: int,
    channels: int,
    bitrate_kbps: int,
    vbr_quality: int | None = None,
    offsets: tuple[int, ...] = (),
    music_crc: int = 0,
) -> bytes:
    """Build the frame that goes before all others and tells decoders the exact length.

    `frames` and `size_bytes` count the audio frames without this one; `music_crc` is the CRC-16
    over them, 0 when it is not known. With a `vbr_quality` it is the Xing frame of a VBR file:
    `bitrate_kbps` is then that of this frame alone. `offsets` are where, in bytes without this
    frame, each hundredth of the time begins; without them the seek table is that of CBR.
    """
    mode = 0b11000000 if channels == 1 else 0b01000000
    mode |= 0b00000100  # "original", as LAME sets it
    rate = _BITRATES_KBPS.index(bitrate_kbps) << 4 | _RATES_HZ.index(rate_hz) << 2
    header = bytes((0xFF, 0xFB, rate, mode))
    size = measure_frame(header)
    total = size + size_bytes
    frame = b"".join(
        (
            header,
            bytes(17 if channels == 1 else 32),  # side information
            b"Info" if vbr_quality is None else b"Xing",
            (0b1111).to_bytes(4, "big"),  # it has frames, bytes, table and quality
            frames.to_bytes(4, "big"),
            total.to_bytes(4, "big"),
            _build_seek_table(size, total, offsets),
            # LAME states -V and -q in one number, the best is 100
            (0 if vbr_quality is None else 100 - 10 * vbr_quality).to_bytes(4, "big"),
            _build_lame_tag(total, channels, bitrate_kbps, vbr_quality, music_crc),
        )
    )
    frame += sum_crc16(frame).to_bytes(2, "big")
    return frame + bytes(size - len(frame))


def _build_seek_table(size: int, total: int, offsets: tuple[int, ...]) -> bytes:
    """Return for each hundredth of the time the byte at which it begins, in 256ths of all."""
    if offsets:
        places = [(size + offset) * 256 / total for offset in offsets]
    else:  # CBR: the byte offset grows in proportion to the time
        places = [percent * 256 / 100 for percent in range(100)]
    # players go to the byte that an entry names: to the nearest is half as far off as rounded down
    return bytes(min(255, round(place)) for place in places)


def _build_lame_tag(
    total: int, channels: int, bitrate_kbps: int, vbr_quality: int | None, music_crc: int
) -> bytes:
    """Return what LAME's tag holds up to its own CRC."""
    if vbr_quality is None:
        # in two channels it is higher for speech than for music, so it is not stated
        lowpass_hz = 0 if channels == 2 else 16000 if bitrate_kbps <= 112 else 17000
        method, preset = 1, 0
    else:
        lowpass_hz = 0  # not stated: it differs with the quality
        method, preset = 4, 500 - 10 * vbr_quality  # V0 is 500
        bitrate_kbps = _BITRATES_KBPS[1]  # the least that frames may have
    return b"".join(
        (
            b"LAME3.100",
            bytes((method,)),  # tag revision 0
            bytes((min(255, lowpass_hz // 100),)),
            bytes(8),  # peak and replay gain: the loudness is in the audio
            bytes((0, min(255, bitrate_kbps))),
            (_ENCODER_DELAY << 12 | _PADDING).to_bytes(3, "big"),
            bytes(2),  # misc, gain
            preset.to_bytes(2, "big"),
            total.to_bytes(4, "big"),
            music_crc.to_bytes(2, "big"),
        )
    )


def sum_crc16(data: bytes) -> int:
    """Return the CRC-16/ARC of bytes, as the LAME tag has it: 50 MB in 0.2 s.

    The sum is linear: pairs of words are folded into one, all at once, until one is left.
    """
    if len(data) < _FEWEST_FOLDED:
        table, crc = _list_crcs(), 0
        for byte in data:
            crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
        return crc
    # zeros before the first byte change nothing
    words = np.frombuffer(data if len(data) % 2 == 0 else b"\0" + data, "<u2")
    level = 0
    while len(words) > 1:
        if len(words) % 2:
            words = np.concatenate([words[:1] * 0, words])
        words = _tabulate_crcs(level)[words[0::2]] ^ words[1::2]
        level += 1
    return int(_tabulate_crcs(0)[words[0]])


def combine_crc16(first: int, second: int, second_bytes: int) -> int:
    """Return the CRC-16/ARC of two stretches of bytes from that of each and the second's size."""
    # first · x^(8 · size) modulo the polynomial, whose bits run from right to left
    factor, power = 0x8000, 0x0080
    while second_bytes:
        if second_bytes & 1:
            factor = _multiply(factor, power)
        power = _multiply(power, power)
        second_bytes >>= 1
    return _multiply(first, factor) ^ second


def _multiply(a: int, b: int) -> int:
    product = 0
    for bit in range(15, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (0xA001 if b & 1 else 0)
    return product


@functools.cache
def _list_crcs() -> tuple[int, ...]:
    """List the CRC of each byte."""
    crcs = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)  # noqa: PLW2901
        crcs.append(crc)
    return tuple(crcs)


@functools.cache
def _tabulate_crcs(level: int) -> NDArray[np.uint16]:
    """Tabulate what becomes of each CRC when 2 ** level words of zeros follow."""
    if level:
        before = _tabulate_crcs(level - 1)
        return before[before]
    table = np.arange(1 << 16, dtype=np.uint16)
    for _ in range(16):
        table = (table >> 1 ^ (table & 1) * 0xA001).astype(np.uint16)
    return table
