#!/usr/bin/env python3
"""Make an episode as a user's own script would today: espeak, pydub, ffmpeg, mutagen.

It measures, masters and captions nothing. Paragraphs stand between blank lines.
"""

import ctypes
import sys
import tempfile
import wave
from pathlib import Path
from typing import Any

import espeakng_loader
from mutagen.easyid3 import EasyID3
from pydub import AudioSegment

AUDIO = Path(__file__).resolve().parent.parent / "audio"
WORDS_A_MINUTE = 165  # those of reviewcast's voice, so that both speak as long
PAUSE_MS = 800
RECEIVE = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Speaker:
    """espeak-ng, loaded once for all paragraphs."""

    def __init__(self) -> None:
        """Load the library and choose an American voice."""
        self.chunks: list[bytes] = []
        self.library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        self.rate_hz = self.library.espeak_Initialize(1, 0, data, 0x8000)
        self.receive = RECEIVE(self.keep)
        self.library.espeak_SetSynthCallback(self.receive)
        self.library.espeak_SetVoiceByName(b"en-us")
        self.library.espeak_SetParameter(1, WORDS_A_MINUTE, 0)

    def keep(self, samples: Any, count: int, _events: object) -> int:
        """Keep what espeak-ng hands over."""
        if samples and count > 0:
            self.chunks.append(ctypes.string_at(samples, 2 * count))
        return 0

    def speak(self, text: str, path: Path) -> None:
        """Speak a paragraph into a WAV file."""
        self.chunks.clear()
        data = text.encode()
        self.library.espeak_Synth(
            data, ctypes.c_size_t(len(data) + 1), 0, 1, 0, 1, ctypes.c_void_p(), ctypes.c_void_p()
        )
        self.library.espeak_Synchronize()
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.rate_hz)
            file.writeframes(b"".join(self.chunks))


def main() -> None:
    """Turn the text file of the first argument into the MP3 of the second."""
    source, target = Path(sys.argv[1]), sys.argv[2]
    speaker = Speaker()
    # in the order in which it is heard, as one writes it: each + copies all that came before
    episode = AudioSegment.from_file(str(AUDIO / "intro.flac"))
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder, "paragraph.wav")
        for paragraph in source.read_text(encoding="utf-8").split("\n\n"):
            speaker.speak(paragraph, spoken)
            episode += AudioSegment.from_wav(str(spoken))
            episode += AudioSegment.silent(PAUSE_MS)
    episode += AudioSegment.from_file(str(AUDIO / "outro.flac"))
    episode.export(target, format="mp3", bitrate="128k")
    tags = EasyID3(target)
    tags["title"] = source.stem
    tags["artist"] = "A reviewer"
    tags.save()


if __name__ == "__main__":
    main()
