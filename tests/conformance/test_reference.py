"""The kit as client against the kit as server: every bundled scenario, through real processes, in both dialects."""

import json
import os
import subprocess
import sys

from mockagent.resources import folder

REFERENCE = (sys.executable, "-P", "-m", "mockagent.testing.client")
WITHIN = 300
"""Seconds of the wall after which a run that hangs is given up."""


def test_the_reference_client_passes_every_bundled_scenario(tmp_path):
    file = tmp_path / "report.json"
    start = "from mockagent.cli import main; main()"
    command = (sys.executable, "-P", "-c", start, "conform", "client", str(folder("scenarios")))
    options = ("--level", "auto", "--speed", "10", "--jobs", "6", "-q", "--json", str(file))
    ran = subprocess.run(
        (*command, *options, "--", *REFERENCE), env=os.environ, capture_output=True, text=True, timeout=WITHIN
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    report = json.loads(file.read_text("utf-8"))
    bad = [row["id"] for row in report["rows"] if row["verdict"] not in ("PASS", "NOT-APPLICABLE")]
    courses = [row["verdict"] for row in report["rows"] if row["asks"] == "course"]
    assert bad == []
    assert set(courses) == {"PASS"}
    assert len(courses) > 80


def test_a_client_of_early_access_alone_has_a_sanity_case_of_its_dialect():
    start = "from mockagent.cli import main; main()"
    command = (
        sys.executable,
        "-P",
        "-c",
        start,
        "conform",
        "client",
        "early_access_failure",
        "--speed",
        "10",
    )
    ran = subprocess.run(
        (*command, "--level", "1", "--", *REFERENCE),
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=WITHIN,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
