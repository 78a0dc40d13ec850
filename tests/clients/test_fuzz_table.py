"""What published clients do not live through is told on a page, and kept as frames and as scenarios."""

import json

import pytest
from fuzz_page import page
from fuzz_table import FAILURES, FILE, PAGE, as_scenario

from mockagent import catalogue

RESULTS = json.loads(FILE.read_text("utf-8"))
KEPT = sorted(path.stem for path in FAILURES.glob("*.json"))
RENEW = "renew it: python tests/clients/fuzz_table.py --page"


def test_the_page_is_made_of_the_results():
    assert PAGE.read_text("utf-8") == page(RESULTS, {path.stem for path in FAILURES.glob("*.yaml")}), RENEW


def test_the_frames_of_each_kind_are_kept():
    assert {found["id"] for each in RESULTS.values() for found in each.get("found", ())} == set(KEPT)


@pytest.mark.parametrize("id", KEPT)
def test_each_is_kept_as_the_scenario_that_its_frames_make(id):
    path = FAILURES / f"{id}.yaml"
    assert path.read_text("utf-8") == as_scenario(path.with_suffix(".json")), RENEW
    assert catalogue.proved_scenario(path).name == id
