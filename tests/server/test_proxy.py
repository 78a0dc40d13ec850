"""The proxy over real sockets: it leads live hosts to the server, whatever comes first, and everything else nowhere."""

import asyncio
import contextlib
import json
import socket
import ssl

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidProxyStatus, InvalidStatus

from mockagent.protocol.message_types import LIVE_HOSTS
from mockagent.server import proxy
from mockagent.server.app import Server
from mockagent.server.options import Options
from mockagent.server.proxy import Proxy
from mockagent.server.tunnel import LARGEST_HEAD, OPENED
from mockagent.tls import authority, trusting

WITHIN = 60.0
LIVE = "wss://agent.deepgram.com/v1/agent/converse"
KEY = {"Authorization": "Token any"}
SETTINGS = json.dumps({"type": "Settings", "audio": {}, "agent": {"greeting": "Hi."}})
CONNECT = b"CONNECT agent.deepgram.com:443 HTTP/1.1\r\n\r\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("data") / "tls")


class Running:
    """A server and its proxy, and all that both told."""

    def __init__(self, made, **options):
        self.trust = trusting(made.ca)
        self.notices = []
        self._told = asyncio.Event()
        self.server = Server((), Options(**options), self._tell)
        self.proxy = Proxy(made.vouch(*LIVE_HOSTS), self.server.new_socket, self._tell)

    def _tell(self, notice):
        self.notices.append(notice)
        self._told.set()

    async def start(self):
        await self.server.start()
        self.ready = await self.proxy.start()
        self.port = int(self.ready.url.rpartition(":")[2])

    def connect(self, url=LIVE, **options):
        return connect(url, proxy=self.ready.url, ssl=self.trust, additional_headers=KEY, **options)

    async def open(self):
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, *parts, ends=False):
        """Everything that the proxy answers to these bytes, one write each."""
        reader, writer = await self.open()
        for part in parts:
            writer.write(part)
            await writer.drain()
        if ends:
            writer.write_eof()
        async with asyncio.timeout(WITHIN):
            answer = await reader.read()
        writer.close()
        return answer

    async def told(self, kind):
        """The first notice of that kind, once it has been told."""
        while not self.of(kind):
            self._told.clear()
            await self._told.wait()
        return self.of(kind)[0]

    def of(self, kind):
        return [notice for notice in self.notices if notice.event == kind]


@pytest.fixture
def run(made):
    """Runs a coroutine function with a server and its proxy, and sees to it that nothing is left of them."""

    def run(play, **options):
        async def whole():
            running = Running(made, **options)
            faults = []
            asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
            await running.start()
            try:
                async with asyncio.timeout(WITHIN):
                    await play(running)
            finally:
                await running.proxy.stop()
                await running.server.stop()
            assert faults == []
            assert asyncio.all_tasks() == {asyncio.current_task()}
            return running

        return asyncio.run(whole())

    return run


async def converse(running, url=LIVE):
    """The types of what comes until the greeting is over."""
    async with asyncio.timeout(WITHIN), running.connect(url) as client:
        await client.send(SETTINGS)
        types = []
        while types[-1:] != ["AgentAudioDone"]:
            data = await client.recv()
            if isinstance(data, str):
                types.append(json.loads(data)["type"])
        return types


@pytest.mark.parametrize("host", LIVE_HOSTS)
def test_each_live_host_is_the_server(run, host):
    async def play(running):
        types = await converse(running, LIVE.replace("agent.deepgram.com", host))
        assert types[:3] == ["Welcome", "SettingsApplied", "ConversationText"]

    running = run(play)
    assert [each.ending for each in running.server.closed] == ["unscripted"]


def test_fifty_at_once(run):
    async def play(running):
        assert {
            tuple(types[:2]) for types in await asyncio.gather(*(converse(running) for _ in range(50)))
        } == {("Welcome", "SettingsApplied")}

    running = run(play)
    assert len(running.server.closed) == 50
    assert all(each.is_clean for each in running.server.closed)


def test_it_listens_on_this_machine_only(run):
    async def play(running):
        assert running.ready.url.startswith("http://127.0.0.1:")
        assert running.proxy._listening.getsockname()[0] == "127.0.0.1"

    run(play)


def test_another_host_is_refused_and_said(run):
    async def play(running):
        with pytest.raises(InvalidProxyStatus, match="403"):
            await running.connect("wss://example.com/v1/agent/converse")

    (told,) = run(play).of("proxy_refused")
    assert (told.status, told.message.partition(": ")[0]) == (403, "CONNECT example.com:443 is refused")


