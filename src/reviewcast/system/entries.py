"""Which files a store holds: its entries, and what killed runs have left."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from reviewcast.system.files import is_leftover, reporting

_FOLDER = re.compile("[0-9a-f]{2}")
_ENTRY = re.compile("[0-9a-f]{64}")
_PART = re.compile(r"\.[0-9a-f]{50}\.[0-9]+-[0-9]+\.part")


class EntryFile(NamedTuple):
    """A file of a store; `key` is "" for what a killed run left."""

    path: str
    key: str
    status: os.stat_result


def list_entries(folder: Path) -> Iterator[EntryFile]:
    """Yield entries by name and place, in the order of keys, and what killed runs left."""
    for part in _list_folder(folder):
        if not (_FOLDER.fullmatch(part.name) and part.is_dir(follow_symlinks=False)):
            continue
        for file in _list_folder(part.path):
            is_entry = _ENTRY.fullmatch(file.name) is not None
            is_left = _PART.fullmatch(file.name) is not None and is_leftover(file.name)
            if not (is_entry or is_left) or file.name.lstrip(".")[:2] != part.name:
                continue
            with contextlib.suppress(FileNotFoundError):
                if file.is_file(follow_symlinks=False):
                    key = file.name if is_entry else ""
                    yield EntryFile(file.path, key, os.stat(file.path))


def _list_folder(folder: Path | str) -> list["os.DirEntry[str]"]:
    hint = "Make it a folder that can be read."
    with reporting(f"read {folder}", hint=hint), contextlib.suppress(FileNotFoundError):
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    return []
