"""podcast.toml, variables and arguments become one Config; what is unknown is refused."""

import os
import re
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from reviewcast.jobs.shows import load_config, open_review
from reviewcast.model.errors import ConfigError
from reviewcast.settings.schema import DEFAULT_USE, Config, EncodeSettings, SplitSettings
from reviewcast.speech.casting import make_voice


@pytest.fixture
def load(tmp_path):
    """Load these settings from a podcast.toml."""

    def load(source: str | bytes = "", environ=None, voice=None) -> Config:
        data = source if isinstance(source, bytes) else source.encode()
        (tmp_path / "podcast.toml").write_bytes(data)
        return load_config(tmp_path, environ=environ or {}, voice=voice)

    return load


class TestDefaults:
    """Settings that nobody made."""

    def test_no_show(self):
        """Without a podcast.toml everything has its default."""
        assert load_config(None, environ={}) == Config()

    def test_empty(self, load, tmp_path):
        """An empty podcast.toml changes nothing but the folder."""
        assert load() == Config(folder=tmp_path)

    def test_all_can_be_set(self, load):
        """Every setting can stand in podcast.toml, and in a variable."""
        settings = Config(
            split=SplitSettings(run_chars=99, natural_chapters=False, clause_pause_s=0.25),
            encode=EncodeSettings(channels=1, quality=7),
        )
        lines, environ = [], {}
        for table in ("show", "split", "synthesize", "stitch", "master", "encode"):
            lines.append(f"[{table}]")
            for key, value in msgspec.structs.asdict(getattr(settings, table)).items():
                text = msgspec.json.encode(value).decode()
                lines.append(f"{key} = {text}")
                environ[f"REVIEWCAST_{table}_{key}".upper()] = text.strip('"')
        folder = load().folder
        assert load("\n".join(lines)) == msgspec.structs.replace(settings, folder=folder)
        from_environ = load(environ=environ)
        assert ("encode", "channels") in from_environ.variables
        from_environ = msgspec.structs.replace(from_environ, variables=frozenset())
        assert from_environ == msgspec.structs.replace(settings, folder=folder)


