"""How the driver of the browser finds and starts a Chromium, for tests that look at pages of their own."""

import runpy

from environments import CLIENTS

_CHROMIUM = runpy.run_path(str(CLIENTS / "browser" / "chromium.py"))
BROWSERS: tuple[str, ...] = _CHROMIUM["BROWSERS"]
OPTIONS: list[str] = _CHROMIUM["OPTIONS"]
find_browser = _CHROMIUM["find_browser"]
