"""Numbers of list items: spoken where they matter, as in a countdown."""

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token


def number_items(tokens: "Sequence[Token]") -> dict[int, str]:
    """Return the number spoken before an item, by the identity of its token.

    A list that counts up from 0 or 1 is a mere list, and so is one whose every number is the
    same. One that counts down, or starts elsewhere, is counted aloud; so is the "1." that ends a
    countdown of several lists, and the one that begins a count which text interrupts.
    """
    lists = _list_numbers(tokens)
    telling = [_is_telling([number for number, _ in items]) for items in lists]
    for index, items in enumerate(lists):
        if telling[index] or len(items) != 1 or items[0][0] != 1:
            continue
        before, after = index - 1, index + 1
        ends = before >= 0 and telling[before] and lists[before][-1][0] == 2
        begins = after < len(lists) and telling[after] and lists[after][0][0] == 2
        telling[index] = ends or begins
    return {
        id(token): f"{token.info}. "
        for index, items in enumerate(lists)
        if telling[index]
        for _, token in items
    }


def _list_numbers(tokens: "Sequence[Token]") -> "list[list[tuple[int, Token]]]":
    lists: list[list[tuple[int, Token]]] = []
    open_lists: list[list[tuple[int, Token]] | None] = []
    for token in tokens:
        if token.type == "ordered_list_open":
            lists.append([])
            open_lists.append(lists[-1])
        elif token.type == "bullet_list_open":
            open_lists.append(None)
        elif token.type in {"ordered_list_close", "bullet_list_close"}:
            open_lists.pop()
        elif token.type == "list_item_open" and open_lists and open_lists[-1] is not None:
            open_lists[-1].append((int(token.info), token))
    return [items for items in lists if items]


def _is_telling(numbers: list[int]) -> bool:
    counts_down = all(a > b for a, b in pairwise(numbers))
    return (len(numbers) > 1 and counts_down) or numbers[0] not in {0, 1}
