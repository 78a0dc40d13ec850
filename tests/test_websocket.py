"""The server's end of a WebSocket over real loopback sockets: what the listener hears, and what goes on the wire."""

import asyncio
import contextlib
import socket
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from websockets.datastructures import Headers
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Response

from mockagent import websocket
from mockagent.protocol.events import Side
from mockagent.websocket import LARGEST_MESSAGE, WebSocket

GIVES_UP_AFTER = 20.0
HANDSHAKE = (
    b"GET /v1/agent/converse HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
EMPTY_CLOSE = b"\x88\x00"


@dataclass
class Listener:
    """Keeps what it hears; `end` is set by the close."""

    messages: list = field(default_factory=list)
    closes: list = field(default_factory=list)
    unread: int = 0

    def on_message(self, data, binary):
        self.messages.append((data, binary))

    def on_unread(self):
        assert not self.closes
        self.unread += 1

    def on_closed(self, side, code, reason):
        self.closes.append((side, code, reason))


class Meeting:
    """One client and the server's end it has reached."""

    def __init__(self):
        self.listener = Listener()
        self.server = None
        self.ended = asyncio.Event()
        self.reader = self.writer = None

    def admit(self, server, request):
        if request.path == "/later":
            self.server = server
            return None
        response = server.protocol.accept(request)
        if response.status_code == 101:
            self.server, server.listener = server, self.listener
        return response

    def send(self, opcode, data, *, fin=True):
        self.writer.write(Frame(opcode, data, fin).serialize(mask=True))

    async def rest(self):
        """All that comes until the server has closed."""
        return await self.reader.read()


@contextlib.asynccontextmanager
async def meeting(*, shakes_hands=True) -> AsyncIterator[Meeting]:
    met = Meeting()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: WebSocket(lambda *asked: met.admit(*asked), lambda _: met.ended.set()), "127.0.0.1", 0
    )
    async with asyncio.timeout(GIVES_UP_AFTER):
        met.reader, met.writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        try:
            if shakes_hands:
                met.writer.write(HANDSHAKE)
                assert b" 101 " in await met.reader.readuntil(b"\r\n\r\n")
            yield met
        finally:
            met.writer.transport.abort()
            await met.ended.wait()
            server.close()


def in_a_meeting(play, **how):
    """Runs a play of (met) to its end, and the connection's; gives back the meeting."""

    async def run():
        async with meeting(**how) as met:
            await play(met)
        return met

    return asyncio.run(run())


def test_messages_come_whole_and_in_order():
    async def play(met):
        met.send(Opcode.TEXT, b'{"type":"KeepAlive"}')
        met.send(Opcode.BINARY, b"\0\1")
        met.send(Opcode.CLOSE, b"")
        await met.rest()

    assert in_a_meeting(play).listener.messages == [(b'{"type":"KeepAlive"}', False), (b"\0\1", True)]


def test_what_answers_a_message_in_the_handshakes_own_segment_follows_the_101():
    async def play(met):
        met.listener.on_message = lambda data, binary: met.server.send(b"answer", False)
        met.writer.write(HANDSHAKE + Frame(Opcode.TEXT, b"question").serialize(mask=True))
        head = await met.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert await met.reader.readexactly(8) == b"\x81\x06answer"

    in_a_meeting(play, shakes_hands=False)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
@pytest.mark.parametrize("binary", [False, True])
def test_a_message_of_any_size_is_framed_as_websockets_frames_it(size, binary):
    expected = Frame(Opcode.BINARY if binary else Opcode.TEXT, bytes(size)).serialize(mask=False)

    async def play(met):
        met.server.send(bytes(size), binary)
        assert await met.reader.readexactly(len(expected)) == expected

    in_a_meeting(play)


@pytest.mark.parametrize(("opcode", "binary"), [(Opcode.TEXT, False), (Opcode.BINARY, True)])
def test_a_fragmented_message_is_one_message_even_with_a_ping_in_between(opcode, binary):
    async def play(met):
        met.send(opcode, b"one ", fin=False)
        met.send(Opcode.PING, b"still there?")
        met.send(Opcode.CONT, b"two ", fin=False)
        met.send(Opcode.CONT, b"three")
        met.send(Opcode.CLOSE, b"")
        assert await met.rest() == b"\x8a\x0cstill there?" + EMPTY_CLOSE

    assert in_a_meeting(play).listener.messages == [(b"one two three", binary)]


def test_a_frame_that_arrives_byte_by_byte_is_one_message():
    async def play(met):
        for byte in Frame(Opcode.TEXT, b"slow").serialize(mask=True):
            met.writer.write(bytes((byte,)))
            await met.writer.drain()
        met.send(Opcode.CLOSE, b"")
        await met.rest()

    assert in_a_meeting(play).listener.messages == [(b"slow", False)]


