"""Codes in brackets as forums and WordPress write them, `[name]…[/name]`."""

import re

from reviewcast.text.readers.flow import Flow

SPOILER = "reviewcast-spoiler"
_CODE_TAG = r"\[(/?)({names})((?:[ =][^\[\]\n]*)?)\](?![(\[:])"

_FOLDS = set(
    """spoiler spoilers expand collapse hide hidden fold toggle accordion details more readmore
    reveal revealer""".split()
)

_SHOWN_CODE = re.compile(
    r"\[/?(?:caption|quote|gallery|embed|audio|video|playlist|vc_\w{1,40}|et_pb_\w{1,40}|expand)"
    r"(?:[ =][^\[\]]{0,1000})?\]"
)

_OWN_CODES = {"caption", "video", "audio", "embed", "youtube"}


def leave_out_codes(text: str, flow: Flow) -> str:
    """Leave out the codes of WordPress that a page shows because nothing read them."""

    def leave_out(match: "re.Match[str]") -> str:
        flow.leave_out(match[0].strip("[]/"), "shortcode")
        return ""

    return _SHOWN_CODE.sub(leave_out, text) if "[" in text else text


def read_bracket_codes(source: str, flow: Flow) -> str:
    """Read codes as forums and WordPress write them, `[name]…[/name]`: the text within stays.

    What a reader has to unfold is a spoiler. A tag without its fellow stays as it is.
    """
    names = {name.lower() for name in re.findall(r"\[/([A-Za-z][\w-]{0,30})\]", source)}
    names -= _OWN_CODES
    if not names:
        return source
    alternatives = "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
    tags = list(re.finditer(_CODE_TAG.replace("{names}", alternatives), source, re.IGNORECASE))
    opened: dict[str, list[re.Match[str]]] = {}
    changes: list[tuple[int, int, str]] = []
    for tag in tags:
        name = tag[2].lower()
        if not tag[1]:
            opened.setdefault(name, []).append(tag)
        elif opened.get(name):
            opening = opened[name].pop()
            is_block = bool(_BLANK.search(source, opening.end(), tag.start()))
            before, after = _translate_code(name, is_block=is_block)
            changes += [(*opening.span(), before), (*tag.span(), after)]
            if name == "quote":
                flow.leave_out(opening[3].strip(" =\"'"), "caption")
            flow.hide(opening[0])
            flow.hide(tag[0])
    parts = []
    position = 0
    for start, end, text in sorted(changes):
        parts += [source[position:start], text]
        position = end
    return "".join(parts) + source[position:]


def _translate_code(name: str, *, is_block: bool) -> tuple[str, str]:
    if name == "quote":
        return "\n\n<reviewcast-quote>\n\n", "\n\n</reviewcast-quote>\n\n"
    if name == "code":
        return "<pre>", "</pre>"
    if name not in _FOLDS:
        return "", ""
    if is_block:
        return f"\n\n<{SPOILER}s>\n\n", f"\n\n</{SPOILER}s>\n\n"
    return f"<{SPOILER}>", f"</{SPOILER}>"


_BLANK = re.compile(r"\n[ \t]*\n")
