"""What chapters are called that no heading of the review opens."""

from reviewcast.model.text import Review
from reviewcast.text.announcements import get_opening_title, get_review_title
from reviewcast.text.spoilers import announces_spoilers

_NATURAL_CHAPTERS = {"en": ("Opening", "Review", "Verdict")}


def find_natural_chapters(review: Review) -> dict[int, str]:
    """Return the paragraphs at which a long review without headings turns, with their titles."""
    sections = review.sections
    names = _NATURAL_CHAPTERS.get(review.language.partition("-")[0].lower())
    if review.spoiler or not names or len(sections) != 1:
        return {}
    lengths = [len(paragraph.text) for paragraph in sections[0].paragraphs]
    if sections[0].heading is not None or len(lengths) < 4 or sum(lengths) < 1500:
        return {}
    # a one-line hook is not an opening of its own
    opening = next(i for i in range(len(lengths)) if sum(lengths[: i + 1]) >= 200 or i == 1) + 1
    return {0: names[0], opening: names[1], len(lengths) - 1: names[2]}


def find_first_heading(review: Review) -> str:
    """Return the heading that a review begins with, "" if it does not or if that spoils."""
    heading = review.sections[0].heading if review.sections and not review.spoiler else ""
    return heading if heading and not announces_spoilers(heading) else ""


def name_opening(review: Review) -> str:
    """Return the title of the chapter that begins before any heading that opens one."""
    has_headings = any(section.heading is not None for section in review.sections)
    name = get_opening_title if has_headings and not review.spoiler else get_review_title
    return name(review.language) or review.title
