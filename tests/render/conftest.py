"""A browser that looks at the pages."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The tests are imported by file, so modules beside them are not found otherwise.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "clients")]


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A window of a Chromium: the variable CHROMIUM, or one on PATH. CI must have one."""
    from browsing import BROWSERS, find_browser
    from looking import opened

    browser = find_browser()
    if browser is None:
        missing = f"NO PAGE WAS LOOKED AT: none of {', '.join(BROWSERS)} is on PATH, and CHROMIUM is not set"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with opened(browser, tmp_path_factory.mktemp("browser")) as found:
        yield found
