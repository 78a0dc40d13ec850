"""`mockagent fuzz parser`, `server` and `client`, and `mockagent replay`: options, exit codes, what is kept."""

import json
import sys
from pathlib import Path

import pytest

from mockagent import catalogue

FUZZING = Path(__file__).parents[1] / "fuzzing"
CLIENT = [sys.executable, str(FUZZING / "bad_client.py")]
URL = "ws://127.0.0.1:9/v1/agent/converse"
BROKEN = "v1/server/ConversationText#text:truncated"


@pytest.fixture
def fuzz(run, tmp_path, monkeypatch):
    """Runs `mockagent fuzz`, with a store of its own, beside the planted parsers."""
    monkeypatch.chdir(FUZZING)

    def fuzzed(peer, *arguments, kept=True):
        at = arguments.index("--") if "--" in arguments else len(arguments)
        store = ("--store", str(tmp_path / "failures")) if kept else ()
        return run("fuzz", peer, *arguments[:at], *store, *arguments[at:])

    fuzzed.store = tmp_path / "failures"
    return fuzzed


def test_a_parser_without_a_failure(fuzz):
    result = fuzz("parser", "planted:right", "--type", "Welcome", "--examples", "10")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("64 faults in ") or " faults in " in result.stdout
    assert not fuzz.store.exists()


def test_a_failure_is_printed_kept_and_replayed_until_it_is_put_right(fuzz, run):
    result = fuzz(
        "parser", "planted:shallow", "--type", "ConversationText", "--kind", "schema", "--examples", "0"
    )
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    id = lines[0].split()[0]
    assert lines[0].startswith(f"{id} crashed: KeyError: 'role' in shallow (planted.py:")
    assert lines[1] == "  by v1/server/ConversationText/role#required"
    assert lines[2] == '  the server sends text, 27 bytes: {"type":"ConversationText"}'
    assert lines[-1].startswith("1 failure of 1 kind, kept in ")
    stored = json.loads((fuzz.store / f"{id}.json").read_text("utf-8"))
    assert (stored["id"], stored["peer"], stored["target"]) == (id, "parser", ["planted:shallow"])
    assert stored["steps"][0]["text"] == '{"type":"ConversationText"}'
    assert "found_in" in stored
    again = run("replay", id, "--store", str(fuzz.store))
    assert again.exit_code == 1
    assert again.stdout.splitlines()[-1].startswith("crashed: KeyError: 'role' in shallow")
    right = run("replay", str(fuzz.store / f"{id}.json"), "planted:right", "--times", "2")
    assert (right.exit_code, right.stdout.splitlines()[-2:]) == (0, ["survived", "survived"])


def test_all_that_is_written_fits_its_schema(fuzz, tmp_path):
    file = tmp_path / "lines.jsonl"
    fuzz("parser", "planted:shallow", "--type", "ConversationText", "--examples", "5", "--json", str(file))
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert (lines[0]["event"], lines[-1]["event"]) == ("fuzz_began", "fuzz_ended")
    assert {line["event"] for line in lines} == {"fuzz_began", "tried", "failed", "fuzz_ended"}
    for line in lines:
        assert list(catalogue.schemas().conforms("files/fuzz.json", line)) == []
    for path in fuzz.store.glob("*.json"):
        stored = json.loads(path.read_text("utf-8"))
        assert list(catalogue.schemas().conforms("files/failure.json", stored)) == []


def test_a_client_is_fuzzed_and_its_failure_sent_to_another(fuzz, run, tmp_path):
    file = tmp_path / "lines.jsonl"
    result = fuzz("client", "--only", BROKEN, "--shrink", "0", "--json", str(file), "--", *CLIENT, "dies")
    assert result.exit_code == 1, result.output
    id = result.stdout.split()[0]
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [line["scenario"] for line in lines if line["event"] == "failed"] == [
        str(fuzz.store / f"{id}.yaml")
    ]
    assert [list(catalogue.schemas().conforms("files/fuzz.json", line)) for line in lines] == [[]] * len(
        lines
    )
    assert catalogue.proved_scenario(fuzz.store / f"{id}.yaml").name == id
    again = run("replay", id, "--store", str(fuzz.store), "--", *CLIENT, "dies")
    assert again.exit_code == 1, again.output
    better = run("replay", id, "--store", str(fuzz.store), "--", *CLIENT)
    assert (better.exit_code, better.stdout.splitlines()[-1]) == (
        0,
        "survived: answered with FunctionCallResponse",
    )


