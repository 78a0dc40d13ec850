"""`mockagent serve` as a process of its own: what it prints, how it ends, and what it refuses to begin with.

Every wait has a limit, and no process outlives its test.
"""

import json
import os
import queue
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.sync.client import connect

from mockagent.protocol.events import Side
from mockagent.protocol.trace import read
from mockagent.tls import authority

LIMIT = 60
PROGRAM = str(Path(sys.executable).with_name("mockagent"))
KEY = {"Authorization": "Token any"}
SETTINGS = {"type": "Settings", "audio": {}, "agent": {"greeting": "Hello."}}


class Running:
    """A server process: its lines as they come, and its end."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self._coming = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._coming.put(line.rstrip("\n"))

    def line(self):
        """The next line of output."""
        self.lines.append(self._coming.get(timeout=LIMIT))
        return self.lines[-1]

    def end(self):
        """The exit status, once the process has ended by itself; `lines` then holds all it printed."""
        status = self.process.wait(LIMIT)
        self._reader.join(LIMIT)
        while not self._coming.empty():
            self.lines.append(self._coming.get())
        return status

    def told(self):
        return [json.loads(line) for line in self.lines]


@contextmanager
def serving(*arguments):
    command = [PROGRAM, "serve", *map(str, arguments), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        running = Running(process)
        try:
            yield running
        finally:
            process.kill()


def refused(*arguments):
    """The standard error of a server that did not begin, after making sure of that."""
    done = subprocess.run(
        [PROGRAM, "serve", *map(str, arguments)], capture_output=True, text=True, timeout=LIMIT
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    return done.stderr


def client(url, key="any"):
    return connect(url, additional_headers={"Authorization": f"Token {key}"}, proxy=None, open_timeout=LIMIT)


def receive(socket, type):
    """The next message of that type; everything before it is passed over."""
    while True:
        frame = socket.recv(timeout=LIMIT)
        if isinstance(frame, str) and json.loads(frame)["type"] == type:
            return json.loads(frame)


def greet(url):
    """Play the client's part of greeting_only."""
    with client(url) as socket:
        socket.send(json.dumps(SETTINGS))
        receive(socket, "AgentAudioDone")


def leave_early(url):
    """Connect, say Settings, and go before the greeting is over."""
    with client(url) as socket:
        socket.send(json.dumps(SETTINGS))
        while isinstance(socket.recv(timeout=LIMIT), str):
            pass


def url_in(line):
    assert line.startswith("mockagent is ready at ws://127.0.0.1:")
    return line.split()[4]


def test_the_first_line_is_the_url():
    with serving("greeting_only", "--once", "--speed", "5") as server:
        line = server.line()
        assert line.endswith("/v1/agent/converse (greeting_only)")
        greet(url_in(line))
        assert server.end() == 0
    assert server.lines[-1].startswith("1 session, ")
    assert server.lines[-1].endswith("connection seconds, findings: none")


def test_the_ready_file_goes_with_the_server(tmp_path):
    path = tmp_path / "url"
    with serving("--ready-file", path) as server:
        server.line()
        assert path.exists()
        server.process.send_signal(signal.SIGTERM)
        assert server.end() == 0
    assert list(tmp_path.iterdir()) == []


def test_the_ready_file_of_another_server_is_left(tmp_path):
    path = tmp_path / "url"
    with serving("--ready-file", path) as server:
        server.line()
        path.write_text("ws://127.0.0.1:1/v1/agent/converse\n")
        server.process.send_signal(signal.SIGTERM)
        assert server.end() == 0
    assert path.read_text() == "ws://127.0.0.1:1/v1/agent/converse\n"


@pytest.mark.parametrize("arguments", [["no-such-scenario"], ["--trace-audio"]])
def test_a_server_that_does_not_begin_leaves_no_ready_file_of_an_earlier_one(tmp_path, arguments):
    path, other = tmp_path / "url", tmp_path / "other"
    path.write_text("ws://127.0.0.1:1/v1/agent/converse\n")
    other.write_text("something else")
    refused(*arguments, "--ready-file", path)
    refused(*arguments, "--ready-file", other)
    assert list(tmp_path.iterdir()) == [other]


