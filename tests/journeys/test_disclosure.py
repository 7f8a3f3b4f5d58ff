"""A show of a synthetic, a recorded and a mixed episode: built, published, checked."""

import json
import re

import numpy as np
import soundfile
from lxml import etree
from mutagen.id3 import ID3
from tests.support.program import Program
from tests.support.show import make_show

NS = {"podcast": "https://podcastindex.org/namespace/1.0"}
BARE = '[voice]\nuse = ["espeak"]\n[stitch]\nintro = ""\noutro = ""\nsting = ""\n'
REVIEW = "# The {name}\n\nIt begins at night.\n\nIt is about the {name}, and it ends well.\n"
WANTED = {
    "machine": ("true", "TrainedAlgorithmicMedia", "This episode is read aloud by a synthetic"),
    "author": ("false", "DigitalCapture", "This episode is read aloud by a person"),
    "both": ("true", "CompositeWithTrainedAlgorithmicMedia", "Parts of this episode are read"),
}


def test_each_says_what_it_is_everywhere(tmp_path):
    """Feed, page, MP3 and captions tell the same of each, and the check finds no fault."""
    show = make_show(tmp_path / "show", more=BARE)
    (show / "reviews").mkdir()
    program = Program(tmp_path / "cache")
    rate = 24_000
    swell = np.sin(np.arange(3 * rate) / 9) * np.linspace(0.1, 0.4, 3 * rate)
    soundfile.write(show / "reviews/own.wav", swell, rate)
    for name, (_, kind, _) in WANTED.items():
        (show / f"reviews/{name}.md").write_text(REVIEW.format(name=name), encoding="utf-8")
        script = program.run("script", show / f"reviews/{name}.md", "--json", cwd=show).json
        texts = [one["text"] for one in script["segments"]]
        recorded = {"DigitalCapture": texts, "TrainedAlgorithmicMedia": []}.get(kind, texts[:1])
        edits = "".join(f'[[edit]]\ntext = "{one}"\nrecording = "own.wav"\n' for one in recorded)
        (show / f"reviews/{name}.edits.toml").write_text(edits, encoding="utf-8")
    for command in (["build"], ["publish"], ["check", "--deep"]):
        done = program.run(*command, cwd=show)
        assert done.code == 0, done.out + done.err
        assert "fits no segment" not in done.err
    assert "ai-content" not in done.out
    channel = etree.parse(show / "public/feed.xml").find("channel")
    said = "string(podcast:txt[@purpose='ai-content'])"
    assert channel.xpath(said, namespaces=NS) == "true"
    items = {item.findtext("title"): item for item in channel.iterfind("item")}
    for name, (value, kind, sentence) in WANTED.items():
        assert items[f"The {name}"].xpath(said, namespaces=NS) == value
        page = (show / f"public/episodes/{name}/index.html").read_text(encoding="utf-8")
        assert sentence in page
        data = json.loads(re.search(r'ld\+json">(.*?)</script>', page)[1])
        source = f"https://schema.org/{kind}DigitalSource"
        assert data["@graph"][0]["associatedMedia"]["digitalSourceType"] == source
        tag = ID3(show / f"episodes/{name}/{name}.mp3")
        assert tag["TXXX:ai-content"].text == [value]
        assert tag["TXXX:digitalSourceType"].text[0].endswith(f"/{kind[0].lower()}{kind[1:]}")
        captions = (show / f"episodes/{name}/{name}.srt").read_text(encoding="utf-8")
        assert ("synthetic voice" in captions) == bool(tag.getall("COMM:AI disclosure"))
        assert ("synthetic voice" in captions) == (value == "true")
