"""Faults of frames, read by the WebSocket library in use here: what it refuses, and with which close code."""

import pytest
from websockets.client import ClientProtocol
from websockets.protocol import OPEN, Protocol
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from mockagent.fuzz.near_miss import Kind, Opcode, Payload, Wire
from mockagent.fuzz.outcomes import Verdict, of_a_broken_connection
from mockagent.protocol.events import Side

_LIMIT = 2**24
NO_UTF_8 = 1007


def receiver(side):
    """The other end of a connection that is open."""
    if side is Side.CLIENT:
        protocol = ServerProtocol(max_size=_LIMIT)
    else:
        protocol = ClientProtocol(parse_uri("ws://localhost/"), max_size=_LIMIT)
    Protocol.__init__(protocol, protocol.side, state=OPEN, max_size=_LIMIT)
    return protocol


def close_code_of(near_miss):
    """The code by which the receiver closes; None when it does not."""
    protocol = receiver(near_miss.side)
    for wire in near_miss.wires:
        protocol.receive_data(wire.encoded(near_miss.side))
    if protocol.close_sent:
        return int(protocol.close_sent.code)
    return None if all(map(is_text, texts_of(protocol.events_received()))) else NO_UTF_8


def texts_of(frames):
    """The whole text messages among these frames: their UTF-8 is left to the connection, above the protocol."""
    text = None
    for frame in frames:
        if frame.opcode in (Opcode.TEXT, Opcode.CONTINUATION):
            text = (text or b"") + frame.data
            if frame.fin:
                yield text
                text = None


def is_text(data):
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_each_is_refused_with_its_close_code_or_legal(near_misses):
    for each in near_misses(Kind.FRAME):
        expected = None if each.legal else each.close_code
        assert close_code_of(each) == expected, each.id


def test_what_breaks_after_a_frame_that_must_be_closed_over_has_only_left_without_a_word(near_misses):
    """As the library reads it, whatever size it would refuse besides."""
    for each in near_misses():
        is_failed = each.kind is Kind.FRAME and close_code_of(each) not in (None, 1009)
        expected = Verdict.REFUSED if is_failed else Verdict.CRASHED
        assert of_a_broken_connection(each.wires).verdict is expected, each.id


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
@pytest.mark.parametrize("side", Side)
def test_frames_are_encoded_as_the_other_end_reads_them(size, side):
    protocol = receiver(side)
    protocol.receive_data(Wire(Opcode.BINARY, Payload(fill=b"\x01", times=size)).encoded(side))
    (frame,) = protocol.events_received()
    assert (frame.opcode, bytes(frame.data), frame.fin) == (2, b"\x01" * size, True)


def test_fragments_are_the_message_and_nothing_else(near_misses):
    for each in near_misses(Kind.FRAME):
        if each.fault == "fragmented":
            opcodes = [opcode for opcode, _, _ in each.frames()]
            assert opcodes == [Opcode.TEXT] + [Opcode.CONTINUATION] * (len(opcodes) - 1)
            assert [fin for _, _, fin in each.frames()] == [False] * (len(opcodes) - 1) + [True]
            b"".join(data for _, data, _ in each.frames()).decode()
