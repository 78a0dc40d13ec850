"""`mockagent wait`: asks until it is answered, and says what it tried when it is not."""

import http.server
import socket
import threading
from contextlib import contextmanager

import pytest


@contextmanager
def answering(*statuses):
    """A server that answers each request with the next status, the last one for ever; gives port and paths."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(statuses[min(len(asked), len(statuses)) - 1])
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1], asked
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def occupied():
    """A port on which nobody listens, and that nobody else takes."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    "url",
    ["ws://127.0.0.1:{}/v1/agent/converse", "http://127.0.0.1:{}", "127.0.0.1:{}", "localhost:{}/agent"],
)
def test_a_server_that_answers_is_ready(run, url):
    with answering(200) as (port, asked):
        result = run("wait", url.format(port))
    assert result.exit_code == 0
    assert result.stdout.startswith("ready: http://") and result.stderr == ""
    assert asked == ["/v1/agent/settings/think/models"]


def test_it_is_asked_until_it_answers_with_200(run):
    with answering(503, 404, 200) as (port, asked):
        assert run("wait", f"127.0.0.1:{port}").exit_code == 0
    assert len(asked) == 3


def test_what_was_tried_and_what_came_last_is_said(run):
    with answering(404) as (port, _):
        result = run("wait", f"127.0.0.1:{port}", "--timeout", "0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"not ready: tried http://127.0.0.1:{port}/v1/agent/settings/think/models once in 0 s: "
        "the answer was 404 Not Found\n"
    )


def test_a_port_where_nobody_listens(run):
    with occupied() as port:
        result = run("wait", f"ws://127.0.0.1:{port}/v1/agent/converse", "--timeout", "0.1")
    assert result.exit_code == 1
    assert result.stderr.endswith("Connection refused\n") and result.stderr.count("\n") == 1


def test_a_server_that_says_nothing(run):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        result = run("wait", f"127.0.0.1:{silent.getsockname()[1]}", "--timeout", "0.1")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_a_server_that_speaks_something_else(run):
    def babble(listening):
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"220 mail \x1b[31m\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=babble, args=(listening,))
        thread.start()
        result = run("wait", f"127.0.0.1:{listening.getsockname()[1]}", "--timeout", "0")
        thread.join()
    assert result.exit_code == 1
    assert "the answer was no HTTP (BadStatusLine)" in result.stderr


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost",
        "ftp://x:1",
        "ws://",
        "ws://[::1",
        "ws://x:99999",
        "x:y",
        "a..b:1",
        "h\x1bx:1",
        "a b:1",
    ],
)
def test_what_is_no_address_ends_with_2(run, url):
    result = run("wait", url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("expected ws://HOST:PORT/v1/agent/converse, ")
    assert result.stderr.count("\n") == 1 and "\x1b" not in result.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["x:1", "--timeout", "-1"], ["x:1", "--timeout", "nan"], ["x:1", "y:1"]]
)
def test_usage_errors_end_with_2(run, arguments):
    assert run("wait", *arguments).exit_code == 2
