"""The kit as client against this project's server: every bundled scenario, through real processes, in both dialects."""

import contextlib
import json
import os
import subprocess
import sys

import pytest

from mockagent.resources import folder

START = (sys.executable, "-P", "-c", "from mockagent.cli import main; main()")
KEY = "sesame-0123456789abcdef"
SPEED = ("--speed", "5")
WITHIN = 300
"""Seconds of the wall after which a run that hangs is given up."""


@contextlib.contextmanager
def served():
    """The two URLs of a server of all bundled scenarios."""
    command = (*START, "serve", str(folder("scenarios")), "--port", "0", "--api-key", KEY, "--json", *SPEED)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            ready = json.loads(server.stdout.readline())
            yield ready["url"], ready["early_access_url"]
        finally:
            server.terminate()


def report_of(url, file):
    options = ("--jobs", "8", "--max-minutes", "4", "-q", "--json", str(file), *SPEED)
    ran = subprocess.run(
        (*START, "conform", "server", f"{url}?scenario={{scenario}}", *options),
        env={**os.environ, "DEEPGRAM_API_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=WITHIN,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize(("dialect", "least"), [(0, 70), (1, 5)], ids=["v1", "early_access"])
def test_our_own_server_passes_every_bundled_scenario(dialect, least, tmp_path):
    with served() as urls:
        report = report_of(urls[dialect], tmp_path / "report.json")
    good = ("PASS", "NOT-APPLICABLE", "SKIPPED")
    assert [row["id"] for row in report["rows"] if row["verdict"] not in good] == []
    courses = {row["case"]: row["verdict"] for row in report["rows"] if row["asks"] == "course"}
    assert {case for case, verdict in courses.items() if verdict != "PASS"} <= {"two_hours"}
    assert len(courses) > least
    assert report["peer"] == "server"
