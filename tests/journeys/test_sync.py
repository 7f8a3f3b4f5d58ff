"""A show is kept up to date by one command: idempotent, and within the budget of a day."""

import pytest
from tests.support.show import URL
from tests.support.social import Services
from tests.support.syncing import OFFLINE, ONLINE, freeze, list_public


def test_once_and_again(syncing, service):
    """The first run does all, the second nothing: no byte, no time, no word is another one."""
    show = syncing.make(ONLINE.format(service.url))
    first = syncing.sync(show)
    assert [len(first["imports"][0]["result"]["changes"]), len(first["built"])] == [3, 3]
    assert first["budget"]["requests"] == len(service.asked)
    assert list_public(show) == ["Film 2", "Film 1", "Film 0"]
    before, asked = freeze(show), len(service.asked)
    second = syncing.sync(show, day=1)
    assert (second["planned"], second["built"], second["unchanged"]) == ([], [], 3)
    assert freeze(show) == before
    assert len(service.asked) == asked
    syncing.blog.add()
    third = syncing.sync(show, day=2)
    assert [one["title"] for one in third["built"]] == ["Film 3"]
    assert len(list_public(show)) == 4


def test_what_is_printed(syncing):
    """Some lines where something happened, one line where nothing did, and with -q none."""
    show = syncing.make()

    def run(*options):
        done = syncing.run(show, *options)
        assert done.code == 0, done.err
        return done

    dry = run("--dry-run")
    assert dry.out.splitlines()[-1].startswith("3 reviews would be imported")
    assert {name for name in freeze(show) if not name.endswith("lock")} == {"podcast.toml"}
    first = run()
    assert first.out.splitlines()[-1] == (
        "3 reviews imported, 3 episodes built; 3 episodes public, 17 files uploaded"
    )
    again = run()
    assert again.out == "nothing new; 3 episodes public, nothing uploaded\n"
    assert again.err == ""
    syncing.blog.state = "down"
    failed = syncing.run(show, "-q")
    assert (failed.code, failed.out) == (6, "")
    assert syncing.blog.url in failed.err
    syncing.blog.state = "up"
    quiet = run("-q")
    assert (quiet.out, quiet.err) == ("", "")


def test_a_dry_run_tells_what_a_run_then_does(syncing, service):
    """Of all steps, and writes nothing; what is built and what is imported are told apart."""
    show = syncing.make(ONLINE.format(service.url) + "[budget]\nrequests_per_day = 50\n")
    syncing.sync(show)
    before = freeze(show)
    syncing.blog.add()
    (show / "reviews/own.md").write_text("# Own\n\nA film of my own, seen twice.\n")
    told = syncing.sync(show, "--dry-run")
    assert freeze(show) == before | {"reviews/own.md": freeze(show)["reviews/own.md"]}
    assert [one["title"] for one in told["imports"][0]["result"]["changes"]] == ["Film 3"]
    assert told["planned"] == ["reviews/own.md"]
    asked = len(service.asked)
    assert told["plans"][0]["requests"] > 0
    syncing.sync(show)
    assert len(service.asked) - asked >= told["plans"][0]["requests"]


# --- what is built again


@pytest.mark.parametrize(
    "change",
    ["text", "edits", "picture", "settings", "lexicon", "sound", "mp3", "feed only", "own draft"],
)
def test_what_is_built_again(syncing, service, change):
    """Whatever a build reads of an episode has it built again, and nothing else does."""
    show = syncing.make(ONLINE.format(service.url))
    (show / "audio").mkdir()
    syncing.sync(show)
    review = min((show / "reviews").iterdir())
    name = f"reviews/{review.name}"
    every = [f"reviews/{path.name}" for path in sorted((show / "reviews").iterdir())]
    toml = show / "podcast.toml"
    text = review.read_text("utf-8")
    match change:
        case "text":
            review.write_text(f"{text}\nMore.\n")
        case "edits":
            edit = '[[edit]]\ntext = "Seen at last."\nspoken = "Seen, at last."\n'
            review.with_suffix(".edits.toml").write_text(edit)
        case "picture":
            review.write_text(text.replace("---\n", "---\nimage: My poster.png\n", 1))
            syncing.sync(show)
            (show / "reviews/My poster.png").write_bytes(b"no picture")
        case "settings":
            toml.write_text(toml.read_text().replace("[voice]", "[encode]\nchannels = 1\n[voice]"))
        case "lexicon":
            (show / "lexicon.toml").write_text('[words]\nmarker = "mark her"\n')
        case "sound":
            toml.write_text(toml.read_text().replace('sting = ""', 'sting = "default"'))
        case "mp3":
            next((show / "episodes").glob("*film-0/*.mp3")).unlink()
        case "feed only":
            toml.write_text(toml.read_text().replace("What we saw.", "What we have seen."))
        case "own draft":
            (show / "reviews/own.md").write_text("---\ndraft: true\n---\n# Own\n\nNot yet.\n")
    wanted = {"text": [name], "edits": [name], "picture": [name], "mp3": [name]}
    planned = syncing.sync(show)["planned"]
    assert planned == wanted.get(change, [] if change in {"feed only", "own draft"} else every)
    assert syncing.sync(show)["planned"] == []
    assert "Own" not in "".join(list_public(show))


