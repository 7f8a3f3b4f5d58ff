#!/usr/bin/env python3
"""Speak a review and encode its blocks apart from all else, and print the CPU seconds of each.

The same voice speaks in as many processes as in the build whose cache is named. Each block's very
samples are rendered while no clock runs, then encoded from as many threads: by LAME alone, at the
rate, channels, bit rate and quality of the build. What is left out is the rest of a build: reading,
starting processes, mixing, limiting, decoding, measuring, storing.
"""

import functools
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, repeat
from pathlib import Path

import numpy as np

from reviewcast.audio.files.sounds import open_sounds
from reviewcast.audio.limiter import limit_peaks
from reviewcast.audio.mix import quantise, render_block
from reviewcast.audio.mp3.frames import encode_stream
from reviewcast.audio.samples import RATE_HZ
from reviewcast.episode.produce import produce
from reviewcast.jobs.shows import open_review
from reviewcast.model.protocols import Voice
from reviewcast.model.text import Script
from reviewcast.settings.run import Run
from reviewcast.settings.schema import EncodeSettings
from reviewcast.speech.fallback import choose_narration
from reviewcast.speech.narration import Narration
from reviewcast.speech.workers import open_pool
from reviewcast.system.cache import Cache
from reviewcast.system.programs import count_cores
from reviewcast.text.draft import read_draft

AT_ONCE = 32  # blocks that are held in memory


def speak(voice: Voice, text: str, language: str) -> float:
    """Speak one text, in a worker; return the CPU seconds."""
    before = time.process_time()
    voice.speak(text, language=language)
    return time.process_time() - before


def measure_speaking(script: Script, voice: Voice) -> float:
    """Speak every text of a script once; return the CPU seconds."""
    texts = dict.fromkeys(segment.spoken for segment in script.segments)
    with open_pool(voice, characters=sum(map(len, texts))) as pool:
        return sum(pool.map(functools.partial(speak, voice, language=script.language), texts))


def render_blocks(narration: Narration, run: Run) -> Iterator[bytes]:
    """Return the samples that LAME was given of each block that a build encoded."""
    sounds, config, cache = open_sounds(run.settings), run.settings, run.cache
    audio = produce(narration, sounds, run).audio
    if not all(block.reused for block in audio.blocks):
        raise SystemExit("The cache is not that of a build of this review.")
    opened = {sound.key: sound for sound in sounds.list_all()}
    for encoded in {block.key: block for block in audio.blocks}.values():
        samples = render_block(encoded.block, load_take=cache.takes.load, sounds=opened)
        samples *= np.float32(10 ** (audio.gain_db / 20))
        samples = limit_peaks(samples, encoded.figures.limit_dbtp)
        yield quantise(samples, config.encode.channels)


def encode_plain(pcm: bytes, settings: EncodeSettings) -> bytes:
    """Encode a block by a fresh LAME, and nothing else."""
    return encode_stream(
        pcm,
        rate_hz=RATE_HZ,
        channels=settings.channels,
        bitrate_kbps=settings.kbps,
        quality=settings.quality,
        vbr_quality=settings.vbr_quality if settings.mode == "vbr" else None,
    )


def measure_encoding(blocks: Iterator[bytes], settings: EncodeSettings) -> float:
    """Encode blocks from as many threads as the build does; return the CPU seconds.

    Two cores that share their parts take more seconds each than one alone, and a build is not to
    be blamed for that.
    """
    spent = 0.0
    with ThreadPoolExecutor(settings.threads or count_cores()) as pool:
        while held := list(islice(blocks, AT_ONCE)):
            before = time.process_time()
            list(pool.map(encode_plain, held, repeat(settings)))
            spent += time.process_time() - before
    return spent


def main() -> None:
    """Print the figures for the review and the cache that are named."""
    review, folder = sys.argv[1:]
    source, config = open_review(review, voice="espeak")
    run = Run(settings=config, cache=Cache(Path(folder)))
    narration = choose_narration(read_draft(source, config), run)
    blocks = render_blocks(narration, run)
    figures = {
        "speaking_cpu_s": measure_speaking(narration.script, narration.cast.voice),
        "encoding_cpu_s": measure_encoding(blocks, config.encode),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
