"""Seasons and episodes are said as such: S02E05, s2e5, 1x05."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import get_after, get_before
from reviewcast.text.spoken.words import say_cardinal

_EPISODE_NEAR = re.compile(r"\b(?:[Ee]pisodes?|[Ss]easons?|[Pp]ilot|[Ff]inale|[0-9]x0[0-9])\b")


def _say_episode(match: re.Match[str], _context: Context) -> str:
    season, episode = match["season"], match["episode"]
    is_named = get_before(match, 7).lower() == "season "
    words = f"{'' if is_named else 'season '}{say_cardinal(season)}"
    if match["last"]:
        return f"{words}, episodes {say_cardinal(episode)} to {say_cardinal(match['last'])}"
    return f"{words}, episode {say_cardinal(episode)}"


def _say_by_cross(match: re.Match[str], context: Context) -> str | None:
    """Return the episode of 1x05; None for planks of 2x4 and a grid of 10x10."""
    near = f"{get_before(match, 60)} {get_after(match, 60)}"
    is_sure = match["episode"][0] == "0" or _EPISODE_NEAR.search(near)
    return _say_episode(match, context) if is_sure else None


EPISODES = Family(
    "episodes",
    (
        Rule(
            "season and episode",
            r"[Ss](?<!\w.)(?P<season>[0-9]{1,2})[ ·x,.]{0,2}(?:[Ee]|[Ee]p\.? ?)"
            r"(?P<episode>[0-9]{1,3})(?:[-–][Ee]?(?P<last>[0-9]{1,3}))?(?!\w)",
            _say_episode,
            "0Ss",
        ),
        Rule(
            "season by episode",
            r"(?P<season>[0-9](?<![\w.,/].)[0-9]?)[x×](?P<episode>0[0-9]|[1-9][0-9])"
            r"(?:[-–](?P<last>[0-9]{2}))?(?![\w/×]|[.,][0-9])",
            _say_by_cross,
            "0x×",
        ),
        Rule(
            "season",
            r"S(?<!\w.)(?P<season>0[1-9]|[1-9](?=[-–]S)|(?<=[-–]S)[1-9])(?![\w.])",
            lambda match, _: f"season {say_cardinal(match['season'])}",
            "0S",
        ),
    ),
)
