"""`mockagent run` as a process of its own, around clients that know no address but the live one.

Every wait has a limit, and no process outlives its test.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

LIMIT = 60
PROGRAM = str(Path(sys.executable).with_name("mockagent"))
LIVE = "wss://agent.deepgram.com/v1/agent/converse"
FOREVER = "import time; time.sleep(600)"
REAL_KEY = "the-real-key-of-the-user"

CLIENT = f"""
import json, os, sys
from websockets.sync.client import connect
url, status = sys.argv[1], int(sys.argv[2])
headers = {{"Authorization": "Token " + os.environ["DEEPGRAM_API_KEY"]}}
with connect(url, additional_headers=headers, open_timeout={LIMIT}) as client:
    client.send(json.dumps({{"type": "Settings", "audio": {{}}, "agent": {{"greeting": "Hello."}}}}))
    while sys.argv[3:] != ["early"] and '"AgentAudioDone"' not in str(client.recv({LIMIT})):
        pass
print("the client is done")
raise SystemExit(status)
"""


@pytest.fixture
def run(tmp_path):
    """Runs `mockagent run ARGUMENTS` in an environment of its own to the end."""

    def run(*arguments, **environment):
        return subprocess.run(
            [PROGRAM, "run", *map(str, arguments)],
            env=clean(tmp_path, **environment),
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )

    return run


def clean(tmp_path, **more):
    """The environment without what would lead elsewhere, and with an authority of the test."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "XDG_DATA_HOME": str(tmp_path / "data"), **more}


def client(url=LIVE, status=0, *more):
    return ["--", sys.executable, "-c", CLIENT, url, str(status), *more]


def python(code, *arguments):
    return ["--", sys.executable, "-c", code, *map(str, arguments)]


def told(done):
    return [json.loads(line) for line in done.stderr.splitlines()]


class TestExit:
    def test_a_client_that_knows_only_the_live_host_finishes(self, run):
        done = run("greeting_only", "--speed", 10, *client())
        assert (done.returncode, done.stdout) == (0, "the client is done\n"), done.stderr
        assert "greeting_only: finished" in done.stderr

    @pytest.mark.parametrize("place", ["{url}", "{early_access_url}"])
    def test_an_address_in_the_arguments(self, run, place):
        done = run("-q", *python("import sys; print(sys.argv[1])", place))
        assert done.stdout.startswith("ws://127.0.0.1:")

    def test_the_status_of_the_command_is_ours(self, run):
        assert run("greeting_only", "--speed", 10, *client(LIVE, 3)).returncode == 3

    def test_a_scenario_that_was_not_finished(self, run):
        done = run("greeting_only", "--json", *client(LIVE, 0, "early"))
        assert (done.returncode, done.stdout) == (1, "the client is done\n")
        assert told(done)[-1] == {
            "event": "run_ended",
            "status": 0,
            "exit_code": 1,
            "missing": ["greeting_only was not finished"],
        }

    def test_a_scenario_that_nobody_came_to(self, run):
        done = run("greeting_only", *python("pass"))
        assert done.returncode == 1
        assert (
            "exit code 1, though the command ended with 0\n      greeting_only was not finished\n"
            in done.stderr
        )
        assert "no client came" in done.stderr

    def test_a_client_that_broke_what_must_hold(self, run):
        code = CLIENT.replace("    client.send(", "    client.send(b'00'); client.send(")
        done = run(*python(code, LIVE, 0, "early"))
        assert done.returncode == 1
        assert "session 1 broke SET-002" in done.stderr, done.stderr

    def test_the_house_agent_plays_without_a_scenario(self, run):
        assert run("--speed", 10, *client()).returncode == 0

    @pytest.mark.parametrize(("command", "status"), [("no-such-command", 127), ("/", 126)])
    def test_no_such_command(self, run, command, status):
        done = run("--", command)
        assert (done.returncode, done.stdout) == (status, "")
        assert done.stderr.splitlines()[-1].startswith(f"cannot run '{command}': ")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["barge_in"], "expected a command after --"),
            (["barge_in", "--"], "expected a command after --"),
            (["barge_inn", "--", "true"], "did you mean 'barge_in'?"),
            (["--timeout", "0", "--", "true"], "0.0 is not in the range 0<x<=86400"),
            (["--timeout", "nan", "--", "true"], "--timeout is a number of seconds"),
            (["--trace-audio", "--", "true"], "--trace-audio needs --trace FOLDER"),
            (["--api-key", " ", "--", "true"], "an empty key is no credential"),
        ],
    )
    def test_what_cannot_begin_ends_with_2(self, run, arguments, said):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert "Traceback" not in done.stderr

    def test_options_of_the_command_are_its_own(self, run):
        done = run("-q", *python("import sys; print(sys.argv[1:])", "--speed", "--", "-q", "--help"))
        assert done.stdout == "['--speed', '--', '-q', '--help']\n"


