"""A rule is one small function in a table; what breaks it is a finding."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Literal, TypeVar, get_type_hints

from msgspec import Struct

Severity = Literal["error", "warning", "note"]

Fault = str | tuple[str, str]
"""One sentence, or where it is and one sentence."""

APPLE = "Apple Podcasts, A podcaster's guide to RSS"
APPLE_AI = "Apple Podcasts, content guidelines: AI"
APPLE_ARTWORK = "Apple Podcasts, artwork requirements"
APPLE_AUDIO = "Apple Podcasts, audio requirements"
APPLE_HTTPS = "Apple Podcasts, requirements for hosts: HTTPS"
EU_AI = "EU AI Act, Article 50"
ID3 = "ID3v2 Chapter Frame Addendum 1.0"
ISO_MP3 = "ISO/IEC 11172-3, section 2.4.1"
NAMESPACE = "podcast namespace"
NAMESPACE_AI = "podcast namespace, txt: ai-content; Podcast Standards Project, AI disclosure"
NAMESPACE_ALTERNATE = "podcast namespace, alternateEnclosure"
NAMESPACE_CHAPTERS = "podcast namespace, JSON chapters 1.2"
NAMESPACE_TRANSCRIPTS = "podcast namespace, transcript formats"
OP3 = "OP3, setup: prefixes"
PSC = "Podlove Simple Chapters 1.2"
RFC2822 = "RFC 2822, section 3.3"
RFC3986 = "RFC 3986"
RFC5005 = "RFC 5005, section 4"
RFC5646 = "RFC 5646"
RSS = "RSS 2.0"
RSS_SELF = "RSS Advisory Board, best practices: atom:link"
XML = "XML 1.0"
_Look = TypeVar("_Look", bound=Callable[[Any], Iterable[Fault]])


class Finding(Struct, frozen=True, kw_only=True):
    """What is wrong, where, by which rule of whom, and what to do about it."""

    severity: Severity
    rule: str
    where: str
    message: str
    source: str
    fix: str


class Rule(Struct, frozen=True, kw_only=True):
    """A rule's name, which stays what it is, and the function that looks for faults."""

    name: str
    severity: Severity
    source: str
    fix: str
    look: Callable[[Any], Iterable[Fault]]


RULES: dict[type, list[Rule]] = {}
"""All rules, by what they look at, in the order in which they are tried."""


def _enter(severity: Severity, name: str, source: str, *, fix: str) -> Callable[[_Look], _Look]:
    """Enter a function into the table as the rule of this name, for the type of its argument."""

    def enter(look: _Look) -> _Look:
        subject = next(iter(get_type_hints(look).values()))
        entry = Rule(name=name, severity=severity, source=source, fix=fix, look=look)
        RULES.setdefault(subject, []).append(entry)
        return look

    return enter


# the words of RFC 2119: what breaks such a rule is an error, a warning, a note
must, should, may = partial(_enter, "error"), partial(_enter, "warning"), partial(_enter, "note")


def apply_rules(subject: Any) -> Iterator[Finding]:
    """Try every rule for this kind of subject; its `where` stands where a fault names no place."""
    for entry in RULES.get(type(subject), ()):
        for fault in entry.look(subject):
            where, message = (subject.where, fault) if isinstance(fault, str) else fault
            yield Finding(
                severity=entry.severity,
                rule=entry.name,
                where=where,
                message=message,
                source=entry.source,
                fix=entry.fix,
            )
