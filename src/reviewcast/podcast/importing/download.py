"""What another tool's feed names is fetched, whole and checked."""

import contextlib
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote, urljoin

from msgspec import Struct

from reviewcast.audio.files.decode import stream_audio
from reviewcast.audio.measure import measure_stream
from reviewcast.audio.mp3.frames import measure_frame
from reviewcast.model.audio import Loudness
from reviewcast.model.errors import FetchError, SoundError, UsageError
from reviewcast.model.events import Notify
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.podcast.check.id3 import read_tag
from reviewcast.podcast.feed.external import ExternalFeed, ExternalItem, read_external_feed
from reviewcast.podcast.feed.prefixes import strip_prefix
from reviewcast.podcast.importing.match import name_pending
from reviewcast.system import files
from reviewcast.system.files import reporting
from reviewcast.system.http import Fetcher, name_url

_MOST_PAGES = 10_000
_LARGEST_FEED = 50_000_000
_LARGEST_AUDIO = 2_000_000_000

_FRAMES_WITHIN = 1 << 16
"""So far behind the tag the first frame is looked for: some tools leave a gap."""


class Downloads(Struct, frozen=True, kw_only=True):
    """How the files of a feed are fetched.

    MP3s wait in `pending` for their records. `language` is the show's, `artwork` the URL of its
    cover, which is no episode's own. `notify` is warned of what is left out.
    """

    fetcher: Fetcher
    pending: Path
    language: str
    artwork: str
    notify: Notify


class Measured(NamedTuple):
    """What was found in an MP3."""

    loudness: Loudness
    duration_s: float
    chapters: tuple[EpisodeChapter, ...]


def read_pages(source: str, fetcher: Fetcher) -> list[ExternalFeed]:
    """Read a feed and all older documents that it leads to.

    A feed without one of them would lose episodes: then there is none.
    """
    pages: list[ExternalFeed] = []
    queue, seen = [source], {source}
    while queue:
        place = queue.pop(0)
        url, data = _read_document(place, fetcher)
        page = read_external_feed(data, url=url, name=name_url(place) if url else place)
        pages.append(page)
        for link in page.older:
            older = _resolve(link, place, url)
            if older not in seen and len(seen) < _MOST_PAGES:
                seen.add(older)
                queue.append(older)
    return pages


def _read_document(place: str, fetcher: Fetcher) -> tuple[str, bytes]:
    """Return a document and the URL that it was at, "" for a file."""
    if is_web(place):
        fetched = fetcher.read(place, most_bytes=_LARGEST_FEED)
        return fetched.url, fetched.data
    try:
        return "", Path(place).read_bytes()
    except FileNotFoundError as error:
        raise UsageError(
            f"There is no file {place}.", hint="Name a file, or a URL with its https://."
        ) from error
    except OSError as error:
        raise UsageError(f"Cannot read {place}: {error.strerror or error}.") from error


def _resolve(link: str, place: str, url: str) -> str:
    """Return the place of an older document; beside a file lies what is named without a host."""
    if url:
        try:
            return urljoin(url, link)
        except ValueError as error:  # such as an unclosed bracket
            raise FetchError(f"The feed goes on at {link!r}, which is no address.") from error
    return link if is_web(link) else str(Path(place).parent / unquote(link))


def is_web(place: str) -> bool:
    """True if a place is an address of the web and not a file."""
    return place.lower().startswith(("http://", "https://"))


def fetch_audio(item: ExternalItem, downloads: Downloads) -> Path:
    """Fetch an item's MP3 and return where it waits; one that a stopped run fetched is whole.

    Behind a prefix that counts downloads it is the file itself that is asked for: nobody listens.
    """
    path = downloads.pending / name_pending(item)
    if item.audio is None or path.is_file():
        return path
    make_folder(path.parent)
    written = item.audio.url
    real = strip_prefix(written)
    try:
        downloads.fetcher.save(real, path, most_bytes=_LARGEST_AUDIO)
    except FetchError:
        if real == written:
            raise
        downloads.fetcher.save(written, path, most_bytes=_LARGEST_AUDIO)
    return path


def measure_mp3(path: Path) -> Measured:
    """Decode an MP3 to its end, ten seconds at a time.

    Raise SoundError when it is something else, or broken.
    """
    with reporting(f"read {path}"), path.open("rb") as file:
        chapters, is_mp3 = _look_into(file)
    if not is_mp3:
        raise SoundError("Its audio is no MP3.")
    try:
        rate_hz, _, blocks = stream_audio(path)
        loudness, samples = measure_stream(blocks, rate_hz)
    except SoundError as error:
        raise SoundError("Its audio cannot be decoded to its end.") from error
    if not samples:
        raise SoundError("Its audio is empty.")
    return Measured(loudness, round(samples / rate_hz, 6), chapters)


def _look_into(file: BinaryIO) -> tuple[tuple[EpisodeChapter, ...], bool]:
    """Return the chapters of an MP3's tag, and tell whether frames follow it at all."""
    chapters: tuple[EpisodeChapter, ...] = ()
    start = 0
    with contextlib.suppress(ValueError):  # what is wrong with a tag is the player's to bear
        while (tag := read_tag(file)).size_bytes:
            listed = (EpisodeChapter(one.title, one.start_ms / 1000) for one in tag.chapters)
            chapters = chapters or tuple(listed)
            start += tag.size_bytes
            file.seek(start)
    file.seek(start)
    data = file.read(_FRAMES_WITHIN)
    at = data.find(b"\xff")
    while at >= 0:
        with contextlib.suppress(SoundError):
            after = at + measure_frame(data[at : at + 4])
            if after >= len(data) or measure_frame(data[after : after + 4]):
                return chapters, True
        at = data.find(b"\xff", at + 1)
    return chapters, False


def make_folder(folder: Path) -> None:
    """Make a folder of the show with its parents, or raise StorageError."""
    files.make_folder(folder, hint="Make the show's folder one that can be written.")
