"""Dialects of Markdown, made plain before it is parsed: attributes, wiki links, marks, spoilers."""

import re
from collections.abc import Callable

from reviewcast.text.readers.flow import Flow
from reviewcast.text.spoilers import warns_of_spoilers

_SPOILER = "reviewcast-spoiler"


_EMOJI = {
    "star": "⭐", "star2": "🌟", "heart": "❤️", "broken_heart": "💔", "thumbsup": "👍", "+1": "👍",
    "thumbsdown": "👎", "-1": "👎", "fire": "🔥", "clap": "👏", "smile": "😄", "joy": "😂",
    "sob": "😭", "cry": "😢", "wink": "😉", "heart_eyes": "😍", "thinking": "🤔", "popcorn": "🍿",
    "movie_camera": "🎥", "clapper": "🎬", "film_projector": "📽️", "tv": "📺", "book": "📖",
    "books": "📚", "headphones": "🎧", "notes": "🎶", "musical_note": "🎵", "guitar": "🎸",
    "video_game": "🎮", "game_die": "🎲", "skull": "💀", "ghost": "👻", "tada": "🎉", "100": "💯",
    "warning": "⚠️", "rocket": "🚀", "eyes": "👀", "trophy": "🏆", "laughing": "😆", "grin": "😁",
}  # fmt: skip


_TEX_COMMAND = re.compile(r"\\[A-Za-z]{2,}")


_TEX = re.compile(r"\\[A-Za-z]+|[\^_]\{|[\^_]\w")


_CODE_TAG = r"\[(/?)({names})((?:[ =][^\[\]\n]*)?)\](?![(\[:])"


_FOLDS = set(
    """spoiler spoilers expand collapse hide hidden fold toggle accordion details more readmore
    reveal revealer""".split()
)


_SHOWN_CODE = re.compile(
    r"\[/?(?:caption|quote|gallery|embed|audio|video|playlist|vc_\w{1,40}|et_pb_\w{1,40}|expand)"
    r"(?:[ =][^\[\]]{0,1000})?\]"
)


_EMBEDDED = re.compile(r"[=/0-9]|[a-z][A-Z]")


_OWN_CODES = {"caption", "video", "audio", "embed", "youtube"}


_RULES: list[tuple[str, "re.Pattern[str]", "Callable[[re.Match[str], Flow], str]"]] = []


def simplify_dialects(source: str, flow: Flow) -> str:
    """Rewrite what CommonMark does not know into what it does, and hide the rest."""
    if "[/" in source:
        source = _read_bracket_codes(source, flow)
    for sign, pattern, rewrite in _RULES:
        if sign in source:
            source = pattern.sub(lambda match, rewrite=rewrite: rewrite(match, flow), source)  # type: ignore[misc]
    if ":::" in source:
        source = _open_fenced_divisions(source, flow)
    return source


def leave_out_codes(text: str, flow: Flow) -> str:
    """Leave out the codes of WordPress that a page shows because nothing read them."""

    def leave_out(match: "re.Match[str]") -> str:
        flow.leave_out(match[0].strip("[]/"), "shortcode")
        return ""

    return _SHOWN_CODE.sub(leave_out, text) if "[" in text else text


def _rule(
    sign: str, pattern: str
) -> "Callable[[Callable[[re.Match[str], Flow], str]], Callable[[re.Match[str], Flow], str]]":
    """Add a rule that is tried where its sign stands in the text."""

    def add(
        rewrite: "Callable[[re.Match[str], Flow], str]",
    ) -> "Callable[[re.Match[str], Flow], str]":
        _RULES.append((sign, re.compile(pattern, re.MULTILINE), rewrite))
        return rewrite

    return add


@_rule("M*A*S*H", r"M\*A\*S\*H")
def _keep_acronym(_match: "re.Match[str]", _flow: Flow) -> str:
    return r"M\*A\*S\*H"


@_rule("*[", r"^ {0,3}\*\[[^\]\n]+\]:.*$")
def _hide_abbreviation(match: "re.Match[str]", flow: Flow) -> str:
    flow.hide(match[0])
    return ""


@_rule("toc", r"^[ \t]*(?:[*+-]|\d{1,3}[.)])[ \t]+[^\n]{0,200}\n[ \t]*\{:[ \t]*\.?toc\b[^{}\n]*\}")
def _hide_contents_list(match: "re.Match[str]", flow: Flow) -> str:
    flow.hide(match[0])  # kramdown puts the table of contents in its place
    return ""


@_rule("{:", r"^[ \t>]*\{:[^{}\n]*\}[ \t]*\n|\{::?/?[^{}\n]*\}")
def _hide_attribute_list(match: "re.Match[str]", flow: Flow) -> str:
    flow.hide(match[0])
    return ""


@_rule("]{", r"\[([^\[\]\n]+)\]\{([^{}\n]*)\}")
def _read_bracketed_span(match: "re.Match[str]", flow: Flow) -> str:
    flow.hide(match[2])
    return _as_spoiler(match[1]) if "spoiler" in match[2].lower() else match[1]


