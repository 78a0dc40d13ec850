"""`mockagent conform server` as a person or a CI job calls it: what it takes, prints and writes, and how it exits."""

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from mockagent.catalogue import read_schema
from mockagent.cli import main
from mockagent.conformance.server import campaign
from mockagent.server.options import Options
from mockagent.testing import serving

KEY = "sesame-0123456789abcdef"
FAST = ("--speed", "10", "--connect-within", "2")


def run(*arguments, key=KEY):
    return CliRunner().invoke(main, ["conform", "server", *arguments], env={"DEEPGRAM_API_KEY": key})


@pytest.fixture
def url():
    names = "greeting_only", "function_call"
    lenient = {"expect_finished": False, "allow_findings": True}
    with serving(*names, speed=10, api_key=KEY, **lenient) as server:
        yield f"{server.url}?scenario={{scenario}}"


def test_a_server_that_conforms_exits_with_0_and_is_reported_in_full(url, tmp_path):
    files = tmp_path / "report.json", tmp_path / "report.xml"
    ran = run(url, "function_call", *FAST, "--json", str(files[0]), "--junit", str(files[1]))
    assert ran.exit_code == 0, ran.output
    report = json.loads(files[0].read_text("utf-8"))
    assert list(Draft202012Validator(read_schema("files/report.json")).iter_errors(report)) == []
    assert (report["peer"], report["command"]) == ("server", [url])
    assert {row["case"] for row in report["rows"]} == {
        "sanity-first",
        "handshake",
        "function_call",
        "sanity-last",
    }
    suites = ElementTree.parse(files[1]).getroot()
    assert int(suites.get("tests")) == report["planned"] == len(report["rows"])
    assert "words exact" in ran.output
    assert KEY not in ran.output + files[0].read_text("utf-8") + files[1].read_text("utf-8")


def test_without_the_right_key_nobody_comes_in_and_nothing_is_scored(url):
    ran = run(url, "function_call", *FAST, key="another-0123456789")
    assert ran.exit_code == 1
    assert "status 401 (INVALID_AUTH" in ran.output


def test_the_handshakes_can_be_left_alone(url):
    ran = run(url, "greeting_only", *FAST, "--no-handshake")
    assert ran.exit_code == 0
    assert "handshake" not in ran.output


def test_no_key_is_taken_from_the_command_line(url):
    ran = run(url, "--api-key", "sesame-open")
    assert ran.exit_code == 2
    assert "DEEPGRAM_API_KEY" in ran.output
    assert "sesame-open" not in ran.output


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("https://agent.deepgram.com",), 2, "expected ws://HOST"),
        (("ws://me:sesame@host/",), 2, "password"),
        (("ws://127.0.0.1:1/", "no_such"), 2, "no_such"),
        (("ws://127.0.0.1:1/", "greeting_only#7"), 2, "greeting_only#7"),
        (("ws://127.0.0.1:1/", "--tag", "no-such-tag"), 4, "nothing was tried"),
        (("ws://127.0.0.1:1/", "greeting_only", "--no-handshake"), 1, "no connection"),
    ],
)
def test_what_cannot_be_tried_is_said_with_its_exit_code(arguments, code, said):
    ran = run(*arguments)
    assert (ran.exit_code, said in ran.output) == (code, True), ran.output
    assert "sesame" not in ran.output


def test_a_known_failure_that_is_gone_exits_with_5(url, tmp_path):
    baseline = tmp_path / "known.yaml"
    baseline.write_text('[{"row": "function_call/FUN-009", "why": "It once was."}]', "utf-8")
    ran = run(url, "function_call", *FAST, "--baseline", str(baseline))
    assert ran.exit_code == 5, ran.output


def test_a_kit_that_fails_its_own_check_says_nothing_of_the_server(url, monkeypatch):
    monkeypatch.setattr(campaign, "Options", lambda **options: Options(api_keys=["none"]))
    ran = run(url, "greeting_only", *FAST)
    assert ran.exit_code == 3
    assert "HARNESS-ERROR" in ran.output
