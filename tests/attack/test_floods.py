"""Too much, too large, too often, and never read: the sender bears it alone."""

import asyncio
import json
import socket
import tracemalloc
import zlib

import pytest
from enemy import BINARY, PING, TEXT, WITHIN, Raw, frame, handshake, settings, text
from websockets.server import ServerProtocol

from mockagent import catalogue, websocket
from mockagent.limits import LARGEST_MESSAGE, MOST_BYTES_A_TURN, MOST_FOUND, MOST_MESSAGES_A_TURN
from mockagent.protocol.events import Dialect, Event, Message, Opened, Side
from mockagent.protocol.judge import Judge
from mockagent.testing import serving
from mockagent.websocket import WebSocket

CONT = 0
MANY = 4_000


class Hearing:
    """A listener that says when it hears something."""

    def __init__(self, heard):
        self.on_message = lambda data, binary: heard(len(data))
        self.closed = asyncio.Event()

    def on_unread(self):
        pass

    def on_closed(self, side, code, reason):
        self.closed.set()


async def two_clients(play, hears=lambda name: None):
    """Plays (flooder, other, order, began): raw streams, who was heard in which order, and that somebody was."""
    order, began = [], asyncio.Event()

    def admit(socket, request):
        name = request.path.strip("/")
        socket.listener = Hearing(lambda size: (hears(name), order.append(name), began.set()))
        return socket.protocol.accept(request)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: WebSocket(admit, lambda socket: None), "127.0.0.1", 0)
    streams = []
    for name in ("flood", "other"):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(handshake(f"/{name}"))
        await reader.readuntil(b"\r\n\r\n")
        streams.append(writer)
    try:
        async with asyncio.timeout(WITHIN):
            await play(*streams, order, began)
    finally:
        for writer in streams:
            writer.transport.abort()
        server.close()
    return order


@pytest.mark.parametrize(
    "flood", [frame(TEXT, b"{}"), frame(TEXT, b"{}") + frame(PING)], ids=["text", "ping"]
)
def test_a_flood_leaves_the_others_their_turn(flood):
    async def play(flooder, other, order, began):
        flooder.write(flood * MANY)
        await began.wait()
        other.write(frame(TEXT, b"me too"))
        while len(order) <= MANY:
            await asyncio.sleep(0)

    order = asyncio.run(two_clients(play))
    assert order.count("flood") == MANY
    assert order.index("other") < MANY / 4


def test_frames_that_are_no_messages_leave_the_others_their_turn_too():
    async def play(flooder, other, order, began):
        flooder.write(frame(TEXT, b"first") + frame(PING) * 5_000 + frame(TEXT, b"last"))
        await began.wait()
        other.write(frame(TEXT, b"me too"))
        while len(order) < 3:
            await asyncio.sleep(0)

    assert asyncio.run(two_clients(play)) == ["flood", "other", "flood"]


def test_no_more_is_parsed_at_a_stretch_than_the_limit_says(monkeypatch):
    sizes = []
    receive = ServerProtocol.receive_data

    def noted(self, data):
        sizes.append(len(data))
        receive(self, data)

    monkeypatch.setattr(ServerProtocol, "receive_data", noted)

    async def play(flooder, other, order, began):
        flooder.write(frame(BINARY, bytes(LARGEST_MESSAGE)))
        await began.wait()

    asyncio.run(two_clients(play))
    assert sum(sizes) > LARGEST_MESSAGE
    assert max(sizes) <= MOST_BYTES_A_TURN


def test_no_turn_takes_more_than_its_helping():
    """Between two turns of the loop no more messages are heard than the limit says."""
    at_once = []

    async def play(flooder, other, order, began):
        flooder.write(frame(TEXT, b"{}") * MANY)
        before = 0
        while len(order) < MANY:
            await asyncio.sleep(0)
            at_once.append(len(order) - before)
            before = len(order)

    asyncio.run(two_clients(play))
    assert max(at_once) <= MOST_MESSAGES_A_TURN


def test_a_flood_that_ends_with_the_connection_is_heard_to_its_end():
    async def play(flooder, other, order, began):
        flooder.write(frame(TEXT, b"{}") * MANY)
        flooder.close()
        while len(order) < MANY:
            await asyncio.sleep(0)

    assert asyncio.run(two_clients(play)).count("flood") == MANY


def test_empty_fragments_weigh_nothing():
    kept = []

    def weigh(name):
        if name == "flood":
            mine = tracemalloc.Filter(True, websocket.__file__)
            statistics = tracemalloc.take_snapshot().filter_traces([mine]).statistics("filename")
            kept.extend(each.size for each in statistics)

    async def play(flooder, other, order, began):
        tracemalloc.start()
        flooder.write(frame(TEXT, b"", fin=False) + frame(CONT, b"", fin=False) * 20_000 + frame(CONT, b"."))
        await began.wait()
        tracemalloc.stop()

    asyncio.run(two_clients(play, weigh))
    assert sum(kept) < 100_000  # a list of them would take 160,000


