"""Where sentences end: sentencex' boundaries, mended where reviews need it."""

import functools
import re
from collections.abc import Iterator, Sequence

# the library seeks the other end of every quotation in all that it is given, and would take
# minutes for a long text full of apostrophes: so it gets a window at a time
_WINDOW_CHARS = 4000


# quotations and brackets stay whole, unless no listener could follow
_LONGEST_WHOLE = 300


_BEFORE_CHARS = 64  # as much on either side of a boundary as decides about it


_AFTER_CHARS = 48


_WORD_CHARS = 16  # the last of them, where a word and its mark are enough


_TITLE_CLOSERS = 4  # as many quotation marks and brackets may close after a title


_LIST_ENDS = frozenset(("etc", "ecc", "usw", "usf"))


_OPENERS = "“\"‘'„‚«»‹›([¿¡"


_CLOSERS = "\"”’'“‘)]»«›‹"


_CLOSING = f"[{re.escape(_CLOSERS)}]*+"


_NOTE = r"(?:\[\d{1,3}\]|[¹²³⁰⁴-⁹]+|\*{1,3}|[†‡]+)"


_PICTURES = "\U0001f000-\U0001faff\u2600-\u2604\u2607-\u27bf\ufe0f\u200d"


# a mark or a run of them with what closes after it and a footnote's sign; a picture; a smiley
# (it begins with one set of characters, for which a long text is searched quickly; Python before
# 3.11.5 repeats groups possessively at the wrong place, so only single characters are)
_CANDIDATE = re.compile(
    rf"([.!?…:;{_PICTURES}](?:"
    rf"(?<=[.!?…])(?<![.!?…].)(?<![.!?…]\s.)[.!?…]*+(?:\s[.…]++)*(?!\s[.…]){_CLOSING}{_NOTE}?"
    rf"|(?<=[{_PICTURES}])(?<![{_PICTURES}].)[{_PICTURES}]*+"
    rf"|(?<=\s[:;])-?[()](?=\s)))\s++"
)


# what stands after a boundary of the library and belongs before it
_TRAILING = re.compile(rf"((?:{_NOTE}|[{_PICTURES}]+|[)\]”]+|(?<!\s)[.!?…]+)(?=\s))\s+")


_SMILEY = re.compile(r"([:;](?<!\S.)-?)[()](?!\S)")


_ELLIPSIS = re.compile(rf"(?:…|\.\s?\.\s?\.)[.!?…\s]*{_CLOSING}$")


_BRACKET_OR_NOTE = re.compile(rf"[.!?…](?:\)|{_CLOSING}{_NOTE})$")


_PICTURE_END = re.compile(rf"(?:[{_PICTURES}]|[:;]-?[()])$")


_PLAIN_WORD = re.compile(r"\s([a-zà-ÿ]{3,})\.$")


_PLAIN_END = re.compile(rf"([^\W_]{{2,}})[.!?…]{_CLOSING}$")


_LIST_MARK = re.compile(r"[•⁃*(-]?\s?(?:\d{1,3}|[a-zQA])(?:\.\)|[.)])")


_ITEM = re.compile(r"(?<!\S)[•⁃]?\s?(\d{1,3}|[a-z])(\.\)|[.)])\s+(?=\S)")


_FIRST_LETTER = re.compile(r"[\W\d_]*([^\W\d_])")


_MARK = re.compile(r"[.!?…:;]")


_AFTER_MARK = re.compile(rf"[.!?…]{_CLOSING}\s+[{re.escape(_OPENERS)}]*([^\W\d_])")


_DIGIT = re.compile(r"[#№]?\d")


_COUNT = re.compile(r"[#№]?\d|[IVXLC]+\b")


_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.-?)+[^\W\d_]{1,2}")


_SMALL_NAME = re.compile(r"[a-z]{1,3}[A-Z]")  # iPhone, eXistenZ, macOS


