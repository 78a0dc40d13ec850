"""Frames as bytes, the code by which they are to be closed over, and the messages that they make up."""

import pytest
from websockets.frames import Frame as LibraryFrame
from websockets.frames import Opcode as LibraryOpcode

from mockagent.protocol.events import Frame, Side
from mockagent.protocol.wire_frames import Assembling, Opcode, Payload, WireFrame, must_be_closed_over


def frame(opcode=Opcode.TEXT, data=b"", **more):
    return WireFrame(opcode, Payload(data), **more)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_right_frame_is_as_a_library_writes_it(size):
    expected = LibraryFrame(LibraryOpcode.BINARY, b"x" * size).serialize(mask=False)
    assert WireFrame(Opcode.BINARY, Payload(fill=b"x", times=size)).encoded(Side.SERVER) == expected


def test_the_bits_that_no_library_sets_are_set():
    assert frame(data=b"a", rsv1=True).encoded(Side.SERVER) == b"\xc1\x01a"
    assert frame(data=b"a", fin=False).encoded(Side.SERVER) == b"\x01\x01a"
    assert frame(data=b"\x00", flipped_mask=True).encoded(Side.SERVER) == b"\x81\x81mockm"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (frame(data=b"{"), None),
        (frame(data=b"\xff"), 1007),
        (frame(data=b"\xff", fin=False), None),  # whole only with what follows
        (frame(Opcode.BINARY, b"\xff"), None),
        (frame(rsv1=True), 1002),
        (frame(flipped_mask=True), 1002),
        (frame(Opcode.RESERVED), 1002),
        (frame(Opcode.PING, bytes(125)), None),
        (frame(Opcode.PING, bytes(126)), 1002),
        (frame(Opcode.PONG, fin=False), 1002),
        (frame(Opcode.CLOSE), None),
        (frame(Opcode.CLOSE, b"\x03\xe8bye"), None),
        (frame(Opcode.CLOSE, b"\x03"), 1002),
        (frame(Opcode.CLOSE, b"\x03\xe7"), 1002),
        (frame(Opcode.CLOSE, b"\x03\xed"), 1002),
        (frame(Opcode.CLOSE, b"\x13\x88"), 1002),
        (frame(Opcode.CLOSE, b"\x03\xe8\xff"), 1007),
    ],
)
def test_by_which_code_a_frame_is_to_be_closed_over(wrong, code):
    assert wrong.must_close_with == code
    assert must_be_closed_over([wrong]) is (code is not None)


FIRST, LAST = frame(data=b"\xc3", fin=False), frame(Opcode.CONTINUATION, b"\xa9")


@pytest.mark.parametrize(
    ("frames", "messages", "is_wrong"),
    [
        ([frame(data=b"a"), frame(Opcode.BINARY, b"b")], [Frame(b"a"), Frame(b"b", binary=True)], False),
        ([FIRST, LAST], [Frame("é".encode())], False),
        ([FIRST, frame(Opcode.PING), LAST], [Frame("é".encode())], False),
        ([FIRST], [], False),
        ([LAST], [], True),
        ([FIRST, frame(data=b"a"), LAST], [Frame("é".encode())], True),
        ([FIRST, frame(Opcode.CONTINUATION, b"a")], [Frame(b"\xc3a")], True),
        ([frame(data=b"a", rsv1=True)], [], True),
        ([frame(Opcode.RESERVED, b"a")], [], True),
    ],
)
def test_what_frames_make_up(frames, messages, is_wrong):
    assembling = Assembling()
    found = [assembling.message(each) for each in frames]
    assert [each for each in found if each is not None] == messages
    assert must_be_closed_over(frames) is is_wrong


def test_the_size_of_a_payload_is_that_of_its_bytes():
    payload = Payload(b"ab", b"c", 3, b"de")
    assert payload.size == len(payload.data) == 7


def test_a_frame_of_no_meaning_is_no_message_that_begins_within_another():
    assembling = Assembling()
    assembling.message(WireFrame(Opcode.TEXT, Payload(b"a"), fin=False))
    assert assembling.takes(WireFrame(Opcode.RESERVED, Payload()))
    assert not assembling.takes(WireFrame(Opcode.TEXT, Payload(b"b")))


def test_a_close_frame_is_whole_and_may_have_a_code_alone():
    assert WireFrame(Opcode.CLOSE, Payload(), fin=False).must_close_with == 1002
    assert WireFrame(Opcode.CLOSE, Payload(b"\x03\xe8")).must_close_with is None


def test_opcodes_are_those_of_the_standard():
    """RFC 6455, 11.8; the third is one of those that it keeps for later."""
    assert [opcode.value for opcode in Opcode] == [0x0, 0x1, 0x2, 0x3, 0x8, 0x9, 0xA]
