"""The voice `piper` with a tiny voice file: repeatable though it draws noise, keyed by content."""

import json
import os
import pickle
import shutil
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.conftest import require_packages
from tests.support.program import Program

require_packages("piper", "onnx")

import onnx  # noqa: E402
from tests.support.tiny_piper import describe_voice, write_voice  # noqa: E402

from reviewcast.audio.measure import measure_take  # noqa: E402
from reviewcast.jobs.shows import load_config  # noqa: E402
from reviewcast.model.errors import ConfigError, ReviewcastError, VoiceError  # noqa: E402
from reviewcast.model.protocols import Voice  # noqa: E402
from reviewcast.speech.casting import make_voice  # noqa: E402
from reviewcast.speech.takes import key_take  # noqa: E402
from reviewcast.speech.voices import piper as ours  # noqa: E402
from reviewcast.speech.voices import piper_files  # noqa: E402
from reviewcast.speech.voices.piper import PiperVoice  # noqa: E402
from reviewcast.system.extras import compose_install_line, find_installed  # noqa: E402
from reviewcast.system.plugins import find_voice_version  # noqa: E402
from reviewcast.testing.voice import check_voice  # noqa: E402

TEXT = "The camera is the best part of this phone."
SHORT = "# A short one\n\nIt begins.\n\n## More\n\nIt goes on, and then it ends well.\n"


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    """A voice file."""
    return write_voice(tmp_path_factory.mktemp("voice") / "en_US-tiny-low.onnx")


def speak(file, text=TEXT, *, language="en", **options):
    return PiperVoice(model=str(file), **options).speak(text, language=language)


def measure_s(take):
    figures = measure_take(take)
    return (figures.end - figures.start) / figures.rate_hz


def refuse(file, kind=ConfigError, text=TEXT, *, language="en", **options):
    """Return the message and the hint with which a text is refused, each on one line."""
    with pytest.raises(ReviewcastError) as caught:
        speak(file, text, language=language, **options)
    error = caught.value
    assert type(error) is kind
    assert error.hint
    assert "\n" not in error.message + error.hint
    return f"{error.message} {error.hint}"


def key(file, text=TEXT, **options):
    return key_take(PiperVoice(model=str(file), **options), "en", text)


def test_it_is_a_voice(file):
    """It has all that the protocol asks for, and travels to a worker."""
    voice = PiperVoice(model=str(file), speaker=0)
    assert isinstance(voice, Voice)
    assert pickle.loads(pickle.dumps(voice)) == voice
    assert not voice.info.online


@pytest.mark.parametrize(
    ("speakers", "options", "languages"),
    [
        (1, {}, ("en", "en-GB")),
        (3, {"speaker": "p202", "speed": 1.5}, ("en",)),
        (3, {"speaker": 1}, ("en",)),
    ],
)
def test_it_is_what_a_voice_must_be(tmp_path, speakers, options, languages):
    """It passes what authors of voices hold theirs against, in workers too."""
    file = write_voice(tmp_path / "tiny.onnx", speakers=speakers)
    check_voice(PiperVoice(model=str(file), **options), languages=languages)


def test_it_speaks(file):
    """A sentence takes as long as its phonemes, at the rate of the file, as loud as can be."""
    take = speak(file)
    assert take.rate_hz == 22_050
    assert 1.5 < measure_s(take) < 4.5
    assert np.abs(np.frombuffer(take.pcm, "<i2")).max() == 32_767


def test_the_model_alone_does_not_repeat_itself(file):
    """What the tests of repeating lean on: within a session the noise goes on."""
    session = ours.open_session(file)
    ids = np.array([[1, 0, 20, 0, 30, 0, 2]])
    given = {"input": ids, "input_lengths": np.array([7]), "scales": np.ones(3, np.float32)}
    first, second = (session.run(None, given)[0] for _ in range(2))
    assert first.shape != second.shape or (first != second).any()


def test_it_repeats_itself(file):
    """The same text gives the same samples, after others and beside other voices too."""
    first = speak(file)
    speak(file, "Something else entirely. And more of it!")
    make_voice(load_config(None), "espeak").speak("Something else.", language="de")
    assert speak(file) == first


def test_options_are_heard(tmp_path):
    """Each option changes what is heard in its own way."""
    file = write_voice(tmp_path / "tiny.onnx", speakers=2)
    plain = speak(file)
    assert measure_s(speak(file, speed=0.5)) > 1.7 * measure_s(plain)
    assert measure_s(speak(file, speed=2)) < 0.7 * measure_s(plain)
    options = ({}, {"noise_scale": 0}, {"noise_scale": 2}, {"noise_w_scale": 0}, {"speaker": 1})
    assert len({speak(file, **option).pcm for option in options}) == len(options)
    assert speak(file, speaker="") == speak(file, speaker=0) == speak(file, speaker="p200")
    assert speak(file, speaker="1") == speak(file, speaker=1) == speak(file, speaker="p201")


