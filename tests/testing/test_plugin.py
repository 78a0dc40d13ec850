"""The pytest plugin as its users meet it: small test files run in a pytest of their own."""

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

CLIENT = '''
import json
import pytest
from websockets.sync.client import connect

SHORT = """
name: short
summary: The agent greets, and the client changes the prompt
steps:
  - client: Settings
  - agent: Hello.
  - client: {type: UpdatePrompt, prompt: ~formal}
  - client: {closes: true}
"""
SETTINGS = {
    "type": "Settings",
    "audio": {"input": {"encoding": "linear16", "sample_rate": 16000}},
    "agent": {"think": {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}}},
}

def opened(url):
    return connect(url, additional_headers={"Authorization": "Token any"}, proxy=None, open_timeout=60)

def until(socket, wanted):
    for frame in socket:
        if isinstance(frame, str) and json.loads(frame)["type"] == wanted:
            return

def say(socket, type, **fields):
    socket.send(json.dumps({"type": type, **fields}))

def converse(url, prompt="Be formal."):
    with opened(url) as socket:
        socket.send(json.dumps(SETTINGS))
        until(socket, "AgentAudioDone")
        say(socket, "UpdatePrompt", prompt=prompt)
        until(socket, "PromptUpdated")
'''


@pytest.fixture
def run(pytester: pytest.Pytester):
    """Runs a file of tests that may use the client above; gives what pytest said of them."""

    def run_tests(text: str) -> pytest.RunResult:
        pytester.makepyfile(CLIENT + text)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", timeout=60)

    return run_tests


def test_a_client_that_does_its_part_passes(run):
    result = run(
        """
def test_sync(mockagent):
    server = mockagent.serve(yaml=SHORT, speed=20, api_key="any")
    converse(server.url)
    assert server.messages[0]["type"] == "Settings"
    assert server.wait_for("UpdatePrompt")["prompt"] == "Be formal."
    assert server.findings == []
    [session] = server.wait_for_close()
    assert session.ending == "finished"
    assert server.trace[0]["scenario"] == "short"
    assert server.trace[-1]["outcome"] == "finished"

def test_async(mockagent):
    import asyncio
    from websockets.asyncio.client import connect

    async def talk():
        server = mockagent.serve(yaml=SHORT, speed=20)
        headers = {"Authorization": "Token any"}
        async with connect(server.url, additional_headers=headers, proxy=None, open_timeout=60) as socket:
            await socket.send(json.dumps(SETTINGS))
            async for frame in socket:
                if isinstance(frame, str) and json.loads(frame)["type"] == "AgentAudioDone":
                    break
            await socket.send(json.dumps({"type": "UpdatePrompt", "prompt": "Be formal."}))
            await asyncio.to_thread(server.wait_for, {"type": "UpdatePrompt", "prompt": "~formal"})

    asyncio.run(talk())

def test_bundled_and_several(mockagent):
    server = mockagent.serve("greeting_only", "text_only", speed=20, expect_finished=False)
    with opened(server.url + "?scenario=greeting_only") as socket:
        socket.send(json.dumps(SETTINGS))
        until(socket, "AgentAudioDone")
    assert server.wait_for_close()[0].scenario == "greeting_only"

def test_house_agent(mockagent):
    server = mockagent.serve(speed=20)
    with opened(server.url) as socket:
        socket.send(json.dumps(SETTINGS))
        until(socket, "AgentAudioDone")
"""
    )
    result.assert_outcomes(passed=4)


def test_servers_of_one_test_do_not_know_of_each_other(run):
    result = run(
        """
def test_threads(mockagent):
    from concurrent.futures import ThreadPoolExecutor

    servers = [mockagent.serve(yaml=SHORT, speed=20) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda pair: converse(pair[1].url, f"Formal {pair[0]}"), enumerate(servers)))
    assert len({server.url for server in servers}) == 4
    assert [server.messages[-1]["prompt"] for server in servers] == [f"Formal {n}" for n in range(4)]
    assert [len(server.sessions) for server in servers] == [1, 1, 1, 1]
"""
    )
    result.assert_outcomes(passed=1)


def test_the_test_fails_when_the_play_was_not_finished(run):
    result = run(
        """
def test_closes_early(mockagent):
    server = mockagent.serve(yaml=SHORT, speed=20)
    with opened(server.url) as socket:
        socket.send(json.dumps(SETTINGS))
        until(socket, "AgentAudioDone")

def test_says_something_else(mockagent):
    converse(mockagent.serve(yaml=SHORT, speed=20).url, "Be nice.")

def test_never_connects(mockagent):
    mockagent.serve(yaml=SHORT)

def test_leaves_one_out(mockagent):
    server = mockagent.serve("greeting_only", yaml=SHORT, speed=20)
    converse(server.url + "?scenario=short")
"""
    )
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(
        [
            "*session 1 (short) did not come to its end: inline.yaml:7: expected UpdatePrompt with "
            '{"prompt": "~formal"}, got a close (1000) (last came: Settings*',
            "*session 1 (short) did not come to its end: inline.yaml:7: expected UpdatePrompt with *"
            'nearest: UpdatePrompt, where /prompt: expected a text containing "formal", got "Be nice."',
            "*no client has connected to ws://127.0.0.1:*/v1/agent/converse, so nothing was tested",
            "*greeting_only (*greeting_only.yaml) was served, but no client played it",
        ]
    )