@pytest.mark.parametrize(
    "sent",
    [
        frame(BINARY, bytes(LARGEST_MESSAGE + 1)),
        b"\x82\xff" + (2**63 - 1).to_bytes(8) + bytes(4),
        frame(TEXT, b"a", fin=False)
        + frame(CONT, b"b" * (LARGEST_MESSAGE - 1), fin=False)
        + frame(CONT, b"c"),
    ],
    ids=["a byte too many", "a length without bytes", "in fragments"],
)
def test_a_message_over_the_limit_is_answered_with_1009(raw, server, is_well, sent):
    enemy = raw(server.url).enter()
    enemy.send(sent)
    assert enemy.close_code() == 1009
    is_well(server)


def test_a_decompression_bomb_is_answered_with_1009(raw, is_well):
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    bomb = packer.compress(bytes(200 * LARGEST_MESSAGE)) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert len(bomb) < LARGEST_MESSAGE
    with serving(faults=["compressed"], expect_finished=False, allow_findings=True) as server:
        enemy = raw(server.url).enter(Sec_WebSocket_Extensions="permessage-deflate")
        enemy.send(frame(BINARY, bomb.removesuffix(b"\0\0\xff\xff"), compressed=True))
        assert enemy.close_code() == 1009
        is_well(server)


def packed(*messages):
    """Frames of these messages, compressed as one client does it."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    whole = (packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH) for data in messages)
    return b"".join(frame(BINARY, data.removesuffix(b"\0\0\xff\xff"), compressed=True) for data in whole)


def test_a_helping_of_compressed_messages_is_what_they_unfold_to(monkeypatch, raw, is_well):
    at_once, run, hand_over = [0], asyncio.Handle._run, WebSocket._hand_over

    def counted(handle):
        at_once.append(0)
        run(handle)

    def handed_over(self, data, binary):
        at_once[-1] += len(data) > MOST_BYTES_A_TURN
        hand_over(self, data, binary)

    monkeypatch.setattr(asyncio.Handle, "_run", counted)
    monkeypatch.setattr(WebSocket, "_hand_over", handed_over)
    many = packed(*[bytes(2 * MOST_BYTES_A_TURN)] * 20)
    assert len(many) < MOST_BYTES_A_TURN
    with serving(faults=["compressed"], expect_finished=False, allow_findings=True) as server:
        raw(server.url).enter(Sec_WebSocket_Extensions="permessage-deflate").send(many)
        is_well(server)
    assert sum(at_once) == 20
    assert max(at_once) == 1


def test_of_thousands_of_things_that_are_wrong_with_a_message_fifty_are_told():
    judge = Judge(catalogue.requirements())
    judge.observe(Event(0.0, Side.SERVER, Opened(Dialect.V1)))
    judge.observe(Event(0.0, Side.SERVER, Message("Welcome", {"type": "Welcome", "request_id": "a"})))
    voices = [{"provider": {"type": "deepgram", "model": f"aura-{number}"}} for number in range(1_000)]
    body = settings(speak=voices)
    found = judge.observe(Event(0.0, Side.CLIENT, Message("Settings", body)))
    assert [each.requirement.id for each in found] == ["SET-008"] * MOST_FOUND
    assert len(catalogue.problems(Dialect.V1, Side.CLIENT, settings(speak=[{}] * 1_000))) == MOST_FOUND


def test_a_compressed_message_that_was_not_agreed_upon_is_answered_with_1002(raw, server):
    enemy = raw(server.url).enter()
    enemy.send(frame(BINARY, b"\0", compressed=True))
    assert enemy.close_code() == 1002


def not_reading(monkeypatch, url, sends):
    """A client that sends what calls for answers, and reads none of them, until it is dropped."""
    monkeypatch.setattr(websocket, "MOST_UNSENT", 65_536)
    made = WebSocket.connection_made

    def with_little_room(self, transport):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        made(self, transport)

    monkeypatch.setattr(WebSocket, "connection_made", with_little_room)
    enemy = Raw(url, receives=4_096).enter()
    try:
        for data in sends:
            enemy.send(data)
    except (ConnectionError, TimeoutError):
        pass
    return enemy


UNREAD = {
    "pings": [frame(PING, b"x" * 125) * 100] * 200,
    "messages": [text(settings()), *[text({"type": "UpdatePrompt", "prompt": "x"}) * 100] * 200],
    "speech": [
        text(
            settings(
                output={"encoding": "linear16", "sample_rate": 192_000},
                greeting="This takes a while to be said.",
            )
        )
    ],
}


@pytest.mark.parametrize("sends", UNREAD.values(), ids=UNREAD)
def test_a_client_that_never_reads_is_found_and_dropped(monkeypatch, tmp_path, is_well, sends):
    with serving(trace=tmp_path, expect_finished=False, allow_findings=True) as server:
        enemy = not_reading(monkeypatch, server.url, sends)
        [session] = server.wait_for_close(timeout=WITHIN)
        monkeypatch.undo()
        enemy.socket.close()
        assert "LIV-010" in [finding.requirement for finding in session.findings]
        assert session.trace[-2]["closed"] == {"code": 1006, "reason": ""}
        assert session.trace[-2]["from"] == "server"
        is_well(server)
    lines = [json.loads(line) for line in next(tmp_path.glob("0001*")).read_text().splitlines()]
    assert lines[-1]["violations"]["LIV-010"] == 1
