"""The settings of the sound: what is around the speech, how loud it is, what the MP3 is like."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from reviewcast.model.errors import ConfigError
from reviewcast.settings.fields import Settings

Curve = Literal["linear", "power", "smooth"]


class StitchSettings(Settings, frozen=True):
    """The sounds around the speech, and how they are mixed with it."""

    table: ClassVar[str] = "stitch"

    intro: Annotated[str, Meta(description="Before the first words.")] = "default"
    outro: Annotated[str, Meta(description="After the last ones.")] = "default"
    sting: Annotated[str, Meta(description="Between chapters.")] = "default"
    bed: Annotated[
        str, Meta(description="Music that goes on under the speech, round and round.")
    ] = ""
    bed_chapters: Annotated[
        tuple[str, ...],
        Meta(
            description='The chapters that have the bed, such as ["Verdict", "The plot*", "3"];'
            " [] for all."
        ),
    ] = ()
    bed_db: Annotated[
        float, Meta(ge=-60, le=0, description="How loud the bed is against the speech, in dB.")
    ] = -22.0
    bed_fade_s: Annotated[
        float,
        Meta(
            ge=0,
            le=30,
            description="Seconds in which the bed rises with the first words of its chapters,"
            " and falls after the last.",
        ),
    ] = 1.5
    intro_under_s: Annotated[
        float,
        Meta(
            ge=0,
            le=60,
            description="The intro goes on under this many seconds of the first words; 0 ends it"
            " cleanly before them.",
        ),
    ] = 1.5
    outro_under_s: Annotated[
        float,
        Meta(
            ge=0,
            le=60,
            description="The outro rises under this many seconds of the last words; 0 begins it"
            " cleanly after them.",
        ),
    ] = 1.0
    duck_db: Annotated[
        float, Meta(ge=-60, le=0, description="How far intro and outro go down under words, in dB.")
    ] = -8.0
    duck_attack_s: Annotated[
        float,
        Meta(
            ge=0, le=10, description="Seconds in which the intro goes down before the first words."
        ),
    ] = 0.3
    duck_release_s: Annotated[
        float,
        Meta(ge=0, le=10, description="Seconds in which the outro comes up after the last ones."),
    ] = 0.6
    fade_s: Annotated[
        float, Meta(ge=0, le=30, description="Seconds that a fade of intro or outro lasts at most.")
    ] = 3.0
    fade_curve: Annotated[
        Curve, Meta(description='"power" (even to the ear), "linear" or "smooth".')
    ] = "power"
    gap_s: Annotated[
        float,
        Meta(
            ge=0,
            le=3,
            description="Seconds of silence between music and speech where they do not overlap.",
        ),
    ] = 0.5
    music_db: Annotated[
        float,
        Meta(
            ge=-40,
            le=12,
            description="How loud intro, outro and stings are against the speech, in dB.",
        ),
    ] = -3.0
    music_share: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="How long intro and outro play before the first words and after the"
            " last, as a share of the speech, three seconds at least; 1 plays them"
            " to their end. Files of your own are never cut.",
        ),
    ] = 0.1
    sting_chapters_s: Annotated[
        float,
        Meta(
            ge=0,
            le=3600,
            description="Stings stand only between chapters of so many seconds of speech, by"
            " their text; 0 for all.",
        ),
    ] = 30.0
    room_tone_db: Annotated[
        float,
        Meta(
            description="A breath of room tone in place of digital silence, against the speech,"
            " such as -55; 0 for none. A first build then takes 1.5 times the"
            " processor time."
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
        Meta(
            ge=-40,
            le=-8,
            description="Of two channels; one channel is set 3 LU lower, which sounds as loud."
            " Apple asks for -16.",
        ),
    ] = -16.0
    true_peak_dbtp: Annotated[float, Meta(ge=-12, le=0, description="No peak goes beyond.")] = -1.0


_BITRATES_KBPS = {1: (64, 80, 96, 112, 128, 160), 2: (112, 128, 160, 192, 224, 256, 320)}


class EncodeSettings(Settings, frozen=True):
    """What the MP3 is like."""

    table: ClassVar[str] = "encode"

    channels: Annotated[
        int, Meta(ge=1, le=2, description="2: joint stereo. 1: mono, for which 96 kb/s are enough.")
    ] = 2
    bitrate_kbps: Annotated[
        int, Meta(description="Constant; 0 takes 128 for stereo and 96 for mono.")
    ] = 0
    mode: Annotated[
        Literal["cbr", "vbr"],
        Meta(
            description='"cbr": the bit rate is constant. "vbr": it varies with what is heard,'
            " and browsers that are sent to a time are off by up to 1/500 of the"
            " episode."
        ),
    ] = "cbr"
    vbr_quality: Annotated[
        int, Meta(ge=0, le=9, description="LAME's -V for vbr, 0 (best) to 9.")
    ] = 4
    quality: Annotated[int, Meta(ge=0, le=9, description="LAME's, 0 (slow) to 9.")] = 3
    threads: Annotated[
        int,
        Meta(ge=0, le=256, description="How many blocks are encoded at once; 0 takes one a core."),
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
