"""Where sentences end."""

import pytest
from hypothesis import given, settings
from tests.support.budget import count_examples
from tests.unit.text.texts import CountingText, paragraphs

from reviewcast.text.sentences import split_sentences


def split(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


ENGLISH = [
    ["J.J. Abrams directs.", "It moves."],
    ["J. J. Abrams and J. K. Rowling share a first letter."],
    ["Samuel L. Jackson shouts at Michael B. Jordan."],
    ["P. T. Anderson made it.", "So did P.T. Anderson."],
    ["The director is M. Night Shyamalan.", "He hides a twist."],
    ["Nobody plays Malcolm X.", "The role plays him."],
    ["I prefer plan B.", "The film prefers plan A."],
    ["George R.R. Martin wrote it with J.R.R. Tolkien in mind."],
    ["Only two are left, you and I.", "We run."],
    ["It opens after World War I.", "The trenches are empty."],
    ["Robert Downey Jr. plays him.", "Cuba Gooding Jr. does not."],
    ["It stars Robert Downey Jr.", "He is the film."],
    ["Ana de Armas and E. G. Marshall never meet."],
    ["It is rated R.", "Children will want to see it."],
    ["He reads Jorge L. Borges and T.S. Eliot aloud."],
    ["D. W. Griffith would blush.", "D.W. did not."],
    ["“A.I. Artificial Intelligence” ends thrice."],
    ["L.A. Confidential is better.", "L.A. Story is funnier."],
    ["E.T. phones home.", "R.I.P.D. does not."],
    ["Mr. Darcy walks.", "Mrs. Bennet talks.", "Ms. Marvel flies."],
    ["Dr. Strange meets Dr. No.", "Nobody wins."],
    ["St. Vincent sings on St. Mark’s Place."],
    ["Mr. & Mrs. Smith shoot at each other."],
    ["Sgt. Pepper, Capt. Kirk and Lt. Dan walk into a bar."],
    ["Mulholland Dr. is a dream.", "It is two."],
    ["We talked about Mulholland Dr.", "It is a dream."],
    ["Sunset Blvd. never ages."],
    ["Prof. X. and Rev. Toller pray with Fr. Merrin."],
    ["Airplane! remains funny."],
    ["Mother! is a fever.", "Noah was a bath."],
    ["Moulin Rouge! has songs.", "Chicago has more."],
    ["Who Framed Roger Rabbit? is a noir."],
    ["O Brother, Where Art Thou? may be their best."],
    ["Hail, Caesar! (2016) belongs to Clooney."],
    ["What Ever Happened to Baby Jane? (Aldrich, 1962) still bites."],
    ["Airplane!, made for nothing, earned millions."],
    ["Airplane!’s jokes come fast.", "Jeopardy!'s do not."],
    ["“What’s Up, Doc?” is screwball.", "It works."],
    ["In “Airplane!” Leslie Nielsen is calm."],
    ["I laughed at “Airplane!”", "It holds up."],
    ["Tora! Tora! Tora! bombs."],
    ["She used Yahoo! Movies to find it."],
    ["Faster, Pussycat! Kill! Kill! is a manifesto."],
    ["Hot Shots! Part Deux is worse."],
    ["Panic! At the Disco sings the credits."],
    ["It runs 128 min. without a pause.", "Nobody left."],
    ["It runs 128 min.", "Nobody left."],
    ["It lasts 2 hrs. 8 min. and feels longer."],
    ["Length: 2 hrs. 8 min.", "Bring water."],
    ["I gave it 3.5/5 stars.", "I was kind."],
    ["It cost $30M.", "It made $5.5M."],
    ["It scored 7.5.", "Then 8."],
    ["The rating is 9/10.", "See it."],
    ["We came at 10.30 and left at 12.15."],
    ["Vol. 2 beats Vol. 1.", "Both bleed."],
    ["His No. 1 rule: no rules.", "No. 2 is silence."],
    ["She said no.", "He left."],
    ["Kramer vs. Kramer is quiet.", "Freddy vs. Jason is not."],
    ["See pp. 12 and 13, ch. 4, fig. 2 and Ep. 3."],
    ["It opened on Oct. 31 and closed on Nov. 2."],
    ["4. The Great Train Robbery."],
    ["1. Jaws.", "It bites."],
    ["It was made in 1975.", "Jaws is older than I am."],
    ["It came out in the ’90s.", "I was nine."],
    ["The '90s were loud.", "It's the '80s that were big.", "They're gone."],
    ["It starts at 9 p.m. on Sunday.", "We came at 8 a.m. sharp."],
    ["We left at 9 p.m.", "Nobody noticed."],
    ["At 3 a.m. Ripley wakes."],
    ["It was shot in the U.S. and sold in the U.K. at once."],
    ["It was shot in the U.S.", "The sequel was not."],
    ["The U.S. Army helped.", "The U.K. Film Council paid."],
    ["It won in the U.K.", "He wept."],
    ["Washington, D.C. looks small.", "So does the U.S.S. Enterprise."],
    ["He holds a Ph.D. in fear.", "She has an M.A."],
    ["He holds a Ph.D.", "Nobody asks."],
    ["It has cars, guns, etc. but no wit."],
    ["It has cars, guns, etc.", "Wit is missing."],
    ["Warner Bros. Pictures and Pixar Inc. disagree."],
    ["It was sold to Warner Bros.", "They buried it."],
    ["A song feat. Gish closes Pt. 2 of it."],
    ["Some directors, e.g. Mann, i.e. the best, wait."],
    ["It costs approx. 5 dollars, cf. Vol. 3, ed. Smith."],
    ["He waits… and then he falls."],
    ["He waits…", "Then he falls."],
    ["He waits... and falls.", "She waits...", "Then she falls."],
    ["Well . . . it is long.", "It ends . . . .", "We leave."],
    ["“I could…”", "She stops.", "He goes."],
    ["…and then it ends.", "Nobody claps."],
    ["I was … moved."],
    ["“No!” he screams.", "“Yes!” she says."],
    ["“No!” screams Luke."],
    ['"No!" he screams.', '"Why?" asks Leia.'],
    ['"Go," he says.', '"Now!"', "She goes."],
    ["“Go,” he says.", "“Now!”", "She goes."],
    ["“Was it good?” asked my daughter.", "It was."],
    ["He asks, “Why?”", "She shrugs."],
    ["It is fun (really!) and short."],
    ["It is fun.", "(It is short.)", "It is cheap."],
    ["It is good (I think.) and short."],
    ["Is it art (or commerce?)?", "It is both."],
    ["She calls it “art.”", "It is not."],
    ["‘Why?’ he asks.", "‘Because.’"],
    ["It ends [spoiler!] badly.", "[It does.]"],
    ["The line is “I’ll be back.”", "(He is.)"],
    ["What?!", "Really?!", "Yes!!!"],
    ["It is over!!", "Go home!!!"],
    ["Is this it?—he wonders—is this all?"],
    ["It works — voilà! — and ends."],
    ["Some may be — dare I say? — a bit dull."],
    ["It ends.", "— Roger Ebert"],
    ["She waits.", "iPhone cameras came later.", "eXistenZ too."],
    ["It sold on eBay.", "eBay cried."],
    ["it was good.", "i loved it.", "the end was bad!", "why?"],
    ["it was by j.j. abrams.", "it cost $5 vs. 6.", "“no!” he said."],
    ["IT IS LOUD.", "IT IS LONG.", "MR. SMITH VS. DR. NO IN VOL. 2!", "GO."],
    ["THE U.S. ARMY CAME.", "J.J. ABRAMS LEFT."],
    ["See www.Example.com or http://films.Example.org/a.b?c=D.E for more.", "It helps."],
    ["The file is review.final.Md and notes.txt.", "Open it."],
    ["Write to a.B@example.org.", "I answer."],
    ["Booksmart.com sells it.", "Go."],
    ["It works.[1]", "Then it does not."],
    ["It works.¹", "Then it does not."],
    ["It works.*", "Then it does not.**", "Why?"],
    ["I cried. 😭", "You will too."],
    ["What a film! 🎬🎬", "Go."],
    ["I cried :( and left.", "Then it got better.", "It ended :)"],
    ["See § 3 of it.", "It is long."],
    ["It has three parts: fire; smoke; ash.", "All burn."],
    ["It is slow; it is long; it is good.", "See it."],
    ["Good: the cast.", "Bad: the rest."],
    ["It is short.", "It is good!", "Is it?", "Yes."],
    ["Ben-Hur won eleven Oscars.", "Mrs. Doubtfire won one."],
    ["Mr. Nobody is long.", "Mr. Turner is longer."],
    ["We spent the ’80s with Capt. Kirk, Lt. Uhura and Dr. McCoy."],
    ["Philip K. Dick would nod.", "Ursula K. Le Guin would not."],
    ["H. G. Wells, J. G. Ballard and C. S. Lewis shared nothing."],
    ["I saw it in L.A. on Friday.", "It rained in N.Y.C. at night."],
    ["It is a B-movie.", "It knows it."],
    ["He gave it a solid B.", "She gave it an A."],
    ["It is set before World War II.", "The war is over soon."],
    ["She asked, “Are you the one?”", "He nodded."],
    ["“Are you the one?” she asked.", "He nodded."],
    ["“I’m here. You’re not,” he says.", "She cries."],
    ["He said 'no.'", "She said 'yes.'"],
    ["‘I quit!’ he yells.", "Nobody hears."],
    ["Did he say “Rosebud?”", "He did."],
    ["Is it “art”?", "Is it “trash”?"],
    ["It is great (see my list!).", "It is loud."],
    ["The score: 8/10.", "The mood: 10/10."],
    ["It cost $1.5 million.", "It made 2.3 billion."],
    ["It lasted 1 hr. 52 min.", "It felt like 5 hrs."],
    ["He is 6 ft. 2 in. tall.", "She is not."],
    ["Ch. 5 drags.", "Ep. 6 does not.", "S2E5 flies."],
    ["No. 5 is alive.", "No. 4 is dead."],
    ["He won.", "1917 lost."],
    ["Ocean’s Eleven is fun.", "8½ is better.", "300 is loud."],
    ["Ghost vs. Shell vs. Alien."],
    ["It is fine… I guess.", "I left."],
    ["Well… it ends.", "So… what now?"],
    ["Who directs?", "Fincher.", "Who cares?", "I do."],
    ["So?", "So what?!", "So there!"],
    ["Amazing!!!1!", "Go."],
    ["Wow… just wow!", "Ten stars."],
    ["He (Mr. Ripley) lies.", "He (the cop) waits."],
    ["It works (cf. Heat, 1995).", "It works (e.g. in Ronin).", "Done."],
    ["The film [sic] is long.", "So is this."],
    ["See it at example.com.", "Then go home."],
    ["See https://example.org/a.html.", "Then go."],
    ["Node.js is no film.", "M*A*S*H is."],
    ["S.W.A.T. is dumb.", "R.E.D. is fun.", "G.I. Joe is both."],
    ["He plays Jr. in Jr. and the Gang."],
    ["Martin Luther King Jr. speaks.", "Sammy Davis, Jr. sings."],
    ["It is by Disney, Inc. and others.", "It is by A24 Ltd.", "They know."],
    ["Nope.", "Us.", "Get Out."],
    ["Yes.", "No.", "Maybe."],
    ["Yes!", "No!", "Maybe?"],
    ["Us is better than Nope.", "Both are better than Men."],
    ["Them! came first.", "Jaws came later."],
    ["Viva Zapata! and Oklahoma! both end in song."],
    ["Is Mamma Mia! good?", "It is fun."],
    ["Dude, Where’s My Car? is not Kant."],
    ["Do the Right Thing: hot.", "Malcolm X: hotter."],
    ["“He’s the best!” she says, “and I know it!”", "I agree."],
    ["Go see it!—or don’t."],
    ["A.O. Scott liked it.", "A. O. Scott did."],
    ["It starts at 7:30 p.m. sharp.", "It ends at 9 p.m.", "The bar is open."],
    ["W. is by Oliver Stone.", "V. is by Pynchon."],
    ["J. Edgar Hoover cries.", "F. Scott Fitzgerald drinks."],
    ["M. Hulot walks.", "M. is a killer’s film."],
    ["He is the No. 1 fan of U.S. No. 1."],
    ["IT’S OVER!!!", "GO HOME!!!", "NO. 2 WINS."],
    ["“Loved it. Hated it. Who knows?” wrote one critic.", "I know."],
    ["Loved it 😍😍", "The cast is great."],
    ["5 stars.", "10/10.", "A+."],
    ["It ends with “The End.”", "It does not end well."],
    ["It is “so bad it’s good.”", "Or so they say."],
    ["The twins (b. 1990) act.", "Their father (d. 2001) did."],
    ["Roger Ebert, R.I.P., loved it."],
    ["The film has a 9.0 on IMDb.", "I give it 4.5."],
    ["The plot?", "A heist.", "The cast?", "Perfect."],
    ["He is, like, 5 min. late.", "Nobody minds."],
    ["In Pt. II the war begins.", "In Pt. III it ends."],
    ["i saw it at 9 p.m. and left.", "it was ok.", "the u.s. cut is worse."],
    ["King Kong vs. Godzilla was never silent."],
    ["See Vol. 2 first.", "Then Vol. 1."],
    ["It ends. . .", "Then it begins."],
    ["He says it again. and again.", "Then he stops."],
    ["这部电影很好。", "我哭了！"],
    ["هل رأيته؟", "نعم."],
    ["(It rains.)", "Nobody minds."],
    ["At 2 a.m. I was done.", "So I slept."],
    ["I left at 2 a.m.", "I was done."],
    ["I saw Mamma Mia! Here We Go Again twice.", "It was fun."],
    ["What a film!", "Robert De Niro is great."],
    ["Only Lane.K managed to shine.", "Lane.K's voice is fine."],
    ["It was the end.", "A day began.", "It was over.", "I left."],
]
FRENCH = [
    ["M. Dupont arrive.", "Mme Durand part."],
    ["MM. Lumière et Mlle Binoche sont là."],
    ["Le Dr. Mabuse et le Pr. Tournesol jouent."],
    ["C’est drôle !", "Vraiment ?", "Oui."],
    ["« Non ! » crie-t-il.", "« Pourquoi ? » dit-elle."],
    ["Il crie : « Non ! »", "Puis il part."],
    ["« C’est fini. »", "Elle sort."],
    ["J.-P. Jeunet filme A. Tautou."],
    ["L. de Funès est vif.", "J.-L. Godard est lent."],
    ["Voir p. 3 et vol. 2, n° 4 du t. 1.", "C’est long."],
    ["Voir p. ex. le début, c.-à-d. la gare, etc. et la fin."],
    ["Des gares, des trains, etc.", "La fin est belle."],
    ["Cela finit…", "Puis rien."],
    ["Il dure 2 h 30 min. sans pause.", "Bravo."],
    ["Où vas-tu ?…", "Nulle part."],
    ["À voir.", "Évidemment."],
    ["Il paraît le 3 janv. 2020.", "On rit."],
]
GERMAN = [
    ["Am 3. Oktober kam er.", "Er blieb."],
    ["Im 19. Jahrhundert war das neu.", "Heute nicht."],
    ["Die 2. Staffel ist besser.", "Die 3. Folge auch."],
    ["Das ist z. B. gut, d. h. nicht schlecht, u. a. im Ton."],
    ["Das ist z.B. Kino.", "Es lebt."],
    ["Dr. Mabuse und Prof. Unrat treffen Hrn. Meier."],
    ["„Nein!“ ruft er.", "„Warum?“ fragt sie."],
    ["„Nein.“", "Er geht."],
    ["»Nein!« sagt er.", "Sie lacht."],
    ["Es gibt Autos, Waffen usw. und Witz."],
    ["Es gibt Autos, Waffen usw.", "Der Witz fehlt."],
    ["Bd. 2 ist besser als Nr. 1.", "Schade."],
    ["Der Film ist von 1982.", "Er altert gut."],
    ["Er läuft ca. 120 Min. ohne Pause.", "Gut."],
    ["Es kostete 3,5 Mio. Euro.", "Viel Geld."],
    ["Er wartet… und fällt.", "Sie wartet…", "Dann fällt sie."],
    ["J. K. Rowling schrieb es.", "W. Herzog nicht."],
    ["Ludwig II. war König.", "Er baute."],
    ["Siehe S. 12 und Abb. 3.", "Gut."],
    ["Elisabeth I. von England weint."],
]
SPANISH = [
    ["El Sr. Gómez y la Sra. Ruiz ríen.", "Bien."],
    ["¿Qué es?", "¡Nada!", "Es cine."],
    ["¡¿Qué?!", "Sí."],
    ["«¡No!» grita él.", "«¿Por qué?» dice ella."],
    ["—¡No! —grita él.", "Ella ríe."],
    ["EE. UU. no la vio.", "España sí."],
    ["Se rodó en EE. UU. y en México."],
    ["Ver pág. 3, vol. 2 y núm. 4.", "Es largo."],
    ["Hay coches, armas, etc. y risas."],
    ["Hay coches, armas, etc.", "Faltan risas."],
    ["Sale Ud. contento.", "Dña. Rosa no."],
    ["Es, p. ej., la mejor."],
    ["Espera… y cae.", "Espera…", "Luego cae."],
    ["J. A. Bayona dirige.", "P. Almodóvar produce."],
    ["La Dra. Pérez y D. Juan llegan.", "Adiós."],
    ["Dura 120 min. sin pausa.", "Bien."],
]
ITALIAN = [
    ["Il Sig. Rossi e la Sig.ra Bianchi ridono.", "Bene."],
    ["Vedi pag. 3, vol. 2, n. 4 e cap. 5.", "È lungo."],
    ["Il Dott. Verdi e il Prof. Neri parlano.", "Poi basta."],
    ["«No!» grida lui.", "«Perché?» chiede lei."],
    ["Che film!", "Davvero?", "Sì."],
    ["Ci sono auto, armi, ecc. e risate."],
    ["Ci sono auto, armi, ecc.", "Mancano risate."],
    ["Aspetta… e cade.", "Aspetta…", "Poi cade."],
    ["P. P. Pasolini gira.", "F. Fellini sogna."],
    ["Dura 120 min. senza pausa.", "Bene."],
    ["È bello.", "È breve."],
    ["La Dott.ssa Blu e l’Ing. Viola arrivano."],
    ["S. Francesco parla agli uccelli."],
    ["Esce nel 1963.", "Vince l’Oscar."],
]
DUTCH = [
    ["Het is bijv. Amsterdam of evt. Rotterdam.", "Niet meer."],
    ["Dit is o.a. Jan, d.w.z. Piet, op blz. 12.", "Klaar."],
    ["Boeken, films enz.", "Daarna niets."],
]
POLISH = [
    ["Zebrał ok. 450 punktów.", "Potem wrócił."],
    ["To np. Warszawa, tzw. Mazowsze i św. Jan.", "Nic więcej."],
    ["Grali m.in. Anna i Jan.", "Dobrze."],
    ["Książki, filmy itd.", "Potem nic."],
    ["Tak jest ok.", "Tak mówią."],
]
PORTUGUESE = [
    ["O Sr. Silva e a Dra. Costa chegaram.", "Fim."],
    ["Veja a pág. 12 e o cap. 3, p. ex. Lisboa.", "Depois nada."],
    ["Livros, filmes etc.", "Depois nada."],
]
RUSSIAN = [
    ["Это, напр. Москва и т.д.", "Потом ничего."],
    ["Фильм снял т.н. Мастер на ул. Ленина.", "Всё."],
    ["См. стр. 15 и рис. 3.", "Конец."],
]
OTHERS = {
    "fr": FRENCH, "de": GERMAN, "es": SPANISH, "it": ITALIAN,
    "nl": DUTCH, "pl": POLISH, "pt": PORTUGUESE, "ru": RUSSIAN,
}  # fmt: skip


@pytest.mark.parametrize("sentences", ENGLISH, ids=lambda sentences: sentences[0])
def test_sentences(sentences):
    """Sentences end where a reader would stop, and nowhere else."""
    assert split(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    ("language", "sentences"),
    [(language, sentences) for language, table in OTHERS.items() for sentences in table],
)
def test_languages(language, sentences):
    """Other languages have abbreviations, quotation marks and ordinals of their own."""
    assert split(" ".join(sentences), language) == sentences


@pytest.mark.parametrize(
    ("titles", "sentences"),
    [
        (["Airplane!"], ["In Airplane! Leslie Nielsen is calm.", "He is funny."]),
        (["mother!"], ["I saw mother! Jennifer Lawrence suffers."]),
        (["mother!"], ["He made Noah.", "mother! came later."]),
        (["Airplane!"], ["I loved Airplane!", "It is funny."]),
        (["Good Night, and Good Luck."], ["Good Night, and Good Luck. Clooney directs well."]),
        (["Birdman? Maybe."], ["Birdman.", "Or rather Birdman? Maybe. Keaton flies."]),
        (["Dr. Who?"], ["Dr. Who? Colin Baker plays him.", "He is good."]),
        (["What's Up, Doc?"], ["In What’s Up, Doc? Barbra Streisand sings.", "It rhymes."]),
        (["..."], ["He waits.", "She goes."]),
    ],
)
def test_titles(titles, sentences):
    """A mark in the title of a work ends a sentence only before a sure beginning."""
    text = " ".join(sentences)
    assert [text[start:end] for start, end in split_sentences(text, "en", titles)] == sentences


@pytest.mark.parametrize(
    "items",
    [
        ["1. The dog", "2. The cat", "3. The end"],
        ["1) The dog.", "2) The cat.", "3) The end."],
        ["9.) The dog", "10.) The cat"],
        ["• 1. The dog", "• 2. The cat"],
        ["a. The dog", "b. The cat"],
        ["1. Jaws is from 1975.", "It is a 10.", "It bites."],
    ],
    ids=lambda items: items[0],
)
def test_lists(items):
    """The items of a numbered list are apart, each with its number."""
    assert split(" ".join(items)) == items


def test_lines():
    """Lines without any mark are items of a list; others are only wrapped."""
    assert split("the dog\nthe cat, the mouse\n") == ["the dog", "the cat, the mouse"]
    assert split("It is a\ndog. It\nbarks.") == ["It is a\ndog.", "It\nbarks."]
    assert split("the one\n\nand the other.") == ["the one", "and the other."]


def test_long_quotation():
    """A quotation stays whole unless it is too long to follow."""
    line = "It was a dark night. "
    assert split(f"“{line * 3}” He coughs.")[0] == f"“{line * 3}”"
    assert len(split(f"“{line * 30}” He coughs.")) > 30


def test_long_text():
    """What the library sees of a long text at a time makes no difference."""
    line = "The dog barks at Mr. Cat (who is not there) in vol. 2 of it."
    assert split(" ".join([line] * 400)) == [line] * 400


def test_nothing():
    """A text without a character has no sentence."""
    assert split("") == []


@pytest.mark.parametrize("text", ["…", "* * *", "?! ?! ?!", "🎬 . 🎬"])
def test_without_words(text):
    """A text without letters or digits is one piece."""
    assert split(text) == [text]


@settings(max_examples=count_examples(150), deadline=None)
@given(paragraphs)
def test_hold_everything(text):
    """Sentences are in order, hold all but spaces, and each has a letter or digit if any has."""
    found = split_sentences(text, "en")
    end = 0
    for start, stop in found:
        assert text[end:start].strip() == ""
        assert text[start:stop] == text[start:stop].strip() != ""
        end = stop
    assert text[end:].strip() == ""
    has_words = [any(map(str.isalnum, text[start:stop])) for start, stop in found]
    assert all(has_words) or len(found) == 1


@pytest.mark.parametrize(
    "piece",
    ["lower case. ", "? ", "Short one. ", "word ", "vs. ", "“a ", "' ", "1. A ", ". ", "🎬 "],
)
def test_time_is_linear(piece):
    """Twice the text takes twice the slicing, whatever the pieces are."""

    def count(times: int) -> int:
        text = CountingText(piece * times)
        split_sentences(text, "en")
        return text.count

    assert count(2000) <= 2.1 * count(1000)
