"""What comes from elsewhere is what it says it is."""

import hashlib
import re
from importlib.resources import files

from reviewcast.web.routes import STATIC

FOLDER = files("reviewcast.web").joinpath("static")


def test_vendored_files_have_their_hashes():
    """Each file has the hash that stands in VENDORED.md, and none stands beside them unnamed."""
    vendor = FOLDER.joinpath("vendor")
    listed = dict(
        reversed(pair)
        for pair in re.findall(
            r"`([0-9a-f]{64})` \| (\S+)", vendor.joinpath("VENDORED.md").read_text("utf-8")
        )
    )
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in vendor.iterdir()
        if file.name != "VENDORED.md"
    }
    assert found == listed


def test_nothing_is_loaded_from_elsewhere():
    """No file of the page names another host, and what it imports is served."""
    own = [name for name in STATIC if "vendor" not in name]
    for name in [*own, "preview.html"]:
        text = FOLDER.joinpath(name).read_text(encoding="utf-8")
        assert not re.findall(r"https?://(?!www\.w3\.org/)", text), name
        for imported in re.findall(r'from "\./([^"]+)"', text):
            assert imported in STATIC
    page = FOLDER.joinpath("preview.html").read_text(encoding="utf-8")
    assert "style=" not in page
    assert re.findall(r"<script(?![^>]*src=)", page) == []
