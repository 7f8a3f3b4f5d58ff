"""The ledger: what is in the source and in nothing else is lost, and nothing but that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.text.readers.completeness import find_lost_text

words = st.sampled_from("the The No. a wind winds 4 ★ ½ café AT&amp;T 日本 don't x_y".split())


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("One two.", ["two", "One"]),
        ("mes<b class='x y'>mer</b>ise", ["mesmerise", "<b class='x y'>", "</b>"]),
        ("un*frigging*believable", ["unfriggingbelievable"]),
        ("dis*a*ble a", ["disable", "a"]),
        ("c[[a|b]] c", ["cb c", "a"]),
        ("z<y>word<rt>a word", ["zword", "a", "word", "<y>", "<rt>"]),
        ("caf&eacute; &amp;amp; &#233; &#x110000;", ["café & é"]),
        ("&lt;b&gt;", ["<b>"]),
        ("a&#8203;b\u200bc", ["abc"]),
        ("&nbs\u200bp;", ["&nbsp;"]),
        ("caf&eac<b>ute;</b> caf&#2{{x}}33;", ["café b b", "café x"]),
        ("bf*ck: bf*ck, bf*ck", ["bfck: bfck, bf*ck"]),
        ("un[^1]be[^2]lievable", ["unbelievable", "1", "2"]),
        ("x[spoiler]y[/spoiler]z", ["xyz", "[spoiler]", "[/spoiler]"]),
        # which word is a part of which other is not always plain
        ("uste<a>d~u<sted", ["usted~u<sted", "<a>"]),
        ("ht t a~h~~~tt", ["ht t a~htt"]),
        ("a<del>n aa g</p>ng", ["ang", "n aa g", "<del>", "</p>"]),
        ("a<y:>wa y", ["awa", "y y"]),
        ("a_a_b_a", ["aa", "ab"]),
        ("t<i>he the</i>o<rt>he", ["the theo", "he", "<i>", "</i>", "<rt>"]),
        ('chí{{"a"}}n chín~a', ["chían chín~a"]),
        ("*S*H *a*S*H", ["SH aS*H"]),
        ("…—!?*#|", [""]),
        ("", ["more"]),
    ],
)
def test_nothing_lost(source, kept):
    """Order, references and markup within words do not matter."""
    assert find_lost_text(source, kept) == ""


@pytest.mark.parametrize(
    ("source", "kept", "lost"),
    [
        ("One two.", ["One"], "two"),
        ("No. No. No.", ["No. No."], "No"),
        ("★★★½", ["★★★"], "½"),
        ("a 👍 b", ["a b"], "👍"),
        ("One two three, four.", ["One four"], "two three"),
        ("The the", ["the"], "The"),
        ("un*frigging*believable", ["unbelievable"], "frigging"),
        ("[a](https://x.example/y)", ["a"], "https://x.example/y"),
        ("one<br>no", ["one", "br"], "no"),
        ("AT&amp;T", ["A T"], "AT"),
        ("bf*ck: bf*ck", ["bfck: bf"], "ck"),
        ("a[^1] b", ["a", "b"], "1"),
        ("a *b* &amp; c; d", ["a & c; d"], "b"),
        ("a<b>c</b> d", ["ac", "<b>", "</b>"], "d"),
    ],
)
def test_lost(source, kept, lost):
    """What is lost is named, the longest run first."""
    assert lost in find_lost_text(source, kept)


@settings(max_examples=count_examples(200), deadline=None)
@given(st.lists(words, min_size=1, max_size=30), st.data())
def test_any_word(text, data):
    """Whichever word is taken away, one is missed; none is, when none is."""
    source = " ".join(text)
    assert find_lost_text(source, [source]) == ""
    index = data.draw(st.integers(0, len(text) - 1))
    kept = " ".join(text[:index] + text[index + 1 :])
    assert find_lost_text(source, [kept]) != ""


def test_a_reference_with_markup_in_it_is_no_word():
    """`&mdash*;` becomes a dash once its asterisk is gone; its name was never seen."""
    assert not find_lost_text("a &mdash*; b* c", ["a — b c"])
    assert find_lost_text("a &mdash*; b* c", ["a — c"]) == "b"