def test_json_is_an_object_a_line_each_with_its_event():
    with serving("greeting_only", "--once", "--json", "--speed", "5") as server:
        ready = json.loads(server.line())
        with client(ready["url"]) as socket:
            socket.send(json.dumps(SETTINGS | {"extra": 1}))
            receive(socket, "AgentAudioDone")
        assert server.end() == 0
    told = server.told()
    assert [each["event"] for each in told] == [
        "ready",
        "session_opened",
        "finding",
        "session_closed",
        "summary",
    ]
    assert (told[2]["requirement"], told[2]["pointer"]) == ("MSG-004", "/extra")
    assert told[3]["clean"] is True and told[3]["findings"] == {"MSG-004": 1}
    assert (told[4]["sessions"], told[4]["clean"]) == (1, 1)


def test_the_ready_file_holds_the_url(tmp_path):
    path = tmp_path / "url"
    with serving("greeting_only", "--once", "--speed", "5", "--ready-file", path) as server:
        line = server.line()
        assert path.read_text() == url_in(line) + "\n"
        greet(path.read_text().strip())
        assert server.end() == 0
    assert not list(tmp_path.iterdir())


def test_once_ends_with_1_and_says_what_was_waited_for_and_what_came():
    with serving("greeting_only", "--once") as server:
        leave_early(url_in(server.line()))
        assert server.end() == 1
    text = "\n".join(server.lines)
    assert "greeting_only.yaml:" in text
    assert re.search(r"expected the .*, got a close \(1000\)", text)


def test_the_nearest_of_what_came_is_told():
    settings = SETTINGS | {
        "agent": {
            "think": {
                "provider": {"type": "open_ai", "model": "m"},
                "functions": [{"name": "book_table", "parameters": {"type": "object"}}],
            }
        }
    }
    with serving("answer_that_matters", "--once", "--json", "--speed", "20") as server:
        ready = json.loads(server.line())
        with client(ready["url"]) as socket:
            socket.send(json.dumps(settings))
            receive(socket, "AgentAudioDone")
            for _ in range(100):
                socket.send(bytes(4_800))
            (call,) = receive(socket, "FunctionCallRequest")["functions"]
            answer = {"id": call["id"], "name": call["name"], "content": "no table is free"}
            socket.send(json.dumps({"type": "FunctionCallResponse"} | answer))
            with pytest.raises(ConnectionClosed):
                receive(socket, "none of this type will come")
        assert server.end() == 1
    (closed,) = [each for each in server.told() if each["event"] == "session_closed"]
    (unmet,) = closed["unmet"]
    assert unmet["place"].endswith("answer_that_matters.yaml:8")
    assert "/confirmed|booked/" in unmet["text"] and "no table is free" in unmet["text"]


def test_what_must_not_be_broken_makes_it_1():
    with serving("--once", "--json") as server:
        ready = json.loads(server.line())
        with client(ready["url"]) as socket:
            socket.send(b"\0" * 960)
            receive(socket, "Error")
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(timeout=LIMIT)
        assert closed.value.rcvd.code == 1005
        assert server.end() == 1
    assert server.told()[-2]["broken"] == ["SET-002"]


def test_so_many_sessions_and_then_the_end():
    with serving("greeting_only", "--sessions", "2", "--speed", "5") as server:
        url = url_in(server.line())
        greet(url)
        leave_early(url)
        assert server.end() == 1
    assert server.lines[-1].startswith("2 sessions, ")


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send these signals to another process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_tells_every_open_session_and_ends_with_0(number, tmp_path):
    with serving("barge_in", "--trace", tmp_path) as server:
        url = url_in(server.line())
        with client(url) as first, client(url) as second:
            first.send(json.dumps(SETTINGS))
            receive(first, "ConversationText")
            receive(second, "Welcome")
            server.process.send_signal(number)
            for socket in (first, second):
                assert receive(socket, "Error")["code"] == "SERVER_GOING_AWAY"
                with pytest.raises(ConnectionClosed):
                    receive(socket, "none of this type will come")
        assert server.end() == 0
    assert server.lines[-1].startswith("2 sessions, ")
    traces = [read(path.open(newline="\n"), path.name) for path in tmp_path.glob("*.jsonl")]
    assert len(traces) == 2
    for trace in traces:
        assert trace.footer is not None and trace.footer.events == len(trace.events)
        errors = [event for event in trace.events if event.sender is Side.SERVER and _is_going_away(event)]
        assert len(errors) == 1


