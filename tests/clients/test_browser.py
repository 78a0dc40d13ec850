"""A page in headless Chromium converses with `mockagent serve`; its key travels as a subprotocol."""

import http.server
import json
import os
import queue
import shutil
import threading
import urllib.parse
from contextlib import contextmanager
from pathlib import Path

import pytest
from environments import CLIENTS
from playing import KEY, PLAY_FOR, SPEED, serving, started

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


@pytest.fixture(scope="module")
def browser() -> str:
    """A Chromium: the variable CHROMIUM, or one on PATH. CI must have one."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is not None:
        return found
    missing = f"NO BROWSER WAS TESTED: none of {', '.join(BROWSERS)} is on PATH, and CHROMIUM is not set"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@contextmanager
def page_server(reports):
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


def converse(browser: str, page: str, url: str, reports: queue.SimpleQueue, folder: Path) -> dict:
    """What the page saw of a conversation of two replies; fails when it reports nothing."""
    task = urllib.parse.urlencode({"url": url, "key": KEY, "replies": 2, "pace": SPEED})
    command = [browser, *OPTIONS, f"--user-data-dir={folder / 'profile'}", f"{page}?{task}"]
    with (folder / "browser.txt").open("w") as output, started(command, output, stdout=output):
        try:
            return reports.get(timeout=PLAY_FOR)
        except queue.Empty:
            pytest.fail(f"the page reported nothing\n{(folder / 'browser.txt').read_text()}")


def test_a_page_finishes_barge_in_with_its_key_as_a_subprotocol(browser, tmp_path):
    reports: queue.SimpleQueue = queue.SimpleQueue()
    with serving("barge_in", tmp_path) as server, page_server(reports) as page:
        report = converse(browser, page, server.url, reports, tmp_path)
        status = server.ended()
    assert report["protocol"] == "token"
    assert report["failed"] is None
    assert report["close"] == {"code": 1000, "clean": True}
    assert report["events"][:2] == ["Welcome", "SettingsApplied"]
    assert report["events"].count("UserStartedSpeaking") == 2
    assert report["audioBytes"] > 24_000 * 2
    assert report["oddFrames"] == 0
    assert status == 0, (tmp_path / "server.txt").read_text()
