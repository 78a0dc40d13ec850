"""Published SDKs whose drivers are compiled, each by the tool of its language; a machine without it cannot run them."""

import re
from dataclasses import dataclass

import pytest
from environments import CLIENTS, NoTool, go_program, rust_program


@dataclass(frozen=True, slots=True)
class Go:
    """A Go module whose go.mod pins the SDK."""

    folder: str
    module: str

    def command(self) -> list[str]:
        """How to start the driver; builds it. CannotPrepare without go, or when it does not build."""
        return [str(go_program(CLIENTS / self.folder))]

    def version(self) -> str:
        """The SDK's exact version."""
        found = re.search(rf"{re.escape(self.module)} v(\S+)", (CLIENTS / self.folder / "go.mod").read_text())
        assert found is not None, f"go.mod of {self.folder} does not require {self.module}"
        return f"deepgram-go-sdk {found[1]}"


@dataclass(frozen=True, slots=True)
class Rust:
    """A Rust package whose Cargo.toml pins the SDK."""

    folder: str
    crate: str

    def command(self) -> list[str]:
        """How to start the driver; builds it. CannotPrepare without cargo, or when it does not build."""
        return [str(rust_program(CLIENTS / self.folder))]

    def version(self) -> str:
        """The SDK's exact version."""
        text = (CLIENTS / self.folder / "Cargo.toml").read_text()
        found = re.search(rf'^{self.crate} = {{ version = "=([\d.]+)"', text, re.MULTILINE)
        assert found is not None, f"Cargo.toml of {self.folder} does not pin {self.crate}"
        return f"{self.crate} (Rust) {found[1]}"


COMPILED = {
    "rust": Rust("rust", "deepgram"),
    "go_3": Go("go_3", "github.com/deepgram/deepgram-go-sdk/v3"),
}

UNANSWERING = frozenset({"go_3"})
"""Those that can neither answer a function call nor leave as the protocol has it."""


def program(name: str) -> list[str]:
    """The client's driver, for a test. Without a compiler the test is skipped, and says so; with one it must build."""
    try:
        return COMPILED[name].command()
    except NoTool as problem:
        pytest.skip(f"{name.upper()} WAS NOT TESTED: {problem}")