def _is_going_away(event):
    return getattr(event.content, "body", {}).get("code") == "SERVER_GOING_AWAY"


def test_the_same_seed_twice_makes_two_traces(tmp_path):
    told = []
    for _ in range(2):
        form = ("--once", "--seed", 7, "--speed", 5, "--trace", tmp_path, "--json")
        with serving("greeting_only", *form) as server:
            greet(json.loads(server.line())["url"])
            assert server.end() == 0
        assert not [each for each in server.told() if each["event"] == "trouble"]
        told += [Path(each["trace"]) for each in server.told() if each["event"] == "session_closed"]
    assert told[1] == told[0].with_suffix(".2.jsonl")
    assert sorted(tmp_path.iterdir()) == sorted(told)


def test_a_trace_is_readable_after_a_kill(tmp_path):
    with serving("greeting_only", "--trace", tmp_path) as server, client(url_in(server.line())) as socket:
        receive(socket, "Welcome")
        socket.send(json.dumps(SETTINGS))
        receive(socket, "ConversationText")
        server.process.kill()
        server.process.wait(LIMIT)
    (path,) = tmp_path.glob("*.jsonl")
    trace = read(path.open(newline="\n"), path.name)
    assert trace.footer is None
    assert [getattr(event.content, "type", None) for event in trace.events[:4]] == [
        None,
        "Welcome",
        "Settings",
        "SettingsApplied",
    ]


def test_wait_and_serve_belong_together():
    with serving("greeting_only", "--once", "--speed", "5") as server:
        url = url_in(server.line())
        done = subprocess.run([PROGRAM, "wait", url], capture_output=True, text=True, timeout=LIMIT)
        assert (done.returncode, done.stderr) == (0, "")
        greet(url)
        assert server.end() == 0


def test_a_port_in_use_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("greeting_only", "--port", port)
    assert said.startswith(f"cannot listen on 127.0.0.1 port {port}: ") and said.count("\n") == 1


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("192.0.2.1", "this machine has no such address; "),
        ("no.such.host.invalid", "no address is known by that name\n"),
        ("a..b", "no address is known by that name\n"),
    ],
)
def test_a_host_that_is_not_here_is_said_in_plain_words(host, why):
    said = refused("greeting_only", "--port", 0, "--host", host)
    assert said.startswith(f"cannot listen on {host} port 0: {why}") and said.count("\n") == 1


def test_a_signal_behind_the_end_does_not_change_how_it_ended():
    program = (
        "import atexit, sys; from mockagent.cli import main;"
        "atexit.register(lambda: (print('ending', flush=True), sys.stdin.readline())); main()"
    )
    command = [
        sys.executable,
        "-c",
        program,
        "serve",
        "greeting_only",
        "--once",
        "--port",
        "0",
        "--speed",
        "5",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            greet(url_in(process.stdout.readline()))
            while process.stdout.readline() != "ending\n":
                pass
            process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.3)
            process.stdin.close()
            assert process.wait(LIMIT) == 0
        finally:
            process.kill()


def test_a_wrong_scenario_is_refused_before_the_port_opens(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text("name: wrong\nsummary: Wrong\nsteps:\n  - client: Settinsg\n  - agnet: Hello\n")
    ready = tmp_path / "url"
    said = refused(path, "--port", "0", "--ready-file", ready)
    assert [line.split(": ")[0] for line in said.splitlines()] == [f"{path}:4:13", f"{path}:5:5"]
    assert not ready.exists()


def test_the_flaws_of_all_files_of_a_folder_are_shown(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\nsummary: Wrong\nsteps:\n  - agnet: Hello\n")
    said = refused(tmp_path, "--port", "0")
    assert [line.split(": ")[0] for line in said.splitlines()] == [
        f"{tmp_path / 'a.yaml'}:4:5",
        f"{tmp_path / 'b.yaml'}:4:5",
    ]


def test_a_scenario_that_breaks_a_rule_unsaid_is_refused(tmp_path):
    path = tmp_path / "unproved.yaml"
    path.write_text("name: x\nsummary: y\nsteps:\n  - client: Settings\n  - server: PromptUpdated\n")
    assert refused(path, "--port", "0").startswith(f"{path}:5:5: PromptUpdated breaks UPD-001")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("barge-in", "no file or bundled scenario named 'barge-in'; did you mean 'barge_in'?\n"),
        ("no/such/file.yaml", "no file or bundled scenario named 'no/such/file.yaml'\n"),
        ("\x1b[31m", "no file or bundled scenario named '\\x1b[31m'\n"),
    ],
)
def test_an_unknown_scenario_is_said_with_the_nearest(name, said):
    assert refused(name, "--port", "0") == said


