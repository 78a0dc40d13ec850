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


WORDS = {
    "HSK-001": ("credentials in Authorization or in two subprotocols", "none"),
    "HSK-002": ("an API key with the scheme Token", "the scheme Bearer"),
    "HSK-003": ("one of token, …", "none"),
    "HSK-004": ("no subprotocol", "…"),
    "HSK-005": ("status 401 with wrong credentials", "status 101"),
    "HSK-006": ("status 403 with credentials that may not use the service", "status 401"),
    "HSK-007": ("status 404 for /v1/agent", "status 101"),
    "HSK-008": ("status 429 for a connection beyond those that the account may have", "status 503"),
    "HSK-009": ("a body with err_code, err_msg, request_id", "one without err_code, err_msg, request_id"),
    "HSK-010": ("the header dg-request-id beside status 101", "none"),
    "HSK-011": ("status 101 for the scheme tOKEN", "status 401"),
    "HSK-012": ("status 101 for an address with a query", "status 400"),
}


@every_rule
def test_a_breach_is_told_in_words(rule):
    ((_, breach),) = breaches(read(kept(f"{rule.requirement}.fail.json")))
    assert (breach.expected, breach.got, breach.pointer) == (*WORDS[rule.requirement], "")


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


def test_an_answer_without_a_request_id_has_none():
    assert answered(101, [], b"").request_id == ""
    assert answered(101, [("DG-Request-Id", "1")], b"").request_id == "1"


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


REFUSED = {"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials.", "request_id": "1"}
KEY, TOKEN = ("Authorization", "Token sesame"), ("Authorization", f"Token {JWT}")


def told(headers, answer, standing=Standing.RIGHT):
    """What is wrong with the handshake: (requirement, expected, got)."""
    handshake = read({**document(requested(V1, headers, standing)), "answer": document_of(answer)})
    return [(rule.requirement, breach.expected, breach.got) for rule, breach in breaches(handshake)]


def refused(body, status=401, headers=(("dg-request-id", "1"),)):
    return answered(status, headers, json.dumps(body).encode())


def test_a_temporary_token_wants_the_scheme_bearer():
    came_in = answered(101, [("dg-request-id", "1")], b"")
    assert told([TOKEN], came_in) == [
        ("HSK-002", "a temporary token with the scheme Bearer", "the scheme Token")
    ]


def test_whoever_has_no_credentials_is_told_apart_from_whoever_has_wrong_ones():
    others = [each for each in told([], refused(REFUSED, 403), Standing.UNKNOWN) if each[0] != "HSK-001"]
    assert others == [("HSK-005", "status 401 without credentials", "status 403")]
    assert told([KEY], refused(REFUSED, 403), Standing.WRONG) == [
        ("HSK-005", "status 401 with wrong credentials", "status 403")
    ]


@pytest.mark.parametrize(
    ("body", "breach"),
    [
        (REFUSED, None),
        (None, ("a JSON object as the body", "none")),
        ({**REFUSED, "err_msg": ""}, ("a body with err_code, err_msg, request_id", "one without err_msg")),
        ({**REFUSED, "err_code": 401}, ("a body with err_code, err_msg, request_id", "one without err_code")),
    ],
)
def test_a_refusal_says_all_that_it_should(body, breach):
    assert told([KEY], refused(body), Standing.WRONG) == ([("HSK-009", *breach)] if breach else [])


@pytest.mark.parametrize(
    ("named", "breach"),
    [
        ("token", None),
        ("", ("one of token, …", "none")),
        ("x-else", ("one of token, …", "…")),
        ("token, token", ("one of token, …", "token, token")),
    ],
)
def test_one_of_the_offered_subprotocols_is_to_be_named(named, breach):
    answer = answered(101, [("Sec-WebSocket-Protocol", named), ("dg-request-id", "1")], b"")
    offering = [("Sec-WebSocket-Protocol", "token, sesame")]
    assert told(offering, answer) == ([("HSK-003", *breach)] if breach else [])


@pytest.mark.parametrize(
    ("scheme", "is_asked"), [("Token", False), ("Bearer", False), ("token", True), ("BEARER", True)]
)
def test_only_an_unusual_case_shows_whether_case_matters(scheme, is_asked):
    request = requested(V1, [("Authorization", f"{scheme} {JWT}")], Standing.RIGHT)
    answer = document_of(answered(101, [("dg-request-id", "1")], b""))
    assert ("HSK-011" in asked(read({**document(request), "answer": answer}))) is is_asked


@pytest.mark.parametrize(
    ("authorization", "scheme", "credentials"),
    [
        ("Token sesame", "Token", Credentials.KEY),
        ("Token eyJsesame", "Token", Credentials.KEY),
        ("Token a.b.c", "Token", Credentials.KEY),
        (f"Bearer {JWT}", "Bearer", Credentials.JWT),
        ("Token ", "", Credentials.NONE),
        ("Basic c2VzYW1l", "", Credentials.NONE),
    ],
)
def test_what_counts_as_credentials(authorization, scheme, credentials):
    found = requested(V1, [("Authorization", authorization)])
    assert (found.scheme, found.credentials) == (scheme, credentials)


def test_a_handshake_is_asked_only_what_it_puts_to_the_test():
    let_in = {**document(requested(V1, [KEY], Standing.RIGHT)), "answer": document_of(answered(101, [], b""))}
    assert asked(read(let_in)) == {"HSK-001", "HSK-002", "HSK-004", "HSK-010"}
    unanswered = requested(V1, [KEY], Standing.RIGHT)
    assert asked(unanswered) == {"HSK-001", "HSK-002"}
    assert asked(requested("/elsewhere", [])) == set()
