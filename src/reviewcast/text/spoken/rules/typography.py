"""Typography that voices stumble over becomes what they read well."""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence

from reviewcast.text.spoken.engine import Context, Family, Rule

_RULES = (
    # a dash between words is a breath; most voices need spaces around it to hear it as one
    (re.compile(r"\s*(?:[—―]|(?<=\s)[–-](?=\s)|(?<=\w)--+(?=\w)|(?<=\s)--+(?=\s))\s*"), " — "),
    (re.compile(r"[\u00ad\u200b-\u200d\u2060\ufe0e\ufe0f\ufffd]"), ""),
    (re.compile(r"\s+"), " "),
)


def speak_typography(text: str) -> str:
    """Set dashes apart, drop invisible characters and odd spaces.

    >>> speak_typography("a clown—and a sad one—who runs")
    'a clown — and a sad one — who runs'
    """
    text = unicodedata.normalize("NFC", text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text.strip().removeprefix("— ").removesuffix(" —")


_INVISIBLE = (
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u2069\ufe0e\ufe0f\ufeff\ufffd\ud800-\udfff"
)

_JOINERS = r"\u200c\u200d"  # several scripts spell with them; English only joins emoji
_SPACES = r"\A\s+|\s+\Z|\s\s+|[^\S ]"
_ODD_SPACE = re.compile(r"[^\S ]")
_RAISED = re.compile("[¹²³⁰⁴-⁹]")
_ANY_DASH = re.compile(r"[—―–-](?:(?<=[—―])|(?<=\s.)|(?<=-)-)")

# all but what is plainly seen and no mark: ASCII without &*_`~^<[, Latin, punctuation and symbols
_NOISE = re.compile(
    r"[^ !-%'-)+-;=-Z\\\]a-z{-}\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e"
    r"\u20a0-\u20c0\u2100-\u2bff]"
)

_ENTITY = (
    r"&(?:amp|lt|gt|quot|apos|nbsp|[mn]dash|hellip|[lr][sd]quo|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});"
)

_MAX_ACCENTS = 30


class Cleaned:
    """A text without what nobody sees, and the way from its characters back to the written ones."""

    def __init__(self, text: str, edits: Sequence[tuple[int, int, str]]) -> None:
        parts: list[str] = []
        at = shift = 0
        self._edits: list[tuple[int, int, int, int]] = []  # written from, to; cleaned from, to
        for start, end, replacement in edits:
            parts += (text[at:start], replacement)
            cleaned = start + shift
            self._edits.append((start, end, cleaned, cleaned + len(replacement)))
            shift += len(replacement) - (end - start)
            at = end
        self.text = "".join(parts) + text[at:]
        self.edits = self._edits

    def find_written(self, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Turn spans of the cleaned text, in order, into spans of the written one.

        None of them cuts an edit that left more than one character.
        """
        position = 0
        shift = 0
        for start, end in spans:
            while position < len(self._edits) and self._edits[position][3] <= start:
                shift = self._edits[position][1] - self._edits[position][3]
                position += 1
            first = start + shift
            last_position, last_shift = position, shift
            while last_position < len(self._edits) and self._edits[last_position][2] < end:
                edit = self._edits[last_position]
                last_shift = edit[1] - edit[3]
                if edit[2] <= start:
                    first = edit[0]
                last_position += 1
            yield first, end + last_shift

    def find_cleaned(self, position: int) -> int:
        """Turn a position in the written text into one in the cleaned text."""
        shift = 0
        for start, end, cleaned, cleaned_end in self._edits:
            if end > position:
                return cleaned if start <= position else position + shift
            shift = cleaned_end - end
        return position + shift


def clean_text(text: str, *, joins_letters: bool, keeps_marks: bool = False) -> Cleaned:
    """Find what nobody sees: invisible characters, odd spaces, loose accents, markup left over."""
    if _is_clean(text):
        return Cleaned(text, ())
    pattern = rf"[{_INVISIBLE}{'' if joins_letters else _JOINERS}]+"
    if "  " in text or text.strip() != text or _ODD_SPACE.search(text):
        pattern = rf"{_SPACES}|{pattern}"
    if "&" in text and ";" in text:
        pattern = rf"{pattern}|{_ENTITY}"
    accents = "".join(char for char in set(text) if char > "\u02ff" and unicodedata.combining(char))
    if accents:
        pattern += rf"|[^\s{re.escape(accents)}]?[{re.escape(accents)}]{{1,{_MAX_ACCENTS}}}"
    edits = [(*match.span(), _clean(match, text)) for match in re.finditer(pattern, text)]
    if not keeps_marks:
        edits = _add_marks(text, edits)
    return Cleaned(text, [edit for edit in edits if edit[2] != text[edit[0] : edit[1]]])


def _is_clean(text: str) -> bool:
    return not _NOISE.search(text) and "  " not in text and text.strip(" ") == text


def is_tidy(text: str) -> bool:
    """True if there is nothing to clean, no dash or stop to mend and no address."""
    return (
        text.strip("–-") == text
        and not _RAISED.search(text)
        and "://" not in text
        and " ." not in text
        and " ," not in text
        and not _ANY_DASH.search(text)
        and _is_clean(text)
    )


def _clean(match: re.Match[str], text: str) -> str:
    written = match[0]
    if written.isspace():
        is_edge = match.start() == 0 or match.end() == len(text)
        return "" if is_edge else " "
    if written[0] == "&":
        return html.unescape(written).replace("\xa0", " ")
    composed = unicodedata.normalize("NFC", written)
    return "" if re.fullmatch(rf"[{_INVISIBLE}{_JOINERS}]+", written) else composed


def _add_marks(text: str, edits: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Add the marks of markup around what is said, which stays in reach of the rules."""
    taken = bytearray(len(text))
    for start, end, _ in edits:
        taken[start:end] = b"\1" * (end - start)
    for needed, pattern in _MARKS:
        if needed not in text:
            continue
        for match in re.finditer(pattern, text):
            spans = [match.span()]
            if match.re.groups:
                spans = [(match.start(), match.start(1)), (match.end(1), match.end())]
            if all(taken.find(1, *span) < 0 for span in spans):
                for start, end in spans:
                    taken[start:end] = b"\1" * (end - start)
                    edits.append((start, end, " " if text[start:end].startswith("<br") else ""))
    return sorted(edits)


# what stands in the first group is said; without a group nothing is
_MARKS = (
    # a star before a remark, as printed below a text
    ("*", r"\A\*\s+(?!out of\b)(?=[^\W\d_]|[\"“‘'(]|(?:19|20)[0-9]{2}\b)"),
    # a quotation mark of old; one that is closed is markup
    ("`", r"(?<![\w`])`{1,2}(?=\w)(?![^`]{1,300}`)"),
    ("](", r"!?\[([^\[\]]{1,300})\]\([^\s()]{0,500}(?:\([^\s()]{0,80}\))?[^\s()]{0,500}\)"),
    ("[^", r"\[\^[^\[\]\s]{1,20}\]"),
    ("]", r"(?<=[\w.!?,”\"’)])\[[0-9]{1,3}\](?!\w)"),
    (
        "**",
        r"\*\*\*?(?<![\w*]\*\*)(?<![\w*]\*\*\*)(?=[^\s*½])([^*]{1,400})(?<=[^\s*])\*\*\*?(?![\w*])",
    ),
    ("__", r"__(?<![\w_]__)(?=[^\s_])([^_]{1,400})(?<=[^\s_])__(?![\w_])"),
    ("~", r"~(?<=[A-Za-z)]~)([0-9]{1,3}|[a-z]{1,2})~(?![~\d])"),
    ("^", r"\^(?<=[0-9]\^)(st|nd|rd|th)\^"),
    ("~~", r"~~(?=[^\s~])([^~]{1,400})(?<=[^\s~])~~(?!~)"),
    ("*", r"\*(?<![\w*]\*)(?=[^\s*½])([^*]{1,400})(?<=[^\s*])\*(?![\w*])"),
    ("_", r"_(?<![\w_]_)(?=[^\s_])([^_]{1,400})(?<=[^\s_])_(?![\w_])"),
    ("`", r"`(?<!`.)(?=[^\s`])([^`]{1,400})`(?!`)"),
    ("<", r"</?(?:b|i|em|strong|br|p|span|u|s|sup|sub|a|cite|q|small|div|hr)(?: [^<>]{0,300})?/?>"),
)


def _say_dash(match: re.Match[str], _context: Context) -> str:
    starts, ends = match.start() == 0, match.end() == len(match.string)
    if starts and ends:
        return match[0]
    return "" if starts or ends else " — "


TYPOGRAPHY = Family(
    "typography",
    (
        Rule(  # in English its dots are said too: see symbols
            "address",
            r"(?i:https?://(?:www\.)?)(?P<host>[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})(?!\w)"
            r"(?:[/:?#][^\s<>\"“”«»]{0,2000}(?<![.,;:!?)\]’']))?",
            lambda match, _: match["host"].lower(),
            "/",
        ),
        Rule(
            "note number",
            r"[¹²³⁰⁴-⁹](?:(?<=[.!?,;:…)”\"’»].)|(?<=[^\W\d_]{3}[¹⁰⁴-⁹])|(?<=[a-zà-ÿ]{3}.))"
            r"[¹²³⁰⁴-⁹]{0,2}(?!\w)",
            # Cube² is a film
            lambda match, context: None if context.is_likely_title(match) else "",
            "¹²³⁰⁴⁵⁶⁷⁸⁹",
        ),
        Rule("footnote star", r"\*{1,3}(?<=[\w.,!?]\*)(?![\w*])|\*{1,3}(?<!\w\*)(?=\w)", "", "*"),
        Rule(  # left behind where something was left out: "an image ."
            "space before a stop",
            r" (?<=[\w”\"’)\]] )(?=[.,](?:[\s\"”’)\]]|\Z)(?! ?[.,]))",
            "",
            ".,",
        ),
        Rule(
            "dash",
            r"[ —―–-](?:(?<= )(?:[—―](?: ?[—―]){0,9} ?|[–-]{1,9}(?: |\Z)|[–-]{2,9}(?=\w))|"
            r"(?<=[—―])(?: ?[—―]){0,9} ?|(?<=[–-])(?<!(?s:.).)[–-]{0,8} (?=\S)|"
            r"(?<=[\w.!?,”\"’)]-)-{1,8}(?:(?=[\w“\"‘(])|\Z))",
            _say_dash,
            "—―–-",
        ),
    ),
)
