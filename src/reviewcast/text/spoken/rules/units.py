"""Units of lengths, weights, times and data, as they are written and said."""

import re

# written: one, many; a unit in lower case is also known in capitals
UNITS = {
    "mm": ("millimeter", "millimeters"),
    "cm": ("centimeter", "centimeters"),
    "km": ("kilometer", "kilometers"),
    "m": ("meter", "meters"),
    "g": ("gram", "grams"),
    "kg": ("kilogram", "kilograms"),
    "mg": ("milligram", "milligrams"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "ft": ("foot", "feet"),
    "yd": ("yard", "yards"),
    "yds": ("yard", "yards"),
    "mi": ("mile", "miles"),
    "ml": ("milliliter", "milliliters"),
    "cl": ("centiliter", "centiliters"),
    "dl": ("deciliter", "deciliters"),
    "l": ("liter", "liters"),
    "tsp": ("teaspoon", "teaspoons"),
    "tbs": ("tablespoon", "tablespoons"),
    "tbsp": ("tablespoon", "tablespoons"),
    "kcal": ("kilocalorie", "kilocalories"),
    "m/s": ("meter per second", "meters per second"),
    "Mbit/s": ("megabit per second", "megabits per second"),
    "Mb/s": ("megabit per second", "megabits per second"),
    "MB/s": ("megabyte per second", "megabytes per second"),
    "mph": ("mile per hour", "miles per hour"),
    "kph": ("kilometer per hour", "kilometers per hour"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "kmh": ("kilometer per hour", "kilometers per hour"),
    "fps": ("frame per second", "frames per second"),
    "hz": ("hertz", "hertz"),
    "khz": ("kilohertz", "kilohertz"),
    "mhz": ("megahertz", "megahertz"),
    "ghz": ("gigahertz", "gigahertz"),
    "kb": ("kilobyte", "kilobytes"),
    "mb": ("megabyte", "megabytes"),
    "gb": ("gigabyte", "gigabytes"),
    "tb": ("terabyte", "terabytes"),
    "kbps": ("kilobit per second", "kilobits per second"),
    "mbps": ("megabit per second", "megabits per second"),
    "gbps": ("gigabit per second", "gigabits per second"),
    "db": ("decibel", "decibels"),
    "dB": ("decibel", "decibels"),
    "MP": ("megapixel", "megapixels"),
    "bpm": ("beat per minute", "beats per minute"),
    "rpm": ("R P M", "R P M"),
    "dpi": ("D P I", "D P I"),
    "mAh": ("milliamp hour", "milliamp hours"),
    "W": ("watt", "watts"),
    "V": ("volt", "volts"),
    "kw": ("kilowatt", "kilowatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "ms": ("millisecond", "milliseconds"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "yr": ("year", "years"),
    "yrs": ("year", "years"),
    "mos": ("month", "months"),
    "wks": ("week", "weeks"),
    "pp": ("page", "pages"),
    "sq ft": ("square foot", "square feet"),
    "sq mi": ("square mile", "square miles"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "° C": ("degree Celsius", "degrees Celsius"),
    "° F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "℃": ("degree Celsius", "degrees Celsius"),
    "℉": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
}

# what follows tells what a number is
MADE_OF_AFTER = re.compile(  # 180g vinyl, a pair of 40W amps
    r" (?:[a-z]+ )?(?:vinyl|pressings?|LPs?|steaks?|patt(?:y|ies)|burgers?|bulbs?|amps?|chargers?|"
    r"tanks?|bags?|box(?:es)?|jars?|cartons?|packs?|dash|race|sprint|"
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