_DASH = re.compile(r"[—–-]+\s*(\S)")


_SPACES = re.compile(r"\s*")


_ASCII = re.compile(r"[!-~]+")


_ASCII_END = re.compile(r"[!-~]+$")


_ADDRESS = re.compile(
    r"://|www\.|[@/_]|\.(?:com|org|net|md|txt|html?|pdf|js|mp[34])\b", re.IGNORECASE
)


_BRACKETED_YEAR = re.compile(r"\((?:[^()]{0,32}\D)?(?:18|19|20)\d\d\)")


_QUOTED_TITLE = re.compile(
    r"\b(?i:in|of|from|like|with|for|to|as|on|by|than|and|see|saw|watch(?:ed)?|called|titled)"
    r"\s[“\"‘'](?:[A-Z0-9]\S*|[a-z]{1,3})(?:\s(?:[A-Z0-9]\S*|[a-z]{1,3}))*[!?][”\"’']$"
)


# names with a mark inside, and how they go on
_MARKED_NAMES = {
    "Yahoo!": "", "Jeopardy!": "", "Panic!": "At the Disco", "Shots!": "Part Deux",
    "Mia!": "Here We", "Pussycat!": "Kill!", "You!": "Black Emperor", "E.T.": "The Extra",
    "P.S.": "",
}  # fmt: skip


# Mamma Mia! Here We Go Again: more words with capitals than a sentence begins with
_NAME_BEFORE = re.compile(r"(?:[A-Z][\w'’]+ |\A)[A-Z][\w'’]*[!?]$")


_NAME_GOES_ON = re.compile(
    r"(?!(?:I|The|A|An|In|On|At|For|My|Our|His|Her|Its|And|But|With|From|As|If|When)\b)[A-Z][\w'’]*"
    r"(?: (?:of|the|and|in|on|a|to|for))? [A-Z][\w'’]*"
    r"(?: (?:of|the|and|in|on|a|to|for))? [A-Z][\w'’]"
)


_TIME_FIRST = re.compile(r"(?:at|by|on|after|before|around|until|from|since)\s[\d:.]+\s?[ap]\.m\.$")


_TIME_ONLY = re.compile(
    r"[\"“(]?(?:(?:so|then|and|but)[, ]+)?(?:(?:at|by|on|after|before|around|until|from|since|"
    r"about)\s)?(?:almost |nearly )?[\d:.]+\s?[ap]\.m\."
)


_TIME_ZONE = re.compile(r"(?:[ECMP][SD]?T|GMT|UTC|BST)\b")


# where nobody writes capitals, a sentence goes on with these after a title's mark
_GOING_ON = re.compile(
    r"(?:is|was|are|were|has|had|may|might|can|will|does|did|and|or|but|remains|says|said|asks)\b"
)


# a single letter after one of these is no initial
_LETTER_NAMED = frozenset(
    "rated part plan grade type vitamin generation gen malcolm class act phase chapter item "
    "episode volume war a an the option letter".split()
)


_ORDINAL_BEFORE = frozenset(
    "am im vom zum zur beim ab bis seit der die das den dem des ein eine einen einem einer "
    "ihr ihre sein seine mein meine ihrem seinem ihren seinen unser unsere und".split()
)


_ORDINAL_AFTER = re.compile(
    r"(?:Jan|Feb|März|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Jahrhundert|Staffel|Folge|Teil|Akt"
    r"|Mal|Platz|Auflage|Weltkrieg|Klasse|Kapitel|Jh)"
)


def _list_kinds(**words: str) -> dict[str, str]:
    return {word: kind for kind, line in words.items() for word in line.split()}


# title: a name follows; open: something follows; part: a number does, or a sure first word ends it;
# count: a number, else it may be a word; unit: a capital after it begins a sentence;
# suffix: only a sure first word does; firm: such a word does, of others the library knows more
_ANYWHERE = _list_kinds(
    open="vs feat cf ca approx dir",
    part="vol vols pt pts ep eps",
    count="no nr",
    unit="min",
    suffix="ed eds ft",
)


