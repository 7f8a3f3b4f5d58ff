"""New episodes are announced: once each, when they can be heard, and never by surprise."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
import stamina
from tests.support.program import Program
from tests.support.show import add_episode, make_show
from tests.support.social import Services, write_sendmail
from tests.unit.jobs.test_publish import publish

from reviewcast.jobs.shows import load_config
from reviewcast.jobs.tell import TellOptions, tell_show
from reviewcast.model.events import Warned
from reviewcast.podcast.going_live import find_missing
from reviewcast.podcast.publication import read_built_show
from reviewcast.podcast.release import make_release

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = "/api/v1/statuses"
CREATE = "/xrpc/com.atproto.repo.createRecord"


@pytest.fixture
def services(tmp_path, monkeypatch):
    monkeypatch.setenv("MASTODON_TOKEN", "token-of-jo")
    monkeypatch.setenv("BLUESKY_APP_PASSWORD", "abcd-efgh")
    monkeypatch.setenv("SHOW_WEBHOOK_SECRET", "a-secret")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))
    with Services(tmp_path / "show" / "public") as services:
        yield services


def begin(tmp_path, services, *use, more=""):
    """Make a show that was published before it was set up whom to tell."""
    show = make_show(tmp_path / "show", url=services.url)
    add_episode(show, "film-1", 1, "2026-10-01")
    publish(show)
    make_show(show, url=services.url, more=services.settings(*use, more=more))
    publish(show)
    return show


def read_book(show):
    """Return the states by guid and teller."""
    told = json.loads((show / "told.json").read_bytes())
    return {
        guid: {teller: entry["state"] for teller, entry in entries.items()}
        for guid, entries in told.items()
    }


def list_texts(services):
    return [one.json["status"] for one in services.list_posts(STATUSES)]


def test_a_new_episode_is_told_once_by_each(tmp_path, services, monkeypatch):
    """All four tell, what was there before is left out, and a second publish tells nobody."""
    folder = write_sendmail(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    show = begin(tmp_path, services, "webhook", "mastodon", "bluesky", "email")
    assert not services.heard
    add_episode(show, "film-2", 2, "2026-11-21", rating="4/5", link="https://example.org/film-2")
    result = publish(show)
    assert {(one.slug, one.teller, one.state) for one in result.told} == {
        ("film-2", teller, "told") for teller in ("webhook", "mastodon", "bluesky", "email")
    }
    assert list_texts(services) == ["Film talk: Film 2\n4/5\nhttps://example.org/film-2"]
    assert len(services.list_posts("/hook")) == len(services.records) == 1
    assert len(list(folder.glob("mail-*"))) == 1
    posted = len(services.heard)
    assert publish(show).told == ()
    assert len(services.heard) == posted
    assert [set(states.values()) for states in read_book(show).values()] == [{"left out"}, {"told"}]


def test_nobody_is_told_before_it_can_be_heard(tmp_path, services):
    """At each post the feed is live at its public address, and so is the audio."""
    show = begin(tmp_path, services, "mastodon")
    episode = add_episode(show, "film-2", 2, "2026-11-21")
    seen = []

    def look(_heard):
        feed = (show / "public" / "feed.xml").read_text()
        audio = show / "public" / "media" / f"film-2-{episode.sha256[:12]}.mp3"
        seen.append("<title>Film 2</title>" in feed and audio.stat().st_size)

    services.before_post = look
    publish(show)
    assert seen == [episode.size_bytes]


@pytest.mark.parametrize("what", ["nothing", "old feed", "no audio", "half audio"])
def test_it_waits_until_the_public_address_has_it(tmp_path, services, what):
    """A folder that is not there yet, a stale cache, audio that lacks: the next run tells."""
    show = begin(tmp_path, services, "mastodon")
    stale = tmp_path / "stale"
    shutil.copytree(show / "public", stale)
    add_episode(show, "film-2", 2, "2026-11-21")
    if what == "nothing":
        services.public = tmp_path / "nowhere"
    elif what == "old feed":
        services.public = stale
    else:
        services.public = stale
        events = []
        publish(show, events=events)
        shutil.copytree(show / "public", stale, dirs_exist_ok=True)
        (audio,) = (stale / "media").glob("film-2-*.mp3")
        audio.unlink() if what == "no audio" else audio.write_bytes(audio.read_bytes()[:99])
    events = []
    (result,) = publish(show, events=events).told
    assert result.state == "waiting"
    assert not services.heard
    assert any("film-2 is not announced yet" in str(event) for event in events)
    services.public = show / "public"
    assert [one.state for one in publish(show).told] == ["told"]
    assert len(services.heard) == 1


def test_a_stale_cache_is_asked_again(tmp_path, services):
    """A destination that is not a folder gets some seconds until its caches notice."""
    show = begin(tmp_path, services, "mastodon")
    stale = tmp_path / "stale"
    shutil.copytree(show / "public", stale)
    services.public = stale
    add_episode(show, "film-2", 2, "2026-11-21")
    publish(show)
    asked = []

    def notice(path):
        asked.append(path)
        services.public = show / "public" if len(asked) == 2 else services.public

    services.before_answer = notice
    with stamina.set_testing(True, attempts=5):
        config, built = load_config(show), read_built_show(load_config(show), show)
        release = make_release(built.records["film-2"], built.kept["film-2"], pages=True)
        assert find_missing(config.show, [release], wait_s=20) == {}
        assert len([path for path in asked if path.endswith("feed.xml")]) == 3
        asked.clear()
        services.public = tmp_path / "nowhere"
        assert list(find_missing(config.show, [release], wait_s=20)) == [release.guid]
        assert len(asked) == 1


def test_a_whole_archive_is_not_news(tmp_path, services):
    """Of a first publication the newest three are announced, and none that is dated long ago."""
    show = make_show(
        tmp_path / "show", url=services.url, more=services.settings("mastodon", more="most = 2")
    )
    for number in range(1, 21):
        add_episode(show, f"old-{number}", number, f"2020-01-{number:02}")
    for number in range(1, 6):
        add_episode(show, f"new-{number}", 20 + number, f"2026-11-{10 + number}")
    events = []
    result = publish(show, events=events)
    assert [one.slug for one in result.told] == ["new-4", "new-5"]
    assert len(services.heard) == 2
    assert any("Not announced by mastodon, as no news: new-3" in str(event) for event in events)
    states = [next(iter(one.values())) for one in read_book(show).values()]
    assert (states.count("told"), states.count("left out")) == (2, 23)
    assert publish(show, now=NOW + timedelta(days=1)).told == ()
    assert len(services.heard) == 2


def test_a_scheduled_episode_is_told_when_it_appears(tmp_path, services):
    """Not by the run that schedules it; a drip likewise."""
    show = begin(tmp_path, services, "mastodon")
    add_episode(show, "film-2", 2, "2026-11-25")
    assert publish(show).told == ()
    assert publish(show, now=NOW + timedelta(days=2)).told == ()
    assert not services.heard
    assert [one.slug for one in publish(show, now=NOW + timedelta(days=3)).told] == ["film-2"]


def test_what_was_withdrawn_is_not_told_again(tmp_path, services):
    """Back in the feed it is the same episode."""
    show = begin(tmp_path, services, "mastodon")
    add_episode(show, "film-2", 2, "2026-11-21")
    publish(show)
    add_episode(show, "film-3", 3, "2026-11-22")
    assert publish(show, withdraw=("film-2",)).told == ()
    assert len(services.heard) == 1
    assert [one.slug for one in publish(show, include=("film-2",)).told] == ["film-3"]


def test_a_refusal_is_tried_again_by_the_next_run(tmp_path, services):
    """It fails no publish, and is given up when it is no news any more."""
    show = begin(tmp_path, services, "mastodon", "webhook")
    services.answers[STATUSES] = lambda _heard: (503, None)
    add_episode(show, "film-2", 2, "2026-11-21")
    events = []
    result = publish(show, events=events)
    assert [(one.teller, one.state) for one in result.told] == [
        ("mastodon", "failed"),
        ("webhook", "told"),
    ]
    assert any("mastodon has not announced film-2" in str(event) for event in events)
    del services.answers[STATUSES]
    assert [(one.teller, one.state) for one in publish(show).told] == [("mastodon", "told")]
    services.answers[STATUSES] = lambda _heard: (503, None)
    add_episode(show, "film-3", 3, "2026-11-22")
    publish(show)
    events = []
    later = NOW + timedelta(days=32)
    assert publish(show, now=later, events=events).told == ()
    assert Warned("mastodon does not announce film-3 any more.") in events


def test_what_is_not_known_is_never_sent_again_unasked(tmp_path, services):
    """It is named by each run until the user says what is so."""
    show = begin(tmp_path, services, "mastodon", "bluesky")
    cut = {STATUSES: lambda _heard: None, CREATE: lambda _heard: (504, None)}
    services.answers |= cut
    add_episode(show, "film-2", 2, "2026-11-21")
    assert {one.state for one in publish(show).told} == {"unknown"}
    services.answers.clear()
    events = []
    assert publish(show, events=events).told == ()
    named = [str(event) for event in events if "may not have been announced" in str(event)]
    assert [("mastodon" in named[0], "bluesky" in named[1])] == [(True, True)]
    assert "reviewcast tell film-2 --again" in named[0]
    assert (len(services.statuses), len(services.records)) == (0, 0)

    def tell(**options):
        return tell_show(
            load_config(show), TellOptions(**options), now=NOW, notify=lambda _event: None
        )

    assert tell() == tell(episodes=("film-2",)) == []
    assert {one.state for one in tell(episodes=("film-2",), again=True)} == {"told"}
    assert (len(services.statuses), len(services.records)) == (1, 1)
    assert tell(episodes=("film-2",), again=True) == []
    events = []
    publish(show, events=events)
    assert not [event for event in events if "perhaps" in str(event)]


def test_an_episode_that_is_skipped_is_not_named_again(tmp_path, services):
    """--skip records that it need not be told."""
    show = begin(tmp_path, services, "mastodon")
    services.answers[STATUSES] = lambda _heard: None
    add_episode(show, "film-2", 2, "2026-11-21")
    publish(show)
    options = TellOptions(episodes=("film-2",), skip=True)
    (one,) = tell_show(load_config(show), options, now=NOW, notify=lambda _event: None)
    assert one.state == "left out"
    events = []
    assert publish(show, events=events).told == ()
    assert not [event for event in events if "perhaps" in str(event)]


def test_a_record_that_is_broken_tells_nobody(tmp_path, services):
    """It is warned of, the publish goes on, and the record stays for whoever mends it."""
    show = begin(tmp_path, services, "mastodon")
    (show / "told.json").write_text("{")
    add_episode(show, "film-2", 2, "2026-11-21")
    events = []
    assert publish(show, events=events).episodes == 2
    assert any("are not announced" in str(event) for event in events)
    assert not services.heard
    assert (show / "told.json").read_text() == "{"


def test_a_stranger_of_a_plug_in_breaks_nothing(tmp_path, services, monkeypatch):
    """Whatever it raises, its words are not repeated, and the message may have arrived."""
    from reviewcast.system.plugins import load_teller

    def explode(_self, _alert):
        raise RuntimeError("token-of-jo")

    show = begin(tmp_path, services, "mastodon")
    monkeypatch.setattr(load_teller("mastodon"), "tell", explode)
    add_episode(show, "film-2", 2, "2026-11-21")
    events = []
    (one,) = publish(show, events=events).told
    assert (one.state, one.note) == ("unknown", "it raised RuntimeError")
    assert "token-of-jo" not in str(events)


def test_a_text_that_is_none_is_told_without_it(tmp_path, services):
    """Lone surrogates and controls in a title stop no teller."""
    show = begin(tmp_path, services, "webhook", "mastodon")
    add_episode(show, "film-2", 2, "2026-11-21", title="A\x00 film\x1b[31m", author="\u202eJo")
    assert {one.state for one in publish(show).told} == {"told"}
    assert list_texts(services)[0].startswith("Film talk: A film")


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path / "cache")


def test_a_dry_run_says_what_would_be_told(tmp_path, services, program):
    """And writes and sends nothing; telling in earnest says where it can be seen."""
    show = begin(tmp_path, services, "mastodon")
    add_episode(show, "film-2", 2, "2026-11-21")
    before = (show / "told.json").read_bytes()
    done = program.run("publish", "--dry-run", "--trust", cwd=show)
    page = f"{services.url}episodes/film-2/index.html"
    assert f"mastodon would announce film-2: 'Film talk: Film 2 {page}'" in done.out, done.err
    assert (show / "told.json").read_bytes() == before
    assert not services.heard
    done = program.run("publish", cwd=show)
    assert f"mastodon announced film-2: {services.base}/@jo/0" in done.out
    done = program.run("tell", "film-1", "--dry-run", "--json", cwd=show)
    assert [(one["slug"], one["state"]) for one in done.json] == [("film-1", "due")]
    done = program.run("tell", "film-1", cwd=show)
    assert "mastodon announced film-1" in done.out
    assert program.run("tell", cwd=show).out == "Nothing was announced.\n"
    assert "announced film-1 on" in program.run("tell", "film-1", "--again", cwd=show).err


def test_a_strangers_show_tells_nobody_unasked(tmp_path, services, program):
    """Each host, with the secret that it gets, is confirmed first: exit 4, and nothing sent."""
    show = begin(tmp_path, services, "mastodon")
    add_episode(show, "film-2", 2, "2026-11-21")
    for command in (("publish",), ("tell",), ("tell", "film-1")):
        done = program.run(*command, cwd=show)
        assert done.code == 4
        assert "posts with the token in MASTODON_TOKEN to 127.0.0.1" in done.err
    assert not services.heard
    assert "film-2" not in (show / "public/feed.xml").read_text()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("tell", "nothing"), 2),
        (("tell", "--skip"), 2),
        (("tell", "film-1", "--skip", "--again"), 2),
    ],
)
def test_usage(tmp_path, services, program, arguments, code):
    """What cannot be asked for is said in a sentence."""
    show = begin(tmp_path, services, "mastodon")
    assert program.run(*arguments, "--trust", cwd=show).code == code


def test_a_show_that_tells_nobody(tmp_path, program):
    """The command says which setting is missing; a publish writes no record."""
    show = make_show(tmp_path / "show")
    add_episode(show, "film-1", 1, "2026-10-01")
    publish(show)
    assert not (show / "told.json").exists()
    done = program.run("tell", cwd=show)
    assert done.code == 2
    assert "[tell]" in done.err
