"""Footnotes of a page: the notes that marks refer to, the marks, and the ways back."""

import re
from typing import Any

_NOTE = re.compile(
    r"#(?:fn|_ftn|ftnt|footnote|note|endnote|cite_note)[\w:.-]*\d[\w:.-]*\Z", re.IGNORECASE
)

BACK = re.compile(
    r"#(?:fnref|_ftnref|ftnt_ref|footnote-?ref|noteref|cite_ref|a_?fn)", re.IGNORECASE
)

_NOTE_MARKS = 'a.footnote-reference, a.footnote-ref, a[role="doc-noteref"]'
_HOLDERS = {"li", "p", "div", "aside", "dd", "section", "table", "tr"}
BACK_CLASSES = {"fn-backref", "footnote-backref", "reversefootnote", "footnote-back"}
NOTES_CLASSES = {"footnotes", "footnote-list", "endnotes", "references", "reflist"}


def find_notes(tree: Any) -> dict[str, Any]:
    """Find the footnotes that a mark in the text refers to, by their ids."""
    named = {
        href[1:]
        for node in tree.css('a[href^="#"]')
        if not BACK.match(href := node.attributes.get("href") or "")
        and (_NOTE.match(href) or node.css_matches(_NOTE_MARKS))
    }
    if not named:
        return {}
    notes: dict[str, Any] = {}
    for node in tree.css("[id]"):
        name = node.attributes.get("id")
        if name in named and node.tag in _HOLDERS:
            notes.setdefault(name, node)
    return notes