@pytest.mark.parametrize(
    ("payload", "heard"),
    [
        (b"", (Side.CLIENT, None, "")),
        (Close(1000, "bye").serialize(), (Side.CLIENT, 1000, "bye")),
        (Close(4321, "").serialize(), (Side.CLIENT, 4321, "")),
    ],
)
def test_the_clients_close_is_told_with_its_code_and_answered_alike(payload, heard):
    async def play(met):
        met.send(Opcode.CLOSE, payload)
        assert await met.rest() == bytes((0x88, len(payload))) + payload

    assert in_a_meeting(play).listener.closes == [heard]


@pytest.mark.parametrize(
    ("code", "reason", "payload"),
    [(None, "", b""), (1000, "", b"\x03\xe8"), (1011, "oops", b"\x03\xf3oops")],
)
def test_the_servers_close_is_what_was_asked_for(code, reason, payload):
    async def play(met):
        met.server.close(code, reason)
        met.server.send(b"too late", False)
        assert await met.reader.readexactly(2 + len(payload)) == bytes((0x88, len(payload))) + payload
        met.send(Opcode.CLOSE, payload)
        assert await met.rest() == b""

    assert [close[:2] for close in in_a_meeting(play).listener.closes] == [(Side.CLIENT, code)]


def test_what_the_client_says_after_its_close_is_not_heard():
    async def play(met):
        met.send(Opcode.CLOSE, b"")
        met.send(Opcode.TEXT, b"more")
        await met.rest()

    assert in_a_meeting(play).listener.messages == []


def test_a_message_of_exactly_a_mebibyte_is_read():
    async def play(met):
        met.send(Opcode.BINARY, bytes(LARGEST_MESSAGE))
        met.send(Opcode.CLOSE, b"")
        await met.rest()

    assert [len(data) for data, _ in in_a_meeting(play).listener.messages] == [LARGEST_MESSAGE]


@pytest.mark.parametrize(
    "sizes", [[LARGEST_MESSAGE + 1], [LARGEST_MESSAGE, 1]], ids=["whole", "in fragments"]
)
def test_a_larger_message_is_answered_with_1009(sizes):
    async def play(met):
        for number, size in enumerate(sizes):
            opcode = Opcode.CONT if number else Opcode.BINARY
            met.send(opcode, bytes(size), fin=number == len(sizes) - 1)
        assert (await met.reader.readexactly(4))[2:] == (1009).to_bytes(2, "big")

    met = in_a_meeting(play)
    assert [close[:2] for close in met.listener.closes] == [(Side.SERVER, 1009)]
    assert met.listener.messages == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (Frame(Opcode.TEXT, b"unmasked").serialize(mask=False), 1002),
        (b"\xf1\x80\0\0\0\0", 1002),
        (Frame(Opcode.CONT, b"of nothing").serialize(mask=True), 1002),
        (Frame(Opcode.CLOSE, b"\x03").serialize(mask=True), 1002),
    ],
    ids=["not masked", "reserved bits", "nothing to continue", "half a close code"],
)
def test_a_breach_of_the_websocket_protocol_is_answered_with_its_code(wrong, code):
    async def play(met):
        met.writer.write(wrong)
        assert (await met.reader.readexactly(4))[2:] == code.to_bytes(2, "big")

    assert [close[:2] for close in in_a_meeting(play).listener.closes] == [(Side.SERVER, code)]


@pytest.mark.parametrize("leave", ["abort", "close"])
def test_a_connection_that_is_lost_was_closed_with_1006(leave):
    async def play(met):
        met.send(Opcode.TEXT, b"half a mess", fin=False)
        getattr(met.writer.transport, leave)()
        await met.ended.wait()

    met = in_a_meeting(play)
    assert met.listener.closes == [(Side.CLIENT, 1006, "")]
    assert met.listener.messages == []


def test_a_connection_that_the_server_aborts_ends_without_a_close_frame():
    async def play(met):
        met.server.abort()
        with contextlib.suppress(ConnectionResetError):
            assert await met.rest() == b""
        await met.ended.wait()

    assert in_a_meeting(play).listener.closes == [(Side.CLIENT, 1006, "")]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"hello there\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 1000 + b"\r\n", b"431"),
        (b"GET /v1/agent/converse HTTP/1.1\r\nHost: a\r\n\r\n", b"426"),
    ],
    ids=["TLS", "words", "a long line", "many headers", "no upgrade"],
)
def test_what_is_no_handshake_is_answered_and_closed(request_, status):
    async def play(met):
        met.writer.write(request_)
        answer = await met.rest()
        assert answer.startswith(b"HTTP/1.1 " + status)
        met.writer.write(b"anything more")
        met.writer.close()
        await met.ended.wait()

    assert in_a_meeting(play, shakes_hands=False).listener == Listener()


