"""Emoji are said by their short names, once for a run of the same."""

import re
import unicodedata

from reviewcast.spoken.engine import PICTURES, Family, Rule, Scene
from reviewcast.spoken.numerals import get_after, get_before

# names that people use; the others are Unicode's own, in small letters
_NAMES = {
    "⭐": "star",
    "🌟": "star",
    "❤": "heart",
    "♥": "heart",
    "💔": "broken heart",
    "👍": "thumbs up",
    "👎": "thumbs down",
    "👏": "applause",
    "🙌": "raised hands",
    "🙏": "folded hands",
    "👌": "okay",
    "🔥": "fire",
    "💯": "one hundred percent",
    "😂": "tears of joy",
    "🤣": "rolling on the floor laughing",
    "😭": "loudly crying",
    "😍": "heart eyes",
    "🤩": "star struck",
    "😱": "screaming in fear",
    "😴": "sleeping",
    "🤔": "thinking",
    "🤯": "mind blown",
    "🤮": "vomiting",
    "🙄": "rolling eyes",
    "😊": "smile",
    "🙂": "smile",
    "😀": "grin",
    "😁": "grin",
    "😅": "nervous laugh",
    "😉": "wink",
    "😎": "sunglasses",
    "😬": "grimace",
    "😢": "tear",
    "💀": "skull",
    "👻": "ghost",
    "🎃": "jack o'lantern",
    "🍿": "popcorn",
    "🎬": "clapper board",
    "🎥": "movie camera",
    "📚": "books",
    "📖": "open book",
    "🎧": "headphones",
    "🎵": "music",
    "🎶": "music",
    "🎮": "video game",
    "🏆": "trophy",
    "✨": "sparkles",
    "🚀": "rocket",
    "💩": "poop",
    "🍅": "tomato",
    "✅": "check",
    "❌": "cross",
    "⚠": "warning",
    "🗑": "trash",
}
_SAID_INSIDE = frozenset({"heart", "star"})  # I ❤️ it
_DROPPED = r"[\U0001F3FB-\U0001F3FF\U0001F1E6-\U0001F1FF\u20e3\U000E0000-\U000E007F]"
_PICTURE = (
    r"[\U0001F000-\U0001F1E5\U0001F200-\U0001F3FA\U0001F400-\U0001FAFF\u2190-\u21ff\u231a-\u23ff"
    r"\u2460-\u26ff\u2700-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299]"
)
_NOISE = re.compile(
    r"\b(?:black|white|heavy|sign|symbol|with|face|negative|squared|emoji|modifier)\b ?",
    re.IGNORECASE,
)


def name_emoji(char: str) -> str:
    """Give an emoji's short name, empty when it has none.

    >>> name_emoji("🔥"), name_emoji("🐙")
    ('fire', 'octopus')
    """
    known = _NAMES.get(char)
    if known is not None:
        return known
    name = unicodedata.name(char, "").lower()
    if "box drawings" in name or "circled" in name or "arrow" in name:
        return ""
    return _NOISE.sub("", name).strip(" -") or name


def _say_emoji(match: re.Match[str], _scene: Scene) -> str:
    names: list[str] = []
    for char in re.findall(_PICTURE, match[0]):
        name = name_emoji(char)
        if name and name not in names[-1:]:
            names.append(name)
    said = ", ".join(names)
    before, after = get_before(match, 1), get_after(match, 1)
    if not said:
        return " " if before and after and " " in {match[0][0], match[0][-1]} else ""
    starts = match[0][0] == " " or bool(before and not before.isspace() and before not in '([“"‘')
    if before.isalnum() and after in {"", ".", "!", "?"} and said not in _SAID_INSIDE:
        return f", {said}"
    ends = match[0][-1] == " " or after.isalnum()
    return " " * starts + said + " " * ends


def _say_flag(match: re.Match[str], _scene: Scene) -> str:
    # two letters of a region make a flag; what else is left over means nothing alone
    is_flag = "\U0001f1e6" <= match[0].strip()[:1] <= "\U0001f1ff"
    before = get_before(match, 1)
    return (" " if before else "") + "flag" if is_flag else ""


def _say_task(match: re.Match[str], _scene: Scene) -> str:
    return "done: " if match[0][0] == "☑" else "to do: "


EMOJI = Family(
    "emoji",
    (
        Rule("task", re.compile(r"[☑☐](?<!(?s:.).) "), _say_task, PICTURES),
        Rule(
            "emoji",
            re.compile(rf" ?{_PICTURE}(?:{_DROPPED}| ?{_PICTURE}){{0,60}} ?"),
            _say_emoji,
            PICTURES,
        ),
        Rule("flag", re.compile(rf" ?{_DROPPED}{{1,60}}"), _say_flag, PICTURES),
    ),
)
