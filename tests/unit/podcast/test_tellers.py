"""Each teller speaks as its service does, and knows when nothing was sent."""

import base64
import email
import hashlib
import hmac
import socket
from datetime import UTC, datetime
from email.policy import default

import pytest
from msgspec.structs import replace
from tests.support.published import make_release
from tests.support.show import make_show
from tests.support.social import Services, write_sendmail

from reviewcast.model.errors import ConfigError, NotTold, TellError
from reviewcast.model.telling import Alert
from reviewcast.podcast.telling import Due, make_alert
from reviewcast.settings.load import load_settings
from reviewcast.system.plugins import load_teller

ALERT = Alert(
    id="6f1c9c0e-6a55-5d0b-9c2e-1f0f3c6f8a52",
    guid="guid-1",
    text="Film talk: Amélie 🎬\n★★★★\nhttps://example.org/amelie",
    title="Amélie",
    show="Film talk",
    link="https://example.org/amelie",
    audio="https://example.org/podcast/media/amelie.mp3",
    feed="https://example.org/podcast/feed.xml",
    published=datetime(2026, 11, 20, tzinfo=UTC),
    sent=datetime(2026, 11, 22, 12, tzinfo=UTC),
    duration_s=61.5,
    language="en-GB",
    description="A waitress & her neighbours.",
)
PATHS = {
    "webhook": "/hook",
    "mastodon": "/api/v1/statuses",
    "bluesky": "/xrpc/com.atproto.repo.createRecord",
}
SECRETS = {
    "MASTODON_TOKEN": "token-of-jo",
    "BLUESKY_APP_PASSWORD": "abcd-efgh",
    "SHOW_WEBHOOK_SECRET": "whsec_"
    + base64.b64encode(b"thirty-two bytes of a secret key").decode(),
}


