"""Units of lengths, weights, times and data, as they are written and said."""

import re

# as it is said: as it is written, also in capitals where that is in small letters
_WRITTEN = {
    "millimeter": "mm",
    "centimeter": "cm",
    "kilometer": "km",
    "meter": "m",
    "gram": "g",
    "kilogram": "kg",
    "milligram": "mg",
    "pound": "lb|lbs",
    "ounce": "oz",
    "foot": "ft",
    "yard": "yd|yds",
    "mile": "mi",
    "milliliter": "ml",
    "centiliter": "cl",
    "deciliter": "dl",
    "liter": "l",
    "teaspoon": "tsp",
    "tablespoon": "tbs|tbsp",
    "kilocalorie": "kcal",
    "meter per second": "m/s",
    "megabit per second": "Mbit/s|Mb/s|mbps",
    "megabyte per second": "MB/s",
    "mile per hour": "mph",
    "kilometer per hour": "kph|km/h|kmh",
    "frame per second": "fps",
    "hertz": "hz",
    "kilohertz": "khz",
    "megahertz": "mhz",
    "gigahertz": "ghz",
    "kilobyte": "kb",
    "megabyte": "mb",
    "gigabyte": "gb",
    "terabyte": "tb",
    "kilobit per second": "kbps",
    "gigabit per second": "gbps",
    "decibel": "db|dB",
    "megapixel": "MP",
    "beat per minute": "bpm",
    "R P M": "rpm",
    "D P I": "dpi",
    "milliamp hour": "mAh",
    "watt": "W",
    "volt": "V",
    "kilowatt": "kw",
    "kilowatt hour": "kWh",
    "millisecond": "ms",
    "second": "s|sec|secs",
    "minute": "min|mins",
    "hour": "h|hr|hrs",
    "year": "yr|yrs",
    "month": "mos",
    "week": "wks",
    "page": "pp",
    "square foot": "sq ft",
    "square mile": "sq mi",
    "degree Celsius": "°C|° C|℃",
    "degree Fahrenheit": "°F|° F|℉",
    "degree": "°",
}


def _make_plural(unit: str) -> str:
    if unit.endswith(("hertz", "P M", "P I")):
        return unit
    if unit.endswith("foot"):
        return unit.replace("foot", "feet")
    counted = re.match(r"degree|\w+(?= per )|.+", unit)
    return f"{counted[0]}s{unit[counted.end() :]}" if counted else unit


UNITS = {
    written: (unit, _make_plural(unit))
    for unit, forms in _WRITTEN.items()
    for written in forms.split("|")
}
"""One and many of each unit, by how it is written."""

# what follows tells what a number is
MADE_OF_AFTER = re.compile(  # 180g vinyl, a pair of 40W amps
    r" (?:[a-z]+ )?(?:vinyl|pressings?|LPs?|steaks?|patt(?:y|ies)|burgers?|bulbs?|amps?|chargers?|"
    r"jacks?|plugs?|sockets?|drivers?|tanks?|bags?|box(?:es)?|jars?|cartons?|packs?|dash|race|sprint|"
    r"speakers?|suppl(?:y|ies)|bottles?|cans?|glass(?:es)?|lens(?:es)?|drives?|SSD|RAM|film)\b"
)

PICTURE_AFTER = re.compile(
    r"@|,? (?:[Bb]lu-?[Rr]ays?|UHD|HDR|Ultra|[Rr]esolution|[Vv]ideos?|TVs?|[Tt]elevisions?|"
    r"[Mm]onitors?|[Ss]creens?|[Dd]isplays?|[Rr]e(?:master|storation|lease|mastered|stored)|"
    r"[Dd]is[ck]s?|[Tt]extures?|[Ff]ootage|[Tt]ransfers?|[Mm]aster|[Pp]rojection|[Ss]tream(?:ing)?|[Cc]ameras?|"
    r"[Gg]aming|[Gg]raphics|[Ii]mages?|[Pp]resentation|[Ss]can|[Qq]uality|at [0-9]|@)"
)

DISC_AFTER = re.compile(
    r" (?:singles?|vinyl|records?|mix|remix|versions?|discs?|EPs?|LPs?|screen|TV|tablet|monitor|"
    r"tall|x|pressings?|flexi|pizzas?|tin|pan|plates?|laptop|display|album|b-side|A-side|promo|split)\b"
)
