"""The sounds and pictures that come with a show."""

import filecmp
from collections.abc import Iterable
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from reviewcast.accesses import reach_file, reach_reviews
from reviewcast.bundled import find_bundled
from reviewcast.config import Config
from reviewcast.errors import ConfigError, SoundError
from reviewcast.events import Noticed, Notify, Warned
from reviewcast.model import Review, Sound
from reviewcast.pictures import fit_picture
from reviewcast.sound import TURN_AROUND, make_loop, make_room_tone, open_sound
from reviewcast.stages.stitch import MOST_MUSIC_GAIN_DB, Sounds, find_missing_gain
from reviewcast.stages.tag import find_image_type
from reviewcast.trust import is_inside, is_recorded, require_trust

_MOST_PICTURE_BYTES = 50_000_000
_AUDIBLE_DB = 1.0
_MOST_LOSS_DB, _SILENT_LOSS_DB = 4.0, 20.0  # in mono; channels with nothing in common lose 3 dB


def open_sounds(config: Config) -> Sounds:
    """Open what stands around the speech, before anything is spoken.

    Raises SoundError for what is missing or broken.
    """
    settings = config.stitch
    opened = {
        name: _open_sound(name, value, config)
        for name, value in (
            ("intro", settings.intro),
            ("outro", settings.outro),
            ("sting", settings.sting),
            ("bed", settings.bed),
        )
        if value
    }
    if "bed" in opened:
        try:
            opened["bed"] = make_loop(opened["bed"])
        except SoundError as error:
            error.hint = f"It is the bed of [stitch] in podcast.toml. {error.hint}"
            raise
    if settings.room_tone_db:
        opened["tone"] = make_room_tone()
    music: tuple[Literal["intro", "outro"], ...] = ("intro", "outro")
    shrinks = tuple(name for name in music if _is_bundled(name, getattr(settings, name), config))
    return Sounds(**opened, shrinks=shrinks)


def _is_bundled(name: str, value: str, config: Config) -> bool:
    """True if a sound is the one that comes along, or a copy of it as `init` makes one."""
    if not value:
        return False
    file = f"{name}.flac"
    try:
        return value == "default" or filecmp.cmp(
            _find_asset(value, file, config, ("stitch", name)), find_bundled(file), shallow=False
        )
    except OSError:
        return False


def _open_sound(name: str, value: str, config: Config) -> Sound:
    try:
        return open_sound(_find_asset(value, f"{name}.flac", config, ("stitch", name)))
    except SoundError as error:
        error.hint = f"It is the {name} of [stitch] in podcast.toml. {error.hint}"
        raise


def warn_of_sounds(sounds: Sounds, config: Config, notify: Notify) -> None:
    """Warn of music that hardly anybody would hear: too soft to be raised, or gone in mono."""
    settings = config.stitch
    for name, sound, against_db in (
        ("intro", sounds.intro, settings.music_db),
        ("outro", sounds.outro, settings.music_db),
        ("sting", sounds.sting, settings.music_db),
        ("bed", sounds.bed, settings.bed_db),
    ):
        if not sound:
            continue
        what = f"The {name} {getattr(settings, name)}"
        if find_missing_gain(sound, against_db) >= _AUDIBLE_DB:
            notify(
                Warned(
                    f"{what} is so soft that it stays below its level, even raised by"
                    f" {MOST_MUSIC_GAIN_DB:.0f} dB. Take a louder file."
                )
            )
        if sound.mono_loss_db >= _SILENT_LOSS_DB:
            notify(
                Warned(
                    f"{what} is silent where both channels are played as one, as on phones and"
                    f" smart speakers: its channels cancel each other out. {TURN_AROUND}"
                )
            )
        elif sound.mono_loss_db >= _MOST_LOSS_DB:
            notify(
                Warned(
                    f"{what} is {sound.mono_loss_db:.0f} dB softer where both channels are played"
                    " as one, as on phones and smart speakers. Narrow it in an audio editor."
                )
            )


def open_cover(review: Review, config: Config, folder: Path, notify: Notify) -> bytes:
    """Read the review's image, else the show's cover; b"" for none.

    Raises ConfigError when the show's cover cannot be used; a review's image is only warned of,
    also when it lies neither in the review's `folder` nor in the show's.
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
            return read_cover(config)
        try:
            data = path.read_bytes()
            if find_image_type(data):
                return data
        except (OSError, ValueError):  # such as a NUL in its name
            pass
        notify(
            Warned(
                f"The image {review.image} is no JPEG or PNG that can be read; the cover is used."
            )
        )
    elif review.image:
        notify(Warned(f"The image {review.image} is not fetched; the cover is used."))
    return read_cover(config)


def open_pictures(
    addresses: Iterable[str], config: Config, folder: Path, notify: Notify
) -> dict[str, bytes]:
    """Read the images that chapters show, from the review's folder; give a JPEG by each address.

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

    Raises ValueError, saying what is wrong with it.
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

    Raises ConfigError when it cannot be used.
    """
    if not config.show.cover:
        return b""
    path = _find_asset(config.show.cover, "cover.png", config, ("show", "cover"))
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


def _find_asset(value: str, default: str, config: Config, setting: tuple[str, str]) -> Path:
    """Give the path of a sound or cover: the default one, or one in the show's folder.

    Raises ConfigError for one outside of it that the user has not confirmed.
    """
    if value != "default":
        if setting not in config.variables:
            require_trust(reach_file(value, config))
        return (config.folder or Path()) / Path(value).expanduser()
    return find_bundled(default)
