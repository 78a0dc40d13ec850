"""Which hosts a user may name, and which addresses are this machine."""

import asyncio
import socket
import threading

import pytest

from mockagent.errors import ServerError
from mockagent.server import permission
from mockagent.server.permission import Permission, addresses_of, is_this_machine


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ("api.example.com", "api.example.com", 443),
        ("API.example.com", "api.example.com", 443),
        ("api.example.com", "API.Example.com", 80),
        ("api.example.com:8443", "api.example.com", 8443),
        ("192.0.2.1", "192.0.2.1", 80),
        ("192.0.2.1:80", "192.0.2.1", 80),
        ("2001:db8::1", "2001:db8::1", 80),
        ("[2001:db8::1]:80", "2001:db8::1", 80),
    ],
)
def test_a_host_that_was_named(given, host, port):
    assert Permission([given]).names(host, port)


@pytest.mark.parametrize(
    ("host", "port"), [("api.example.com", 443), ("example.com", 8443), ("an.api.example.com", 8443)]
)
def test_a_host_that_was_not(host, port):
    assert not Permission(["api.example.com:8443"]).names(host, port)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "https://api.example.com",
        "api.example.com/",
        "me@api.example.com",
        "a b",
        "h:",
        "h:0x",
        "h:99999",
        ":80",
        "[::1",
        "h?q",
    ],
)
def test_what_is_no_host_is_refused_with_an_example(given):
    with pytest.raises(ServerError, match="expected a host such as "):
        Permission([given])


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("127.0.0.1", True),
        ("127.255.0.3", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("::", False),
        ("fe80::1%1", False),
    ],
)
def test_only_the_loopback_is_this_machine(address, is_here):
    assert is_this_machine(address) is is_here


@pytest.mark.parametrize("host", ["*.example.com", "*", "api.*.com:443"])
def test_a_wildcard_is_refused_with_the_cure(host):
    with pytest.raises(ServerError) as raised:
        Permission([host])
    assert "a wildcard stands for no host; name each host" in str(raised.value)


def test_an_address_is_its_own():
    assert asyncio.run(addresses_of("127.0.0.1")) == ["127.0.0.1"]


def test_a_name_that_is_none_is_an_error():
    with pytest.raises((OSError, UnicodeError)):
        asyncio.run(addresses_of("a" * 70 + ".test"))


def test_nobody_waits_for_a_name_server_that_hangs(monkeypatch):
    answers = threading.Event()

    def hang(*args, **options):
        answers.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async def give_up():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(addresses_of("slow.test"), 0.01)

    monkeypatch.setattr(permission.socket, "getaddrinfo", hang)
    asyncio.run(give_up())  # comes back although nobody has answered
    (waiting,) = [each for each in threading.enumerate() if each.name == "addresses of slow.test"]
    assert waiting.daemon  # nor does the end of the program wait for it
    answers.set()
