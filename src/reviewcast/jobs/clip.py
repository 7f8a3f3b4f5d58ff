"""The job: a part of a finished episode becomes a short MP3, and a video card to share."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.audio.excerpt import cut_excerpt, encode_excerpt
from reviewcast.audio.samples import RATE_HZ
from reviewcast.episode.artwork import read_cover
from reviewcast.episode.clip_choice import (
    LONGEST_S,
    SHORTEST_S,
    Line,
    Part,
    choose_part,
    read_captions,
)
from reviewcast.episode.tag import Tags, build_tag
from reviewcast.model.errors import StorageError, UsageError
from reviewcast.model.events import Noticed, Notify, Warned
from reviewcast.model.podcast import EpisodeRecord
from reviewcast.settings.schema import Config
from reviewcast.system.files import check_writable, hash_file, reporting, write_whole
from reviewcast.system.programs import is_installed
from reviewcast.system.workspace import load_cues, load_record, load_records
from reviewcast.text.disclosures import get_disclosure

if TYPE_CHECKING:
    from reviewcast.episode.card import Card

ClipFormat = Literal["mp3", "square", "vertical", "both"]


class Clip(Struct, frozen=True, kw_only=True):
    """What was written: files by their kind, and which part of the episode they hold, in seconds.

    `segments` are the numbers of the first and the last one.
    """

    title: str
    files: dict[str, str]
    start_s: float
    end_s: float
    duration_s: float
    segments: tuple[int, int]
    has_spoilers: bool


def make_clip(
    config: Config,
    review: str,
    places: Sequence[str],
    *,
    form: ClipFormat,
    output: Path | None,
    notify: Notify,
) -> Clip:
    """Write a part of an episode: the segments that are named, else its best one.

    `review` is a review's file or an episode's name, `output` the MP3's name or a folder; videos
    lie beside it. Without ffmpeg there is the MP3 alone. Raise UsageError where nothing was built,
    SoundError and StorageError.
    """
    record = _find_episode(config, review)
    path = Path(record.path)
    captions, cues = _load_captions(path), load_cues(record)
    part = choose_part(cues, record.chapters, captions, places, length_s=record.duration_s)
    _remark(part, named=bool(places), notify=notify)
    target = _place(record, review, output)
    shapes = _choose_shapes(form, notify)
    for shape in (".mp3", *(f".{shape}.mp4" for shape in shapes)):
        check_writable(target.with_suffix(shape))
    with reporting(f"read {path}", hint="Build the episode again."):
        if hash_file(path) != record.sha256:
            raise StorageError(
                f"{path} is no longer what the build wrote.", hint="Build the episode again."
            )
    samples = cut_excerpt(
        path, part.start_s, part.end_s, fade_in_s=part.fade_in_s, fade_out_s=part.fade_out_s
    )
    cover = _read_cover(path, config)
    mp3 = encode_excerpt(samples)
    with write_whole(target) as file:
        file.write(build_tag(_describe(record, config, cover, part, len(samples))))
        file.write(mp3)
    files = {"mp3": str(target)}
    lines = _shift(part)
    for shape in shapes:
        from reviewcast.episode.card import Card
        from reviewcast.episode.clip_video import write_video

        note = _disclose(record, config)
        card = Card(shape, title=record.title, show=config.show.title, cover=cover, note=note)
        _warn_of_hidden(card, lines, notify)
        video = target.with_suffix(f".{shape}.mp4")
        write_video(video, card, lines, samples, mp3)
        files[shape] = str(video)
    return Clip(
        title=record.title,
        files=files,
        start_s=round(part.start_s, 3),
        end_s=round(part.end_s, 3),
        duration_s=round(len(samples) / RATE_HZ, 3),
        segments=part.segments,
        has_spoilers=part.has_spoilers,
    )


def _shift(part: Part) -> list[Line]:
    """Return the captions of a part at times of the clip."""
    return [
        replace(line, start_s=line.start_s - part.start_s, end_s=line.end_s - part.start_s)
        for line in part.lines
    ]


def _warn_of_hidden(card: "Card", lines: Sequence[Line], notify: Notify) -> None:
    texts = (card.title, *(line.text for line in lines))
    hidden = [text for text in texts if not card.can_show(text)]
    if hidden:
        notify(Warned(f"No font of this machine has {hidden[0]!r}: it is not shown."))


def _find_episode(config: Config, review: str) -> EpisodeRecord:
    """Return the episode of a review's file, or of an episode's name."""
    if config.folder is None:
        raise UsageError(
            "A clip is cut from an episode of a show, and there is no podcast.toml here.",
            hint="Make a show: reviewcast init",
        )
    file = Path(review)
    if file.suffix or "/" in review:
        place = file.resolve()
        for record in load_records(config.folder):
            if record.source and (config.folder / record.source).resolve() == place:
                return record
    found = load_record(config.folder, file.stem if file.suffix or "/" in review else review)
    if found is None:
        raise UsageError(
            f"There is no episode of {review}.", hint="Build it first: reviewcast build"
        )
    return found


def _load_captions(path: Path) -> tuple[Line, ...]:
    """Return an episode's captions; none where there are none, as of an adopted one."""
    try:
        return read_captions(path.with_suffix(".srt").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"The captions of {path.name} cannot be read: {error}.", hint="Build it again."
        ) from error


