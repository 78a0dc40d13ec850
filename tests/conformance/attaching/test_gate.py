"""Who may ask for cases: this machine, its own pages, and whom the user has named."""

import pytest

from mockagent.conformance.attaching.gate import why_not

HERE = "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "origins", "served_on", "peer"),
    [
        ("127.0.0.1:8000", [], HERE, HERE),
        ("localhost:8000", ["http://localhost:5173"], HERE, HERE),
        ("[::1]:8000", ["http://127.0.0.1:3000"], "::1", "::1"),
        ("127.0.0.1:8000", ["https://app.example.com"], HERE, HERE),
        ("192.168.1.5:8000", [], "0.0.0.0", "192.168.1.9"),
        ("192.168.1.5:8000", ["http://192.168.1.5:3000"], "0.0.0.0", "192.168.1.9"),
        ("kit.local:8000", [], "kit.local", "192.168.1.9"),
    ],
)
def test_who_belongs_here_may_ask(host, origins, served_on, peer):
    assert why_not(peer, [host], origins, served_on, ["https://app.example.com"]) is None


@pytest.mark.parametrize(
    ("hosts", "origins", "served_on", "peer", "why"),
    [
        (["127.0.0.1:8000"], [], HERE, "192.168.1.9", "another address"),
        (["evil.example.com:8000"], [], HERE, HERE, "Host"),
        (["evil.example.com:8000"], [], "0.0.0.0", "192.168.1.9", "Host"),
        ([], [], HERE, HERE, "Host"),
        (["localhost", "localhost"], [], HERE, HERE, "Host"),
        (["127.0.0.1:8000"], ["https://evil.example.com"], HERE, HERE, "--allow-origin"),
        (["127.0.0.1:8000"], ["null"], HERE, HERE, "--allow-origin"),
        (["127.0.0.1:8000"], ["http://localhost.evil.example.com"], HERE, HERE, "--allow-origin"),
    ],
)
def test_who_does_not_is_told_why(hosts, origins, served_on, peer, why):
    assert why in why_not(peer, hosts, origins, served_on)
