"""A podcast.toml in which every setting is explained."""

import dataclasses
import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from reviewcast.model.errors import ConfigError
from reviewcast.settings.schema import SPOKEN_FAMILIES, Config
from reviewcast.system.plugins import list_voices, load_voice

_COLUMNS, _BESIDE = 96, 30


_OPENING = """\
The settings of this show. A setting that is commented out stands at its default: take its \
leading # away to change it. For one run, a variable such as REVIEWCAST_ENCODE_CHANNELS goes \
before what stands here.\
"""


EXPLAINED: dict[str, dict[str, str]] = {
    "show": {
        "": "What all episodes share.",
        "title": "The show's name, which is also the album of each MP3.",
        "author": "Who writes the reviews, unless a review names someone else.",
        "language": 'The language of reviews that do not say theirs, such as "en" or "pt-BR".',
        "reviews": "Which files are the show's reviews: patterns below this folder, ** for any"
        " folders between. reviewcast build without a name builds all of them.",
        "cover": 'A square JPEG or PNG in this folder; "default" is the one that comes along,'
        ' "" none. Podcast directories want 1400 to 3000 pixels a side.',
        "url": 'Where the show is published, such as "https://example.org/podcast/". A feed needs'
        " it.",
        "description": "What the show is about, in a few sentences, for directories.",
        "website": "The site of the written reviews; without it, the published pages.",
        "email": "Who owns the show; directories write there to verify it. It is public.",
        "categories": "From Apple's list, in its exact words, a subcategory after > .",
        "explicit": "True when it is not for all ages.",
        "type": '"episodic": the newest first. "serial": from the first one on.',
        "copyright": 'Such as "© 2026 Jo Critic".',
        "license": 'An SPDX identifier such as "CC-BY-4.0", or the name of a licence of your own.',
        "license_url": "Where a licence of your own can be read.",
        "funding_url": "A page on which listeners can support the show.",
        "funding_text": "What apps write on the button that leads there.",
        "persons": 'Who is heard or has a hand in it, such as [{ name = "Jo Critic", role ='
        ' "host", url = "https://example.org/jo" }].',
        "locked": "True asks other hosts not to import the show without its owner's word.",
        "guid": "The show's podcast:guid, when it has one from before; else it is made once and"
        " kept.",
        "new_feed_url": "Where the feed has moved to; apps that read the old one follow.",
        "frequency": "How often episodes come: daily, weekly, biweekly or monthly.",
        "ai_voice": "The feed says that a synthetic voice speaks, as Apple asks.",
        "disclosure": "The spoken line that says so, at the end of an episode;"
        ' "default" is one in the review\'s language, "" none.',
    },
    "voice": {
        "": "Who speaks: reviewcast voices lists them.",
        "use": "In this order: an online one when it answers, another one when it has the language."
        " One episode has one voice.",
        "when_it_fails": 'When a voice fails for good: "stop" keeps what was spoken, "next" lets'
        " the next one speak the whole episode.",
        "answer_within_s": "How long the first answer of an online voice may take before the next"
        " one speaks; 0 uses it without trying.",
    },
    "voice.polish": {
        "": "How what voices say is cleaned before it is mixed; what is clean is left as it is.",
        "enabled": "False leaves every take as it came.",
        "high_pass_hz": "Rumble below this is taken away; 0 leaves it.",
        "clean_edges": "Breaths and clicks before the first word and after the last are silenced.",
        "de_ess_db": "The most that is taken from a sharp s; 0 leaves it.",
        "speed": "0.5 to 2, at the same pitch, for any voice; needs the extra polish.",
    },
    "voice.espeak": {
        "": "eSpeak NG, embedded: clear, robotic, no network.",
        "voice": 'One of its voices, such as "en-gb" or "en-us+f3"; "" goes by the language.',
        "speed_wpm": "Words a minute, 80 to 450.",
        "pitch": "0 to 99.",
        "pitch_range": "How lively it speaks, 0 to 99.",
    },
    "voice.edge": {
        "": "Microsoft Edge's neural voices: natural, free, unofficial. It needs the package"
        " edge-tts, and sends the text to Microsoft.",
        "voice": 'One of its voices, such as "en-GB-SoniaNeural"; "" goes by the language.',
        "speed": "0.5 to 2.",
        "pitch_hz": "Higher or lower than the voice's own, -100 to 100.",
        "timeout_s": "Seconds that the service may be silent.",
    },
    "voice.hibari": {
        "": "hibari, embedded: neural, natural, American English, no network.",
        "speed": "0.5 to 2.",
    },
    "voice.gtts": {
        "": "Google Translate's voice: natural, free, unofficial. It sends the text to Google.",
        "language": "Overrides the review's.",
        "tld": 'The accent: "com", "co.uk", "com.au", "ca", "co.in" …',
        "slow": "True for a slow reading.",
        "timeout_s": "Seconds that one request may take.",
    },
    "voice.openai": {
        "": "OpenAI's speech, or a server that offers the same (Kokoro-FastAPI, LocalAI …). The"
        " text and the key go to base_url: look at it in a file that is not yours.",
        "base_url": "What comes before /audio/speech; https, or http on this machine.",
        "model": "The service's name for it.",
        "voice": "The service's name for it.",
        "format": "What is asked for: wav, mp3, flac or pcm.",
        "speed": "0.25 to 4.",
        "instructions": 'How to speak, such as "Warm and unhurried", for models that take it.',
        "key_variable": 'The name of the variable that holds the key, never the key; "" for none.',
        "timeout_s": "Seconds that the service may be silent.",
    },
    "voice.piper": {
        "": "Neural voices on this machine: needs piper-tts, which `reviewcast voices` tells how to"
        " install, and a voice file.",
        "model": "The voice file: an .onnx in this folder, with its .onnx.json beside it."
        " python -m piper.download_voices en_US-lessac-medium gets one.",
        "speaker": "A name or number, for a file with several speakers.",
        "speed": "0.5 to 2.",
        "noise_scale": "How much the tone varies, 0 to 2; -1: as the voice file says.",
        "noise_w_scale": "How much the rhythm varies, likewise.",
        "sentence_pause_s": "Seconds between sentences that are spoken together.",
    },
    "cast": {
        "": 'Who says what; "" is the episode\'s own voice. Either another voice, such as "espeak",'
        " or options: { pitch = 70 } changes the episode's own voice,"
        ' { name = "gtts", tld = "co.uk" } another one.',
        "narrator": "All that has no other role.",
        "quote": "What stands in a quotation of its own.",
        "title": "The review's title and its headings.",
        "spoiler": "The warning of spoilers, and the spoilers.",
        "list": "What stands in a list or a table.",
    },
    "spoken": {
        "": "How written forms are said. Turn a family off, or add a form of your own below, such"
        ' as "8/10" said as "eight of ten". Names belong into lexicon.toml.',
        "titles": "Se7en is said as seven, and names of works are left as they are.",
        "markup": "Stray signs of markup are not said.",
        "web": "Addresses and @names.",
        "emoticons": ":-) and its like.",
        "ratings": "8/10, ★★★½, B+, 4.5 stars.",
        "certificates": "PG-13, TV-MA.",
        "codes": "020 7123 4567, 2d6, FFVII.",
        "episodes": "S02E05, 1x05.",
        "dates": "October 8, 1994, the '90s.",
        "money": "$30M, €5.",
        "times": "122 min, 10:30pm.",
        "quantities": "4K, 5 kg, 60 fps.",
        "abbreviations": "vs., feat., Dr., No. 1.",
        "romans": "Rocky IV, Part II, Elizabeth I.",
        "voices": "Penélope, a title IT: as far as the voice misreads them.",
        "initialisms": "HBO, NASA, CGI.",
        "formulas": "x², E = mc²: powers and short formulas.",
        "fractions": "1/2, ¾.",
        "numbers": "1,000, 3.5, 2nd.",
        "emoji": "Emoji are named, or left out where they only decorate.",
        "symbols": "&, %, +, °.",
        "typography": "Dashes, quotation marks and ellipses, in every language.",
    },
    "split": {
        "": "How the text is cut into segments, what is added, and how long the silences are.",
        "opening": 'Lines said first, such as ["A review of {subject} by {author}."]. There are'
        " {title}, {subject}, {author}, {rating} and {date}; a line whose field the review does"
        " not have is left out.",
        "closing": 'Lines said last, such as ["My rating: {rating}."].',
        "spoiler_title": "The title of the chapter of spoilers; unless changed, in the language of"
        " the review.",
        "spoiler_warning": "Said before them, likewise in the review's language.",
        "run_chars": "Short sentences are spoken together up to this many characters.",
        "natural_chapters": "A long review without headings gets an opening and a verdict.",
        "clause_pause_s": "Seconds of silence inside a sentence that had to be cut.",
        "sentence_pause_s": "Seconds after a sentence.",
        "list_pause_s": "Seconds after an entry of a list.",
        "paragraph_pause_s": "Seconds after a paragraph.",
        "quote_pause_s": "Seconds before and after a quotation.",
        "heading_pause_s": "Seconds after a heading.",
        "chapter_pause_s": "Seconds before a new chapter.",
    },
    "synthesize": {
        "": "How a voice that is a service is asked, and how patient a build is when it fails.",
        "connections": "How many requests are under way at once.",
        "requests_per_s": "How many requests begin in a second at most.",
        "attempts": "How often one segment is asked for; being asked to slow down is no attempt.",
        "patience_s": "Seconds that a build goes on without any answer; a service that asks for a"
        " longer wait ends it at once. What was spoken is kept.",
        "first_wait_s": "Seconds before the second attempt; each wait is longer than the last.",
        "longest_wait_s": "Seconds that no wait of ours goes beyond.",
    },
    "stitch": {
        "": 'The sounds around the speech: a WAV, FLAC, MP3 or Ogg file in this folder, "default"'
        ' for the one that comes along, "" for none.',
        "intro": "Before the first words.",
        "outro": "After the last ones.",
        "sting": "Between chapters.",
        "bed": "Music that goes on under the speech, round and round.",
        "bed_chapters": 'The chapters that have the bed, such as ["Verdict", "The plot*", "3"];'
        " [] for all.",
        "bed_db": "How loud the bed is against the speech, in dB.",
        "bed_fade_s": "Seconds in which the bed rises with the first words of its chapters, and"
        " falls after the last.",
        "intro_under_s": "The intro goes on under this many seconds of the first words; 0 ends it"
        " cleanly before them.",
        "outro_under_s": "The outro rises under this many seconds of the last words; 0 begins it"
        " cleanly after them.",
        "duck_db": "How far intro and outro go down under words, in dB.",
        "duck_attack_s": "Seconds in which the intro goes down before the first words.",
        "duck_release_s": "Seconds in which the outro comes up after the last ones.",
        "fade_s": "Seconds that a fade of intro or outro lasts at most.",
        "fade_curve": '"power" (even to the ear), "linear" or "smooth".',
        "gap_s": "Seconds of silence between music and speech where they do not overlap.",
        "music_db": "How loud intro, outro and stings are against the speech, in dB.",
        "music_share": "How long intro and outro play before the first words and after the last, as"
        " a share of the speech, three seconds at least; 1 plays them to their end. Files of your"
        " own are never cut.",
        "sting_chapters_s": "Stings stand only between chapters of so many seconds of speech, by"
        " their text; 0 for all.",
        "room_tone_db": "A breath of room tone in place of digital silence, against the speech,"
        " such as -55; 0 for none. A first build then takes 1.5 times the processor time.",
    },
    "master": {
        "": "How loud the finished episode is.",
        "loudness_lufs": "Of two channels; one channel is set 3 LU lower, which sounds as loud."
        " Apple asks for -16.",
        "true_peak_dbtp": "No peak goes beyond.",
    },
    "encode": {
        "": "What the MP3 is like.",
        "channels": "2: joint stereo. 1: mono, for which 96 kb/s are enough.",
        "bitrate_kbps": "Constant; 0 takes 128 for stereo and 96 for mono.",
        "mode": '"cbr": the bit rate is constant. "vbr": it varies with what is heard,'
        " and browsers that are sent to a time are off by up to 1/500 of the episode.",
        "vbr_quality": "LAME's -V for vbr, 0 (best) to 9.",
        "quality": "LAME's, 0 (slow) to 9.",
        "threads": "How many blocks are encoded at once; 0 takes one a core.",
    },
    "feed": {
        "": "How the feed is cut, and who tells the world of its changes.",
        "items": "So many of the newest episodes are in the feed itself, the others in archives.",
        "hub": 'A WebSub hub, which is told when the feed has changed; "" for none.',
    },
    "site": {
        "": "The pages that are published with the feed.",
        "pages": "False publishes the feed alone.",
        "accent": 'A colour such as "#c8371f"; made darker or lighter where it would be hard to'
        " read.",
        "subscribe": 'Where else the show can be followed, such as { "Apple Podcasts" ='
        ' "https://podcasts.apple.com/…" }.',
        "per_page": "The newest episodes on the first page; older ones on pages of so many.",
    },
    "publish": {
        "": "Where the show is published. Passwords and keys never stand here: they come from the"
        " environment, the AWS settings or ssh-agent.",
        "to": "A folder, s3://bucket/prefix or sftp://user@host/path.",
        "grace_days": "So long a replaced file stays: players may still ask for it.",
    },
    "cache": {
        "": "Where it is kept what was spoken and encoded; it can be removed at any time.",
        "folder": 'A folder of the show\'s own, such as ".reviewcast"; "" for the one that all your'
        " shows share.",
    },
}
"""What each setting is for, by table; "" stands for the table itself."""


