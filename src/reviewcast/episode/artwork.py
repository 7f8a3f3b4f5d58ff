"""Pictures of episodes and chapters are checked, reduced and named."""

import contextlib
import functools
import hashlib
import io
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from reviewcast.model.errors import ConfigError
from reviewcast.model.events import Noticed, Notify, Warned
from reviewcast.model.text import Review
from reviewcast.settings.accesses import reach_reviews
from reviewcast.settings.load import find_asset
from reviewcast.settings.schema import Config
from reviewcast.system.file_types import find_image_type
from reviewcast.system.trust import is_inside, is_recorded

if TYPE_CHECKING:
    from PIL import Image

_MOST_PICTURE_BYTES = 50_000_000
_LEAST_COVER_PX = 1400


def open_cover(review: Review, config: Config, folder: Path, notify: Notify) -> tuple[bytes, bool]:
    """Return the review's image as a square, else the show's cover, b"" for none.

    True stands beside an image of the review's own that has the 1,400 pixels a side that podcast
    directories ask for. Raise ConfigError when the show's cover cannot be used; a review's image
    is only warned of, also when it lies neither in the review's `folder` nor in the show's.
    """
    if review.image and "://" not in review.image:
        path = folder / review.image.lstrip("/")
        if not _is_at_hand(path, folder, config):
            notify(
                Warned(
                    f"The image {review.image} lies outside of the folder of the review and of the"
                    " show; the cover is used."
                )
            )
            return read_cover(config), False
        reason = _BROKEN
        try:
            cover, side_px = square_cover(path.read_bytes())
        except OSError:
            pass
        except ValueError as error:
            reason = str(error)
        else:
            if side_px < _LEAST_COVER_PX:
                notify(
                    Warned(
                        f"The image {review.image} makes a cover of {side_px} × {side_px} pixels;"
                        f" podcast directories want {_LEAST_COVER_PX} and more."
                    )
                )
            return cover, side_px >= _LEAST_COVER_PX
        notify(Warned(f"The image {review.image} {reason}; the cover is used."))
    elif review.image:
        notify(Warned(f"The image {review.image} is not fetched; the cover is used."))
    return read_cover(config), False


def open_pictures(
    addresses: Iterable[str], config: Config, folder: Path, notify: Notify
) -> dict[str, bytes]:
    """Read the images that chapters show, from the review's folder; return a JPEG by each address.

    What lies on the web is not fetched; what cannot be used is warned of, and its chapter has none.
    """
    found: dict[str, bytes] = {}
    remote = []
    for address in filter(None, dict.fromkeys(addresses)):
        if "://" in address or address.startswith("//"):
            remote.append(address)
            continue
        try:
            found[address] = fit_picture(_read_picture(folder, address, config))
        except ValueError as error:
            notify(Warned(f"The image {address} {error}; its chapter has none."))
    if remote:
        others = f" and {len(remote) - 1} more" if len(remote) > 1 else ""
        notify(Noticed(f"Images for chapters are not fetched: {remote[0]}{others}."))
    return found


def _is_at_hand(path: Path, folder: Path, config: Config) -> bool:
    """Return True if a file lies in the review's folder or the show's, links followed.

    A blog whose reviews the user has confirmed counts as the show's.
    """
    own = (folder, config.folder)
    return any(is_inside(path, one) for one in own if one) or is_recorded(reach_reviews(path))


def _read_picture(folder: Path, address: str, config: Config) -> bytes:
    """Read an image by its address as it is written: perhaps quoted, perhaps with a query.

    Raise ValueError, saying what is wrong with it.
    """
    plain = address.partition("#")[0].partition("?")[0]
    for name in dict.fromkeys((address, unquote(address), plain, unquote(plain))):
        path = folder / name.lstrip("/")
        try:
            if name and path.is_file():  # never a device, which has no end
                if not _is_at_hand(path, folder, config):
                    raise ValueError("lies outside of the folder of the review and of the show")
                if path.stat().st_size > _MOST_PICTURE_BYTES:
                    raise ValueError("is larger than 50 MB")
                return path.read_bytes()
        except OSError as error:
            raise ValueError("cannot be read") from error
    raise ValueError("is not there")


def read_cover(config: Config) -> bytes:
    """Read the show's cover; b"" for none.

    Raise ConfigError when it cannot be used.
    """
    if not config.show.cover:
        return b""
    path = find_asset(config.show.cover, "cover.png", config, ("show", "cover"))
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"Cannot read the cover {path}: {error.strerror or error}.",
            hint="Correct [show] cover.",
        ) from error
    if not find_image_type(data):
        raise ConfigError(f"The cover {path} is neither JPEG nor PNG.", hint="Convert it.")
    return data


_LONGEST_PX = 1000
_LONGEST_COVER_PX = 3000
_COVER_QUALITY = 90
_GROUND_PX = 8
"""So few colours a side are behind an image that is no square: they blur into each other."""

_SHORTEST_PX = 64
"""What is smaller is an ornament."""

_MOST_PIXELS = 50_000_000
_MOST_BYTES = 120_000
_SMALL_PX, _MOST_SMALL_BYTES = 400, 30_000
_QUALITIES = (85, 75, 60, 45)
_SMALLER = 0.7
_BROKEN = "is no JPEG or PNG that can be read"


class _UnfitError(ValueError):
    """An image that can be read, and not be used."""