class TestProxy:
    def test_another_host_is_refused_and_said(self, run):
        code = "import urllib.request; urllib.request.urlopen('https://example.com/secret')"
        done = run(*python(code))
        assert done.returncode == 1
        assert "403 Forbidden by mockagent" in done.stderr
        (line,) = (line for line in done.stderr.splitlines() if line.startswith("proxy: "))
        assert line.startswith("proxy: CONNECT example.com:443 is refused: ")
        assert "secret" not in line

    def test_rest_of_the_live_hosts_is_the_servers(self, run):
        code = "import urllib.request; print(urllib.request.urlopen({!r}).status)"
        url = "https://api.deepgram.com/v1/agent/settings/think/models"
        assert run("-q", *python(code.format(url))).stdout == "200\n"


class TestCredentials:
    def test_the_real_key_reaches_nothing(self, run, tmp_path):
        traces = tmp_path / "traces"
        show = "import os; print(dict(os.environ));"
        code = show + CLIENT
        done = run(
            "greeting_only", "--speed", 10, "--trace", traces, *python(code, LIVE, 0),
            DEEPGRAM_API_KEY=REAL_KEY, COPY_OF_THE_KEY=REAL_KEY, DEEPGRAM_ACCESS_TOKEN="a-real-token",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "the credentials in this environment are not passed on" in done.stderr
        written = "".join(path.read_text() for path in traces.iterdir())
        assert '"SettingsApplied"' in written
        for secret in (REAL_KEY, "a-real-token"):
            assert secret not in done.stdout + done.stderr + written

    def test_the_key_that_is_given_is_let_in_alone(self, run):
        done = run("greeting_only", "--speed", 10, "--api-key", "given", *client())
        assert done.returncode == 0, done.stderr
        code = CLIENT.replace('os.environ["DEEPGRAM_API_KEY"]', "'another'")
        done = run("greeting_only", "--api-key", "given", *python(code, LIVE, 0))
        assert done.returncode == 1
        assert "turned away with 401" in done.stderr
        assert "no client came" not in done.stderr

    def test_that_a_client_was_turned_away_is_said_quietly_too(self, run):
        code = CLIENT.replace('os.environ["DEEPGRAM_API_KEY"]', "''")
        done = run("greeting_only", "-q", *python(code, LIVE, 0))
        assert done.returncode == 1
        (line,) = (line for line in done.stderr.splitlines() if "no client" in line)
        assert line.strip().startswith("no client was let in: the only one was turned away with 401: ")
        assert "DEEPGRAM_API_KEY" in line


class TestTheEnd:
    def test_a_command_that_hangs_is_stopped_with_its_children(self, run, tmp_path):
        path = tmp_path / "pid"
        code = (
            "import subprocess, sys, time; process = subprocess.Popen([sys.executable, '-c', sys.argv[2]]);"
            "print(process.pid, file=open(sys.argv[1], 'w'), flush=True); time.sleep(600)"
        )
        done = run("--json", "--timeout", 3, *python(code, path, FOREVER))
        assert done.returncode == 124
        assert told(done)[-1]["missing"][0] == "the command was stopped after 3 s"
        assert not is_alive(int(path.read_text()))

    @pytest.mark.parametrize(
        ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 9)]
    )
    def test_signals_are_passed_on(self, tmp_path, number, status):
        code = (
            "import time\ntry:\n print('up', flush=True)\n time.sleep(600)\n"
            "except KeyboardInterrupt:\n raise SystemExit(9)"
        )
        command = [PROGRAM, "run", "-q", *python(code)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean(tmp_path)
        ) as process:
            limit = threading.Timer(LIMIT, process.kill)
            limit.start()
            try:
                assert process.stdout.readline() == "up\n"
                process.send_signal(number)
                assert process.wait(LIMIT) == status
            finally:
                limit.cancel()
                process.kill()

    def test_a_second_signal_ends_a_command_that_ignores_them(self, tmp_path):
        code = (
            "import os, signal, time\n"
            "for each in (signal.SIGINT, signal.SIGTERM): signal.signal(each, signal.SIG_IGN)\n"
            "print(os.getpid(), flush=True)\ntime.sleep(600)"
        )
        command = [PROGRAM, "run", "-q", *python(code)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean(tmp_path)
        ) as process:
            limit = threading.Timer(LIMIT, process.kill)
            limit.start()
            try:
                pid = int(process.stdout.readline())
                process.send_signal(signal.SIGINT)
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(0.3)
                process.send_signal(signal.SIGINT)
                assert process.wait(LIMIT) == 137
                assert not is_alive(pid)
            finally:
                limit.cancel()
                process.kill()

    def test_both_outputs_are_the_commands_own(self, run):
        code = "import sys; sys.stdout.write('out'); sys.stderr.write('err\\n'); sys.stdin.read()"
        done = run("-q", *python(code))
        assert done.stdout == "out"
        assert "err\n" in done.stderr


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"
