"""Three-way: what was imported last, what is imported now, and what the user has made of it."""

from msgspec import Struct


class Merge(Struct, frozen=True):
    """The text that a file is to have, and whether its user's edits clash with the new import."""

    text: str
    conflict: bool = False


def merge_edits(base: str, new: str, file: str) -> Merge:
    """Return the new import with the user's edits, or the file as it is when both changed a place.

    Lines are compared, so that a paragraph is changed by one side or the other, never mixed.
    """
    newline = "\r\n" if "\r\n" in file else "\n"
    mine = file.replace("\r\n", "\n")
    if mine in {base, new}:
        return Merge(new.replace("\n", newline))
    if new == base:
        return Merge(file)
    from merge3 import Merge3

    base_lines, ours, theirs = (text.splitlines(keepends=True) for text in (base, mine, new))
    merged = Merge3(base_lines, ours, theirs)
    if any(kind[0] == "conflict" for kind in merged.merge_regions()):
        return Merge(file, conflict=True)
    return Merge("".join(merged.merge_lines()).replace("\n", newline))