@contextlib.contextmanager
def _open_image(data: bytes) -> "Iterator[Image.Image]":
    """Open a JPEG or PNG; whatever Pillow raises until it is closed says that it is broken.

    Raise ValueError, saying why, for what is neither, is broken, or has over 50 million pixels.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of sizes: they are looked at here
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
                if image.width * image.height > _MOST_PIXELS:
                    raise _UnfitError(f"{_tell_size(image)}, too many")
                yield image
    except _UnfitError:
        raise
    except Image.DecompressionBombError:
        raise ValueError(f"has over {_MOST_PIXELS:,} pixels") from None
    except Exception:  # there is no list of what Pillow raises for a broken file
        raise ValueError(_BROKEN) from None


def _tell_size(image: "Image.Image") -> str:
    return f"has {image.width} × {image.height} pixels"


def fit_picture(data: bytes) -> bytes:
    """Return a JPEG or PNG as a JPEG of at most 1,000 pixels a side and 120 kB.

    It is turned as its camera says, and nothing else that a camera writes is kept: no place, no
    time. The same image gives the same bytes. Raise ValueError, saying why, for what is neither,
    is broken, has over 50 million pixels, or is too small to be more than an ornament.
    """
    with _open_image(data) as image:
        if min(image.size) < _SHORTEST_PX:
            raise _UnfitError(f"{_tell_size(image)}, too few")
        # a large photograph is decoded at a fraction of its size: quicker, and as good
        image.draft("RGB", (2 * _LONGEST_PX, 2 * _LONGEST_PX))
        return _encode(_make_plain(image, _LONGEST_PX), _MOST_BYTES)


@functools.lru_cache(maxsize=2)
def shrink_picture(data: bytes) -> bytes:
    """Return a JPEG or PNG as a JPEG of at most 400 pixels a side and 30 kB.

    The same image gives the same bytes; a show's cover is not made smaller twice in a run. Raise
    ValueError, saying why, for what is neither, is broken, or has over 50 million pixels.
    """
    with _open_image(data) as image:
        image.draft("RGB", (2 * _SMALL_PX, 2 * _SMALL_PX))
        return _encode(_make_plain(image, _SMALL_PX), _MOST_SMALL_BYTES)


def square_cover(data: bytes) -> tuple[bytes, int]:
    """Return a JPEG or PNG as a square one in RGB, and its side in pixels.

    It is cut at its middle, or, where that would leave less than the 1,400 pixels that podcast
    directories ask for and its longer side has them, set whole on a blurred copy of itself. One
    that is square already keeps its bytes. A longer side than 3,000 pixels is made smaller.
    Raise ValueError, saying why, for what is neither, is broken, or has over 50 million pixels.
    """
    from PIL import Image, ImageOps

    with _open_image(data) as image:
        image.load()
        is_rgb = image.mode == "RGB" and "transparency" not in image.info
        if is_rgb and image.width == image.height <= _LONGEST_COVER_PX:
            return data, image.width
        plain = _flatten(image)
        side = min(*plain.size, _LONGEST_COVER_PX)
        if side < _LEAST_COVER_PX <= max(plain.size):
            side = min(max(plain.size), _LONGEST_COVER_PX)
            square = _pad(plain, side)
        else:
            square = ImageOps.fit(plain, (side, side), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        square.save(file, "JPEG", quality=_COVER_QUALITY, optimize=True)
        return file.getvalue(), side


def _pad(image: "Image.Image", side: int) -> "Image.Image":
    """Set an image in RGB in the middle of a square of its own colours, whole."""
    from PIL import Image, ImageOps

    few = ImageOps.fit(image, (_GROUND_PX, _GROUND_PX), Image.Resampling.BOX)
    square = few.resize((side, side), Image.Resampling.BICUBIC)
    whole = ImageOps.contain(image, (side, side), Image.Resampling.LANCZOS)
    square.paste(whole, ((side - whole.width) // 2, (side - whole.height) // 2))
    return square


def _make_plain(image: "Image.Image", longest_px: int) -> "Image.Image":
    """Make it RGB on white, upright, and no longer than is wanted."""
    from PIL import Image

    image = _flatten(image)
    image.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
    return image


def _flatten(image: "Image.Image") -> "Image.Image":
    """Make it RGB on white, and upright."""
    from PIL import Image, ImageOps

    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):  # 16 bits, which Pillow would clip and not scale
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if "A" in image.mode or "transparency" in image.info:
        over = image.convert("RGBA")
        image = Image.new("RGBA", over.size, "white")
        image.alpha_composite(over)
    return image if image.mode == "RGB" else image.convert("RGB")


def _encode(image: "Image.Image", most_bytes: int) -> bytes:
    from PIL import Image

    while True:
        for quality in _QUALITIES:
            file = io.BytesIO()
            image.save(file, "JPEG", quality=quality, optimize=True)
            if file.tell() <= most_bytes:
                return file.getvalue()
        smaller = [max(1, round(side * _SMALLER)) for side in image.size]
        image = image.resize((smaller[0], smaller[1]), Image.Resampling.LANCZOS)


HASH_CHARS = 12


def make_suffix(picture: bytes) -> str:
    """Return the suffix of a chapter's picture beside the MP3, which holds a hash of it."""
    return f".{hashlib.sha256(picture).hexdigest()[:HASH_CHARS]}.jpg"


def name_picture(slug: str, suffix: str) -> str:
    """Return the name that a chapter's picture is published under."""
    return f"media/{slug}{suffix}"