def test_a_ready_file_that_cannot_be_written_is_said_in_one_line(tmp_path):
    said = refused("--port", "0", "--ready-file", tmp_path / "nothing" / "url")
    assert said == f"cannot write {tmp_path / 'nothing' / 'url'}: No such file or directory\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--once", "--sessions", "2"],
        ["--trace-audio"],
        ["--port", "70000"],
        ["--port", "http"],
        ["--speed", "0"],
        ["--speed", "nan"],
        ["--host", ""],
        ["--api-key", ""],
        ["--strict", "--tolerance", "lenient"],
        ["--api-key", "a", "--forbidden-key", "b", "--forbidden-key", "a"],
        ["--tolerance", "kind"],
        ["--sessions", "0"],
        ["--no-such-option"],
        ["--fault", "delayed:2"],
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_usage_errors_say_what_is_wrong(arguments):
    assert "\nError: " in refused(*arguments)


def test_a_host_that_is_none_is_refused_with_an_example():
    said = refused("--port", "0", "--allow-host", "https://api.example.com/")
    assert said.startswith("cannot allow functions at 'https://api.example.com/': expected a host such as")


ORDERS = """
name: orders
summary: The shop is asked
switches: {silence_for: 1 h}
steps:
  - user: Hi
    when: text
  - call: {order_status: {}}
  - client: {closes: true}
"""


def ask_the_shop(url, endpoint):
    """Play the client's part of ORDERS; gives the text of what came of the call."""
    function = {"name": "order_status", "description": "d", "parameters": {"type": "object"}}
    think = {"provider": {"type": "open_ai", "model": "m"}, "functions": [{**function, "endpoint": endpoint}]}
    with client(url) as socket:
        socket.send(json.dumps({"type": "Settings", "audio": {}, "agent": {"think": think}}))
        receive(socket, "SettingsApplied")
        socket.send(json.dumps({"type": "InjectUserMessage", "content": "Hi"}))
        receive(socket, "FunctionCallRequest")
        return json.dumps(receive(socket, "History"))


@pytest.mark.parametrize("form", [["--json"], []], ids=["json", "screen"])
def test_a_function_that_must_not_be_called_is_told_with_the_cure_and_no_secret(tmp_path, new_endpoint, form):
    endpoint, play = new_endpoint("0.0.0.0"), tmp_path / "orders.yaml"
    play.write_text(ORDERS)
    there = {"url": endpoint.url_at("0.0.0.0") + "?k=planted", "headers": {"authorization": "planted"}}
    with serving(play, "--once", *form) as running:
        url = json.loads(running.line())["url"] if form else url_in(running.line())
        assert '"response": "{}"' in ask_the_shop(url, there)
        assert running.end() == 0
    said = "\n".join(running.lines)
    assert said.count("--allow-host 0.0.0.0 lets it be called there") == 1
    assert "planted" not in said
    assert endpoint.connections == 0


