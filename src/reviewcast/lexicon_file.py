"""A word is entered into a lexicon.toml, and all else stays as its writer left it."""

from pathlib import Path
from typing import Any

from reviewcast.atomic import write_whole
from reviewcast.errors import ConfigError, StorageError, UsageError
from reviewcast.spoken import load_lexicon

_OPENING = "How words are said."


def add_word(file: Path, written: str, spoken: str) -> None:
    """Enter how a word is said, in place of what the file says of it; comments are kept.

    The file and its folder are made when they are missing. Raises UsageError for a word or a form
    without a letter or figure, ConfigError for a file that is no lexicon, which stays as it is.
    """
    written, spoken = " ".join(written.split()), " ".join(spoken.split())
    for text in (written, spoken):
        if not any(map(str.isalnum, text)):
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
    """Take a word out of a lexicon; tell whether it was there.

    Raises ConfigError for a file that is no lexicon.
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

    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        document = tomlkit.document()
        document.add(tomlkit.comment(_OPENING))
        return document
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Cannot read {file}: {error}.", hint="Correct or move it.") from error
    try:
        load_lexicon(text)
    except ConfigError as error:
        raise ConfigError(f"In {file}: {error.message}", hint=error.hint) from error
    return tomlkit.parse(text)


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
