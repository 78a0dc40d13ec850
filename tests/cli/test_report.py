"""`mockagent report`, and the files that `mockagent conform` writes, as a person or a CI job meets them."""

import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockagent.cli import main

KEY = "sk-never-to-be-shown"
CLIENT = """
import asyncio, json, os
from websockets.asyncio.client import connect

SETTINGS = {
    "type": "Settings",
    "audio": {"input": {"encoding": "linear16", "sample_rate": 16000}},
    "agent": {
        "greeting": "</script><script>harm()</script>",
        "think": {
            "provider": {"type": "open_ai", "model": "gpt-4o-mini"},
            "endpoint": {"url": "https://example.com/?key=KEY", "headers": {"authorization": "KEY"}},
        },
        "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
    },
}

async def main():
    headers = {"Authorization": "Token " + os.environ["DEEPGRAM_API_KEY"]}
    print("<script>harm()</script>", os.environ["DEEPGRAM_API_KEY"])
    async with connect(os.environ["MOCKAGENT_URL"], additional_headers=headers, proxy=None, open_timeout=60) as socket:
        async for message in socket:
            type = json.loads(message)["type"] if isinstance(message, str) else ""
            if type == "Welcome":
                await socket.send(json.dumps(SETTINGS))
            if type == "SettingsApplied" and "barge_in" in os.environ["MOCKAGENT_CASE"]:
                await socket.send('{"type": "InjectUserMessage", "text": "KEY"}'.replace("KEY", "Hello"))

asyncio.run(main())
""".replace("KEY", KEY, 2)


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder with everything that a run against a client writes that does one thing wrong."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "client.py").write_text(CLIENT, "utf-8")
    formats = ("json", "junit", "html", "markdown", "badge")
    files = [each for name in formats for each in (f"--{name}", folder / f"report.{name}")]
    command = ("barge_in", "--speed", "10", "--level", "0", *files, "--traces", folder / "traces")
    result = run("conform", "client", *command, "--", sys.executable, folder / "client.py")
    assert result.exit_code == 1, result.output
    return folder


def test_a_page_shows_the_sessions_and_flags_what_was_found_in_them(made):
    page = (made / "report.html").read_text("utf-8")
    assert len(re.findall('<figure class="timeline">', page)) == 3
    flag = re.search(
        r'class="flag" href="#(row-\d+)"><title>[^<]*</title><path [^>]*/><text [^>]*>▼ MSG-003<', page
    )
    article = page.partition(f'id="{flag[1]}"')[2].partition("</article>")[0]
    assert "barge_in/MSG-003" in article
    frame = re.search(r'href="#(event-\d+-\d+-(\d+))">\2, client InjectUserMessage', article)
    row = page.partition(f'id="{frame[1]}"')[2].partition("</tr>")[0]
    assert "InjectUserMessage" in row and "▼ MSG-003" in row


def test_the_frame_of_a_finding_is_that_of_the_trace(made):
    body = json.loads((made / "report.json").read_text())
    found = next(row for row in body["rows"] if row["id"] == "barge_in/MSG-003")
    case = next(case for case in body["cases"] if case["id"] == "barge_in")
    lines = Path(case["files"][f"trace-{found['session']}"]).read_text().splitlines()
    event = next(line for line in map(json.loads, lines) if line.get("n") == found["frame"])
    assert event["message"]["type"] == "InjectUserMessage"
    assert found["requirement"] == "MSG-003"


def test_no_secret_and_no_markup_of_a_peer_is_in_any_file(made):
    for path in made.glob("report.*"):
        content = path.read_text("utf-8")
        assert KEY not in content and "conform-" not in content, path
    page = (made / "report.html").read_text("utf-8")
    assert "&lt;script&gt;harm()" in page and "<script>harm" not in page
    assert "[redacted]" in page


