"""Dialects of Markdown, made plain before it is parsed: attributes, wiki links, marks, spoilers."""

import re
from collections.abc import Callable
from typing import NamedTuple

from reviewcast.text.readers.flow import Flow
from reviewcast.text.readers.markdown.bracket_codes import SPOILER, read_bracket_codes
from reviewcast.text.spoilers import warns_of_spoilers

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
_EMBEDDED = re.compile(r"[=/0-9]|[a-z][A-Z]")

_Rewrite = Callable[[re.Match[str], Flow], str]


class _Mark(NamedTuple):
    """A mark of a dialect: a sign that a text with it holds, and what comes in its place."""

    sign: str
    pattern: str
    rewrite: _Rewrite | str


def simplify_dialects(source: str, flow: Flow) -> str:
    """Rewrite what CommonMark does not know into what it does, and hide the rest."""
    if "[/" in source:
        source = read_bracket_codes(source, flow)
    for sign, pattern, rewrite in _DIALECT_MARKS:
        if sign in source:
            source = re.sub(pattern, _bind(rewrite, flow), source, flags=re.MULTILINE)
    if ":::" in source:
        source = _open_fenced_divisions(source, flow)
    return source


def _bind(rewrite: _Rewrite | str, flow: Flow) -> Callable[[re.Match[str]], str] | str:
    return rewrite if isinstance(rewrite, str) else lambda match: rewrite(match, flow)


def _hide(match: re.Match[str], flow: Flow) -> str:
    flow.hide(match[0])
    return ""


def _read_bracketed_span(match: re.Match[str], flow: Flow) -> str:
    flow.hide(match[2])
    return _as_spoiler(match[1]) if "spoiler" in match[2].lower() else match[1]


def _hide_attributes(match: re.Match[str], flow: Flow) -> str:
    kept = match[1] or ""
    flow.hide(match[0][len(kept) :])
    return kept


def _hide_comment(match: re.Match[str], flow: Flow) -> str:
    flow.leave_out(match[1], "comment")
    return ""


def _read_wiki_link(match: re.Match[str], flow: Flow) -> str:
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


def _read_callout(match: re.Match[str], flow: Flow) -> str:
    flow.hide(match[2])
    title = match.string[match.end() : match.end() + 80].partition("\n")[0]
    spoils = "spoiler" in match[2].lower() or warns_of_spoilers(title)
    return match[1] + (f"<{SPOILER}>" if spoils else "")


def _read_spoiler_bars(match: re.Match[str], _flow: Flow) -> str:
    start = match.string.rfind("\n", 0, match.start()) + 1
    in_table = match.string[start : match.start()].lstrip().startswith("|")
    return match[0] if in_table else _as_spoiler(match[1])


def _read_spoiler_code(match: re.Match[str], flow: Flow) -> str:
    flow.hide(match[0])
    return f"<{match[1]}{SPOILER}>"


def _read_caption_code(match: re.Match[str], flow: Flow) -> str:
    flow.hide(match[0])
    return f"\n\n<{match[1]}reviewcast-caption>\n\n"


def _leave_out_embed_code(match: re.Match[str], flow: Flow) -> str:
    if "[/" not in match[0] and not _EMBEDDED.search(match[0]):
        return match[0]  # a [video essay], and [video] may be a link's short form
    flow.leave_out(match[0].strip("[]"), "embed")
    return " "


def _leave_out_code(match: re.Match[str], flow: Flow) -> str:
    flow.leave_out(match[0].strip("\\[]/ "), "shortcode")
    return " "


def _leave_out_inline_formula(match: re.Match[str], flow: Flow) -> str:
    if not _TEX_COMMAND.search(match[1]):
        return match[0]
    flow.leave_out(match[1], "formula")
    return ""


def _leave_out_formula(match: re.Match[str], flow: Flow) -> str:
    if not _TEX.search(match[1]):
        return match[0]  # of a restaurant it is the price
    flow.leave_out(match[1], "formula")
    return ""


def _read_emoji(match: re.Match[str], flow: Flow) -> str:
    signs = []
    for name in match[0].strip(":").split("::"):
        emoji = _EMOJI.get(name)
        flow.hide(name if emoji else "")
        is_word = any(map(str.isalpha, name))
        signs.append(emoji or (name.replace("_", " ") if is_word else f":{name}:"))
    return "".join(signs)


def _as_spoiler(text: str) -> str:
    return f"<{SPOILER}>{text}</{SPOILER}>"


