"""Functions that the server is to call itself, on this machine: one address that stands for all of them."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Function(BaseHTTPRequestHandler):
    """Stands for every function that the server is to call."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = b'{"status": "shipped"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def functions() -> Iterator[str]:
    """Where the functions are that the server runs, on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Function)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