@pytest.mark.parametrize("method", [b"POST", b"HEAD", b"OPTIONS", b"DELETE", b"PUT"])
@pytest.mark.parametrize("body", [b"\r\n", b"Content-Length: 2\r\n\r\n{}"], ids=["bare", "with a body"])
def test_another_method_is_told_that_there_is_only_get(method, body):
    async def play(met):
        met.writer.write(method + HANDSHAKE[3:-2] + body)
        answer = await met.rest()
        head, _, rest = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n")
        assert bool(rest) == (method != b"HEAD")

    assert in_a_meeting(play, shakes_hands=False).server is None


LATER = b"GET /later HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


async def asked_for_later(met, data=LATER):
    met.writer.write(data)
    while met.server is None:
        await asyncio.sleep(0)


def test_a_request_may_be_answered_later_once_and_for_that_nothing_presses():
    async def play(met):
        await asked_for_later(met)
        assert met.server.peer == "127.0.0.1"
        assert met.server._timer is None
        met.server.data_received(b"noise" * 100)
        for body in (b"one", b"two"):
            met.server.respond(Response(200, "OK", Headers({"Content-Length": "3"}), body))
        answer = await met.rest()
        assert answer == b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"

    assert in_a_meeting(play, shakes_hands=False).listener == Listener()


def test_who_is_answered_later_and_does_not_leave_is_dropped(monkeypatch):
    monkeypatch.setattr(websocket, "CLOSES_WITHIN", 0.0)

    async def play(met):
        await asked_for_later(met)
        met.server.respond(Response(200, "OK", Headers(), b""))
        await met.ended.wait()

    in_a_meeting(play, shakes_hands=False)


@pytest.mark.parametrize("leave", ["abort", "close", "is dropped"])
def test_a_client_that_does_not_stay_for_its_answer_is_forgotten(leave):
    async def play(met):
        await asked_for_later(met)
        if leave == "is dropped":
            met.server.abort()
        else:
            getattr(met.writer.transport, leave)()
        await met.ended.wait()
        met.server.respond(Response(200, "OK", Headers(), b"too late"))
        assert met.server._timer is None

    in_a_meeting(play, shakes_hands=False)


@pytest.mark.parametrize("path", [b"/v1/agent/converse", b"/later"])
def test_noise_in_the_same_segment_as_a_request_spoils_nothing_but_its_connection(path):
    faults = []

    async def play(met):
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context))
        request = HANDSHAKE.replace(b"/v1/agent/converse", path)
        met.writer.write(request + b"noise" * 100)
        with contextlib.suppress(ConnectionResetError):
            assert await met.rest() == b""
        await met.ended.wait()

    met = in_a_meeting(play, shakes_hands=False)
    assert (faults, met.server, met.listener) == ([], None, Listener())


def test_a_client_that_leaves_in_the_midst_of_its_handshake_is_forgotten():
    async def play(met):
        met.writer.write(HANDSHAKE[:60])
        met.writer.close()
        await met.ended.wait()

    assert in_a_meeting(play, shakes_hands=False).listener == Listener()


def test_a_client_that_never_reads_is_dropped():
    async def play(met):
        met.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        met.writer.transport.pause_reading()
        while not met.ended.is_set():
            met.server.send(bytes(LARGEST_MESSAGE), True)
            await asyncio.sleep(0)

    heard = in_a_meeting(play).listener
    assert (heard.unread, heard.closes) == (1, [(Side.SERVER, 1006, "")])


def test_a_client_that_does_not_finish_its_handshake_is_dropped(monkeypatch):
    monkeypatch.setattr(websocket, "OPENS_WITHIN", 0.0)

    async def play(met):
        met.writer.write(HANDSHAKE[:60])
        await met.ended.wait()

    assert in_a_meeting(play, shakes_hands=False).listener == Listener()


def test_a_client_that_does_not_answer_a_close_is_dropped(monkeypatch):
    monkeypatch.setattr(websocket, "CLOSES_WITHIN", 0.0)

    async def play(met):
        met.server.close(1000)
        await met.ended.wait()

    assert in_a_meeting(play).listener.closes == [(Side.CLIENT, 1006, "")]


async def frame_of(met):
    """One frame of the server, unparsed: its first byte, and its payload."""
    first, size = await met.reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await met.reader.readexactly(2), "big")
    return first, await met.reader.readexactly(size)


