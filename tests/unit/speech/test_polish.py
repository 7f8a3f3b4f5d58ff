"""Takes are cleaned gently: what is wrong goes, and speech that is right stays as it is."""

import functools
import importlib.metadata
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples
from tests.support.tones import find_offset, make_noise

from reviewcast.audio.measure import measure_take
from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError
from reviewcast.settings.schema import PolishSettings
from reviewcast.speech.polish import polish_take
from reviewcast.speech.polish_key import key_polish
from reviewcast.speech.voices.espeak import EspeakVoice
from reviewcast.system.extras import compose_install_line

RATE_HZ = 24_000
SENTENCE = "This is a system of suspense: scenes stretch, shadows shift, and the sea hisses."
NOTHING = PolishSettings(high_pass_hz=0, clean_edges=False, de_ess_db=0)
ONLY_EDGES = PolishSettings(high_pass_hz=0, de_ess_db=0)


@functools.cache
def speak(text=SENTENCE, language="en", voice=""):
    return EspeakVoice(voice=voice).speak(text, language=language)


def make_take(samples, rate_hz=RATE_HZ, marks=()):
    whole = np.clip(np.rint(np.asarray(samples) * 32768), -32768, 32767)
    return Take(whole.astype("<i2").tobytes(), rate_hz, marks)


def read(take):
    return np.frombuffer(take.pcm, "<i2") / 32768


def make_voiced(seconds, *, pitch_hz=120, rate_hz=RATE_HZ):
    """Make harmonics that fade with their number, and a slow change of loudness."""
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    tones = sum(np.sin(2 * np.pi * pitch_hz * n * at + n * n) / n for n in range(1, 20))
    fade = np.minimum(1, np.minimum(at, at[::-1]) / 0.02)
    return 0.15 * tones * fade * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at))


def make_breath(seconds, level, *, middle_hz=1200, seed=1):
    """Make noise round a middle that comes and goes; `level` is its peak."""
    noise = np.random.default_rng(seed).normal(size=round(seconds * RATE_HZ))
    hz = np.fft.rfftfreq(len(noise), 1 / RATE_HZ)
    shaped = np.fft.rfft(noise) / (1 + ((hz - middle_hz) / 800) ** 2)
    breath = np.fft.irfft(shaped, len(noise)) * np.hanning(len(noise))
    return breath * level / np.abs(breath).max()


def make_click(seconds, level):
    noise = np.random.default_rng(2).normal(size=round(seconds * RATE_HZ))
    click = noise * np.exp(-5 * np.linspace(0, 1, len(noise)))
    return click * level / np.abs(click).max()


def silence(seconds):
    return np.zeros(round(seconds * RATE_HZ))


def measure_tone(samples, hz, rate_hz=RATE_HZ):
    """Measure the level of one frequency in dB."""
    at = np.arange(len(samples)) / rate_hz
    window = np.hanning(len(samples))
    wave = np.exp(-2j * np.pi * hz * at)
    return 20 * np.log10(2 * abs((samples * window * wave).sum()) / window.sum() + 1e-9)


def keep_above(samples, rate_hz, hz):
    spectrum = np.fft.rfft(samples)
    spectrum[: int(hz * len(samples) / rate_hz)] = 0
    return np.fft.irfft(spectrum, len(samples))


# --- settings


@pytest.mark.parametrize(
    "given", [{"high_pass_hz": -1}, {"high_pass_hz": 201}, {"de_ess_db": 13}, {"speed": 0.4},
              {"speed": 2.1}, {"speed": float("nan")}],
)  # fmt: skip
def test_settings_have_ranges(given):
    """A value that cannot be is refused by its name."""
    with pytest.raises(ConfigError, match=rf"\[voice.polish\] {next(iter(given))} must be"):
        PolishSettings(**given)


def test_nothing_is_done_when_it_is_off():
    """Off, or with every part off, the take itself comes back, and no key changes."""
    take = speak()
    for nothing in (PolishSettings(enabled=False, speed=2.0), NOTHING):
        assert polish_take(take, nothing) is take
        assert key_polish(nothing) == ""


def test_the_key_follows_each_setting():
    """Whatever changes the sound changes the key."""
    kinds = [
        PolishSettings(), PolishSettings(high_pass_hz=80), PolishSettings(clean_edges=False),
        PolishSettings(de_ess_db=3), PolishSettings(speed=1.1), PolishSettings(speed=1.11),
    ]  # fmt: skip
    assert len({key_polish(kind) for kind in kinds}) == len(kinds)
    assert key_polish(PolishSettings()) == key_polish(PolishSettings())


# --- what stays