@pytest.mark.parametrize("form", [["--json"], []], ids=["json", "screen"])
def test_a_function_is_called_where_the_user_allows_it(tmp_path, new_endpoint, form):
    endpoint, play = new_endpoint("0.0.0.0"), tmp_path / "orders.yaml"
    play.write_text(ORDERS)
    there = {"url": endpoint.url_at("0.0.0.0") + "?k=planted", "headers": {"authorization": "planted"}}
    with serving(play, "--once", "--allow-host", "0.0.0.0", "--trace", tmp_path / "traces", *form) as running:
        url = json.loads(running.line())["url"] if form else url_in(running.line())
        assert "shipped" in ask_the_shop(url, there)
        assert running.end() == 0
    (trace,) = (tmp_path / "traces").iterdir()
    assert endpoint.seen[0].headers["authorization"] == "planted"
    assert "planted" not in "\n".join([*running.lines, trace.read_text("utf-8")])


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            "tcp_rest",
            "no fault named 'tcp_rest'; did you mean 'tcp_reset'?\n`mockagent faults` lists what there is.",
        ),
        ("stall,second=2 s", "the fault stall has no parameter 'second'; did you mean 'seconds'?"),
    ],
)
def test_a_fault_that_there_is_not_is_said_with_the_nearest(fault, said):
    assert said in refused("--fault", fault)


def test_a_fault_of_the_run_is_inflicted_told_and_not_held_against_the_client():
    with serving("--fault", "tcp_close", "--once", "--speed", "5") as server:
        with client(url_in(server.line())) as socket:
            socket.send(json.dumps(SETTINGS))
            with pytest.raises(ConnectionClosed) as closed:
                receive(socket, "nothing that comes")
        assert closed.value.rcvd is None
        assert server.end() == 0
    assert any(re.fullmatch(r"\[1\] +\d\.\d{3} s  fault tcp_close inflicted", line) for line in server.lines)


def test_a_fault_of_the_run_that_ends_a_script_is_told_in_json():
    with serving("greeting_only", "--fault", "close,code=1013", "--once", "--json", "--speed", "5") as server:
        ready = json.loads(server.line())
        with client(ready["url"]) as socket:
            socket.send(json.dumps(SETTINGS))
            with pytest.raises(ConnectionClosed) as closed:
                receive(socket, "nothing that comes")
        assert closed.value.rcvd.code == 1013
        assert server.end() == 0
    told = {notice["event"]: notice for notice in server.told()}
    assert (told["fault"]["fault"], told["fault"]["number"]) == ("close", 1)
    assert (told["session_closed"]["ending"], told["session_closed"]["clean"]) == ("faulted", True)


def test_faults_that_never_struck_are_named_at_the_end():
    flags = ("missing_field,field=xyz", "tcp_close", "delayed,type=History:0")
    given = [word for flag in flags for word in ("--fault", flag)]
    with serving(*given, "--once", "--speed", "5") as server:
        with client(url_in(server.line())) as socket:
            socket.send(json.dumps(SETTINGS))
            with pytest.raises(ConnectionClosed):
                receive(socket, "nothing that comes")
        assert server.end() == 0
    assert server.lines[-2:] == [f"never struck: {flags[0]}", f"never struck: {flags[2]}"]


def test_a_refused_client_is_no_session_of_the_number_that_ends_the_server():
    with serving("--fault", "refused_503", "--once", "--no-journal") as server:
        url = url_in(server.line())
        for _ in range(2):
            with pytest.raises(InvalidStatus) as refusal, client(url):
                pass
            assert refusal.value.response.headers["Retry-After"] == "1"
            assert server.line() == "fault refused_503 (retry_after 1 s) inflicted on handshake"
            assert server.line().startswith("turned away with 503: ")
        server.process.send_signal(signal.SIGTERM)
        server.end()
    assert server.lines[-1].startswith("0 sessions, ")


