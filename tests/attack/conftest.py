"""A server to be attacked, clients that do it, and one that does nothing wrong."""

import sys
from pathlib import Path

import pytest

from mockagent.testing import serving

# The tests are imported by file, so this folder's own modules are not found otherwise.
sys.path.insert(0, str(Path(__file__).parent))

from enemy import CLOSE, Raw, frame, settings, text


@pytest.fixture
def server():
    """A house agent that expects anything, and that must not fail itself."""
    with serving(speed=1, expect_finished=False, allow_findings=True) as running:
        yield running


@pytest.fixture
def raw():
    """Makes connections, and closes those that are left."""
    made = []

    def make(url, **options):
        made.append(Raw(url, **options))
        return made[-1]

    yield make
    for each in made:
        each.socket.close()


@pytest.fixture
def is_well():
    """See that a client that does nothing wrong is served as ever, and hears its agent to the end."""

    def ask(server):
        client = Raw(server.url).enter()
        client.send(text(settings(greeting="Hi.")))
        client.until("SettingsApplied")
        client.until("AgentAudioDone")
        client.send(frame(CLOSE, b"\x03\xe8"))
        assert client.close_code() == 1000
        client.socket.close()

    return ask
