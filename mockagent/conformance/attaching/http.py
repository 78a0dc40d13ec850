"""The desk over HTTP: a server in a thread of its own, whose questions are answered on the loop of the kit."""

import asyncio
import json
import select
import socket
import socketserver
import threading
from collections.abc import Collection, Coroutine
from http.server import BaseHTTPRequestHandler
from typing import Any

from mockagent.conformance.attaching import PREFIX, gate
from mockagent.conformance.attaching.asking import (
    Finished,
    Next,
    Observed,
    Preflight,
    Question,
    Wrong,
    question,
)
from mockagent.conformance.attaching.desk import AllDone, Desk, Handed, Noted, Reply, told
from mockagent.conformance.observing.lines import MOST_BYTES
from mockagent.errors import ServerError

_EVERYWHERE = ("0.0.0.0", "::", "")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """An agent that goes away in mid-request is none of ours."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class HttpDesk:
    """Serves a desk until it is closed; ServerError when the port cannot be had."""

    def __init__(
        self, desk: Desk, host: str = "127.0.0.1", port: int = 0, allowed: Collection[str] = ()
    ) -> None:
        self.host = host
        self.allowed = frozenset(allowed)
        self.desk = desk
        self._loop = asyncio.get_running_loop()
        handler = type("Handler", (_Handler,), {"served": self})
        try:
            self._server = (_Server6 if ":" in host else _Server)((host, port), handler)
        except (OSError, OverflowError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ServerError(f"cannot listen on {host} port {port}: {reason}") from None
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where agents ask: `/next` and the rest stand below it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self._server.server_address[1]}{PREFIX}"

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Question, body: bytes, connection: socket.socket) -> Reply:
        """What the desk says, asked from another thread."""
        return asyncio.run_coroutine_threadsafe(self._ask(asked, body, connection), self._loop).result()

    def _ask(self, asked: Question, body: bytes, connection: socket.socket) -> Coroutine[Any, Any, Reply]:
        async def ask() -> Reply:
            match asked:
                case Next():
                    return await self.desk.next(asked, lambda: _is_there(connection))
                case Observed():
                    return self.desk.observe(asked, body)
                case Finished():
                    return self.desk.finish(asked)
                case Preflight():
                    return Noted()
                case Wrong():
                    return asked

        return ask()

    def host_for(self, asked: str) -> str:
        """The host that an agent has to go to: the one it came to, where this is not said in the addresses."""
        return asked.rpartition(":")[0] if self.host in _EVERYWHERE and ":" in asked else ""


class _Handler(BaseHTTPRequestHandler):
    served: HttpDesk
    protocol_version = "HTTP/1.1"
    timeout = 60
    _is_welcome = False

    def do_GET(self) -> None:
        self._respond()

    do_POST = do_OPTIONS = do_PUT = do_DELETE = do_HEAD = do_GET

    def _respond(self) -> None:
        hosts, origins = self.headers.get_all("Host", []), self.headers.get_all("Origin", [])
        why_not = gate.why_not(self.client_address[0], hosts, origins, self.served.host, self.served.allowed)
        self._is_welcome = why_not is None
        if why_not:
            self._answer(Wrong(403, why_not))
            return
        asked, body = question(self.command, self.path), self._body()
        if isinstance(body, Wrong):
            self._answer(body)
            return
        try:
            reply = self.served.answer(asked, body, self.connection)
        except RuntimeError:  # the kit's loop has ended
            reply = Wrong(503, "the kit is ending")
        self._answer(reply)

    def _body(self) -> bytes | Wrong:
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            return Wrong(411, "expected Content-Length")
        if int(length) > MOST_BYTES:
            return Wrong(413, f"expected at most {MOST_BYTES} bytes")
        return self.rfile.read(int(length))

    def _answer(self, reply: Reply) -> None:
        match reply:
            case Handed(task=task):
                host = self.served.host_for(self.headers.get("Host", ""))
                self._send(200, json.dumps(told(task, host)).encode())
            case AllDone() | Noted():
                self._send(204, b"")
            case Wrong(status=status, text=text):
                self.close_connection = True
                self._send(status, json.dumps({"error": text}).encode())

    def _send(self, status: int, data: bytes) -> None:
        self.send_response(status)
        for name, value in self._headers_for_browsers().items():
            self.send_header(name, value)
        if status == 503:
            self.send_header("Retry-After", "1")
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _headers_for_browsers(self) -> dict[str, str]:
        origins = self.headers.get_all("Origin", [])
        headers = {"Cache-Control": "no-store", "Vary": "Origin"}
        if self._is_welcome and len(origins) == 1:
            headers |= {
                "Access-Control-Allow-Origin": origins[0],
                "Access-Control-Allow-Methods": "GET, POST",
                "Access-Control-Allow-Headers": "Content-Type",
                "Access-Control-Allow-Private-Network": "true",
            }
        return headers

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: a key stands in no request, but names of agents do."""


def _is_there(connection: socket.socket) -> bool:
    """Whether the other end still waits: it has neither closed its end nor sent what nobody asked it for."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return not readable or bool(connection.recv(1, socket.MSG_PEEK))
    except (OSError, ValueError):
        return False