def test_the_files_own_scales(tmp_path, file):
    """Without options a file is spoken as it says itself, quicker when it says so."""
    given = {"noise_scale": 0.0, "length_scale": 0.5, "noise_w": 0.0}
    own = write_voice(tmp_path / "own.onnx", inference=given)
    assert speak(own) == speak(file, noise_scale=0, noise_w_scale=0, speed=2)
    assert speak(own, noise_scale=0.667, noise_w_scale=0.8, speed=0.5) == speak(file)


def test_sentences_are_set_apart(file):
    """Between two sentences lies the pause that is asked for, and after the last none."""
    text = "It begins here. Then it ends."
    close, apart = (speak(file, text, sentence_pause_s=s) for s in (0, 0.75))
    assert len(apart.pcm) - len(close.pcm) == 2 * round(0.75 * 22_050)
    assert bytes(2 * round(0.75 * 22_050)) in apart.pcm


def test_a_number_that_is_a_name(tmp_path):
    """Of speakers whose names are numbers, a text is the name and a number the number."""
    file = write_voice(tmp_path / "t.onnx", speakers=3, speaker_id_map={"2": 0, "0": 1, "9": 2})
    assert speak(file, speaker="2") == speak(file, speaker=0)
    assert speak(file, speaker="9") == speak(file, speaker=2)


def test_brackets_are_not_phonemes(file):
    """What stands in double brackets is text to be read, and a NUL ends none."""
    assert speak(file, "See [[Blade Runner]] again.") == speak(file, "See   Blade Runner   again.")
    assert speak(file, "See\0this again.") == speak(file, "See this again.")


def test_lone_marks_are_silent(file, capfd):
    """Marks between sentences become no sound of their own, and nothing is printed."""
    assert speak(file, "Wow! ?! … Yes.").pcm
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "options",
    [
        {"model": "en_US-lessac-medium"},
        {"model": "voice.onnx.json"},
        {"speed": 0.49},
        {"speed": 2.1},
        {"speed": float("nan")},
        {"noise_scale": -0.5},
        {"noise_scale": 2.1},
        {"noise_w_scale": -2},
        {"noise_w_scale": float("nan")},
        {"sentence_pause_s": -1},
        {"sentence_pause_s": 3.1},
    ],
)
def test_options_out_of_range(options):
    """What piper would make noise of is refused by name."""
    with pytest.raises(ConfigError, match=next(iter(options))):
        PiperVoice(**options)


@pytest.mark.parametrize("text", ["", " ", "…", "?!", "\0", "word " * 81])
def test_texts_that_are_not_taken(file, text):
    """Nothing to say, or too much at once."""
    assert "1 to 400 characters" in refuse(file, VoiceError, text)


# --- languages and letters


@pytest.mark.parametrize("language", ["en", "EN", "en-GB", "en_US"])
def test_its_language_in_any_region(file, language):
    """A file speaks its language, whatever the region."""
    assert speak(file, language=language) == speak(file)


@pytest.mark.parametrize("language", ["fr", "", "qqq", "e\0n"])
def test_other_languages_are_refused(file, language):
    """A text in another language is a mistake in the settings."""
    assert "speaks en" in refuse(file, language=language)


@pytest.mark.parametrize(
    ("told", "language"),
    [
        ({"espeak": {"voice": "nb"}, "language": {"code": "no_NO"}}, "nb-NO"),
        ({"espeak": {"voice": "cmn"}, "language": None}, "zh"),
        ({"espeak": {"voice": "fr"}, "language": "fr"}, "fr-CA"),
        ({"espeak": {"voice": "pt-br"}, "language": {}}, "pt"),
        ({"espeak": {"voice": "ru"}, "language": {"code": "kk_KZ", "family": "kk"}}, "kk"),
        ({"phoneme_type": "text", "espeak": {"voice": ""}, "language": {}}, "tlh"),
    ],
)
def test_languages_of_many_names(tmp_path, told, language):
    """A language is known by each name that a file gives it; of a file without one, any goes."""
    assert speak(write_voice(tmp_path / "t.onnx", **told), "radio", language=language).pcm


def test_a_file_that_reads_letters(tmp_path):
    """A letter that it does not have would be lost without a word; an accent may be."""
    file = write_voice(tmp_path / "letters.onnx", phoneme_type="text")
    assert measure_s(speak(file, "caféçà")) > 0.3
    assert "no sound for 'W'" in refuse(file, VoiceError, "a W is lost")


