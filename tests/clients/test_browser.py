"""A page in headless Chromium converses with `mockagent serve`; its key travels as a subprotocol."""

import os

import pytest
from browsing import BROWSERS, converse, find_browser
from playing import PLAY_FOR, SPEED, serving


@pytest.fixture(scope="module")
def browser() -> str:
    """A Chromium: the variable CHROMIUM, or one on PATH. CI must have one."""
    found = find_browser()
    if found is not None:
        return found
    missing = f"NO BROWSER WAS TESTED: none of {', '.join(BROWSERS)} is on PATH, and CHROMIUM is not set"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def test_a_page_finishes_barge_in_with_its_key_as_a_subprotocol(browser, tmp_path):
    with serving("barge_in", tmp_path) as server:
        report = converse(browser, server.url, tmp_path, PLAY_FOR, replies=2, pace=SPEED)
        assert report is not None, (tmp_path / "browser.txt").read_text()
        status = server.ended()
    assert report["protocol"] == "token"
    assert report["failed"] is None
    assert report["close"] == {"code": 1000, "clean": True}
    assert report["events"][:2] == ["Welcome", "SettingsApplied"]
    assert report["events"].count("UserStartedSpeaking") == 2
    assert report["audioBytes"] > 24_000 * 2
    assert report["oddFrames"] == 0
    assert status == 0, (tmp_path / "server.txt").read_text()
