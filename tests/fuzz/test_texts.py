"""Faults of JSON text: what is no message is malformed, and what JSON allows is a message without any finding."""

from mockagent import catalogue
from mockagent.fuzz.near_miss import Kind
from mockagent.fuzz.texts import DEPTH, EIGHT_MB, FAULTS
from mockagent.protocol.codec import decode
from mockagent.protocol.events import Dialect, Frame, Malformed, Message, Side


def test_each_is_malformed_or_legal_and_then_without_a_finding(near_misses):
    for each in near_misses(Kind.TEXT):
        ((_, data, _),) = each.frames()
        decoded = decode(Frame(data))
        if each.legal:
            assert isinstance(decoded, Message), each.id
            assert catalogue.schemas().problems(each.dialect, each.side, decoded.body) == (), each.id
        else:
            assert isinstance(decoded, Malformed), each.id


def test_every_type_has_a_text_that_breaks_off(near_misses):
    of_schema = {(each.dialect, each.side, each.type) for each in near_misses(Kind.SCHEMA)}
    cut = {
        (each.dialect, each.side, each.type)
        for each in near_misses(Kind.TEXT)
        if "#text:truncated" in each.id
    }
    assert cut == of_schema


def test_the_big_ones_are_as_big_as_they_say():
    deep = catalogue.corpus().get("v1/client/Settings#text:deep").wires[0].payload
    assert deep.data.count(b"[") == deep.data.count(b"]") >= DEPTH
    big = catalogue.corpus().get("v1/client/InjectUserMessage#text:8-mb").wires[0].payload
    assert EIGHT_MB < big.size == len(big.data) < EIGHT_MB + 100


def test_every_side_of_either_dialect_has_every_fault(near_misses):
    used = {(each.dialect, each.side, each.id.partition("#text:")[2]) for each in near_misses(Kind.TEXT)}
    names = {fault.name for fault in FAULTS}
    assert used == {(dialect, side, name) for dialect in Dialect for side in Side for name in names}
