"""Abbreviations of Dutch, Polish, Portuguese and Russian in words."""

from typing import NamedTuple


class Abbreviations(NamedTuple):
    """Abbreviations without spaces, in small letters, by where they stand (see Words)."""

    anywhere: dict[str, str]
    endings: dict[str, str]
    before_numbers: dict[str, str]
    before_names: dict[str, str]


ABBREVIATIONS = {
    "nl": Abbreviations(
        anywhere={
            "bijv.": "bijvoorbeeld",
            "bv.": "bijvoorbeeld",
            "o.a.": "onder andere",
            "d.w.z.": "dat wil zeggen",
            "m.a.w.": "met andere woorden",
            "a.h.w.": "als het ware",
            "t.a.v.": "ten aanzien van",
            "t.o.v.": "ten opzichte van",
            "i.p.v.": "in plaats van",
            "i.v.m.": "in verband met",
            "m.b.t.": "met betrekking tot",
            "n.a.v.": "naar aanleiding van",
            "evt.": "eventueel",
            "incl.": "inclusief",
            "excl.": "exclusief",
            "zgn.": "zogenaamde",
            "resp.": "respectievelijk",
            "ca.": "circa",
            "dhr.": "de heer",
            "mevr.": "mevrouw",
            "mln.": "miljoen",
            "mld.": "miljard",
        },
        endings={"enz.": "enzovoort", "etc.": "et cetera", "e.d.": "en dergelijke"},
        before_numbers={
            "blz.": "bladzijde",
            "p.": "pagina",
            "nr.": "nummer",
            "hfst.": "hoofdstuk",
            "afl.": "aflevering",
            "tel.": "telefoon",
        },
        before_names={"dr.": "doctor", "prof.": "professor"},
    ),
    "pl": Abbreviations(
        anywhere={
            "m.in.": "między innymi",
            "tj.": "to jest",
            "tzw.": "tak zwany",
            "ang.": "po angielsku",
            "niem.": "po niemiecku",
            "reż.": "reżyseria",
            "tłum.": "tłumaczenie",
            "vs.": "kontra",
        },
        endings={},
        before_numbers={
            "nr": "numer",
            "nr.": "numer",
            "str.": "strona",
            "s.": "strona",
            "rozdz.": "rozdział",
            "odc.": "odcinek",
            "tel.": "telefon",
        },
        before_names={},
    ),
    "pt": Abbreviations(
        anywhere={
            "p.ex.": "por exemplo",
            "ex.": "exemplo",
            "eua": "Estados Unidos",
            "aprox.": "aproximadamente",
            "séc.": "século",
            "a.c.": "antes de Cristo",
            "d.c.": "depois de Cristo",
            "vs.": "contra",
        },
        endings={},
        before_numbers={
            "pág.": "página",
            "págs.": "páginas",
            "p.": "página",
            "cap.": "capítulo",
            "vol.": "volume",
            "n.º": "número",
            "nº": "número",
            "n°": "número",
            "art.": "artigo",
            "ep.": "episódio",
            "temp.": "temporada",
            "tel.": "telefone",
        },
        before_names={
            "sr.": "senhor",
            "sra.": "senhora",
            "srs.": "senhores",
            "srta.": "senhorita",
            "dr.": "doutor",
            "dra.": "doutora",
            "prof.": "professor",
            "profa.": "professora",
        },
    ),
    "ru": Abbreviations(
        anywhere={
            "т.е.": "то есть",
            "т.к.": "так как",
            "т.н.": "так называемый",
            "т.ч.": "том числе",
            "напр.": "например",
            "см.": "смотри",
            "реж.": "режиссёр",
            "руб.": "рублей",
            "ок.": "около",
        },
        endings={"т.д.": "так далее", "т.п.": "тому подобное"},
        before_numbers={
            "стр.": "страница",
            "гл.": "глава",
            "т.": "том",
            "рис.": "рисунок",
            "тел.": "телефон",
        },
        before_names={},
    ),
}
"""Abbreviations by language."""
