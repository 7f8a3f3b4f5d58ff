"""Words that the spoken forms of German, French, Spanish and Italian need."""

from typing import NamedTuple


class Stars(NamedTuple):
    """How stars are counted: `n` is a number in words, `total` how many there may be."""

    one: str
    many: str
    half: str
    and_half: str
    one_and_half: str
    of: str
    half_of: str


class Words(NamedTuple):
    """What one language calls things; abbreviations are without spaces, in small letters.

    `anywhere` may stand everywhere, `endings` may end a sentence with their full stop, too;
    `before_numbers` and `before_names` are known by what follows; `kings` and `queens` have
    ordinals.
    """

    language: str
    stars: Stars
    out_of: str
    point: str
    half: str
    anywhere: dict[str, str]
    endings: dict[str, str]
    before_numbers: dict[str, str]
    before_names: dict[str, str]
    kings: frozenset[str]
    queens: frozenset[str]


GERMAN = Words(
    language="de",
    stars=Stars(
        "ein Stern",
        "{n} Sterne",
        "ein halber Stern",
        "{n}einhalb Sterne",
        "eineinhalb Sterne",
        "{n} von {total} Sternen",
        "{n}einhalb von {total} Sternen",
    ),
    out_of="von",
    point="Komma",
    half="{n}einhalb",
    anywhere={
        "z.b.": "zum Beispiel",
        "d.h.": "das heißt",
        "u.a.": "unter anderem",
        "v.a.": "vor allem",
        "u.u.": "unter Umständen",
        "i.d.r.": "in der Regel",
        "z.t.": "zum Teil",
        "s.o.": "siehe oben",
        "bzw.": "beziehungsweise",
        "bspw.": "beispielsweise",
        "bzgl.": "bezüglich",
        "m.e.": "meines Erachtens",
        "ca.": "circa",
        "evtl.": "eventuell",
        "ggf.": "gegebenenfalls",
        "inkl.": "inklusive",
        "sog.": "sogenannte",
        "vgl.": "vergleiche",
        "engl.": "englisch",
        "mio.": "Millionen",
        "mrd.": "Milliarden",
        "jh.": "Jahrhundert",
        "vs.": "gegen",
    },
    endings={
        "usw.": "und so weiter",
        "etc.": "et cetera",
        "o.ä.": "oder Ähnliches",
        "u.ä.": "und Ähnliches",
        "u.v.m.": "und vieles mehr",
        "min.": "Minuten",
        "std.": "Stunden",
    },
    before_numbers={
        "nr.": "Nummer",
        "s.": "Seite",
        "bd.": "Band",
        "kap.": "Kapitel",
        "abb.": "Abbildung",
        "tel.": "Telefon",
        "ep.": "Episode",
    },
    before_names={"dr.": "Doktor", "prof.": "Professor", "hr.": "Herr", "fr.": "Frau"}
    | {"st.": "Sankt", "dr": "Doktor"},
    kings=frozenset(
        "Ludwig Friedrich Wilhelm Heinrich Karl Georg Otto Napoleon Paul Benedikt Pius "
        "Philipp Franz Maximilian Nikolaus Alexander Iwan Richard Eduard Henry Charles "
        "Louis Leopold Johannes Gustav Christian Ferdinand Joseph Ramses Urban Leo Clemens "
        "Gregor Innozenz".split()
    ),
    queens=frozenset("Elisabeth Elizabeth Katharina Margarethe Maria Viktoria Kleopatra".split()),
)

FRENCH = Words(
    language="fr",
    stars=Stars(
        "une étoile",
        "{n} étoiles",
        "une demi-étoile",
        "{n} étoiles et demie",
        "une étoile et demie",
        "{n} étoiles sur {total}",
        "{n} étoiles et demie sur {total}",
    ),
    out_of="sur",
    point="virgule",
    half="{n} et demi",
    anywhere={
        "p.ex.": "par exemple",
        "c.-à-d.": "c’est-à-dire",
        "c.à.d.": "c’est-à-dire",
        "env.": "environ",
        "réal.": "réalisé par",
        "av.j.-c.": "avant Jésus-Christ",
        "apr.j.-c.": "après Jésus-Christ",
        "vs.": "contre",
        "cf.": "voir",
    },
    endings={"etc.": "et cetera", "min.": "minutes"},
    before_numbers={
        "n°": "numéro",
        "nº": "numéro",
        "p.": "page",
        "pp.": "pages",
        "vol.": "volume",
        "chap.": "chapitre",
        "t.": "tome",
        "éd.": "édition",
        "fig.": "figure",
    },
    before_names={
        "m.": "Monsieur",
        "mm.": "Messieurs",
        "mme": "Madame",
        "mmes": "Mesdames",
        "mlle": "Mademoiselle",
        "dr": "Docteur",
        "dr.": "Docteur",
        "pr": "Professeur",
        "st": "Saint",
        "ste": "Sainte",
        "st.": "Saint",
        "mgr": "Monseigneur",
    },
    kings=frozenset(),
    queens=frozenset(),
)

