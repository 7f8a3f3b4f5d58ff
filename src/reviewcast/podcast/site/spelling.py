"""Texts compared by their letters and figures alone."""


def spell(text: str) -> str:
    """Return the letters and figures of a text, for comparisons."""
    return "".join(filter(str.isalnum, text)).casefold()


def spell_places(text: str) -> tuple[str, list[int]]:
    """Return what `spell` does, and for each of its characters where it stands in the text."""
    pieces, places = [], []
    for at, char in enumerate(text):
        if char.isalnum():
            folded = char.casefold()
            pieces.append(folded)
            places += [at] * len(folded)
    return "".join(pieces), places
