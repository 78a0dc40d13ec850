"""SET: Settings first, once and possible; SettingsApplied next."""

import pytest

from mockagent.protocol.events import Dialect, Malformed, Side

C, S = Side.CLIENT, Side.SERVER
WELCOMED = ((S, {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"}),)
ERROR = {"type": "Error", "code": "INTERNAL_SERVER_ERROR", "description": "x"}
WARNING = {"type": "Warning", "code": "SLOW_THINK_REQUEST", "description": "x"}


@pytest.mark.parametrize("dialect", Dialect)
def test_the_usual_beginning_breaks_nothing(broken_in_session, dialect):
    assert broken_in_session(dialect=dialect) == ()


def test_another_message_first_breaks_only_set_001(broken):
    assert broken(*WELCOMED, (C, "KeepAlive")) == ("SET-001",)
    assert broken((C, "KeepAlive")) == ("SET-001",)


def test_what_cannot_be_read_is_not_also_too_early(broken):
    assert broken(*WELCOMED, (C, "Hello")) == ("MSG-002",)
    assert broken(*WELCOMED, (C, {"type": "UpdatePrompt"})) == ("MSG-003",)
    assert broken(*WELCOMED, (C, Malformed("JSON", "x", 1))) == ("MSG-001",)


def test_an_unusual_message_first_is_both(broken):
    assert broken(*WELCOMED, (C, {"type": "KeepAlive", "more": 1})) == ("MSG-004", "SET-001")


def test_audio_first_breaks_only_set_002(broken):
    assert broken(*WELCOMED, (C, 640)) == ("SET-002",)


def test_a_second_settings_breaks_only_set_003(broken_in_session, settings):
    assert broken_in_session((C, settings())) == ("SET-003",)


def test_a_second_settings_before_the_first_is_applied_breaks_only_set_003(broken, settings):
    assert broken(*WELCOMED, (C, settings()), (C, settings())) == ("SET-003",)
    assert broken((C, settings()), (C, settings())) == ("SET-003",)


def test_impossible_settings_break_only_set_004(broken, settings):
    audio = {"input": {"encoding": "linear16", "sample_rate": 16000}, "output": {"encoding": "mp3"}}
    body = settings(audio=audio)
    assert broken(*WELCOMED, (C, body)) == ()
    speak = {"provider": {"type": "deepgram", "version": "v2", "model": "flux-alexis-en"}}
    body = settings(audio=audio, agent={**body["agent"], "speak": speak})
    assert broken(*WELCOMED, (C, body)) == ("SET-004",)


@pytest.mark.parametrize("step", [(S, WARNING), (S, "UserStartedSpeaking"), (S, 960)])
def test_anything_between_settings_and_settings_applied_breaks_only_set_005(broken, settings, step):
    assert broken(*WELCOMED, (C, settings()), step, (S, "SettingsApplied")) == ("SET-005",)


def test_an_error_may_come_instead_of_settings_applied(broken, settings):
    assert broken(*WELCOMED, (C, settings()), (S, ERROR)) == ()


def test_settings_applied_without_settings_breaks_only_set_006(broken):
    assert broken(*WELCOMED, (S, "SettingsApplied")) == ("SET-006",)


def test_settings_applied_twice_breaks_only_set_006(broken_in_session):
    assert broken_in_session((S, "SettingsApplied")) == ("SET-006",)


@pytest.mark.parametrize("step", [(C, 640), (C, {"type": "UpdatePrompt", "prompt": "x"})])
def test_a_client_that_does_not_wait_breaks_only_set_007(broken, settings, step):
    assert broken(*WELCOMED, (C, settings()), step, (S, "SettingsApplied")) == ("SET-007",)
    assert broken((C, settings()), step, *WELCOMED, (S, "SettingsApplied")) == ("SET-007",)


def test_a_client_that_holds_the_session_open_while_it_waits_breaks_nothing(broken, settings):
    assert broken(*WELCOMED, (C, settings()), (C, "KeepAlive"), (S, "SettingsApplied")) == ()
    assert broken((C, settings()), (C, "KeepAlive"), *WELCOMED, (S, "SettingsApplied")) == ()


def test_after_settings_applied_without_welcome_the_session_is_like_any_other(broken, settings):
    begun = ((C, settings()), (S, "SettingsApplied"))
    assert broken(*begun, (C, 640), (C, 640), (S, "UserStartedSpeaking")) == ("OPN-001",)
    assert broken(*begun, (S, "SettingsApplied")) == ("OPN-001", "SET-006")


def with_models(settings, **models):
    """The usual Settings with the given models."""
    agent = dict(settings()["agent"])
    for block, model in models.items():
        agent[block] = {**agent[block], "provider": {**agent[block]["provider"], "model": model}}
    return settings(agent=agent)


@pytest.mark.parametrize(
    ("block", "misspelt", "meant"),
    [
        ("listen", "nova3", "nova-3"),
        ("think", "gpt4o-mini", "gpt-4o-mini"),
        ("speak", "aura-2-thaila-en", "aura-2-thalia-en"),
    ],
)
def test_an_unknown_name_breaks_only_set_008(violations, settings, block, misspelt, meant):
    (violation,) = violations(*WELCOMED, (C, with_models(settings, **{block: misspelt})))
    assert (violation.requirement.id, violation.pointer) == ("SET-008", f"/agent/{block}/provider/model")
    assert violation.got == f"{misspelt!r}; did you mean {meant!r}?"


def test_an_unknown_name_of_an_update_is_found_where_it_stands(broken_in_session, violations, settings):
    update = {"type": "UpdateSpeak", "speak": {"provider": {"type": "deepgram", "model": "aura-3-x-en"}}}
    begun = (*WELCOMED, (C, settings()), (S, "SettingsApplied"))
    (violation,) = violations(*begun, (C, update))
    assert (violation.requirement.id, violation.pointer) == ("SET-008", "/speak/provider/model")
    assert broken_in_session((C, update)) == ("SET-008",)


def test_an_endpoint_of_ones_own_has_models_of_its_own(broken, settings):
    body = with_models(settings, think="my-own-model")
    think = {**body["agent"]["think"], "endpoint": {"url": "https://example.com/"}}
    assert broken(*WELCOMED, (C, {**body, "agent": {**body["agent"], "think": think}})) == ()


def with_functions(settings, *functions):
    agent = settings()["agent"]
    return settings(agent={**agent, "think": {**agent["think"], "functions": list(functions)}})


@pytest.mark.parametrize("parameters", [{}, {"type": "object"}, {"properties": {}}])
def test_parameters_are_of_an_object_unless_they_say_otherwise(broken_in_session, settings, parameters):
    body = with_functions(settings, {"name": "here", "parameters": parameters}, {"name": "there"})
    assert broken_in_session(settings=body) == ()


def test_parameters_of_another_type_break_only_set_017(violations, settings):
    body = with_functions(settings, {"name": "here", "parameters": {"type": "array" * 20}})
    found = [each for each in violations(*WELCOMED, (C, body)) if each.requirement.id == "SET-017"]
    assert [(each.expected, each.got) for each in found] == [
        ("parameters of here of type object", f"'{'array' * 20}"[:40])
    ]


@pytest.mark.parametrize(("eager", "ids"), [(0.5, ()), (0.7, ()), (0.71, ("SET-010",))])
def test_the_eager_threshold_may_be_as_high_as_the_other(broken, settings, eager, ids):
    provider = {"type": "deepgram", "version": "v2", "model": "flux-general-en"}
    listen = {"provider": {**provider, "eager_eot_threshold": eager, "eot_threshold": 0.7}}
    body = settings(agent={**settings()["agent"], "listen": listen})
    assert broken(*WELCOMED, (C, body)) == ids


@pytest.mark.parametrize("code", ["INVALID_AGENT_ID", "AGENT_ID_NOT_SUPPORTED"])
def test_an_error_about_a_stored_agent_wants_one_else_it_breaks_only_set_015(broken, settings, code):
    error = (S, {"type": "Error", "code": code, "description": "x"})
    assert broken(*WELCOMED, (C, settings()), error) == ("SET-015",)
    assert broken(*WELCOMED, (C, settings(agent="fc553ec9-5874-49ca-a47c-b670d525a4b3")), error) == ()


def test_what_cannot_be_read_is_not_also_impossible(broken):
    body = {
        "type": "Settings",
        "audio": {"input": {"encoding": "linear16", "sample_rate": 0}},
        "agent": {"greeting": 5},
    }
    found = broken(*WELCOMED, (C, body))
    assert "MSG-003" in found and "SET-004" not in found
