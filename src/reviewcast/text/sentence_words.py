"""By language: abbreviations and what may follow them, and the words that begin sentences."""

import re
from collections.abc import Mapping

OPENERS = "“\"‘'„‚«»‹›([¿¡"


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
        open="z.b d.h u.a bzw evtl ggf inkl exkl sog vgl z d u i s.o urspr engl dt bspw bzgl ehem "
        "entspr ugs",
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
    "nl": _ANYWHERE
    | _list_kinds(
        open="bijv bv evt o.a d.w.z m.a.w t.a.v i.p.v m.b.t t.o.v resp incl excl zgn oorspr eng "
        "mevr mw dhr dr mr drs ir ing prof st",
        count="blz p art tel hfst",
        unit="enz etc sec mln mld",
    ),
    "pl": _ANYWHERE
    | _list_kinds(
        open="np tzw tzn m.in tj ang niem łac wł hiszp ros jap por zob red reż tłum wyd im ul al "
        "św dr prof mgr inż hab ks bł gen płk kpt mec",
        count="ok str s godz poz rozdz t",
        unit="itd itp sek tys mln mld",
    ),
    "pt": _ANYWHERE
    | _list_kinds(
        title="sr sra srta dr dra prof profa eng d",
        open="p.ex ex aprox",
        part="cap caps fig",
        count="pág págs p pp núm n.º n° art t",
        unit="etc seg h",
    ),
    "ru": _ANYWHERE
    | _list_kinds(
        open="напр т.н т.е т.к см ср англ нем фр лат яп итал исп реж проф акад им ул св",
        count="стр с гл рис илл т кн",
        unit="мин сек руб тыс млн млрд т.д т.п др",
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
        rf"[{re.escape(OPENERS)}]*(?:{words.replace(' ', '|')})(?:['’]\w+)?(?=[\s,:—]|$)",
        re.IGNORECASE,
    )
    for language, words in FIRST_WORDS.items()
}

_NEVER = re.compile(r"(?!)")


def find_kinds(language: str) -> Mapping[str, str]:
    """Return the abbreviations of a language, in small letters, and the kind of each."""
    return _KINDS.get(language, _ANYWHERE)


def match_first_words(language: str) -> re.Pattern[str]:
    """Return the pattern of what sentences of a language begin with; it may match nothing."""
    return _IS_FIRST.get(language, _NEVER)
