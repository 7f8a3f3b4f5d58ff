"""Written forms of reviews with how a critic says them, and forms that must stay as they are."""

RATINGS = {
    "8/10": "eight out of ten",
    "I give it 8/10.": "I give it eight out of ten.",
    "7.5/10": "seven and a half out of ten",
    "8.3/10": "eight point three out of ten",
    "3.5/5": "three and a half out of five",
    "3½/5": "three and a half out of five",
    "10/10": "ten out of ten",
    "11/10": "eleven out of ten",
    "0/10": "zero out of ten",
    "1/5": "one out of five",
    "85/100": "eighty five out of one hundred",
    "3.5/4": "three and a half out of four",
    "4/4": "four out of four",
    "Rating: 3/4": "Rating: three out of four",
    "3/4 stars": "three out of four stars",
    "4.5/5 stars": "four and a half out of five stars",
    "14/20": "fourteen out of twenty",
    "8 / 10": "eight out of ten",
    "7-8/10": "seven to eight out of ten",
    "3.5 out of 5": "three and a half out of five",
    "3.5 out of 5 stars": "three and a half out of five stars",
    "4 of 5 stars": "four of five stars",
    "★★★½": "three and a half stars",
    "★★★★☆": "four out of five stars",
    "★★★½☆": "three and a half out of five stars",
    "★": "one star",
    "★★": "two stars",
    "★★★★★": "five stars",
    "★★★★ stars": "four stars",
    "★★★ out of ★★★★": "three out of four stars",
    "★★★/★★★★": "three out of four stars",
    "★★★★/5": "four out of five stars",
    "½": "one half",
    "½★": "half a star",
    "½☆☆☆☆": "half a star out of five",
    "☆☆☆☆☆": "zero out of five stars",
    "⭐️⭐️⭐️⭐️": "four stars",
    "⭐ ⭐ ⭐": "three stars",
    "4★": "four stars",
    "4.5★": "four and a half stars",
    "Verdict: ★★★": "Verdict: three stars",
    "4 stars": "four stars",
    "1 star": "one star",
    "0.5 stars": "half a star",
    "3.5 stars": "three and a half stars",
    "3 1/2 stars": "three and a half stars",
    "4½ stars": "four and a half stars",
    "a 4-star film": "a four star film",
    "a 3.5-star read": "a three and a half star read",
    "***½": "three and a half stars",
    "*** 1/2": "three and a half stars",
    "*** out of ****": "three out of four stars",
    "****/*****": "four out of five stars",
    "❤️❤️❤️": "three hearts",
    "♥♥♥♥♡": "four out of five hearts",
    "👍👍": "two thumbs up",
    "B+": "B plus",
    "C-": "C minus",
    "A−": "A minus",
    "A+": "A plus",
    "Grade: A-": "Grade: A minus",
    "It earns a B+.": "It earns a B plus.",
    "A solid B-, then.": "A solid B minus, then.",
    "B+/A-": "B plus to A minus",
    "87%": "eighty seven percent",
    "87 %": "eighty seven percent",
    "99.9%": "ninety nine point nine percent",
    "50–60%": "fifty to sixty percent",
    "100% fresh": "one hundred percent fresh",
    "-5%": "minus five percent",
}
DATES = {
    "1994": "nineteen ninety four",
    "2001": "two thousand one",
    "2000": "two thousand",
    "2009": "two thousand nine",
    "2012": "twenty twelve",
    "1905": "nineteen oh five",
    "1900": "nineteen hundred",
    "in 1066": "in ten sixty six",
    "(2019)": "(twenty nineteen)",
    "'80s": "eighties",
    "’90s": "nineties",
    "the 90s": "the nineties",
    "the 80's": "the eighties",
    "1930s": "nineteen thirties",
    "the 1950's": "the nineteen fifties",
    "2000s": "two thousands",
    "2010s": "twenty tens",
    "fans of '80s horror": "fans of eighties horror",
    "the mid-1980s": "the mid-nineteen eighties",
    "in his 20s": "in his twenties",
    "1960s-80s": "nineteen sixties to eighties",
    "2014's Whiplash": "twenty fourteen's Whiplash",
    "1960's Psycho": "nineteen sixty's Psycho",
    "1999’s The Matrix": "nineteen ninety nine’s The Matrix",
    "Oct. 8, 2019": "October eighth, twenty nineteen",
    "October 8, 2019": "October eighth, twenty nineteen",
    "October 8th": "October eighth",
    "Dec. 25": "December twenty fifth",
    "Sept. 11": "September eleventh",
    "2019-10-08": "October eighth, twenty nineteen",
    "10/8/2019": "October eighth, twenty nineteen",
    "31/12/1999": "the thirty first of December, nineteen ninety nine",
    "8 October 2019": "the eighth of October, twenty nineteen",
    "the 8th of October": "the eighth of October",
    "May 4": "May fourth",
    "May 2019": "May twenty nineteen",
    "Oct. 2019": "October twenty nineteen",
    "July 4–6": "July fourth to sixth",
    "on 10/31": "on October thirty first",
    "1939–45": "nineteen thirty nine to forty five",
    "1920–1927": "nineteen twenty to nineteen twenty seven",
    "1998-2003": "nineteen ninety eight to two thousand three",
    "2019-20": "twenty nineteen to twenty twenty",
    "Summer of '69": "Summer of sixty nine",
    "back in ’05": "back in oh five",
    "44 BC": "forty four BC",
    "post-2000": "post-two thousand",
    "a 1994-set thriller": "a nineteen ninety four-set thriller",
    "1500 people": "one thousand five hundred people",
    "1,200 screens": "one thousand two hundred screens",
    "the 2000 copies": "the two thousand copies",
}
TIMES = {
    "10:30pm": "ten thirty PM",
    "10:30 p.m.": "ten thirty PM.",
    "at 8 p.m. on Friday": "at eight PM on Friday",
    "at 10pm": "at ten PM",
    "7-9 p.m. daily": "seven to nine PM daily",
    "3:10": "three ten",
    "at 5:00": "at five o'clock",
    "10:05": "ten oh five",
    "1:45:30": "one hour forty five minutes thirty seconds",
    "2h 8m": "two hours eight minutes",
    "2h8m": "two hours eight minutes",
    "1h45": "one hour forty five minutes",
    "2 hrs 8 mins": "two hours eight minutes",
    "1 hr. 45 min.": "one hour forty five minutes.",
    "2hr 15min": "two hours fifteen minutes",
}
MONEY = {
    "$30M": "thirty million dollars",
    "$1.5 billion": "one point five billion dollars",
    "£20m": "twenty million pounds",
    "€9.99": "nine euros ninety nine cents",
    "$5": "five dollars",
    "$1": "one dollar",
    "$1,000": "one thousand dollars",
    "$9.99": "nine dollars ninety nine cents",
    "a $30 million film": "a thirty million dollar film",
    "a $200M budget": "a two hundred million dollar budget",
    "its $200-million budget": "its two hundred million dollar budget",
    "$10–15": "ten to fifteen dollars",
    "$10-$15 million": "ten to fifteen million dollars",
    "$100M+": "one hundred million dollars plus",
    "US$5": "five US dollars",
    "20 €": "twenty euros",
    "99¢": "ninety nine cents",
    "¥500": "five hundred yen",
    "It cost $30 million.": "It cost thirty million dollars.",
    "$12/month": "twelve dollars per month",
    "$5K": "five thousand dollars",
}
QUANTITIES = {
    "128 min": "one hundred twenty eight minutes",
    "128 min.": "one hundred twenty eight minutes.",
    "128 mins": "one hundred twenty eight minutes",
    "a 97-minute film": "a ninety seven minute film",
    "a 600-page novel": "a six hundred page novel",
    "a 2-hour epic": "a two hour epic",
    "2.5 hours": "two and a half hours",
    "2½ hours": "two and a half hours",
    "a 2½-hour film": "a two and a half hour film",
    "90–120 min": "ninety to one hundred twenty minutes",
    "2.39:1": "two point three nine to one",
    "1.85:1": "one point eight five to one",
    "16:9": "sixteen by nine",
    "4:3": "four by three",
    "2:1": "two to one",
    "4K": "four K",
    "a 4K restoration": "a four K restoration",
    "35mm": "thirty five millimeter",
    "70mm": "seventy millimeter",
    "16 mm": "sixteen millimeter",
    "50mm": "fifty millimeters",
    "2-D": "two D",
    "3D": "three D",
    "3-D": "three D",
    "4DX": "four D X",
    "24fps": "twenty four frames per second",
    "60 fps": "sixty frames per second",
    "120Hz": "one hundred twenty hertz",
    "44.1 kHz": "forty four point one kilohertz",
    "1080p": "ten eighty p",
    "720p": "seven twenty p",
    "5 km": "five kilometers",
    "12kg": "twelve kilograms",
    "180 lbs": "one hundred eighty pounds",
    "60 mph": "sixty miles per hour",
    "20°C": "twenty degrees Celsius",
    "a 360° view": "a three hundred sixty degree view",
    "50 GB": "fifty gigabytes",
    "7-inch": "seven inch",
    '12" single': "twelve inch single",
    "12″": "twelve inch",
    "6'2\"": "six foot two",
    "10x": "ten X",
    "a 10x zoom": "a ten X zoom",
    "3x": "three times",
    "I saw it 3x.": "I saw it three times.",
    "3x the budget": "three times the budget",
    "10x faster than that": "ten times faster than that",
    "a 3x Oscar winner": "a three time Oscar winner",
    "3840x2160": "three thousand eight hundred forty by two thousand one hundred sixty",
    "33⅓ rpm": "thirty three and a third R P M",
    "12m views": "twelve million views",
}
NUMBERS = {
    "5,000": "five thousand",
    "1,234,567": "one million two hundred thirty four thousand five hundred sixty seven",
    "0": "zero",
    "7": "seven",
    "42": "forty two",
    "1st": "first",
    "2nd": "second",
    "3rd": "third",
    "21st": "twenty first",
    "112th": "one hundred twelfth",
    "the 21st-century city": "the twenty first century city",
    "Friday the 13th": "Friday the thirteenth",
    "20th Century Fox": "twentieth Century Fox",
    "10–12": "ten to twelve",
    "ages 8-12": "ages eight to twelve",
    "won 3-1": "won three one",
    "1/2": "one half",
    "3/4": "three out of four",
    "about 3/4 of it": "about three quarters of it",
    "2/3 of the film": "two thirds of the film",
    "1 1/2": "one and a half",
    "1/5 of the film": "one fifth of the film",
    "8½": "eight and a half",
    "¾": "three quarters",
    "50/50": "fifty fifty",
    "24/7": "twenty four seven",
    "9/11": "nine eleven",
    "60/40": "sixty forty",
    "Part 2/3": "Part two of three",
    "Pt. 1/2": "Part one of two",
    "Episode 3/10": "Episode three of ten",
    "part 24/7": "part twenty four seven",
    "$x^2$": "x squared",
    "so $E = mc^2$.": "so E equals m c squared.",
    "$10^{-3}$": "ten to the power of minus three",
    "x^2 or 2^n": "x squared or two to the power of n",
    "$5 and US$6 (=CA$)": "five dollars and six US dollars (=CA$)",
    "the 19^th^ century": "the nineteenth century",
    "20/20": "twenty twenty",
    "3.14": "three point one four",
    "2.0": "two point zero",
    "version 1.2.3": "version one point two point three",
    ".5": "point five",
    "-2": "minus two",
    "1+1=2": "one plus one equals two",
    "2 + 2": "two plus two",
    "18+": "eighteen plus",
    "Top 10": "Top ten",
    "#1": "number one",
    "10k": "ten thousand",
    "1.2M": "one point two million",
    "007": "double oh seven",
    "~2 hours": "about two hours",
    "90-odd": "ninety odd",
    "2-in-1": "two in one",
    "20-something": "twenty something",
    "an 8-year-old": "an eight year-old",
    "1428 Elm St.": "fourteen twenty eight Elm Street.",
    "21 Jump Street": "twenty one Jump Street",
    "100 million": "one hundred million",
    "401(k)": "four oh one K",
    "978014312755": "nine seven eight zero one four three one two seven five five",
}
TITLES = {
    "Rocky IV": "Rocky four",
    "Rocky II": "Rocky two",
    "Rocky V": "Rocky five",
    "Henry V": "Henry the fifth",
    "Richard III": "Richard the third",
    "King Charles III": "King Charles the third",
    "Queen Elizabeth I": "Queen Elizabeth the first",
    "Louis XIV": "Louis the fourteenth",
    "World War II": "World War two",
    "World War I": "World War one",
    "WWII": "World War two",
    "WW2": "World War two",
    "Part II": "Part two",
    "Part I": "Part one",
    "Chapter IV": "Chapter four",
    "Act III": "Act three",
    "Star Wars: Episode V": "Star Wars: Episode five",
    "The Godfather Part II": "The Godfather Part two",
    "The Godfather: Part III": "The Godfather: Part three",
    "Parts I and II": "Parts one and two",
    "Rocky III: the fight": "Rocky three: the fight",
    "Final Fantasy VII": "Final Fantasy seven",
    "Final Fantasy X": "Final Fantasy ten",
    "GTA V": "G T A five",
    "Super Bowl LIV": "Super Bowl fifty four",
    "Apollo 13": "Apollo thirteen",
    "Blade Runner 2049": "Blade Runner twenty forty nine",
    "2001: A Space Odyssey": "two thousand one: A Space Odyssey",
    "3:10 to Yuma": "three ten to Yuma",
    "300": "three hundred",
    "1917": "nineteen seventeen",
    "12 Angry Men": "twelve Angry Men",
    "T2": "T two",
    "Alien³": "Alien three",
    "Ocean's 11": "Ocean's eleven",
    "28 Days Later": "twenty eight Days Later",
    "10 Things I Hate About You": "ten Things I Hate About You",
    "Fahrenheit 451": "Fahrenheit four fifty one",
    "Fahrenheit 9/11": "Fahrenheit nine eleven",
    "Catch-22": "Catch twenty two",
    "District 9": "District nine",
    "Area 51": "Area fifty one",
    "Room 237": "Room two thirty seven",
    "The 400 Blows": "The four hundred Blows",
    "The 39 Steps": "The thirty nine Steps",
    "101 Dalmatians": "one hundred one Dalmatians",
    "Super 8": "Super eight",
    "Boeing 747": "Boeing seven forty seven",
    "Half-Life 2": "Half-Life two",
    "FIFA 23": "FIFA twenty three",
    "PS5": "P S five",
    "Xbox 360": "Xbox three sixty",
    "Se7en": "Seven",
    "M*A*S*H": "mash",
    "WALL·E": "Wall-E",
    "(500) Days of Summer": "five hundred Days of Summer",
    "THX 1138": "T H X eleven thirty eight",
    "U-571": "U five seventy one",
    "R2-D2": "R two D two",
    "A24": "A twenty four",
    "MI6": "M I six",
    "T-800": "T eight hundred",
    "COVID-19": "COVID nineteen",
    "Toy Story 3": "Toy Story three",
    "Spider-Man 2": "Spider-Man two",
    "2 Fast 2 Furious": "two Fast two Furious",
    "The 40-Year-Old Virgin": "The forty Year-Old Virgin",
    "Attack of the 50-Foot Woman": "Attack of the fifty Foot Woman",
    "1984": "nineteen eighty four",
    "2012": "twenty twelve",
    "AC/DC": "A C D C",
    "I ♥ Huckabees": "I heart Huckabees",
    "Batman v Superman": "Batman versus Superman",
    "Kramer vs. Kramer": "Kramer versus Kramer",
    "Mulholland Dr.": "Mulholland Drive",
    "S2E5": "season two, episode five",
    "S02E05": "season two, episode five",
}
LETTERS = {
    "PG-13": "P G thirteen",
    "rated PG-13": "rated P G thirteen",
    "NC-17": "N C seventeen",
    "TV-MA": "T V M A",
    "TV-14": "T V fourteen",
    "12A": "twelve A",
    "CGI": "C G I",
    "the CGI is": "the C G I is",
    "POV": "P O V",
    "the MCU": "the M C U",
    "MC Ride": "M C Ride",
    "EPs": "E P's",
    "FAQ": "F A Q",
    "J.J. Abrams": "J J Abrams",
    "George R.R. Martin": "George R R Martin",
    "Samuel L. Jackson": "Samuel L Jackson",
    "M. Night Shyamalan": "M Night Shyamalan",
    "L.A. Confidential": "L A Confidential",
    "set in the U.S.": "set in the U S.",
    "2K22": "two K twenty two",
    "HDR10+": "H D R ten plus",
    "N.W.A": "N W A",
    "Type I error": "Type one error",
    "221B Baker Street": "two twenty one B Baker Street",
    "MP3": "M P three",
    "H~2~O": "H two O",
    "CO~2~": "C O two",
}
ABBREVIATIONS = {
    "vs.": "versus.",
    "man vs. machine": "man versus machine",
    "Alien vs Predator": "Alien versus Predator",
    "No. 1": "number one",
    "Nos. 1 and 2": "numbers one and two",
    "Vol. 2": "Volume two",
    "vol. 3": "volume three",
    "Vol. II": "Volume two",
    "Ch. 3": "Chapter three",
    "ch. 3": "chapter three",
    "pp. 12–14": "pages twelve to fourteen",
    "p. 45": "page forty five",
    "2nd ed.": "second edition.",
    "Ep. 5": "Episode five",
    "Dr. No": "Doctor No",
    "Dr. Strangelove": "Doctor Strangelove",
    "Mr. Fox": "Mister Fox",
    "Mr. & Mrs. Smith": "Mister and Missus Smith",
    "Mrs. Doubtfire": "Missus Doubtfire",
    "Ms. Marvel": "Miz Marvel",
    "St. Vincent": "Saint Vincent",
    "St. Elmo's Fire": "Saint Elmo's Fire",
    "Wall St.": "Wall Street.",
    "Robert Downey Jr. is": "Robert Downey Junior is",
    "Sgt. Pepper": "Sergeant Pepper",
    "etc.": "et cetera.",
    "guns, cars, etc., all": "guns, cars, et cetera, all",
    "e.g. this": "for example this",
    "i.e., that": "that is, that",
    "w/ friends": "with friends",
    "w/o": "without",
    "Umbrella feat. Jay-Z": "Umbrella featuring Jay-Z",
    "Warner Bros. made": "Warner Brothers made",
    "a.k.a. Ripley": "also known as Ripley",
    "c. 1900": "circa nineteen hundred",
    "for eg. this": "for example this",
    "Capt Nemo": "Captain Nemo",
    "by Warner Bros.": "by Warner Brothers.",
    "(dir. Ridley Scott)": "(directed by Ridley Scott)",
}
SYMBOLS = {
    "Tom & Jerry": "Tom and Jerry",
    "Q&A": "Q and A",
    "B&W": "black and white",
    "actor/director": "actor director",
    "Face/Off": "Face Off",
    "he/she": "he or she",
    "#MeToo": "hashtag Me Too",
    "#OscarsSoWhite": "hashtag Oscars So White",
    "@letterboxd": "at letterboxd",
    "@RogerEbert": "at Roger Ebert",
    "https://letterboxd.com/film/x/": "letterboxd dot com",
    "See https://www.imdb.com/title/tt1/?ref_=a.": "See imdb dot com.",
    "www.imdb.com": "imdb dot com",
    "They serve til 8.30.": "They serve til eight thirty.",
    "The doors open at 19.30, sharp.": "The doors open at nineteen thirty, sharp.",
    "on letterboxd.com, too": "on letterboxd dot com, too",
    "me@example.org": "me at example dot org",
    "jo.van_doe@example.org": "jo dot van underscore doe at example dot org",
    "Loved it 😂": "Loved it.",
    "so good🔥": "so good.",
    "I ❤️ it": "I heart it",
    "<3": "heart",
    "☑ The General": "done: The General",
    "☐ Faust": "to do: Faust",
    "a tick ☑ here": "a tick check here",
    "Fun :)": "Fun",
    "C# minor": "C sharp minor",
    "Disney™": "Disney",
    "f***ing": "bleeping",
    "Apple TV+": "Apple TV plus",
    "'60s/'70s": "sixties, seventies",
    "PS4/PS5": "P S four, P S five",
    "in 4/4 time": "in four four time",
    "555-1234": "five five five, one two three four",
    "5 ft. 10 in.": "five foot ten",
    "10,000 B.C.": "ten thousand BC.",
    "'39–'45": "thirty nine to forty five",
    "100s of": "hundreds of",
    "pp. xii–xiv": "pages twelve to fourteen",
    "S01E01–E03": "season one, episodes one to three",
    "7,5/10": "seven and a half out of ten",
}
TYPOGRAPHY = {
    "the world—even now—is": "the world — even now — is",
    "one – two -- three": "one — two — three",
    "no\u00a0break  two": "no break two",
    "see an image .": "see an image.",
    "an image , and one": "an image, and one",
    "soft\u00adhyphen": "softhyphen",
    "cafe\u0301": "café",
    "Tom &amp; Jerry": "Tom and Jerry",
    "a *real* find": "a real find",
    "a **real** find": "a real find",
    "[this](https://x.org/a)": "this",
    "a\nb": "a b",
}
FORMS = RATINGS | DATES | TIMES | MONEY | QUANTITIES | NUMBERS | TITLES | LETTERS
FORMS |= ABBREVIATIONS | SYMBOLS | TYPOGRAPHY

