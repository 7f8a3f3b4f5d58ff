"""Money is said with its currency behind the number."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import (
    BEGIN,
    LATER,
    NUMBER,
    get_after,
    get_before,
    is_adjective,
)
from reviewcast.text.spoken.words import say_cardinal, say_number

# sign: one, many, one hundredth, many hundredths
_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "", ""),
    "₩": ("won", "won", "", ""),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
    "₺": ("lira", "lira", "", ""),
    "₴": ("hryvnia", "hryvnias", "", ""),
    "₦": ("naira", "naira", "", ""),
    "₱": ("peso", "pesos", "", ""),
    "₿": ("bitcoin", "bitcoins", "", ""),
    "¢": ("cent", "cents", "", ""),
}

_SCALES = {
    "thousand": ("k", "grand"),
    "million": ("m", "mm", "mn", "mil", "mill", "mio"),
    "billion": ("b", "bn", "bil"),
    "trillion": ("t", "tn", "trn"),
}

_SCALE_BY_NAME = {name: scale for scale, names in _SCALES.items() for name in (scale, *names)} | {
    "hundred": "hundred"
}

_PERIODS = {
    form: said
    for said, forms in {
        "month": "mo month",
        "year": "yr year",
        "week": "wk week",
        "day": "d day",
        "hour": "hr h hour",
        "person": "person",
        "each": "ea",
    }.items()
    for form in forms.split()
}

_FILM_AFTER = re.compile(
    r"[ -](?:[a-z]+ )?(?:budget|film|movie|picture|production|blockbuster|franchise|project|"
    r"sequel|epic|hit|flop|bill|note|question|game|album|book|ticket|price tag|debut|opening)\b"
)

_PRICED_AFTER = re.compile(
    r"[ -](?:(?!for|and|per|the|with|from|that|your|our|his|her|off|was)"
    r"[a-z]{3,12}[ -])?(?:lunch(?:es)?|dinners?|brunch|breakfasts?|specials?|menus?|meals?|"
    r"combos?|plates?|platters?|bottles?|cocktails?|beers?|burgers?|sandwich(?:es)?|pizzas?|steaks?|"
    r"tickets?|deposit|vouchers?|gift cards?|bills?|notes?|coins?|buffet|fee|subscription|"
    r"price tag|minimum|corkage|cover charge|add-on|upgrade|game|indie|headphones)\b"
    r"(?! (?:is|was)\b)"
)

_OWNER_BEFORE = re.compile(r"\b(?:the|its|their|this|that|our|another|every|your|his|her) $")

_NOUN_AFTER = re.compile(
    r" (?!(?:a|an|and|are|as|at|but|by|came|each|extra|for|from|gets?|goes|got|had|has|he|if|in|is|"
    r"it|just|less|made|more|of|off|on|or|out|over|paid|per|she|so|spent|than|that|the|they|this|to|"
    r"too|under|was|we|well|went|were|when|which|while|who|will|with|would|you)\b)[a-z]{3}"
)


def _say_money(match: re.Match[str], _context: Context) -> str | None:
    sign, scale = match["sign"], _get_scale(match["scale"])
    after = get_after(match, 40)
    is_priced = not match["each"] and not match["period"] and not match["plus"]
    has_noun = is_adjective(match) or bool(
        is_priced
        and (
            _PRICED_AFTER.match(after)
            or (_OWNER_BEFORE.search(get_before(match, 9)) and _NOUN_AFTER.match(after))
        )
    )
    has_noun = has_noun or bool(
        (match["hyphen"] or get_before(match, 1) in {" ", "-", ""})
        and scale
        and _FILM_AFTER.match(get_after(match, 40))
    )
    first = match["first"] and _unify(match["first"])
    last = _unify(match["last"])
    start = ""
    if first:
        if match["sign2"] and not (scale and not match["first_scale"]):
            start = f"{_say_sum(first, _get_scale(match['first_scale']), sign)} to "
        else:
            words = [say_number(first), _get_scale(match["first_scale"]), "to "]
            start = " ".join(filter(None, words))
    words_after = ""
    if match["each"]:
        words_after = " per person" + " per night" * match["each"].endswith("pn")
    elif match["period"]:
        period = _PERIODS.get(match["period"])
        if period is None:
            return None
        words_after = f" {period}" if period == "each" else f" per {period}"
    if match["plus"]:
        words_after += " plus"
    prefix = f"{match['country']} " if match["country"] else ""
    minus = "minus " if match["minus"] else ""
    return minus + start + _say_sum(last, scale, sign, prefix, is_one=has_noun) + words_after


def _get_scale(name: str | None) -> str:
    return _SCALE_BY_NAME.get(name.lower(), "") if name else ""


def _say_sum(number: str, scale: str, sign: str, country: str = "", *, is_one: bool = False) -> str:
    one, many, penny, pence = _CURRENCIES[sign]
    if scale:
        return f"{say_number(number)} {scale} {country}{one if is_one else many}"
    whole, _, decimals = number.replace(",", "").partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) > 2 or (decimals and not penny):
        return f"{say_number(number.rstrip('0'))} {country}{many}"
    cents = int(decimals.ljust(2, "0")) if decimals else 0
    said = []
    if int(whole or 0) or not cents:
        is_one = is_one or int(whole or 0) == 1
        said.append(f"{say_cardinal(whole or 0)} {country}{one if is_one else many}")
    if cents:
        said.append(f"{say_cardinal(cents)} {penny if cents == 1 else pence}")
    return " ".join(said)


def _unify(number: str) -> str:
    """Write 1.234,56 and 12,50 as 1234.56 and 12.50."""
    if _CONTINENTAL.fullmatch(number):
        return number.replace(".", "").replace(",", ".")
    return number


_CONTINENTAL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){1,4}(?:,[0-9]{2})?|[0-9]{1,6},[0-9]{2}")


def _say_behind(match: re.Match[str], _context: Context) -> str:
    scale = _get_scale(match["scale"])
    return _say_sum(_unify(match["number"]), scale, match["sign"], is_one=is_adjective(match))


_CODES = {
    "USD": "US dollars",
    "EUR": "euros",
    "GBP": "pounds",
    "CAD": "Canadian dollars",
    "AUD": "Australian dollars",
    "NZD": "New Zealand dollars",
    "CHF": "Swiss francs",
    "JPY": "yen",
    "SEK": "Swedish crowns",
    "NOK": "Norwegian crowns",
    "DKK": "Danish crowns",
}


def _say_code(match: re.Match[str], _context: Context) -> str:
    number = match["behind"] or match["number"]
    return f"{say_number(_unify(number))} {_CODES[match['after'] or match['before']]}"


_CODE = "|".join(_CODES)
_SIGN = "$£€¥₩₹₽₺₴₦₱₿"

_SUM = (
    r"(?:[0-9]{1,3}(?:\.[0-9]{3}(?![0-9])){1,4}(?:,[0-9]{2}(?![0-9]))?"
    r"|[0-9]{1,6},[0-9]{2}(?![0-9,])"
    r"|[0-9]{1,15}(?:,[0-9]{3}(?![0-9])){0,6}(?:\.[0-9]{1,9})?|\.[0-9]{1,6})"
)


def _scale(name: str) -> str:
    words = "hundred|thousand|million|billion|trillion|mill?|grand|mio|mm|mn|bn|tn|trn"
    return rf"(?:[ -]?(?P<{name}>(?i:{words})|(?<=[0-9])[KkMmBbTt]|(?<= )[MBb])(?![\w'’]))?"


MONEY = Family(
    "money",
    (
        Rule(
            "money",
            r"(?:(?P<minus>(?<!\w)[-−])|(?P<country>US|CA|AU|NZ|HK|[CA])(?<!\w..)(?<!\w[CA]))?"
            rf"(?P<sign>[{_SIGN}]) ?(?:(?P<first>{_SUM}){_scale('first_scale')} ?[-–] ?"
            rf"(?P<sign2>[{_SIGN}])?)?(?P<last>{_SUM}){_scale('scale')}(?P<hyphen>-(?=[a-z]))?"
            r"(?P<plus>\+)?"
            r"(?:/(?P<period>[a-z]{1,6})| ?(?P<each>pp(?:pn)?|p\.p\.)(?!\w))?(?![\w%])",
            _say_money,
            _SIGN,
        ),
        Rule(
            "currency code",
            rf"(?P<number>{NUMBER}) ?(?P<after>{_CODE})(?!\w)"
            rf"|(?<!\w)(?P<before>{_CODE}) ?(?P<behind>{LATER})(?![\w%-]|[.,][0-9])",
            _say_code,
        ),
        Rule(
            "money behind",
            rf"(?P<number>{BEGIN}[0-9]{{0,5}}(?:\.[0-9]{{3}})*,[0-9]{{2}}(?![0-9])|{NUMBER})"
            rf"{_scale('scale')} ?(?P<sign>[{_SIGN}¢])(?!\w)",
            _say_behind,
            _SIGN + "¢",
        ),
    ),
)
