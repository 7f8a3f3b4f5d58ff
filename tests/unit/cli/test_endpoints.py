"""A voice at several addresses, as its user meets it: planned, built, examined."""

import pytest
from tests.support.program import Program
from tests.support.speech_server import SpeechServer, encode, first, speak, status

from reviewcast.speech.same_voice import SENTENCE

REVIEW = "# A short one\n\nIt begins here.\n\n## More\n\n" + "\n\n".join(
    f"It goes on {word}, and then it ends well." for word in ("and on", "for long", "in the snow")
)
QUICK = {
    "REVIEWCAST_SYNTHESIZE_FIRST_WAIT_S": "0.001",
    "REVIEWCAST_SYNTHESIZE_LONGEST_WAIT_S": "0.002",
    "REVIEWCAST_SYNTHESIZE_REQUESTS_PER_S": "1000",
}


@pytest.fixture
def servers():
    with SpeechServer() as one, SpeechServer() as two:
        yield one, two


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path / "cache").run


def make_show(folder, servers, use='["openai"]', text=REVIEW):
    folder.mkdir()
    urls = ", ".join(f'"{one.url}"' for one in servers)
    (folder / "podcast.toml").write_text(
        f'[voice]\nuse = {use}\n[voice.openai]\nkey_variable = ""\nbase_url = [{urls}]\n',
        encoding="utf-8",
    )
    (folder / "reviews").mkdir()
    review = folder / "reviews/short.md"
    review.write_text(text, encoding="utf-8")
    return review


def other_voice(asked):
    return encode(speak(asked.body["input"], 1.3), "wav")


def test_a_plan_counts_by_address(servers, program, tmp_path):
    """In equal parts as long as nothing is known, then by how long each has taken."""
    review = make_show(tmp_path / "show", servers)
    plan = program("build", review, "--plan", "--json").json["plans"][0]
    [share] = plan["voices"]
    parts = share["endpoints"]
    assert [one["address"] for one in parts] == [one.url for one in servers]
    assert sum(one["requests"] for one in parts) == plan["requests"]
    assert abs(parts[0]["requests"] - parts[1]["requests"]) <= 1
    assert [one["took_s"] for one in parts] == [None, None]
    told = " ".join(program("build", review, "--plan").out.split())
    assert "equally quick, which is not known yet" in told
    for server in servers:
        assert server.url in told
        assert server.asked == []
    episode = program("build", review, "--json", env=QUICK).episode
    texts = [text for one in servers for text in one.texts if text != SENTENCE]
    assert (episode["voiced"], len(texts)) == (episode["segments"], plan["requests"])
    assert len(set(texts)) == len(texts)
    again = program("build", review, "--plan", "--force", "--json").json["plans"][0]
    parts = again["voices"][0]["endpoints"]
    assert sum(one["requests"] for one in parts) == plan["requests"]


def test_several_reviews_are_summed_by_address(servers, program, tmp_path):
    """The table of many has a row for the addresses."""
    review = make_show(tmp_path / "show", servers)
    other = review.with_name("other.md")
    other.write_text(REVIEW.replace("It goes on", "He speaks"), encoding="utf-8")
    found = program("build", review, other, "--plan", "--json").json
    [share] = found["total"]["voices"]
    assert sum(one["requests"] for one in share["endpoints"]) == found["total"]["requests"]
    told = program("build", review, other, "--plan").out
    assert "Addresses" in told


def test_episodes_are_the_same_by_one_address_and_by_two(servers, program, tmp_path):
    """What was spoken at one address is found again when another is added behind it."""
    review = make_show(tmp_path / "show", servers[:1])
    alone = program("build", review, "--json", env=QUICK).episode
    make_show(tmp_path / "more", servers)
    asked = [len(one.asked) for one in servers]
    both = program("build", tmp_path / "more/reviews/short.md", "--json", env=QUICK).episode
    assert both["voiced"] == 0
    assert [len(one.asked) for one in servers] == asked
    assert both["sha256"] == alone["sha256"]


def test_a_voice_that_has_to_answer_first(servers, program, tmp_path):
    """The first text, too, is asked of an address that was compared; the next voice stands in."""
    servers[1].answer = other_voice
    review = make_show(tmp_path / "show", servers, use='["openai", "espeak"]')
    result = program("build", review, "--json", env=QUICK)
    assert result.episode["voice"] == "openai"
    assert set(servers[1].texts) == {SENTENCE}
    for server in servers:
        server.faults = first(1000, status(503))
    (tmp_path / "show/reviews/other.md").write_text("# Another\n\nIt is else.", encoding="utf-8")
    env = {**QUICK, "REVIEWCAST_VOICE_ANSWER_WITHIN_S": "1"}
    result = program("build", tmp_path / "show/reviews/other.md", "--json", env=env)
    assert result.episode["voice"] == "espeak"


def test_a_build_without_its_first_address(servers, program, tmp_path):
    """It ends with a sentence and a hint, and code 5; nothing is spoken by the others."""
    servers[0].faults = first(1000, status(503))
    review = make_show(tmp_path / "show", servers)
    env = {**QUICK, "REVIEWCAST_SYNTHESIZE_PATIENCE_S": "0.3"}
    result = program("build", review, env=env)
    assert result.code == 5
    assert "first in base_url" in " ".join(result.err.split())
    assert set(servers[1].texts) == {SENTENCE}


def test_the_doctor_compares_all(servers, program, tmp_path):
    """One that sounds otherwise is named before any build."""
    make_show(tmp_path / "show", servers)

    def examine():
        told = program("doctor", "--json", cwd=tmp_path / "show").json["findings"]
        return {finding["part"]: finding for finding in told}["voice openai"]

    assert examine()["detail"].endswith("at each of 2 addresses")
    servers[1].answer = other_voice
    found = examine()
    assert found["state"] == "broken"
    assert servers[1].url in found["detail"]