UNCHANGED = """
two thumbs up
a DC film
I
I am
MI
X
it
It
US
A
an A-list star
Malcolm X
American History X
Generation X
X-Men
V for Vendetta
vitamin C
Plan B
Mix
DIY
OK
and/or
No!
"No!" he screams
in
am
Will
Will Smith
May
May I
in May
I may
Amélie
Björk
Beyoncé
Pokémon
Tár
naïve
HBO
NASA
IMAX
BAFTA
NATO
DVD
the BBC
the FBI and CIA
UK
TV
R-rated
rated R
rated PG
an A
Kid A
C
The A-Team
A Ghost Story
Us
Up
M
Ma
Dune: Part Two
the part I liked
Did I see it
Mark and I
the best Part I know
she said "I do"
Ivan
CD
CV
DI
Civic
Mixed
Dix
VIX
Iv
ex-wife
well-known
state-of-the-art
Spider-Man
Wi-Fi
sci-fi
A- and B-movies
rock 'n' roll
it's
'tis the season
the critics' choice
Who's Afraid of Virginia Woolf?
Airplane!
Moulin Rouge!
What?!
Well... maybe
Hmm… maybe
co-op
on-screen
no, never
No, thanks
etcetera
versus
the art of war
an ed
the Prime Minister
Minnesota
Mad Max
San Francisco
Star Wars
Jurassic Park
The Thing
Fin
Jo
kg
mm
am I
pm
st
th
It's a Wonderful Life
Life Is Beautiful
To Be or Not to Be
a cat-and-mouse game
“Yes,” she said.
‘No’
(maybe)
Crème brûlée
El Niño
Zoë Kravitz
Lars von Trier
ok
lol
DJ
no easy feat. The film
no easy feat
He is no. She
a Plan B. The end
C++
wait . . . what
in ./here and .net
Quick! Run
Disney's Up
Mr
Dr
No.
vitamin A and B
A-ha
""".strip().splitlines()
