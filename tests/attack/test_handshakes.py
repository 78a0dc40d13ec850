"""Handshakes that stall, drip or never end: each is dropped or answered, and nobody else waits for it."""

import pytest
from enemy import KEY, Raw, handshake

from mockagent import limits, websocket
from mockagent.testing import serving

STALLED = (b"", b"G", handshake()[:60], handshake()[:-1])


@pytest.mark.parametrize("begins", STALLED, ids=["nothing", "a letter", "half", "all but the last byte"])
def test_a_handshake_that_stalls_is_dropped(monkeypatch, raw, server, is_well, begins):
    monkeypatch.setattr(websocket, "OPENS_WITHIN", 0.1)
    enemy = raw(server.url)
    enemy.send(begins)
    assert enemy.rest() == b""
    is_well(server)


def test_dripping_gains_no_time(monkeypatch, raw, server):
    monkeypatch.setattr(websocket, "OPENS_WITHIN", 0.3)
    enemy = raw(server.url)
    enemy.socket.settimeout(0.02)
    sent = 0
    with pytest.raises(ConnectionError):
        for byte in handshake() + b"never the end" * 1000:
            enemy.send(bytes((byte,)))
            sent += 1
            try:
                if not enemy.socket.recv(1):
                    raise ConnectionResetError
            except TimeoutError:
                pass
    assert sent < len(handshake())


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"a" * limits.LONGEST_LINE, "414"),
        (handshake(x="a" * limits.LONGEST_LINE), "431"),
        (handshake(**{f"x{number}": "y" for number in range(limits.MOST_HEADERS)}), "431"),
        (b"\0" * (limits.LONGEST_LINE + 1), "414"),
    ],
    ids=["a line without end", "a long header", "many headers", "no HTTP"],
)
def test_a_handshake_that_is_too_large_is_answered_before_its_end(raw, server, is_well, request_, status):
    enemy = raw(server.url)
    enemy.send(request_)
    assert enemy.head().startswith(f"HTTP/1.1 {status} ")
    is_well(server)


def test_as_many_headers_as_the_limit_says_are_read(raw, server):
    most = limits.MOST_HEADERS - len(handshake().split(b"\r\n")) + 3
    raw(server.url).enter(**{f"x{number}": "y" for number in range(most)})


def test_beside_hundreds_of_stalled_handshakes_a_client_is_served(raw, server, is_well):
    for number in range(300):
        raw(server.url).send(handshake()[: number % 60])
    is_well(server)


def test_where_no_file_descriptor_is_left_the_server_goes_on(tmp_path, raw):
    """A process of its own, whose limit is its alone."""
    import resource
    import subprocess
    import sys

    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "from mockagent import websocket; websocket.OPENS_WITHIN = 0.5\n"
        "from mockagent.cli import main; main()"
    )
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 200
    arguments = ["serve", "--port", "0", "--quiet", "--once", "--trace", str(tmp_path)]
    child = subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with child:
        try:
            url = child.stdout.readline().split()[4]
            idle = [raw(url) for _ in range(100)]
            assert all(each.rest() == b"" for each in idle)
            client = Raw(url).enter()
            client.socket.close()
            assert child.wait(20) in (0, 1)
            assert KEY not in child.stderr.read()
        finally:
            child.kill()


def test_a_client_at_the_door_does_not_count_as_a_session(raw):
    with serving(max_sessions=1, expect_finished=False, allow_findings=True) as server:
        for _ in range(20):
            raw(server.url).send(handshake()[:40])
        raw(server.url).enter()
        second = raw(server.url)
        second.send(handshake())
        assert second.head().startswith("HTTP/1.1 429 ")
