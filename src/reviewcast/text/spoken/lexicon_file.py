"""A word is entered into a lexicon.toml, and all else stays as its writer left it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reviewcast.model.characters import has_words
from reviewcast.model.errors import ConfigError, StorageError, UsageError
from reviewcast.settings.load import PREFIX
from reviewcast.system.files import write_whole
from reviewcast.text.spoken import LexiconEntry, load_lexicon, say

_OPENING = "How words are said."


def add_word(file: Path, written: str, spoken: str) -> None:
    """Enter how a word is said, in place of what the file says of it; comments are kept.

    The file and its folder are made when they are missing. Raise UsageError for a word or a form
    without a letter or figure, ConfigError for a file that is no lexicon, which stays as it is.
    """
    written, spoken = " ".join(written.split()), " ".join(spoken.split())
    for text in (written, spoken):
        if not has_words(text):
            raise UsageError(
                f"{text!r} holds nothing that could be said.", hint="Write Word=how-it-is-said."
            )
    import tomlkit

    document = _open(file)
    tables = [table for table in document.get("entry", ()) if table.get("written") == written]
    if tables:
        for table in tables:
            table["spoken"] = spoken
    else:
        words: Any = document.setdefault("words", tomlkit.table())
        words[written] = spoken
    _save(file, document)


def remove_word(file: Path, written: str) -> bool:
    """Remove a word from a lexicon; True if it was there.

    Raise ConfigError for a file that is no lexicon.
    """
    written = " ".join(written.split())
    document = _open(file)
    words: Any = document.get("words", {})
    tables: Any = document.get("entry", [])
    places = [n for n, table in enumerate(tables) if table.get("written") == written]
    if written not in words and not places:
        return False
    if written in words:
        del words[written]
    for place in reversed(places):
        del tables[place]
    _save(file, document)
    return True


def _open(file: Path) -> Any:
    import tomlkit

    text, _ = _read(file)
    if text is not None:
        return tomlkit.parse(text)
    document = tomlkit.document()
    document.add(tomlkit.comment(_OPENING))
    return document


def _read(file: Path) -> tuple[str | None, tuple[LexiconEntry, ...]]:
    """Return the text and the entries of a lexicon, None and none when there is no file.

    Raise ConfigError, which names it, for one that cannot be read or is none.
    """
    try:
        text = file.read_text(encoding="utf-8")
        return text, load_lexicon(text)
    except FileNotFoundError:
        return None, ()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Cannot read {file}: {error}.", hint="Correct or move it.") from error
    except ConfigError as error:
        raise ConfigError(f"In {file}: {error.message}", hint=error.hint) from error


def _save(file: Path, document: Any) -> None:
    import tomlkit

    text = tomlkit.dumps(document)
    load_lexicon(text)  # what is written can be read again
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"Cannot make the folder {file.parent}: {error.strerror or error}.",
            hint="Choose another place: REVIEWCAST_LEXICON.",
        ) from error
    with write_whole(file) as opened:
        opened.write(text.encode())


_LEXICON = "lexicon.toml"


def read_spoken(table: dict[str, Any]) -> dict[str, bool | str]:
    """Return the table [spoken], or raise ConfigError for a family or rule that there is not."""
    for name, value in table.items():
        if not isinstance(value, bool | str):
            raise ConfigError(
                f"[spoken] {name} must be false, or how it is said.",
                hint='Such as ratings = false, or "8/10" = "eight of ten".',
            )
    say("", overrides=table)  # refuses families that there are not
    return table


def find_lexicon_file(folder: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where a show keeps its lexicon, or without one the user."""
    if folder:
        return folder / _LEXICON
    if own := environ.get(f"{PREFIX}LEXICON"):
        return Path(own)
    import platformdirs

    return Path(platformdirs.user_config_dir("reviewcast", appauthor=False), _LEXICON)


def read_lexicons(folder: Path | None, environ: Mapping[str, str]) -> tuple[LexiconEntry, ...]:
    """Read the show's lexicon.toml and the user's; of two entries for a word the show's holds."""
    files = [find_lexicon_file(folder, environ)] if folder else []
    files.append(find_lexicon_file(None, environ))
    if (own := environ.get(f"{PREFIX}LEXICON")) and not files[-1].is_file():
        raise ConfigError(f"There is no lexicon {own}.", hint=f"Correct or unset {PREFIX}LEXICON.")
    entries: list[LexiconEntry] = []
    for file in files:
        _, found = _read(file)
        known = {(entry.written, entry.language) for entry in entries}
        entries += [entry for entry in found if (entry.written, entry.language) not in known]
    return tuple(entries)
