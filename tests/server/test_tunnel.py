"""What is asked of the proxy: the way to a live host, and nothing else."""

import pytest

from mockagent.protocol.message_types import LIVE_HOSTS
from mockagent.server.tunnel import NO_REQUEST, Refusal, begins_a_request, destination


@pytest.mark.parametrize("host", LIVE_HOSTS)
def test_the_way_to_each_live_host(host):
    assert destination(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) == host


@pytest.mark.parametrize(
    "target", ["AGENT.DEEPGRAM.COM:443", "agent.deepgram.com.:443", "agent.deepgram.com:0443"]
)
def test_a_host_in_other_letters_is_the_same(target):
    assert destination(f"CONNECT {target} HTTP/1.0\r\n\r\n".encode()) == "agent.deepgram.com"


@pytest.mark.parametrize(
    "target",
    [
        "example.com:443",
        "agent.deepgram.com:80",
        "agent.deepgram.com.example.com:443",
        "evil-agent.deepgram.com:443",
        "deepgram.com:443",
        "127.0.0.1:443",
        "[::1]:443",
    ],
)
def test_no_other_host_and_no_other_port(target):
    refusal = destination(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
    assert refusal.status == 403
    assert refusal.message.startswith(f"CONNECT {target} is refused: ")
    assert LIVE_HOSTS[0] in refusal.message


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("GET http://user:secret@example.com/secret?key=secret HTTP/1.1", "GET example.com is refused"),
        ("POST http://agent.deepgram.com/ HTTP/1.1", "POST agent.deepgram.com is refused"),
        ("GET /secret HTTP/1.1", "GET an address without a host is refused"),
        ("GET http://[secret HTTP/1.1", "GET an address without a host is refused"),
    ],
)
def test_plain_requests_are_refused_without_their_secrets(line, shown):
    refusal = destination(f"{line}\r\nProxy-Authorization: Basic secret\r\n\r\n".encode())
    assert refusal.status == 403
    assert refusal.message.startswith(shown)
    assert b"secret" not in refusal.answer()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"CONNECT",
        b"CONNECT agent.deepgram.com HTTP/1.1",
        b"CONNECT agent.deepgram.com:443 HTTP/2",
        b"CONNECT agent.deepgram.com:x HTTP/1.1",
        b"CONNECT agent.deepgram.com:443  HTTP/1.1",
        b"CONNECT \x1b[31m:443 HTTP/1.1",
        b"CONNECT \xff:443 HTTP/1.1",
        b"connect agent.deepgram.com:443 HTTP/1.1",
        b"CONNECT user:secret@agent.deepgram.com:443 HTTP/1.1",
    ],
)
def test_what_is_no_request_is_not_repeated(line):
    assert destination(line + b"\r\n\r\n") is NO_REQUEST


def test_an_answer_is_a_whole_response():
    refusal = destination(b"CONNECT example.com:443 HTTP/1.1\r\n\r\n")
    assert isinstance(refusal, Refusal)
    head, _, body = refusal.answer().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 403 Forbidden by mockagent\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert body.decode() == refusal.message + "\n"


@pytest.mark.parametrize(("first", "begins"), [(b"C", True), (b"G", True), (b"\x16", False), (b"c", False)])
def test_tls_is_known_by_its_first_byte(first, begins):
    assert begins_a_request(first) is begins
