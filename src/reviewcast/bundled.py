"""The files that come along: sounds, a cover, a sample review."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def find_bundled(name: str) -> Path:
    """Give the path of a sound or picture: in the wheel, or in the folder of the sources."""
    installed = _PACKAGE / "audio" / name
    return installed if installed.exists() else _PACKAGE.parent.parent / "audio" / name


def find_sample() -> Path:
    """Give the path of the sample review."""
    return _PACKAGE / "samples" / "the-general.md"