def test_a_file_that_has_none_of_the_sounds(tmp_path):
    """A description whose sounds are not those of the text is told from a rare lacking sound."""
    signs = {"_": [0], "^": [1], "$": [2], " ": [3]}
    none = write_voice(tmp_path / "none.onnx", phoneme_id_map=signs)
    assert "no sound for" in refuse(none, VoiceError)
    some = write_voice(tmp_path / "some.onnx", phoneme_id_map={**signs, "ə": [59], "i": [21]})
    assert speak(some).pcm


# --- what may be wrong with the file


def test_no_file_is_named():
    """Without a model the error says how to get one."""
    told = refuse("")
    assert "piper.download_voices en_US-lessac-medium" in told
    assert 'model = "en_US-lessac-medium.onnx"' in told
    with pytest.raises(ConfigError, match="names no model"):
        key("")


@pytest.mark.parametrize("gone", ["en_GB-alba-medium.onnx", "en_GB-alba-medium.onnx.json"])
def test_a_missing_file(tmp_path, gone):
    """The file that is missing is named, and the command that fetches it into its folder."""
    file = write_voice(tmp_path / "my voices/en_GB-alba-medium.onnx")
    (file.parent / gone).unlink()
    told = refuse(file)
    assert f"no voice file {file.parent / gone}." in told
    assert f"download_voices en_GB-alba-medium --download-dir '{file.parent}'" in told
    with pytest.raises(ConfigError, match="no voice file"):
        key(file)


@pytest.mark.parametrize("path", ["nowhere/mine.onnx", "a\0b.onnx", "\ud800.onnx", "x" * 5000])
def test_paths_that_lead_nowhere(path):
    """Whatever a path is, it ends in a sentence."""
    assert "[voice.piper]" in refuse(f"{path.removesuffix('.onnx')}.onnx")


def test_a_folder_is_no_file(tmp_path):
    """A folder in the place of either file is told."""
    (tmp_path / "a.onnx").mkdir()
    (tmp_path / "a.onnx.json").write_text(json.dumps(describe_voice()))
    assert "is broken" in refuse(tmp_path / "a.onnx")
    with pytest.raises(ConfigError, match="Cannot read"):
        key(tmp_path / "a.onnx")
    file = write_voice(tmp_path / "b.onnx")
    (tmp_path / "b.onnx.json").unlink()
    (tmp_path / "b.onnx.json").mkdir()
    assert "Cannot read" in refuse(file)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 63201294\n",
        b"<!doctype html><title>Not found</title>",
        bytes(1000),
        None,
    ],
)
def test_a_broken_model(tmp_path, capfd, data):
    """A model that is cut off or something else is told in a sentence, and nothing is printed."""
    file = write_voice(tmp_path / "b.onnx")
    file.write_bytes(file.read_bytes()[:900] if data is None else data)
    assert "is broken, or no voice of piper" in refuse(file)
    assert capfd.readouterr() == ("", "")


def test_another_model(tmp_path):
    """A model that is whole and for something else is no voice."""
    file = write_voice(tmp_path / "b.onnx")
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Neg", ["input"], ["output"])],
        "other",
        [value("input", onnx.TensorProto.FLOAT, [1])],
        [value("output", onnx.TensorProto.FLOAT, [1])],
    )
    opset = [onnx.helper.make_opsetid("", 15)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), str(file))
    assert "no voice of piper" in refuse(file)


DESCRIPTIONS = {
    "empty": b"",
    "cut off": json.dumps(describe_voice()).encode()[:500],
    "not UTF-8": json.dumps(describe_voice()).encode("utf-16"),
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "nothing": b"{}",
} | {
    f"{name} is {value!r}": json.dumps(describe_voice(**{name: value})).encode()
    for name, value in (
        ("audio", {"sample_rate": 0}),
        ("audio", {"sample_rate": "22050"}),
        ("audio", None),
        ("espeak", {}),
        ("num_symbols", "many"),
        ("num_speakers", None),
        ("phoneme_id_map", {"_": 0}),
        ("phoneme_id_map", {}),
        ("phoneme_id_map", {"^": [1], "$": [2]}),
        ("phoneme_type", "morse"),
        ("speaker_id_map", [1]),
        ("inference", {"length_scale": 0}),
        ("inference", {"noise_scale": "loud"}),
    )
}


