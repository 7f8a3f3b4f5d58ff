"""Rules for what a show and its episodes say of synthetic voices.

Sources: the podcast namespace (txt, "ai-content"), the proposal of the Podcast Standards Project by
which a channel's value follows from its items, Apple's content guidelines (AI that makes a material
part of a podcast is disclosed in the audio and in the metadata), and the EU AI Act, Article 50
(synthetic audio is marked so that a machine can tell).
"""

from collections.abc import Iterator

from reviewcast.model.disclosure import infer_ai_content
from reviewcast.podcast.check.document import Channel, Item
from reviewcast.podcast.check.findings import APPLE_AI, EU_AI, NAMESPACE_AI, must, should
from reviewcast.podcast.check.rules.media import Audio
from reviewcast.podcast.feed.parse import read_text

_VALUES = ("true", "false")
_WRITE = 'Write <podcast:txt purpose="ai-content">true</podcast:txt>, or false.'


@must("feed/ai-content", NAMESPACE_AI, fix=_WRITE)
def check_ai_content(channel: Channel) -> Iterator[str]:
    """Whether synthetic voices speak is said by one of two words."""
    yield from _find_odd(channel)


@must("feed/item-ai-content", NAMESPACE_AI, fix=_WRITE)
def check_item_ai_content(item: Item) -> Iterator[str]:
    """Whether a synthetic voice speaks an episode is said by one of two words."""
    yield from _find_odd(item)


@must(
    "feed/ai-content-denied",
    f"{NAMESPACE_AI}; {APPLE_AI}",
    fix="Let the show say true as soon as one of its episodes does.",
)
def check_denied(channel: Channel) -> Iterator[str]:
    """A show with an episode of synthetic voices does not say that it has none."""
    values = [read_ai_content(item) for item in channel.feed.items]
    if read_ai_content(channel) == "false" and "true" in values:
        yield f"The show says false, and {values.count('true'):,} of its episodes say true."


@should(
    "feed/ai-content-inferred",
    NAMESPACE_AI,
    fix="Say true if any episode does, false if all do, and nothing else.",
)
def check_inferred(channel: Channel) -> Iterator[str]:
    """What a show says of synthetic voices follows from its episodes."""
    values = [read_ai_content(item) for item in channel.feed.items]
    said, right = read_ai_content(channel), infer_ai_content(values)
    is_told = any(values) and not any(_find_odd(channel))  # hosts may tell it of the show alone
    is_denied = said == "false" and right == "true"
    is_part = channel.feed.archive or bool(channel.links("prev-archive"))
    if is_told and said != right and not is_denied and not (is_part and right == "false"):
        yield f"The show says {said or 'nothing'}, and {_count(values)}."


@should(
    "media/ai-content",
    f"{EU_AI}; {APPLE_AI}; {NAMESPACE_AI}",
    fix="Let the feed say of the episode what its MP3 says of itself.",
)
def check_mark(audio: Audio) -> Iterator[str]:
    """The feed says of an episode's voices what the mark in its MP3 does."""
    marked = audio.tag.ai_content if audio.tag is not None else ""
    said = read_ai_content(audio.item)
    if marked in _VALUES and said != marked and not any(_find_odd(audio.item)):
        what = f"says {said}" if said else "says nothing of it"
        voice = "a synthetic voice speaks" if marked == "true" else "no synthetic voice speaks"
        if said or marked == "true":
            yield f"By the mark in its MP3 {voice}, and the feed {what}."


def read_ai_content(owner: Channel | Item) -> str:
    """Return what a show or an episode says of synthetic voices, "" for nothing."""
    return next((value for value in _list_values(owner) if value in _VALUES), "")


def _list_values(owner: Channel | Item) -> Iterator[str]:
    for element in owner.find_all("podcast:txt"):
        if element.get("purpose") == "ai-content":
            yield read_text(element)


def _find_odd(owner: Channel | Item) -> Iterator[str]:
    for value in _list_values(owner):
        if value not in _VALUES:
            yield f"The disclosure of AI content is {value!r}."


def _count(values: list[str]) -> str:
    """Return in words how many episodes say what."""
    told = {"true": "true", "false": "false", "": "nothing"}
    parts = [f"{values.count(one):,} say {word}" for one, word in told.items() if one in values]
    return f"of its episodes {' and '.join(parts)}"
