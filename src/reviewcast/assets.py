"""The sounds and pictures that come with a show."""

from pathlib import Path

from reviewcast.bundled import find_bundled
from reviewcast.config import Config
from reviewcast.errors import ConfigError
from reviewcast.events import Notify, Warned
from reviewcast.model import Review
from reviewcast.sound import open_sound
from reviewcast.stages.stitch import Sounds
from reviewcast.stages.tag import find_image_type


def open_sounds(config: Config) -> Sounds:
    """Open what stands around the speech, before anything is spoken.

    Raises SoundError for what is missing or broken.
    """
    settings = config.stitch
    opened = {
        name: open_sound(_find_asset(value, f"{name}.flac", config))
        for name, value in (
            ("intro", settings.intro),
            ("outro", settings.outro),
            ("sting", settings.sting),
        )
        if value
    }
    return Sounds(**opened)


def open_cover(review: Review, config: Config, folder: Path, notify: Notify) -> bytes:
    """Read the review's image, else the show's cover; b"" for none.

    Raises ConfigError when the show's cover cannot be used; a review's image is only warned of.
    """
    if review.image and "://" not in review.image:
        try:
            data = (folder / review.image.lstrip("/")).read_bytes()
            if find_image_type(data):
                return data
        except OSError:
            pass
        notify(
            Warned(
                f"The image {review.image} is no JPEG or PNG that can be read; the cover is used."
            )
        )
    elif review.image:
        notify(Warned(f"The image {review.image} is not fetched; the cover is used."))
    return read_cover(config)


def read_cover(config: Config) -> bytes:
    """Read the show's cover; b"" for none.

    Raises ConfigError when it cannot be used.
    """
    if not config.show.cover:
        return b""
    path = _find_asset(config.show.cover, "cover.png", config)
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


def _find_asset(value: str, default: str, config: Config) -> Path:
    """Give the path of a sound or cover: the default one, or one in the show's folder."""
    if value != "default":
        return (config.folder or Path()) / Path(value).expanduser()
    return find_bundled(default)
