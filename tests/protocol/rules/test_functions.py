"""FUN: function calls, asked and answered."""

import pytest

from mockagent.protocol.events import Dialect, Elapsed, Side

C, S = Side.CLIENT, Side.SERVER
STARTED = (S, "UserStartedSpeaking")
USER = (S, {"type": "ConversationText", "role": "user", "content": "What is the weather?"})
ASKED = (STARTED, USER)


def call(*names, **changes):
    functions = [
        {"id": f"id-{name}", "name": name, "arguments": "{}", "client_side": name != "there"} | changes
        for name in names
    ]
    return S, {"type": "FunctionCallRequest", "functions": functions}


def answer(function, side=C, **changes):
    body = {
        "type": "FunctionCallResponse",
        "id": f"id-{function}",
        "name": function,
        "content": "ok",
    } | changes
    return side, {key: value for key, value in body.items() if value is not None}


def cancel(name):
    return S, {"type": "FunctionCallCancelled", "functions": [{"id": f"id-{name}", "name": name}]}


@pytest.mark.parametrize(
    "steps",
    [
        (*ASKED, call("here"), answer("here")),
        (*ASKED, call("here", "later"), answer("later"), answer("here")),
        (*ASKED, call("there"), answer("there", S)),
        (*ASKED, call("here"), cancel("here"), STARTED),
        (STARTED, call("here"), answer("here"), USER),
    ],
    ids=["client side", "two in another order", "server side", "cancelled", "before the turn is confirmed"],
)
def test_calls_as_they_happen_break_nothing(broken_in_session, steps):
    assert broken_in_session(*steps) == ()


def test_an_unasked_answer_breaks_only_fun_001(broken_in_session):
    assert broken_in_session(answer("here")) == ("FUN-001",)
    assert broken_in_session(*ASKED, call("here"), answer("here", id="id-other")) == ("FUN-001",)


def test_a_second_answer_breaks_only_fun_002(broken_in_session):
    assert broken_in_session(*ASKED, call("here"), answer("here"), answer("here")) == ("FUN-002",)


def test_an_answer_that_crosses_the_cancellation_is_nobodys_fault(broken_in_session):
    late = (*ASKED, call("here"), cancel("here"), answer("here"))
    assert broken_in_session(*late) == ()
    assert broken_in_session(*late, answer("here")) == ("FUN-002",)


def test_a_late_answer_by_name_alone_is_known_too(broken_in_session):
    assert broken_in_session(*ASKED, call("here"), cancel("here"), answer("here", id=None)) == ("FUN-005",)


def test_an_unasked_answer_is_told_which_of_the_clients_calls_wait(violations_in_session):
    asked = (*ASKED, call("here", "there"), answer("here", id="id-other"))
    (violation,) = violations_in_session(*asked)
    assert violation.expected == "an answer to 'id-here'"


def test_another_name_breaks_only_fun_003(broken_in_session):
    assert broken_in_session(*ASKED, call("here"), answer("here", name="there")) == ("FUN-003",)


def test_a_clients_answer_for_the_server_breaks_only_fun_004(broken_in_session):
    assert broken_in_session(*ASKED, call("there"), answer("there")) == ("FUN-004",)


def test_the_server_may_still_answer_what_the_client_answered_for_it(broken_in_session):
    assert broken_in_session(*ASKED, call("there"), answer("there"), answer("there", S)) == ("FUN-004",)


def test_an_answer_without_id_breaks_only_fun_005_and_is_matched_by_name(broken_in_session, session):
    steps = (*ASKED, call("here", "later"), answer("later", id=None))
    assert broken_in_session(*steps) == ("FUN-005",)
    assert [pending.call.name for pending in session(*steps).calls] == ["here"]


def test_a_call_without_an_answer_breaks_only_fun_006(broken_in_session):
    steps = (*ASKED, (*call("here"), 1.0), (C, "KeepAlive", 9.0))
    assert broken_in_session(*steps, (C, Elapsed("answer"), 11.0)) == ("FUN-006",)