def _remark(part: Part, *, named: bool, notify: Notify) -> None:
    length_s = part.end_s - part.start_s
    if part.has_spoilers:
        notify(Warned("The clip holds spoilers, as these segments were named."))
    if part.is_cut and named:
        notify(Noticed(f"The clip ends after {length_s:.0f} s: it has at most {LONGEST_S:.0f} s."))
    elif length_s < SHORTEST_S:
        notify(Noticed(f"The clip has {length_s:.0f} s: less than {SHORTEST_S:.0f} s."))


def _place(record: EpisodeRecord, review: str, output: Path | None) -> Path:
    """Return where the MP3 goes: by default beside the review, else beside the episode."""
    if output is None:
        file = Path(review)
        folder = file.parent if file.is_file() else Path(record.path).parent
        return folder / f"{record.slug}.clip.mp3"
    if output.is_dir():
        return output / f"{record.slug}.clip.mp3"
    if output.suffix.lower() not in {".mp3", ".mp4"}:
        raise UsageError(
            f"{output} is no name of a clip.", hint="Name an .mp3 file, or a folder that exists."
        )
    target = output.with_suffix(".mp3")
    if target.resolve() == Path(record.path).resolve():
        raise UsageError(f"{target} is the episode itself.", hint="Name another file for the clip.")
    return target


def _choose_shapes(form: ClipFormat, notify: Notify) -> list[Literal["square", "vertical"]]:
    if form == "mp3":
        return []
    if not is_installed("ffmpeg"):
        notify(
            Warned("There is no video, for ffmpeg is not installed. Install it, or: --format mp3")
        )
        return []
    return ["square", "vertical"] if form == "both" else [form]


def _read_cover(path: Path, config: Config) -> bytes:
    """Return the episode's own image, else the show's cover; b"" for none."""
    for suffix in (".jpg", ".png"):
        file = path.with_suffix(suffix)
        if file.is_file():
            with reporting(f"read {file}"):
                return file.read_bytes()
    return read_cover(config)


def _describe(
    record: EpisodeRecord, config: Config, cover: bytes, part: Part, samples: int
) -> Tags:
    return Tags(
        title=record.title,
        artist=record.author or config.show.author or config.show.title,
        album=config.show.title,
        date=record.date,
        track=0,
        comment=record.link or config.show.website or config.show.url,
        lyrics=" ".join(line.text for line in part.lines),
        language=record.language,
        cover=cover,
        chapters=(),
        samples=samples,
        rate_hz=RATE_HZ,
        speakers=record.list_speakers(),
    )


def _disclose(record: EpisodeRecord, config: Config) -> str:
    """Return the line that discloses synthetic voices: a clip is seen without its notes."""
    speakers = record.list_speakers() if config.show.ai_voice else ()
    return get_disclosure(record.language, speakers) or get_disclosure("en", speakers)