# --- budgets


def test_a_budget_of_requests_over_days(syncing, service):
    """No day has more; what waits is told with exit 0, nothing is asked twice, all comes."""
    show = syncing.make(ONLINE.format(service.url) + "[budget]\nrequests_per_day = 4\n")
    syncing.blog.add(2)
    texts, day, waiting = [], 0, 5
    while waiting:
        told = syncing.sync(show, day=day)
        again = syncing.sync(show, day=day + 0.3)  # later on the same day
        assert again["budget"]["requests"] == len(service.asked) - len(texts) <= 4
        assert again["built"] == []
        texts = service.texts
        waiting = len(again["waiting"])
        assert len(told["built"]) + waiting <= 5
        assert all("4 requests" in one["reason"] for one in again["waiting"])
        day += 1
        assert day < 12
    assert len(texts) == len(set(texts))
    assert day >= len(texts) / 4
    assert len(list_public(show)) == 5


def test_a_budget_of_minutes(syncing):
    """An embedded voice has one, too; it is told in minutes of what was newly spoken."""
    show = syncing.make(OFFLINE + "[budget]\nminutes_per_day = 0.2\n")
    syncing.blog.add(3)
    spent, waiting = [], True
    while waiting:
        told = syncing.sync(show, day=len(spent))
        spent.append(told["budget"]["minutes"])
        waiting = told["waiting"]
        assert len(spent) < 15
    assert max(spent) <= 0.2
    assert len(spent) >= 3
    assert len(list_public(show)) == 6


def test_a_clock_that_is_put_back(syncing, service):
    """It gives no new budget, and is warned of; a day later there is one again."""
    show = syncing.make(ONLINE.format(service.url) + "[budget]\nrequests_per_day = 2\n")
    syncing.sync(show, day=10)
    asked = len(service.asked)
    syncing.sync(show, day=3)
    assert len(service.asked) == asked == 2
    syncing.sync(show, day=4)
    assert len(service.asked) == 4


@pytest.mark.parametrize("fails", ["stop", "next"])
def test_no_other_voice_stands_in_for_a_budget(syncing, service, fails):
    """Also where another one would when it fails; what it is tried with counts, too."""
    online = ONLINE.format(service.url).replace(
        '"openai"]', f'"openai", "espeak"]\nwhen_it_fails = "{fails}"'
    )
    show = syncing.make(online + "[budget]\nrequests_per_day = 3\n")
    for day in range(6):
        told = syncing.sync(show, day=day)
        assert {one["voice"] for one in told["built"]} <= {"openai"}
        assert len(service.asked) <= 3 * (day + 1)
    assert len(list_public(show)) == 3


def test_the_order_is_that_of_the_release(syncing, service):
    """Where the newest comes first, the day's budget is for that one."""
    drip = '[publish]\ndrip = "1/day"\ndrip_order = "newest"\n[budget]\nrequests_per_day = 4\n'
    show = syncing.make(ONLINE.format(service.url) + drip)
    assert [one["title"] for one in syncing.sync(show)["built"]] == ["Film 2"]
    assert list_public(show) == ["Film 2"]


def test_round_ups(syncing, service):
    """They are built once, and again when one of their reviews has changed."""
    syncing.blog.add(9)
    collect = (
        '[shelf]\nalone_from_words = 100\n[collect]\nby = "count"\ncount = 4\nat_least_s = 0\n'
    )
    show = syncing.make(ONLINE.format(service.url) + collect)
    told = syncing.sync(show)
    assert len(told["built"]) == 3
    before = freeze(show)
    assert syncing.sync(show, day=1)["planned"] == []
    assert freeze(show) == before
    review = min((show / "reviews").iterdir())
    review.write_text(review.read_text("utf-8") + "\nAnd more.\n")
    (changed,) = syncing.sync(show, day=2)["planned"]
    assert changed.endswith("/round-up.json")
    assert f"reviews/{review.name}" in (show / changed).read_text()
    assert syncing.sync(show, day=3)["planned"] == []


def test_new_episodes_are_told_of(syncing, monkeypatch):
    """Each once; a service that refuses is exit 6, and is told by the next run."""
    monkeypatch.setenv("SHOW_WEBHOOK_SECRET", "a-secret")
    drip = '[publish]\ndrip = "1/day"\n'
    with Services(syncing.place / "show/public") as services:
        show = syncing.make(OFFLINE + drip + services.settings("webhook"))
        toml = show / "podcast.toml"
        toml.write_text(toml.read_text().replace(URL, services.url))
        syncing.sync(show)
        assert len(services.list_posts("/hook")) == 1
        assert not syncing.sync(show, day=0.2)["published"]["told"]
        services.answers["/hook"] = lambda _heard: (503, None)
        told = syncing.sync(show, day=1, code=6)
        assert [(one["step"], one["name"]) for one in told["failed"]] == [("publish", "webhook")]
        assert len(list_public(show)) == 2
        del services.answers["/hook"]
        done = syncing.run(show, day=2)
        assert (done.code, done.out.count("webhook announced")) == (0, 2)