_KINDS = {
    "en": _ANYWHERE
    | _list_kinds(
        title="mr mrs ms mx dr prof st sgt capt lt cpl pvt gen col maj cmdr adm rev fr hon gov sen "
        "rep pres det insp messrs mme mlle mt msgr supt",
        open="e.g i.e a.k.a viz",
        part="ch chap chaps fig figs",
        count="nos p pp op jan feb mar apr jun jul aug sept sep oct nov dec",
        unit="mins hr hrs secs yr yrs lb lbs oz etc",
        suffix="jr sr bros ph.d m.d esq est dept",
        firm="inc co corp ltd ave blvd rd",
    ),
    "fr": _ANYWHERE
    | _list_kinds(
        title="m mm mr dr pr me mgr st ste",
        open="p.ex ex c.-à-d c.à.d env réal av",
        part="chap fig",
        count="p pp n° t art éd janv févr avr juil sept oct nov déc",
        unit="h mn sec etc",
        suffix="ltd cie",
    ),
    "de": _ANYWHERE
    | _list_kinds(
        title="hr hrn fr dr prof st frl dipl ing",
        open="z.b d.h u.a bzw evtl ggf inkl sog vgl z d u i s.o urspr engl dt",
        part="bd bde abb kap",
        count="s jh tel art",
        unit="usw usf std sek etc",
        suffix="mio mrd",
    ),
    "es": _ANYWHERE
    | _list_kinds(
        title="sr sra srta sres dr dra d dª dña ud uds vd prof lic ing sto sta gral",
        open="p.ej ej aprox av",
        part="cap caps fig",
        count="pág págs p pp núm núms n.º n° art t",
        unit="h seg etc",
        suffix="ee.uu uu",
    ),
    "it": _ANYWHERE
    | _list_kinds(
        title="sig sigg sig.ra sig.na dott dott.ssa dr prof prof.ssa ing avv arch on mons s ss",
        open="es p.es",
        part="cap fig",
        count="pag pagg p pp n nn art",
        unit="ecc etc sec",
    ),
}


# words that begin sentences, and hardly go on after an abbreviation or a name
FIRST_WORDS = {
    "en": "the it this that these those he she they we you i there here but and yet so or nor if "
    "when while although though because since after before once then now not no nobody nothing "
    "everyone everybody everything someone something what why how who where which his her its "
    "their our my your as at by for from in on with without to a an all both each every some many "
    "most few more less only even just still also instead however perhaps maybe yes is are was "
    "were do does did has have had can could would should let unfortunately sadly luckily",
    "fr": "le la les un une des il elle ils elles on ce cette ces nous vous je mais et puis "
    "pourtant or donc car si quand alors après avant dans avec sans pour par tout tous rien "
    "personne qui que où",
    "de": "der die das den dem ein eine einen er sie es wir ihr ich man aber und doch denn wenn "
    "als dann da dort hier so nun jetzt nach vor im in am mit ohne für alle alles nichts niemand "
    "dieser diese dieses wer was wie wo",
    "es": "el la los las un una él ella ellos ellas esto este esta es nosotros yo pero y luego "
    "entonces si cuando después antes en con sin para por todo todos nada nadie quien que como no",
    "it": "il lo la i gli le un una uno lui lei loro questo questa è noi io ma e poi quindi se "
    "quando dopo prima in con senza per tutto tutti nulla nessuno chi che come non",
}


_IS_FIRST = {
    language: re.compile(
        rf"[{re.escape(_OPENERS)}]*(?:{words.replace(' ', '|')})(?:['’]\w+)?(?=[\s,:—]|$)",
        re.IGNORECASE,
    )
    for language, words in FIRST_WORDS.items()
}


_NEVER = re.compile(r"(?!)")


