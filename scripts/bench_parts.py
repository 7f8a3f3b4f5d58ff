#!/usr/bin/env python3
"""Speak a review and encode its episode apart from all else, and print the CPU seconds of each.

The segments are those of the build, spoken one after another by the same voice; the encoder gets
the finished episode's samples with the build's parameters. Of a long episode every so manieth
stretch is encoded, and the time scaled.
"""

import functools
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import lameenc
import soundfile

from reviewcast.catalogue import open_review
from reviewcast.config import make_voice
from reviewcast.scripting import write_script
from reviewcast.stages.encode import EncodeSettings
from reviewcast.workers import count_cores

MINUTES = 15  # of audio that are encoded at most
STRETCH_S = 20


def measure_speaking(review: str) -> float:
    """Speak every segment of a review; give the CPU seconds."""
    source, config = open_review(review, voice="espeak")
    _, script = write_script(source, config)
    voice = make_voice(config, "espeak")
    before = time.process_time()
    for segment in script.segments:
        voice.speak(segment.spoken, language=script.language)
    return time.process_time() - before


def encode_piece(settings: EncodeSettings, rate_hz: int, channels: int, pcm: bytes) -> None:
    """Encode a stretch of samples as the build does, and throw the frames away."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(settings.kbps)
    encoder.set_in_sample_rate(rate_hz)
    encoder.set_channels(channels)
    encoder.set_quality(settings.quality)
    encoder.encode(pcm)


def measure_encoding(episode: str, settings: EncodeSettings) -> float:
    """Encode the samples of an MP3 again; give the CPU seconds without those of decoding.

    As many threads as the build has work at once: two cores that share their parts take more
    seconds each than one alone, and a build is not to be blamed for that.
    """
    with soundfile.SoundFile(episode) as file:
        stretch = STRETCH_S * file.samplerate
        every = max(1, -(-file.frames // (60 * MINUTES * file.samplerate)))
        spent = encoded = 0.0
        threads = settings.threads or count_cores()
        starts = list(range(0, file.frames, stretch * every))
        with ThreadPoolExecutor(threads) as pool:
            for first in range(0, len(starts), threads):
                pieces = []
                for start in starts[first : first + threads]:
                    file.seek(start)
                    pieces.append(file.read(stretch, dtype="int16").tobytes())
                encode = functools.partial(encode_piece, settings, file.samplerate, file.channels)
                before = time.process_time()
                list(pool.map(encode, pieces))
                spent += time.process_time() - before
                encoded += sum(map(len, pieces)) / (2 * file.channels)
        return float(spent * file.frames / encoded)


def main() -> None:
    """Print both figures for the review and the MP3 that are named."""
    review, episode = sys.argv[1:]
    figures = {
        "speaking_cpu_s": measure_speaking(review),
        "encoding_cpu_s": measure_encoding(episode, EncodeSettings()),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
