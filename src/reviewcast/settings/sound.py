"""The settings of the sound: what is around the speech, how loud it is, what the MP3 is like."""

from typing import Annotated, ClassVar, Literal

import msgspec

from reviewcast.model.errors import ConfigError
from reviewcast.settings.fields import Settings, about

Curve = Literal["linear", "power", "smooth"]


class StitchSettings(Settings, frozen=True):
    """The sounds around the speech, and how they are mixed with it."""

    table: ClassVar[str] = "stitch"

    intro: Annotated[str, about("Before the first words.")] = "default"
    outro: Annotated[str, about("After the last ones.")] = "default"
    sting: Annotated[str, about("Between chapters.")] = "default"
    bed: Annotated[str, about("Music that goes on under the speech, round and round.")] = ""
    bed_chapters: Annotated[
        tuple[str, ...],
        about('The chapters that have the bed, such as ["Verdict", "The plot*", "3"]; [] for all.'),
    ] = ()
    bed_db: Annotated[
        float, about("How loud the bed is against the speech, in dB.", ge=-60, le=0)
    ] = -22.0
    bed_fade_s: Annotated[
        float,
        about(
            "Seconds in which the bed rises with the first words of its chapters, and falls after"
            " the last.",
            ge=0,
            le=30,
        ),
    ] = 1.5
    intro_under_s: Annotated[
        float,
        about(
            "The intro goes on under this many seconds of the first words; 0 ends it cleanly"
            " before them.",
            ge=0,
            le=60,
        ),
    ] = 1.5
    outro_under_s: Annotated[
        float,
        about(
            "The outro rises under this many seconds of the last words; 0 begins it cleanly after"
            " them.",
            ge=0,
            le=60,
        ),
    ] = 1.0
    duck_db: Annotated[
        float, about("How far intro and outro go down under words, in dB.", ge=-60, le=0)
    ] = -8.0
    duck_attack_s: Annotated[
        float,
        about("Seconds in which the intro goes down before the first words.", ge=0, le=10),
    ] = 0.3
    duck_release_s: Annotated[
        float,
        about("Seconds in which the outro comes up after the last ones.", ge=0, le=10),
    ] = 0.6
    fade_s: Annotated[
        float, about("Seconds that a fade of intro or outro lasts at most.", ge=0, le=30)
    ] = 3.0
    fade_curve: Annotated[Curve, about('"power" (even to the ear), "linear" or "smooth".')] = (
        "power"
    )
    gap_s: Annotated[
        float,
        about("Seconds of silence between music and speech where they do not overlap.", ge=0, le=3),
    ] = 0.5
    music_db: Annotated[
        float,
        about("How loud intro, outro and stings are against the speech, in dB.", ge=-40, le=12),
    ] = -3.0
    music_share: Annotated[
        float,
        about(
            "How long intro and outro play before the first words and after the last, as a share"
            " of the speech, three seconds at least; 1 plays them to their end. Files of your own"
            " are never cut.",
            ge=0,
            le=1,
        ),
    ] = 0.1
    sting_chapters_s: Annotated[
        float,
        about(
            "Stings stand only between chapters of so many seconds of speech, by their text; 0"
            " for all.",
            ge=0,
            le=3600,
        ),
    ] = 30.0
    room_tone_db: Annotated[
        float,
        about(
            "A breath of room tone in place of digital silence, against the speech, such as -55;"
            " 0 for none. A first build then takes 1.5 times the processor time."
        ),
    ] = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not all(wanted.strip() for wanted in self.bed_chapters):
            raise ConfigError("[stitch] bed_chapters must name chapters, or be empty for all.")
        if self.room_tone_db and not -80 <= self.room_tone_db <= -30:
            raise ConfigError("[stitch] room_tone_db must be from -80 to -30, or 0 for none.")


class MasterSettings(Settings, frozen=True):
    """How loud the finished episode is."""

    table: ClassVar[str] = "master"

    loudness_lufs: Annotated[
        float,
        about(
            "Of two channels; one channel is set 3 LU lower, which sounds as loud. Apple asks for"
            " -16.",
            ge=-40,
            le=-8,
        ),
    ] = -16.0
    true_peak_dbtp: Annotated[float, about("No peak goes beyond.", ge=-12, le=0)] = -1.0


_BITRATES_KBPS = {1: (64, 80, 96, 112, 128, 160), 2: (112, 128, 160, 192, 224, 256, 320)}


class EncodeSettings(Settings, frozen=True):
    """What the MP3 is like."""

    table: ClassVar[str] = "encode"

    channels: Annotated[
        int, about("2: joint stereo. 1: mono, for which 96 kb/s are enough.", ge=1, le=2)
    ] = 2
    bitrate_kbps: Annotated[int, about("Constant; 0 takes 128 for stereo and 96 for mono.")] = 0
    mode: Annotated[
        Literal["cbr", "vbr"],
        about(
            '"cbr": the bit rate is constant. "vbr": it varies with what is heard, and browsers'
            " that are sent to a time are off by up to 1/500 of the episode."
        ),
    ] = "cbr"
    vbr_quality: Annotated[int, about("LAME's -V for vbr, 0 (best) to 9.", ge=0, le=9)] = 4
    quality: Annotated[int, about("LAME's, 0 (slow) to 9.", ge=0, le=9)] = 3
    threads: Annotated[
        int,
        about("How many blocks are encoded at once; 0 takes one a core.", ge=0, le=256),
    ] = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        allowed = _BITRATES_KBPS[self.channels]
        if self.bitrate_kbps and self.bitrate_kbps not in allowed:
            raise ConfigError(
                f"[encode] bitrate_kbps cannot be {self.bitrate_kbps}.",
                hint=f"For {self.channels} channels choose one of {', '.join(map(str, allowed))}.",
            )

    @property
    def kbps(self) -> int:
        """The constant bit rate that is used."""
        return self.bitrate_kbps or (128 if self.channels == 2 else 96)

    def name_recipe(self) -> "EncodeSettings":
        """Return what decides the bytes of a block, and nothing else."""
        if self.mode == "cbr":
            return msgspec.structs.replace(self, bitrate_kbps=self.kbps, vbr_quality=0, threads=0)
        return msgspec.structs.replace(self, bitrate_kbps=0, threads=0)
