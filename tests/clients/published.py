"""The published SDKs that the tests run, and how each one's driver is started."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from json import loads

from compiled import COMPILED, Go, Rust
from environments import CLIENTS, CannotPrepare, find_node, node_with, python_with

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Client:
    """A published SDK and the driver that uses it; `requirements` names its packages with exact versions."""

    driver: str
    requirements: str

    def command(self) -> list[str]:
        """How to start the driver; makes the environment for it when there is none."""
        requirements = CLIENTS / self.requirements
        if requirements.suffix == ".txt":
            return [str(python_with(requirements)), str(CLIENTS / self.driver)]
        tools = find_node()
        folder = node_with(requirements, tools)
        beside = ["--preserve-symlinks", "--preserve-symlinks-main"]
        return [*tools.node, *beside, str(folder / "clients" / self.driver)]

    def version(self) -> str:
        """The SDK's exact version, as the driver's requirements have it."""
        text = (CLIENTS / self.requirements).read_text()
        if self.requirements.endswith(".json"):
            return f"@deepgram/sdk {loads(text)['dependencies']['@deepgram/sdk']}"
        found = re.search(r"deepgram-sdk==(\S+)", text)
        assert found is not None, f"{self.requirements} does not pin deepgram-sdk"
        return f"deepgram-sdk {found[1]}"


class Browser:
    """The page of `browser` in the Chromium of this machine."""

    def command(self) -> list[str]:
        """How to start its driver; CannotPrepare without a Chromium."""
        self._found()
        return [sys.executable, str(CLIENTS / "browser" / "driver.py")]

    def version(self) -> str:
        """What the Chromium says of itself; the distribution after that is this machine's."""
        told = subprocess.run([self._found(), "--version"], capture_output=True, text=True, timeout=60)
        return " ".join(told.stdout.split()[:2])

    def is_here(self) -> bool:
        """Is there a Chromium?"""
        return self._find() is not None

    def _find(self) -> str | None:
        return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)

    def _found(self) -> str:
        found = self._find()
        if found is None:
            raise CannotPrepare(f"none of {', '.join(CHROMIUMS)} is on PATH, and CHROMIUM is not set")
        return found


EARLY_ACCESS = {"python_3": Client("python_3/driver.py", "python_3/requirements.txt")}
"""The SDKs of the dialect before v1, which play none of INTENTS."""

SDKS = {
    "python_7": Client("python_7/driver.py", "python_7/requirements.txt"),
    "python_7_async": Client("python_7/driver_async.py", "python_7/requirements.txt"),
    "python_5": Client("python_5/driver.py", "python_5/requirements.txt"),
    "python_4": Client("python_4/driver.py", "python_4/requirements.txt"),
    "javascript_5": Client("javascript_5/driver.mjs", "javascript_5/package.json"),
    "javascript_4": Client("javascript_4/driver.cjs", "javascript_4/package.json"),
}

BROWSER = {"browser": Browser()}
"""No SDK, but the way that a page has."""

CLIENTS_BY_NAME: dict[str, Client | Browser | Go | Rust] = {**SDKS, **EARLY_ACCESS, **COMPILED, **BROWSER}
"""All of them, in the order in which tables show them."""
