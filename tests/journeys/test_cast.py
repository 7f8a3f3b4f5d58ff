"""Who says what, and what happens when a voice fails: one episode, one cast."""

import dataclasses
import os
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.support import google
from tests.support.google import GoogleStandIn
from tests.support.preview import serve_preview
from tests.support.program import Program

from reviewcast.jobs.batch import build_batch
from reviewcast.jobs.shows import find_cache, load_config, open_review, open_run
from reviewcast.model.errors import ConfigError, VoiceError, VoiceUnavailable
from reviewcast.model.events import Noticed, Warned, ignore_events
from reviewcast.model.protocols import describe_voice
from reviewcast.model.text import Segment, Span
from reviewcast.speech.casting import make_role_voice, make_voice
from reviewcast.speech.fallback import choose_narration, choose_next
from reviewcast.speech.narrate import synthesize
from reviewcast.speech.narration import plan_narrations
from reviewcast.speech.takes import key_take
from reviewcast.text.draft import read_draft

TALE = """# A tale of salt

It begins in a station at night, and nobody waits for the last train of them all.

> All is well that ends before the rain, and all is well that begins after it.

Then it rains, and the rain goes on for so long that the river leaves its bed. It ends well.

- A list of salt and of water, with nothing else on it.
"""
BARE = '[stitch]\nintro = ""\noutro = ""\nsting = ""\n'
QUOTE = "All is well that ends before the rain, and all is well that begins after it."
PAGE = """<html><body><article><h1>T</h1><p>It goes.</p>
<blockquote><p>It is quoted.</p><blockquote>Twice, even.</blockquote></blockquote>
</article></body></html>"""
SHAKY = '''"""A voice for tests: a tone a word, until a variable says that it is away."""
import os, re
from dataclasses import dataclass
from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.testing import ToneVoice

asked = []

@dataclass(frozen=True)
class ShakyVoice(ToneVoice):
    """Sounds tones as a service would."""

    name, online, max_workers = "shaky", True, 1

    def speak(self, text, *, language):
        asked.append(text)
        if re.search(os.environ.get("SHAKY_AWAY") or "(?!)", text):
            raise VoiceUnavailable("The shaky voice is away.", hint="Run it again later.")
        if re.search(os.environ.get("SHAKY_REFUSES") or "(?!)", text):
            raise VoiceError("The shaky voice refuses.")
        return super().speak(text, language=language)
'''


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """A folder in which the packages of two voices are installed."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "shaky_voice.py").write_text(SHAKY)
    info = folder / "shaky-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shaky\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[reviewcast.voices]\nshaky = shaky_voice:ShakyVoice\ntone = reviewcast.testing:ToneVoice\n"
    )
    return folder


@pytest.fixture
def review(tmp_path, site, monkeypatch) -> Path:
    """A review in a show without music, where two more voices are installed and none waits."""
    monkeypatch.syspath_prepend(str(site))
    others = filter(None, [os.environ.get("PYTHONPATH")])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *others]))
    monkeypatch.setenv("REVIEWCAST_CACHE", str(tmp_path / "cache"))
    for name, value in (("ATTEMPTS", "1"), ("REQUESTS_PER_S", "1000"), ("PATIENCE_S", "0.1")):
        monkeypatch.setenv(f"REVIEWCAST_SYNTHESIZE_{name}", value)
    set_up(tmp_path, "")
    file = tmp_path / "x.md"
    file.write_text(TALE, encoding="utf-8")
    return file


@pytest.fixture
def program(tmp_path, site) -> Program:
    """The program, with its settings in the environment."""
    return Program(tmp_path / "cache")


def set_up(folder: Path, settings: str) -> None:
    """Write the show's settings."""
    (folder / "podcast.toml").write_text(BARE + settings, encoding="utf-8")


def build(*reviews: Path, voice=None, force=False):
    """Build in this process; return what became of it, and what was told."""
    told: list[str] = []

    def notify(event):
        if isinstance(event, Noticed | Warned):
            told.append(event.message)

    batch = build_batch(
        [str(review) for review in reviews], output=None, voice=voice, force=force, notify=notify
    )
    return batch, told