def test_where_a_scenario_cannot_say_it_the_reason_is_told(fuzz):
    leaking = "v1/server/ConversationText#text:truncated"
    result = fuzz("client", "--only", leaking, "--shrink", "0", "--", *CLIENT, "forks")
    assert "  no scenario: what leaks does not show in what a client answers" in result.stdout.splitlines()
    assert [path.suffix for path in fuzz.store.iterdir()] == [".json"]


def test_one_near_miss_alone_draws_nothing_more(fuzz):
    result = fuzz("parser", "planted:right", "--only", BROKEN)
    assert result.stdout.splitlines()[-1].endswith("1 refused")


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("parser",), 2, "expected either MODULE:FUNCTION or a command"),
        (("parser", "planted"), 2, "expected MODULE:FUNCTION, got 'planted'"),
        (("parser", "planted:right", "--", "cat"), 2, "expected either MODULE:FUNCTION or a command"),
        (("parser", "planted:right", "--kind", "frame"), 2, "expected --kind schema or text, got frame"),
        (("parser", "planted:right", "--type", "Welcom"), 2, "did you mean 'Welcome'?"),
        (("parser", "planted:right", "--only", "v1/server/Welcome#text:trunc"), 2, "no near-miss named"),
        (
            ("parser", "planted:right", "--only", "v1/client/Settings#text:null"),
            2,
            "nothing that a server of v1 sends",
        ),
        (("parser", "planted:nothing_at_all"), 3, "does not take a right frame"),
        (("parser", "planted:shalow"), 3, "cannot load planted:shalow: module 'planted' has no attribute"),
        (("parser", "planted:shalow"), 3, "did you mean 'shallow'?"),
        (("parser", "planted:right", "--refuses", "planted:Bad"), 3, "cannot load planted:Bad: "),
        (("parser", "plantd:right"), 3, "No module named 'plantd'"),
        (("parser", "planted:right", "--limit", "0", "--examples", "0"), 4, ""),
        (("server", "http://127.0.0.1"), 2, "begins with ws:// or wss://"),
        (("server", "wss://agent.deepgram.com/v1/agent/converse"), 2, "that is the live service"),
        (("server", URL, "--limit", "1"), 3, "cannot be reached, before any fault"),
        (("client",), 2, "expected a command after --"),
        (("client", "--limit", "1", "--", "no-such-command"), 3, "there is no such command"),
    ],
)
def test_exit_codes_and_what_is_said(fuzz, arguments, code, part):
    result = fuzz(*arguments)
    assert result.exit_code == code, result.output
    assert part in result.output


def test_where_no_failure_can_be_kept_nothing_is_begun(run, tmp_path):
    (tmp_path / "file").write_text("")
    result = run("fuzz", "parser", "planted:shallow", "--store", str(tmp_path / "file" / "failures"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot keep failures in " in result.stderr


def test_a_refusal_that_is_another_parsers_own_can_be_named(fuzz, run):
    fuzz("parser", "planted:shallow", "--only", "v1/server/ConversationText/role#required")
    (path,) = fuzz.store.glob("*.json")
    again = run("replay", str(path), "planted:shallow", "--refuses", "builtins:KeyError")
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, "refused: KeyError: 'role'")


def test_what_cannot_be_replayed_is_said(run, tmp_path):
    result = run("replay", "0123456789ab", "--store", str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no failure '0123456789ab' in " in result.stderr
    (tmp_path / "x.json").write_text("[]")
    assert "expected a stored failure, got list" in run("replay", str(tmp_path / "x.json")).stderr