@_rule(
    "{",
    r"(?<=[)\]*_`\"”’])\{(?:[.#]|[A-Za-z][\w-]*=)[^{}\n]*\}"
    r"|^(?<=\n)?(#{1,6}[^\n{}]*?)[ \t]*\{[.#][^{}\n]*\}[ \t]*$",
)
def _hide_attributes(match: "re.Match[str]", flow: Flow) -> str:
    kept = match[1] or ""
    flow.hide(match[0][len(kept) :])
    return kept


@_rule("%%", r"%%(?!\})([^%\n]{1,2000})%%")
def _hide_comment(match: "re.Match[str]", flow: Flow) -> str:
    flow.leave_out(match[1], "comment")
    return ""


@_rule("[[", r"(!?)(?<!\\)\[\[([^\[\]\n|]+)(?:\\?\|([^\[\]\n]*))?\]\](?![(\[])")
def _read_wiki_link(match: "re.Match[str]", flow: Flow) -> str:
    if match[1] or match[2].startswith(("File:", "Image:")):
        flow.leave_out(f"{match[2]} {match[3] or ''}", "image")
        return ""
    if match[2].strip("_").lower() == "toc":
        flow.hide(match[2])
        return ""
    if match[3] and match[3].strip():
        flow.hide(match[2])
        return match[3]
    return match[2]


@_rule("[", r"^[ \t]*\[(?:TOC|toc|_TOC_)\][ \t]*$")
def _hide_contents(match: "re.Match[str]", flow: Flow) -> str:
    flow.hide(match[0])
    return ""


@_rule("[!", r"^([ \t]*(?:>[ \t]*)+)\[!([\w-]+)\][+-]?[ \t]*")
def _read_callout(match: "re.Match[str]", flow: Flow) -> str:
    flow.hide(match[2])
    title = match.string[match.end() : match.end() + 80].partition("\n")[0]
    spoils = "spoiler" in match[2].lower() or warns_of_spoilers(title)
    return match[1] + (f"<{_SPOILER}>" if spoils else "")


@_rule(">!", r">!(?=\S)((?:(?!>!|\n[ \t]*\n)[^<]|<(?!/)){1,6000}?)!<(?!/?reviewcast-)")
def _read_spoiler_marks(match: "re.Match[str]", _flow: Flow) -> str:
    return _as_spoiler(match[1])


@_rule("||", r"(?<![|\\])\|\|(?=[^\s|])((?:(?!\n[ \t]*\n)[^|]){1,4000}?)(?<=\S)\|\|(?!\|)")
def _read_spoiler_bars(match: "re.Match[str]", _flow: Flow) -> str:
    start = match.string.rfind("\n", 0, match.start()) + 1
    in_table = match.string[start : match.start()].lstrip().startswith("|")
    return match[0] if in_table else _as_spoiler(match[1])


@_rule("spoiler", r"\[(/?)(?:spoilers?|SPOILERS?)(=[^\]\n]*)?\](?![(\[:])")
def _read_spoiler_code(match: "re.Match[str]", flow: Flow) -> str:
    flow.hide(match[0])
    return f"<{match[1]}{_SPOILER}>"


@_rule("[/caption]", r"\[(/?)caption([^\]\n]*)\]")
def _read_caption_code(match: "re.Match[str]", flow: Flow) -> str:
    flow.hide(match[0])
    return f"\n\n<{match[1]}reviewcast-caption>\n\n"


@_rule(
    "]",
    r"\[(?:youtube|vimeo|video|audio|gallery|embed|playlist|soundcloud|spotify)(?:[ =:][^\]\n]*)?\]"
    r"(?![(\[:])(?:[^\[\n]*\[/(?:video|audio|embed|youtube)\])?",
)
def _leave_out_embed_code(match: "re.Match[str]", flow: Flow) -> str:
    if "[/" not in match[0] and not _EMBEDDED.search(match[0]):
        return match[0]  # a [video essay], and [video] may be a link's short form
    flow.leave_out(match[0].strip("[]"), "embed")
    return " "


@_rule("](<a", r"(?<=\]\()<a [^<>]{1,500}>[^<>]{0,500}</a>(?=\))")
def _hide_address_tag(match: "re.Match[str]", flow: Flow) -> str:
    flow.hide(match[0])
    return ""


@_rule("](", r"(?<=\]\()(?:https?://|/|\./)[^()<>\s\"']*(?:[ \t\n][ \t]*[^()<>\s\"']+){1,9}(?=\))")
def _mend_address(match: "re.Match[str]", _flow: Flow) -> str:
    return f"<{' '.join(match[0].split())}>"


@_rule("]http", r"(?<=\])(https?://[^\s()<>\[\]]+)\)")
def _open_address(match: "re.Match[str]", _flow: Flow) -> str:
    return f"({match[1]})"  # its opening bracket was forgotten


