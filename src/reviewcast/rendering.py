"""The sounding half of the job: a timeline becomes the bytes of an MP3."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from reviewcast.cache import Cache
from reviewcast.config import Config
from reviewcast.events import Notify
from reviewcast.model import EncodedAudio, Gain, Timeline
from reviewcast.mp3 import build_info_frame, level_change_db
from reviewcast.stages.encode import encode_timeline
from reviewcast.stages.master import master_timeline
from reviewcast.stages.stitch import Sounds
from reviewcast.workers import count_cores


def find_gain(timeline: Timeline, config: Config) -> Gain:
    """Find the gain that brings a timeline to the loudness of the settings."""
    return master_timeline(
        timeline,
        config.master,
        channels=config.encode.channels,
        codec_change_db=level_change_db(config.encode.kbps),
    )


def encode_audio(
    timeline: Timeline,
    sounds: Sounds,
    config: Config,
    cache: Cache,
    *,
    notify: Notify,
    force: bool = False,
    gain: Gain | None = None,
) -> EncodedAudio:
    """Master and encode a timeline; `gain` is that of the whole when this is a part of it."""
    threads = config.encode.threads or count_cores()
    with ThreadPoolExecutor(threads) as executor:
        return encode_timeline(
            timeline,
            gain or find_gain(timeline, config),
            config.encode,
            store=cache.blocks,
            load_take=cache.takes.load,
            sounds=filter(None, (sounds.intro, sounds.outro, sounds.sting)),
            executor=executor,
            ahead=2 * threads,
            notify=notify,
            force=force,
        )


def list_frames(audio: EncodedAudio, cache: Cache) -> Iterator[bytes]:
    """Give an MP3 in pieces: the Info frame, then each block's frames."""
    yield build_info_frame(
        frames=audio.frames,
        size_bytes=audio.size_bytes,
        rate_hz=audio.rate_hz,
        channels=audio.channels,
        bitrate_kbps=audio.bitrate_kbps,
    )
    for block in audio.blocks:
        yield cache.blocks.load(block.key)
