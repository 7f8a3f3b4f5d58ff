"""The picture of a chapter: of any size when it comes, small enough for a tag when it goes."""

import io
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_LONGEST_PX = 1000
_SHORTEST_PX = 64
"""What is smaller is an ornament."""
_MOST_PIXELS = 50_000_000
_MOST_BYTES = 120_000
_QUALITIES = (85, 75, 60, 45)
_SMALLER = 0.7
_BROKEN = "is no JPEG or PNG that can be read"


def fit_picture(data: bytes) -> bytes:
    """Give a JPEG or PNG as a JPEG of at most 1,000 pixels a side and 120 kB.

    It is turned as its camera says, and nothing else that a camera writes is kept: no place, no
    time. The same image gives the same bytes. Raises ValueError, saying why, for what is neither,
    is broken, has over 50 million pixels, or is too small to be more than an ornament.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of sizes: they are looked at here
            image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    except Image.DecompressionBombError:
        raise ValueError(f"has over {_MOST_PIXELS:,} pixels") from None
    except Exception:  # there is no list of what Pillow raises for a broken file
        raise ValueError(_BROKEN) from None
    with image:
        size = f"has {image.width} × {image.height} pixels"
        if image.width * image.height > _MOST_PIXELS:
            raise ValueError(f"{size}, too many")
        if min(image.size) < _SHORTEST_PX:
            raise ValueError(f"{size}, too few")
        try:
            # a large photograph is decoded at a fraction of its size: quicker, and as good
            image.draft("RGB", (2 * _LONGEST_PX, 2 * _LONGEST_PX))
            return _encode(_make_plain(image))
        except Exception:
            raise ValueError(_BROKEN) from None


def _make_plain(image: "Image.Image") -> "Image.Image":
    """Make it RGB on white, upright, and no longer than is wanted."""
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits, which Pillow would clip and not scale
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if "A" in image.mode or "transparency" in image.info:
        over = image.convert("RGBA")
        image = Image.new("RGBA", over.size, "white")
        image.alpha_composite(over)
    image = image.convert("RGB")
    image.thumbnail((_LONGEST_PX, _LONGEST_PX), Image.Resampling.LANCZOS)
    return image


def _encode(image: "Image.Image") -> bytes:
    from PIL import Image

    while True:
        for quality in _QUALITIES:
            file = io.BytesIO()
            image.save(file, "JPEG", quality=quality, optimize=True)
            if file.tell() <= _MOST_BYTES:
                return file.getvalue()
        smaller = [max(1, round(side * _SMALLER)) for side in image.size]
        image = image.resize((smaller[0], smaller[1]), Image.Resampling.LANCZOS)
