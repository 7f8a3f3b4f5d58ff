"""Languages: their tags, and which one a text is in, told by its script and smallest words."""

import re
from collections import Counter

_FEWEST_LETTERS = 200  # that common words tell all languages apart by
_FEWEST_OF_SCRIPT = 4
_FEWEST_SHORT_LETTERS = 20
_FEWEST_SHORT_WORDS = 3  # of a short text that are of its language and not of the expected one
_SAMPLE_CHARS = 20_000

_SMALL_WORDS = {
    "en": (
        "the of and to in is that it was for with as his her this but not are be by from at"
        " which you have on i they we he she an or all if just so very too there their when"
        " who what more has had would my can about out up no than film because"
    ),
    "fr": (
        "le la les des du et est que qui dans un une pour pas sur avec ce il elle au aux se"
        " son sa ne plus cette mais je vous nous on très trop bien tout tous fait était sont"
        " été aussi leur leurs cet comme même si ou où y avoir être film peu rien encore"
        " toujours sans entre après notre votre ont ai suis"
    ),
    "de": (
        "der die das und ist nicht ein eine zu den von mit sich auf für im dem des es auch"
        " als wie er sie aber einen ich wir so sehr war hat haben sind wird man noch nur wenn"
        " oder am zum zur bei nach aus vor über was dass kein keine mir mich hier schon mehr"
        " immer doch ihr ihre sein seine diese dieser dieses gut"
    ),
    "es": (
        "el la los las de que y en un una es por con para del se su lo como más pero sus al"
        " muy está este no me mi te nos le les porque ha he hay fue era son ser cuando todo"
        " todos sin sobre también tan qué película hasta desde donde esta ese eso ya bien"
    ),
    "it": (
        "il la di che e un una è per non con del della in sono dei le lo gli nel alla si ma"
        " anche più questo come molto bello bella troppo ho ha hanno era stato stata mi ti ci"
        " vi ne se cui dove quando perché tutto tutti sempre così ancora poi solo senza tra"
        " fra dal dalla nella nello sul sulla film essere fatto questa quella ogni"
    ),
    "pt": (
        "o a de que e do da em um uma para com não os as no na por mais se dos das ao é mas"
        " seu sua como muito foi ser tem são há já também quando só meu minha eu você nós ele"
        " ela isso este esta filme onde sem até depois nem pelo pela bem"
    ),
    "nl": (
        "de het een en van in is dat op te zijn met voor niet aan er maar om ook als die hij"
        " naar bij deze ik je wij ze was heeft had zo nog wel veel heel geen dan dit wat hoe"
        " meer door over uit kan wordt worden haar onze mijn jij goed film dus"
    ),
    "sv": (
        "och att det som en på är av för med den till inte ett om han har men var sig så från"
        " vi kan jag mycket bara här när där hade ska alla mig min mitt filmen bra eller"
    ),
    "da": (
        "og at det er en som på af for med den til ikke et om han har men var sig så fra vi"
        " kan jeg meget bare her når hvor havde skal alle mig min filmen god eller blev"
    ),
    "no": (
        "og at det er en som på av for med den til ikke et om han har men var seg så fra vi"
        " kan jeg veldig bare her når hvor hadde skal alle meg min filmen bra eller ble"
    ),
    "pl": (
        "i w nie na się z do to jest że o jak ale po za od co przez tym tego jego są dla"
        " który bardzo film mi mnie był była było czy tylko już też gdy bo nic"
    ),
    "cs": ("a v se na je že to s z o do jako ale ve za který pro po jeho jsou není by tak byl si"),
    "fi": ("ja on ei että se hän oli mutta joka kun niin myös ovat tai kuin vain sen ole jo nyt"),
    "tr": (
        "ve bir bu da de için ile çok olan gibi ama daha olarak ne o kadar en değil ki var"
        " film ben sen bana iyi her şey sonra olduğu"
    ),
    "hu": ("a az és hogy nem is egy ez meg de csak van volt mint már ha még el ki azt"),
    "ro": ("și de la în un o nu este cu pe care din că mai se pentru sau ca dar sunt"),
}

_SETS = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}

# of each script the language that it proves, who else uses it, and which share of the letters
# is enough: names of works and people are often in Latin letters
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]"), {"ja"}, 0.15),
    ("ko", re.compile("[\uac00-\ud7af]"), {"ko"}, 0.3),
    ("zh", re.compile("[\u4e00-\u9fff]"), {"zh", "ja", "yue"}, 0.3),
    ("ru", re.compile("[\u0400-\u04ff]"), set("ru uk bg sr mk be kk ky mn tg".split()), 0.5),
    ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]"), {"el"}, 0.5),
    ("he", re.compile("[\u0590-\u05ff]"), {"he", "yi"}, 0.5),
    ("ar", re.compile("[\u0600-\u06ff]"), set("ar fa ur ps ckb".split()), 0.5),
    ("hi", re.compile("[\u0900-\u097f]"), set("hi mr ne sa".split()), 0.5),
    ("th", re.compile("[\u0e00-\u0e7f]"), {"th"}, 0.5),
    ("bn", re.compile("[\u0980-\u09ff]"), {"bn", "as"}, 0.5),
    ("ta", re.compile("[\u0b80-\u0bff]"), {"ta"}, 0.5),
    ("te", re.compile("[\u0c00-\u0c7f]"), {"te"}, 0.5),
    ("ka", re.compile("[\u10a0-\u10ff]"), {"ka"}, 0.5),
    ("hy", re.compile("[\u0530-\u058f]"), {"hy"}, 0.5),
)

