"""What a client keeps of a session, and what a judge says of it."""

from mockagent import catalogue
from mockagent.client.account import Account
from mockagent.protocol.events import Audio, Malformed, Message, Opened, Side
from mockagent.protocol.judge import Judge
from mockagent.protocol.transitions import Phase


def opened() -> Account:
    account = Account(Judge(catalogue.requirements()), catalogue.schemas())
    account.observe(0.0, Side.SERVER, Opened())
    return account


def test_frames_become_events_and_move_the_session_on():
    account = opened()
    body = {"type": "Welcome", "request_id": "fb1a2c3d-0000-4000-8000-000000000000"}
    event = account.read(
        b'{"type":"Welcome","request_id":"fb1a2c3d-0000-4000-8000-000000000000"}', False, 1.0
    )
    assert event.content == Message("Welcome", body)
    assert account.received == [body]
    assert account.violations == []
    assert account.session.phase is Phase.WELCOMED


def test_a_message_that_departs_from_its_schema_is_a_violation():
    account = opened()
    account.read(b'{"type":"Welcome"}', False, 1.0)
    assert [violation.requirement.id for violation in account.violations] == ["MSG-008"]


def test_what_is_no_message_is_kept_as_such():
    account = opened()
    assert isinstance(account.read(b"not JSON", False, 1.0).content, Malformed)
    assert "MSG-006" in [violation.requirement.id for violation in account.violations]


def test_audio_of_the_server_is_kept_whole_and_that_of_the_client_apart():
    account = opened()
    account.read(b"\1\0", True, 1.0)
    account.observe(1.0, Side.CLIENT, Audio(2, data=b"\7\7"))
    account.read(b"\2\0", True, 1.0)
    assert account.audio == b"\1\0\2\0"


def test_what_each_side_said_is_kept_apart():
    account = opened()
    account.observe(1.0, Side.CLIENT, Message("KeepAlive", {"type": "KeepAlive"}))
    assert (account.sent, account.received) == ([{"type": "KeepAlive"}], [])
