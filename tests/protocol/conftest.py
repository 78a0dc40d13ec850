"""Sessions told in a line or two, and what the judge finds in them.

A step is (side, what) or (side, what, at). `what` is a message's type, its whole body, a number of bytes of audio,
or any content of an event; without `at` it happens a tenth of a second after the one before.
"""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as trials
from hypothesis import strategies as st

from mockagent import catalogue
from mockagent.protocol.events import (
    Audio,
    Closed,
    Dialect,
    Elapsed,
    Event,
    Malformed,
    Message,
    Opened,
    Side,
)
from mockagent.protocol.judge import Judge
from mockagent.protocol.message_types import TYPES

sys.path.insert(0, str(Path(__file__).parent))

trials.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
trials.load_profile("repeatable")

SETTINGS = {
    Dialect.V1: {
        "type": "Settings",
        "audio": {
            "input": {"encoding": "linear16", "sample_rate": 16000},
            "output": {"encoding": "linear16", "sample_rate": 24000},
        },
        "agent": {
            "listen": {"provider": {"type": "deepgram", "model": "nova-3"}},
            "think": {
                "provider": {"type": "open_ai", "model": "gpt-4o-mini"},
                "prompt": "Be brief.",
                "functions": [
                    {"name": "here", "description": "Runs at the client", "parameters": {"type": "object"}},
                    {
                        "name": "there",
                        "parameters": {"type": "object"},
                        "endpoint": {"url": "https://example.com/there", "method": "post"},
                    },
                    {"name": "later", "parameters": {"type": "object"}, "defer_until_eot": True},
                ],
            },
            "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
        },
    },
    Dialect.EARLY_ACCESS: {
        "type": "SettingsConfiguration",
        "audio": {
            "input": {"encoding": "linear16", "sample_rate": 16000},
            "output": {"encoding": "linear16", "sample_rate": 24000, "container": "none"},
        },
        "agent": {
            "listen": {"model": "nova-2"},
            "think": {
                "provider": {"type": "open_ai"},
                "model": "gpt-4o-mini",
                "instructions": "Be brief.",
                "functions": [
                    {"name": "here", "description": "Runs at the client", "parameters": {"type": "object"}}
                ],
            },
            "speak": {"model": "aura-asteria-en"},
        },
    },
}
WELCOME = {
    Dialect.V1: {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"},
    Dialect.EARLY_ACCESS: {"type": "Welcome", "session_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"},
}


def content_of(what, side, dialect):
    if isinstance(what, int):
        return Audio(what, largest=what)
    if isinstance(what, str | dict):
        body = {"type": what} if isinstance(what, str) else what
        return Message(body["type"], body, catalogue.schemas().problems(dialect, side, body))
    return what


def events_of(steps, dialect):
    at = 0.0
    for side, what, *when in steps:
        at = when[0] if when else round(at + 0.1, 6)
        yield Event(at, side, content_of(what, side, dialect))


def beginning(dialect, settings):
    return (
        (Side.SERVER, Opened(dialect), 0.0),
        (Side.SERVER, WELCOME[dialect]),
        (Side.CLIENT, settings or SETTINGS[dialect]),
        (Side.SERVER, "SettingsApplied"),
    )


@pytest.fixture(scope="session")
def settings():
    """A valid Settings; with agent=… or audio=… these parts of it are others."""

    def make(dialect=Dialect.V1, **parts):
        return {**SETTINGS[dialect], **parts}

    return make


@pytest.fixture(scope="session")
def events():
    """The events of some steps."""
    return lambda *steps, dialect=Dialect.V1: tuple(events_of(steps, dialect))


@pytest.fixture(scope="session")
def judge():
    """A judge who has seen these steps and nothing before."""

    def make(*steps, dialect=Dialect.V1, switches=None):
        judge = Judge(catalogue.requirements(), switches, dialect)
        for event in events_of(steps, dialect):
            judge.observe(event)
        return judge

    return make


@pytest.fixture(scope="session")
def violations():
    """Everything that these steps break, from the very beginning of a connection."""

    def observe(*steps, dialect=Dialect.V1, switches=None):
        judge = Judge(catalogue.requirements(), switches, dialect)
        return tuple(violation for event in events_of(steps, dialect) for violation in judge.observe(event))

    return observe


@pytest.fixture(scope="session")
def broken(violations):
    """The ids of what these steps break, from the very beginning of a connection."""
    return lambda *steps, **how: tuple(each.requirement.id for each in violations(*steps, **how))


@pytest.fixture(scope="session")
def violations_in_session(violations):
    """Everything that these steps break in a session that was set up as it should be."""

    def observe(*steps, dialect=Dialect.V1, switches=None, settings=None):
        return violations(*beginning(dialect, settings), *steps, dialect=dialect, switches=switches)

    return observe


@pytest.fixture(scope="session")
def broken_in_session(violations_in_session):
    """The ids of what these steps break in a session that was set up as it should be."""
    return lambda *steps, **how: tuple(each.requirement.id for each in violations_in_session(*steps, **how))


@pytest.fixture(scope="session")
def session(judge):
    """The session after these steps, which follow a proper beginning."""

    def follow(*steps, dialect=Dialect.V1, switches=None, settings=None, **changes):
        begun = beginning(dialect, settings)
        return replace(judge(*begun, *steps, dialect=dialect, switches=switches).session, **changes)

    return follow


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
WORDS = (
    "here",
    "there",
    "later",
    "id-1",
    "id-2",
    "user",
    "assistant",
    "interrupt",
    "queue",
    "default",
    "x",
    "",
)
FIELDS = (
    *("functions", "agent", "audio", "content", "message", "role", "id", "name", "arguments", "client_side"),
    *("function_call_id", "function_name", "input", "output", "think", "listen", "prompt", "instructions"),
    *("behavior", "is_dynamic", "code", "description", "flags", "tags", "speak", "provider", "encoding"),
)
CALL = st.fixed_dictionaries(
    {}, optional={key: st.sampled_from(WORDS) | JSON for key in ("id", "name", "arguments", "client_side")}
)
VALUES = (
    JSON
    | st.sampled_from(WORDS)
    | st.lists(CALL, max_size=3)
    | st.dictionaries(st.sampled_from(FIELDS), JSON)
)
ODD_TYPES = ("", "Hello", "audio", "close", "message", "malformed", "*", "ConversationText of the user")
ODD_CONTENTS = st.one_of(
    st.builds(
        Audio, st.integers(0, 2_000_000), st.integers(1, 50), st.integers(0, 2_000_000), json=st.booleans()
    ),
    st.builds(Malformed, st.text(), st.text(), st.integers(0, 1000)),
    st.builds(Closed, st.none() | st.integers(0, 65535), st.text()),
    st.builds(Elapsed, st.sampled_from(("first settings", "silence", "answer", "x"))),
)


@st.composite
def _messages(draw, dialect, side):
    """Usual messages, usual ones with a field made odd, and odd ones of every known type; checked or not."""
    type = draw(st.sampled_from((*TYPES[dialect, side], *ODD_TYPES)))
    known = type in TYPES[dialect, side]
    examples = catalogue.schemas().document(dialect, side, type)["examples"] if known else [{}]
    body = {**draw(st.sampled_from(examples)), "type": type}
    if draw(st.booleans()):
        body |= draw(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3))
    is_checked = draw(st.booleans())
    return Message(type, body, catalogue.schemas().problems(dialect, side, body) if is_checked else ())


@st.composite
def _happenings(draw, dialect):
    at, events = 0.0, []
    if draw(st.booleans()):
        agent = draw(st.just(SETTINGS[dialect]["agent"]) | VALUES)
        settings = {**SETTINGS[dialect], "agent": agent}
        events = list(events_of(beginning(dialect, settings), dialect))
        at = events[-1].at
    for _ in range(draw(st.integers(0, 12))):
        at = round(at + draw(st.sampled_from((0.0, 0.02, 0.5, 11.0))), 6)
        side = draw(st.sampled_from(Side))
        events.append(Event(at, side, draw(_messages(dialect, side) | ODD_CONTENTS)))
    return events


@pytest.fixture(scope="session")
def happenings():
    """A strategy for what may happen in a session of a dialect: the usual, the wrong, and the absurd."""
    return _happenings
