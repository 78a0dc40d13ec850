"""A page in headless Chromium converses with `mockagent serve`; its key travels as a subprotocol."""

import os

import pytest
from environments import CannotPrepare
from playing import play
from published import BROWSER


@pytest.fixture(scope="module")
def browser() -> list[str]:
    """The command of the driver. CI must have a Chromium."""
    try:
        return BROWSER["browser"].command()
    except CannotPrepare as problem:
        missing = f"NO BROWSER WAS TESTED: {problem}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)


def test_a_page_finishes_barge_in_with_its_key_as_a_subprotocol(browser, tmp_path):
    seen = play(browser, "barge_in", {"do": "talk", "replies": 2}, tmp_path)
    assert (seen.driver_status, seen.server_status) == (0, 0), seen.account()
    assert "subprotocol: token\n" in (tmp_path / "driver.txt").read_text()
    assert seen.errors() == [], seen.account()
    assert seen.events()[:2] == ["Welcome", "SettingsApplied"]
    assert seen.events().count("UserStartedSpeaking") == 2
    assert seen.audio_bytes() > 24_000 * 2
    assert all(line["audio"] % 2 == 0 for line in seen.observed if "audio" in line)
