"""What several folders of tests need: an HTTP server on the loopback that functions are called at, and planted keys."""

import asyncio
import importlib.util
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mockagent import loops

WITHIN = 60.0
"""Seconds of the wall after which whoever waits for a call has failed."""


def pytest_configure(config):
    """Look for planted keys in all outputs of all tests. (The tests are imported by file, and so is this.)

    And let every loop be of the kind that the program runs on: what stops this machine harms no test.
    """
    asyncio.events.new_event_loop = loops.new_loop
    spec = importlib.util.spec_from_file_location("planted_keys", Path(__file__).parent / "planted_keys.py")
    planted = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(planted)
    if not config.pluginmanager.has_plugin("planted_keys"):
        config.pluginmanager.register(planted, "planted_keys")


@dataclass
class Seen:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Answer:
    """What the endpoint answers, after `delay` seconds; with `never` nothing, until the caller hangs up."""

    body: bytes = b'{"status": "shipped"}'
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    never: bool = False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "FunctionEndpoint"

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode()
        self.server.seen.append(Seen(self.command, self.path, dict(self.headers), body))
        self.server.came.set()
        answer = self.server.answer
        if answer.never:
            self.connection.recv(1)
            self.server.was_left.set()
            self.close_connection = True
            return
        time.sleep(answer.delay)
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_PUT = do_DELETE = do_POST

    def log_message(self, format, *args):
        pass


class FunctionEndpoint(ThreadingHTTPServer):
    """`seen` are the requests so far, `connections` how many there were; `answer` is what comes back."""

    daemon_threads = True

    def __init__(self, host="127.0.0.1"):
        super().__init__((host, 0), _Handler)
        self.answer = Answer()
        self.seen = []
        self.connections = 0
        self.came = threading.Event()
        self.was_left = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self):
        return self.url_at("127.0.0.1")

    def url_at(self, host):
        return f"http://{host}:{self.server_port}/orders"

    def speaks_tls(self, certificate):
        """From now on with this certificate and its key, both in one file."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def replies(self, body=b"", status=200, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = Answer(body, status, named)

    def never_replies(self):
        self.answer = Answer(never=True)

    def verify_request(self, request, client_address):
        self.connections += 1
        return True

    def handle_error(self, request, client_address):
        pass

    def end(self):
        self.shutdown()
        self.server_close()
        self._thread.join(WITHIN)


@pytest.fixture
def new_endpoint():
    """Makes endpoints; `new_endpoint("0.0.0.0")` is one that other addresses lead to as well."""
    made = []

    def make(host="127.0.0.1"):
        made.append(FunctionEndpoint(host))
        return made[-1]

    yield make
    for endpoint in made:
        endpoint.end()


@pytest.fixture
def endpoint(new_endpoint):
    return new_endpoint()
