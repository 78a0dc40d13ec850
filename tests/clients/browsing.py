"""The page of the browser driver in headless Chromium, and the server that it comes from and reports to."""

import http.server
import json
import os
import queue
import shutil
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from environments import CLIENTS
from playing import KEY, started

PAGE = CLIENTS / "browser" / "index.html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Root in a container has no sandbox; the rest keeps the browser from talking to anyone but the page.
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_browser() -> str | None:
    """A Chromium: the variable CHROMIUM, or one on PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def page_server(reports: queue.SimpleQueue[dict[str, Any]]) -> Iterator[str]:
    """Serves the page on loopback and puts what it posts into `reports`; gives the page's address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = urllib.parse.urlsplit(self.path).path == "/"
            self._answer(200 if found else 404, PAGE.read_bytes() if found else b"")

        def do_POST(self):
            reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(200, b"")

        def _answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving_pages = threading.Thread(target=server.serve_forever)
    serving_pages.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        serving_pages.join()
        server.server_close()


def converse(browser: str, url: str, folder: Path, limit: float, **task: Any) -> dict[str, Any] | None:
    """What the page saw of a conversation with `url`; None when it reports nothing within `limit` seconds.

    `task` is the rest of the page's query.
    """
    reports: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    query = urllib.parse.urlencode({"url": url, "key": KEY, **task})
    with page_server(reports) as page, (folder / "browser.txt").open("w") as output:
        command = [browser, *OPTIONS, f"--user-data-dir={folder / 'profile'}", f"{page}?{query}"]
        with started(command, output, stdout=output):
            try:
                return reports.get(timeout=limit)
            except queue.Empty:
                return None
