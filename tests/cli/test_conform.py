"""`mockagent conform client` as a person or a CI job calls it: what it prints and writes, and how it exits."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from mockagent.catalogue import read_schema
from mockagent.cli import main
from mockagent.conformance import campaign

REFERENCE = (sys.executable, "-P", "-m", "mockagent.testing.client")
PEERS = Path(__file__).parent.parent / "conformance" / "observing_peers.py"
TALKS = """
import asyncio, json, os, sys
from websockets.asyncio.client import connect

SETTINGS = {
    "type": "Settings",
    "audio": {"input": {"encoding": "linear16", "sample_rate": 16000}},
    "agent": {
        "greeting": "Hi.",
        "think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}},
        "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
    },
}

async def main():
    headers = {"Authorization": "Token " + os.environ["DEEPGRAM_API_KEY"]}
    async with connect(os.environ["MOCKAGENT_URL"], additional_headers=headers, proxy=None, open_timeout=60) as socket:
        async for message in socket:
            type = json.loads(message)["type"] if isinstance(message, str) else ""
            if type == "Welcome":
                await socket.send(json.dumps(SETTINGS))
            if type == "SettingsApplied" and "barge_in" in os.environ["MOCKAGENT_CASE"]:
                await socket.send('{"type": "InjectUserMessage", "text": "Hello"}')

