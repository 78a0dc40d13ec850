"""HIS: History repeats what was said and done."""

from mockagent.protocol.events import Side
from mockagent.protocol.session import MOST_UNTOLD
from mockagent.protocol.switches import Switches

C, S = Side.CLIENT, Side.SERVER
STARTED = (S, "UserStartedSpeaking")


def says(role, content, **more):
    return S, {"type": "ConversationText", "role": role, "content": content, **more}


def told(role, content):
    return S, {"type": "History", "role": role, "content": content}


def of_call(**changes):
    call = {"id": "id-1", "name": "here", "arguments": "{}", "client_side": True, "response": "ok"}
    return S, {"type": "History", "function_calls": [call | changes]}


ASKED = (STARTED, says("user", "Where is it?"))
CALL = {"id": "id-1", "name": "here", "arguments": "{}", "client_side": True}
REQUEST = (S, {"type": "FunctionCallRequest", "functions": [CALL]})
ANSWER = (C, {"type": "FunctionCallResponse", "id": "id-1", "name": "here", "content": "ok"})


def test_each_statement_once_in_any_order_breaks_nothing(broken_in_session):
    steps = (*ASKED, says("assistant", "Here."), told("assistant", "Here."), told("user", "Where is it?"))
    assert broken_in_session(*steps) == ()
    assert broken_in_session(*steps, told("assistant", "Here.")) == ("HIS-002",)


def test_the_same_text_of_the_other_side_is_another_statement(broken_in_session):
    assert broken_in_session(says("assistant", "Yes."), told("user", "Yes.")) == ("HIS-002",)


def test_a_backchannel_is_a_statement_too(broken_in_session):
    mhm = says("user", "Mhm.", conversational_behavior="backchannel")
    assert broken_in_session(mhm, told("user", "Mhm."), switches=Switches(think_live=True)) == ()


def test_what_agent_context_says_may_be_repeated(broken_in_session, settings):
    before = [told("user", "Hello?")[1], of_call(id="id-0")[1]]
    resumed = settings(agent={**settings()["agent"], "context": {"messages": before}})
    assert broken_in_session(told("user", "Hello?"), of_call(id="id-0"), settings=resumed) == ()


def test_no_more_is_remembered_than_needed(session, broken_in_session):
    said = [says("assistant", f"{number}.") for number in range(MOST_UNTOLD + 1)]
    assert len(session(*said).statements) == MOST_UNTOLD
    assert broken_in_session(*said, told("assistant", "1.")) == ()
    assert broken_in_session(*said, told("assistant", "0.")) == ("HIS-002",)


def test_a_call_is_told_of_once_and_after_its_response(broken_in_session):
    assert broken_in_session(*ASKED, REQUEST, ANSWER, of_call()) == ()
    assert broken_in_session(*ASKED, REQUEST, of_call()) == ("HIS-003",)
    assert broken_in_session(*ASKED, REQUEST, ANSWER, of_call(), of_call()) == ("HIS-003",)


def test_a_call_of_the_server_that_failed_has_no_response(broken_in_session):
    theirs = {"id": "id-1", "name": "there", "client_side": False}
    request = (S, {"type": "FunctionCallRequest", "functions": [CALL | theirs]})
    assert broken_in_session(*ASKED, request, of_call(**theirs, response="it failed")) == ()


def test_each_figure_of_a_call_is_as_it_was(broken_in_session):
    for changes in ({"name": "there"}, {"arguments": '{"x": 1}'}, {"client_side": False}):
        assert broken_in_session(*ASKED, REQUEST, ANSWER, of_call(**changes)) == ("HIS-004",)
    assert broken_in_session(*ASKED, REQUEST, ANSWER, of_call(response="no")) == ("HIS-005",)


def test_a_history_of_no_call_at_all_breaks_only_his_003(violations_in_session):
    (violation,) = (each for each in violations_in_session((S, {"type": "History", "function_calls": []})))
    assert (violation.requirement.id, violation.expected, violation.got, violation.pointer) == (
        "HIS-003",
        "a call that was answered",
        "no call at all",
        "/function_calls",
    )
