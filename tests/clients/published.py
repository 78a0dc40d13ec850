"""The published SDKs that the tests run, and how each one's driver is started."""

from dataclasses import dataclass

from environments import CLIENTS, find_node, node_with, python_with


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