asyncio.run(main())
"""


def run(*arguments):
    return CliRunner().invoke(main, ["conform", "client", *arguments])


@pytest.fixture
def client(tmp_path):
    """A client that is told nothing, and does one thing wrong in barge_in."""
    path = tmp_path / "client.py"
    path.write_text(TALKS, "utf-8")
    return (sys.executable, str(path))


def test_a_client_that_conforms_exits_with_0_and_is_reported_in_full(tmp_path):
    json_file, junit_file, traces = tmp_path / "r.json", tmp_path / "r.xml", tmp_path / "traces"
    files = ("--json", str(json_file), "--junit", str(junit_file), "--traces", str(traces))
    result = run("greeting_only", "--speed", "20", *files, "--", *REFERENCE)
    assert result.exit_code == 0, result.output
    body = json.loads(json_file.read_text())
    Draft202012Validator(read_schema("files/report.json")).validate(body)
    assert (body["level"], body["exit_code"], set(body["totals"])) == (2, 0, {"PASS"})
    assert {row["case"] for row in body["rows"]} == {"sanity-first", "greeting_only", "sanity-last"}
    assert int(ElementTree.parse(junit_file).getroot().get("tests")) == body["planned"] == len(body["rows"])
    assert list((traces / "greeting_only").glob("*.jsonl"))


@pytest.mark.parametrize(
    ("peer", "why"),
    [
        ("say_nothing", "its application wrote nothing of what it saw"),
        ("garble", "what its application wrote of what it saw cannot be read"),
        ("swallow_audio", "its application did not tell of messages and of audio"),
    ],
)
def test_a_client_that_obeys_and_does_not_observe_is_of_level_1_with_the_reason(peer, why):
    result = run("greeting_only", "--speed", "20", "--", sys.executable, str(PEERS), peer)
    assert result.exit_code == 0, result.output
    assert "level 1: " in result.output
    assert f"it obeys intents, and {why}" in result.output


def test_a_failure_exits_with_1_and_says_what_where_and_how_to_play_it_again(client):
    result = run("barge_in", "--speed", "10", "--", *client)
    assert result.exit_code == 1
    assert "level 0: " in result.output
    assert "FAIL  barge_in/course" in result.output
    assert "MSG-003" in result.output
    assert "barge_in.yaml:" in result.output
    again = f"barge_in.yaml --level 0 --speed 10 -- {' '.join(client)}"
    assert again in result.output


@pytest.mark.parametrize(
    ("rows", "expires", "verdict", "exit_code"),
    [
        ("barge_in/*", "2999-01-01", "XFAIL", 0),
        ("barge_in/*", "2001-01-01", "XPASS", 5),
        ("greeting_only/course", "2999-01-01", "XPASS", 1),
    ],
)
def test_a_baseline_says_which_failures_are_known(rows, expires, verdict, exit_code, client, tmp_path):
    report, baseline = tmp_path / "report.json", tmp_path / "baseline.yaml"
    baseline.write_text(f"- row: {rows}\n  why: Not yet.\n  expires: '{expires}'\n  message: ''\n", "utf-8")
    played = ("barge_in", "greeting_only", "--speed", "10", "--level", "0")
    failing = run(*played, "--json", str(report), "--", *client)
    assert failing.exit_code == 1
    failed = [row for row in json.loads(report.read_text())["rows"] if row["verdict"] == "FAIL"]
    if rows == "barge_in/*":  # only what fails is known
        entries = [f"- {{row: {row['id']}, why: Not yet., expires: '{expires}'}}\n" for row in failed]
        baseline.write_text("".join(entries), "utf-8")
    result = run(*played, "--baseline", str(baseline), "--json", str(report), "--", *client)
    assert result.exit_code == exit_code, result.output
    assert json.loads(report.read_text())["totals"][verdict] == (len(failed) if "*" in rows else 1)


def test_a_wrong_baseline_is_told_with_its_place(tmp_path):
    path = tmp_path / "baseline.yaml"
    path.write_text("- row: barge_in/course\n", "utf-8")
    result = run("barge_in", "--baseline", str(path), "--", "true")
    assert (result.exit_code, f"{path}:1:" in result.output) == (2, True)


def test_a_known_failure_that_passes_exits_with_5(tmp_path):
    path = tmp_path / "baseline.yaml"
    path.write_text("- {row: greeting_only/course, why: It used to fail.}\n", "utf-8")
    result = run("greeting_only", "--speed", "20", "--baseline", str(path), "--level", "1", "--", *REFERENCE)
    assert result.exit_code == 5
    assert "a known failure did not happen: It used to fail." in result.output


def test_what_a_client_that_is_told_nothing_cannot_play_is_said_and_not_counted(client):
    result = run("greeting_only", "text_only", "--speed", "10", "--", *client)
    assert result.exit_code == 0, result.output
    assert "NOT-APPLICABLE" in result.output
    assert "obeys no intents" in result.output


def test_a_client_that_cannot_do_the_least_is_not_scored(tmp_path):
    result = run("barge_in", "--level", "1", "--", "true")
    assert result.exit_code == 1
    assert "not scored: sanity-first/course is FAIL" in result.output
    assert "PASS" not in result.output


def test_nothing_that_ran_is_no_success():
    result = run("barge_in", "--level", "1", "--", "sh", "-c", "exit 127")
    assert result.exit_code == 1  # it cannot even do the sanity case
    assert "UNIMPLEMENTED" in result.output


def test_without_any_scenario_left_nothing_ran():
    result = run("barge_in", "--tag", "no-such-tag", "--speed", "20", "--", *REFERENCE)
    assert result.exit_code == 4
    assert "no scenario" in result.output


def test_a_kit_that_fails_its_own_check_judges_nobody(monkeypatch):
    monkeypatch.setattr(campaign, "REFERENCE", ("true",))
    result = run("barge_in", "--level", "1", "--", *REFERENCE)
    assert result.exit_code == 3
    assert "the kit's own client fails its own check" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("barge_in",), "expected a command after --"),
        (("barge_on", "--", "true"), "did you mean 'barge_in'?"),
        (("barge_in#7", "--level", "1", "--", *REFERENCE), "no case named 'barge_in#7'"),
        (("barge_in", "--", "no-such-command-anywhere"), "there is no such command"),
        (("barge_in", "--level", "7", "--", "true"), "--level"),
    ],
)
def test_what_cannot_be_understood_exits_with_2(arguments, said):
    result = run(*arguments)
    assert (result.exit_code, said in result.output) == (2, True), result.output


def test_a_further_play_of_a_scenario_is_a_case_of_its_own():
    result = run("voice_or_text#2", "--speed", "20", "--level", "1", "--", *REFERENCE)
    assert result.exit_code == 0, result.output
    assert "voice_or_text#2: PASS" in result.output
    assert "voice_or_text: PASS" not in result.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_it_stops_all_that_it_has_started(number, tmp_path):
    script, mark = tmp_path / "sleeper.py", tmp_path / "started"
    script.write_text(
        "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(600)", "utf-8"
    )
    start = "from mockagent.cli import main; main()"
    arguments = (
        "conform",
        "client",
        "barge_in",
        "--level",
        "1",
        "--json",
        str(tmp_path / "report.json"),
        "--",
        sys.executable,
        str(script),
        str(mark),
    )
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    kit = subprocess.Popen([sys.executable, "-P", "-c", start, *arguments], **pipes, text=True)
    until = time.monotonic() + 60
    while not mark.exists() and time.monotonic() < until:
        time.sleep(0.01)
    kit.send_signal(number)
    printed, said = kit.communicate(timeout=60)
    assert said == "stopped before all cases were played\n"
    assert kit.returncode == 130
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    Draft202012Validator(read_schema("files/report.json")).validate(report)
    assert report["exit_code"] == 130
    assert report["totals"] == {"SKIPPED": report["planned"]}
    assert f"{report['planned']} rows of 3 cases: SKIPPED" in printed
    if Path("/proc/self/stat").exists():
        assert [each for each in Path("/proc").glob("*/cmdline") if str(script) in text_of(each)] == []


def text_of(path):
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
