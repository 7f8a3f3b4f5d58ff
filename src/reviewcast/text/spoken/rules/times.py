"""Times of day and running times are said as hours and minutes."""

import re

from reviewcast.text.spoken.engine import Context, Family, Rule
from reviewcast.text.spoken.patterns import BEGIN, get_after, get_before, get_stop
from reviewcast.text.spoken.words import say_cardinal, say_pair

_ZONES = r"(?i:[ecmp]\.?[sd]\.?t|c\.?e\.?t|g\.?m\.?t|u\.?t\.?c|b\.?s\.?t)\.?|ET|PT|CT"


def say_span(hours: int, minutes: int, seconds: int = 0) -> str:
    """Say how long something is.

    >>> say_span(2, 8), say_span(0, 1, 30)
    ('two hours eight minutes', 'one minute thirty seconds')
    """
    parts = ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
    said = [f"{say_cardinal(n)} {unit}" + "s" * (n != 1) for n, unit in parts if n]
    return " ".join(said) or "zero minutes"


def _say_clock(hour: str, minute: str | None, *, is_half_day: bool = False) -> str:
    hours = say_cardinal(hour)
    if minute and int(minute):
        return f"{hours} {say_pair(minute)}"
    if is_half_day:
        return hours
    return f"{hours} o'clock" if int(hour) <= 12 else f"{hours} hundred"


def _say_half_day(match: re.Match[str], _context: Context) -> str | None:
    first, hour = match["first"], match["hour"]
    if int(hour) > 23 or int(first or 0) > 23:
        return None
    words = [_say_clock(hour, match["minute"], is_half_day=True), f"{match['half'][0].upper()}M"]
    if first:
        half = match["first_half"]
        start = [_say_clock(first, match["first_minute"], is_half_day=True)]
        words = [*start, *([f"{half[0].upper()}M"] if half else []), "to", *words]
    if match["zone"]:
        words.append(match["zone"].replace(".", "").upper())
    # "At 2 a.m. I was done": what begins with a time has not ended with it
    is_first = _NOTHING_BEFORE.fullmatch(match.string[: match.start()][-24:])
    goes_on = is_first and get_after(match, 3).strip()
    return " ".join(words) + ("" if goes_on else get_stop(match))


_NOTHING_BEFORE = re.compile(
    r"[\"“‘'(]?(?:(?:At|By|On|After|Before|Around|Until|From|Since|About|It was|So,? at|Then,? at"
    r"|And at|But at|Come) )?(?:almost |about |around |nearly )?"
)

_OPEN_BEFORE = re.compile(
    r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|[Dd]aily|[Oo]pen|[Hh]ours|weekdays|weekends)[a-z]*[.,:]? ?$"
)


def _say_opening_hours(match: re.Match[str], _context: Context) -> str | None:
    """Return the hours of Sat 1100-1700; None for the years 1200-1300."""
    if match["hour"][0] != "0" and not _OPEN_BEFORE.search(get_before(match)):
        return None
    first = _say_clock(str(int(match["hour"])), match["minute"])
    return f"{first} to {_say_clock(str(int(match['last'])), match['last_minute'])}"


def _say_hms(match: re.Match[str], _context: Context) -> str | None:
    hours, minutes, seconds = (int(match[group]) for group in (1, 2, 3))
    if minutes > 59 or seconds > 59:
        return None
    return say_span(hours, minutes, seconds)


def _say_time(match: re.Match[str], _context: Context) -> str | None:
    hour, minute = match["hour"], match["minute"]
    if int(hour) > 59 or int(minute) > 59:
        return None
    if int(hour) > 24 and not int(minute):
        return f"{say_cardinal(hour)} minutes"
    first = match["first"]
    start = f"{_say_clock(first, match['first_minute'])} to " if first else ""
    return start + _say_clock(hour, minute)


def _say_running_time(match: re.Match[str], _context: Context) -> str:
    words = say_span(int(match["hours"]), int(match["minutes"] or 0), int(match["seconds"] or 0))
    return words + get_stop(match)