class TestRefused:
    """What is unknown or cannot be is refused with a hint."""

    @pytest.mark.parametrize(
        ("source", "message", "hint"),
        [
            ("[splt]", "podcast.toml has an unknown setting 'splt'.", "Did you mean split?"),
            (
                "[qqq]",
                "podcast.toml has an unknown setting 'qqq'.",
                "There are: budget, cache, ",
            ),
            ("split = 1", "In podcast.toml, split must be a table.", "Write it as [split]."),
            ("[[split]]", "In podcast.toml, split must be a table.", "Write it as [split]."),
            (
                "[split]\nrun_char = 1",
                "[split] has an unknown setting 'run_char'.",
                "Did you mean run_chars?",
            ),
            (
                "[show]\nlanguage = 'klingon'",
                "[show] language is 'klingon', and no language has that code.",
                "Write its code, such as en",
            ),
            (
                "[show]\nlanguage = 'English'",
                "[show] language is 'English', and no language has that code.",
                "Write en.",
            ),
            ("[show]\nAuthor = 'A'", "[show] has an unknown setting 'Author'.", "Did you mean au"),
            ("[voice]\nnmae = 'x'", "[voice] has an unknown setting 'nmae'.", "Did you mean name?"),
            (
                "[voice.esspeak]\nspeed_wpm = 90",
                "[voice] has an unknown setting 'esspeak'.",
                "Did you mean espeak?",
            ),
            ("[voice]\nname = 3", "[voice] name must be a text.", ""),
            (
                "[show]\ntitle = 3",
                "[show] title must be a text, and is a whole number.",
                "Correct it in podcast.toml or the variable.",
            ),
            (
                "[split]\nrun_chars = 1.5",
                "[split] run_chars must be a whole number, and is a number.",
                "Correct it in podcast.toml or the variable.",
            ),
            (
                "[split]\nnatural_chapters = 'maybe'",
                "[split] natural_chapters must be true or false, and is a text.",
                "Correct it",
            ),
            ("[split]\nrun_chars = -1", "[split] run_chars must be from 0 to 5000.", ""),
            ("[master]\nloudness_lufs = 0", "[master] loudness_lufs must be from -40 to -8.", ""),
            (
                "[master]\ntrue_peak_dbtp = nan",
                "[master] true_peak_dbtp must be from -12 to 0.",
                "",
            ),
            ("[encode]\nchannels = 3", "[encode] channels must be 1 or 2.", ""),
            (
                "[encode]\nbitrate_kbps = 100",
                "[encode] bitrate_kbps cannot be 100.",
                "For 2 channels choose one of ",
            ),
        ],
    )
    def test_settings(self, load, source, message, hint):
        """The message names the setting, the hint what it should be."""
        with pytest.raises(ConfigError) as caught:
            load(source)
        assert caught.value.message == message
        assert caught.value.hint.startswith(hint)
        assert caught.value.exit_code == 4

    @pytest.mark.parametrize(
        "source", ["a =", "[split", b"\xff\xfe", b"a = 1\0", "a = " + "[" * 5000]
    )
    def test_broken_file(self, load, source):
        """A file that is no TOML is named."""
        with pytest.raises(ConfigError, match=r"podcast\.toml is not valid TOML: "):
            load(source)

    def test_unreadable_file(self, tmp_path):
        """A podcast.toml that cannot be read is named."""
        (tmp_path / "podcast.toml").mkdir()
        with pytest.raises(ConfigError, match=r"Cannot read .*podcast\.toml: "):
            load_config(tmp_path, environ={})

    @pytest.mark.parametrize(
        ("variable", "hint"),
        [
            ("REVIEWCAST_SPLIT_RUN_CHAR", "Did you mean REVIEWCAST_SPLIT_RUN_CHARS?"),
            ("REVIEWCAST_VOIEC", "Did you mean REVIEWCAST_VOICE?"),
            ("REVIEWCAST_ZZZ", "Unset it."),
            ("REVIEWCAST_", "Unset it."),
        ],
    )
    def test_unknown_variable(self, load, variable, hint):
        """A variable that sets nothing is refused."""
        with pytest.raises(ConfigError) as caught:
            load(environ={variable: "1"})
        assert caught.value.message == f"There is no setting for the variable {variable}."
        assert caught.value.hint == hint

    @pytest.mark.parametrize(
        ("variable", "value", "message"),
        [
            (
                "REVIEWCAST_SPLIT_RUN_CHARS",
                "many",
                "[split] run_chars must be a whole number, and is a text",
            ),
            (
                "REVIEWCAST_SPLIT_NATURAL_CHAPTERS",
                "2",
                "[split] natural_chapters must be true or false, and is a text",
            ),
            ("REVIEWCAST_ENCODE_CHANNELS", "5", "[encode] channels must be 1 or 2."),
        ],
    )
    def test_wrong_variable(self, load, variable, value, message):
        """A variable with a wrong value is refused as the setting would be."""
        with pytest.raises(ConfigError) as caught:
            load(environ={variable: value})
        assert caught.value.message.startswith(message)


class TestPrecedence:
    """An argument goes before a variable, a variable before podcast.toml."""

    def test_voice(self, load):
        """The voice is the argument's, else the variable's, else those of podcast.toml."""
        environ = {"REVIEWCAST_VOICE": "two"}
        for source in ("[voice]\nname = 'one'", "[voice]\nuse = ['gtts', 'espeak']"):
            assert load(source, environ, "three").voice.use == ("three",)
            assert load(source, environ).voice.use == ("two",)
            assert load(source, environ, "auto").voice.use == DEFAULT_USE
        assert load().voice.use == DEFAULT_USE

    @pytest.mark.parametrize(
        ("old", "use", "when_it_fails", "is_tried"),
        [
            ("name = 'piper'", ("piper",), "stop", False),
            ("name = 'auto'", DEFAULT_USE, "stop", True),
            ("second = 'piper'", ("gtts", "piper"), "stop", True),
            ("fallback = 'episode'", DEFAULT_USE, "next", True),
            ("name = 'piper'\nsecond = 'openai'", ("piper",), "stop", False),
            (
                "name = 'piper'\nfallback = 'episode'\nsecond = 'openai'",
                ("piper", "openai"),
                "next",
                False,
            ),
            ("name = 'gtts'\nfallback = 'episode'", DEFAULT_USE, "next", False),
            ("name = 'espeak'\nfallback = 'episode'", ("espeak", "hibari"), "next", False),
        ],
    )
    def test_old_keys_of_voices(self, load, old, use, when_it_fails, is_tried):
        """They mean what they meant; one remark says how that is written now, and that is so."""
        config = load(f"[voice]\n{old}")
        choice = config.voice
        assert (choice.use, choice.when_it_fails) == (use, when_it_fails)
        assert choice.may_pass == is_tried
        (remark,) = config.remarks
        new = re.fullmatch(r".* new names?: (use = \[.*?\])(?: and (.*))?\.", remark)
        again = load(f"[voice]\n{new[1]}\n{(new[2] or '').replace(' and ', chr(10))}")
        assert (again.voice, again.remarks) == (
            choice if len(use) > 1 else replace(choice, answer_within_s=5.0),
            (),
        )

    def test_setting(self, load):
        """A variable goes before podcast.toml and leaves the table's other settings."""
        source = "[split]\nrun_chars = 100\nlist_pause_s = 1"
        split = load(source, {"REVIEWCAST_SPLIT_RUN_CHARS": "50"}).split
        assert (split.run_chars, split.list_pause_s) == (50, 1)
        split = load(environ={"REVIEWCAST_SPLIT_NATURAL_CHAPTERS": "false"}).split
        assert split == SplitSettings(natural_chapters=False)

    def test_other_variables(self, load):
        """The cache has its own variable; empty and foreign ones do not count."""
        environ = {
            "REVIEWCAST_CACHE": "/somewhere",
            "REVIEWCAST_QUIET": "1",
            "REVIEWCAST_VOICE": "",
            "REVIEWCAST_NOTHING": "",
            "REVIEWCASTS": "x",
        }
        loaded = load(environ=environ)
        assert loaded.cache_folder == Path("/somewhere")
        assert loaded.voice.use == DEFAULT_USE