@pytest.fixture
def services(tmp_path, monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with Services(tmp_path) as services:
        yield services


def make(name, services, **options):
    """Make a teller of the stand-in's address."""
    given = {
        "webhook": {"url": f"{services.base}/hook", "secret_variable": "SHOW_WEBHOOK_SECRET"},
        "mastodon": {"server": services.base},
        "bluesky": {"service": services.base, "handle": "jo.example.org"},
        "email": {"to": ("list@example.org",), "sender": "jo@example.org"},
    }
    return load_teller(name)(**{**given[name], **options})


def test_a_webhook_is_signed_json(services):
    """The body says what an episode is; the signature is that of Standard Webhooks."""
    assert make("webhook", services).tell(ALERT) == ""
    (heard,) = services.heard
    assert heard.headers["Content-Type"] == "application/json"
    assert heard.json["text"] == heard.json["content"] == ALERT.text
    assert heard.json["data"]["episode"]["guid"] == "guid-1"
    assert heard.json["data"]["episode"]["published"] == "2026-11-20T00:00:00Z"
    assert heard.json["data"]["show"] == {"title": "Film talk", "feed": ALERT.feed}
    stamp = heard.headers["webhook-timestamp"]
    assert int(stamp) == ALERT.sent.timestamp()
    signed = f"{heard.headers['webhook-id']}.{stamp}.".encode() + heard.body
    digest = hmac.new(b"thirty-two bytes of a secret key", signed, hashlib.sha256).digest()
    assert heard.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert heard.headers["webhook-id"] == ALERT.id


@pytest.mark.parametrize("name", ["webhook", "mastodon", "bluesky"])
def test_a_title_calls_nobody(services, tmp_path, name):
    """Neither the people of a chat nor those of a network, whoever has written the title."""
    config = load_settings(make_show(tmp_path / "show"))
    release = replace(make_release(1), title="@all <!channel> me@example.org")
    alert = make_alert(
        Due(release, name), config.show, config, make(name, services), sent=ALERT.sent
    )
    assert "@\u200ball <\u200b!channel> me@example.org" in alert.text
    assert alert.title == release.title


def test_a_webhook_address_may_be_a_secret(services, monkeypatch):
    """It comes from a variable then, and no sentence repeats it."""
    monkeypatch.setenv("CHAT_WEBHOOK_URL", f"{services.base}/hook?key=canary")
    teller = make("webhook", services, url="", url_variable="CHAT_WEBHOOK_URL", secret_variable="")
    teller.tell(ALERT)
    assert "webhook-signature" not in services.heard[0].headers
    services.answers["/hook?key=canary"] = lambda heard: (400, {"error": f"no {heard.path}"})
    with pytest.raises(NotTold) as caught:
        teller.tell(ALERT)
    assert "canary" not in f"{caught.value.message} {caught.value.hint} {teller.accesses}"


def test_mastodon_gets_a_status(services):
    """With a key, by which the server takes it once."""
    teller = make("mastodon", services, visibility="unlisted")
    first = teller.tell(ALERT)
    assert teller.tell(ALERT) == first == f"{services.base}/@jo/0"
    (status,) = services.statuses.values()
    assert status["status"] == ALERT.text
    assert (status["visibility"], status["language"]) == ("unlisted", "en")
    assert services.heard[0].headers["Idempotency-Key"] == ALERT.id


def test_bluesky_gets_a_record(services):
    """Its facet marks the link in bytes of UTF-8, and a card shows it."""
    where = make("bluesky", services).tell(ALERT)
    login, _ = services.heard
    assert login.json == {"identifier": "jo.example.org", "password": "abcd-efgh"}
    ((key, made),) = services.records.items()
    assert where == f"https://bsky.app/profile/did:plc:jo/post/{key}"
    assert len(key) == 13
    assert key[0] in "234567abcdefghij"
    post = made["record"]
    assert (made["repo"], made["collection"]) == ("did:plc:jo", post["$type"])
    (facet,) = post["facets"]
    at = facet["index"]
    assert post["text"].encode()[at["byteStart"] : at["byteEnd"]].decode() == ALERT.link
    assert facet["features"][0]["uri"] == post["embed"]["external"]["uri"] == ALERT.link
    assert post["embed"]["external"]["title"] == "Amélie"
    assert post["createdAt"] == "2026-11-22T12:00:00.000Z"
    assert post["langs"] == ["en-GB"]


def test_bluesky_takes_a_record_once(services):
    """In doubt the server is asked whether it has it: the key is the same each time."""
    teller = make("bluesky", services)
    where = teller.tell(ALERT)
    assert teller.tell(replace(ALERT, again=True)) == where
    assert len(services.list_posts(PATHS["bluesky"])) == 1
    other = replace(ALERT, id="another")
    assert teller.tell(replace(other, again=True)) != where
    assert len(services.records) == 2


def test_an_email_goes_to_sendmail(services, tmp_path, monkeypatch):
    """Recipients are arguments, so none sees another; the message is plain text in UTF-8."""
    folder = write_sendmail(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    make("email", services, to=("a@example.org", "b@example.org")).tell(ALERT)
    (arguments,), (mail,) = folder.glob("args-*"), folder.glob("mail-*")
    words = arguments.read_text().split()
    assert words == ["-i", "-f", "jo@example.org", "--", "a@example.org", "b@example.org"]
    message = email.message_from_bytes(mail.read_bytes(), policy=default)
    assert message["Subject"] == "Film talk: Amélie"
    assert message["To"] == "undisclosed-recipients:;"
    assert message["Message-ID"] == f"<{ALERT.id}@example.org>"
    text = message.get_content()
    assert text.startswith(ALERT.text)
    assert ALERT.audio in text


@pytest.mark.parametrize(("code", "kind"), [(67, NotTold), (75, TellError), (64, NotTold)], ids=str)
def test_a_sendmail_that_refuses(services, tmp_path, monkeypatch, code, kind):
    """75 may mean that it is kept for later: nobody knows then."""
    folder = write_sendmail(tmp_path / "bin", code=code, said="no such user")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    with pytest.raises(TellError) as caught:
        make("email", services).tell(ALERT)
    assert type(caught.value) is kind


def test_without_a_sendmail(services, monkeypatch, tmp_path):
    """It is named, and nothing was sent."""
    monkeypatch.setenv("PATH", str(tmp_path))
    try:
        make("email", services).tell(ALERT)
    except NotTold as error:
        assert "sendmail" in error.message
    else:
        pytest.skip("this machine has a sendmail where none is looked for by paths")


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((400, {"error": "no"}), NotTold),
        ((401, {}), NotTold),
        ((302, {}), NotTold),
        ((429, None), NotTold),
        ((503, None), NotTold),
        ((500, None), TellError),
        ((504, None), TellError),
        (None, TellError),
    ],
    ids=str,
)
def test_what_is_certain_is_told_from_what_is_not(services, name, answer, kind):
    """A refusal sends nothing; a server that breaks off may have taken the message."""
    services.answers[PATHS[name]] = lambda _heard: answer
    with pytest.raises(TellError) as caught:
        make(name, services).tell(ALERT)
    assert type(caught.value) is kind
    assert len(services.list_posts(PATHS[name])) == 1