@pytest.mark.parametrize("data", DESCRIPTIONS.values(), ids=DESCRIPTIONS)
def test_a_broken_description(tmp_path, data):
    """A description that is not piper's is told in a sentence that names its file."""
    file = write_voice(tmp_path / "b.onnx")
    Path(f"{file}.json").write_bytes(data)
    told = refuse(file)
    assert "b.onnx.json does not describe" in told or "is a voice file for" in told


def test_kinds_that_would_fetch_more(tmp_path):
    """A file whose text must be prepared by what is fetched from the network is refused."""
    file = write_voice(tmp_path / "zh.onnx", phoneme_type="pinyin")
    assert "pinyin" in refuse(file, language="zh")


@pytest.mark.parametrize(
    ("told", "model"),
    [
        ({"espeak": {"voice": "no-such"}, "language": {"family": "en"}}, {}),
        ({"num_speakers": 2}, {}),
        ({"num_speakers": 1}, {"speakers": 2}),
        ({"phoneme_id_map": {**describe_voice()["phoneme_id_map"], "^": []}}, {"gain": 0}),
        ({}, {"gain": float("nan")}),
        ({}, {"gain": 0}),
    ],
)
def test_files_that_do_not_belong_together(tmp_path, capfd, told, model):
    """A model that fails, is silent or gives no numbers is an error; nothing is printed."""
    file = write_voice(tmp_path / "b.onnx", **model)
    description = describe_voice() | told
    Path(f"{file}.json").write_text(json.dumps(description))
    assert "again" in refuse(file, VoiceError)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("speaker", ["nobody", "p203", 3, -1, "3", "-1", "²", "٣"])
def test_unknown_speakers(tmp_path, speaker):
    """A speaker that a file does not have is refused, and those that it has are named."""
    file = write_voice(tmp_path / "b.onnx", speakers=3)
    assert "There are: p200, p201, p202." in refuse(file, speaker=speaker)
    many = write_voice(tmp_path / "c.onnx", speakers=30)
    assert "p207 …" in refuse(many, speaker="nobody")
    nameless = write_voice(tmp_path / "d.onnx", speakers=2)
    Path(f"{nameless}.json").write_text(json.dumps(describe_voice(speakers=2, speaker_id_map={})))
    assert "0 to 1" in refuse(nameless, speaker=2)


def test_one_speaker(file):
    """A file of one speaker has no second, and its only one may be named."""
    assert "one speaker" in refuse(file, speaker=1)
    assert speak(file, speaker=0) == speak(file)


@pytest.mark.parametrize("module", [None, types.ModuleType("piper")])
def test_without_the_package(file, monkeypatch, module):
    """Without piper, or with one too old, the error says what to install."""
    monkeypatch.setitem(sys.modules, "piper", module)
    piper_files.import_piper.cache_clear()
    assert compose_install_line("piper") in refuse(file)
    find_installed.cache_clear()
    monkeypatch.setattr("importlib.metadata.version", missing)
    try:
        assert find_voice_version(PiperVoice) == "1"  # it can still be listed
        with pytest.raises(ConfigError, match="piper-tts"):
            key(file)
    finally:
        monkeypatch.undo()
        piper_files.import_piper.cache_clear()
        find_installed.cache_clear()
    assert speak(file).pcm


def missing(name):
    import importlib.metadata

    raise importlib.metadata.PackageNotFoundError(name)


# --- keys


def test_a_key_holds_content(tmp_path, file):
    """The same file elsewhere has the same key; another one in the same place has another."""
    copy = tmp_path / "copy.onnx"
    shutil.copy(file, copy)
    shutil.copy(f"{file}.json", f"{copy}.json")
    assert key(copy) == key(file)
    os.utime(copy, ns=(1, 1))
    assert key(copy) == key(file)
    write_voice(copy, base_hz=200)  # of the same size
    assert copy.stat().st_size == file.stat().st_size
    other = key(copy)
    assert other != key(file)
    Path(f"{copy}.json").write_text(json.dumps(describe_voice(inference={"length_scale": 2})))
    assert len({other, key(copy), key(file)}) == 3
    shutil.copy(file, copy)
    shutil.copy(f"{file}.json", f"{copy}.json")
    assert key(copy) == key(file)


def test_a_key_holds_all_options(file):
    """Each option but the path is in the key."""
    options = [
        {},
        {"speaker": 0},
        {"speed": 1.1},
        {"noise_scale": 0.5},
        {"noise_w_scale": 0.5},
        {"sentence_pause_s": 0.3},
    ]
    assert len({key(file, **option) for option in options}) == len(options)


