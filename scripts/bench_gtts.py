#!/usr/bin/env python3
"""Speak a text with gTTS alone, as its own manual does, or with our voice of that name.

`save TEXT MP3` is gTTS' own save(); `voice REVIEW` gives every segment of a review its take.
"""

import sys
from pathlib import Path


def save(text: str, target: str) -> None:
    """Have gTTS speak a file of text into an MP3."""
    from gtts import gTTS

    gTTS(Path(text).read_text(encoding="utf-8"), lang="en").save(target)


def voice(review: str) -> None:
    """Have every segment spoken, proven and stored."""
    from reviewcast.jobs.shows import open_review, open_run
    from reviewcast.speech.fallback import choose_narration
    from reviewcast.speech.narrate import synthesize
    from reviewcast.text.draft import read_draft

    source, config = open_review(review, voice="gtts")
    run = open_run(config)
    synthesize(choose_narration(read_draft(source, config), run), run)


if __name__ == "__main__":
    if sys.argv[1] == "save":
        save(*sys.argv[2:])
    else:
        voice(*sys.argv[2:])