def test_a_reader_that_goes_away_takes_nothing_with_it(tmp_path):
    ready = tmp_path / "url"
    command = [PROGRAM, "serve", "greeting_only", "--port", "0", "--json", "--ready-file", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert json.loads(process.stdout.readline())["event"] == "ready"
            process.stdout.close()
            with client(ready.read_text().strip()) as socket:
                assert json.loads(socket.recv(LIMIT))["type"] == "Welcome"
            process.send_signal(signal.SIGTERM)
            assert process.wait(LIMIT) == 0
        finally:
            process.kill()


class TestTls:
    def test_a_client_that_trusts_the_authority_finishes(self, tmp_path):
        folder = tmp_path / "tls"
        with serving(
            "greeting_only", "--tls", "--tls-folder", folder, "--json", "--once", "--speed", 10
        ) as server:
            ready = json.loads(server.line())
            assert ready["url"].startswith("wss://127.0.0.1:") and ready["http_url"].startswith("https://")
            assert ready["early_access_url"].startswith("wss://")
            assert ready["ca"] == str(folder / "ca.pem")
            trust = ssl.create_default_context(cafile=ready["ca"])
            with connect(
                ready["url"], ssl=trust, proxy=None, additional_headers=KEY, open_timeout=LIMIT
            ) as client:
                client.send(json.dumps(SETTINGS))
                while '"AgentAudioDone"' not in str(client.recv(LIMIT)):
                    pass
            assert server.end() == 0
        assert server.told()[-1]["clean"] == 1

    def test_one_that_does_not_is_not_let_down_to_the_server(self, tmp_path):
        with serving("--tls", "--tls-folder", tmp_path / "tls", "--json") as server:
            ready = json.loads(server.line())
            with pytest.raises(ssl.SSLCertVerificationError):
                connect(ready["url"], proxy=None, additional_headers=KEY)
            with pytest.raises((InvalidMessage, OSError)):
                connect(ready["url"].replace("wss:", "ws:"), proxy=None, additional_headers=KEY)

    def test_refusals_come_whole_and_end_the_connection(self, tmp_path):
        with serving("--tls", "--tls-folder", tmp_path / "tls", "--json") as server:
            ready = json.loads(server.line())
            trust = ssl.create_default_context(cafile=ready["ca"])
            port = int(ready["http_url"].rpartition(":")[2])
            for request, status in ((b"GET /v1/agent/converse HTTP/1.1", 401), (b"nonsense", 400)):
                raw = socket.create_connection(("127.0.0.1", port), LIMIT)
                whole = {"suppress_ragged_eofs": False}  # an end that TLS does not announce is an error
                with trust.wrap_socket(raw, server_hostname="localhost", **whole) as client:
                    client.sendall(request + b"\r\nHost: localhost\r\n\r\n")
                    answer = b"".join(iter(lambda: client.recv(4096), b""))
                assert answer.startswith(f"HTTP/1.1 {status} ".encode())

    def test_the_file_is_named_to_people(self, tmp_path):
        with serving("--tls", "--tls-folder", tmp_path / "tls", "--quiet") as server:
            assert server.line().startswith("mockagent is ready at wss://")
            assert server.line() == f"CA: {tmp_path / 'tls' / 'ca.pem'}"

    def test_it_is_made_once(self, tmp_path):
        found = set()
        for _ in range(2):
            with serving("--tls", "--tls-folder", tmp_path / "tls", "--json") as server:
                server.line()
            found.add((tmp_path / "tls" / "ca.pem").read_bytes())
        assert len(found) == 1

    def test_a_folder_alone_says_nothing(self, tmp_path):
        assert "give both" in refused("--tls-folder", tmp_path)

    def test_a_key_that_others_can_read_is_refused(self, tmp_path):
        with serving("--tls", "--tls-folder", tmp_path / "tls") as server:
            server.line()
        (tmp_path / "tls" / "authority.pem").chmod(0o644)
        assert "can be read by others" in refused("--tls", "--tls-folder", tmp_path / "tls", "--port", 0)

    def test_wait_knows_the_authority(self, tmp_path):
        with serving("--tls", "--tls-folder", tmp_path / "tls", "--json") as server:
            url = json.loads(server.line())["url"]
            authority(tmp_path / "other")
            for name, status, said in (
                ("tls", 0, ""),
                ("other", 1, f"its certificate is not trusted, nor is it of {tmp_path / 'other' / 'ca.pem'}"),
                ("nothing", 1, f"no authority is at {tmp_path / 'nothing' / 'ca.pem'}; --tls-folder FOLDER"),
            ):
                done = waited(url, "--tls-folder", tmp_path / name)
                assert done.returncode == status, done.stderr
                assert said in done.stderr

    def test_wait_in_the_clear_is_told_of_tls(self, tmp_path):
        with serving("--tls", "--tls-folder", tmp_path / "tls", "--json") as server:
            address = urlsplit(json.loads(server.line())["url"]).netloc
            done = waited(address)
        assert done.returncode == 1
        assert done.stderr.endswith(f"; if it speaks TLS, wait for wss://{address}\n")


def waited(url, *options):
    command = [PROGRAM, "wait", url, "--timeout", "0", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
