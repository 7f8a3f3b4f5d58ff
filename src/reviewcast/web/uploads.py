"""A visitor's own recordings: sniffed, decoded to the end, and stored under names of our own."""

import hashlib
from pathlib import Path

from reviewcast.audio.files.decode import open_recording
from reviewcast.model.errors import SoundError
from reviewcast.system.file_types import HEAD_BYTES, find_format
from reviewcast.system.files import make_folder, write_whole

LARGEST_BYTES = 25_000_000
_FOLDER = ".recordings"
_HINT = "Use a WAV, FLAC, MP3 or Ogg file of up to ten minutes."


def keep_recording(data: bytes, review: Path) -> str:
    """Store a recording beside its review; return its path from the review's folder.

    It is called after its own bytes, so what was stored once is never changed. Raise SoundError
    when it is no audio that can be used, and StorageError when the disk refuses it.
    """
    kind = find_format(data[:HEAD_BYTES])
    if kind is None or not kind.suffix:
        raise SoundError("The recording is no audio file of a kind that is known.", hint=_HINT)
    open_recording(data, "that was sent")
    name = f"{hashlib.sha256(data).hexdigest()[:12]}{kind.suffix}"
    folder = review.with_suffix(_FOLDER)
    place = folder / name
    if not place.is_file() or place.read_bytes() != data:
        make_folder(folder, hint="Make the review's folder one that can be written.")
        with write_whole(place) as file:
            file.write(data)
    return f"{folder.name}/{name}"
