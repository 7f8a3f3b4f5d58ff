"""A stranger's podcast.toml reaches nothing of the user's that the user has not confirmed."""

import os
import pty
import select
import shutil
import stat
import subprocess

import pytest
from tests.conftest import require_packages
from tests.support.program import Program
from tests.support.show import URL, add_episode, make_show
from tests.support.tones import make_noise, to_pcm

from reviewcast.text.edits import find_edits_file

require_packages("trustme")

from tests.support.eavesdropper import Eavesdropper  # noqa: E402

CANARY = "canary-7f3a9c51"
SECRETS = dict.fromkeys(
    (
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "GITHUB_TOKEN",
        "CI_JOB_TOKEN",
        "NPM_TOKEN",
        "OPENAI_API_KEY",
        "MY_API_KEY",
        "DATABASE_URL",
    ),
    CANARY,
)
REVIEW = "# A film\n\nThe film is good.\n"
COMMANDS = [
    ("build",),
    ("preview", "reviews/film.md", "1", "-o", "heard.wav"),
    ("voices", "say", "openai", "Hello.", "-o", "heard.wav"),
    ("voices", "--measure", "--json"),
    ("names", "--say", "Amélie", "-o", "words"),
    ("doctor", "--json"),
]


@pytest.fixture
def web(tmp_path):
    with Eavesdropper(tmp_path) as web:
        yield web


@pytest.fixture
def program(tmp_path, web):
    program = Program(tmp_path / "cache")

    def run(*arguments, env=None, cwd=tmp_path / "show"):
        places = {
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "REVIEWCAST_SYNTHESIZE_ATTEMPTS": "1",
        }
        env = {**web.environ(), **SECRETS, **places, **(env or {})}
        return program.run(*arguments, env=env, cwd=cwd)

    return run


def write_show(folder, settings):
    folder.mkdir(exist_ok=True)
    (folder / "podcast.toml").write_text(settings, encoding="utf-8")
    (folder / "reviews").mkdir(exist_ok=True)
    (folder / "reviews/film.md").write_text(REVIEW, encoding="utf-8")


def speak_at(host, variable="MY_API_KEY"):
    return (
        '[show]\nreviews = ["reviews/*.md"]\n[voice]\nname = "openai"\n'
        f'[voice.openai]\nbase_url = "https://{host}/v1"\nkey_variable = "{variable}"\n'
    )


