"""A headless Chromium, spoken to by its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).

As a program: `python looking.py PAGE PICTURE WIDTH [light|dark] [SCRIPT]` takes a picture of a whole page.
"""

import base64
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from browsing import OPTIONS, find_browser
from websockets.sync.client import ClientConnection, connect

STARTS_WITHIN = 60.0
ANSWERS_WITHIN = 60.0


@dataclass
class Sight:
    """What was seen of a page: the value of the script, and everything that was complained of."""

    value: Any = None
    complaints: list[str] = field(default_factory=list)
    picture: bytes = b""


class Window:
    """One page of the browser after another."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._calls = 0
        self._events: list[dict[str, Any]] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def look(
        self, page: Path, script: str = "", *, width: int = 1280, theme: str = "light", picture: bool = False
    ) -> Sight:
        """Open the page at that width and evaluate the script in it."""
        self._events.clear()
        phone = width < 700
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": theme}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call("Page.navigate", url=page.resolve().as_uri())
        self._await("Page.loadEventFired")
        sight = Sight()
        if script:
            answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
            assert "exceptionDetails" not in answer, answer
            sight.value = answer["result"].get("value")
        if picture:
            shot = self._call("Page.captureScreenshot", captureBeyondViewport=not script)
            sight.picture = base64.b64decode(shot["data"])
        sight.complaints = [told for each in self._events if (told := _complaint(each, page))]
        return sight

    def _call(self, method: str, **params: Any) -> Any:
        self._calls += 1
        call: dict[str, Any] = {"id": self._calls, "method": method, "params": params}
        if hasattr(self, "_session"):
            call["sessionId"] = self._session
        self._socket.send(json.dumps(call))
        while (answer := self._next()).get("id") != self._calls:
            self._events.append(answer)
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def _await(self, event: str) -> None:
        while all(each.get("method") != event for each in self._events):
            self._events.append(self._next())

    def _next(self) -> dict[str, Any]:
        return dict(json.loads(self._socket.recv(timeout=ANSWERS_WITHIN)))


def _complaint(event: dict[str, Any], page: Path) -> str:
    params = event.get("params", {})
    match event.get("method"):
        case "Runtime.exceptionThrown" | "Log.entryAdded" | "Page.javascriptDialogOpening":
            return json.dumps(params)
        case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning", "assert"):
            return json.dumps(params)
        case "Network.requestWillBeSent" if params["request"]["url"] != page.resolve().as_uri():
            return f"loads {params['request']['url']}"
    return ""


@contextmanager
def opened(browser: str, folder: Path) -> Iterator[Window]:
    """A window of a browser that keeps its files in that folder."""
    command = [browser, *OPTIONS, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]
    with (folder / "browser.txt").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            with connect(_address(folder), max_size=None, proxy=None, open_timeout=STARTS_WITHIN) as socket:
                yield Window(socket)
        finally:
            process.kill()
            process.wait()


def _address(folder: Path) -> str:
    told = folder / "DevToolsActivePort"
    until = time.monotonic() + STARTS_WITHIN
    while not (told.exists() and told.read_text().count("\n")):
        assert time.monotonic() < until, (folder / "browser.txt").read_text()
        time.sleep(0.05)
    port, path = told.read_text().split("\n")[:2]
    return f"ws://127.0.0.1:{port}{path}"


if __name__ == "__main__":
    page, picture, width, theme, script = (
        [*sys.argv[1:], "light", ""][:5] if len(sys.argv) < 6 else sys.argv[1:6]
    )
    browser = find_browser() or sys.exit("there is no Chromium")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        opened(browser, Path(folder)) as window,
    ):
        sight = window.look(Path(page), script, width=int(width), theme=theme, picture=True)
        Path(picture).write_bytes(sight.picture)
        print(sight.value, *sight.complaints, sep="\n")