def write_settings(given: Mapping[str, Mapping[str, Any]]) -> str:
    """Write a podcast.toml: settings that are given are set, all others explained at their default.

    What is commented out loads to the same values when it is uncommented.
    """
    parts = ["\n".join(_explain(_OPENING))]
    for table, defaults in list_tables():
        explained = EXPLAINED.get(table, {})
        lines = [f"[{table}]", *_explain(explained.get("", ""))]
        for key, default in defaults.items():
            is_given = key in given.get(table, {})
            value = given[table][key] if is_given else default
            line = f"{'' if is_given else '# '}{key} = {_format(value)}"
            if is_given and isinstance(value, tuple) and len(line) > _COLUMNS:
                entries = "".join(f"  {_format(entry)},\n" for entry in value)
                line = f"{key} = [\n{entries}]"
            lines += _set(line, explained.get(key, ""))
        parts.append("\n".join(lines).replace("\n\n\n", "\n\n").strip())
    return "\n\n".join(parts) + "\n"


def format_setting(key: str, value: object) -> str:
    """Write a setting as the line that stands in podcast.toml."""
    return f"{key} = {_format(value)}"


def list_tables() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every table that podcast.toml may have, with its settings at their defaults."""
    for field in msgspec.structs.fields(Config):
        if field.name == "voice":
            choice = msgspec.structs.asdict(Config().voice)
            yield "voice", {key: choice[key] for key in ("use", "when_it_fails", "answer_within_s")}
            yield "voice.polish", msgspec.structs.asdict(choice["polish"])
            yield from _list_voice_tables()
        elif field.name == "spoken":
            yield "spoken", dict.fromkeys(SPOKEN_FAMILIES, True)
        elif isinstance(field.default, Struct):
            yield field.name, msgspec.structs.asdict(field.default)


def _list_voice_tables() -> Iterator[tuple[str, dict[str, Any]]]:
    # of built-in voices only: the file must load where a stranger's are not installed
    for name in list_voices():
        if f"voice.{name}" not in EXPLAINED:
            continue
        try:
            voice: Any = load_voice(name)
        except ConfigError:
            continue
        yield f"voice.{name}", dataclasses.asdict(voice())


def _set(line: str, explanation: str) -> list[str]:
    """Put what a setting is for behind it, or, when that is too long, above it."""
    beside = f"{line:<{_BESIDE}}  # {explanation}"
    if not explanation or len(beside) <= _COLUMNS:
        return [beside if explanation else line]
    return ["", *_explain(explanation), line, ""]


def _explain(text: str) -> list[str]:
    return textwrap.wrap(
        text, _COLUMNS, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
    )


def _format(value: object) -> str:
    """Write a value on one line, as TOML 1.0 has it."""
    if isinstance(value, Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # its escapes are those of JSON; DEL alone is allowed there and not here
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_format, value))}]"
    if isinstance(value, dict):
        inside = ", ".join(f"{_format(key)} = {_format(part)}" for key, part in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    raise TypeError(f"podcast.toml has no form for {value!r}.")
