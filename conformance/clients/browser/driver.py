"""The page beside this file in headless Chromium: serves it on loopback, tells it its task, and notes what it reports.

Of Python it needs the standard library alone, and a Chromium on PATH or in the variable CHROMIUM.
"""

import http.server
import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from chromium import BROWSERS, OPTIONS, find_browser  # noqa: E402
from conversation import Task, read_task  # noqa: E402

FILES = {"/": FOLDER / "index.html", "/play.cjs": FOLDER.parent / "play.cjs"}
STARTS_WITHIN = 20.0


@contextmanager
def page_server(task: dict[str, Any], reports: queue.SimpleQueue[dict[str, Any]]) -> Iterator[str]:
    """Serves the page, its task, and any function on loopback; gives the address of the page, which posts `reports`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/task":
                self._answer(200, "application/json", json.dumps(task).encode())
            elif self.path in FILES:
                kind = "text/html" if self.path == "/" else "text/javascript"
                self._answer(200, f"{kind}; charset=utf-8", FILES[self.path].read_bytes())
            else:
                self._answer(404, "text/plain", b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/function":
                self._answer(200, "application/json", b'{"status": "shipped"}')
                return
            self._answer(200, "text/plain", b"")
            reports.put(json.loads(body))

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def of_the_page(task: Task) -> dict[str, Any]:
    """The task as the page wants it."""
    return {
        "url": task.url,
        "apiKey": task.api_key,
        "intent": task.intent,
        "replies": task.replies,
        "pace": task.pace,
        "patience": task.patience,
        "deadlineMs": task.deadline_for * 1000,
    }


def converse(browser: str, task: Task) -> dict[str, Any]:
    """What the page reports; queue.Empty when it reports nothing in time."""
    reports: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    with (
        tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as profile,
        page_server(of_the_page(task), reports) as page,
        subprocess.Popen(
            [browser, *OPTIONS, f"--user-data-dir={profile}", page], stdin=subprocess.DEVNULL
        ) as running,
    ):
        try:
            return reports.get(timeout=task.deadline_for + STARTS_WITHIN)
        finally:
            running.terminate()


def main() -> int:
    task = read_task()
    browser = find_browser()
    if browser is None:
        print(
            f"no browser: none of {', '.join(BROWSERS)} is on PATH, and CHROMIUM is not set", file=sys.stderr
        )
        return 1
    report = converse(browser, task)
    if task.observe:
        with open(task.observe, "a", encoding="utf-8") as notes:  # noqa: PTH123
            notes.writelines(json.dumps(line) + "\n" for line in report["lines"])
    print(f"subprotocol: {report['protocol']}")
    return int(report["status"])


if __name__ == "__main__":
    sys.exit(main())