@pytest.mark.parametrize(
    ("data", "parts", "expected"),
    [
        (b"abcdef", 3, [(0x01, b"ab"), (0x00, b"cd"), (0x80, b"ef")]),
        (b"abc", 2, [(0x01, b"ab"), (0x80, b"c")]),
        (b"a", 5, [(0x81, b"a")]),
        (b"", 2, [(0x81, b"")]),
    ],
)
def test_a_message_in_parts_is_one_message_in_several_frames(data, parts, expected):
    async def play(met):
        met.server.send_in_parts(data, False, parts)
        assert [await frame_of(met) for _ in expected] == expected
        met.server.send(b"next", False)
        assert await frame_of(met) == (0x81, b"next")

    in_a_meeting(play)


def test_a_stall_holds_the_rest_of_the_frame_and_all_that_follows_it():
    async def play(met):
        loop = asyncio.get_running_loop()
        began = loop.time()
        met.server.send_stalling(b"12345678", True, 0.2)
        met.server.send(b"after", False)
        met.server.send_stalling(b"stalls no more", False, 9.0)
        met.send(Opcode.PING, b"?")
        assert await met.reader.readexactly(5) == b"\x82\x08123"
        assert await met.reader.readexactly(5) == b"45678"
        assert loop.time() - began >= 0.2
        assert await frame_of(met) == (0x81, b"after")
        assert await frame_of(met) == (0x81, b"stalls no more")
        assert await frame_of(met) == (0x8A, b"?")

    in_a_meeting(play)


def test_a_close_behind_a_stall_comes_after_it():
    async def play(met):
        met.server.send_stalling(b"1234", False, 0.2)
        met.server.close(1011)
        assert await met.reader.readexactly(6) == b"\x81\x041234"
        assert await frame_of(met) == (0x88, (1011).to_bytes(2, "big"))

    in_a_meeting(play)


def test_compression_that_nobody_asked_for_sets_the_bit_that_says_so():
    async def play(met):
        met.server.send_compressed(b"hello" * 20, False)
        first, data = await frame_of(met)
        assert first == 0xC1
        assert zlib.decompressobj(wbits=-15).decompress(data + b"\x00\x00\xff\xff") == b"hello" * 20

    in_a_meeting(play)


def test_pings_come_in_the_number_that_was_asked_for():
    async def play(met):
        met.server.ping(3)
        assert [await frame_of(met) for _ in range(3)] == [(0x89, b"0"), (0x89, b"1"), (0x89, b"2")]

    in_a_meeting(play)


def test_hanging_up_ends_tcp_without_a_close_frame():
    async def play(met):
        met.server.send(b"last", False)
        met.server.hang_up()
        assert await met.rest() == b"\x81\x04last"

    assert in_a_meeting(play).listener.closes == [(Side.CLIENT, 1006, "")]


def test_a_reset_is_an_error_to_the_client():
    async def play(met):
        met.server.reset()
        with pytest.raises(ConnectionResetError):
            await met.rest()

    in_a_meeting(play)


def test_one_who_has_vanished_neither_answers_nor_hears_until_the_reset():
    async def play(met):
        met.server.vanish(0.3)
        met.server.send(b"unheard", False)
        met.send(Opcode.TEXT, b"anyone?")
        met.send(Opcode.PING, b"?")
        with pytest.raises(ConnectionResetError):
            assert await met.rest() == b""

    assert in_a_meeting(play).listener.messages == []


@pytest.mark.parametrize(
    "act",
    [
        lambda server: server.send_in_parts(b"x", False, 2),
        lambda server: server.send_stalling(b"x", False, 0.1),
        lambda server: server.send_compressed(b"x", False),
        lambda server: server.ping(1),
    ],
)
def test_nothing_follows_a_close(act):
    async def play(met):
        met.server.close(None)
        act(met.server)
        met.send(Opcode.CLOSE, b"")
        assert await met.rest() == EMPTY_CLOSE

    in_a_meeting(play)


@pytest.mark.parametrize("leaves", [False, True])
def test_an_answer_that_comes_later_opens_the_connection_unless_the_client_has_left(leaves):
    answered = []

    async def play(met):
        admit = met.admit

        def later(server, request):
            def answer():
                answered.append(True)
                return admit(server, request)

            return websocket.Later(0.1, answer)

        met.admit = later
        met.writer.write(HANDSHAKE)
        if leaves:
            met.writer.transport.abort()
            await asyncio.sleep(0.3)
        else:
            assert b" 101 " in await met.reader.readuntil(b"\r\n\r\n")
            met.send(Opcode.TEXT, b"hello")
            met.send(Opcode.CLOSE, b"")
            await met.rest()

    listener = in_a_meeting(play, shakes_hands=False).listener
    assert (bool(answered), listener.messages) == (not leaves, [] if leaves else [(b"hello", False)])
