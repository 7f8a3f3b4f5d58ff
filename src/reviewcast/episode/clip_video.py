"""The cards of a clip become a video, by ffmpeg where that is installed."""

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reviewcast.audio.excerpt import draw_peaks
from reviewcast.audio.files.encode import write_wave
from reviewcast.audio.samples import RATE_HZ, Samples
from reviewcast.episode.card import Card
from reviewcast.episode.clip_choice import Line
from reviewcast.model.clean import clean_line
from reviewcast.model.errors import StorageError
from reviewcast.system.files import write_whole
from reviewcast.system.programs import run_silently

PROGRAM = "ffmpeg"
FRAMES_PER_S = 25
_BARS = 80
_LONGEST_S = 600.0
_PIECE = 1 << 20


def write_video(
    path: Path, card: Card, lines: Sequence[Line], samples: Samples, mp3: bytes
) -> None:
    """Write an MP4: a card for each caption at its time, and a waveform that fills as it plays.

    `lines` are at times of the clip, `samples` (n, 2) its sound and `mp3` the same as it is heard.
    The card's title and note are its metadata.
    Raise StorageError when ffmpeg fails or the file cannot be written.
    """
    length_s = len(samples) / RATE_HZ
    with tempfile.TemporaryDirectory(prefix="reviewcast-") as place:
        folder = Path(place)
        (folder / "list.txt").write_text(_list_cards(folder, card, lines, length_s))
        with (folder / "sound.wav").open("wb") as file:
            write_wave(mp3, file)
        peaks = draw_peaks(samples, _BARS)
        (folder / "ahead.png").write_bytes(card.draw_wave(peaks, is_played=False))
        (folder / "played.png").write_bytes(card.draw_wave(peaks, is_played=True))
        made = folder / "clip.mp4"
        is_well, said = run_silently(
            PROGRAM, _list_arguments(folder, card, length_s, made), longest_s=_LONGEST_S
        )
        if not is_well or not made.is_file():
            reason = f": {said.splitlines()[-1]}" if said else ""
            raise StorageError(
                f"ffmpeg could not make {path.name}{reason}.",
                hint="Install one with libx264, or make the MP3 alone: --format mp3",
            )
        with made.open("rb") as source, write_whole(path) as target:
            while piece := source.read(_PIECE):
                target.write(piece)


def _list_cards(folder: Path, card: Card, lines: Sequence[Line], length_s: float) -> str:
    """Draw the cards, and return a script for ffmpeg's concat: which one is shown how long."""
    shown: list[tuple[float, str]] = [(0.0, "")]
    for line in lines:
        if line.start_s > shown[-1][0]:
            shown.append((line.start_s, line.text))
        else:
            shown[-1] = (shown[-1][0], line.text)
        shown.append((line.end_s, line.text))  # a caption stays until the next one
    merged = [one for n, one in enumerate(shown) if not n or one[1] != shown[n - 1][1]]
    script = []
    ends = [at for at, _ in merged[1:]] + [length_s + 1]
    for number, ((at, text), end) in enumerate(zip(merged, ends, strict=True)):
        name = f"card-{number:04}.png"
        (folder / name).write_bytes(card.draw(text))
        # times in whole frames, so that they do not add up to more
        frames = round(end * FRAMES_PER_S) - round(at * FRAMES_PER_S)
        if frames > 0:
            script.append(f"file {name}\nduration {frames / FRAMES_PER_S:.6f}\n")
    return "".join(script) + f"file card-{len(merged) - 1:04}.png\n"


def _list_arguments(folder: Path, card: Card, length_s: float, made: Path) -> list[str]:
    wave = card.layout.wave
    size, rate = f"{wave.width}x{wave.height}", str(FRAMES_PER_S)
    # a white sheet that comes in from the left shows what was played
    graph = (
        f"[0:v]fps={rate},format=yuv420p[base];"
        "[2:v]format=gbrp[ahead];[3:v]format=gbrp[played];"
        f"color=black:s={size}:r={rate}[dark];color=white:s={size}:r={rate}[light];"
        f"[dark][light]overlay=x='min(0,w*(t/{length_s:.3f}-1))':y=0:eval=frame,format=gbrp[mask];"
        "[ahead][played][mask]maskedmerge,format=yuv420p[wave];"
        f"[base][wave]overlay=x={wave.left}:y={wave.top}[video]"
    )
    told = {"title": card.title, "comment": card.note}
    metadata = [f"{name}={clean_line(text)}" for name, text in told.items() if text]
    still = ["-loop", "1", "-framerate", rate]
    return [
        *("-nostdin", "-y", "-v", "error", "-f", "concat", "-safe", "0"),
        *("-i", str(folder / "list.txt"), "-i", str(folder / "sound.wav")),
        *(*still, "-i", str(folder / "ahead.png"), *still, "-i", str(folder / "played.png")),
        *("-filter_complex", graph, "-map", "[video]", "-map", "1:a", "-t", f"{length_s:.3f}"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-tune", "stillimage"),
        *("-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart", "-map_metadata", "-1"),
        *itertools.chain.from_iterable(("-metadata", one) for one in metadata),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
        str(made),
    ]
