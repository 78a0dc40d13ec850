"""The committed table of what the kit finds of each client is whole, up to date, and says why."""

import json

import pytest
from client_page import NEED_NO_NOTE, PAGE, note_of, notes, page
from client_results import FILE, TRACES, Finding, Seen, load, seen_of, small, written
from published import CLIENTS_BY_NAME

from mockagent.protocol.trace import read

RENEW = "renew the table: python tests/clients/client_table.py"
PAGE_ANEW = "make the page anew: python tests/clients/client_table.py --page"


@pytest.fixture(scope="module")
def results():
    return load()


def findings(results):
    return [finding for seen in results.values() for finding in seen.findings]


def test_every_client_is_in_the_table(results):
    assert list(results) == list(CLIENTS_BY_NAME), RENEW


def test_the_versions_are_those_that_the_drivers_ask_for(results):
    for name, client in CLIENTS_BY_NAME.items():
        if name != "browser":
            assert results[name].version == client.version(), RENEW


def test_a_client_was_tried_or_says_why_not(results):
    for seen in results.values():
        assert bool(seen.not_run) != bool(seen.totals)


def test_clients_were_judged_by_what_their_application_saw(results):
    assert {seen.level for seen in results.values() if not seen.not_run} == {2}


def test_the_file_is_as_it_would_be_written(results):
    assert FILE.read_text("utf-8") == written(results, CLIENTS_BY_NAME)


def test_the_page_is_made_of_the_file(results):
    assert PAGE.read_text("utf-8") == page(results), PAGE_ANEW


def test_every_finding_has_a_note(results):
    known = notes()
    unsaid = [
        each for each in findings(results) if each.verdict not in NEED_NO_NOTE and not note_of(each, known)
    ]
    assert unsaid == []


def test_every_note_is_about_a_finding(results):
    stale = [note for note in notes() if not any(note.is_about(each) for each in findings(results))]
    assert stale == []


def test_every_trace_is_shown_and_can_be_read(results):
    shown = {each.trace for each in findings(results) if each.trace}
    assert {path.name for path in TRACES.iterdir()} == shown
    for name in shown:
        assert read((TRACES / name).read_text("utf-8").splitlines(keepends=True), name).events


def row(case, asks, verdict, **told):
    empty = dict.fromkeys(("expected", "got", "reason", "message", "pointer"), "")
    return {"case": case, "asks": asks, "verdict": verdict, **empty, **told}


def report(*rows, cases=()):
    totals = {}
    for each in rows:
        totals[each["verdict"]] = totals.get(each["verdict"], 0) + 1
    return {"level": 2, "rows": rows, "cases": cases, "totals": totals}


def test_what_two_cases_show_is_one_finding():
    told = {"expected": "no such id", "got": "got 8a1d3c6e-0000-4000-8000-123456789abc"}
    other = {**told, "got": "got 11111111-0000-4000-8000-123456789abc"}
    seen = seen_of(
        "one", "1", "v1", report(row("a", "FUN-001", "FAIL", **told), row("b", "FUN-001", "FAIL", **other))
    )
    (finding,) = seen.findings
    assert finding.cases == ("a", "b")
    assert finding.got == "got ID"


def test_what_was_never_come_to_is_no_finding():
    broken = row("a", "course", "FAIL", got="a close (1000)")
    rest = row("a", "SET-001", "FAIL", reason="the client never came to it, for the scenario was not played")
    seen = seen_of("one", "1", "v1", report(broken, rest))
    assert [each.asks for each in seen.findings] == ["course"]
    assert set(seen.rows) == {"course"}
    assert seen.totals == {"FAIL": 2}


def test_a_client_that_never_connects_is_one_finding():
    told = {"expected": "a client that connects", "got": "none"}
    seen = seen_of(
        "one", "1", "v1", report(row("a", "course", "FAIL", **told), row("a", "close", "FAIL", **told))
    )
    assert [each.asks for each in seen.findings] == ["course"]


def test_a_message_that_is_delivered_as_another_is_told(tmp_path):
    lines = [
        {"event": "LatencyReport", "name": "Welcome", "known": False},
        {"event": "Welcome", "known": True},
    ]
    (tmp_path / "observed.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in [*lines, {"audio": 2}])
    )
    case = {"id": "a", "output": "", "files": {"observed": str(tmp_path / "observed.jsonl")}}
    seen = seen_of("one", "1", "v1", report(row("a", "course", "PASS"), cases=[case]))
    assert seen.taken_for == {"LatencyReport": "Welcome"}


def test_a_driver_that_gives_up_says_why():
    case = {"id": "a", "output": "loud\ncannot send it\n", "files": {}}
    seen = seen_of("one", "1", "v1", report(row("a", "course", "UNIMPLEMENTED"), cases=[case]))
    assert seen.cannot == {"a": "cannot send it"}


def test_a_run_of_audio_is_one_line(tmp_path):
    frame = {"at": 0.1, "from": "client", "audio": {"bytes": 4, "frames": 1, "largest": 4, "sha256": "00"}}
    said = {"at": 0.3, "from": "server", "message": {"type": "AgentAudioDone"}}
    events = [{"n": n, **each} for n, each in enumerate([frame, frame, said, frame], 1)]
    (tmp_path / "trace.jsonl").write_text(
        "\n".join(json.dumps(each) for each in [{}, *events, {"events": 4}])
    )
    _, first, second, third, end = map(json.loads, small(tmp_path / "trace.jsonl").splitlines())
    assert first["audio"] == {"bytes": 8, "frames": 2, "largest": 4}
    assert (second["n"], third["n"], end) == (2, 3, {"events": 3})


def test_the_page_says_why_a_client_was_not_run(monkeypatch):
    monkeypatch.setattr("client_page.notes", list)
    assert "| `browser` | not run: there is no Chromium |" in page(
        {"browser": Seen("browser", not_run="there is no Chromium")}
    )


def test_two_notes_about_one_finding_are_an_error():
    finding = Finding("python_7", "course", "FAIL", ("malformed_json",), "", "", "", "", "")
    note = next(each for each in notes() if each.is_about(finding))
    with pytest.raises(ValueError, match="2 notes"):
        note_of(finding, [note, note])