SPANISH = Words(
    language="es",
    stars=Stars(
        "una estrella",
        "{n} estrellas",
        "media estrella",
        "{n} estrellas y media",
        "una estrella y media",
        "{n} de {total} estrellas",
        "{n} estrellas y media de {total}",
    ),
    out_of="sobre",
    point="coma",
    half="{n} y medio",
    anywhere={
        "p.ej.": "por ejemplo",
        "ee.uu.": "Estados Unidos",
        "eeuu": "Estados Unidos",
        "aprox.": "aproximadamente",
        "a.c.": "antes de Cristo",
        "d.c.": "después de Cristo",
        "ud.": "usted",
        "uds.": "ustedes",
        "vs.": "contra",
        "dir.": "dirigida por",
    },
    endings={"etc.": "etcétera", "min.": "minutos", "cía.": "compañía"},
    before_numbers={
        "pág.": "página",
        "págs.": "páginas",
        "p.": "página",
        "núm.": "número",
        "n.º": "número",
        "nº": "número",
        "n°": "número",
        "cap.": "capítulo",
        "vol.": "volumen",
        "tel.": "teléfono",
        "art.": "artículo",
        "temp.": "temporada",
    },
    before_names={
        "sr.": "señor",
        "sra.": "señora",
        "srta.": "señorita",
        "sres.": "señores",
        "dr.": "doctor",
        "dra.": "doctora",
        "d.": "don",
        "dña.": "doña",
        "prof.": "profesor",
        "sto.": "santo",
        "sta.": "santa",
    },
    kings=frozenset(
        "Felipe Carlos Fernando Alfonso Luis Enrique Pablo Pío Benedicto Ricardo Eduardo Jorge "
        "Guillermo Napoleón Jaime Pedro Sancho Ramiro León Juan Francisco José "
        "Alejandro Iván".split()
    ),
    queens=frozenset("Isabel Catalina María Juana Victoria Cristina Cleopatra Margarita".split()),
)

ITALIAN = Words(
    language="it",
    stars=Stars(
        "una stella",
        "{n} stelle",
        "mezza stella",
        "{n} stelle e mezza",
        "una stella e mezza",
        "{n} stelle su {total}",
        "{n} stelle e mezza su {total}",
    ),
    out_of="su",
    point="virgola",
    half="{n} e mezzo",
    anywhere={
        "ades.": "ad esempio",
        "p.es.": "per esempio",
        "a.c.": "avanti Cristo",
        "d.c.": "dopo Cristo",
        "ca.": "circa",
        "cfr.": "confronta",
        "vs.": "contro",
        "reg.": "regia di",
    },
    endings={"ecc.": "eccetera", "etc.": "eccetera", "min.": "minuti"},
    before_numbers={
        "pag.": "pagina",
        "pagg.": "pagine",
        "p.": "pagina",
        "n.": "numero",
        "nn.": "numeri",
        "n°": "numero",
        "nº": "numero",
        "cap.": "capitolo",
        "vol.": "volume",
        "art.": "articolo",
        "tel.": "telefono",
        "ep.": "episodio",
    },
    before_names={
        "sig.": "signor",
        "sig.ra": "signora",
        "sig.na": "signorina",
        "sigg.": "signori",
        "dott.": "dottor",
        "dott.ssa": "dottoressa",
        "dr.": "dottor",
        "prof.": "professor",
        "prof.ssa": "professoressa",
        "avv.": "avvocato",
        "ing.": "ingegner",
        "on.": "onorevole",
        "mons.": "monsignor",
        "s.": "san",
    },
    kings=frozenset(
        "Luigi Carlo Enrico Emanuele Umberto Pio Paolo Benedetto Federico Filippo Riccardo "
        "Napoleone Giorgio Edoardo Alessandro Leone Ferdinando Francesco Guglielmo Giovanni "
        "Amedeo Urbano".split()
    ),
    queens=frozenset("Elisabetta Caterina Maria Anna Vittoria Cristina Margherita".split()),
)

WORDS = {words.language: words for words in (GERMAN, FRENCH, SPANISH, ITALIAN)}
