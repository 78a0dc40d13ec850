"""Every format reports as many rows as were planned, its counts add up, and what a peer says stays text."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from hypothesis import given
from jsonschema import Draft202012Validator
from reports import HOSTILE, any_report, hostile_recording, hostile_report

from mockagent import catalogue
from mockagent.catalogue import read_schema
from mockagent.conformance.report import Report, Result, Row
from mockagent.conformance.verdicts import Verdict
from mockagent.render import markdown, text
from mockagent.render.badge import badge
from mockagent.render.document import document
from mockagent.render.html.alone import session_page
from mockagent.render.html.report import page
from mockagent.render.junit import junit
from mockagent.render.stored import report_of

SCHEMA = Draft202012Validator(read_schema("files/report.json"))
REQUIREMENTS = catalogue.requirements()
VOID = ("meta", "rect", "path")
BARE = {"script": 1, "img": 0, "iframe": 0, "object": 0, "link": 0, "form": 0, "base": 0}


class Page(HTMLParser):
    """What a parser finds in a page: its tags with their attributes, and whether they are closed in order."""

    def __init__(self, source):
        super().__init__()
        self.tags = []
        self.words = []
        self._open = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "input"):
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def count(self, tag):
        return sum(found == tag for found, _ in self.tags)

    def values(self, name):
        return [attributes[name] for _, attributes in self.tags if name in attributes]


def page_of(report, recordings=()):
    return Page(page(report, dict(recordings), REQUIREMENTS, "0"))


@given(any_report)
def test_rows_reported_are_rows_planned_in_every_format(report):
    planned = len(report.planned)
    body = document(report, "0")
    assert body["planned"] == len(body["rows"]) == sum(body["totals"].values()) == planned
    root = ElementTree.fromstring(junit(report))
    assert int(root.get("tests")) == len(root.findall("*/testcase")) == planned
    assert text.total(report).startswith(f"{planned} rows of " if planned else "no rows")
    found = page_of(report)
    assert sorted(found.values("data-row"), key=int) == [str(n) for n in range(1, planned + 1)]
    cells = [line.split(" | ") for line in table(report, "| case | rows")]
    assert sum(int(cell[1]) for cell in cells) == planned
    assert sum(int(each.strip(" |") or 0) for cell in cells for each in cell[2:]) == planned
    assert table(report, "| verdict | rows")[-1] == f"| all | {planned} | |"


def table(report, head):
    """The rows of the table of a summary that begins so."""
    lines = list(markdown.lines(report))
    start = next((n for n, line in enumerate(lines) if line.startswith(head)), len(lines))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(line)
    return rows


@given(any_report)
def test_each_format_counts_each_verdict_alike(report):
    totals = {verdict.value: count for verdict, count in report.totals.items()}
    assert document(report, "0")["totals"] == totals
    said = [line.split(" | ") for line in table(report, "| verdict | rows")[:-1]]
    assert {cell[0].strip("| "): int(cell[1]) for cell in said} == totals
    chips = re.findall(
        r"<th scope=\"row\"><span[^>]*>.*?</i> ([A-Z-]+) *</span></th><td class=\"number\">(\d+)<",
        drawn(report),
    )
    assert {name: int(count) for name, count in chips if count != "0"} == totals


def drawn(report):
    return page(report, {}, REQUIREMENTS, "0")


@given(any_report)
def test_a_stored_report_is_the_report_again(report):
    body = json.loads(json.dumps(document(report, "0")))
    if all(result.row.case in ("lunch", "dinner", "tea#2") for result in report.results):
        SCHEMA.validate(body)
    assert document(report_of(body), "0") == body


@given(any_report)
def test_every_link_of_a_page_leads_somewhere(report):
    found = page_of(report)
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    inside = {href[1:] for href in found.values("href") if href.startswith("#")}
    assert inside <= set(ids)


def test_what_a_peer_says_stays_text_on_a_page():
    report = hostile_report()
    recordings = {(words, 1): hostile_recording(words) for words in HOSTILE}
    found = page_of(report, recordings)
    assert {tag: found.count(tag) for tag in BARE} == BARE
    names = {name for _, attributes in found.tags for name in attributes}
    assert not {name for name in names if name.startswith("on")}
    assert all(href.startswith(("#", "https://", "http://")) for href in found.values("href"))
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", "".join(found.words))
    for words in HOSTILE:
        alone = Page(session_page(hostile_recording(words), "0"))
        assert {tag: alone.count(tag) for tag in BARE} == BARE


def test_a_huge_word_does_not_make_a_huge_page():
    report = Report(
        (row := Row("lunch", "course", "S."),), (Result(row, Verdict.FAIL, "x" * 10**7, "y" * 10**7),)
    )
    assert len(drawn(report)) < 50_000
    assert sum(map(len, markdown.lines(report))) < 10_000


def test_what_a_peer_says_is_no_markup_of_a_summary():
    for line in markdown.lines(hostile_report()):
        bare = re.sub(r"</?(details|summary|code|br)>", "", line)
        assert not re.search(r"[<>`@]|\]\(|[\x00-\x1f\u202a-\u202e]", bare), line
    findings = table(hostile_report(), "| verdict | row |")
    assert findings
    assert {line.count("|") for line in findings} == {5}


def test_the_reasons_of_a_page_tell_all_that_is_known():
    row = Row("lunch", "FUN-001", "A sentence.", "a page")
    result = Result(
        row,
        Verdict.FAIL,
        "much",
        "little",
        "3 times",
        7,
        "client audio",
        "f.yaml:3",
        "/id",
        "enough",
        1,
        "FUN-001",
    )
    report = Report((row,), (result,), replay={"lunch": "play it again"})
    words = " ".join(page_of(report).words)
    told = (
        "MUST",
        "documented",
        "A sentence.",
        "much",
        "little",
        "3 times",
        "7, client audio",
        "f.yaml:3 /id",
    )
    for each in (*told, "enough", "play it again"):
        assert each in words
    source = REQUIREMENTS["FUN-001"].source.split(";")[0]
    assert source in page_of(report).values("href")


def test_a_badge_says_what_the_whole_amounts_to():
    def of(*verdicts):
        rows = tuple(Row("lunch", f"SET-{n:03}", "S.") for n in range(len(verdicts)))
        found = badge(Report(rows, tuple(map(Result, rows, verdicts))))
        assert (found.pop("schemaVersion"), found.pop("label")) == (1, "voice agent")
        return tuple(found.values())

    assert of(Verdict.PASS, Verdict.WARN) == ("conforms · 2/2", "brightgreen")
    assert of(Verdict.PASS, Verdict.FAIL, Verdict.SKIPPED) == ("fails · 1/2", "red")
    assert of() == ("nothing ran", "lightgrey")
    assert of(Verdict.HARNESS_ERROR) == ("no verdict", "lightgrey")
    assert of(Verdict.XPASS) == ("stale baseline · 0/1", "orange")
    assert of(Verdict.INCONCLUSIVE) == ("inconclusive · 0/1", "yellow")
