"""MP3 frames: encoded by LAME, counted, cut, joined, and introduced by an Info frame.

Blocks are encoded apart and joined by bytes. That is sound because each stream of a fresh
encoder begins with an empty bit reservoir, and because blocks begin and end in digital silence,
so nothing of one block's overlap is heard in the next.

Sources: ISO/IEC 11172-3 §2.4.1 (frame header), LAME's "Mp3 Info Tag rev 1" (Xing/Info/LAME).
"""

from collections.abc import Iterator

from reviewcast.errors import SoundError

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
_NOT_MP3 = "is not an MP3 stream"


def encode_frames(
    pcm: bytes, *, rate_hz: int, channels: int, bitrate_kbps: int, quality: int
) -> bytes:
    """Encode interleaved 16 bit PCM to CBR frames by a fresh LAME.

    `pcm` is a whole number of frames long and ends in at least two frames of silence; exactly as
    many frames come back, so a block takes as long in the file as on the timeline. The flush
    frame that LAME adds holds silence only and is left out.
    """
    import lameenc

    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(bitrate_kbps)
    encoder.set_in_sample_rate(rate_hz)
    encoder.set_out_sample_rate(rate_hz)
    encoder.set_channels(channels)
    encoder.set_quality(quality)
    stream = bytes(encoder.encode(pcm)) + bytes(encoder.flush())
    wanted = len(pcm) // (2 * channels * FRAME_SAMPLES)
    starts = list(find_frames(stream))
    if len(starts) < wanted:
        raise SoundError(f"The MP3 encoder gave {len(starts)} frames where {wanted} were due.")
    return stream[: starts[wanted]] if len(starts) > wanted else stream


def level_change_db(bitrate_kbps: int) -> float:
    """Tell by how many decibels LAME's CBR presets turn the signal down (measured, ±0.01)."""
    for limit, change in ((160, -0.445), (192, -0.265), (224, -0.175)):
        if bitrate_kbps <= limit:
            return change
    return 0.0


def find_frames(stream: bytes) -> Iterator[int]:
    """Give the offset of each frame, from the first byte to the last.

    Raises SoundError at a byte that belongs to no whole frame.
    """
    offset = 0
    while offset < len(stream):
        size = measure_frame(stream[offset : offset + 4])
        if offset + size > len(stream):
            raise SoundError(f"The stream {_NOT_MP3}: its last frame is cut off.")
        yield offset
        offset += size


def measure_frame(header: bytes) -> int:
    """Give the size in bytes of the Layer III frame that begins with these four bytes.

    Raises SoundError when no such frame does.
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
    """Give the length a decoder reports, in samples a channel, of so many frames."""
    return frames * FRAME_SAMPLES - DECODER_DELAY


def build_info_frame(
    *, frames: int, size_bytes: int, rate_hz: int, channels: int, bitrate_kbps: int
) -> bytes:
    """Build the frame that goes before all others and tells decoders the exact length.

    `frames` and `size_bytes` count the audio frames without this one.
    """
    mode = 0b11000000 if channels == 1 else 0b01000000
    header = bytes(
        (
            0xFF,
            0xFB,  # MPEG-1 Layer III, no CRC
            _BITRATES_KBPS.index(bitrate_kbps) << 4 | _RATES_HZ.index(rate_hz) << 2,
            mode | 0b00000100,  # "original", as LAME sets it
        )
    )
    size = measure_frame(header)
    side_info = 17 if channels == 1 else 32
    total = size + size_bytes
    # CBR: the byte offset grows in proportion to the time
    seek_table = bytes(min(255, percent * 256 // 100) for percent in range(100))
    lame = b"".join(
        (
            b"LAME3.100",
            bytes((0x01,)),  # tag revision 0, CBR
            bytes((min(255, (16000 if bitrate_kbps <= 112 else 17000) // 100),)),  # lowpass
            bytes(8),  # peak and replay gain: the loudness is in the audio
            bytes((0, min(255, bitrate_kbps))),
            (_ENCODER_DELAY << 12 | _PADDING).to_bytes(3, "big"),
            bytes(4),  # misc, gain, preset
            total.to_bytes(4, "big"),
            bytes(2),  # CRC of the music: not known without a pass over it, which nothing reads
        )
    )
    frame = b"".join(
        (
            header,
            bytes(side_info),
            b"Info",
            (0b1111).to_bytes(4, "big"),  # it has frames, bytes, table and quality
            frames.to_bytes(4, "big"),
            total.to_bytes(4, "big"),
            seek_table,
            bytes(4),  # quality: not stated
            lame,
        )
    )
    frame += _sum_crc16(frame).to_bytes(2, "big")
    return frame + bytes(size - len(frame))


def _sum_crc16(data: bytes) -> int:
    """CRC-16/ARC, which the LAME tag has over all that stands before it."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
