#!/usr/bin/env python3
"""Speak a review and encode its episode apart from all else, and print the CPU seconds of each.

The segments are those of the build, spoken one after another by the same voice; the encoder gets
the finished episode's samples in one stream with the build's parameters. A long episode is
encoded by every so manieth minute, and the time scaled.
"""

import json
import sys
import time

import lameenc
import soundfile

from reviewcast.catalogue import open_review
from reviewcast.config import make_voice
from reviewcast.pipeline import write_script
from reviewcast.stages.encode import EncodeSettings

MINUTES = 15  # of audio that are encoded at most


def measure_speaking(review: str) -> float:
    """Speak every segment of a review; give the CPU seconds."""
    source, config = open_review(review, voice="espeak")
    script, voice = write_script(source, config), make_voice(config, "espeak")
    before = time.process_time()
    for segment in script.segments:
        voice.speak(segment.spoken, language=script.language)
    return time.process_time() - before


def measure_encoding(episode: str, settings: EncodeSettings) -> float:
    """Encode the samples of an MP3 again; give the CPU seconds without those of decoding."""
    spent = encoded = 0.0
    with soundfile.SoundFile(episode) as file:
        minute = 60 * file.samplerate
        every = max(1, -(-file.frames // (minute * MINUTES)))
        encoder = lameenc.Encoder()
        encoder.silence()
        encoder.set_bit_rate(settings.kbps)
        encoder.set_in_sample_rate(file.samplerate)
        encoder.set_channels(file.channels)
        encoder.set_quality(settings.quality)
        for start in range(0, file.frames, minute * every):
            file.seek(start)
            pcm = file.read(minute, dtype="int16").tobytes()
            before = time.process_time()
            encoder.encode(pcm)
            spent += time.process_time() - before
            encoded += len(pcm) / (2 * file.channels)
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
