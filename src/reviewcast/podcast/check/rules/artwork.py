"""Rules for covers and episode images."""

import io
import posixpath
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from reviewcast.podcast.check.findings import APPLE_ARTWORK, must, should

LARGEST_IMAGE = 20_000_000
_SMALLEST_PX, _LARGEST_PX = 1400, 3000
_MOST_DECODED = 25_000_000
_HEAVY = 512_000
_SUFFIXES = {"JPEG": {".jpg", ".jpeg"}, "PNG": {".png"}}


@dataclass(frozen=True)
class Artwork:
    """An image that a feed names, and what was found in its file; sizes are in pixels."""

    where: str
    url: str
    size_bytes: int
    kind: str = ""
    width: int = 0
    height: int = 0
    mode: str = ""
    fault: str = ""


def open_artwork(url: str, data: bytes, *, where: str) -> Artwork:
    """Return what an image is; the pixels of one that is far too large are left alone."""
    from PIL import Image, UnidentifiedImageError

    def make(fault: str, kind: str = "", size: tuple[int, int] = (0, 0), mode: str = "") -> Artwork:
        return Artwork(where, url, len(data), kind, size[0], size[1], mode, fault)

    try:
        with warnings.catch_warnings():
            # a warning of Pillow's is that an image is a bomb, or broken in some part
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
                kind, size, mode = image.format or "", image.size, image.mode
                if size[0] * size[1] > _MOST_DECODED:
                    return make("", kind, size, mode)
                if "transparency" in image.info and mode == "RGB":
                    mode = "RGBA"
                image.load()
    except Image.DecompressionBombError:
        return make("It is larger than any screen.")
    except UnidentifiedImageError:
        return make("It is no JPEG and no PNG.")
    except Exception as error:  # decoders of images raise whatever they meet
        return make(f"It is broken: {type(error).__name__}.")
    return make("", kind, size, mode)


@must("artwork/readable", APPLE_ARTWORK, fix="Save the image anew as JPEG or PNG.")
def check_readable(artwork: Artwork) -> Iterator[str]:
    """The image opens, to its last pixel."""
    if artwork.fault:
        yield f"The image {artwork.url} cannot be used. {artwork.fault}"


@must("artwork/square", APPLE_ARTWORK, fix="Crop the image to a square.")
def check_square(artwork: Artwork) -> Iterator[str]:
    """Clients show squares."""
    if artwork.width != artwork.height:
        yield f"The image has {artwork.width} × {artwork.height} pixels."


@must(
    "artwork/size",
    APPLE_ARTWORK,
    fix="Scale the image to 3000 × 3000 pixels, and not under 1400 × 1400.",
)
def check_size(artwork: Artwork) -> Iterator[str]:
    """Directories refuse what is too small or too large."""
    longest, shortest = max(artwork.width, artwork.height), min(artwork.width, artwork.height)
    if shortest and not _SMALLEST_PX <= longest <= _LARGEST_PX:
        yield f"The image is {longest} pixels wide; 1400 to 3000 are taken."


@must("artwork/colour", APPLE_ARTWORK, fix="Save the image as RGB, without transparency.")
def check_colour(artwork: Artwork) -> Iterator[str]:
    """CMYK and transparency come out wrong, or black."""
    if artwork.mode not in {"", "RGB"}:
        yield f"The image's colours are {artwork.mode} and not RGB."


@should(
    "artwork/weight",
    "Spotify and NPR One, artwork requirements",
    fix="Save the image as JPEG of a lower quality, under 512 kB.",
)
def check_weight(artwork: Artwork) -> Iterator[str]:
    """Every listener fetches it."""
    if artwork.size_bytes > _HEAVY:
        yield f"The image has {artwork.size_bytes // 1000:,} kB, more than 512."


@must("artwork/name", APPLE_ARTWORK, fix="Let the name end in .jpg or .png, as the file is.")
def check_name(artwork: Artwork) -> Iterator[str]:
    """Apple tells the kind by the name."""
    suffix = posixpath.splitext(urlsplit(artwork.url).path)[1].lower()
    if artwork.kind and suffix not in _SUFFIXES[artwork.kind]:
        yield f"The image {artwork.url} is a {artwork.kind} by its bytes, not by its name."
