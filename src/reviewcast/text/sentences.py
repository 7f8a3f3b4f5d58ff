"""Where sentences end: sentencex' boundaries, mended where reviews need it."""

import re
from collections.abc import Iterator, Sequence

from reviewcast.model.characters import has_words
from reviewcast.text.full_stops import find_stop, judge_stop
from reviewcast.text.marked_names import CLOSERS, MARK, is_in_name, match_titles
from reviewcast.text.sentence_words import OPENERS, find_kinds, match_first_words

# quotations and brackets stay whole, unless no listener could follow
_LONGEST_WHOLE = 300
_BEFORE_CHARS = 64  # as much on either side of a boundary as decides about it
_AFTER_CHARS = 48
_WORD_CHARS = 16  # the last of them, where a word and its mark are enough
_TITLE_CLOSERS = 4  # as many quotation marks and brackets may close after a title
_CLOSING = f"[{re.escape(CLOSERS)}]*+"
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
_ELLIPSIS = re.compile(rf"(?:…|\.\s?\.\s?\.)[.!?…\s]*{_CLOSING}$")
_BRACKET_OR_NOTE = re.compile(rf"[.!?…](?:\)|{_CLOSING}{_NOTE})$")
_PICTURE_END = re.compile(rf"(?:[{_PICTURES}]|[:;]-?[()])$")
_PLAIN_WORD = re.compile(r"\s([a-zà-ÿ]{3,})\.$")
_PLAIN_END = re.compile(rf"([^\W_]{{2,}})[.!?…]{_CLOSING}$")
_LIST_MARK = re.compile(r"[•⁃*(-]?\s?(?:\d{1,3}|[a-zQA])(?:\.\)|[.)])")
_ITEM = re.compile(r"(?<!\S)[•⁃]?\s?(\d{1,3}|[a-z])(\.\)|[.)])\s+(?=\S)")
_FIRST_LETTER = re.compile(r"[\W\d_]*([^\W\d_])")
_AFTER_MARK = re.compile(rf"[.!?…]{_CLOSING}\s+[{re.escape(OPENERS)}]*([^\W\d_])")
_SMALL_NAME = re.compile(r"[a-z]{1,3}[A-Z]")  # iPhone, eXistenZ, macOS
_LETTER = re.compile(r"[B-HJ-Z](?!\w)")  # of a name: Kase.O; A and I are words
_DASH = re.compile(r"[—–-]+\s*(\S)")
_SPACES = re.compile(r"\s*")
_ASCII = re.compile(r"[!-~]+")
_ASCII_END = re.compile(r"[!-~]+$")

_ADDRESS = re.compile(
    r"://|www\.|[@/_]|\.(?:com|org|net|md|txt|html?|pdf|js|mp[34])\b", re.IGNORECASE
)

# where nobody writes capitals, a sentence goes on with these after a title's mark
_GOING_ON = re.compile(
    r"(?:is|was|are|were|has|had|may|might|can|will|does|did|and|or|but|remains|says|said|asks)\b"
)

# the library seeks the other end of every quotation in all that it is given, and would take
# minutes for a long text full of apostrophes: so it gets a window at a time
_WINDOW_CHARS = 4000
_SMILEY = re.compile(r"([:;](?<!\S.)-?)[()](?!\S)")


def split_sentences(text: str, language: str, titles: Sequence[str] = ()) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, in characters, without the spaces between them.

    Together they hold every character that is not a space, and each holds a letter or a digit
    unless the whole text has none. A mark inside one of `titles`, the names of works, ends none.
    """
    language = language.partition("-")[0].lower()
    sentences: list[tuple[int, int]] = []
    is_whole = False  # whether the last one has a word
    for start, stop in _list_items(text):
        item = text if stop - start == len(text) else text[start:stop]
        for first, last in _Splitter(item, language, titles).list_pieces():
            is_worded = has_words(item[first:last])
            if sentences and not (is_whole and is_worded):
                sentences[-1] = (sentences[-1][0], start + last)
                is_whole = is_whole or is_worded
            else:
                sentences.append((start + first, start + last))
                is_whole = is_worded
    return sentences


def _list_items(text: str) -> list[tuple[int, int]]:
    """Return the items of a text that is a list, in lines or numbered in a row, else all of it."""
    starts = [0]
    if "\n" in text.strip() and not MARK.search(text):
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
        self._kinds = find_kinds(language)
        self._is_first = match_first_words(language)
        self._is_small = _has_no_capitals(text)
        self._small_titles = tuple(title for title in titles if title[:1].islower())
        pattern = match_titles(tuple(titles))
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
        """Return (end, next start, whether it is one if nothing speaks against it) in order.

        These are the library's and, within what it leaves whole, every mark before a space.
        """
        text = self._text
        passed = 0
        for start, stop in _find_library_sentences(text, self._language):
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
        is_letter = at == after and self._language == "en" and _LETTER.match(following)
        if (
            is_letter
            or _is_continued(before, following, is_one_word=at == after)
            or (len(before) == at - first and _LIST_MARK.fullmatch(before))
        ):
            return False
        bare = before.rstrip(CLOSERS)
        ellipsis = _ELLIPSIS.search(before[-_WORD_CHARS:])
        if following[0].islower() and not self._is_small_name(following):
            # nothing but a full stop is sure where no sentence begins with a capital
            if not self._is_small or bare != before or ellipsis:
                return False
            if not bare.endswith(".") and _GOING_ON.match(following):
                return False
        is_capital = following.lstrip(OPENERS)[:1].isupper()
        if ellipsis:
            hesitates = following.startswith(("I ", "I’", "I'"))
            is_sure = is_capital and not hesitates and following[0] != "("
            return True if is_sure else None
        verdict: bool | None = None
        if bare.endswith((".", "!", "?")) and is_in_name(before, following, begins=begins):
            return False
        if bare.endswith("."):
            stop = find_stop(bare, following, self._language, begins=begins, small=self._is_small)
            verdict = judge_stop(stop)
        if verdict is None and is_capital:
            if _PICTURE_END.search(before):
                return begins or None
            return _BRACKET_OR_NOTE.search(before) is not None or None
        if verdict is None and self._is_small and following[0].islower():
            return self._is_plain(at) or None
        return verdict

    def _find_title_end(self, at: int) -> int:
        """Return the end of the title of a work whose mark stands before `at`, or 0."""
        while self._titles and self._titles[-1][1] + _TITLE_CLOSERS < at:
            self._titles.pop()
        if not self._titles:
            return 0
        start, end = self._titles[-1]
        return end if start < at and not self._text[end:at].strip(CLOSERS) else 0

    def _is_small_name(self, following: str) -> bool:
        return bool(_SMALL_NAME.match(following)) or following.startswith(self._small_titles)


def _find_library_sentences(text: str, language: str) -> Iterator[tuple[int, int]]:
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


def _has_no_capitals(text: str) -> bool:
    """True if sentences begin with small letters here, as some write all they write."""
    begins = _FIRST_LETTER.match(text)
    if not begins or not begins[1].islower():
        return False
    letters = [found[1] for found in _AFTER_MARK.finditer(text)]
    return any(map(str.islower, letters)) and not any(map(str.isupper, letters))


def _skip_spaces(text: str, at: int) -> int:
    found = _SPACES.match(text, at)
    return found.end() if found else at


def _drop_spaces(text: str, at: int) -> int:
    while at and text[at - 1].isspace():
        at -= 1
    return at