def test_a_path_begins_at_the_shows_folder(tmp_path):
    """A relative path is the show's, ~ the user's, without a show it is where one stands."""

    def find(model, folder):
        (tmp_path / "podcast.toml").write_text(f"[voice.piper]\nmodel = {json.dumps(model)}\n")
        config = load_config(folder, environ={})
        return make_voice(config, "piper").model

    assert find("voices/a.onnx", tmp_path) == str(tmp_path / "voices/a.onnx")
    assert find("/elsewhere/a.onnx", tmp_path) == "/elsewhere/a.onnx"
    assert find("~/a.onnx", tmp_path) == str(Path.home() / "a.onnx")
    assert find("", tmp_path) == ""
    with pytest.raises(ConfigError, match="no home folder"):
        find("~nobody-at-all/a.onnx", tmp_path)
    assert make_voice(load_config(None), "piper").model == ""


# --- the program


@pytest.fixture
def show(tmp_path) -> Path:
    folder = tmp_path / "show"
    write_voice(folder / "voices/en_US-tiny-low.onnx")
    (folder / "podcast.toml").write_text(
        '[voice]\nname = "piper"\n[voice.piper]\nmodel = "voices/en_US-tiny-low.onnx"\n'
        '[stitch]\nintro = ""\noutro = ""\nsting = ""\n',
        encoding="utf-8",
    )
    (folder / "reviews").mkdir()
    (folder / "reviews/short.md").write_text(SHORT, encoding="utf-8")
    return folder


def test_an_episode_is_built(show, tmp_path):
    """It is heard, as long and as loud as told; nothing is spoken twice until the file changes."""
    program = Program(tmp_path / "cache")
    command = ("--quiet", "build", show / "reviews/short.md", "--json")
    result = program.run(*command)
    episode = result.episode
    assert (episode["voice"], episode["voiced"]) == ("piper", episode["segments"])
    assert result.err == ""
    samples, rate_hz = soundfile.read(episode["path"], always_2d=True)
    assert abs(len(samples) / rate_hz - episode["duration_s"]) < 0.05
    assert abs(episode["loudness"]["integrated_lufs"] + 16) < 0.5
    windows = np.abs(samples[: len(samples) // 1000 * 1000, 0]).reshape(-1, 1000).max(axis=1)
    assert (windows > 0.05).mean() * episode["duration_s"] > sum(map(str.isalpha, SHORT)) * 0.05
    again = program.run(*command).episode
    assert (again["voiced"], again["sha256"]) == (0, episode["sha256"])
    # in another folder, by two workers, and anew: the same bytes
    (show / "voices").rename(show / "other")
    toml = (show / "podcast.toml").read_text().replace("voices/", "other/")
    (show / "podcast.toml").write_text(toml)
    moved = program.run(*command).episode
    assert (moved["voiced"], moved["sha256"]) == (0, episode["sha256"])
    forced = program.run(*command, "--force").episode
    assert (forced["voiced"], forced["sha256"]) == (episode["segments"], episode["sha256"])
    write_voice(show / "other/en_US-tiny-low.onnx", base_hz=250)
    other = program.run(*command).episode
    assert other["voiced"] == episode["segments"]
    assert other["sha256"] != episode["sha256"]


def test_a_plan_and_a_build_without_a_file(show, tmp_path):
    """Both say what is missing, before anything is spoken."""
    program, review = Program(tmp_path / "cache"), show / "reviews/short.md"
    (plan,) = program.run("build", review, "--plan", "--json").json["plans"]
    assert (plan["voice"], plan["to_voice"], plan["requests"]) == ("piper", plan["segments"], 0)
    (show / "voices/en_US-tiny-low.onnx.json").unlink()
    for extra in ((), ("--plan",)):
        result = program.run("build", review, *extra)
        assert result.code == 4, result.err
        assert "There is no voice file" in result.err
        assert "Traceback" not in result.err


def test_it_is_listed_with_what_it_needs(show, tmp_path):
    """The list tells where it speaks and what it needs, and the doctor tries it."""
    program = Program(tmp_path / "cache")
    listed = program.run("voices", "--json", cwd=tmp_path).json["voices"]
    (told,) = (voice for voice in listed if voice["name"] == "piper")
    assert (told["online"], compose_install_line("piper") in told["needs"]) == (False, True)
    said = program.run("voices", "say", "piper", TEXT, "-o", tmp_path / "x.wav", cwd=show)
    assert said.code == 0, said.err
    assert soundfile.info(tmp_path / "x.wav").duration > 1.5
    findings = program.run("doctor", "--json", cwd=show).json["findings"]
    assert {"part": "voice piper", "state": "ok"}.items() <= {
        key: value for one in findings if one["part"] == "voice piper" for key, value in one.items()
    }.items()
