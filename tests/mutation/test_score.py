"""The score of a small shop by tests that see much or little, from real runs in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from score import Findings, Part

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the tool forks, which this system cannot")

SCRIPT = Path(__file__).with_name("score.py")
PRICE = """
RATE = 5


def total(net):
    return net + RATE
"""
RETURNED, ADDED, RATE = (
    "price.total: return net + RATE -> return None",
    "price.total: net + RATE -> net - RATE",
    "price.RATE: 5 -> 6",
)
BLIND = "assert price.total(10) is not None"
SHARP = "assert price.total(10) == 15"


@pytest.fixture
def shop(tmp_path):
    """Writes a package and its test, and gives what runs the tool on them."""

    def make(assertion, price=PRICE):
        (tmp_path / "shop").mkdir()
        (tmp_path / "shop" / "__init__.py").touch()
        (tmp_path / "shop" / "price.py").write_text(price)
        (tmp_path / "test_price.py").write_text(
            f"from shop import price\n\ndef test_total():\n    {assertion}\n"
        )
        return run

    def run(*options, excused=()):
        (tmp_path / "excused.yaml").write_text(json.dumps({"as a test": list(excused)}))
        what = ("--root", tmp_path, "--package", "shop", "--tests", "test_price.py")
        command = [sys.executable, SCRIPT, *what, "--survivors", tmp_path / "excused.yaml", *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        return done.returncode, done.stdout.splitlines(), done.stderr

    return make


def test_a_sharp_test_sees_every_mutant(shop):
    status, lines, _ = shop(SHARP)("--tables", "1/1")
    assert (status, lines) == (0, ["3 of 3 mutants, 0 survived: score 100.0%"])


def test_a_blind_test_misses_some(shop):
    status, lines, _ = shop(BLIND)("--tables", "1/1", "--jobs", "1")
    assert (status, lines) == (
        1,
        [
            "3 of 3 mutants, 2 survived: score 33.3%",
            "a score below 90%",
            f"survived, without a reason in survivors.yaml: {RATE}",
            f"survived, without a reason in survivors.yaml: {ADDED}",
        ],
    )


def test_a_reason_excuses_a_survivor_but_not_the_score(shop):
    run = shop(BLIND)
    assert run("--wanted", "0.5", excused=[ADDED])[:2] == (0, ["2 of 3 mutants, 1 survived: score 50.0%"])
    status, lines, _ = run(excused=[ADDED])
    assert (status, lines[1:]) == (1, ["a score below 90%"])


def test_a_reason_for_what_is_seen_or_gone_is_stale(shop):
    status, lines, _ = shop(SHARP)(excused=[ADDED, "price.total: gone", RATE])
    assert (status, lines[1:]) == (
        1,
        [
            f"in survivors.yaml, but seen by a test: {ADDED}",
            "in survivors.yaml, but no mutant: price.total: gone",
        ],
    )


def test_only_what_survived_is_tried_again_and_nothing_twice(shop, tmp_path):
    run, results = shop(BLIND), tmp_path / "results.jsonl"
    run("--results", results)
    found = Findings.read([results])
    assert found.survived == {RETURNED: False, ADDED: True}

    (tmp_path / "test_price.py").write_text(f"from shop import price\n\ndef test_total():\n    {SHARP}\n")
    _, lines, log = run("--results", results)
    assert lines[0] == "2 of 3 mutants, 1 survived: score 50.0%" and "0 mutants" in log
    _, lines, log = run("--again", results)
    assert lines[0] == "2 of 3 mutants, 0 survived: score 100.0%" and "1 mutants" in log
    _, lines, log = run("--again", results, "--tables", "1/1")
    assert lines[0] == "3 of 3 mutants, 0 survived: score 100.0%" and "2 mutants" in log


def test_what_was_made_before_the_tests_is_tried_afresh(shop):
    price = "def rate():\n    return 2 + 3\n\nRATE = rate()\n\ndef total(net):\n    return net + RATE\n"
    run = shop(SHARP, price)
    assert run()[:2] == (0, ["6 of 6 mutants, 0 survived: score 100.0%"])
    assert run("--quick", "60")[1][0] == "6 of 6 mutants, 4 survived: score 33.3%"


def test_a_test_that_fails_by_itself_sees_nothing(shop):
    _, lines, log = shop("assert price.total(10) == 16")("--tables", "1/1")
    assert lines[0] == "3 of 3 mutants, 3 survived: score 0.0%"
    assert "left out, for it fails without any change: test_price.py::test_total" in log


def test_a_slow_test_can_be_left_out(shop):
    slow = "[None for _ in range(20_000_000)]; " + SHARP
    assert shop(slow)("--quick", "0.001")[1][0] == "2 of 3 mutants, 2 survived: score 0.0%"


def test_tests_that_cannot_be_collected_give_no_score(shop):
    status, lines, _ = shop("assert (")()
    assert (status, lines) == (1, [])


def test_of_nothing_tried_there_is_no_score():
    assert list(Findings({}).judged((), wanted=0.9)) == ["a score below 90%"]


def test_parts_are_disjoint_and_make_up_the_whole():
    ids = [f"module.name: {number}" for number in range(200)]
    parts = [{id for id in ids if id in Part.named(f"{number}/4")} for number in (1, 2, 3, 4)]
    assert sorted(id for part in parts for id in part) == sorted(ids)
    assert min(map(len, parts)) > 20
    assert not any(id in Part.named("0") for id in ids)
    assert all(id in Part() for id in ids)