def cast_review(review: Path):
    source, config = open_review(str(review))
    return next(plan_narrations(read_draft(source, config), config))


def voice_review(review: Path, notify=ignore_events):
    source, config = open_review(str(review))
    run = open_run(config, notify=notify)
    run.cache.prepare()
    draft = read_draft(source, config)
    narration = choose_narration(draft, run)
    try:
        return config, narration, synthesize(narration, run)
    except VoiceError as error:
        narration = choose_next(narration, draft, error, run)
        return config, narration, synthesize(narration, run)


def decode(episode, number: int) -> tuple[np.ndarray, int]:
    """Decode what is heard of a segment of an episode."""
    samples, rate = soundfile.read(episode.path, dtype="float32")
    cue = episode.cues[number]
    return samples[int(cue.start_s * rate) : int(cue.end_s * rate), 0], rate


def measure_pitch(speech: np.ndarray, rate: int) -> float:
    """Measure the pitch of speech in Hz: the median of its voiced stretches, by autocorrelation."""
    size, found = rate // 20, []
    for start in range(0, len(speech) - size, size):
        part = speech[start : start + size] - speech[start : start + size].mean()
        spectrum = np.abs(np.fft.rfft(part, 2 * size)) ** 2
        echo = np.fft.irfft(spectrum)[:size]
        lags = slice(rate // 350, rate // 60)
        if echo[0] > 1 and echo[lags].max() > 0.6 * echo[0]:
            found.append(rate / (lags.start + int(echo[lags].argmax())))
    return float(np.median(found))


class TestRoles:
    """Who says the segments of a role."""

    def test_a_quotation_is_heard_as_one(self, review):
        """Decoded, it stands in another pitch; all else sounds as without a cast."""
        (built,) = build(review, voice="espeak")[0].built
        speech = {number: decode(built.episode, number) for number in range(built.figures.segments)}
        set_up(review.parent, "[cast]\nquote = { pitch = 80 }\n")
        (built,) = build(review, voice="espeak")[0].built
        episode = built.episode
        assert (built.figures.voiced, episode.voice) == (1, "espeak")
        roles = [cue.role for cue in episode.cues]
        assert roles.count("quote") == 1
        for number, role in enumerate(roles):
            before, after = (
                measure_pitch(*heard) for heard in (speech[number], decode(episode, number))
            )
            assert (after > 1.25 * before) == (role == "quote"), (role, before, after)

    @pytest.mark.parametrize(
        ("line", "role", "said"),
        [
            ("quote = 'tone'", "quote", ("tone", {})),
            ("quote = 'tone'", "title", ("espeak", {"pitch": 60})),
            ("title = { pitch = 1 }", "title", ("espeak", {"pitch": 1, "speed_wpm": 190})),
            ("list = { name = 'tone' }", "list", ("tone", {"gain": 0.5})),
            ("list = { name = 'tone', gain = 0.7 }", "list", ("tone", {"gain": 0.7})),
            ("spoiler = { name = 'espeak', pitch = 2 }", "spoiler", ("espeak", {"pitch": 2})),
        ],
    )
    def test_a_role_has_a_voice_or_options(self, review, line, role, said):
        """Options stand on top of those that the voice has anyway."""
        voices = "[voice]\nname='espeak'\n[voice.espeak]\nspeed_wpm=190\npitch=60\n"
        set_up(review.parent, f"{voices}[voice.tone]\ngain=0.5\n[cast]\n{line}\n")
        cast = cast_review(review).cast
        segment = Segment(
            index=0, chapter=0, role=role, text="x", spoken="x", pause_s=0, span=Span(0, 0, 0, 1)
        )
        voice = cast.find_voice(segment)
        assert cast.name_voice(segment) == said[0]
        options = dataclasses.asdict(voice)
        assert {key: options[key] for key in said[1]} == said[1]

    def test_a_segments_own_voice_goes_before_its_role(self, review):
        """An edit names it, and the role's voice and options do not touch it."""
        set_up(review.parent, "[voice]\nname='espeak'\n[cast]\nquote = { pitch = 80 }\n")
        edit = f'[[edit]]\ntext = "{QUOTE}"\nvoice = "tone"\n'
        (review.parent / "x.edits.toml").write_text(edit)
        narration = cast_review(review)
        cast, script = narration.cast, narration.script
        (quote,) = (one for one in script.segments if one.role == "quote")
        assert (cast.name_voice(quote), cast.find_options(quote)) == ("tone", {})
        assert [describe_voice(voice).name for voice, _ in narration.list_parts()] == [
            "espeak",
            "tone",
        ]

    def test_each_role_keeps_the_limit_and_forms_of_its_voice(self, review):
        """Google's quotation is cut at 100 characters, and its A- is said as Google reads it."""
        long = "The film is long, and it has a grade of A- in it, and it is longer than that, so it"
        review.write_text(f"# T\n\n{long} goes on and on, too.\n\n> {long} is quoted here, too.\n")
        set_up(review.parent, "[voice]\nname='espeak'\n[cast]\nquote = 'gtts'\n")
        script = cast_review(review).script
        said = {role: [] for role in ("narrator", "quote", "title")}
        for segment in script.segments:
            said[segment.role].append(segment.spoken)
        assert len(said["quote"]) > 1
        assert max(map(len, said["quote"])) <= 100 < max(map(len, said["narrator"]))
        assert "A minus" in " ".join(said["quote"])
        assert "eh minus" in " ".join(said["narrator"])

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("q.md", "# T\n\nIt goes.\n\n> It is quoted.\n>\n> > Twice, even.\n"),
            ("q.html", PAGE),
        ],
    )
    def test_a_blockquote_is_a_quotation(self, review, name, text):
        """In Markdown and in HTML, also one in another."""
        other = review.with_name(name)
        other.write_text(text)
        script = cast_review(other).script
        roles = {one.text: one.role for one in script.segments}
        assert roles["It goes."] == "narrator"
        assert roles["It is quoted."] == roles["Twice, even."] == "quote"

    def test_script_and_preview_tell_who_speaks(self, review, program):
        """Only where it is not the episode's own voice as it is; for programs, too."""
        set_up(
            review.parent,
            "[voice]\nname='espeak'\n[cast]\nquote = { pitch = 70 }\ntitle = 'tone'\n",
        )
        out = program.run("script", review).out
        assert "[title, voice tone] A tale of salt" in out
        assert f"[quote, voice espeak, pitch 70] {QUOTE}" in out
        assert "2  It begins in a station" in out
        segments = program.run("script", review, "--json").json["segments"]
        assert segments[0]["voice"] == "tone"
        assert {"voice", "options"}.isdisjoint(segments[1])
        assert (segments[2]["voice"], segments[2]["options"]) == ("espeak", {"pitch": 70})
        assert f"[quote, voice espeak, pitch 70] {QUOTE}" in program.run("preview", review).out
        rows = program.run("preview", review, "--json").json["segments"]
        assert [row["voice"] for row in rows[:3]] == ["tone", "espeak", "espeak"]
        assert [row.get("options") for row in rows[:3]] == [None, None, {"pitch": 70}]

    def test_what_was_heard_is_not_spoken_again(self, review, program):
        """A previewed quotation has the take of the build; the plan counts for each voice."""
        set_up(review.parent, "[cast]\nquote = 'shaky'\n")
        arguments = ("--voice", "espeak", "--json")
        plan = program.run("build", review, "--plan", *arguments).json["plans"][0]
        shares = {one["voice"]: one for one in plan["voices"]}
        assert (shares["shaky"]["to_voice"], shares["shaky"]["requests"]) == (1, 1)
        assert shares["espeak"]["to_voice"] == plan["to_voice"] - 1
        assert shares["espeak"]["requests"] == 0
        assert (plan["requests"], plan["otherwise"]) == (1, None)
        out = program.run("build", review, "--plan", "--voice", "espeak").out
        assert f"segments to voice with espeak ({plan['to_voice'] - 1}) and shaky (1), " in out
        heard = program.run("preview", review, "3", "-o", review.parent / "q.wav", *arguments)
        assert heard.json["voiced"] == 1
        episode = program.run("build", review, *arguments).episode
        assert episode["voiced"] == episode["segments"] - 1
        assert program.run("build", review, *arguments).episode["voiced"] == 0


