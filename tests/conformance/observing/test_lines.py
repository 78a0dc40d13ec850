"""The lines of an observation file: what is said, and what cannot be read."""

import pytest

from mockagent.conformance.observing.lines import (
    GotAudio,
    SawEvent,
    StoppedPlayback,
    ToldClose,
    ToldError,
    read,
)


def test_every_kind_of_line_is_read_and_unknown_keys_are_ignored():
    text = """{"event": "Welcome", "message": {"a": 1}, "name": "welcome", "class": "X"}
{"event": null}
{"audio": 960, "at": 1}

{"playback": "stopped"}
{"error": "no"}
{"closed": 1000}
{"closed": null}
{"later": "than this version"}
"""
    found = read(text)
    assert found.broken == ()
    assert found.lines == (
        SawEvent("Welcome", {"a": 1}, "welcome"),
        SawEvent(None),
        *(GotAudio(960), StoppedPlayback(), ToldError("no"), ToldClose(1000), ToldClose(None)),
    )
    assert found.is_valid


@pytest.mark.parametrize(
    "line",
    [
        *("garbage", "[]", '{"audio": 1', '{"audio": -1}', '{"audio": true}', '{"audio": "960"}'),
        *('{"event": 1}', '{"event": "A", "message": []}', '{"playback": "paused"}', '{"closed": "1000"}'),
        "[" * 100_000,
    ],
)
def test_a_line_that_cannot_be_read_is_a_finding_with_its_number(line):
    found = read('{"audio": 1}\n' + line)
    assert [each.number for each in found.broken] == [2]
    assert found.lines == (GotAudio(1),)
    assert not found.is_valid


@pytest.mark.parametrize("text", ["", '{"audio": 1}', '{"event": "Welcome"}'])
def test_an_application_that_does_not_tell_of_messages_and_audio_does_not_observe(text):
    assert not read(text).is_valid
