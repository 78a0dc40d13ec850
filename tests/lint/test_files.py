"""A file is told by what is in it; one that is nothing, or cannot be read, is Unreadable and never a traceback."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockagent.errors import MockagentError
from mockagent.lint import Asked, Kind, as_json, check_file, check_messages
from mockagent.lint.files import Unreadable

KEEP_ALIVE = '{"type":"KeepAlive"}'
HEADER = (
    '{"trace":1,"mockagent":"0.1.0","dialect":"v1","scenario":null,"started":"2026-11-21T09:30:00Z","speed":1.0,'
    '"seed":null,"tolerance":"faithful","session":"s","recorder":"server"}\n'
)
SCENARIO = "name: mine\nsummary: Mine\nsteps:\n  - client: Settings\n"


def kinds(path):
    return [item.kind for item in check_file(str(path), Asked())]


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.yaml", SCENARIO, Kind.SCENARIO),
        ("a.YML", SCENARIO, Kind.SCENARIO),
        ("a.json", KEEP_ALIVE, Kind.MESSAGE),
        ("a.txt", f"\n\n [{KEEP_ALIVE}]", Kind.MESSAGE),
        ("bom.json", b"\xef\xbb\xbf" + KEEP_ALIVE.encode(), Kind.MESSAGE),
        ("a.jsonl", HEADER, Kind.TRACE),
        ("cut.jsonl", HEADER[:40], Kind.TRACE),
        ("no_header.jsonl", '{"n":1,"at":0,"from":"server","opened":{"dialect":"v1"}}\n', Kind.TRACE),
        ("with_trace.json", '{"type":"KeepAlive","trace":1}', Kind.MESSAGE),
    ],
)
def test_the_three_kinds_are_told_apart(write, name, content, kind):
    assert kinds(write(name, content)) == [kind]


def test_a_bundled_scenario_is_found_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (item,) = check_file("barge_in", Asked())
    assert (item.kind, item.title, item.is_fine) == (Kind.SCENARIO, "barge_in", True)


def test_a_wrong_scenario_shows_each_flaw(write):
    (item,) = check_file(str(write("a.yaml", SCENARIO.replace("Settings", "Settinsg"))), Asked())
    assert not item.is_fine
    assert [(flaw.line, flaw.column) for flaw in item.findings] == [(4, 13)]


@pytest.mark.parametrize("content", ["", "\n \n", "hello", b"\xff\xfe\x00", b"\x00" * 100, "name: x"])
def test_what_is_none_of_them_is_unreadable(write, content):
    with pytest.raises(Unreadable, match=r"a\.json: expected a scenario"):
        list(check_file(str(write("a.json", content)), Asked()))


@pytest.mark.parametrize(
    "name", [".", "no/such/file.json", "a\0b", "a\0b.json", "x" * 5_000, "\udcff.json", ""]
)
def test_what_cannot_be_opened_is_unreadable(name):
    with pytest.raises(Unreadable):
        list(check_file(name, Asked()))


def test_a_folder_that_looks_like_a_scenario_is_unreadable(tmp_path):
    (tmp_path / "a.yaml").mkdir()
    with pytest.raises(Unreadable, match="got a folder"):
        list(check_file(str(tmp_path / "a.yaml"), Asked()))


def test_a_file_with_no_message_is_unreadable(write):
    with pytest.raises(Unreadable, match="got an empty text"):
        list(check_messages(str(write("a.json", " ")), Asked()))


def test_the_nearest_bundled_name_is_told():
    with pytest.raises(Unreadable, match="did you mean 'barge_in'"):
        list(check_file("barge-in", Asked()))


def test_an_item_as_json_has_its_problems(write):
    (item,) = check_file(str(write("a.json", '\n{"type":"KeepAlive","extra":1}')), Asked())
    assert as_json(item) == {
        "file": item.file,
        "line": 2,
        "kind": "message",
        "type": "KeepAlive",
        "dialect": "v1",
        "from": "client",
        "ok": True,
        "answer": None,
        "problems": [
            {
                "pointer": "/extra",
                "keyword": "unknown-field",
                "expected": "no such field",
                "got": "1",
                "refused": False,
                "refused_from": "strict",
                "requirement": "MSG-004",
            }
        ],
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(
    content=st.binary(max_size=300), start=st.sampled_from(["", "[", "{", '{"trace":1', '{"type":"', HEADER])
)
@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_whatever_bytes_come_it_ends_with_items_or_a_reason(write, name, content, start):
    path = str(write(name, start.encode() + content))
    for check in (check_file, check_messages):
        try:
            items = list(check(path, Asked()))
        except MockagentError as error:
            assert path in str(error)
        else:
            assert items and all(as_json(item)["file"] == path for item in items)