class TestFound:
    """The podcast.toml that holds for a review."""

    @pytest.fixture(autouse=True)
    def _no_variables(self, monkeypatch):
        for variable in [name for name in os.environ if name.startswith("REVIEWCAST_")]:
            monkeypatch.delenv(variable)

    def test_walking_up(self, tmp_path, monkeypatch):
        """It is looked for from the review's own folder up; the nearest one holds."""
        deep = tmp_path / "show/reviews/2024"
        deep.mkdir(parents=True)
        (deep / "x.md").write_text("Text.")
        (tmp_path / "podcast.toml").write_text("[show]\ntitle = 'Far'")
        assert open_review(str(deep / "x.md"))[1].folder == tmp_path
        (tmp_path / "show/podcast.toml").write_text("[show]\ntitle = 'Near'")
        _, config = open_review(str(deep / "x.md"))
        assert (config.folder, config.show.title) == (tmp_path / "show", "Near")
        monkeypatch.chdir(deep)
        assert open_review("x.md")[1].show.title == "Near"


class TestVoiceOptions:
    """[voice.NAME] becomes the fields of that voice."""

    def test_given(self, load):
        """Options reach the voice, whether it was chosen or not."""
        config = load("[voice]\nname = 'gtts'\n[voice.espeak]\nspeed_wpm = 200\npitch = '50'")
        voice = make_voice(config, "espeak")
        assert (voice.speed_wpm, voice.pitch, voice.voice) == (200, 50, "")

    @pytest.mark.parametrize(
        ("source", "message", "hint"),
        [
            (
                "speed_wmp = 200",
                "[voice.espeak] has an unknown setting 'speed_wmp'.",
                "Did you mean speed_wpm?",
            ),
            ("name = 'x'", "[voice.espeak] has an unknown setting 'name'.", ""),
            ("qqq = 1", "[voice.espeak] has an unknown setting 'qqq'.", "There are: pitch, "),
            (
                "speed_wpm = 'fast'",
                "[voice.espeak] speed_wpm must be a whole number, and is a text.",
                "Correct it",
            ),
            ("speed_wpm = 10", "[voice.espeak] speed_wpm must be from 80 to 450.", ""),
        ],
    )
    def test_refused(self, load, source, message, hint):
        """An option that is unknown or wrong is refused by name."""
        config = load(f"[voice.espeak]\n{source}")
        with pytest.raises(ConfigError) as caught:
            make_voice(config, "espeak")
        assert caught.value.message == message
        assert caught.value.hint.startswith(hint)

    def test_unknown_voice(self):
        """A voice that is not installed is refused when it is made."""
        with pytest.raises(ConfigError, match=r"There is no voice named 'espaek'\.") as caught:
            make_voice(Config(), "espaek")
        assert caught.value.hint == "Did you mean espeak?"
