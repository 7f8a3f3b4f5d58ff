"""Whether the title of a review is said: not one made of a file's name that names no work."""

import re

from reviewcast.model.text import Review
from reviewcast.text.readers.fields import holds

_LONGEST_NAME = 80
_LETTERS = re.compile(r"[^\W\d_]+")

# what files are called that are called after nothing
_FILE_WORDS = frozenset(
    "review reviews index readme draft untitled post page text document notes note new copy final"
    " test tmp temp img image export file article entry blog kritik rezension critique".split()
)


def says_title(review: Review) -> bool:
    """True if the script begins with the title of the review."""
    origin = review.origins.get("title")
    if origin in {"slug", "file name"}:
        return _names_work(review.title) and not _mentions(review, review.title)
    return origin in {"front matter", "text"}


def _names_work(title: str) -> bool:
    """Return True if a title that was made of a file's name may be that of a work."""
    words = [word for word in _LETTERS.findall(title.lower()) if word not in _FILE_WORDS]
    return any(len(word) > 2 for word in words) and len(title) <= _LONGEST_NAME


def _mentions(review: Review, title: str) -> bool:
    """Return True if the review itself names the work somewhere."""
    name = re.sub(r" \(\d{4}\)$", "", title)
    return any(
        holds(text, name)
        for section in review.sections
        for text in (section.heading or "", *(one.text for one in section.paragraphs))
    )
