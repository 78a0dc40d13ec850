"""The search for the smallest, with oracles that are plain functions."""

import asyncio
import json

import pytest

from mockagent.fuzz.near_miss import Opcode, Payload, Wire, binary, text
from mockagent.fuzz.sending import Await, Say, Sending
from mockagent.fuzz.shrinking import candidates, shrunk
from mockagent.protocol.events import Dialect, Side


def sending(*steps, **more):
    return Sending(Dialect.V1, Side.SERVER, steps, **more)


def smallest(start, fails, **more):
    async def still_fails(candidate):
        return fails(candidate)

    assert fails(start)
    found, tries = asyncio.run(shrunk(start, still_fails, **more))
    assert fails(found)
    return found, tries


def texts(candidate):
    return [wire.data.decode("utf-8", "replace") for wire in candidate.wires]


def test_steps_that_do_not_matter_are_dropped():
    start = sending(*(Say(text(f'"{n}"')) for n in range(50)), Await("Settings"), Say(text('"last"')))
    found, _ = smallest(start, lambda each: '"7"' in texts(each) and '"31"' in texts(each))
    assert texts(found) == ['"7"', '"31"']
    assert len(found.steps) == 2


def test_waits_become_short_and_silence_too():
    start = sending(Say(text("", after=8.0)), silent_for=5.0)
    found, _ = smallest(
        start, lambda each: sum(wire.after for wire in each.wires) >= 1.0 and bool(each.steps)
    )
    assert 1.0 <= found.wires[0].after < 2.0
    assert found.silent_for == 0


def test_json_loses_what_does_not_matter_and_keeps_what_does():
    body = {"type": "History", "role": "user", "more": [{"a": 1}, {"content": "a long word", "n": 80.5}]}

    def fails(each):
        try:
            value = json.loads(texts(each)[0])
            return value["more"][-1]["n"] > 20
        except (ValueError, LookupError, TypeError, AttributeError):
            return False

    found, _ = smallest(sending(Say(text(json.dumps(body)))), fails)
    assert json.loads(texts(found)[0]) == {"more": [{"n": pytest.approx(30, abs=10)}]}


def test_a_string_becomes_as_plain_and_short_as_it_can():
    def fails(each):
        value = json.loads(texts(each)[0])
        return isinstance(value, dict) and any(ord(letter) > 127 for letter in value.get("content", ""))

    body = {"type": "ConversationText", "content": "Guten Morgen, schöne \U0004744d Welt"}
    found, _ = smallest(sending(Say(text(json.dumps(body)))), fails)
    assert json.loads(texts(found)[0]) == {"content": "é"}


def test_text_that_is_no_json_and_bytes_shrink_too():
    found, _ = smallest(sending(Say(text('{"a": [1, 2, NaN, <'))), lambda each: "NaN" in "".join(texts(each)))
    assert texts(found) == ["NaN"]
    found, _ = smallest(
        sending(Say(binary(bytes(100) + b"RIFF" + bytes(99)))),
        lambda each: b"RIFF" in b"".join(wire.data for wire in each.wires),
    )
    assert found.wires[0].data == b"RIFF"


def test_a_payload_of_megabytes_shrinks_without_being_made():
    start = sending(Say(Wire(Opcode.TEXT, Payload(b'"', b"x", 8_000_000, b'"'))))
    found, tries = smallest(start, lambda each: each.size > 1_000_000)
    assert 1_000_000 < found.size < 1_200_000
    assert tries < 100


def test_the_search_ends_when_it_is_told_to():
    start = sending(*(Say(text(str(n))) for n in range(64)))
    found, tries = smallest(start, lambda each: len(each.steps) > 3, is_enough=lambda tries: tries == 5)
    assert tries == 5
    assert len(found.steps) < 64


def test_nothing_is_proposed_that_is_as_it_was():
    start = sending(Say(text('{"a":[0,"x",false,null,{}]}', after=1.0)), Say(binary(b"ab")), silent_for=1.0)
    assert all(each != start and each.id != start.id for each in candidates(start))


def test_what_fails_only_now_and_then_is_not_the_smallest():
    """Below ten steps it fails the first time that it is asked, and not again."""
    start = sending(*(Say(text(f'"{n}"')) for n in range(64)))
    asked = set()

    async def still_fails(candidate):
        is_new = candidate.id not in asked
        asked.add(candidate.id)
        return len(candidate.steps) >= 10 or is_new

    found, _ = asyncio.run(shrunk(start, still_fails))
    assert 10 <= len(found.steps) < 64


def test_where_nothing_smaller_is_sure_the_whole_is_kept():
    start = sending(Say(text('"one"')), Say(text('"two"')))
    asked = set()

    async def still_fails(candidate):
        is_new = candidate.id not in asked
        asked.add(candidate.id)
        return candidate.id == start.id or is_new

    assert asyncio.run(shrunk(start, still_fails))[0] == start
