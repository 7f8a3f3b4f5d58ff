"""Rules for further encodings of an episode (podcast namespace, alternateEnclosure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reviewcast.audio.files.decode import stream_audio
from reviewcast.model.errors import SoundError
from reviewcast.podcast.check.document import Alternate, Item, is_url
from reviewcast.podcast.check.findings import NAMESPACE_ALTERNATE, must, should
from reviewcast.system.file_types import find_type

_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]*", re.ASCII)
_DURATION_SLACK_S = 1.0

_DECODED = {"audio/ogg", "audio/opus", "audio/mpeg", "audio/flac", "audio/wav", "audio/x-wav"}
"""What libsndfile reads; of other types the length is not measured."""


@dataclass(frozen=True)
class Sound:
    """A further encoding as it was decoded: its length, and that of the episode's own audio."""

    item: Item
    url: str
    duration_s: float | None
    fault: str = ""
    enclosure_s: float | None = None

    @property
    def where(self) -> str:
        """Return the episode's place."""
        return self.item.where


def is_decoded(alternate: Alternate) -> bool:
    """True if an encoding stands for the episode's own audio, and can be decoded."""
    return alternate.type in _DECODED and alternate.said.get("rel", "default") in {"", "default"}


def open_alternate(path: Path, item: Item, url: str, *, enclosure_s: float | None) -> Sound:
    """Decode a further encoding to its end; `enclosure_s` is how long the episode's own lasts."""
    try:
        rate_hz, _, blocks = stream_audio(path)
        duration_s = sum(map(len, blocks)) / rate_hz
    except SoundError:
        return Sound(item, url, None, "it is not audio to its end")
    return Sound(item, url, duration_s, enclosure_s=enclosure_s)


@must(
    "feed/alternate",
    NAMESPACE_ALTERNATE,
    fix="Give each podcast:alternateEnclosure a type, and a podcast:source with a whole address.",
)
def check_alternate(item: Item) -> Iterator[str]:
    """A further encoding says what it is, and where it is."""
    for one in item.alternates:
        if not _TYPE.fullmatch(one.type):
            yield f"An alternate enclosure has the type {one.said.get('type', '')!r}."
        if not one.sources:
            yield "An alternate enclosure has no source."
        for uri in one.sources:
            if not _is_address(uri):
                yield f"The alternate enclosure's address {uri!r} is none."


@must("feed/alternate-type", NAMESPACE_ALTERNATE, fix="Write audio/ogg for an .opus.")
def check_type(item: Item) -> Iterator[str]:
    """The type fits the ending of the file."""
    for one in item.alternates:
        for url in one.files:
            kind = find_type(_find_path(url))
            is_known = kind.suffix and _TYPE.fullmatch(one.type)
            if is_known and one.type not in kind.also | {kind.mime}:
                yield f"The alternate enclosure {url} says {one.type}, and it is {kind.mime}."


@must("feed/alternate-length", NAMESPACE_ALTERNATE, fix="Write the file's size in bytes.")
def check_length(item: Item) -> Iterator[str]:
    """The length is the file's size: clients choose by it what a listener has to load."""
    for one in item.alternates:
        said = one.said.get("length", "").strip()
        if said and not re.fullmatch(r"[1-9]\d{0,14}", said, re.ASCII):
            yield f"An alternate enclosure's length is {said!r}."
            continue
        for url in one.files if said else ():
            held = item.feed.place.look(url) if is_url(url) else None
            # an empty file is another rule's matter
            if held and held.state == "there" and held.size_bytes not in {None, 0, int(said)}:
                yield (
                    f"The alternate enclosure {url} says {int(said):,} bytes, and the file has"
                    f" {held.size_bytes:,}."
                )


@should("feed/alternate-length-missing", NAMESPACE_ALTERNATE, fix="Write the file's size in bytes.")
def check_length_missing(item: Item) -> Iterator[str]:
    """Whoever saves data has to know how much a smaller encoding is."""
    for one in item.alternates:
        if one.files and not one.said.get("length", "").strip():
            yield "An alternate enclosure has no length."


@must(
    "feed/alternate-default",
    NAMESPACE_ALTERNATE,
    fix='Write default="true" at one encoding at most, and nothing at the others.',
)
def check_default(item: Item) -> Iterator[str]:
    """One encoding at most is the one that the enclosure holds."""
    said = [one.said["default"].strip() for one in item.alternates if "default" in one.said]
    for value in said:
        if value not in {"true", "false"}:
            yield f"An alternate enclosure's default is {value!r}."
    if said.count("true") > 1:
        yield f"{said.count('true')} alternate enclosures are the default."


@must("media/alternate-readable", NAMESPACE_ALTERNATE, fix="Encode the file anew.")
def check_readable(sound: Sound) -> Iterator[str]:
    """A further encoding decodes from its beginning to its end."""
    if sound.fault:
        yield f"The alternate enclosure {sound.url} cannot be played: {sound.fault}."


@should(
    "media/alternate-duration",
    NAMESPACE_ALTERNATE,
    fix="Encode it from the same audio: chapters and captions have one time for both.",
)
def check_duration(sound: Sound) -> Iterator[str]:
    """A further encoding lasts as long as the episode's own audio."""
    own_s, heard_s = sound.enclosure_s, sound.duration_s
    if own_s is not None and heard_s is not None and abs(own_s - heard_s) > _DURATION_SLACK_S:
        yield (
            f"The alternate enclosure {sound.url} lasts {heard_s:.1f} s, the episode's own audio"
            f" {own_s:.1f} s."
        )


def _is_address(uri: str) -> bool:
    """True for a whole address: of the web, or of another kind such as IPFS."""
    try:
        return bool(urlsplit(uri).scheme)
    except ValueError:  # such as an unclosed bracket
        return False


def _find_path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
