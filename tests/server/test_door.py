"""Who may come in: handshakes as data, as published clients send them."""

import pytest

from mockagent.protocol.events import Dialect
from mockagent.server.door import FORBIDDEN, UNAUTHORIZED, Admitted, Refused, admit

V1 = "/v1/agent/converse"
TOKEN = ("Authorization", "Token KEY")


def offering(*names):
    return [("Sec-WebSocket-Protocol", ", ".join(names))]


@pytest.mark.parametrize(("path", "dialect"), [(V1, Dialect.V1), ("/agent", Dialect.EARLY_ACCESS)])
def test_the_path_says_the_dialect(path, dialect):
    assert admit(path, [TOKEN]) == Admitted(dialect, credential="KEY")


@pytest.mark.parametrize("path", ["/", "/v1/agent", "/v1/agent/converse/", "/agent/x", "/V1/agent/converse"])
def test_any_other_path_is_not_found(path):
    refused = admit(path, [TOKEN])
    assert isinstance(refused, Refused)
    assert (refused.status, refused.code) == (404, "NOT_FOUND")
    assert path in refused.message


@pytest.mark.parametrize("value", ["Token KEY", "token KEY", "Bearer KEY", "bearer KEY", "BEARER  KEY "])
@pytest.mark.parametrize("name", ["Authorization", "authorization"])
def test_the_header_is_read_in_any_case(name, value):
    admitted = admit(V1, [(name, value)])
    assert (admitted.credential, admitted.subprotocol) == ("KEY", None)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "")],
        [("Authorization", "Token")],
        [("Authorization", "Token ")],
        [("Authorization", "Basic KEY")],
        [("Authorization", "KEY")],
        offering("token"),
        offering("KEY", "token"),
        offering("chat", "KEY"),
    ],
)
def test_without_credentials_nobody_comes_in(headers):
    assert admit(V1, headers) == UNAUTHORIZED


@pytest.mark.parametrize(
    ("offered", "credential", "echoed"),
    [
        (("token", "KEY"), "KEY", "token"),
        (("bearer", "JWT"), "JWT", "bearer"),
        (("Bearer", "JWT"), "JWT", "Bearer"),
        (("token", "KEY", "x-deepgram-session-id", "0c5d"), "KEY", "token"),
        (("x-deepgram-session-id", "0c5d", "token", "KEY"), "KEY", "token"),
    ],
)
def test_a_subprotocol_may_carry_the_credentials_and_is_the_one_echoed(offered, credential, echoed):
    admitted = admit(V1, offering(*offered))
    assert (admitted.credential, admitted.subprotocol) == (credential, echoed)


def test_subprotocols_may_come_in_headers_of_their_own():
    headers = [("Sec-WebSocket-Protocol", "token"), ("sec-websocket-protocol", "KEY")]
    assert admit(V1, headers) == Admitted(Dialect.V1, "token", credential="KEY")


@pytest.mark.parametrize("offered", [("chat",), ("chat", "more")])
def test_beside_a_header_the_first_that_is_offered_is_echoed(offered):
    assert admit(V1, [TOKEN, *offering(*offered)]).subprotocol == "chat"


def test_only_the_keys_that_are_given_open_the_door():
    assert isinstance(admit(V1, [TOKEN], api_keys={"KEY"}), Admitted)
    assert admit(V1, [TOKEN], api_keys={"OTHER"}) == UNAUTHORIZED


def test_a_forbidden_key_is_known_but_not_allowed():
    assert admit(V1, [TOKEN], {"KEY"}, {"KEY"}) == FORBIDDEN


@pytest.mark.parametrize(
    ("target", "headers", "wish"),
    [
        (V1, [], None),
        (V1, [("X-Mockagent-Scenario", "lunch")], "lunch"),
        (f"{V1}?scenario=lunch", [], "lunch"),
        (f"{V1}?foo=bar&scenario=two%20words&list=1&list=2", [], "two words"),
        (f"{V1}?scenario=tea", [("x-mockagent-scenario", "lunch")], "lunch"),
        (f"{V1}?foo=bar", [], None),
    ],
)
def test_a_client_may_wish_for_a_scenario(target, headers, wish):
    assert admit(target, [TOKEN, *headers]).wish == wish


def test_a_credential_is_never_shown():
    assert "KEY" not in repr(admit(V1, [TOKEN]))