@pytest.mark.parametrize(
    ("command", "variable"),
    [(command, "MY_API_KEY") for command in COMMANDS]
    + [(("build",), variable) for variable in ("AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY")],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_no_command_sends_a_secret_to_a_host_that_is_not_confirmed(
    tmp_path, web, program, command, variable
):
    """Nothing at all reaches a stranger's host: neither the key nor the words."""
    write_show(tmp_path / "show", speak_at("speech.example.org", variable))
    result = program(*command)
    assert CANARY.encode() not in web.heard
    assert "speech.example.org" not in web.hosts
    assert CANARY not in result.out + result.err
    assert "bug" not in result.err
    if command == ("build",):
        assert (result.code, variable in result.err) == (4, True)


def test_a_key_goes_where_it_is_confirmed_to_and_nowhere_else(tmp_path, web, program):
    """--trust is needed once; another host, and another key for this one, are asked for anew."""
    write_show(tmp_path / "show", speak_at("speech.example.org"))
    assert program("build").code == 4
    program("build", "--trust")
    assert f"Bearer {CANARY}".encode() in web.heard
    record = tmp_path / "config/reviewcast/trusted.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert CANARY not in record.read_text()
    write_show(tmp_path / "other", speak_at("speech.example.org"))
    seen = len(web.hosts)
    assert program("build", cwd=tmp_path / "other").code == 5
    assert len(web.hosts) > seen  # the user has confirmed it, whichever show it is
    seen = len(web.hosts)
    for settings in (speak_at("else.example.org"), speak_at("speech.example.org", "SECOND_TOKEN")):
        write_show(tmp_path / "other", settings)
        assert program("build", cwd=tmp_path / "other", env={"SECOND_TOKEN": CANARY}).code == 4
    assert len(web.hosts) == seen


def test_a_role_s_voice_is_held_back_as_well(tmp_path, web, program):
    """[cast] can name another host than [voice.openai]."""
    settings = (
        '[show]\nreviews = ["reviews/*.md"]\n[voice]\nname = "espeak"\n[cast]\n'
        'title = { name = "openai", base_url = "https://cast.example.org/v1",'
        ' key_variable = "MY_API_KEY" }\n'
    )
    write_show(tmp_path / "show", settings)
    assert program("build").code == 4
    assert web.hosts == []


def test_the_variable_trusts_without_a_record(tmp_path, web, program):
    """A machine without a home of its own needs no file."""
    write_show(tmp_path / "show", speak_at("speech.example.org"))
    assert program("build", env={"REVIEWCAST_TRUST": "1"}).code == 5
    assert "speech.example.org" in web.hosts
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_terminal_is_asked(tmp_path, web, answer):
    """The question names host and variable; what is declined is not sent and is asked again."""
    write_show(tmp_path / "show", speak_at("speech.example.org"))
    program = Program(tmp_path / "cache")
    env = program.environ(
        {**web.environ(), **SECRETS, "XDG_CONFIG_HOME": str(tmp_path / "config")}
        | {"REVIEWCAST_SYNTHESIZE_ATTEMPTS": "1"}
    )
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        program.command("build"),
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=env,
        cwd=tmp_path / "show",
    ) as process:
        os.close(theirs)
        said = b""
        while b"[y/N]" not in said and select.select([ours], [], [], 60)[0]:
            said += os.read(ours, 4096)
        os.write(ours, f"{answer}\n".encode())
        try:
            while select.select([ours], [], [], 60)[0] and (more := os.read(ours, 4096)):
                said += more
        except OSError:
            pass  # so Linux tells that the other end is closed
    os.close(ours)
    assert b"speech.example.org" in said
    assert b"MY_API_KEY" in said
    assert (CANARY.encode() in web.heard) is (answer == "y")
    assert (tmp_path / "config/reviewcast/trusted.json").is_file() is (answer == "y")
    assert process.returncode == (5 if answer == "y" else 4)


def test_publishing_elsewhere_is_confirmed_once(tmp_path, program):
    """A folder outside of the show, and a link that leads there; --to is the user's own word."""
    outside = tmp_path / "home"
    show = make_show(tmp_path / "show", more='[publish]\nto = "../home"\n')
    add_episode(show, "one", 1, "2026-01-01")
    assert program("publish").code == 4
    assert not outside.exists()
    assert program("publish", "--to", str(tmp_path / "own")).code == 0
    assert program("publish", "--trust").code == 0
    assert program("publish").code == 0
    assert (outside / "feed.xml").is_file()
    (tmp_path / "third").mkdir()
    (show / "link").symlink_to(tmp_path / "third")
    make_show(show, more='[publish]\nto = "link/public"\n')
    assert program("publish").code == 4
    assert list((tmp_path / "third").iterdir()) == []
    assert program("publish", env={"REVIEWCAST_PUBLISH_TO": str(tmp_path / "third")}).code == 0


@pytest.mark.parametrize("place", ["s3://bucket/show", "sftp://jo@files.example.org/show"])
def test_no_server_is_asked_with_the_user_s_own_keys(tmp_path, web, program, place):
    """AWS' keys and those of ssh are used for what the user has confirmed."""
    show = make_show(tmp_path / "show", more=f'[publish]\nto = "{place}"\n')
    add_episode(show, "one", 1, "2026-01-01")
    result = program("publish", env={"AWS_ACCESS_KEY_ID": CANARY, "AWS_REGION": "eu-west-1"})
    assert (result.code, "--trust" in result.err) == (4, True)
    assert "jo@" not in result.err
    assert web.hosts == []


