"""Handshakes as values, and each rule about them against a handshake that keeps it and one that breaks it."""

import json

import pytest

from mockagent import catalogue
from mockagent.protocol.handshake import Credentials, Standing, answered, document, read, requested
from mockagent.protocol.handshake_rules import HANDSHAKE_BOOK, asked, breaches
from mockagent.resources import folder

V1 = "/v1/agent/converse"
KEPT = folder("conformance") / "handshakes"
JWT = "eyJhbGciOi.eyJzdWIi.c2ln"

every_rule = pytest.mark.parametrize("rule", HANDSHAKE_BOOK, ids=lambda rule: rule.requirement)


def kept(name):
    return json.loads((KEPT / name).read_text("utf-8"))


def broken(handshake):
    return [rule.requirement for rule, _ in breaches(handshake)]


@every_rule
def test_a_rule_has_the_side_that_its_requirement_binds(rule):
    assert catalogue.requirements()[rule.requirement].binds is rule.binds


@every_rule
def test_the_keeping_handshake_breaks_nothing_and_the_breaking_one_only_this(rule):
    good = read(kept(f"{rule.requirement}.pass.json"))
    assert rule.requirement in asked(good)
    assert broken(good) == []
    assert broken(read(kept(f"{rule.requirement}.fail.json"))) == [rule.requirement]


@pytest.mark.parametrize("path", sorted(KEPT.iterdir()), ids=lambda path: path.name)
def test_what_is_kept_fits_the_schema_and_comes_back_as_it_was(path):
    value = kept(path.name)
    assert list(catalogue.schemas().conforms("files/handshake.json", value)) == []
    assert document(read(value)) == value
    assert path.name.partition(".")[0] in {rule.requirement for rule in HANDSHAKE_BOOK}


@pytest.mark.parametrize(
    ("headers", "scheme", "credentials", "offered"),
    [
        ([], "", Credentials.NONE, ()),
        ([("Authorization", "Token sesame")], "Token", Credentials.KEY, ()),
        ([("authorization", f"bearer {JWT}")], "bearer", Credentials.JWT, ()),
        (
            [("Sec-WebSocket-Protocol", "token, sesame, x-id, 1")],
            "token",
            Credentials.KEY,
            ("token", "…", "x-id", "1"),
        ),
    ],
)
def test_a_request_is_known_without_its_secrets(headers, scheme, credentials, offered):
    handshake = requested(f"{V1}?model=nova-3", headers)
    assert (handshake.path, handshake.query) == (V1, True)
    assert (handshake.scheme, handshake.credentials, handshake.offered) == (scheme, credentials, offered)
    assert "sesame" not in repr(handshake)
    assert JWT not in repr(handshake)


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_none(body):
    assert answered(401, [], body).body is None


def test_an_answer_that_names_the_key_does_not_show_it():
    offering = requested(V1, [("Sec-WebSocket-Protocol", "token, sesame")], Standing.RIGHT)
    answer = answered(101, [("Sec-WebSocket-Protocol", "sesame"), ("dg-request-id", "1")], b"")
    (found,) = breaches(read({**document(offering), "answer": {**document_of(answer)}}))
    assert found[0].requirement == "HSK-003"
    assert "sesame" not in str(found[1])


def document_of(answer):
    return {
        "status": answer.status,
        "subprotocols": list(answer.subprotocols),
        "request_id": answer.request_id,
        "body": answer.body,
    }
