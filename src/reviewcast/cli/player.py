"""What is made is played by a program that is installed."""

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct

from reviewcast.model.errors import UsageError
from reviewcast.system.programs import run_silently


class Player(Struct, frozen=True):
    """A program that plays a file and ends; {} in its arguments stands for the file.

    `suffix` is the kind of file that it gets. One that `fails_loudly` ends well even without a
    sound device, and only says so.
    """

    program: str
    arguments: tuple[str, ...]
    suffix: str = ".mp3"
    fails_loudly: bool = False


PLAYERS = (
    Player("ffplay", ("-nodisp", "-autoexit", "-loglevel", "error", "{}"), fails_loudly=True),
    Player("mpv", ("--no-video", "--no-terminal", "--", "{}")),
    Player("afplay", ("{}",)),
    Player("play", ("-q", "{}"), ".wav"),
    Player("pw-play", ("{}",), ".wav"),
    Player("paplay", ("{}",), ".wav"),
    Player("aplay", ("-q", "{}"), ".wav"),
    Player("mpg123", ("-q", "{}")),
)
"""In the order in which they are tried; the manual tells it."""

_PATIENCE_S = 15.0
"""So much longer than the audio may a player take: one without a sound device may never end."""

_WINDOWS = Player(
    "powershell",
    ("-NoProfile", "-NonInteractive", "-Command", "(New-Object Media.SoundPlayer '{}').PlaySync()"),
    ".wav",
)


def play(save: Callable[[Path], None]) -> bool:
    """Play audio that `save` writes into a file as WAV or MP3; return True if anything could.

    The module sounddevice goes first where it is installed, then the programs in their order; one
    that fails gives way to the next. Ctrl-C ends the program and is raised.
    """
    with TemporaryDirectory(prefix="reviewcast-") as folder:

        def make(suffix: str) -> Path:
            file = Path(folder, f"preview{suffix}")
            if not file.exists():
                save(file)
            return file

        return _play_here(make) or any(
            _run(player, make) for player in (*PLAYERS, *([_WINDOWS] if os.name == "nt" else []))
        )


def play_or_refuse(save: Callable[[Path], None], *, hint: str) -> None:
    """Play audio as `play` does; raise UsageError with the hint when nothing could."""
    if not play(save):
        raise UsageError(
            "No program that plays sound is installed, or none finds a device.", hint=hint
        )


def _run(player: Player, make: Callable[[str], Path]) -> bool:
    import shutil

    if shutil.which(player.program) is None:
        return False
    from reviewcast.audio.files.decode import measure_length

    file = str(make(player.suffix))
    if player is _WINDOWS:
        file = file.replace("'", "''")
    arguments = [argument.replace("{}", file) for argument in player.arguments]
    longest_s = _PATIENCE_S + 2 * measure_length(make(player.suffix))
    ended_well, said = run_silently(player.program, arguments, longest_s=longest_s)
    return ended_well and not (player.fails_loudly and said)


def _play_here(make: Callable[[str], Path]) -> bool:
    """Play by the module sounddevice: the extra "play"."""
    try:
        device: Any = importlib.import_module("sounddevice")
    except (ImportError, OSError):  # OSError: without its PortAudio library
        return False
    from reviewcast.audio.files.decode import stream_audio

    rate_hz, channels, blocks = stream_audio(make(".wav"))
    try:
        with device.OutputStream(samplerate=rate_hz, channels=channels) as stream:
            for block in blocks:
                stream.write(block)
    except device.PortAudioError:
        return False
    return True
