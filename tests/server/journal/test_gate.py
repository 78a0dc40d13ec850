"""Who may ask the journal."""

import pytest

from mockagent.server.journal.gate import is_loopback, why_not


def asked(peer="127.0.0.1", hosts=("127.0.0.1:8080",), origins=(), served_on="127.0.0.1"):
    return why_not(peer, hosts, origins, served_on)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "::1%lo"])
def test_programs_on_this_machine_may(peer):
    assert is_loopback(peer)
    assert asked(peer, served_on="0.0.0.0") is None


@pytest.mark.parametrize(
    "peer", ["192.168.1.2", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1%eth0", "0.0.0.0", "", "localhost"]
)
def test_others_may_not_whatever_address_is_listened_on(peer):
    assert "another address" in asked(peer, served_on="0.0.0.0")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8080",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.1.2.3:80",
        "[::1]",
        "[::1]:8080",
        "mine.example:1",
    ],
)
def test_a_host_that_names_this_machine_may_be_asked_for(host):
    assert asked(hosts=[host], served_on="Mine.example") is None


@pytest.mark.parametrize(
    "hosts",
    [
        (),
        ("127.0.0.1", "127.0.0.1"),
        ("evil.example",),
        ("evil.example:8080",),
        ("localhost.evil.example",),
        ("127.0.0.1.evil.example",),
        ("localhost@evil.example",),
        ("evil.example#localhost",),
        ("evil.example/localhost",),
        ("evil.example@localhost",),
        ("localhost#.evil.example",),
        ("localhost/.evil.example",),
        ("localhost\\.evil.example",),
        ("192.168.1.2",),
        ("",),
        ("[::1",),
        (":8080",),
    ],
)
def test_a_name_that_somebody_else_points_here_may_not(hosts):
    assert "one Host header" in asked(hosts=hosts)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_of_the_journal_itself_may_ask(scheme):
    assert asked(hosts=["localhost:8080"], origins=[f"{scheme}://localhost:8080"]) is None


@pytest.mark.parametrize(
    "origins",
    [
        ["null"],
        [""],
        ["http://evil.example"],
        ["http://127.0.0.1"],
        ["http://127.0.0.1:3000"],
        ["http://localhost:8080"],
        ["https://127.0.0.1:3000"],
        ["ws://127.0.0.1:8080"],
        ["http://127.0.0.1:8080.evil.example"],
        ["http://127.0.0.1:8080", "http://evil.example"],
    ],
)
def test_a_page_of_another_origin_may_not(origins):
    assert "another origin" in asked(origins=origins)