def test_a_plain_request_is_refused_with_a_body_that_says_so(run):
    async def play(running):
        answer = await running.ask(b"GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert answer.partition(b"\r\n\r\n")[2].startswith(b"GET example.com is refused")

    run(play)


def test_a_refused_client_with_much_to_say_still_sees_the_answer(run):
    async def play(running):
        head = b"POST http://example.com/ HTTP/1.1\r\nContent-Length: 50000\r\n\r\n"
        assert (await running.ask(head + bytes(50_000))).startswith(b"HTTP/1.1 403 ")

    run(play)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"SSH-2.0-\r\n\r\n", 400),
        (b"CONNECT agent.deepgram.com:443 HTTP/1.1\r\nX: " + b"x" * LARGEST_HEAD, 431),
    ],
)
def test_what_is_no_request_is_answered_at_once(run, sent, status):
    async def play(running):
        assert (await running.ask(sent)).startswith(f"HTTP/1.1 {status} ".encode())

    (told,) = run(play).of("proxy_refused")
    assert told.status == status


def test_a_client_that_leaves_without_a_request_is_nobody(run):
    async def play(running):
        assert await running.ask(b"CONN", ends=True) == b""

    assert [notice.event for notice in run(play).notices] == ["ready", "proxy_ready"]


def test_one_that_drips_is_not_waited_for(run, monkeypatch):
    monkeypatch.setattr(proxy, "OPENS_WITHIN", 0.1)

    async def play(running):
        reader, writer = await running.open()
        dripping = asyncio.create_task(drip(writer))
        async with asyncio.timeout(WITHIN):
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        dripping.cancel()
        await asyncio.gather(dripping, return_exceptions=True)
        writer.close()

    async def drip(writer):
        with contextlib.suppress(OSError):
            while True:
                writer.write(b"C")
                await writer.drain()
                await asyncio.sleep(0.02)

    run(play)


def test_one_that_is_led_and_then_silent_is_not_waited_for(run, monkeypatch):
    monkeypatch.setattr(proxy, "OPENS_WITHIN", 0.1)

    async def play(running):
        assert await running.ask(CONNECT) == OPENED

    run(play)


def test_tls_that_comes_with_the_request_is_not_lost(run):
    """A client that does not wait for the 200: request and ClientHello in one segment."""

    async def play(running):
        coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = running.trust.wrap_bio(coming, going, server_hostname="agent.deepgram.com")
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        reader, writer = await running.open()
        writer.write(CONNECT + going.read())
        assert await reader.readexactly(len(OPENED)) == OPENED
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                writer.write(going.read())
                coming.write(await reader.read(65_536))
        writer.write(going.read())
        assert tls.version() in ("TLSv1.2", "TLSv1.3")
        writer.close()

    run(play)


def test_one_that_does_not_trust_the_certificate_is_told_how(run, made):
    def distrust(port):
        with socket.create_connection(("127.0.0.1", port), WITHIN) as client:
            client.sendall(CONNECT)
            assert client.recv(len(OPENED), socket.MSG_WAITALL) == OPENED
            with pytest.raises(ssl.SSLCertVerificationError):
                ssl.create_default_context().wrap_socket(client, server_hostname="agent.deepgram.com")

    async def play(running):
        await asyncio.to_thread(distrust, running.port)
        trouble = await running.told("trouble")
        assert "unknown ca" in trouble.text
        assert str(made.ca) in trouble.text

    run(play)


def test_garbage_in_place_of_tls(run):
    async def play(running):
        assert (await running.ask(CONNECT + b"GET / HTTP/1.1\r\n\r\n")).startswith(OPENED)
        assert "broke off TLS (http request)" in (await running.told("trouble")).text

    run(play)


def test_a_handshake_is_refused_as_without_a_proxy(run):
    async def play(running):
        with pytest.raises(InvalidStatus) as raised:
            await running.connect()
        assert raised.value.response.status_code == 401

    (told,) = run(play, api_keys={"good"}).of("turned_away")
    assert told.status == 401


def test_a_client_that_resets_does_no_harm(run):
    async def play(running):
        for sent in (b"CONN", CONNECT, CONNECT + b"\x16\x03\x01"):
            client = socket.create_connection(("127.0.0.1", running.port))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            client.sendall(sent)
            await asyncio.sleep(0)
            client.close()
        await converse(running)

    run(play)


def test_its_port_is_closed_when_it_stops(run):
    running = run(lambda running: asyncio.sleep(0))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", running.port))
