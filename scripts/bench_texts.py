"""Write a review once, or so often that it lasts as long as is wanted."""

import json
import math
import random
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reviewcast.jobs.shows import open_review
from reviewcast.model.text import Review
from reviewcast.speech.narration import write_script
from reviewcast.text.draft import read_source


@dataclass(frozen=True)
class Text:
    """A review as a file, with the same text as paragraphs for the baseline."""

    review: Path
    paragraphs: Path
    characters: int

    def write_words(self) -> Path:
        """Write what the voice is given, a segment a paragraph, so that others speak the same."""
        source, config = open_review(str(self.review), voice="espeak")
        script = write_script(source, config)[1].script
        words = self.review.with_name("words.txt")
        spoken = (segment.spoken for segment in script.segments)
        words.write_text("\n\n".join(spoken), encoding="utf-8")
        return words


class Writer:
    """Writes a review once, or many times as long without a sentence that stands twice."""

    def __init__(self, name: str, folder: Path) -> None:
        """Read the review."""
        source, config = open_review(name)
        self.review: Review = read_source(source, config)
        self.original = Path(name)
        self.folder = folder
        self.duration_s = 0.0  # of the review once, when a build has told it

    def count_copies(self, seconds: float) -> int:
        """Tell how many copies last so long at least."""
        return max(1, math.ceil(seconds / (0.92 * self.duration_s)))  # its music comes once

    def write_once(self) -> Text:
        """Copy the review to where no show's settings hold."""
        place = self.make_folder("1")
        copied = place / self.original.name
        shutil.copyfile(self.original, copied)
        return self.finish(copied, [text for _, text in self.list_texts()])

    def write_many(self, copies: int, *, edit: str = "") -> Text:
        """Write it so often, the words of each copy in an order of their own.

        `edit` is a word that comes into one sentence in the middle.
        """
        place = self.make_folder(str(copies))
        texts = []
        for copy in range(copies):
            shuffle = random.Random(copy)
            for mark, text in self.list_texts():
                heading = mark == "## "
                varied = vary_words(text, shuffle) if copy else text
                texts.append((mark, f"{varied} {copy + 1}" if heading else varied))
        if edit:
            middle = len(texts) // 2
            place_of = min(
                (at for at, (mark, _) in enumerate(texts) if not mark),
                key=lambda at: abs(at - middle),
            )
            first, _, rest = texts[place_of][1].partition(" ")
            texts[place_of] = ("", f"{first} {edit} {rest}")
        target = place / f"{self.original.stem}.md"
        title = self.review.title
        titled = self.review.origins.get("title") in ("front matter", "text")
        front = f"---\ntitle: {json.dumps(title)}\n---\n\n" if titled else ""
        body = "\n\n".join(mark + escape(text) for mark, text in texts)
        target.write_text(f"{front}{body}\n", encoding="utf-8")
        return self.finish(target, [*([title] if titled else []), *(text for _, text in texts)])

    def list_texts(self) -> Iterator[tuple[str, str]]:
        """Return each heading and paragraph with the Markdown that stands before it."""
        marks = {"quote": "> ", "list": "- "}
        for section in self.review.sections:
            if section.heading:
                yield "## ", section.heading
            for paragraph in section.paragraphs:
                yield marks.get(paragraph.role, ""), paragraph.text

    def make_folder(self, name: str) -> Path:
        """Make a folder of its own for a text."""
        place = self.folder / name
        place.mkdir(exist_ok=True)
        return place

    def finish(self, review: Path, texts: Iterable[str]) -> Text:
        """Write the paragraphs of the baseline beside the review."""
        paragraphs = review.with_name("paragraphs.txt")
        joined = "\n\n".join(texts)
        paragraphs.write_text(joined, encoding="utf-8")
        return Text(review, paragraphs, len(joined))


def vary_words(text: str, shuffle: random.Random) -> str:
    """Change the order of the words; punctuation and capitals keep their places."""
    parts = [re.fullmatch(r"(\W*)(.*?)(\W*)", word, re.DOTALL) for word in text.split()]
    words = [part[2] for part in parts if part and part[2]]
    shuffle.shuffle(words)
    varied = []
    for part in filter(None, parts):
        word = words.pop() if part[2] else ""
        if part[2][:1].isupper():
            word = word[:1].upper() + word[1:]
        varied.append(part[1] + word + part[3])
    return " ".join(varied)


def escape(text: str) -> str:
    """Take from Markdown's characters their meaning."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
