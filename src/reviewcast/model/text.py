"""The values of text: review, script, segment, omission."""

from typing import Literal

from msgspec import Struct

Role = Literal["narrator", "quote", "title", "list", "spoiler"]
ListKind = Literal["ol", "ul", "table"]
EpisodeKind = Literal["full", "trailer", "bonus"]


class Span(Struct, frozen=True):
    """Where a text stands: characters `start` to `end` of one paragraph.

    Paragraph -1 is the section's heading; section -1 is the review's title.
    """

    section: int
    paragraph: int
    start: int
    end: int


class Omission(Struct, frozen=True):
    """A part of the review that will not be spoken, and why.

    `span` tells where it stands when the script left it out, not the reader.
    """

    text: str
    reason: str
    span: Span | None = None


class Paragraph(Struct, frozen=True):
    """A run of text without markup or line breaks, spoken in one role.

    `emphasis` are the characters, from and to, that were set in italics: often a work's title.
    `links` are those that led somewhere, and where. `lists` are the lists that it stands in, from
    the outermost: the kind of each and the number of its item, of a table its row. Of such a row
    `cells` are those with a text: from, to, its column from 0, and whether it is a heading.
    """

    text: str
    role: Role = "narrator"
    emphasis: tuple[tuple[int, int], ...] = ()
    links: tuple[tuple[int, int, str], ...] = ()
    lists: tuple[tuple[ListKind, int], ...] = ()
    cells: tuple[tuple[int, int, int, bool], ...] = ()


class Section(Struct, frozen=True):
    """A heading, or none, and what stands below it.

    `images` are addresses as they are written, each with how many paragraphs stand before it.
    """

    heading: str | None
    paragraphs: tuple[Paragraph, ...]
    images: tuple[tuple[int, str], ...] = ()


class Document(Struct, frozen=True):
    """What a reader finds in a file: its metadata as it is written there, and its text.

    `metadata` has lower-case keys and string values, `origins` tells of each key that does not
    come from front matter where it stood. `title` is the one that stands in the text. `markup` is
    all of the source that no reader of the review sees: link targets, tags, names of shortcodes.
    `notes` are remarks for the writer on what had to be guessed. `script` is there when the file
    is an edited script.
    """

    sections: tuple[Section, ...]
    title: str = ""
    metadata: dict[str, str] = {}
    origins: dict[str, str] = {}
    omissions: tuple[Omission, ...] = ()
    markup: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    script: "Script | None" = None


class Review(Struct, frozen=True, kw_only=True):
    """A review with all that is known of it.

    `origins` tells for each field that has a value where it came from, for example
    `{"title": "front matter"}`; `unknown` are the keys of front matter that nothing was made of.
    `language` is a BCP 47 tag; `date` is `YYYY-MM-DD` or "". `notes` are remarks for the writer on
    what had to be guessed. `script` is there when the review came as an edited script.
    """

    title: str
    slug: str
    sections: tuple[Section, ...]
    language: str = "en"
    subject: str = ""
    author: str = ""
    rating: str = ""
    date: str = ""
    image: str = ""
    description: str = ""
    link: str = ""
    """Where the review can be read: an http or https address."""
    same_as: tuple[str, ...] = ()
    """Where the reviewed work is known: its pages in databases."""
    social: tuple[str, ...] = ()
    """Posts under which the review is talked about, such as on Mastodon or Bluesky."""
    cast: tuple[str, ...] = ()
    """Who has made the work or is in it, and tags that may be such."""
    track: int | None = None
    season: int = 0
    kind: EpisodeKind = "full"
    explicit: bool = False
    draft: bool = False
    spoiler: bool = False
    """All of it spoils, its title apart."""
    omissions: tuple[Omission, ...] = ()
    origins: dict[str, str] = {}
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    script: "Script | None" = None


class Change(Struct, frozen=True):
    """What was written at `start` to `end` of the text, what is said for it, and by which rule.

    `ipa` is how a lexicon says it, for voices that take that.
    """

    start: int
    end: int
    written: str
    spoken: str
    rule: str
    ipa: str = ""


class Segment(Struct, frozen=True, kw_only=True):
    """What a voice says in one breath: `text` as written, `spoken` as said.

    `chapter` is an index into the script's chapters; `pause_s` is the silence after it. `changes`
    tell how what is said differs from what is written. Section -2 of the `span` stands for what
    the script itself adds: opening, closing, warnings. `voice` says it in place of the episode's
    own when it is not "", and `recording` names a file that stands for the speech.
    """

    index: int
    chapter: int
    role: Role
    text: str
    spoken: str
    pause_s: float
    span: Span
    changes: tuple[Change, ...] = ()
    voice: str = ""
    recording: str = ""


class ScriptChapter(Struct, frozen=True):
    """A chapter's title, whether the writer set it as a heading, and its image's address.

    `link` is where what it tells of can be read, "" for nowhere.
    """

    title: str
    written: bool
    image: str = ""
    link: str = ""


class Script(Struct, frozen=True, kw_only=True):
    """The whole narration in order, and what is left out of it."""

    title: str
    language: str
    chapters: tuple[ScriptChapter, ...]
    segments: tuple[Segment, ...]
    omissions: tuple[Omission, ...] = ()


Case = Literal["smart", "exact", "ignore"]


class LexiconEntry(Struct, frozen=True):
    """A word or phrase and how it is said.

    `case` "smart" takes a small-lettered entry in any case and any other as written or in
    capitals. `ipa` is for voices that take it; without `spoken` the word stays as written for the
    others. `language` and `voices` say where the entry holds; empty means everywhere.
    """

    written: str
    spoken: str = ""
    ipa: str = ""
    case: Case = "smart"
    whole_word: bool = True
    language: str = ""
    voices: tuple[str, ...] = ()