def test_a_clean_take_comes_back_as_it_is():
    """Without rumble, bursts and sharp sibilants nothing is computed anew."""
    take = make_take(np.concatenate([silence(0.1), make_voiced(1.0), silence(0.2)]))
    assert polish_take(take, PolishSettings()) is take


@pytest.mark.parametrize("voice", ["", "en-gb", "en-us+f3"])
def test_the_embedded_voice_is_hardly_changed(voice):
    """Only what is below speech goes: 50 dB below it nothing else changes, no mark, no edge."""
    take = speak(voice=voice)
    polished = polish_take(take, PolishSettings())
    before, after = read(take), read(polished)
    heard = keep_above(before, take.rate_hz, 120)
    change = keep_above(after - before, take.rate_hz, 120)
    assert 10 * np.log10(np.square(change).sum() / np.square(heard).sum()) < -50
    assert (polished.rate_hz, polished.marks) == (take.rate_hz, take.marks)
    assert take.marks
    figures, polished_figures = measure_take(take), measure_take(polished)
    assert polished_figures.level_lufs == pytest.approx(figures.level_lufs, abs=0.05)
    assert abs(polished_figures.start - figures.start) <= take.rate_hz // 100
    assert abs(polished_figures.end - figures.end) <= take.rate_hz // 100
    assert polish_take(take, PolishSettings(high_pass_hz=0)) is take


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "cat act text sixths desk stop tastes apt Kate half huff psst shh what eight"),
        ("de", "Pst Akt Angst Herbst nichts jetzt psychisch"),
        ("pl", "wstać pstrąg chrząszcz kto"),
        ("ru", "кто вдруг вот взгляд"),
        ("fi", "kukka tyttö kaappi"),
        ("it", "gatto psicologo"),
        ("cs", "strč prst skrz krk"),
    ],
)
def test_no_consonant_is_taken_for_a_burst(language, words):
    """Soft stops and fricatives at both ends of words stay, also without the voice's marks."""
    for word in words.split():
        take = speak(word, language)
        assert polish_take(Take(take.pcm, take.rate_hz), ONLY_EDGES).pcm == take.pcm


@given(
    st.integers(0, 5000),
    st.sampled_from([1000, 8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000]),
    st.sampled_from([0.0, 1e-4, 0.1, 1.0]),
    st.integers(0, 3),
)
@settings(deadline=None, max_examples=count_examples(80))
def test_any_take_keeps_its_length(count, rate_hz, level, seed):
    """Whatever is in a take, of whatever rate, it is as long as before and never wraps around."""
    noise = np.random.default_rng(seed).uniform(-1, 1, count) * level
    take = make_take(noise, rate_hz, ((0, 0), (1, count)))
    polished = polish_take(take, PolishSettings(de_ess_db=12))
    assert len(polished.pcm) == len(take.pcm)
    assert polished.marks == take.marks
    assert polish_take(take, PolishSettings(de_ess_db=12)) == polished


# --- rumble


def test_rumble_goes_and_speech_stays():
    """What is below 40 Hz is 15 dB softer at least, 200 Hz and above is as it was, in its place."""
    speech = np.concatenate([silence(0.3), make_voiced(2.0, pitch_hz=200), silence(0.3)])
    at = np.arange(len(speech)) / RATE_HZ
    rumble = 0.05 + 0.1 * np.sin(2 * np.pi * 25 * at) + 0.1 * np.sin(2 * np.pi * 40 * at)
    after = read(polish_take(make_take(speech + rumble), PolishSettings()))
    assert abs(after.mean()) < 0.001
    middle = slice(len(at) // 4, 3 * len(at) // 4)
    for hz, least_db in ((25, 30), (40, 15)):
        assert measure_tone(after[middle], hz) < measure_tone(rumble[middle], hz) - least_db
    for hz in (200, 400, 1000):
        assert measure_tone(after[middle], hz) == pytest.approx(
            measure_tone(speech[middle], hz), abs=0.05
        )


def test_no_filter_moves_speech():
    """Speech stands at the same sample after rumble is taken away."""
    speech = make_noise(1.0, RATE_HZ)
    after = read(polish_take(make_take(speech + 0.1), PolishSettings()))
    assert find_offset(after, speech[8000:16_000]) == 8000


def test_the_corner_is_where_it_is_set():
    """At the corner 3 dB are taken away; an octave above, nothing."""
    at = np.arange(3 * RATE_HZ) / RATE_HZ
    tones = 0.2 * np.sin(2 * np.pi * 100 * at) + 0.2 * np.sin(2 * np.pi * 200 * at)
    after = read(polish_take(make_take(tones), PolishSettings(high_pass_hz=100)))
    middle = slice(RATE_HZ, 2 * RATE_HZ)
    for hz, change_db in ((100, -3.01), (200, 0.0)):
        change = measure_tone(after[middle], hz) - measure_tone(tones[middle], hz)
        assert change == pytest.approx(change_db, abs=0.05)


def test_full_scale_is_not_clipped():
    """A take that would go beyond full scale without its rumble is set lower as a whole."""
    at = np.arange(RATE_HZ) / RATE_HZ
    speech = 0.95 * np.sign(np.sin(2 * np.pi * 150 * at))
    after = read(polish_take(make_take(speech - 0.05), PolishSettings()))
    assert np.abs(after).max() <= 1
    assert np.diff(np.flatnonzero(np.abs(after) > 0.9999)).min(initial=9) > 1


# --- sibilants


def sharpen(take, gain_db):
    """Make the sibilants of a take louder: its band from 4 to 9 kHz."""
    samples = read(take)
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / take.rate_hz)
    spectrum[(hz > 4000) & (hz < 9000)] *= 10 ** (gain_db / 20)
    sharp = np.fft.irfft(spectrum, len(samples))
    return make_take(sharp / np.abs(sharp).max() * 0.9, take.rate_hz, take.marks)


