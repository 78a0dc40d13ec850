"""A page in headless Chromium asks `conform client --attach` for its cases, from another origin than the kit's."""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path

import pytest
from browsing import BROWSERS, OPTIONS, find_browser
from playing import started

HERE = Path(__file__).parent
KIT = (sys.executable, "-P", "-c", "from mockagent.cli import main; main()", "conform", "client")
WITHIN = 120


@pytest.fixture
def browser():
    """A Chromium: the variable CHROMIUM, or one on PATH. CI must have one."""
    found = find_browser()
    if found is None and os.environ.get("CI"):
        pytest.fail(f"no browser: none of {', '.join(BROWSERS)} is on PATH, and CHROMIUM is not set")
    return found or pytest.skip("NO BROWSER WAS TESTED: CHROMIUM is not set")


@pytest.fixture
def page():
    """Where the page is served."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=HERE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/attached.html"
        server.shutdown()
        serving.join()


def test_a_page_plays_several_cases_and_passes_at_level_2(browser, page, tmp_path):
    report = tmp_path / "report.json"
    options = ("--speed", "4", "--attach", "--json", str(report))
    kit = subprocess.Popen((*KIT, "greeting_only", "barge_in", *options), stdout=subprocess.PIPE, text=True)
    try:
        query = urllib.parse.urlencode({"url": kit.stdout.readline().strip()})
        command = [browser, *OPTIONS, f"--user-data-dir={tmp_path / 'profile'}", f"{page}?{query}"]
        with (tmp_path / "browser.txt").open("w") as output, started(command, output, stdout=output):
            printed, _ = kit.communicate(timeout=WITHIN)
    finally:
        kit.kill()
    assert kit.returncode == 0, printed
    found = json.loads(report.read_text("utf-8"))
    assert (found["level"], set(found["totals"])) == (2, {"PASS"})
    assert {row["case"] for row in found["rows"]} >= {"greeting_only", "barge_in"}