def test_each_call_has_its_own_limit(broken_in_session):
    later = (S, {**call("later")[1]}, 5.0)
    steps = (*ASKED, (*call("here"), 1.0), later, (C, "KeepAlive", 9.0), (C, Elapsed("answer"), 11.0))
    assert broken_in_session(*steps) == ("FUN-006",)
    assert broken_in_session(*steps, (C, Elapsed("answer"), 15.0)) == ("FUN-006", "FUN-006")


def test_the_limit_stands_though_the_times_of_a_trace_are_rounded(broken_in_session):
    steps = (*ASKED, (*call("here"), 1.000001), (C, "KeepAlive", 9.0), (C, Elapsed("answer"), 11.0))
    assert broken_in_session(*steps) == ("FUN-006",)


def test_a_call_in_silence_breaks_only_fun_007(broken_in_session):
    assert broken_in_session(call("here")) == ("FUN-007",)


def test_a_deferred_call_before_the_turn_is_confirmed_breaks_only_fun_007(broken_in_session):
    assert broken_in_session(STARTED, call("later")) == ("FUN-007",)
    assert broken_in_session(*ASKED, call("later")) == ()


def test_an_undefined_function_breaks_only_fun_008(broken_in_session):
    assert broken_in_session(*ASKED, call("nowhere")) == ("FUN-008",)


