"""Shortcodes in posts of WordPress: what only members see is dropped, the rest is what is shown."""

import re

_NAME = r"[A-Za-z][\w-]{1,60}"
_TAG = re.compile(
    rf"\[(?P<end>/)?(?P<name>{_NAME})(?P<fields>(?:\s+[\w:-]{{1,60}}\s*=\s*(?:\"[^\"\]]*\"|'[^'\]]*'"
    r"|&quot;[^\]]*?&quot;|[^\s\]\"']+)|\s+[^\s\]\[\"'=]{1,200}(?=[\s\]]))*)\s*(?P<closed>/)?\]"
)
_MEMBERS = re.compile(
    r"member|restrict|private|protect|paywall|premium|subscri|pmpro|s2if|mepr|rcp_|swpm|wlm_"
    r"|logged[-_]?in|patreon|password|passster|locker|^hide|hidden|ihc",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"non[-_]?|not[-_]|guest|visitor|logged[-_]?out|unless", re.IGNORECASE)
_MEDIA = re.compile(
    r"(?:wp)?(?:embed|gallery|audio|video|playlist|youtube|vimeo|tweet|instagram|soundcloud"
    r"|spotify|gist|bandcamp|contact-form(?:-7)?|googlemaps|slideshow|polldaddy|crowdsignal|toc)",
    re.IGNORECASE,
)
_KEPT = re.compile(r"spoilers?|sic", re.IGNORECASE)
_CAPTION = re.compile(
    r"(\s*(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)\s*(.*)", re.DOTALL | re.IGNORECASE
)


def expand_shortcodes(html: str, *, members: bool = False) -> str:
    """Return a post's HTML with what is shown in place of its shortcodes.

    What stands between two tags stays, but for that of media and, unless `members`, what others do
    not see; where such a tag is not closed, the rest of the post goes. Captions become emphasised
    lines. A word in brackets that has neither a value nor an end is no shortcode.
    """
    if "[" not in html:
        return html
    tags = list(_TAG.finditer(html))
    closed = {tag["name"].lower() for tag in tags if tag["end"]}
    made: list[str] = []
    done, within, depth = 0, "", 0
    for tag in tags:
        name = tag["name"].lower()
        if within:
            if name == within and not tag["closed"]:
                depth += -1 if tag["end"] else 1
            if not depth:
                made.append(_render(within, html[done : tag.start()]))
                done, within = tag.end(), ""
            continue
        is_tag = name in closed or "=" in tag["fields"] or _MEDIA.fullmatch(name)
        is_secret = not members and _is_for_members(name)
        if _KEPT.fullmatch(name) or not (is_tag or (is_secret and not tag["fields"])):
            continue
        made.append(html[done : tag.start()])
        done = tag.end()
        has_end = name in closed and not tag["closed"]
        if not tag["end"] and (has_end or is_secret) and (is_secret or _is_whole(name)):
            within, depth = name, 1
    made.append("" if within and _is_for_members(within) else html[done:])
    return "".join(made)


def _is_for_members(name: str) -> bool:
    return bool(_MEMBERS.search(name)) and not _OTHERS.search(name)


def _is_whole(name: str) -> bool:
    """True if what stands between a shortcode's tags is read together with them."""
    return bool(_MEDIA.fullmatch(name)) or name in {"caption", "wp_caption"}


def _render(name: str, inner: str) -> str:
    """Return what is shown of a shortcode that is read as a whole."""
    caption = _CAPTION.fullmatch(inner) if name in {"caption", "wp_caption"} else None
    if caption is None:
        return inner if name in {"caption", "wp_caption"} else ""
    said = f"<p><em>{caption[2].strip()}</em></p>" if caption[2].strip() else ""
    return f"<p>{caption[1]}</p>{said}"
