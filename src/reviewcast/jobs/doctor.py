"""The job: each part that a build needs is tried for real."""

import platform
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from msgspec import Struct

from reviewcast import __version__
from reviewcast.audio.files.decode import decode_frames
from reviewcast.audio.files.sounds import open_sounds
from reviewcast.audio.limiter import measure_true_peak
from reviewcast.audio.measure import measure_take
from reviewcast.audio.mp3.edges import encode_block
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.audio.samples import RATE_HZ
from reviewcast.episode.artwork import read_cover
from reviewcast.jobs.shows import find_cache, load_config
from reviewcast.model.errors import ReviewcastError, VoiceError
from reviewcast.model.protocols import describe_voice, list_endpoints
from reviewcast.settings.accesses import find_access
from reviewcast.settings.schema import DEFAULT_USE, Config
from reviewcast.speech.casting import make_voice
from reviewcast.speech.fallback import limit_wait
from reviewcast.speech.order import tell_lack
from reviewcast.speech.same_voice import SENTENCE, describe_difference, measure_spoken
from reviewcast.speech.take_checks import speak_checked
from reviewcast.system.files import check_writable
from reviewcast.system.plugins import find_voice_version, load_voice
from reviewcast.system.programs import find_version
from reviewcast.system.trust import require_trust
from reviewcast.system.workspace import find_show

_PHRASE = "The film is good."
_PROBE_S = 5.0


class Finding(Struct, frozen=True):
    """What is known of one part: "missing" is no fault, "broken" is."""

    part: str
    state: Literal["ok", "missing", "broken"]
    detail: str


def examine_machine() -> list[Finding]:
    """Try Python, the settings, the voices, the encoder, the sounds and the disk."""
    return [
        Finding(
            "reviewcast",
            "ok",
            f"{__version__} on Python {platform.python_version()}, {sys.platform}",
        ),
        _try("settings", _try_settings),
        *(_examine_voice(name) for name in reversed(DEFAULT_USE)),
        *_try_chosen(),
        _try("MP3 encoder", _try_encoder),
        _try("sounds", _try_sounds),
        _try("cache", _try_cache),
        _find_ffmpeg(),
    ]


def _try(
    part: str, job: Callable[[], str], *, state: Literal["missing", "broken"] = "broken"
) -> Finding:
    try:
        return Finding(part, "ok", job())
    except ReviewcastError as error:
        return Finding(part, state, f"{error.message} {error.hint}")
    except Exception as error:  # a part that is installed wrongly raises anything
        return Finding(part, "broken", f"{type(error).__name__}: {error}")


def _try_settings() -> str:
    config = load_config(find_show(Path.cwd()))
    read_cover(config)
    return (
        str(config.folder / "podcast.toml") if config.folder else "defaults, without a podcast.toml"
    )


def _examine_voice(name: str) -> Finding:
    lack, last = tell_lack(name), DEFAULT_USE[-1]
    if lack and name != last:
        return Finding(f"voice {name}", "missing", f"{lack} {last} speaks in its place.")
    if describe_voice(load_voice(name)).online:
        return _try(f"voice {name}", partial(_try_online, name), state="missing")
    return _try(f"voice {name}", partial(_try_embedded, name))


def _try_embedded(name: str) -> str:
    voice = make_voice(load_config(find_show(Path.cwd())), name)
    first, second = (speak_checked(voice, _PHRASE, "en") for _ in range(2))
    if first != second:
        return (
            "works, but the same text gives other samples here: builds cannot be repeated exactly"
        )
    figures = measure_take(first)
    spoken_s = (figures.end - figures.start) / figures.rate_hz
    return f"{find_voice_version(voice)}, spoke {spoken_s:.1f} s, twice the same"


def _try_online(name: str) -> str:
    voice = limit_wait(make_voice(load_config(None), name), _PROBE_S)
    take = speak_checked(voice, _PHRASE, "en")
    return f"answers: {len(take.pcm) / 2 / take.rate_hz:.1f} s of speech"


def _try_chosen() -> list[Finding]:
    """Try the voices that the settings name, as far as they are others."""
    try:
        config = load_config(find_show(Path.cwd()))
    except ReviewcastError:
        return []  # told above
    others = [name for name in config.voice.use if name not in DEFAULT_USE]
    return [_try(f"voice {name}", partial(_try_other, config, name)) for name in others]


def _try_other(config: Config, name: str) -> str:
    voice = make_voice(config, name)
    require_trust(find_access(voice))
    first, *others = list_endpoints(voice)
    take = speak_checked(first, SENTENCE if others else _PHRASE, "en")
    for other in others:
        spoken = measure_spoken(speak_checked(other, SENTENCE, "en"))
        difference = describe_difference(spoken, measure_spoken(take))
        if difference:
            urls = [str(getattr(one, "base_url", "")) for one in (other, first)]
            raise VoiceError(
                f"The voice {name} at {urls[0]} does not speak as {urls[1]} does{difference}.",
                hint="Check that both offer the same model and voice: a build leaves it out.",
            )
    where = f" at each of {1 + len(others)} addresses" if others else ""
    return f"spoke {len(take.pcm) / 2 / take.rate_hz:.1f} s{where}"


def _try_encoder() -> str:
    tone = 16000 * np.sin(np.arange(20 * FRAME_SAMPLES) * (2 * np.pi * 440 / RATE_HZ))
    tone[16 * FRAME_SAMPLES :] = 0
    block = encode_block(
        tone.astype("<i2").repeat(2).tobytes(),
        rate_hz=RATE_HZ,
        channels=2,
        bitrate_kbps=128,
        quality=3,
    )
    decoded = decode_frames(block.frames)
    true_peak = measure_true_peak(decoded)
    return f"20 frames decode to {len(decoded)} samples, true peak {true_peak:.1f} dBTP"


def _try_sounds() -> str:
    sounds = open_sounds(load_config(find_show(Path.cwd())))
    lengths = ((name, getattr(sounds, name)) for name in ("intro", "outro", "sting", "bed"))
    return ", ".join(f"{name} {sound.samples / RATE_HZ:.1f} s" for name, sound in lengths if sound)


def _try_cache() -> str:
    cache = find_cache(load_config(find_show(Path.cwd())))
    cache.prepare()
    check_writable(cache.folder / "probe")
    return str(cache.folder)


def _find_ffmpeg() -> Finding:
    version = find_version("ffmpeg", "-version")
    return Finding(
        "ffmpeg", "ok" if version else "missing", version or "not installed, and not needed"
    )