class TestRefused:
    """A cast that cannot be is refused in a sentence with a hint."""

    @pytest.mark.parametrize(
        ("settings", "message", "hint"),
        [
            ("[cast]\nqoute = 'espeak'", "[cast] has an unknown setting 'qoute'.", "quote?"),
            ("[cast]\nquote = 'espeek'", "[cast] quote names 'espeek'", "mean espeak?"),
            ("[cast]\nquote = { name = 'Espeak' }", "[cast] quote names 'Espeak'", "espeak?"),
            ("[cast]\nquote = { name = 3 }", "the name of quote must be a text", ""),
            ("[cast]\nquote = 3", "[cast] quote must be a text or a table", "Correct it"),
            ("[voice]\nsecond = 'espeek'", "[voice] second names 'espeek'", "mean espeak?"),
            ("[voice]\nsecond = 'gtts'", "[voice] second is gtts", "such as espeak"),
            ("[voice]\nfallback = 'epsode'", "fallback cannot be 'epsode'", "mean episode?"),
            ("[voice]\nfallback = 'qqq'", "fallback cannot be 'qqq'", '"none" or "episode"'),
            ("[voice]\nfallback = 1", "[voice] fallback must be a text.", ""),
        ],
    )
    def test_as_it_is_read(self, tmp_path, settings, message, hint):
        """Roles, voices and policies are known when the settings are read."""
        (tmp_path / "podcast.toml").write_text(settings)
        with pytest.raises(ConfigError) as caught:
            load_config(tmp_path, environ={})
        assert message in caught.value.message
        assert hint in caught.value.hint

    @pytest.mark.parametrize(
        ("voice", "quote", "message", "hint"),
        [
            ("espeak", "{ pich = 7 }", "[cast] quote has an unknown setting 'pich'.", "pitch?"),
            ("espeak", "{ tld = 'com' }", "[cast] quote has an unknown setting 'tld'.", "There a"),
            (
                "espeak",
                "{ pitch = 'x' }",
                "[cast] quote pitch must be a whole number, and is a text",
                "Correct",
            ),
            (
                "espeak",
                "{ name = 'gtts', tld = 'x!' }",
                "In [cast] quote: [voice.gtts] tld",
                "co.u",
            ),
            ("auto", "{ pich = 7 }", "[cast] quote has an unknown setting 'pich'.", "pitch?"),
            (
                "auto",
                "{ pitch = 7 }",
                "which the voice gtts does not have",
                '{ name = "espeak", pi',
            ),
            (
                "auto",
                "{ slow = true }",
                "which the voice hibari does not have",
                '{ name = "gtts", s',
            ),
        ],
    )
    def test_as_it_is_cast(self, tmp_path, voice, quote, message, hint):
        """Options are those of the voice; with "auto", of whichever it turns out to be."""
        (tmp_path / "podcast.toml").write_text(f"[voice]\nname='{voice}'\n[cast]\nquote={quote}\n")
        config = load_config(tmp_path, environ={})
        with pytest.raises(ConfigError) as caught:
            make_role_voice(config, "quote", "gtts" if voice == "auto" else voice)
        assert message in caught.value.message
        assert hint in caught.value.hint

    def test_the_program_says_so(self, review, program):
        """Exit 4, before anything is spoken or written, though no segment has that role."""
        set_up(review.parent, "[cast]\nspoiler = { pich = 3 }\n")
        result = program.run("build", review, "--voice", "espeak")
        assert (result.code, "Did you mean pitch?" in result.err) == (4, True)

    def test_variables_set_it(self, tmp_path):
        """Policy and cast can be set for one run."""
        environ = {
            "REVIEWCAST_VOICE": "gtts",
            "REVIEWCAST_VOICE_FALLBACK": "episode",
            "REVIEWCAST_VOICE_SECOND": "openai",
            "REVIEWCAST_CAST_QUOTE": "espeak",
        }
        config = load_config(None, environ=environ)
        choice = config.voice
        assert (choice.use, choice.when_it_fails) == (("gtts", "openai"), "next")
        assert config.cast.find("quote") == ("espeak", {})