# letters that tell a language from the first one of its script
_OWN_LETTERS = {
    "ru": (
        ("uk", re.compile("[іїєґІЇЄҐ]")),
        ("be", re.compile("[ўЎ]")),
        ("sr", re.compile("[ђјљњћџЂЈЉЊЋЏ]")),
        ("kk", re.compile("[әғқңөұүһ]")),
    ),
    "ar": (("ur", re.compile("[ٹڈڑے]")), ("fa", re.compile("[پچژگ]"))),
}

_NO_RUSSIAN = re.compile("[ыэёЫЭЁ]")
_HARD_SIGN = re.compile("[ъЪ]")
_WORD = re.compile(r"[^\W\d_]+")

# ISO 639-1, and of the longer codes those that voices speak
_CODES = frozenset(
    """aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy
    da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy
    hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li
    ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa
    pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg
    th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu iw in ji mo
    ast bar ber ceb chr ckb cmn csb dsb enm fil frp fro fur grc gsw hak haw hsb ilo jbo kok
    kab lfn lmo lzh mai mni nan nap nci nds non pap piq quc qya sat scn sco shn sjn smj szl
    uzn vec wuu yue""".split()
)

_NAMES = {
    "english": "en", "anglais": "en", "inglés": "en", "french": "fr", "français": "fr",
    "francais": "fr", "german": "de", "deutsch": "de", "spanish": "es", "español": "es",
    "espanol": "es", "castellano": "es", "italian": "it", "italiano": "it", "portuguese": "pt",
    "português": "pt", "portugues": "pt", "dutch": "nl", "nederlands": "nl", "swedish": "sv",
    "svenska": "sv", "danish": "da", "dansk": "da", "norwegian": "no", "norsk": "no",
    "polish": "pl", "polski": "pl", "czech": "cs", "čeština": "cs", "finnish": "fi", "suomi": "fi",
    "turkish": "tr", "türkçe": "tr", "hungarian": "hu", "magyar": "hu", "romanian": "ro",
    "română": "ro", "russian": "ru", "русский": "ru", "ukrainian": "uk", "українська": "uk",
    "japanese": "ja", "日本語": "ja", "korean": "ko", "한국어": "ko", "chinese": "zh", "中文": "zh",
    "greek": "el", "ελληνικά": "el", "hebrew": "he", "arabic": "ar", "hindi": "hi", "catalan": "ca",
    "català": "ca",
}  # fmt: skip

_TAG = re.compile(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{1,8})*)")
_PLAIN_SHARE = 0.16
_MARGIN = 1.25
_SHORT_SHARE = 0.2


def read_language(written: str) -> str:
    """Return the BCP 47 tag of a language as people write it, "" when there is none like it."""
    first = re.split(r"[,;/(|]", written.strip(), maxsplit=1)[0].strip()
    name = _NAMES.get(first.casefold())
    if name:
        return name
    match = _TAG.fullmatch(re.split(r"[.@]", first)[0].replace("_", "-"))
    if not match or match[1].lower() not in _CODES:
        return ""
    parts = [match[1].lower()]
    for part in match[2].split("-")[1:]:
        is_region = len(part) == 2 and part.isalpha()
        parts.append(part.upper() if is_region else part.title() if len(part) == 4 else part)
    return "-".join(parts)


def detect_language(text: str, expected: str) -> str:
    """Return the language of a text that is plainly not the expected one, else "".

    A script proves it from a few letters on. In Latin letters, small words do: of a text of fewer
    than 200 letters several that the expected language does not have.
    """
    text = text[:_SAMPLE_CHARS]
    letters = sum(map(str.isalpha, text))
    if letters < _FEWEST_OF_SCRIPT:
        return ""
    expected = expected.partition("-")[0].lower()
    for language, script, users, share in _SCRIPTS:
        if text.isascii():
            break
        found = len(script.findall(text))
        if found >= max(_FEWEST_OF_SCRIPT, share * letters):
            return "" if expected in users else _tell_by_letters(text, language)
    if letters < _FEWEST_SHORT_LETTERS:
        return ""
    counts = Counter(map(str.lower, _WORD.findall(text)))
    words = counts.total()
    shares = {
        language: sum(map(counts.__getitem__, small & counts.keys())) / words
        for language, small in _SETS.items()
    }
    best = max(shares, key=lambda language: shares[language])
    others = max(share for language, share in shares.items() if language != best)
    if best == expected or shares[best] < _PLAIN_SHARE:
        return ""
    if letters < _FEWEST_LETTERS:
        return best if _is_plain_though_short(counts, best, expected, shares) else ""
    if shares[best] < _MARGIN * others or shares[best] < 2 * shares.get(expected, 0.0):
        return ""
    return best


def _is_plain_though_short(
    counts: Counter[str], best: str, expected: str, shares: dict[str, float]
) -> bool:
    """True if a short text is in `best`, which a quotation or a title alone is not."""
    known = _SETS.get(expected, frozenset())
    telling = [word for word in _SETS[best] - known if counts[word]]
    own = sum(counts[word] for word in telling)
    foreign = sum(counts[word] for word in known - _SETS[best])
    rivals = [share for language, share in shares.items() if language != best]
    return (
        len(telling) >= _FEWEST_SHORT_WORDS
        and foreign <= own / 4
        and shares[best] >= _SHORT_SHARE
        and shares[best] >= _MARGIN * max(rivals)
    )


def _tell_by_letters(text: str, language: str) -> str:
    for other, letters in _OWN_LETTERS.get(language, ()):
        if letters.search(text):
            return other
    if language == "ru" and not _NO_RUSSIAN.search(text):
        # Bulgarian has neither of these letters, and its hard sign in every other word
        words = len(_WORD.findall(text))
        return "bg" if 8 * len(_HARD_SIGN.findall(text)) > words > 3 else "ru"
    return language
