"""Spoilers that a writer announces in words: by a heading, or a line such as SPOILERS AHEAD."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from reviewcast.model.text import Paragraph, Section

_LONGEST_LINE = 80

_WORD = re.compile(
    r"\bspoil(?:er\w{0,10}|s)?\b|\besp[oò]iler|\bdivulgâch|\bdestripe|juonipaljast|спойлер|σπόιλερ"
    r"|ネタバレ|ネタばれ|剧透|劇透|暴雷|爆雷|有雷|스포|حرق (?:ال|لل)?[أا]حداث|سبويلر",
    re.IGNORECASE,
)

_NONE = re.compile(
    r"\b(?:no|non|not|without|zero|minor|free of|sans|sin|ohne|keine|senza|sem|zonder|geen|bez|"
    r"utan|uden|uten|без|ilman)[ -](?:\w+ )?(?:e?sp[oò]iler|spoil|divulgâch|спойлер|juonipaljast)"
    r"|\bspoilers?[ -]?(?:free|less|frei|light|vrij|fri)\b"
    r"|ネタバレ(?:は)?(?:なし|無し|無|ありません)|(?:无|無|不含|没有|零)(?:剧透|劇透|雷)"
    r"|스포(?:일러)?(?:는|가)? ?(?:없|無|x)|(?:بدون|دون|بلا) حرق",
    re.IGNORECASE,
)

_BEGINS = re.compile(
    r"\b(?:ahead|alert|warnings?|beware|below|follow(?:s|ing)?|begins?|starts?|territory|section"
    r"|from here|after this|past this|coming|incoming|discuss\w*|caution|attention|achtung|warnung"
    r"|ab hier|ab jetzt|folg(?:t|en)|aviso|alerta|atenci[oó]n?|ojo|cuidado|a partir de|desde aquí"
    r"|à partir|ci-dessous|attenzione|occhio|da qui|atenção|let op|waarschuwing|vanaf|uwaga|pozor"
    r"|varning|advarsel|varoitus|dikkat|осторожно|внимание|далее|обережно|увага|προσοχή)\b"
    r"|spoilerw?[aā]rn|注意|警告|あり|有り|含|以下|预警|預警|慎|주의|경고|있|تنبيه|تحذير|انتباه",
    re.IGNORECASE,
)

_ENDS = re.compile(
    r"\bend(?:s|ing|ed|e)?\b|\bover\b|\bsafe\b|\bfin\b|\bfine (?:degli |dello )?sp|\bfim\b"
    r"|\beinde\b|\bkoniec\b|\bslut\b"
    r"|\bконец\b|\bкінець\b|\bkonec\b|終わり|おわり|ここまで|结束|結束|完毕|끝|نهاية",
    re.IGNORECASE,
)

_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LONGEST_DENSE_WARNING = 8


def mark_spoilers(sections: Iterable[Section]) -> Iterator[Section]:
    """Return the sections, in which what a heading or short line announces is a spoiler.

    It reaches to the next heading, or to a line that says that the spoilers end. A heading that
    promises there are none announces nothing.
    """
    for section in sections:
        if not any(map(_WORD.search, _list_lines(section))):
            yield section
            continue
        spoils = section.heading is not None and announces_spoilers(section.heading)
        paragraphs = []
        for paragraph in section.paragraphs:
            is_line = len(paragraph.text) <= _LONGEST_LINE and _WORD.search(paragraph.text)
            if is_line and spoils and _ENDS.search(paragraph.text):
                spoils = False
            elif paragraph.role == "spoiler":
                pass  # what its reader has to unfold ends where that ends
            elif is_line and announces_spoilers(paragraph.text) and _is_warning(paragraph.text):
                spoils = True
            marked = spoils and paragraph.role in {"narrator", "list", "quote"}
            paragraphs.append(
                msgspec.structs.replace(paragraph, role="spoiler") if marked else paragraph
            )
        yield msgspec.structs.replace(section, paragraphs=tuple(paragraphs))


def warns_of_spoilers(text: str) -> bool:
    """True if a line itself warns its reader, so that no other warning is needed."""
    return bool(len(text) <= _LONGEST_LINE and announces_spoilers(text) and _is_warning(text))


def announces_spoilers(text: str) -> bool:
    """True if a heading or line speaks of spoilers that are there, not of there being none."""
    return bool(_WORD.search(text)) and not _NONE.search(text)


def _is_warning(text: str) -> bool:
    if _BEGINS.search(text):
        return True
    if _DENSE.search(text):
        return len(text) <= _LONGEST_DENSE_WARNING  # words have no spaces between them
    return len(text.split()) <= 2


def _list_lines(section: Section) -> Iterator[str]:
    yield section.heading or ""
    paragraph: Paragraph
    for paragraph in section.paragraphs:
        if len(paragraph.text) <= _LONGEST_LINE:
            yield paragraph.text