class TestFallback:
    """A voice that fails for good."""

    SHAKY = "[voice]\nuse=['shaky']\n[cast]\ntitle='tone'\nquote={ char_s = 0.1 }\n"
    POLICY = (
        "[voice]\nuse=['shaky', 'espeak']\nwhen_it_fails='next'\nanswer_within_s=0\n"
        "[cast]\ntitle='tone'\n"
    )

    def test_without_one_it_stops_and_resumes(self, review, monkeypatch):
        """Exit 5; the old MP3 stays whole, and the next run asks for what is missing alone."""
        import shaky_voice

        set_up(review.parent, self.SHAKY)
        first = build(review)[0].built[0].episode
        assert first.voice == "shaky"
        old = Path(first.path).read_bytes()
        review.write_text(TALE.replace("It begins", "It starts").replace("Then it", "So it"))
        monkeypatch.setenv("SHAKY_AWAY", "So it rains")
        batch, told = build(review)
        assert (batch.exit_code, batch.built, told) == (5, (), [])
        assert "The shaky voice is away." in batch.failed[0].error
        assert Path(first.path).read_bytes() == old
        monkeypatch.delenv("SHAKY_AWAY")
        shaky_voice.asked.clear()
        again = build(review)[0].built[0]
        (asked,) = shaky_voice.asked
        assert asked.startswith("So it rains")
        assert (again.episode.voice, again.figures.voiced) == ("shaky", 1)

    @pytest.mark.parametrize("variable", ["SHAKY_AWAY", "SHAKY_REFUSES"])
    def test_the_second_speaks_the_whole_episode(self, review, monkeypatch, variable):
        """Every take is the second voice's: of roles and of single segments, but no recording."""
        set_up(review.parent, self.POLICY)
        rate = 24_000
        sound = 0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)
        soundfile.write(review.parent / "own.wav", sound, rate)
        last = "A list of salt and of water, with nothing else on it."
        (review.parent / "x.edits.toml").write_text(
            f'[[edit]]\ntext = "{QUOTE}"\nvoice = "tone"\n'
            f'[[edit]]\ntext = "{last}"\nrecording = "own.wav"\n'
        )
        monkeypatch.setenv(variable, "Then it rains")
        told = []
        config, narration, made = voice_review(review, told.append)
        cast, script = narration.cast, narration.script
        (warned,) = (event for event in told if isinstance(event, Warned))
        assert re.search(r"The shaky voice .* So the embedded voice espeak speaks", warned.message)
        second = make_voice(config, "espeak")
        assert cast.voice == second
        recorded = 0
        for segment, take in zip(script.segments, made.takes, strict=True):
            assert cast.find_voice(segment) == second
            if segment.recording:
                recorded += 1
                assert take.figures.samples == 2 * rate
            else:
                assert take.key == key_take(second, script.language, segment.spoken)
        assert recorded == 1
        (built,) = build(review)[0].built
        assert (built.episode.voice, built.figures.voiced) == ("espeak", 0)
        record = (Path(built.episode.path).parent / "episode.json").read_text()
        assert re.search(r'"voice": ?"espeak"', record)
        monkeypatch.delenv(variable)
        assert build(review)[0].built[0].episode.voice == "shaky"

    def test_a_role_that_fails_is_enough(self, review, monkeypatch):
        """The quotation's voice is away: the second says all, though the first could."""
        voice = "[voice]\nuse=['tone', 'espeak']\nwhen_it_fails='next'\n"
        set_up(review.parent, f"{voice}[cast]\nquote='shaky'\n")
        monkeypatch.setenv("SHAKY_AWAY", ".")
        _, narration, _ = voice_review(review)
        assert [describe_voice(voice).name for voice, _ in narration.list_parts()] == ["espeak"]

    def test_when_the_second_fails_too(self, review, monkeypatch):
        """Exit 5, and nothing is written; so when the second is the very voice that failed."""
        monkeypatch.setenv("SHAKY_AWAY", ".")
        for name, warnings in (("shaky", 0), ("tone", 1)):
            set_up(
                review.parent,
                f"[voice]\nuse={list(dict.fromkeys([name, 'shaky']))}\nwhen_it_fails='next'\n"
                "answer_within_s=0\n" + ("[cast]\nquote='shaky'\n" if name == "tone" else ""),
            )
            batch, told = build(review)
            told = [one for one in told if "asked again for a while" not in str(one)]
            assert (batch.exit_code, len(told)) == (5, warnings)
            assert not list(review.parent.rglob("*.mp3"))

    def test_a_batch_waits_for_it_once(self, review, monkeypatch):
        """What follows in the same command goes to the second voice; the warning is told once."""
        import shaky_voice

        set_up(review.parent, self.POLICY)
        others = [review.with_name(f"{name}.md") for name in "yz"]
        for other in others:
            other.write_text(f"# Of {other.stem}\n\nIt is another tale of {other.stem}.\n")
        monkeypatch.setenv("SHAKY_AWAY", "Then it rains|another")
        shaky_voice.asked.clear()
        batch, told = build(review, *others)
        assert [built.episode.voice for built in batch.built] == ["espeak"] * 3
        assert not any("another" in text for text in shaky_voice.asked)
        assert len([text for text in told if "does not answer any more" in text]) == 1

    def test_ctrl_c_is_no_failure(self, review, site):
        """Whoever interrupts gets no second voice."""
        set_up(review.parent, self.POLICY)
        told = []

        def interrupt(event):
            told.append(event)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            voice_review(review, interrupt)
        assert len(told) == 1
        source, config = open_review(str(review), voice="espeak")
        script = next(plan_narrations(read_draft(source, config), config)).script
        voice, cache = make_voice(config, "espeak"), find_cache(config)
        assert not any(
            cache.takes.find(key_take(voice, script.language, one.spoken))
            for one in script.segments
        )

    def test_the_plan_and_the_preview_follow_it(self, review, program, monkeypatch):
        """The plan counts the second voice, a preview has the takes of the build."""
        set_up(review.parent, self.POLICY)
        plan = program.run("build", review, "--plan", "--json").json["plans"][0]
        other = plan["otherwise"]
        assert (other["voice"], other["to_voice"]) == ("espeak", other["segments"])
        out = program.run("build", review, "--plan").out
        assert "6 of 6 segments to voice with shaky (5) and tone (1), 0 in the store, " in out
        assert "; if that fails: 6 of 6 segments to voice with espeak, " in out
        monkeypatch.setenv("SHAKY_AWAY", ".")
        heard = program.run("preview", review, "3", "-o", review.parent / "q.wav", "--json")
        assert (heard.json["voice"], heard.json["voiced"]) == ("espeak", 1)
        episode = program.run("build", review, "--json").episode
        assert episode["voiced"] == episode["segments"] - 1

    def test_the_page_follows_it(self, review, monkeypatch):
        """It shows the second voice, warns once, and builds the same."""
        set_up(review.parent, self.POLICY + "quote = { char_s = 0.1 }\n")
        monkeypatch.setenv("SHAKY_AWAY", "Then it rains")
        with serve_preview(review) as preview:
            state = preview.session.describe()
            assert (state["voice"], state["failure"]) == ("espeak", None)
            state, _ = preview.act(preview.session.build)
            assert state["built"]["voice"] == "espeak"
            assert {one["voice"] for one in state["segments"]} == {"espeak"}
            assert not any(one["options"] for one in state["segments"])
            assert len([one for one in preview.told if one["kind"] == "warned"]) == 2