def split_sentences(text: str, language: str, titles: Sequence[str] = ()) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, in characters, without the spaces between them.

    Together they hold every character that is not a space, and each holds a letter or a digit
    unless the whole text has none. A mark inside one of `titles`, the names of works, ends none.
    """
    language = language.partition("-")[0].lower()
    sentences: list[tuple[int, int]] = []
    has_words = False
    for start, stop in _list_items(text):
        item = text if stop - start == len(text) else text[start:stop]
        for first, last in _Splitter(item, language, titles).list_pieces():
            piece_has_words = any(map(str.isalnum, item[first:last]))
            if sentences and not (has_words and piece_has_words):
                sentences[-1] = (sentences[-1][0], start + last)
                has_words = has_words or piece_has_words
            else:
                sentences.append((start + first, start + last))
                has_words = piece_has_words
    return sentences


def _list_items(text: str) -> list[tuple[int, int]]:
    """Return the items of a text that is a list, in lines or numbered in a row, else all of it."""
    starts = [0]
    if "\n" in text.strip() and not _MARK.search(text):
        starts += [at + 1 for at, letter in enumerate(text) if letter == "\n"]
    elif _ITEM.match(text):
        due = None
        for item in _ITEM.finditer(text):
            if due is None or item.groups() == due:
                starts.append(item.start())
                number = item[1]
                following = str(int(number) + 1) if number.isdigit() else chr(ord(number) + 1)
                due = (following, item[2])
        starts.pop(0)
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


class _Splitter:
    """What decides about the boundaries of one text."""

    def __init__(self, text: str, language: str, titles: Sequence[str]) -> None:
        self._text = text
        self._language = language
        self._kinds = _KINDS.get(language, _ANYWHERE)
        self._is_first = _IS_FIRST.get(language, _NEVER)
        self._is_small = _has_no_capitals(text)
        self._small_titles = tuple(title for title in titles if title[:1].islower())
        pattern = _match_titles(tuple(titles))
        self._titles = [found.span() for found in pattern.finditer(text)] if pattern else []
        self._titles.reverse()  # so that those passed are popped

    def list_pieces(self) -> Iterator[tuple[int, int]]:
        """Return the pieces between the boundaries that hold, without the spaces between them."""
        text = self._text
        first, last = _skip_spaces(text, 0), _drop_spaces(text, len(text))
        for at, after, is_end in self._list_boundaries():
            if first < at and after < last:
                verdict = self._judge(first, at, after)
                if is_end if verdict is None else verdict:
                    yield first, at
                    first = after
        if first < last:
            yield first, last

    def _list_boundaries(self) -> Iterator[tuple[int, int, bool]]:
        """Return (end, next start, whether it is one if nothing tells against) in order.

        These are the library's and, within what it leaves whole, every mark before a space.
        """
        text = self._text
        passed = 0
        for start, stop in _ask_library(text, self._language):
            at, after = _drop_spaces(text, stop), _skip_spaces(text, stop)
            for found in _CANDIDATE.finditer(text, max(start, passed), at):
                is_end = stop - start > _LONGEST_WHOLE and self._is_plain(found.end(1))
                yield found.end(1), found.end(), is_end
            if trailing := _TRAILING.match(text, after):
                at, after = trailing.end(1), trailing.end()
            if at > passed:
                yield at, after, True
            passed = after

    def _is_plain(self, at: int) -> bool:
        """True if a word stands before a mark, not an abbreviation."""
        found = _PLAIN_END.search(self._text[max(0, at - _BEFORE_CHARS) : at])
        return found is not None and found[1].lower() not in self._kinds

    def _judge(self, first: int, at: int, after: int) -> bool | None:
        """True if the sentence from `first` ends at `at`; None leaves it to the library."""
        text = self._text
        before = text[max(first, at - _BEFORE_CHARS) : at]
        following = text[after : after + _AFTER_CHARS]
        if at < after and not self._titles and following[0].isupper():
            # most boundaries are plain, and time goes by their number
            plain = _PLAIN_WORD.search(before[-_WORD_CHARS:])
            if plain and plain[1] not in self._kinds:
                return None
        if text[at:after].count("\n") > 1:
            return None
        begins = self._is_first.match(following) is not None
        if end := self._find_title_end(at):
            return at >= end and begins
        if _is_continued(before, following, is_one_word=at == after) or (
            len(before) == at - first and _LIST_MARK.fullmatch(before)
        ):
            return False
        bare = before.rstrip(_CLOSERS)
        ellipsis = _ELLIPSIS.search(before[-_WORD_CHARS:])
        if following[0].islower() and not self._is_small_name(following):
            # nothing but a full stop is sure where no sentence begins with a capital
            if not self._is_small or bare != before or ellipsis:
                return False
            if not bare.endswith(".") and _GOING_ON.match(following):
                return False
        is_capital = following.lstrip(_OPENERS)[:1].isupper()
        if ellipsis:
            hesitates = following.startswith(("I ", "I’", "I'"))
            is_sure = is_capital and not hesitates and following[0] != "("
            return True if is_sure else None
        verdict: bool | None = None
        if bare.endswith((".", "!", "?")) and _is_in_name(before, following, begins=begins):
            return False
        if bare.endswith("."):
            verdict = self._judge_stop(bare, following, begins=begins)
        if verdict is None and is_capital:
            if _PICTURE_END.search(before):
                return begins or None
            return _BRACKET_OR_NOTE.search(before) is not None or None
        if verdict is None and self._is_small and following[0].islower():
            return self._is_plain(at) or None
        return verdict

    def _judge_stop(self, bare: str, following: str, *, begins: bool) -> bool | None:
        """True if the full stop that ends `bare` is more than an abbreviation's."""
        words = bare[:-1].rsplit(None, 2)
        word = words[-1].lstrip(_OPENERS) if words else ""
        previous = words[-2].lstrip(_OPENERS) if len(words) > 1 else ""
        kind = self._kinds.get(word.lower(), "")
        if not kind and self._language in {"fr", "it"}:
            word = word.replace("'", "’").rpartition("’")[2]  # l’Ing.
            kind = self._kinds.get(word.lower(), "")
        if kind == "title" and (word[0].isupper() or self._is_small):
            # Mulholland Dr. and Elm St. may end a sentence, but Dr. No does not begin one
            is_street = word.lower() in {"dr", "st"} and previous[:1].isupper()
            return is_street and begins and not following.lower().startswith("no")
        if kind == "open":
            return False
        if kind in {"part", "count"}:
            pattern = _COUNT if kind == "part" else _DIGIT
            if pattern.match(following):
                return False
            if kind == "part" or word.lower() == "no":
                return begins or kind == "count"
        if kind == "unit":
            if following[0].islower():
                return begins
            return (
                None
                if following[0].isdigit() and word.lower() in _LIST_ENDS
                else (not following[0].isdigit())
            )
        if kind in {"suffix", "firm"}:
            return begins or (False if kind == "suffix" else None)
        if word.lower() in {"a.m", "p.m"}:
            if following[0].islower() or following[0].isdigit() or _TIME_ZONE.match(following):
                return False
            if _TIME_ONLY.fullmatch(bare.lower()):
                return False  # a sentence that begins with a time has not ended with it
            return begins or (False if _TIME_FIRST.match(bare.lower()) else None)
        if len(word) == 1 and word.isalpha():
            if begins or previous.lower() in _LETTER_NAMED:
                return True
            if word == "I" and self._language == "en":
                return not previous[:1].isupper()
            return False if word.isupper() or self._is_small else None
        if _DOTTED.fullmatch(word):
            return begins
        if self._language == "de" and word.isdigit() and len(word) < 3:
            is_ordinal = previous.lower() in _ORDINAL_BEFORE or _ORDINAL_AFTER.match(following)
            return False if is_ordinal else None
        return None

    def _find_title_end(self, at: int) -> int:
        """Return the end of the title of a work whose mark stands before `at`, or 0."""
        while self._titles and self._titles[-1][1] + _TITLE_CLOSERS < at:
            self._titles.pop()
        if not self._titles:
            return 0
        start, end = self._titles[-1]
        return end if start < at and not self._text[end:at].strip(_CLOSERS) else 0

    def _is_small_name(self, following: str) -> bool:
        return bool(_SMALL_NAME.match(following)) or following.startswith(self._small_titles)


