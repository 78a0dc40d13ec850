"""The committed table of what each client does with each fault is whole, up to date, and says why."""

from collections import Counter

import pytest
from compiled import COMPILED
from environments import CLIENTS
from fault_cells import NO_FAULT, Row, rows, scenario
from fault_page import NEED_NO_NOTE, PAGE, note_of, notes, page
from fault_results import FILE, load, written
from fault_runs import NO_TYPE, Seen, columns
from fault_verdicts import MEANINGS, Verdict, remarks, verdict_of
from published import BROWSER, EARLY_ACCESS, SDKS

from mockagent.catalogue import scenario_of
from mockagent.scenario.faults.table import FAULTS

RENEW = "renew the table: python tests/clients/fault_table.py"


@pytest.fixture(scope="module")
def results():
    return load()


def test_every_fault_has_a_row():
    assert {row.fault for row in rows()} == {NO_FAULT, *FAULTS}


def test_every_client_and_every_fault_has_a_cell(results):
    expected = {(name, row.label) for name in columns() for row in rows()}
    assert set(results.cells) == expected, RENEW


def test_every_driver_has_a_column():
    folders = {path.name for path in CLIENTS.iterdir() if path.is_dir() and path.name != "__pycache__"}
    driven = {sdk.driver.split("/")[0] for sdk in {**SDKS, **EARLY_ACCESS}.values()}
    assert folders == {*driven, *COMPILED, *BROWSER}


def test_the_versions_are_those_that_the_drivers_ask_for(results):
    for name, sdk in {**SDKS, **EARLY_ACCESS, **COMPILED}.items():
        assert results.clients[name]["version"] == sdk.version(), RENEW


def test_every_client_finishes_without_a_fault(results):
    for name in columns():
        if "not_run" not in results.clients[name]:
            assert results.at(name, NO_FAULT).verdict == Verdict.FINISHES


def test_a_client_that_is_not_run_says_why(results):
    for cell in results.cells.values():
        assert (cell.verdict == Verdict.NOT_RUN) == bool(results.clients[cell.client].get("not_run"))
        assert cell.verdict != Verdict.NOT_RUN or cell.remarks


def test_the_file_is_as_it_would_be_written(results):
    assert FILE.read_text("utf-8") == written(results)


def test_the_page_is_made_of_the_results(results):
    assert PAGE.read_text("utf-8") == page(results), "python tests/clients/fault_table.py --page"


def test_every_cell_that_does_not_finish_is_held_against_the_documentation(results):
    known = notes()
    bare = [cell.key for cell in results.cells.values() if note_of(cell, known) is None]
    assert [key for key in bare if results.cells[key].verdict not in NEED_NO_NOTE] == []


def test_every_note_is_about_what_was_seen(results):
    for note in notes():
        for client in note.clients:
            for fault in note.faults:
                hit = [
                    cell
                    for cell in results.cells.values()
                    if cell.client == client and fault in (cell.fault, cell.fault.split(",")[0])
                ]
                assert any(note.is_about(cell) for cell in hit), f"{client}, {fault}: {note.verdict}"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.label)
@pytest.mark.parametrize("early_access", [False, True], ids=["v1", "early access"])
def test_the_conversation_around_every_fault_is_a_scenario(row, early_access):
    assert scenario_of(scenario(row, early_access), "call.yaml").name == "call"


HIT = Row("malformed_json")
CUT = Row("tcp_close")
REFUSED = Row("refused_401")


def seen(**changed):
    values = {
        "struck": True,
        "handshakes": 1,
        "ending": "finished",
        "answered": True,
        "sent": Counter(Welcome=1),
        "sent_audio": 100,
        "messages": Counter(Welcome=1),
        "audio_bytes": 100,
        "exit": 0,
        "patience": 1.5,
        "deadline_for": 12.0,
        "struck_at": 1.0,
    }
    return Seen(**{**values, **changed})


OPEN = {"ending": "unfinished", "answered": False, "exit": 1}


@pytest.mark.parametrize(
    ("row", "what", "verdict"),
    [
        (HIT, seen(), "finishes"),
        (HIT, seen(struck=False), "not struck"),
        (HIT, seen(errors=("e",)), "goes on"),
        (HIT, seen(audio_bytes=50), "goes on"),
        (HIT, seen(messages=Counter()), "goes on"),
        (HIT, seen(names={"Welcome": "Warning"}), "goes on"),
        (HIT, seen(messages=Counter(Welcome=1, Warning=1)), "goes on"),
        (HIT, seen(text_as_audio=True), "goes on"),
        (HIT, seen(names={"Welcome": "dict"}), "finishes"),
        (HIT, seen(messages=Counter({"Welcome": 1, NO_TYPE: 1}), names={NO_TYPE: "list"}), "finishes"),
        (HIT, seen(ending="unfinished"), "goes on"),
        (
            HIT,
            seen(**OPEN, left_at=1.1, left_with=1000, errors=("e",), closed=(None,), told_of_close=True),
            "leaves",
        ),
        (HIT, seen(**OPEN, left_at=1.1, left_with=1000), "leaves"),
        (
            HIT,
            seen(**OPEN, left_at=2.6, left_with=1000, errors=("e",), closed=(None,), told_of_close=True),
            "stops",
        ),
        (HIT, seen(**OPEN, left_at=12.1, left_with=1000), "hangs"),
        (HIT, seen(**{**OPEN, "exit": None}), "hangs"),
        (HIT, seen(**{**OPEN, "exit": 13}), "crashes"),
        (HIT, seen(**OPEN, thread_died="KeyError: 'x'"), "crashes"),
        (CUT, seen(errors=("e",), closed=(1006,), told_of_close=True, exit=1), "reports"),
        (CUT, seen(closed=(1006,), told_of_close=True, exit=1), "ends"),
        (CUT, seen(handshakes=2, closed=(1006,), told_of_close=True, exit=1), "reconnects"),
        (CUT, seen(refused=("e",), closed=(None,), told_of_close=True, exit=1), "ends"),
        (CUT, seen(refused=("e",), exit=1), "reports"),
        (CUT, seen(exit=1), "hangs"),
        (CUT, seen(closed=(1000,), exit=1), "hangs"),
        (REFUSED, seen(**{**OPEN, "ending": None}, errors=("e",)), "reports"),
        (REFUSED, seen(**{**OPEN, "ending": None}, handshakes=3, errors=("e",)), "reconnects"),
    ],
)
def test_a_verdict_is_decided_by_what_was_seen(row, what, verdict):
    assert verdict_of(row, what) == verdict


def test_remarks_say_what_was_lost_and_told():
    what = seen(messages=Counter(Warning=1), names={"New": "dict"}, errors=("e",))
    expected = ["lost Welcome", "took something else for Warning", "gave New as dict", "error: e"]
    assert remarks(HIT, what) == expected


def test_every_verdict_has_a_meaning():
    assert set(MEANINGS) == set(Verdict)