@_rule("/", r"<([A-Za-z][^<>\n]*?)/[ \t]+>")
def _mend_empty_tag(match: "re.Match[str]", _flow: Flow) -> str:
    return f"<{match[1]}/>"


@_rule(
    "\n#",
    r"(</(?:div|section|p|figure|table|center|details|aside|ul|ol)>[ \t]*\n"
    r"|^(?:[ \t]*</?(?:div|section|p|figure|table|center|details|summary|aside|ul|ol|br|hr|img|a"
    r"|span|iframe)\b[^<>\n]*>)+[ \t]*\n)(?=#{1,6}[ \t])",
)
def _part_heading_from_tag(match: "re.Match[str]", _flow: Flow) -> str:
    return f"{match[1]}\n"


@_rule("##", r"^ {0,3}(#{2,6})(?=[^\s#])")
def _space_heading(match: "re.Match[str]", _flow: Flow) -> str:
    return f"{match[1]} "  # CommonMark wants the space that older blogs left out


@_rule("\\", r"\\{1,2}([(\[])((?:(?!\n[ \t]*\n)[^\n]|\n){1,2000}?)\\{1,2}[)\]]")
def _leave_out_bracketed_formula(match: "re.Match[str]", flow: Flow) -> str:
    return _leave_out_tex(match, match[2], flow)


@_rule("$", r"(?<![\w$\\])\$(?=[^\s$\d])([^$\n]{1,400}?)(?<=[^\s\\])\$(?![\w$])")
def _leave_out_inline_formula(match: "re.Match[str]", flow: Flow) -> str:
    return _leave_out_tex(match, match[1], flow)


def _leave_out_tex(match: "re.Match[str]", formula: str, flow: Flow) -> str:
    if not _TEX_COMMAND.search(formula):
        return match[0]
    flow.leave_out(formula, "formula")
    return ""


@_rule("$$", r"\$\$((?:(?!\n[ \t]*\n)[^$]){1,2000})\$\$")
def _leave_out_formula(match: "re.Match[str]", flow: Flow) -> str:
    if not _TEX.search(match[1]):
        return match[0]  # of a restaurant it is the price
    flow.leave_out(match[1], "formula")
    return ""


@_rule("~~~", r"(?<=\S[ \t])~{3,}(?=[^\s~])|(?<=[^\s~])~{3,}(?!~)")
def _hide_tildes(_match: "re.Match[str]", _flow: Flow) -> str:
    return ""  # two strike out, more are an ornament


@_rule("==", r"(?<![=\w])==(?=[^\s=])([^=\n]+?)(?<=\S)==(?![=\w])")
def _read_mark(match: "re.Match[str]", _flow: Flow) -> str:
    return match[1]


@_rule(":", r"(?<![\w:/])(?::[a-z0-9+-][a-z0-9_+-]{1,30}:)+(?![\w:/])")
def _read_emoji(match: "re.Match[str]", flow: Flow) -> str:
    signs = []
    for name in match[0].strip(":").split("::"):
        emoji = _EMOJI.get(name)
        flow.hide(name if emoji else "")
        is_word = any(map(str.isalpha, name))
        signs.append(emoji or (name.replace("_", " ") if is_word else f":{name}:"))
    return "".join(signs)


def _read_bracket_codes(source: str, flow: Flow) -> str:
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
        return f"\n\n<{_SPOILER}s>\n\n", f"\n\n</{_SPOILER}s>\n\n"
    return f"<{_SPOILER}>", f"</{_SPOILER}>"


def _as_spoiler(text: str) -> str:
    return f"<{_SPOILER}>{text}</{_SPOILER}>"


_BLANK = re.compile(r"\n[ \t]*\n")


_DIVISION = re.compile(
    r"^[ \t]*:{3,}[ \t]*(\{?)[ \t]*((?:[\w.#-]|&#?\w{1,32};)*)[ \t]*([^\n{}]*)(\}?)[ \t]*:*[ \t]*$"
)


def _open_fenced_divisions(source: str, flow: Flow) -> str:
    """Read `::: warning A title` … `:::`: its title and text stay, a spoiler is told as one."""
    lines = []
    open_divisions: list[str] = []
    for line in source.split("\n"):
        match = _DIVISION.match(line)
        if not match:
            lines.append(line)
        elif not (match[2] or match[3]) and open_divisions:
            lines += ["", open_divisions.pop(), ""]
        else:
            is_spoiler = "spoiler" in f"{match[2]} {match[3]}".lower()
            name = "reviewcast-spoilers" if is_spoiler else "div"
            flow.hide(match[2])
            if match[1]:
                flow.hide(match[3])
            open_divisions.append(f"</{name}>" if is_spoiler else "")
            title = "" if match[1] else match[3]
            lines += ["", f"<{name}>" if is_spoiler else "", "", title, ""]
    return "\n".join(lines + [f"\n{end}" for end in reversed(open_divisions) if end])
