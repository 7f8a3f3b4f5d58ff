"""A review of the show as a file: front matter with all that its sources know, and its text."""

import json
import re
from collections.abc import Collection

from reviewcast.model.clean import clean_line, make_slug
from reviewcast.shelf.ledger import Record
from reviewcast.shelf.values import SourceReview

FOLDER = "reviews"
_LONGEST = 500
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d|\d{4}|\d+(?:\.\d+)?/\d+|true")
_MERGED = "work year date watched rating language author creator image tmdb imdb isbn".split()


def name_file(review: SourceReview, taken: Collection[str]) -> str:
    """Return a name below the show that no other review has: `reviews/2024-05-01-heat.md`.

    `taken` are names in small letters: on some systems `Heat.md` and `heat.md` are one file.
    """
    day = review.watched or review.date
    slug = make_slug(review.work or review.title)[:60].rstrip("-") or "review"
    stem = f"{day}-{slug}" if day else slug
    name, number = f"{FOLDER}/{stem}.md", 1
    while name in taken:
        number += 1
        name = f"{FOLDER}/{stem}-{number}.md"
    return name


def format_review(record: Record) -> str:
    """Return a record's review as Markdown with front matter: the same record, the same text."""
    chosen = record.choose()
    others = [one for one in record.versions.values() if one.source != chosen.source]
    fields: dict[str, str | list[str]] = {"title": chosen.title}
    for name in _MERGED:
        values = (getattr(one, name) for one in (chosen, *others))
        fields[name] = next((value for value in values if value), "")
    work, title = str(fields.pop("work")), chosen.title
    links = [one.link for one in (chosen, *others) if one.link]
    cast = [name for one in (chosen, *others) for name in one.cast]
    tags = [tag for one in (chosen, *others) for tag in one.tags]
    fields = {
        "title": title,
        "date": fields["date"] or fields["watched"],
        "watched": fields["watched"] if fields["watched"] != fields["date"] else "",
        "subject": work,
        "year": fields["year"],
        "creator": fields["creator"],
        "cast": list(dict.fromkeys(cast)),
        "rating": fields["rating"],
        "author": "" if fields["isbn"] else fields["author"],
        "language": fields["language"],
        "tags": list(dict.fromkeys(tags)),
        "rewatch": "true" if any(one.rewatch for one in record.versions.values()) else "",
        "spoiler": "true" if any(one.spoiler for one in record.versions.values()) else "",
        "link": links[0] if links else "",
        "also": list(dict.fromkeys(link for link in links[1:] if link != links[0])),
        "tmdb": fields["tmdb"],
        "imdb": fields["imdb"],
        "isbn": fields["isbn"],
        "source": [one.replace(",", "%2C") for one in record.ids],
    }
    lines = [f"{name}: {_format_value(value)}" for name, value in fields.items() if value]
    return "\n".join(["---", *lines, "---", "", chosen.text, ""])


def _format_value(value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_quote, value))}]"
    return value if _PLAIN.fullmatch(value) else _quote(value)


def _quote(text: str) -> str:
    """Return a text as YAML's double-quoted scalar, which JSON's is, too."""
    return json.dumps(clean_line(text, longest=_LONGEST), ensure_ascii=False)
