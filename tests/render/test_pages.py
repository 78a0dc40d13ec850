"""The pages in headless Chromium: nothing is complained of, loaded or cut off, and links open their targets."""

import pytest
from reports import HOSTILE, hostile_recording, hostile_report, two_hours

from mockagent import catalogue
from mockagent.conformance.report import CaseRun, Report, Result, Row
from mockagent.conformance.verdicts import Verdict
from mockagent.render.html.alone import session_page
from mockagent.render.html.report import page

WIDTHS = """({
    window: innerWidth,
    page: document.documentElement.scrollWidth,
    body: document.body.scrollWidth,
    harm: window.harm || 0,
})"""
OPENED = "document.querySelectorAll('details').forEach((each) => { each.open = true; });"
CASES = [f"a_case_with_quite_a_long_name_{n}" for n in range(40)]


def many_cases():
    rows = [
        Row(case, asks, f"What must hold for {asks}.")
        for case in CASES
        for asks in ("course", *catalogue.requirements(), "close")
    ]
    bad = {rows[3], rows[200], rows[-1]}
    results = [
        Result(row, Verdict.FAIL, "much")
        if row in bad
        else Result(row, Verdict.SKIPPED if row.case == CASES[7] else Verdict.PASS)
        for row in rows
    ]
    return Report(tuple(rows), tuple(results), tuple(CaseRun(case, 1.0, 0) for case in CASES), ("a", "b"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages of many rows, of hostile words and of a long session."""
    folder = tmp_path_factory.mktemp("pages")
    recordings = {(words, 1): hostile_recording(words) for words in HOSTILE}
    made = {
        "many": page(many_cases(), {(CASES[0], 1): two_hours()}, catalogue.requirements(), "0"),
        "hostile": page(hostile_report(), recordings, catalogue.requirements(), "0"),
        "alone": session_page(two_hours(), "0"),
        "nothing": page(Report((), ()), {}, catalogue.requirements(), "0"),
    }
    for name, content in made.items():
        (folder / f"{name}.html").write_text(content, "utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["many", "hostile", "alone", "nothing"])
def test_a_page_is_quiet_and_fits_its_window(name, width, theme, pages, window):
    seen = window.look(pages[name], f"{OPENED} {WIDTHS}", width=width, theme=theme)
    assert seen.complaints == []
    assert seen.value["window"] == width
    assert seen.value["page"] <= width and seen.value["body"] <= width
    assert seen.value["harm"] == 0


def test_a_browser_that_has_something_to_complain_of_does_so(tmp_path, window):
    path = tmp_path / "bad.html"
    path.write_text(
        "<body style='width: 900px'><script>console.error('oh'); nothing()</script><img src='x.png'>"
    )
    seen = window.look(path, WIDTHS, width=390)
    assert {word for word in ("oh", "nothing is not defined", "x.png") if word in str(seen.complaints)} == {
        "oh",
        "nothing is not defined",
        "x.png",
    }
    assert seen.value["page"] > 390


FILTER = """
    const words = document.getElementById("words"), amiss = document.getElementById("amiss");
    const count = () => [...document.querySelectorAll("[data-row]")].filter((each) => each.offsetParent).length;
    const told = () => document.getElementById("count").textContent;
    const found = [[count(), told()]];
    amiss.click(); found.push([count(), told()]);
    amiss.click(); words.value = "name_39"; words.dispatchEvent(new Event("input")); found.push([count(), told()]);
    words.value = "SET-001"; words.dispatchEvent(new Event("input")); found.push([count(), told()]);
    found
"""


def test_the_matrix_shows_every_row_and_filters_them(pages, window):
    each_case = len(catalogue.requirements()) + 2
    total = each_case * len(CASES)
    shown = window.look(pages["many"], FILTER).value
    assert [row for row, _ in shown] == [int(told.split()[0]) for _, told in shown]
    assert {told.partition(" of ")[2] for _, told in shown} == {f"{total} rows"}
    assert [shown[0][0], shown[2][0], shown[3][0]] == [total, each_case, len(CASES)]
    assert 3 <= shown[1][0] <= 9


def test_the_names_of_the_matrix_stay_in_view(pages, window):
    script = """
        const box = document.querySelector(".matrix"); box.scrollTop = 900; box.scrollLeft = 300;
        const at = (query) => box.querySelector(query).getBoundingClientRect();
        const frame = box.getBoundingClientRect();
        [at("thead th:nth-child(9)").top - frame.top, at("tbody th").left - frame.left]
    """
    assert all(0 <= each <= 2 for each in window.look(pages["many"], script, width=390).value)


@pytest.mark.parametrize(
    "how",
    [
        'location.hash = "event-1-1-10";',
        # As in a browser that does not open what it goes to.
        'history.replaceState(null, "", "#event-1-1-10"); dispatchEvent(new Event("hashchange"));',
    ],
)
def test_a_link_opens_the_session_that_it_leads_to(how, pages, window):
    script = """
        document.querySelectorAll("details").forEach((each) => { each.open = false; });
        HOW
        new Promise((done) => setTimeout(() => done(document.getElementById("event-1-1-10").checkVisibility()), 300))
    """
    assert window.look(pages["many"], script.replace("HOW", how)).value is True
