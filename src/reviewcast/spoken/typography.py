"""Typography that voices stumble over becomes what they read well."""

import re
import unicodedata

_RULES = (
    # a dash between words is a breath; most voices need spaces around it to hear it as one
    (re.compile(r"\s*(?:[—―]|(?<=\s)[–-](?=\s)|(?<=\w)--+(?=\w)|(?<=\s)--+(?=\s))\s*"), " — "),
    (re.compile(r"[\u00ad\u200b-\u200d\u2060\ufe0e\ufe0f\ufffd]"), ""),
    (re.compile(r"\s+"), " "),
)


def speak_typography(text: str) -> str:
    """Set dashes apart, drop invisible characters and odd spaces.

    >>> speak_typography("a clown—and a sad one—who runs")
    'a clown — and a sad one — who runs'
    """
    text = unicodedata.normalize("NFC", text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text.strip().removeprefix("— ").removesuffix(" —")