def _say_minutes(match: re.Match[str], _context: Context) -> str:
    words = say_span(0, int(match["minutes"]), int(match["seconds"] or match["marked"]))
    return words + get_stop(match)


_DAY_NAMES = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_DAYS = r"(?<!\w)(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)(?!\w)"


def _say_days(match: re.Match[str], _context: Context) -> str:
    first, last = (
        next(name for name in _DAY_NAMES if name.startswith(match[group][:3]))
        for group in ("first", "last")
    )
    return f"{first} to {last}"


_HALF = r"[AaPp](?:\.[Mm]\.?|[Mm](?!\w))"
_TIME = rf"{BEGIN}[0-9]?"

TIMES = Family(
    "times",
    (
        Rule(
            "days of the week",
            rf"(?P<first>{_DAYS})\.?(?P<mark> ?[-–] ?)(?P<last>{_DAYS})\.?(?!\w)",
            _say_days,
            "-–",
        ),
        Rule(
            "half of the day",
            rf"(?:(?P<first>{_TIME})(?:[:.](?P<first_minute>[0-5][0-9]))?"
            rf"(?: ?(?P<first_half>{_HALF}))?"
            rf" ?[-–] ?)?(?P<hour>{_TIME})(?:[:.](?P<minute>[0-5][0-9]))? ?(?P<half>{_HALF})"
            rf"(?: ?(?P<zone>{_ZONES})(?!\w))?(?!\w)",
            _say_half_day,
            "0mM",
        ),
        Rule(
            "hours, minutes, seconds",
            rf"({BEGIN}[0-9]{{0,2}}):([0-9]{{2}}):([0-9]{{2}})(?![\w:]|\.[0-9])",
            _say_hms,
            "0:",
        ),
        Rule(
            "running time",
            rf"(?P<hours>{BEGIN}[0-9]?) ?(?:h|hrs?|hours?)\.?,? ?(?:and )?"
            r"(?P<minutes>[0-5]?[0-9]) ?(?:m|mins?|minutes?)?(?!\w)"
            r"(?:\.?,? ?(?P<seconds>[0-5]?[0-9]) ?(?:s|secs?|seconds?)(?!\w))?\.?(?![\w/])",
            _say_running_time,
            "0h",
        ),
        Rule(
            "opening hours",
            r"(?P<hour>[01](?<![\w.,$£€/-].)[0-9]|2(?<![\w.,$£€/-].)[0-4])(?P<minute>00|15|30|45)"
            r" ?[-–] ?(?P<last>[01][0-9]|2[0-4])(?P<last_minute>00|15|30|45)"
            r"(?![\w-]|[.,:][0-9])",
            _say_opening_hours,
            "0-–",
        ),
        Rule(
            "time with a full stop",
            r"(?P<hour>1[0-9]|2[0-3]|[1-9])"
            r"(?:(?<=\b[Aa]t .)|(?<=\b[Aa]t ..)|(?<=[Uu]ntil .)|(?<=[Uu]ntil ..)"
            r"|(?<=\btil .)|(?<=\btil ..)|(?<=\btill .)|(?<=\btill ..))"
            r"\.(?P<minute>[0-5][05])(?!\w|[.,:%][0-9]| ?%| out of)",
            lambda match, _: _say_clock(match["hour"], match["minute"]),
            "0.",
        ),
        Rule(
            "minutes and seconds",
            rf"(?P<minutes>{BEGIN}[0-9]{{0,2}})(?: ?(?:m|mins?|minutes?)\.?,? ?(?:and )?"
            r"(?P<seconds>[0-5]?[0-9]) ?(?:s|secs?|seconds?)(?!\w)\.?"
            r"|['’′](?P<marked>1[2-9]|[2-5][0-9])(?:[\"”″]|['’]{2}))(?!\w)",
            _say_minutes,
            "0sm'’′",
        ),
        Rule(
            "time",
            rf"(?:(?P<first>{_TIME}):(?P<first_minute>[0-5][0-9]) ?[-–] ?)?"
            rf"(?P<hour>{_TIME}):(?P<minute>[0-5][0-9])(?![\w:]|[.,][0-9])",
            _say_time,
            "0:",
        ),
    ),
)
