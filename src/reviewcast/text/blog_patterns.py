"""Patterns of file names that match the reviews of a blog and none of its other files."""

import glob
import os
from collections.abc import Iterator
from pathlib import Path

# --- patterns


def cover_files(folder: Path, reviews: set[str]) -> Iterator[str]:
    """Return patterns that match these files of a folder, and no other that is there."""
    for suffix in sorted({Path(name).suffix for name in reviews}):
        wanted = {name for name in reviews if Path(name).suffix == suffix}
        yield from _cover_below(folder, _find_common(wanted), suffix, wanted)


def _find_common(names: set[str]) -> str:
    """Return the folder that holds all files; one that is there for a single page is none."""
    homes = [
        Path(name).parent.parent if Path(name).stem == "index" else Path(name).parent
        for name in names
    ]
    return os.path.commonpath(homes) if len(set(homes)) > 1 else str(homes[0])


def _cover_below(folder: Path, place: str, suffix: str, wanted: set[str]) -> Iterator[str]:
    below = {name for name in wanted if Path(place) in Path(name).parents}
    direct = {name for name in below if Path(name).parent == Path(place)}
    inner = below - direct
    prefix = "" if place in {"", "."} else f"{glob.escape(Path(place).as_posix())}/"
    ends = (f"*{suffix}", f"[!_]*{suffix}", f"*review*{suffix}")
    if inner:
        for end in ends:
            if _match(folder, f"{prefix}**/{end}") == below:
                yield f"{prefix}**/{end}"
                return
    if direct:
        pattern = next((e for e in ends if _match(folder, f"{prefix}{e}") == direct), None)
        if pattern:
            yield f"{prefix}{pattern}"
        else:
            yield from map(glob.escape, sorted(direct))
    depth = len(Path(place).parts)
    for child in sorted({Path(name).parts[depth] for name in inner}):
        yield from _cover_below(folder, os.path.join(place, child), suffix, inner)


def _match(folder: Path, pattern: str) -> set[str]:
    found = glob.glob(pattern, root_dir=folder, recursive=True)
    return {Path(name).as_posix() for name in found}