@pytest.mark.parametrize("name", PATHS)
def test_a_server_that_is_not_there(services, name):
    """A refused connection sent nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
    place = {"webhook": "url", "mastodon": "server", "bluesky": "service"}[name]
    with pytest.raises(NotTold):
        make(name, services, **{place: base}).tell(ALERT)


def test_a_server_that_says_nothing(services):
    """Its time is limited, however it drips; the message may have arrived."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(TellError) as caught:
            make("mastodon", services, server=base, timeout_s=0.3).tell(ALERT)
    assert type(caught.value) is TellError


@pytest.mark.parametrize("answer", [(500, None), None, (200, {"did": 1})], ids=str)
def test_a_login_that_fails_has_posted_nothing(services, answer):
    """Whatever becomes of it, the post was not sent."""
    services.answers["/xrpc/com.atproto.server.createSession"] = lambda _heard: answer
    with pytest.raises(NotTold):
        make("bluesky", services).tell(ALERT)
    assert not services.records


def test_no_sentence_repeats_a_secret(services):
    """A server that echoes the token finds it dropped."""
    services.answers[PATHS["mastodon"]] = lambda heard: (
        422,
        {"error": f"bad {heard.headers['Authorization']}"},
    )
    with pytest.raises(NotTold) as caught:
        make("mastodon", services).tell(ALERT)
    assert "token-of-jo" not in str(caught.value.message)


@pytest.mark.parametrize("name", ["mastodon", "bluesky"])
def test_an_answer_without_a_post_is_none(services, name):
    """A page that says hello to everybody has not posted anything that is known of."""
    services.answers[PATHS[name]] = lambda _heard: (200, {"hello": "there"})
    with pytest.raises(TellError, match="without a post"):
        make(name, services).tell(ALERT)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("webhook", {"url": ""}),
        ("webhook", {"url": "ftp://example.org/"}),
        ("webhook", {"url": "https://jo:secret@example.org/"}),
        ("webhook", {"url_variable": "CHAT_WEBHOOK_URL"}),
        ("webhook", {"secret_variable": "AWS_SECRET_ACCESS_KEY"}),
        ("webhook", {"secret_variable": "GITHUB_WEBHOOK_SECRET"}),
        ("webhook", {"url": "", "url_variable": "DATABASE_URL"}),
        ("mastodon", {"server": ""}),
        ("mastodon", {"server": "http://mastodon.example"}),
        ("mastodon", {"token_variable": "NPM_TOKEN"}),
        ("mastodon", {"token_variable": "my-token"}),
        ("mastodon", {"visibility": "direct"}),
        ("mastodon", {"timeout_s": 0}),
        ("bluesky", {"handle": ""}),
        ("bluesky", {"password_variable": "DB_PASSWORD"}),
        ("email", {"to": ()}),
        ("email", {"sender": ""}),
        ("email", {"to": ("-oQ/tmp@example.org",)}),
        ("email", {"to": ("a@example.org\nBcc: b@example.org",)}),
    ],
)
def test_options_that_cannot_be(services, name, options):
    """They are refused before anything is published."""
    with pytest.raises(ConfigError):
        make(name, services, **options)


@pytest.mark.parametrize(
    "text",
    [
        'use = ["mastodom"]',
        'use = ["email", "email"]',
        'text = "{titel}"',
        "most = 0",
        "[tell.webhok]",
        "options = 1",
        'text = " "',
    ],
)
def test_settings_that_cannot_be(tmp_path, text):
    """[tell] names what is wrong, as all tables do."""
    (tmp_path / "podcast.toml").write_text(f"[tell]\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path, environ={})
    assert "tell" in caught.value.message


def test_a_secret_that_is_not_set(services, monkeypatch):
    """The variable is named, never what it should hold."""
    monkeypatch.delenv("MASTODON_TOKEN")
    with pytest.raises(ConfigError, match="MASTODON_TOKEN"):
        make("mastodon", services).tell(ALERT)
    assert not services.heard
