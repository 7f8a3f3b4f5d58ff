"""Raw HTML in other texts: tags, comments and texts are passed to a Flow in their order."""

import re
from collections.abc import Callable, Iterator

from reviewcast.model.characters import decode_references
from reviewcast.text.readers.flow import Flow
from reviewcast.text.readers.html.elements import OWN, is_prose

_TOKEN = re.compile(
    r"<!--(?P<comment>.*?)(?:-->|\Z)"
    r"|<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)"
    r"|<(?P<close>/)?(?P<name>[A-Za-z][^\s/>]*)(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"
    r"|<[!?][^<>]*>",
    re.DOTALL,
)

_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?")

_BLOCK_TAG = re.compile(
    r"\s*</?(?:p|div|span|blockquote|h[1-6]|ul|ol|li|br|b|i|em|strong|a|img)\b[^<>]{0,500}>",
    re.IGNORECASE,
)


def feed_set_in(
    source: str, flow: Flow, *, walk: Callable[[str], None], say: Callable[[str], None]
) -> None:
    """Leave out what is set in by four spaces as code, and say what is sentences, also in HTML.

    `walk` takes Markdown; `say` takes the texts between tags.
    """
    parts = [(source, True)] if is_prose(source) else list(_part_prose(source))
    for part, is_text in parts:
        if not is_text:
            flow.leave_out(part, "code")
        elif _BLOCK_TAG.match(part):
            feed_tags(part, flow, say=say)
            flow.part()
        else:
            walk(part)
            flow.part()


def _part_prose(source: str) -> Iterator[tuple[str, bool]]:
    """Part paragraphs of HTML, which blogs set in by four spaces, from code: (part, is text)."""
    code: list[str] = []
    for part in re.split(r"\n[ \t]*\n", source):
        if _BLOCK_TAG.match(part) and is_prose(_BLOCK_TAG.sub(" ", part)):
            if code:
                yield "\n\n".join(code), False
                code.clear()
            yield part, True
        else:
            code.append(part)
    if code:
        yield "\n\n".join(code), False


def feed_tags(source: str, flow: Flow, say: Callable[[str], None] | None = None) -> None:
    """Pass every tag of a piece of HTML to the flow, and every text to `say`, or the flow."""
    say = say or flow.say
    position = 0
    for match in _TOKEN.finditer(source):
        if match.start() < position:
            continue
        say(decode_references(source[position : match.start()]))
        position = match.end()
        if match["name"]:
            position = _feed_tag(source, match, flow)
        elif match["cdata"] is not None:
            flow.hide("CDATA")
            flow.say(match["cdata"])
        elif match["comment"] is not None and not match[0].endswith("-->"):
            # an unclosed one was not meant to hide all that follows
            flow.leave_out(match["comment"], "comment")
        else:
            flow.hide(match[0])
    say(decode_references(source[position:]))


def _feed_tag(source: str, match: "re.Match[str]", flow: Flow) -> int:
    """Open or close an element; return the position after it, or after a whole script."""
    name = match["name"].lower()
    flow.hide(match[0] if name not in OWN else match["rest"])
    if match["close"]:
        flow.close(name)
        return match.end()
    attributes = {
        key.lower(): decode_references(value[1:-1] if value[:1] in "\"'" else value)
        if value
        else ""
        for key, value in _ATTRIBUTE.findall(match["rest"])
    }
    flow.open(name, attributes)
    if name in {"script", "style"}:
        end = re.compile(rf"</{name}\b[^<>]*>|\Z", re.IGNORECASE).search(source, match.end())
        stop = end.start() if end else len(source)
        flow.say(source[match.end() : stop])
        return stop
    if match["rest"].endswith("/") and name not in {"p", "div", "span"}:
        flow.close(name)
    return match.end()