def test_without_functions_any_call_breaks_fun_008(violations, settings):
    agent = {**settings()["agent"], "think": {"provider": {"type": "open_ai", "model": "gpt-4o"}}}
    welcome = {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"}
    begun = ((S, welcome), (C, settings(agent=agent)), (S, "SettingsApplied"))
    (violation,) = violations(*begun, *ASKED, call("here"))
    assert violation.requirement.id == "FUN-008"
    assert violation.expected == "no call: Settings has no functions"


def test_the_functions_of_a_stored_agent_are_not_known(broken_in_session, settings):
    stored = settings(agent="fc553ec9-5874-49ca-a47c-b670d525a4b3")
    assert broken_in_session(*ASKED, call("anything"), answer("anything"), settings=stored) == ()


def test_update_think_brings_its_own_functions(broken_in_session):
    think = {"provider": {"type": "open_ai", "model": "gpt-4o"}, "functions": [{"name": "new"}]}
    updated = ((C, {"type": "UpdateThink", "think": think}), (S, "ThinkUpdated"))
    assert broken_in_session(*updated, *ASKED, call("new"), answer("new")) == ()
    assert broken_in_session(*updated, *ASKED, call("here"), answer("here")) == ("FUN-008",)


def test_a_used_id_breaks_only_fun_009(broken_in_session):
    again = (call("here"), answer("here"), call("later", id="id-here"))
    assert broken_in_session(*ASKED, *again) == ("FUN-009",)
    assert broken_in_session(*ASKED, call("here", "later", id="one")) == ("FUN-009",)


def test_arguments_that_are_no_object_break_only_fun_010(broken_in_session):
    assert broken_in_session(*ASKED, call("here", arguments="[]")) == ("FUN-010",)


def test_the_wrong_client_side_breaks_only_fun_011(broken_in_session):
    assert broken_in_session(*ASKED, call("there", client_side=True)) == ("FUN-011",)
    assert broken_in_session(*ASKED, call("here", client_side=False)) == ("FUN-011",)


def test_a_servers_answer_for_the_client_breaks_only_fun_012(broken_in_session):
    steps = (*ASKED, call("here"), answer("here", S))
    assert broken_in_session(*steps) == ("FUN-012",)
    assert broken_in_session(*steps, answer("here")) == ("FUN-012",)


def test_a_servers_answer_to_nothing_breaks_only_fun_012(broken_in_session):
    assert broken_in_session(*ASKED, answer("there", S)) == ("FUN-012",)


def test_cancelling_what_is_not_pending_breaks_only_fun_013(broken_in_session):
    assert broken_in_session(*ASKED, cancel("here")) == ("FUN-013",)
    assert broken_in_session(*ASKED, call("here"), cancel("here"), cancel("here")) == ("FUN-013",)


def test_early_access_words_calls_in_its_own_way(broken_in_session):
    def asked(id, name="here"):
        body = {"type": "FunctionCallRequest", "function_name": name, "function_call_id": id, "input": {}}
        return S, body

    def answered(id):
        return C, {"type": "FunctionCallResponse", "function_call_id": id, "output": "ok"}

    def broken(*steps):
        return broken_in_session(*ASKED, *steps, dialect=Dialect.EARLY_ACCESS)

    assert broken(asked("1"), asked("2"), answered("2"), answered("1")) == ()
    assert broken(answered("1")) == ("FUN-001",)
    assert broken(asked("1"), answered("1"), answered("1")) == ("FUN-002",)
    assert broken(asked("1", "nowhere")) == ("FUN-008",)
    assert broken(asked("1"), asked("1")) == ("FUN-009",)


def test_only_calls_of_the_client_are_cancelled_else_it_breaks_only_fun_014(broken_in_session):
    assert broken_in_session(*ASKED, call("there"), STARTED, cancel("there")) == ("FUN-014",)


def test_a_call_left_behind_by_the_users_next_turn_breaks_only_fun_015(broken_in_session):
    assert broken_in_session(*ASKED, call("here"), STARTED, USER) == ("FUN-015",)
    assert broken_in_session(*ASKED, call("here"), STARTED, cancel("here"), USER) == ()
    assert broken_in_session(*ASKED, call("here"), answer("here"), STARTED, USER) == ()
    assert broken_in_session(*ASKED, call("there"), STARTED, USER) == ()


def test_a_cancellation_that_crosses_the_answer_is_nobodys_fault(broken_in_session):
    assert broken_in_session(*ASKED, call("here"), answer("here"), STARTED, cancel("here")) == ()


def test_a_call_that_was_left_behind_is_told_once(broken_in_session):
    steps = (*ASKED, call("here"), STARTED, USER, USER)
    assert broken_in_session(*steps).count("FUN-015") == 1


def test_a_signature_that_nobody_gave_is_told_as_none(violations_in_session):
    (violation,) = violations_in_session(*ASKED, call("here"), answer("here", thought_signature="x"))
    assert (violation.expected, violation.got) == ("none", "'x'")


def test_an_answer_to_nothing_is_told_by_what_it_says(violations_in_session):
    body = {"type": "FunctionCallResponse", "name": "here", "content": "ok"}
    named = [each.got for each in violations_in_session((C, body)) if each.requirement.id == "FUN-001"]
    assert named == ["an answer of 'here' without an id"]
    numbered = [each.got for each in violations_in_session((C, {**body, "id": "9"}))]
    assert numbered == ["an answer to '9'"]


def test_the_end_of_another_limit_is_no_missing_answer(broken_in_session):
    asked = (*ASKED, call("here"))
    assert "FUN-006" not in broken_in_session(*asked, (C, Elapsed("silence"), 30.0))
    assert "FUN-006" in broken_in_session(*asked, (C, Elapsed("answer"), 30.0))


def test_an_answer_that_names_no_function_names_no_wrong_one(broken_in_session):
    assert "FUN-003" not in broken_in_session(*ASKED, call("here"), answer("here", name=None))


def test_an_answer_by_name_alone_for_a_call_of_the_server_breaks_fun_004(violations_in_session):
    told = violations_in_session(*ASKED, call("there"), answer("there", id=None))
    assert [each.got for each in told if each.requirement.id == "FUN-004"] == ["an answer to 'id-there'"]


def test_of_arguments_that_are_no_object_the_beginning_is_shown(violations_in_session):
    told = violations_in_session(*ASKED, call("here", arguments="x" * 70))
    assert [each.got for each in told if each.requirement.id == "FUN-010"] == ["x" * 60]
