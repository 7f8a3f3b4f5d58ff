"""A cache folder is tagged (CACHEDIR.TAG), so that backups leave it out."""

from pathlib import Path

_TAG_NAME = "CACHEDIR.TAG"


_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n"


_TAG = (
    f"{_SIGNATURE}"
    "# This folder is a cache of reviewcast: it can be removed at any time.\n"
    "# For information about cache directory tags see https://bford.info/cachedir/\n"
)


def mark_folder(folder: Path) -> None:
    """Mark a folder as one that can be thrown away, for backups and for git.

    Raise OSError.
    """
    if not is_tagged(folder):
        (folder / _TAG_NAME).write_text(_TAG, encoding="utf-8")
    if not (folder / ".gitignore").exists():
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def is_tagged(folder: Path) -> bool:
    """True if a folder is marked as a cache, by its CACHEDIR.TAG."""
    try:
        with (folder / _TAG_NAME).open("rb") as file:
            return file.read(len(_SIGNATURE)) == _SIGNATURE.encode()
    except OSError:
        return False
