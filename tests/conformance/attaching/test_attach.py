"""`conform client --attach` through real sockets and processes: agents that ask, and what they do wrong."""

import contextlib
import http.client
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

AGENT = Path(__file__).parent.parent / "agent.py"
KIT = (sys.executable, "-P", "-c", "from mockagent.cli import main; main()", "conform", "client")
WITHIN = 120
"""Seconds of the wall after which a run that hangs is given up."""


def loaded():
    spec = importlib.util.spec_from_file_location("agent", AGENT)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


agent = loaded()


class Kit:
    """A run that agents attach to."""

    def __init__(self, folder, *arguments):
        self._report = folder / "report.json"
        self._process = subprocess.Popen(
            (*KIT, *arguments, "--speed", "10", "--attach", "--json", str(self._report)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.url = self._process.stdout.readline().strip()

    def next(self, name="a"):
        """The next task of that agent, None when there is none any more."""
        while True:
            status, task = agent.ask(f"{self.url}/next?agent={name}")
            if status in (200, 204):
                return task
            assert status == 503

    def told(self, what, case, data=b"", **more):
        return agent.ask(agent.of_case(self.url, what, case, **more), "POST", data)[0]

    def rows(self):
        """How it exited, and what came of each row."""
        self._process.communicate(timeout=WITHIN)
        report = json.loads(self._report.read_text("utf-8"))
        assert len(report["rows"]) == report["planned"]
        return self._process.returncode, {row["id"]: row for row in report["rows"]}

    def end(self):
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def kit(tmp_path):
    with contextlib.ExitStack() as stack:

        def started(*arguments):
            found = Kit(tmp_path, *arguments)
            stack.callback(found.end)
            return found

        yield started


def attached(url, name, how="well"):
    return subprocess.Popen((sys.executable, str(AGENT), url, name, how))


def play(task, how="well"):
    return agent.asyncio.run(agent.play(task, how))


def verdicts(rows, case=""):
    return {row["verdict"] for id, row in rows.items() if id.startswith(f"{case}/" if case else "")}


def test_two_agents_share_the_cases_of_a_run_and_are_judged_at_level_2(kit):
    run = kit("greeting_only", "barge_in")
    agents = [attached(run.url, name) for name in ("a", "b")]
    status, rows = run.rows()
    assert (status, verdicts(rows)) == (0, {"PASS"})
    assert "barge_in/OBS-005" in rows
    assert [each.wait(WITHIN) for each in agents] == [0, 0]


def test_where_nobody_ever_asks_every_row_fails(kit):
    status, rows = kit("greeting_only", "--connect-within", "0.5").rows()
    assert (status, verdicts(rows)) == (1, {"FAIL"})


def test_an_agent_with_the_wrong_key_fails(kit):
    run = kit("greeting_only", "--level", "1")
    attached(run.url, "a", "wrong_key").wait(WITHIN)
    status, rows = run.rows()
    assert (status, verdicts(rows)) == (1, {"FAIL"})
    assert "401" in rows["sanity-first/course"]["reason"]


def test_an_agent_that_never_comes_back_fails_its_case_and_what_is_left(kit):
    run = kit("greeting_only", "barge_in", "--level", "1", "--jobs", "1", "--connect-within", "1")
    attached(run.url, "a", "vanishes").wait(WITHIN)
    status, rows = run.rows()
    assert status == 1
    assert verdicts(rows, "greeting_only") == verdicts(rows, "sanity-last") == {"FAIL"}
    assert "connect clock" in rows["greeting_only/course"]["reason"]


def test_who_asks_for_the_next_case_is_done_with_the_last(kit):
    run = kit("greeting_only", "--level", "1")
    for _ in ("sanity-first", "greeting_only", "sanity-last"):
        play(run.next())
    assert run.next() is None
    status, rows = run.rows()
    assert (status, verdicts(rows)) == (0, {"PASS"})


def test_an_agent_that_says_nothing_after_its_session_hangs(kit):
    run = kit("greeting_only", "--level", "1")
    play(run.next())
    status, rows = run.rows()
    assert (status, rows["sanity-first/close"]["verdict"]) == (1, "HANG")


def test_an_unknown_case_is_not_found_and_a_finished_one_is_gone(kit):
    run = kit("greeting_only", "--level", "1")
    task = run.next()
    assert run.told("finished", "greeting_only") == 404  # not handed out yet
    assert run.told("observe", "no-such-case") == 404
    assert run.told("finished", task["case"], status=300) == 400
    assert run.told("finished", task["case"], status=127) == 204
    assert run.told("finished", task["case"]) == 410
    assert run.told("observe", task["case"], b"{}") == 410
    status, rows = run.rows()
    assert (status, rows["sanity-first/course"]["verdict"]) == (1, "UNIMPLEMENTED")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example.com"}, 403),
        ({"Origin": "https://evil.example.com"}, 403),
        ({"Origin": "http://localhost:5173"}, 204),
        ({"Origin": "https://app.example.com"}, 204),
    ],
)
def test_pages_of_this_machine_and_of_named_origins_may_ask(headers, status, kit):
    run = kit("greeting_only", "--allow-origin", "https://app.example.com", "--connect-within", "1")
    with contextlib.closing(http.client.HTTPConnection(urlsplit(run.url).netloc)) as connection:
        connection.request("OPTIONS", "/_conform/next?agent=a", headers=headers)
        answer = connection.getresponse()
    assert answer.status == status
    allowed = headers.get("Origin") if status == 204 else None
    assert answer.getheader("Access-Control-Allow-Origin") == allowed
    assert run.rows()[0] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--attach", "--", "true"), "--attach starts no command"),
        (("--port", "80", "--", "true"), "--port has a meaning only with --attach"),
        (("greeting_only", "--attach", "--host", "no.such.host.invalid"), "cannot listen on"),
    ],
)
def test_what_cannot_be_understood_exits_with_2(arguments, said):
    ran = subprocess.run((*KIT, *arguments), capture_output=True, text=True, timeout=WITHIN)
    assert (ran.returncode, said in ran.stderr) == (2, True), ran.stderr