def frame_levels(samples, rate_hz):
    size = rate_hz // 100
    return np.square(samples[: len(samples) // size * size].reshape(-1, size)).mean(axis=1)


@pytest.mark.parametrize("most_db", [3.0, 6.0])
def test_sharp_sibilants_are_softened(most_db):
    """Those that stand out become softer by up to the setting; vowels stay."""
    take = sharpen(speak(), 20)
    polished = polish_take(take, PolishSettings(high_pass_hz=0, de_ess_db=most_db))
    before, after = (keep_above(read(one), take.rate_hz, 4000) for one in (take, polished))
    change_db = 10 * np.log10(
        (frame_levels(after, take.rate_hz) + 1e-12) / (frame_levels(before, take.rate_hz) + 1e-12)
    )
    assert change_db.min() == pytest.approx(-most_db, abs=0.4)
    levels, sharp = frame_levels(read(take), take.rate_hz), frame_levels(before, take.rate_hz)
    is_vowel = (levels > levels.max() / 1000) & (sharp < levels / 20)
    assert is_vowel.sum() > 50
    assert np.median(np.abs(change_db[is_vowel])) < 0.1
    below, below_after = (
        read(one) - keep_above(read(one), take.rate_hz, 3000) for one in (take, polished)
    )
    assert np.square(below_after - below).sum() < 1e-5 * np.square(below).sum()


def test_sibilants_that_do_not_stand_out_are_left():
    """Those of the embedded voice are as they should be, in every language that was tried."""
    for language in ("en", "de", "fr", "es"):
        take = speak(language=language)
        only = PolishSettings(high_pass_hz=0, clean_edges=False, de_ess_db=12)
        assert polish_take(take, only) is take


def test_what_has_no_band_is_left():
    """At 8 kHz there are no such sounds."""
    noise = np.random.default_rng(1).normal(0, 0.2, 8000)
    take = make_take(noise, 8000)
    assert polish_take(take, PolishSettings(high_pass_hz=0)) is take


# --- edges


@pytest.mark.parametrize(
    ("burst", "gap_s"),
    [
        (make_breath(0.3, 0.01), 0.25),
        (make_breath(0.5, 0.014), 0.3),
        (make_breath(0.15, 0.006), 0.25),
        (make_click(0.005, 0.04), 0.22),
        (make_click(0.015, 0.02), 0.4),
    ],
)
def test_breaths_and_clicks_go(burst, gap_s):
    """A soft burst before the first word or after the last is silenced; no other sample changes."""
    speech, gap = make_voiced(1.0), silence(gap_s)
    parts = [silence(0.1), burst, gap, speech, gap, burst, silence(0.1)]
    start = sum(map(len, parts[:3]))
    take = make_take(np.concatenate(parts), marks=((0, start), (3, start + 9000)))
    polished = polish_take(take, ONLY_EDGES)
    before, after = read(take), read(polished)
    end = start + len(speech)
    assert not after[: start - len(gap)].any()
    assert not after[end + len(gap) :].any()
    assert (after[start - 500 : end + 500] == before[start - 500 : end + 500]).all()
    assert polished.marks == take.marks
    figures = measure_take(polished)
    assert (figures.start, figures.end) == pytest.approx((start, end), abs=0.03 * RATE_HZ)


def test_several_bursts_go():
    """A click after a breath is no first word either."""
    burst = [make_breath(0.3, 0.01), silence(0.2), make_click(0.01, 0.02), silence(0.2)]
    take = make_take(np.concatenate([*burst, make_voiced(1.0)]))
    after = read(polish_take(take, ONLY_EDGES))
    assert not after[: RATE_HZ // 2].any()


@pytest.mark.parametrize(
    ("why", "burst", "gap_s"),
    [
        ("near", make_click(0.01, 0.02), 0.06),
        ("loud", make_breath(0.3, 0.1), 0.4),
        ("long", make_breath(1.2, 0.012), 0.4),
        ("sharp", make_breath(0.2, 0.012, middle_hz=7000), 0.4),
        ("voiced", make_voiced(0.3) * 0.05, 0.4),
    ],
)
def test_what_may_be_speech_stays(why, burst, gap_s):
    """What is near a word, loud, long, sharp as an s or voiced is not touched."""
    gap, speech = silence(gap_s), make_voiced(1.0)
    take = make_take(np.concatenate([burst, gap, speech, gap, burst]))
    assert polish_take(take, ONLY_EDGES) is take, why


def test_a_burst_with_a_mark_stays():
    """What the voice itself calls a word is one."""
    parts = [make_breath(0.3, 0.01), silence(0.4), make_voiced(1.0)]
    pcm = make_take(np.concatenate(parts)).pcm
    take = Take(pcm, RATE_HZ, ((0, 1000), (5, 17_000)))
    assert polish_take(take, ONLY_EDGES) is take
    assert polish_take(Take(pcm, RATE_HZ), ONLY_EDGES).pcm != pcm


# --- speed


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.1, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("pitch_hz", [90, 210])
def test_speed_keeps_the_pitch(speed, pitch_hz):
    """A voice is as long as asked for to the sample, and its pitch the same to 3 cents."""
    take = make_take(make_voiced(3.0, pitch_hz=pitch_hz), marks=((0, 0), (4, 24_000), (8, 72_000)))
    fast = polish_take(take, PolishSettings(speed=speed))
    assert len(fast.pcm) // 2 == round(72_000 / speed)
    assert fast.marks == ((0, 0), (4, round(24_000 / speed)), (8, round(72_000 / speed)))
    samples = read(fast)
    middle = samples[len(samples) // 4 : len(samples) * 3 // 4]
    cents = np.arange(-40, 41)
    levels = [measure_tone(middle, 4 * pitch_hz * 2 ** (c / 1200)) for c in cents]
    assert abs(cents[int(np.argmax(levels))]) <= 3


@pytest.mark.parametrize("speed", [0.75, 1.3])
def test_speed_keeps_words_at_their_marks(speed):
    """In speech of parts with silences between, each part is where its mark says, to 15 ms."""
    parts, marks, at = [], [], 0
    for number, length_s in enumerate((0.4, 0.7, 0.3, 0.9)):
        gap, part = silence(0.3), make_voiced(length_s, pitch_hz=110 + 30 * number)
        marks.append((number, at + len(gap)))
        parts += [gap, part]
        at += len(gap) + len(part)
    take = make_take(np.concatenate(parts), marks=tuple(marks))
    fast = polish_take(take, PolishSettings(speed=speed))
    pauses = measure_take(fast).pauses
    begins = [end for start, end in pauses if end - start > 0.1 * RATE_HZ]
    assert begins == pytest.approx([at for _, at in fast.marks[1:]], abs=0.015 * RATE_HZ)


@given(st.integers(50, 3000), st.sampled_from([8000, 22_050, 48_000, 96_000]), st.floats(0.5, 2))
@settings(deadline=None, max_examples=count_examples(40))
def test_speed_is_exact_of_any_take(count, rate_hz, speed):
    """However short a take is, its length is as asked for, and no mark is past its end."""
    noise = np.random.default_rng(count).uniform(-1, 1, count)
    take = make_take(noise, rate_hz, ((0, 0), (1, count // 3), (2, count)))
    fast = polish_take(take, PolishSettings(speed=speed))
    length = len(fast.pcm) // 2
    assert length == (round(count / speed) if count >= rate_hz // 200 else count)
    assert fast.marks[-1][1] == length


def test_speed_gives_the_same_bytes_in_any_thread():
    """Again, or four at once: the same bytes."""
    take, faster = speak(), PolishSettings(speed=1.2)
    first = polish_take(take, faster)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: polish_take(take, faster), range(8))) == {first}


def test_speed_needs_its_extra(monkeypatch):
    """Without the library a speed is refused with what to install; the rest works."""

    def find_none(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", find_none)
    for ask in (lambda s: polish_take(speak(), s), key_polish):
        with pytest.raises(ConfigError, match="needs pedalboard") as caught:
            ask(PolishSettings(speed=1.2))
        assert compose_install_line("polish") in caught.value.hint
    assert polish_take(speak(), PolishSettings()).marks == speak().marks