class TestAuto:
    """The online voice when it answers; once it has begun, no other."""

    SECOND = "[voice]\nuse = ['gtts', 'espeak']\n"

    @pytest.fixture(autouse=True)
    def quick_second(self, review):
        """Which voice stands in is not the point here: espeak is the quickest."""
        set_up(review.parent, self.SECOND)

    def test_what_google_has_begun_is_not_finished_by_another(self, review, program):
        """It stops with the ways to go on, and each of them works."""
        with GoogleStandIn(faults=google.after(3, google.SERVER_ERROR)) as service:
            env = service.environ()
            assert program.run("build", review, env=env).code == 5
            result = program.run("build", review, env=env)
            assert result.code == 5
            assert "has spoken a part of 'A tale of salt' already" in result.err
            assert "--voice espeak" in result.err
            assert 'when_it_fails = "next"' in result.err
            assert program.run("preview", review, "--json", env=env).json["voice"] == "gtts"
            plan = program.run("build", review, "--plan", "--json", env=env).json["plans"][0]
            assert (plan["voice"], plan["otherwise"]) == ("gtts", None)
            asked = dict.fromkeys(service.texts[:3])
            other = program.run(
                "build", review, "--json", env={**env, "REVIEWCAST_VOICE_WHEN_IT_FAILS": "next"}
            ).episode
            assert (other["voice"], other["voiced"]) == ("espeak", other["segments"])
            count = len(service.texts)
            service.faults = None
            episode = program.run("build", review, "--json", env=env).episode
            assert episode["voice"] == "gtts"
            assert asked.keys().isdisjoint(service.texts[count:])

    def test_lines_of_other_reviews_are_no_beginning(self, review, program):
        """That Google has spoken the same heading and closing line before holds up no review."""
        rest = "\n## Verdict\n\nRating: 8/10.\n"
        review.write_text(f"# One\n\nIt is a tale of its own, and it is long enough.\n{rest}")
        other = review.with_name("y.md")
        other.write_text(f"# Two\n\nIt is another tale, and that is long enough, too.\n{rest}")
        with GoogleStandIn() as service:
            assert program.run("build", review, env=service.environ()).code == 0
            service.down()
            result = program.run("build", other, "--json", env=service.environ())
        assert result.episode["voice"] == "espeak"

    def test_a_batch_asks_once_and_tells_once(self, review, program):
        """Google is tried with one request for all reviews of a command."""
        other = review.with_name("y.md")
        other.write_text(TALE.replace("tale", "story"))
        with GoogleStandIn(faults=google.after(0, google.SERVER_ERROR)) as service:
            result = program.run("build", review, other, "--json", env=service.environ())
            assert len(service.texts) == 1
        assert [one["voice"] for one in result.json["episodes"]] == ["espeak"] * 2
        assert result.err.count("speaks the whole episode") == 1

    def test_a_role_that_needs_google_goes_to_the_second_too(self, review, program):
        """Without Google no part waits for it; other roles keep their voice."""
        with GoogleStandIn() as service:
            service.down()
            for name, voices in (("gtts", {"espeak"}), ("tone", {"espeak", "tone"})):
                set_up(review.parent, f"{self.SECOND}[cast]\nquote = '{name}'\n")
                assert program.run("build", review, env=service.environ()).code == 0
                rows = program.run("preview", review, "--json", env=service.environ()).json
                assert {row["voice"] for row in rows["segments"] if row["is_known"]} == voices
                assert all(row["is_known"] for row in rows["segments"])

    def test_voices_say_needs_no_episode(self, review, program):
        """A word is said by the second voice when Google does not answer."""
        with GoogleStandIn() as service:
            service.down()
            said = program.run(
                "names", "--say", "Salt", "-o", review.parent / "out", env=service.environ()
            )
        assert said.code == 0, said.err
        assert "the embedded voice" in said.err


def test_an_unavailable_voice_is_the_error_that_stops(review, monkeypatch):
    """Without a policy the voice's own error comes through."""
    set_up(review.parent, "[voice]\nuse=['shaky']\n")
    monkeypatch.setenv("SHAKY_AWAY", ".")
    with pytest.raises(VoiceUnavailable):
        voice_review(review)