def test_a_hub_is_told_once_it_is_confirmed(tmp_path, web, program):
    """The hub of a stranger's podcast.toml could be any machine of the user's network."""
    more = '[feed]\nhub = "https://hub.example.org/"\n'
    show = make_show(tmp_path / "show", url=URL, more=more)
    add_episode(show, "one", 1, "2026-01-01")
    assert program("publish").code == 4
    assert web.hosts == []
    assert program("publish", "--trust").code == 0
    assert web.hosts == ["hub.example.org"]


def write_sound(path):
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(path, "w", 44_100, 1, format="WAV") as file:
        file.buffer_write(to_pcm(make_noise(2.0, 44_100, seed=1)), dtype="int16")


def test_a_sound_and_a_review_outside_of_the_show_are_confirmed(tmp_path, program):
    """Neither a private recording nor a private text is published unasked; the others are."""
    write_sound(tmp_path / "home/private.wav")
    settings = '[voice]\nname = "espeak"\n[show]\nreviews = ["reviews/*.md", "../home/*.md"]\n'
    write_show(tmp_path / "show", settings)
    secret = tmp_path / "home/secret.md"
    secret.write_text("# Secret\n\nNobody may hear that.\n", encoding="utf-8")
    (tmp_path / "show/reviews/linked.md").symlink_to(secret)
    result = program("build", "--json")
    assert result.code == 3
    assert [episode["slug"] for episode in result.json["episodes"]] == ["film"]
    assert all(failure["exit_code"] == 4 for failure in result.json["failed"])
    assert len(result.json["failed"]) == 2
    settings = '[voice]\nname = "espeak"\n[stitch]\nintro = "../home/private.wav"\n'
    write_show(tmp_path / "show", settings)
    assert program("build", "reviews/film.md").code == 4
    own = {"REVIEWCAST_STITCH_INTRO": str(tmp_path / "home/private.wav")}
    assert program("build", "reviews/film.md", env=own).code == 0
    assert program("build", "reviews/film.md", "--trust").code == 0
    assert program("build", "reviews/film.md").code == 0


def test_images_and_recordings_stay_in_their_folders(tmp_path, program):
    """An image outside of review and show is none, a recording there ends the build."""
    from PIL import Image

    image = tmp_path / "home/private.png"
    image.parent.mkdir()
    Image.effect_noise((64, 64), 90).convert("RGB").save(image)
    write_show(tmp_path / "show", '[voice]\nname = "espeak"\n')
    shutil.copy(image, tmp_path / "show/own.png")
    (tmp_path / "show/reviews/link.png").symlink_to(image)
    review = tmp_path / "show/reviews/film.md"
    chapters = "\n## {0}\n\n![]({0})\n\nIt is good.\n"
    refused = ("../../home/private.png", "link.png")
    review.write_text(
        "---\nimage: ../../home/private.png\n---\n" + REVIEW
        + "".join(map(chapters.format, ("../own.png", *refused))),
        encoding="utf-8",
    )  # fmt: skip
    result = program("build", "reviews/film.md", "--json")
    assert result.code == 0
    (episode,) = result.json["episodes"]
    pictures = [chapter["image"] for chapter in episode["chapters"] if chapter.get("image")]
    assert len(pictures) == 1
    for name in refused:
        assert f"The image {name} lies outside" in result.err
    audio = (tmp_path / "show/episodes/film/film.mp3").read_bytes()
    assert image.read_bytes() not in audio

    write_sound(tmp_path / "home/private.wav")
    edits = '[[edit]]\ntext = "The film is good."\nrecording = "../../home/private.wav"\n'
    find_edits_file(review).write_text(edits, encoding="utf-8")
    result = program("build", "reviews/film.md")
    assert (result.code, "outside" in result.err) == (6, True)
