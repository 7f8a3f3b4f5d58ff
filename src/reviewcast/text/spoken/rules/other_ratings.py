"""Ratings in languages whose numbers the voices say themselves: stars, and marks out of a total."""

import re
from collections.abc import Iterator
from functools import partial

from msgspec import Struct

from reviewcast.text.spoken.engine import Context, Rule
from reviewcast.text.spoken.patterns import get_before

_STAR, _EMPTY = "★⭐🌟✭✪✯⭑", "☆✩✰⚝⭒"


class RatingWords(Struct, frozen=True):
    """How a mark is said, `{n}` of `{total}`; and one star, few of them, many, some of a total.

    `two` and `part` are for two stars and for three and a half where these are not as few.
    """

    out_of: str
    one: str
    few: str
    many: str
    of_stars: str = ""
    point: str = ","
    two: str = ""
    part: str = ""
    part_of: str = ""


_NORDIC = RatingWords("{n} av {total}", "1 stjerne", "{n} stjerner", "{n} stjerner")

RATING_WORDS = {
    "ar": RatingWords("{n} من {total}", "نجمة واحدة", "{n} نجوم", "{n} نجوم", point=".", two="نجمتان"),  # noqa: E501
    "da": RatingWords("{n} af {total}", "1 stjerne", "{n} stjerner", "{n} stjerner"),
    "ja": RatingWords(
        "{total}点満点中{n}点", "星1つ", "星{n}つ", "星{n}つ", "星{total}つ中{n}つ", ".",
        part="星{n}", part_of="星{total}つ中{n}",
    ),
    "nl": RatingWords("{n} van de {total}", "1 ster", "{n} sterren", "{n} sterren"),
    "no": _NORDIC, "nb": _NORDIC, "nn": _NORDIC,
    "pl": RatingWords("{n} na {total}", "1 gwiazdka", "{n} gwiazdki", "{n} gwiazdek"),
    "pt": RatingWords("{n} de {total}", "1 estrela", "{n} estrelas", "{n} estrelas"),
    "ru": RatingWords("{n} из {total}", "1 звезда", "{n} звезды", "{n} звёзд"),
    "sv": RatingWords("{n} av {total}", "1 stjärna", "{n} stjärnor", "{n} stjärnor"),
    "uk": RatingWords("{n} з {total}", "1 зірка", "{n} зірки", "{n} зірок"),
    "zh": RatingWords("满分{total}分，得{n}分", "1星", "{n}星", "{n}星", "{total}星中的{n}星", "."),
}  # fmt: skip

_RATED = re.compile(
    r"(?:waardering|beoordeling|cijfer|score|rating|oordeel|ocena|nota|classificação|оценка|рейтинг|"
    r"оцінка|betyg|bedømmelse|karakter|評価|评分|評分|التقييم|تقييم)\W{0,6}$",
    re.IGNORECASE,
)


_STARS_OF = {"ja": "星{n}", "zh": "{n}星"}


def list_other_ratings(language: str) -> Iterator[Rule]:
    """Return the rules of a language that has words for ratings, none for any other."""
    words = RATING_WORDS.get(language)
    if words is None:
        return
    if language in _STARS_OF:
        yield Rule(
            "stars as a number",
            rf"[{_STAR}{_EMPTY}] ?(?P<amount>[0-9](?:\.[0-9])?)点?(?![0-9./])",
            lambda match, _: _STARS_OF[language].format(n=match["amount"]),
            _STAR + _EMPTY,
        )
    yield Rule(
        "stars",
        rf"(?P<full>[{_STAR}](?: ?[{_STAR}]){{0,9}}|(?<![\w*\\])\*{{2,5}}(?=[ ½.,)]|1/2|$))"
        rf"(?P<half> ?½| ?1/2)?(?P<empty>(?: ?[{_EMPTY}]){{1,9}})?(?![\w*/])",
        partial(_say_stars, words=words),
        _STAR + "*",
    )
    yield Rule(
        "out of",
        r"(?<![A-Za-z0-9٠-٩.,/])(?P<amount>[0-9٠-٩]{1,3}(?:[.,٫][0-9٠-٩])?)点? ?/ ?"
        r"(?P<total>5|6|10|20|100|٥|١٠|١٠٠)(?:点満点中?)?(?![0-9٠-٩A-Za-z/]|[.,][0-9])",
        partial(_say_out_of, words=words),
        "/",
        in_titles=False,
    )


def _say_stars(match: re.Match[str], _context: Context, *, words: RatingWords) -> str | None:
    if "*" in match["full"] and not match["half"]:
        # four and more that stand alone are neither the mark of a note nor a word left out
        stands_alone = len(match["full"]) > 3 and not get_before(match, 1).strip()
        if not (stands_alone or _RATED.search(get_before(match, 40))):
            return None
    full = len(match["full"].replace(" ", ""))
    empty = len((match["empty"] or "").replace(" ", ""))
    amount = f"{full}{words.point}5" if match["half"] else str(full)
    if empty:
        total = full + empty + bool(match["half"])
        joint = words.part_of if match["half"] and words.part_of else words.of_stars
        if joint:
            return _count_tens(joint.format(n=amount, total=total))
        return words.many.format(n=words.out_of.format(n=amount, total=total))
    if match["half"] and words.part:
        return words.part.format(n=amount)
    if full == 2 and words.two and not match["half"]:
        return words.two
    if match["half"] or 1 < full < 5:
        return words.few.format(n=amount)
    return words.one if full == 1 else _count_tens(words.many.format(n=amount))


def _count_tens(said: str) -> str:
    """Return what is said with the counter that Japanese has from ten on."""
    return said.replace("10つ", "10個")


def _say_out_of(match: re.Match[str], _context: Context, *, words: RatingWords) -> str | None:
    if float(match["amount"].translate({ord(","): ".", ord("٫"): "."})) > int(match["total"]):
        return None
    return words.out_of.format(n=match["amount"], total=match["total"])
