"""The people that a review's source names are marked among the names of its text."""

import re
from collections.abc import Sequence

from reviewcast.text.name_search import NameSearch, Passage

_LEAST_SURNAME = 3


def mark_cast(search: NameSearch, passages: Sequence[Passage], cast: Sequence[str]) -> None:
    """Mark who of a work's people is named in the texts, whole or by surname.

    A whole name that was not found by its capitals, as in German, is found by itself.
    """
    for person in cast:
        surname = person.rpartition(" ")[2]
        if len(surname) >= _LEAST_SURNAME and "name" in search.kinds.get(surname, ()):
            search.kinds[surname].add("cast")
        if person in search.found:
            search.kinds[person].add("cast")
            continue
        whole = re.compile(rf"(?<!\w){re.escape(person)}(?!\w)")
        for place, passage in enumerate(passages):
            for _ in whole.finditer(passage.text):
                search.found[person].append(place)
                search.kinds[person].add("cast")
