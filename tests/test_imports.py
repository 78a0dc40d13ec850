"""Who may import whom, read from the syntax trees of the library.

The tables below are the architecture: a new arrow between packages changes them, with the reason. Imports inside
functions and for type checking count like any other.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import mockagent

ROOT = Path(mockagent.__file__).parent
PURE = frozenset(
    {
        *("collections", "contextlib", "dataclasses", "difflib", "enum", "functools", "hashlib", "itertools"),
        *("json", "math", "operator", "re", "struct", "types", "typing", "unicodedata"),
    }
)

# What a package may import, and nothing else. A name stands for itself and all below it.
MAY = {
    "mockagent.errors": PURE,
    "mockagent.protocol": PURE | {"mockagent.protocol", "mockagent.errors"},
    "mockagent.protocol.schemas": PURE
    | {
        "mockagent.protocol",
        "jsonschema",
        "referencing",
        "threading",
    },  # a lock: servers share the validators
    # How much is told of one message.
    "mockagent.protocol.judge": PURE | {"mockagent.protocol", "mockagent.limits"},
    "mockagent.protocol.explanation": PURE | {"mockagent.protocol", "mockagent.limits"},
    "mockagent.protocol.bundle": PURE | {"mockagent.protocol", "posixpath"},  # arithmetic on references
    "mockagent.protocol.rules": PURE | {"mockagent.protocol"},
    "mockagent.limits": PURE,
    "mockagent.scenario": PURE
    | {"mockagent.scenario", "mockagent.protocol", "mockagent.errors", "mockagent.limits"},
    # Searches with a time limit, for patterns that somebody else wrote.
    "mockagent.scenario.matching": PURE | {"mockagent.limits", "regex"},
    "mockagent.coverage": PURE
    | {"mockagent.coverage", "mockagent.protocol", "mockagent.scenario", "fnmatch"},  # patterns of row names
    "mockagent.fuzz": PURE | {"mockagent.fuzz", "mockagent.protocol", "mockagent.errors"},
    # The bytes of frames, as scenario files write them.
    "mockagent.scenario.faults.raw_frame": PURE | {"mockagent.protocol", "base64"},
    "mockagent.fuzz.as_scenario": PURE
    | {"mockagent.fuzz", "mockagent.protocol", "mockagent.errors", "base64"},
    # Frames as text, and exactly.
    "mockagent.fuzz.sending": PURE | {"mockagent.fuzz", "mockagent.protocol", "base64"},
    "mockagent.audio": PURE | {"mockagent.audio", "mockagent.protocol", "mockagent.limits", "numpy"},
    # Locks: servers of one process, each in a thread of its own, share what is made.
    "mockagent.audio.making": PURE | {"threading"},
    "mockagent.audio.remembering": PURE | {"mockagent.audio", "mockagent.limits", "threading"},
    # The codecs, and no other module: they are an extra, and take a tenth of a second to load.
    "mockagent.audio.coding": PURE | {"mockagent.audio", "mockagent.protocol", "numpy", "av"},
    "mockagent.audio.unpacking": PURE
    | {"mockagent.audio", "mockagent.protocol", "mockagent.limits", "numpy", "av"},
    "mockagent.yaml_nodes": PURE | {"yaml", "mockagent.scenario.nodes", "mockagent.errors"},
    "mockagent.resources": PURE | {"pathlib"},
    "mockagent.ticker": PURE | {"asyncio"},
    "mockagent.loops": PURE | {"asyncio", "selectors", "time"},
    # Of the journal only the desk is a shell.
    "mockagent.server.journal.gate": PURE | {"ipaddress", "urllib"},
    "mockagent.server.journal.routes": PURE
    | {"urllib", "mockagent.server.journal", "mockagent.protocol", "mockagent.errors"},
    "mockagent.server.journal.kept": PURE | {"mockagent.protocol", "mockagent.server"},
    "mockagent.server.journal.book": PURE | {"mockagent.server"},
    "mockagent.server.journal.views": PURE | {"mockagent"},
    "mockagent.server.tunnel": PURE | {"mockagent.protocol", "http", "urllib"},  # arithmetic on requests
    # Of the conformance kit the trial, the campaign and what ends processes are shells.
    # Of the client only the shells open sockets.
    "mockagent.client.part": PURE | {"mockagent.client", "mockagent.protocol", "mockagent.scenario"},
    "mockagent.client.sayings": PURE | {"mockagent.protocol", "mockagent.scenario"},
    "mockagent.client.account": PURE | {"mockagent.protocol"},
    "mockagent.conformance.verdicts": PURE,
    "mockagent.conformance.report": PURE | {"mockagent.conformance", "mockagent.protocol.events"},
    "mockagent.conformance.baseline": PURE | {"mockagent.conformance", "fnmatch"},  # patterns of row names
    "mockagent.conformance.exercise": PURE | {"mockagent.conformance.question", "mockagent.protocol"},
    "mockagent.conformance.question": PURE | {"mockagent.protocol"},
    "mockagent.conformance.intents": PURE | {"mockagent.protocol", "mockagent.scenario"},
    "mockagent.conformance.planning": PURE
    | {"mockagent.conformance", "mockagent.errors", "mockagent.protocol", "mockagent.scenario"},
    "mockagent.conformance.seen": PURE
    | {"mockagent.conformance", "mockagent.protocol", "mockagent.scenario"},
    "mockagent.conformance.observing": PURE | {"mockagent.conformance", "mockagent.protocol"},
    # Of pull mode the desk and its HTTP are shells.
    "mockagent.conformance.attaching.gate": PURE | {"mockagent.server.journal.gate", "urllib"},
    "mockagent.conformance.attaching.asking": PURE | {"mockagent.conformance.attaching", "urllib"},
    "mockagent.conformance.judging": PURE | {"mockagent.conformance", "mockagent.protocol"},
    "mockagent.conformance.comparison": PURE | {"mockagent.conformance"},
    "mockagent.render": PURE
    | {"mockagent.render", "mockagent.conformance", "mockagent.protocol", "xml", "shlex"},
    # Escaping, and the hash by which a page names the only script that may run in it.
    "mockagent.render.html": PURE
    | {"mockagent.render", "mockagent.conformance", "mockagent.protocol", "html", "base64"},
    # Of its server leg the trial, the campaign, the handshakes and the speech are shells.
    "mockagent.conformance.server.briefing": PURE | {"mockagent.protocol", "mockagent.scenario"},
    "mockagent.conformance.server.freedom": PURE | {"mockagent.protocol", "mockagent.scenario"},
    "mockagent.conformance.server.judging": PURE
    | {"mockagent.conformance", "mockagent.protocol", "mockagent.scenario"},
    "mockagent.conformance.server.planning": PURE
    | {"mockagent.conformance", "mockagent.protocol", "mockagent.scenario"},
    "mockagent.conformance.server.target": PURE | {"mockagent.protocol", "urllib"},  # the parts of a URL
    "mockagent.harness.surroundings": PURE
    | {"mockagent.protocol", "mockagent.server.notices", "mockagent.tls"},
}

# Who alone may import a package, besides itself. All others may not.
ONLY = {
    "jsonschema": {"mockagent.protocol.schemas"},
    "referencing": {"mockagent.protocol.schemas"},
    "yaml": {"mockagent.yaml_nodes"},
    "regex": {"mockagent.scenario.matching"},
    "numpy": {"mockagent.audio", "mockagent.client"},
    "av": {"mockagent.audio.coding", "mockagent.audio.unpacking"},
    "click": {"mockagent.cli"},
    "httpx": {"mockagent.server.endpoints"},  # an extra, loaded with the first call of a function
    "websockets": {
        "mockagent.websocket",
        "mockagent.server",
        "mockagent.client",
        "mockagent.testing",
        "mockagent.conformance.server.trial",
        "mockagent.fuzzing.link",
        "mockagent.fuzzing.client",
        "mockagent.fuzzing.process",
        "mockagent.fuzzing.server",
    },
    "hypothesis": {"mockagent.testing", "mockagent.fuzzing.drawing"},
    "pytest": {"mockagent.testing"},
    "mockagent.cli": {"mockagent.__main__"},
    "mockagent.coverage": {"mockagent.survey", "mockagent.catalogue", "mockagent.cli"},
    "mockagent.fuzz": {"mockagent.catalogue", "mockagent.cli", "mockagent.testing", "mockagent.fuzzing"},
    "mockagent.fuzzing": {"mockagent.cli"},
    "mockagent.survey": {"mockagent.cli"},
    "mockagent.testing": set(),
    # The reference client, and the kit's server leg, are its two shells' users.
    "mockagent.client": {"mockagent.testing", "mockagent.conformance"},
    "mockagent.testing.strategies": {
        "mockagent.testing",
        "mockagent.fuzzing.drawing",
    },  # what is drawn is sent
    # The kit's client leg starts a server beside the client under test.
    "mockagent.server": {
        "mockagent.cli",
        "mockagent.conformance",
        "mockagent.harness",
        "mockagent.testing",
        "mockagent.fuzzing.client",
        "mockagent.fuzzing.process",
    },
    "mockagent.harness": {
        "mockagent.cli",
        "mockagent.conformance",
        "mockagent.fuzzing.client",
        "mockagent.fuzzing.process",
        "mockagent.testing.machine",
    },
    "mockagent.conformance": {"mockagent.cli", "mockagent.render"},
    "mockagent.conformance.processes": {
        "mockagent.cli",
        "mockagent.conformance",
        "mockagent.fuzzing.client",
        "mockagent.fuzzing.process",
    },  # what ends them
    "mockagent.conformance.trial": {"mockagent.cli", "mockagent.conformance.campaign"},
    "mockagent.conformance.driving": {"mockagent.conformance.trial", "mockagent.conformance.attaching"},
    "mockagent.conformance.attaching": {"mockagent.cli"},
    "mockagent.conformance.campaign": {"mockagent.cli"},
    "mockagent.render": {"mockagent.cli"},
    "trustme": {"mockagent.tls"},  # an extra, which only TLS needs
    "cryptography": {"mockagent.tls"},  # comes with trustme
    "mockagent.server.door": {
        "mockagent.server",
        "mockagent.testing",
        "mockagent.readiness",
        "mockagent.fuzzing.client",
        "mockagent.fuzzing.process",
    },  # where to knock, and who is let in
    "mockagent.connection": {"mockagent.server", "mockagent.testing"},
    "mockagent.protocol.rules": {"mockagent.protocol.judge"},
    "mockagent.yaml_nodes": {"mockagent.catalogue", "mockagent.lint", "mockagent.testing"},
}

# Arrows that what stands above would let pass: from, to.
NEVER = (
    ("mockagent.protocol.rules", "mockagent.protocol.judge"),
    ("mockagent.protocol.rules", "mockagent.protocol.service"),
    ("mockagent.protocol.rules", "mockagent.protocol.schemas"),
    ("mockagent.catalogue", "asyncio"),
    ("mockagent.catalogue", "socket"),
    ("mockagent.catalogue", "time"),
    ("mockagent.connection", "mockagent.catalogue"),
    ("mockagent.connection", "mockagent.audio"),
    ("mockagent.connection", "random"),
    ("mockagent.survey", "asyncio"),
    ("mockagent.survey", "socket"),
    ("mockagent.lint", "asyncio"),
    ("mockagent.lint", "socket"),
)


@dataclass(frozen=True)
class Arrow:
    """One import: where it stands, who imports, and what."""

    place: str
    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.place}: {self.importer} -> {self.imported}"


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def arrows_of(source: str, importer: str, place: str, is_package: bool = False) -> Iterator[Arrow]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = importer.split(".")
            base = base[: len(base) - node.level + is_package] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [
                f"{module}.{alias.name}" if is_module(f"{module}.{alias.name}") else module
                for alias in node.names
            ]
        else:
            continue
        for name in dict.fromkeys(names):
            yield Arrow(f"{place}:{node.lineno}", importer, name)


def is_module(name: str) -> bool:
    path = ROOT.parent.joinpath(*name.split("."))
    return name.startswith("mockagent.") and (path.is_dir() or path.with_suffix(".py").is_file())


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


def all_arrows() -> Iterator[Arrow]:
    for path in sorted(ROOT.rglob("*.py")):
        if "_data" not in path.parts:
            place = path.relative_to(ROOT.parent).as_posix()
            yield from arrows_of(path.read_text("utf-8"), module_of(path), place, path.name == "__init__.py")


def why_not(arrow: Arrow) -> Iterator[str]:
    """Each fence that the arrow crosses."""
    inside = nearest(arrow.importer, MAY)
    if inside and not any(is_in(arrow.imported, each) for each in MAY[inside]):
        yield f"{arrow} ({inside} may import only {', '.join(sorted(MAY[inside]))})"
    guarded = nearest(arrow.imported, ONLY)
    if guarded and not any(is_in(arrow.importer, each) for each in (guarded, *ONLY[guarded])):
        yield f"{arrow} (only {', '.join(sorted(ONLY[guarded])) or 'itself'} may import {guarded})"
    for importer, imported in NEVER:
        if is_in(arrow.importer, importer) and is_in(arrow.imported, imported):
            yield f"{arrow} ({importer} never imports {imported})"
    if are_two_rules(arrow):
        yield f"{arrow} (a file of rules never imports another)"


def nearest(name: str, packages: Iterable[str]) -> str | None:
    """The innermost of the packages that a module is in."""
    return max((package for package in packages if is_in(name, package)), key=len, default=None)


def are_two_rules(arrow: Arrow) -> bool:
    rules = "mockagent.protocol.rules"
    return arrow.importer != rules and is_in(arrow.importer, rules) and is_in(arrow.imported, rules)


def test_no_import_crosses_a_fence():
    crossed = [reason for arrow in all_arrows() for reason in why_not(arrow)]
    assert not crossed, "\n" + "\n".join(crossed)


def test_nothing_is_imported_that_is_not_declared():
    declared = {
        "click",
        "httpx",
        "av",
        "jsonschema",
        "numpy",
        "yaml",
        "referencing",
        "regex",
        "websockets",
        "pytest",
        "hypothesis",
        "trustme",
        "cryptography",
    }
    known = sys.stdlib_module_names | declared | {"mockagent"}
    assert [str(arrow) for arrow in all_arrows() if arrow.imported.split(".")[0] not in known] == []


def test_every_fence_is_about_something_that_there_is():
    """A package that was renamed must not leave its fence standing in an empty field."""
    ours = {*MAY, *ONLY, *(name for importers in ONLY.values() for name in importers), *(a for a, _ in NEVER)}
    named = {name for name in ours if is_in(name, "mockagent")}
    assert [name for name in sorted(named) if not is_module(name)] == []


@pytest.mark.parametrize(
    ("importer", "source", "imported"),
    [
        ("mockagent.protocol.session", "import time", "time"),
        ("mockagent.protocol.session", "import os.path", "os.path"),
        ("mockagent.protocol.codec", "def f():\n    from random import choice", "random"),
        ("mockagent.protocol.codec", "import jsonschema", "jsonschema"),
        ("mockagent.protocol.schemas", "import pathlib", "pathlib"),
        ("mockagent.protocol.schemas", "from mockagent.errors import TraceError", "mockagent.errors"),
        ("mockagent.protocol.judge", "from mockagent import catalogue", "mockagent.catalogue"),
        ("mockagent.protocol.judge", "from .. import catalogue", "mockagent.catalogue"),
        ("mockagent.protocol.judge", "from ..catalogue import schemas", "mockagent.catalogue"),
        (
            "mockagent.protocol.rules.turns",
            "from mockagent.protocol.rules import audio",
            "mockagent.protocol.rules.audio",
        ),
        ("mockagent.protocol.rules.turns", "from . import audio", "mockagent.protocol.rules.audio"),
        (
            "mockagent.protocol.rules.turns",
            "from mockagent.protocol import judge",
            "mockagent.protocol.judge",
        ),
        ("mockagent.conformance.judging", "import asyncio", "asyncio"),
        (
            "mockagent.render.text",
            "from mockagent.conformance.trial import tried",
            "mockagent.conformance.trial",
        ),
        ("mockagent.scenario.player", "import asyncio", "asyncio"),
        ("mockagent.scenario.parse", "import yaml", "yaml"),
        ("mockagent.scenario.parse", "from mockagent.yaml_nodes import load", "mockagent.yaml_nodes"),
        ("mockagent.scenario.player", "from mockagent.audio import pace", "mockagent.audio.pace"),
        ("mockagent.audio.pcm", "from mockagent.scenario import model", "mockagent.scenario.model"),
        ("mockagent.coverage.walk", "from mockagent import catalogue", "mockagent.catalogue"),
        ("mockagent.fuzz.corpus", "from mockagent import catalogue", "mockagent.catalogue"),
        ("mockagent.fuzz.corpus", "import hypothesis", "hypothesis"),
        ("mockagent.server.app", "from mockagent.fuzz.corpus import Corpus", "mockagent.fuzz.corpus"),
        ("mockagent.protocol.judge", "from mockagent.coverage import rows", "mockagent.coverage.rows"),
        ("mockagent.catalogue", "from websockets.server import ServerProtocol", "websockets.server"),
        ("mockagent.connection", "import yaml", "yaml"),
        ("mockagent.connection", "from mockagent.server import app", "mockagent.server.app"),
        ("mockagent.server.app", "from mockagent import cli", "mockagent.cli"),
        ("mockagent.server.app", "import click", "click"),
        ("mockagent.testing.plugin", "from mockagent.cli import main", "mockagent.cli"),
        ("mockagent.cli.serve", "import yaml", "yaml"),
        ("mockagent.server.journal.views", "import asyncio", "asyncio"),
        (
            "mockagent.server.journal.routes",
            "from mockagent.server import app",
            "mockagent.server.app",
        ),
    ],
)
def test_a_forbidden_import_is_found_with_its_place(importer, source, imported):
    (arrow,) = arrows_of(source, importer, "some/file.py")
    assert arrow.imported == imported
    reasons = list(why_not(arrow))
    assert reasons
    assert reasons[0].startswith(f"some/file.py:{source.count(chr(10)) + 1}: {importer} -> {imported} (")


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("mockagent.protocol.session", "from collections.abc import Mapping"),
        ("mockagent.protocol.trace", "from mockagent.errors import TraceError"),
        ("mockagent.protocol.schemas", "from jsonschema import Draft202012Validator"),
        ("mockagent.protocol.judge", "from mockagent.protocol import rules"),
        ("mockagent.audio.pcm", "import numpy as np"),
        ("mockagent.cli.serve", "from mockagent.server.app import Server"),
        ("mockagent.cli.serve", "from mockagent.cli.screen import Screen"),
    ],
)
def test_an_allowed_import_passes(importer, source):
    (arrow,) = arrows_of(source, importer, "some/file.py")
    assert list(why_not(arrow)) == []


def test_a_package_may_name_its_own_modules():
    (arrow,) = arrows_of("from . import audio", "mockagent.protocol.rules", "x.py", is_package=True)
    assert arrow.imported == "mockagent.protocol.rules.audio"
    assert list(why_not(arrow)) == []


def test_no_two_helpers_of_the_tests_have_one_name():
    """Folders of tests put themselves on sys.path: whoever came first there would be the one that is imported."""
    helpers = [
        path
        for path in (ROOT.parent / "tests").rglob("*.py")
        if not path.name.startswith("test_") and path.name not in ("conftest.py", "__init__.py")
    ]
    names = Counter(path.stem for path in helpers)
    assert [str(path) for path in helpers if names[path.stem] > 1] == []
