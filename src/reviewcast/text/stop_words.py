"""Words that are no names, by language."""

PARTICLES = frozenset("van von der den de del della di da dos du la le bin al y ten ter".split())
GERMAN_PARTICLES = PARTICLES - frozenset("von der den".split())  # common words between nouns

OWN_LETTERS = {
    "en": "", "de": "äöüß", "fr": "àâæçéèêëîïôœùûüÿ", "es": "áéíñóúü", "it": "àèéìîòóù",
    "pt": "áâãàçéêíóôõúü", "nl": "éëïóöü",
}  # fmt: skip

# borrowed words that every voice knows
BORROWED = frozenset(
    "café cafés cliché clichés clichéd naïve fiancé fiancée résumé déjà façade risqué passé touché "
    "décor protégé protégée première séance über coup blasé entrée soirée matinée naïveté".split()
)

STOP = frozenset(
    # what tells who said it
    "said says asked asks replied wrote writes told tells added adds noted called explained "
    # what begins sentences, and what has a capital without being a name
    "the a an and but or nor so yet for if when while although though because since after before "
    "until once then now not no none nobody nothing everyone everybody everything someone somebody "
    "something anyone anything what why how who whom whose where which that this these those it "
    "its he she they we you i his her their our my your me him them us himself herself itself "
    "there here as at by from in into on onto upon of off out over under up down with within "
    "without to about above across against along among around behind below beneath beside "
    "besides between beyond during except inside like near outside past through throughout toward "
    "towards via all both each every either neither some any many much most more few fewer less "
    "only even just still also instead however perhaps maybe yes is are was were be been being am "
    "do does did done has have had having can could would should will shall may might must let "
    "lets don doesn didn isn aren wasn weren won wouldn couldn shouldn can can't hasn haven hadn "
    "one two three four five six seven eight nine ten first second third last next another other "
    "others such same own than too very quite rather almost never always often sometimes usually "
    "unfortunately sadly luckily fortunately finally eventually meanwhile later soon again "
    "mr mrs ms mx dr prof st sir madam lady lord king queen president captain ok okay oh ah well "
    "god christmas easter halloween internet web tv dvd cgi vfx usa uk us eu bc ad am pm ii iii iv "
    "vi vii viii ix xi xii part chapter act volume episode season vol no nos spoilers spoiler "
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays "
    "thursdays fridays saturdays sundays january february march april may june july august "
    "september october november december american americans british english french german germans "
    "italian italians spanish european europeans japanese chinese korean koreans russian russians "
    "indian indians irish scottish welsh canadian canadians australian australians mexican "
    "mexicans african africans asian asians western westerns southern southerner northern eastern "
    "greek roman jewish christian christians catholic muslim nazi nazis latin polish swedish "
    "danish dutch norwegian brazilian iranian turkish england france germany italy spain europe "
    "america japan china russia india africa asia ireland scotland canada australia "
    "watch see consider think take look go come get give make eat drink try order skip avoid buy "
    "play read listen hear rent stream add serve taste imagine remember forget note enter thanks "
    "thank please cue sure gone overall verdict rating rated score director writer starring "
    "stars genre runtime author publisher pages price developer platform label tracklist "
    # what menus and recipes write with a capital
    "beef pork chicken lamb duck fish salmon tuna prawns shrimp bacon ham cheese bread butter rice "
    "pasta pizza salad soup burger burgers fries steak sauce dessert coffee tea beer wine cake "
    "chocolate cream breakfast brunch lunch dinner food drinks service atmosphere".split()
)

SMALL_IN_TITLES = frozenset("a an the and but or nor of in on at to for by with from".split())