def test_the_test_fails_when_the_client_broke_what_it_must_keep(run):
    result = run(
        """
def answer_unasked(url):
    with opened(url) as socket:
        socket.send(json.dumps(SETTINGS))
        until(socket, "AgentAudioDone")
        say(socket, "FunctionCallResponse", id="fc_1", name="get_weather", content="sunny")
        say(socket, "UpdatePrompt", prompt="formal")
        until(socket, "PromptUpdated")

def test_breaks(mockagent):
    answer_unasked(mockagent.serve(yaml=SHORT, speed=20).url)

def test_may_break(mockagent):
    server = mockagent.serve(yaml=SHORT, speed=20, allow_findings=["FUN-001"])
    answer_unasked(server.url)
    assert [finding.requirement for finding in server.findings] == ["FUN-001"]

def test_may_break_something_else(mockagent):
    answer_unasked(mockagent.serve(yaml=SHORT, speed=20, allow_findings=["FUN-002"]).url)
"""
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*session 1 (short) broke FUN-001 (A FunctionCallResponse of the client answers a call that is pending.)*"
        ]
    )


def test_what_is_not_expected_is_no_fault(run):
    result = run(
        """
def test_never_connects(mockagent):
    mockagent.serve("barge_in", expect_finished=False)

def test_closes_early(mockagent):
    server = mockagent.serve(yaml=SHORT, expect_finished=False)
    with opened(server.url):
        pass

def test_does_not_serve(mockagent):
    pass

def test_skips(mockagent):
    mockagent.serve("barge_in")
    pytest.skip("not today")
"""
    )
    result.assert_outcomes(passed=3, skipped=1)


def test_a_failed_test_says_how_far_the_play_came(run):
    result = run(
        """
def test_waits_in_vain(mockagent):
    server = mockagent.serve(yaml=SHORT, speed=20)
    converse(server.url, "Be nice.")
    server.wait_for_close()
    server.wait_for({"type": "UpdatePrompt", "prompt": "~formal"}, timeout=0.01)
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            'E*waited 0.01 s for a message: {"type": "UpdatePrompt", "prompt": "~formal"}',
            'E*nearest: UpdatePrompt, where /prompt: expected a text containing "formal", got "Be nice."',
            "E*session 1 (unfinished) sent Settings, UpdatePrompt, a close (1000)",
            "*- Captured mockagent call -*",
            "*session 1 (short) did not come to its end: inline.yaml:7: *",
        ]
    )


def test_a_client_in_a_fixture_may_close_after_the_test(run):
    result = run(
        """
@pytest.fixture
def socket(mockagent):
    server = mockagent.serve(yaml=SHORT, speed=20)
    with opened(server.url) as socket:
        socket.send(json.dumps(SETTINGS))
        until(socket, "AgentAudioDone")
        yield socket

def test_does_it(socket):
    say(socket, "UpdatePrompt", prompt="formal")
    until(socket, "PromptUpdated")

def test_does_not(socket):
    pass
"""
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*session 1 (short) did not come to its end: inline.yaml:7: *"])


def test_a_server_that_cannot_be_had_says_why(run):
    result = run(
        """
@pytest.mark.parametrize("wrong", [
    {"scenarios": ["barge_inn"]},
    {"yaml": "name: x"},
    {"yaml": SHORT + "  - server: AgentAudioDone"},
    {"allow_findings": ["FUN-01"]},
    {"tolerance": "strickt"},
    {"speed": 0},
])
def test_serves(mockagent, wrong):
    mockagent.serve(*wrong.pop("scenarios", ()), **wrong)
"""
    )
    result.assert_outcomes(failed=6)
    result.stdout.fnmatch_lines(
        [
            "E*NoSuchName: no file or bundled scenario named 'barge_inn'; did you mean 'barge_in'?",
            "E*ScenarioError: inline.yaml:1:1: *",
            "E*ScenarioError: inline.yaml:9:*",
            "E*NoSuchName: no requirement named 'FUN-01'; did you mean 'FUN-*'?",
            "E*ValueError: expected * as the tolerance, got 'strickt'; did you mean 'strict'?",
            "E*ValueError: expected a number above 0 as the speed, got 0",
        ]
    )


def test_the_context_manager_can_be_had_after_the_fixture():
    program = (
        "import mockagent.testing.starting as starting\n"
        "from mockagent.testing import serving\n"
        "assert serving is starting.serving"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_plugin_loads_nothing_that_pytest_has_not():
    program = (
        "import sys, pytest; before = set(sys.modules)\n"
        "import mockagent.testing.plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert set(loaded.stdout.split()) <= {"mockagent", "mockagent.testing", "mockagent.testing.plugin"}
