"""What scripts/bench reports: targets are judged rightly, and the chart is always the same."""

import lxml.etree
import pytest
from scripts.bench_chart import draw_chart
from scripts.bench_rows import Row, make_report


@pytest.mark.parametrize(
    ("row", "mark"),
    [
        (Row("a", [1.0, 1.2, 9.0], most=1.25), "ok"),
        (Row("a", [1.3], most=1.25), "OVER"),
        (Row("a", [1.0], most=1.25, at_least=True), "?"),
        (Row("a", [1.3], most=1.25, at_most=True), "?"),
        (Row("a", [6.5], least=6), "ok"),
        (Row("a", [5.9], least=6), "UNDER"),
        (Row("a", [5.9]), ""),
    ],
)
def test_the_median_is_held_against_the_target(row, mark):
    """What was stopped early leaves open whether it would have met it."""
    assert row.mark == mark


def make_reports():
    """Make reports of three commits, of which the last misses one target and has one row more."""
    for number, value in enumerate((1.4, 1.2, 1.3)):
        rows = [Row("CPU <of a build> & more", [value], most=1.25), "the pipe, which needs lame"]
        if number == 2:
            rows.append(Row("pipe : build", [2.0], least=1.5))
        commit = {"commit": f"{number}" * 12, "committed_s": number, "changed": number == 2}
        yield make_report({"One hour": rows}) | commit


def test_a_chart_is_well_formed_and_the_same_each_time():
    """Only figures with a target are drawn, from the commits that have them."""
    reports = list(make_reports())
    chart = draw_chart(reports)
    assert chart == draw_chart(reports)
    tree = lxml.etree.fromstring(chart)
    names = [node.text for node in tree.iter("{*}text") if node.get("class") == "name"]
    assert names == ["One hour: CPU <of a build> & more", "One hour: pipe : build"]
    dots = [(dot.get("class"), dot[0].text) for dot in tree.iter("{*}circle")]
    assert dots == [
        ("dot missed", "0000000: 1.4x"),
        ("dot", "1111111: 1.2x"),
        ("dot missed", "2222222+: 1.3x"),
        ("dot", "2222222+: 2x"),
    ]