_DIALECT_MARKS = (
    _Mark("M*A*S*H", r"M\*A\*S\*H", r"M\\*A\\*S\\*H"),
    _Mark("*[", r"^ {0,3}\*\[[^\]\n]+\]:.*$", _hide),
    # kramdown puts the table of contents in its place
    _Mark(
        "toc",
        r"^[ \t]*(?:[*+-]|\d{1,3}[.)])[ \t]+[^\n]{0,200}\n[ \t]*\{:[ \t]*\.?toc\b[^{}\n]*\}",
        _hide,
    ),
    # what kramdown, MDX and Obsidian show to nobody
    _Mark(
        "{::comment", r"\{::comment\}((?:[^{]|\{(?!:)){0,20000})\{:/(?:comment)?\}", _hide_comment
    ),
    _Mark("{/*", r"\{/\*((?:[^*{]|\*(?!/)|\{(?!/\*)){0,20000})\*/\}", _hide_comment),
    _Mark("%%", r"^[ \t]*%%((?:[^%]|%(?!%)){1,20000}?)%%[ \t]*$", _hide_comment),
    _Mark("%%", r"(?<![\d%])%%(?!\})([^%\n]{1,2000})%%", _hide_comment),
    _Mark("{:", r"^[ \t>]*\{:[^{}\n]*\}[ \t]*\n|\{::?/?[^{}\n]*\}", _hide),
    _Mark("]{", r"\[([^\[\]\n]+)\]\{([^{}\n]*)\}", _read_bracketed_span),
    _Mark(
        "{",
        r"(?<=[)\]*_`\"”’])\{(?:[.#]|[A-Za-z][\w-]*=)[^{}\n]*\}"
        r"|^(?<=\n)?(#{1,6}[^\n{}]*?)[ \t]*\{[.#][^{}\n]*\}[ \t]*$",
        _hide_attributes,
    ),
    _Mark(
        "[[", r"(!?)(?<!\\)\[\[([^\[\]\n|]+)(?:\\?\|([^\[\]\n]*))?\]\](?![(\[])", _read_wiki_link
    ),
    _Mark("[", r"^[ \t]*\[(?:TOC|toc|_TOC_)\][ \t]*$", _hide),
    _Mark("[!", r"^([ \t]*(?:>[ \t]*)+)\[!([\w-]+)\][+-]?[ \t]*", _read_callout),
    _Mark(
        ">!",
        r">!(?=\S)((?:(?!>!|\n[ \t]*\n)[^<]|<(?!/)){1,6000}?)!<(?!/?reviewcast-)",
        _as_spoiler(r"\1"),
    ),
    _Mark(
        "||",
        r"(?<![|\\])\|\|(?=[^\s|])((?:(?!\n[ \t]*\n)[^|]){1,4000}?)(?<=\S)\|\|(?!\|)",
        _read_spoiler_bars,
    ),
    _Mark("spoiler", r"\[(/?)(?:spoilers?|SPOILERS?)(=[^\]\n]*)?\](?![(\[:])", _read_spoiler_code),
    _Mark("[/caption]", r"\[(/?)caption([^\]\n]*)\]", _read_caption_code),
    _Mark(
        "]",
        r"\[(?:youtube|vimeo|video|audio|gallery|embed|playlist|soundcloud|spotify)"
        r"(?:[ =:][^\]\n]*)?\](?![(\[:])(?:[^\[\n]*\[/(?:video|audio|embed|youtube)\])?",
        _leave_out_embed_code,
    ),
    # a code of WordPress, by its settings; [sic] has none
    _Mark(
        "=",
        r"\\?\[[A-Za-z][\w-]{1,30}(?: +[A-Za-z][\w-]{0,30}="
        r"(?:\"[^\"\]\n]{0,300}\"|'[^'\]\n]{0,300}'|[^\s\]\"'=\\]{1,300})){1,12} *(?:/ *)?\\?\]"
        r"(?![(\[:])",
        _leave_out_code,
    ),
    _Mark("](<a", r"(?<=\]\()<a [^<>]{1,500}>[^<>]{0,500}</a>(?=\))", _hide),
    _Mark(
        "](",
        r"(?<=\]\()(?:https?://|/|\./)[^()<>\s\"']*(?:[ \t\n][ \t]*[^()<>\s\"']+){1,9}(?=\))",
        lambda match, _: f"<{' '.join(match[0].split())}>",
    ),
    # its opening bracket was forgotten
    _Mark("]http", r"(?<=\])(https?://[^\s()<>\[\]]+)\)", r"(\1)"),
    _Mark("/", r"<([A-Za-z][^<>\n]*?)/[ \t]+>", r"<\1/>"),
    _Mark(
        "\n#",
        r"(</(?:div|section|p|figure|table|center|details|aside|ul|ol)>[ \t]*\n"
        r"|^(?:[ \t]*</?(?:div|section|p|figure|table|center|details|summary|aside|ul|ol|br|hr|img"
        r"|a|span|iframe)\b[^<>\n]*>)+[ \t]*\n)(?=#{1,6}[ \t])",
        r"\1\n",
    ),
    # CommonMark wants the space that older blogs left out
    _Mark("##", r"^ {0,3}(#{2,6})(?=[^\s#])", r"\1 "),
    _Mark(
        "\\",
        r"\\{1,2}[(\[]((?:(?!\n[ \t]*\n)[^\n]|\n){1,2000}?)\\{1,2}[)\]]",
        _leave_out_inline_formula,
    ),
    _Mark(
        "$",
        r"(?<![\w$\\])\$(?=[^\s$\d])([^$\n]{1,400}?)(?<=[^\s\\])\$(?![\w$])",
        _leave_out_inline_formula,
    ),
    _Mark("$$", r"\$\$((?:(?!\n[ \t]*\n)[^$]){1,2000})\$\$", _leave_out_formula),
    # two strike out, more are an ornament
    _Mark("~~~", r"(?<=\S[ \t])~{3,}(?=[^\s~])|(?<=[^\s~])~{3,}(?!~)", ""),
    _Mark("==", r"(?<![=\w])==(?=[^\s=])([^=\n]+?)(?<=\S)==(?![=\w])", r"\1"),
    _Mark(":", r"(?<![\w:/])(?::[a-z0-9+-][a-z0-9_+-]{1,30}:)+(?![\w:/])", _read_emoji),
)

_DIVISION = re.compile(
    r"^[ \t]*:{3,}[ \t]*(\{?)[ \t]*((?:[\w.#-]|&#?\w{1,32};)*)[ \t]*([^\n{}]*)(\}?)[ \t]*:*[ \t]*$"
)


def _open_fenced_divisions(source: str, flow: Flow) -> str:
    """Read `::: warning A title` … `:::`: its title and text stay, a spoiler stays one."""
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