def _ask_library(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Return the library's sentences with the spaces after them; together they are the text."""
    import sentencex

    start = begun = 0
    while start < len(text):
        stop = min(len(text), start + _WINDOW_CHARS)
        if stop < len(text):
            stop = text.rfind(" ", start + _WINDOW_CHARS // 2, stop) + 1 or stop
        # a smiley is no bracket
        pieces = sentencex.segment(language, _SMILEY.sub(r"\1|", text[start:stop]))
        if stop < len(text) and len(pieces) > 1:
            # the last may go on after the window
            del pieces[-1]
        elif stop < len(text):
            start = stop
            continue
        for piece in pieces:
            start += len(piece)
            yield begun, start
            begun = start


def _is_continued(before: str, following: str, *, is_one_word: bool) -> bool:
    """True if what follows cannot begin a sentence, whatever its letters are."""
    if following[0] in ",;)]":
        return True
    dash = _DASH.match(following)
    if dash and (is_one_word or dash[1].islower()):
        return True
    if not is_one_word:
        return False
    left, right = _ASCII_END.search(before), _ASCII.match(following)
    word = (left[0] if left else "") + (right[0] if right else "")
    return following[0].islower() or following[0] in "'’" or bool(_ADDRESS.search(word))


def _is_in_name(before: str, following: str, *, begins: bool) -> bool:
    """True if a mark belongs to a name that goes on, or after which the sentence does."""
    bare = before.rstrip(_CLOSERS)
    word = bare.rsplit(None, 1)[-1].lstrip(_OPENERS)
    rest = _MARKED_NAMES.get(word)
    if rest is not None and following.startswith(rest) and (rest or not begins):
        return True
    if begins or bare.endswith("."):
        return False
    if not bare.endswith("…") and _NAME_BEFORE.search(bare) and _NAME_GOES_ON.match(following):
        return True
    is_repeated = word[:1].isalnum() and following.startswith(word)
    return (
        is_repeated
        or _BRACKETED_YEAR.match(following) is not None
        or _QUOTED_TITLE.search(before) is not None
    )


def _has_no_capitals(text: str) -> bool:
    """True if sentences begin with small letters here, as some write all they write."""
    begins = _FIRST_LETTER.match(text)
    if not begins or not begins[1].islower():
        return False
    letters = [found[1] for found in _AFTER_MARK.finditer(text)]
    return any(map(str.islower, letters)) and not any(map(str.isupper, letters))


@functools.lru_cache(16)
def _match_titles(titles: tuple[str, ...]) -> re.Pattern[str] | None:
    """Make the pattern of those titles that hold a mark; the longest is found first."""
    marked = []
    for title in sorted(titles, key=len, reverse=True):
        if _MARK.search(title) and any(map(str.isalnum, title)):
            first, *rest = ("['’]" if letter in "'’" else re.escape(letter) for letter in title)
            # the pattern begins with a letter, which re searches for fastest
            marked.append(rf"{first}(?<!\w.){''.join(rest)}")
    return re.compile("|".join(marked)) if marked else None


def _skip_spaces(text: str, at: int) -> int:
    found = _SPACES.match(text, at)
    return found.end() if found else at


def _drop_spaces(text: str, at: int) -> int:
    while at and text[at - 1].isspace():
        at -= 1
    return at