def test_a_page_needs_no_folder_of_traces_and_a_report_names_no_file_that_is_gone(made, tmp_path):
    files = ("--html", tmp_path / "a.html", "--json", tmp_path / "a.json")
    run(
        "conform",
        "client",
        "barge_in",
        "--speed",
        "10",
        "--level",
        "0",
        *files,
        "--",
        sys.executable,
        made / "client.py",
    )
    assert '<figure class="timeline">' in (tmp_path / "a.html").read_text("utf-8")
    assert [case["files"] for case in json.loads((tmp_path / "a.json").read_text())["cases"]] == [{}, {}, {}]


def test_a_stored_report_is_shown_again_in_every_format(made, tmp_path):
    formats = ("json", "junit", "html", "markdown", "badge")
    files = [each for name in formats for each in (f"--{name}", tmp_path / name)]
    result = run("report", "show", made / "report.json", *files)
    assert result.exit_code == 0, result.output
    assert "FAIL  barge_in/MSG-003" in result.output
    for name in formats:
        assert (tmp_path / name).read_text("utf-8") == (made / f"report.{name}").read_text("utf-8")


def test_a_page_without_its_traces_says_which_are_missing(made, tmp_path):
    body = json.loads((made / "report.json").read_text())
    body["cases"][0]["files"]["trace-1"] = "gone.jsonl"
    (tmp_path / "report.json").write_text(json.dumps(body))
    result = run("report", "show", tmp_path / "report.json", "--html", tmp_path / "page.html")
    assert result.exit_code == 0
    assert "the page is made without gone.jsonl: " in result.output


def test_a_report_does_not_differ_from_itself(made):
    result = run("report", "diff", made / "report.json", made / "report.json")
    assert (result.exit_code, result.output) == (0, "no difference\n")


def changed(made, path, verdict):
    body = json.loads((made / "report.json").read_text())
    row = next(row for row in body["rows"] if row["id"] == "barge_in/SET-001")
    row["verdict"] = verdict
    path.write_text(json.dumps(body))
    return path


def test_what_got_worse_exits_with_1_and_what_got_better_with_0(made, tmp_path):
    worse = changed(made, tmp_path / "worse.json", "FAIL")
    result = run("report", "diff", made / "report.json", worse)
    assert result.exit_code == 1
    assert "newly failing: barge_in/SET-001  PASS -> FAIL" in result.output
    back = run("report", "diff", worse, made / "report.json", "--json")
    assert back.exit_code == 0
    assert [row["kind"] for row in json.loads(back.output)["rows"]] == ["newly passing"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "expected a report as JSON, got something else"),
        ("\xff", "expected a report as JSON, got something else"),
        ("[" * 100_000, "expected a report as JSON, got something else"),
        ('{"report": 1}', "expected a field"),
        ("[]", "expected an object"),
    ],
)
def test_a_file_that_holds_no_report_exits_with_2(content, said, made, tmp_path):
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_text(content, "latin-1")
    result = run("report", "diff", made / "report.json", path)
    assert result.exit_code == 2
    assert f"{path}:1:1: " in result.output and said in result.output


def test_a_trace_is_drawn_alone(made, tmp_path):
    (trace,) = (made / "traces" / "barge_in").glob("*.jsonl")
    result = run("report", "timeline", trace, tmp_path / "page.html")
    assert (result.exit_code, result.output) == (0, "")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "▼ MSG-003" in page and KEY not in page


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot read "), ("", "expected the header of a trace"), ("{}\n", "expected one trace")],
)
def test_what_is_no_trace_exits_with_2(content, said, tmp_path):
    path = tmp_path / "one.jsonl"
    if content is not None:
        path.write_text(content)
    result = run("report", "timeline", path, tmp_path / "page.html")
    assert (result.exit_code, said in result.output) == (2, True), result.output


def test_a_file_that_cannot_be_written_exits_with_2(made, tmp_path):
    result = run("report", "show", made / "report.json", "--html", tmp_path / "none" / "page.html")
    assert result.exit_code == 2
    assert f"cannot write {tmp_path / 'none' / 'page.html'}: No such file" in result.output
