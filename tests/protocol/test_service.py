"""What the service does by itself: refusals, acknowledgements, the answer to an injection."""

import pytest

from mockagent.protocol import service
from mockagent.protocol.events import Audio, Dialect, Elapsed, Malformed, Message, Problem, Side, Tolerance
from mockagent.protocol.injection import Outcome
from mockagent.protocol.session import SESSION_END, SESSION_WARNING, Session
from mockagent.protocol.switches import BeforeSettings, Switches
from mockagent.protocol.transitions import Turn

C, S = Side.CLIENT, Side.SERVER
WELCOME = {"type": "Welcome", "request_id": "fc553ec9-5874-49ca-a47c-b670d525a4b3"}
LENIENT, FAITHFUL, STRICT = Tolerance
LISTEN = {"type": "deepgram", "model": "nova-3"}


@pytest.fixture
def error(judge, events):
    """The Error with which the last step is answered, at a tolerance."""

    def answer(*steps, tolerance=FAITHFUL, dialect=Dialect.V1, switches=None):
        *before, last = steps
        seen = judge(*before, dialect=dialect, switches=switches)
        (event,) = events(last, dialect=dialect)
        held = seen.session
        return service.error_for(seen.observe(event), held, tolerance, switches or Switches())

    return answer


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ((C, "KeepAlive"), "NON_SETTINGS_MESSAGE_BEFORE_SETTINGS"),
        ((C, 640), "BINARY_MESSAGE_BEFORE_SETTINGS"),
        ((C, Malformed("JSON", "x", 1)), "UNPARSABLE_CLIENT_MESSAGE"),
        ((C, "Hello"), "UNPARSABLE_CLIENT_MESSAGE"),
        ((C, {"type": "Settings", "audio": {}}), "UNPARSABLE_CLIENT_MESSAGE"),
    ],
)
def test_before_settings(error, step, code):
    assert error((S, WELCOME), step)["code"] == code


def test_settings_twice(error, settings):
    assert error((S, WELCOME), (C, settings()), (C, settings()))["code"] == "SETTINGS_ALREADY_APPLIED"


def test_settings_that_are_impossible(error, settings):
    flux = {"provider": {"type": "deepgram", "version": "v2", "model": "flux-alexis-en"}}
    audio = {"input": {"encoding": "linear16", "sample_rate": 16000}, "output": {"encoding": "mp3"}}
    body = settings(agent={**settings()["agent"], "speak": flux}, audio=audio)
    assert error((S, WELCOME), (C, body)) == {
        "type": "Error",
        "code": "INVALID_SETTINGS",
        "description": "Invalid settings. Check the audio.output field against the API spec.",
    }


def test_an_unparsable_message_names_the_field(error, settings):
    agent = {**settings()["agent"], "think": {"provider": {"type": "open_ai"}}}
    answer = error((S, WELCOME), (C, settings(agent=agent)))
    assert answer["description"] == (
        "Error parsing client message. Check the agent.think field against the API spec."
    )


def test_what_is_fine_is_not_refused(error, settings):
    assert error((S, WELCOME), (C, settings())) is None
    assert error((S, WELCOME), (C, settings()), (C, 640)) is None


def test_an_empty_or_misplaced_binary_frame_is_only_noted(error, settings):
    begun = ((S, WELCOME), (C, settings()), (S, "SettingsApplied"))
    assert error(*begun, (C, 0)) is None
    assert error(*begun, (C, Audio(20, json=True)), tolerance=STRICT) is None


@pytest.mark.parametrize(("tolerance", "is_refused"), [(LENIENT, False), (FAITHFUL, False), (STRICT, True)])
def test_an_unknown_field_is_refused_by_the_strict_alone(error, settings, tolerance, is_refused):
    answer = error((S, WELCOME), (C, settings(more=1)), tolerance=tolerance)
    assert (answer is not None) == is_refused


@pytest.mark.parametrize(("tolerance", "is_refused"), [(LENIENT, False), (FAITHFUL, True), (STRICT, True)])
def test_a_numeric_string_is_taken_by_the_lenient_alone(error, settings, tolerance, is_refused):
    think = {"provider": {"type": "open_ai", "model": "m", "temperature": "0.5"}}
    body = settings(agent={**settings()["agent"], "think": think})
    assert (error((S, WELCOME), (C, body), tolerance=tolerance) is not None) == is_refused


@pytest.mark.parametrize("step", [(C, "KeepAlive"), (C, 640)])
def test_what_comes_before_settings_may_be_ignored(error, step):
    switches = Switches(before_settings=BeforeSettings.IGNORE)
    assert error((S, WELCOME), step, switches=switches) is None
    assert error((S, WELCOME), (C, "Hello"), switches=switches)["code"] == "UNPARSABLE_CLIENT_MESSAGE"


def test_early_access_has_messages_and_no_codes(error):
    welcome = {"type": "Welcome", "session_id": WELCOME["request_id"]}
    answer = error((S, welcome), (C, "Hello"), dialect=Dialect.EARLY_ACCESS)
    assert answer == {
        "type": "Error",
        "message": "Text message received from client did not match any of the formats we expect.",
    }
    late = error((S, welcome), (C, 640), dialect=Dialect.EARLY_ACCESS)
    assert late["message"] == "Received binary message before SettingsConfiguration"


@pytest.mark.parametrize(
    ("pointer", "field"),
    [
        ("/agent/think/0/provider/model", "agent.think"),
        ("/agent/greeting", "agent.greeting"),
        ("/prompt", "prompt"),
        ("", ""),
    ],
)
def test_a_field_as_the_service_names_it(pointer, field):
    assert service.field_of(pointer) == field


def acknowledged(session, body):
    return tuple(service.acknowledgements(session, Message(body["type"], body)))


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ({"type": "UpdatePrompt", "prompt": "x"}, "PromptUpdated"),
        ({"type": "UpdateSpeak", "speak": {}}, "SpeakUpdated"),
        ({"type": "UpdateThink", "think": {}}, "ThinkUpdated"),
        ({"type": "UpdateListen", "listen": {"provider": {"keyterms": ["fish"]}}}, "ListenUpdated"),
        ({"type": "UpdateThink_Live", "think_live": {}}, "ThinkLiveUpdated"),
    ],
)
def test_updates_are_acknowledged(session, body, type):
    assert acknowledged(session(), body) == ({"type": type},)


@pytest.mark.parametrize(
    "type", ["KeepAlive", "Settings", "InjectUserMessage", "InjectAgentMessage", "FunctionCallResponse"]
)
def test_nothing_else_is_acknowledged(session, type):
    assert acknowledged(session(), {"type": type}) == ()


def test_early_access_acknowledges_no_update(session):
    update = {"type": "UpdateInstructions", "instructions": "x"}
    assert acknowledged(session(dialect=Dialect.EARLY_ACCESS), update) == ()


@pytest.mark.parametrize(
    ("provider", "is_fine"),
    [
        ({**LISTEN, "smart_format": True}, True),
        ({**LISTEN, "version": "v1"}, True),
        ({"keyterms": ["fish"]}, True),
        ({**LISTEN, "version": "v2"}, False),
        ({**LISTEN, "model": "nova-2"}, False),
        ({**LISTEN, "type": "other"}, False),
    ],
)
def test_update_listen_keeps_type_version_and_model(session, provider, is_fine):
    (answer,) = acknowledged(session(), {"type": "UpdateListen", "listen": {"provider": provider}})
    assert answer["type"] == ("ListenUpdated" if is_fine else "Warning")
    assert is_fine or answer["code"] == "UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED"


@pytest.mark.parametrize("version", [None, "v1", "v2"])
def test_force_end_turn_needs_listen_v2(session, settings, version):
    provider = {"type": "deepgram", "model": "flux-general-en"} | ({"version": version} if version else {})
    held = session(settings=settings(agent={**settings()["agent"], "listen": {"provider": provider}}))
    answers = acknowledged(held, {"type": "ForceEndTurn"})
    assert service.ends_turn(held, Message("ForceEndTurn", {"type": "ForceEndTurn"})) == (version == "v2")
    assert [answer["code"] for answer in answers] == (
        [] if version == "v2" else ["FORCE_END_TURN_UNSUPPORTED"]
    )


def test_an_injection_is_answered_by_whose_floor_it_is(session):
    injection = Message("InjectAgentMessage", {"type": "InjectAgentMessage", "message": "x"})
    assert service.injection_outcome(session(), injection) is Outcome.SPEAK
    assert service.injection_outcome(session(turn=Turn.SPEAKING), injection) is Outcome.REFUSE


def test_a_refusal_says_who_has_the_floor(session):
    (user,) = service.refusal_of_injection(session(turn=Turn.USER), Switches())
    (agent,) = service.refusal_of_injection(session(turn=Turn.THINKING), Switches())
    assert (user["type"], agent["type"]) == ("InjectionRefused", "InjectionRefused")
    assert "user" in user["message"]
    assert "agent" in agent["message"]


def test_the_warning_beside_a_refusal_is_switched_on_and_v1s_alone(session):
    switches = Switches(injection_warnings=True)
    refusal, warning = service.refusal_of_injection(session(turn=Turn.USER), switches)
    assert (refusal["type"], warning["code"]) == (
        "InjectionRefused",
        "INJECT_AGENT_MESSAGE_DURING_USER_SPEECH",
    )
    *_, warning = service.refusal_of_injection(session(turn=Turn.SPEAKING), switches)
    assert warning["code"] == "INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH"
    early = session(dialect=Dialect.EARLY_ACCESS, turn=Turn.USER)
    assert [each["type"] for each in service.refusal_of_injection(early, switches)] == ["InjectionRefused"]


@pytest.mark.parametrize("dialect", Dialect)
def test_a_session_ends_for_its_length_and_for_no_other_limit(dialect):
    ended = service.end_of_session(Elapsed(SESSION_END), dialect)
    assert ended["type"] == "Error"
    assert service.end_of_session(Elapsed(SESSION_WARNING), dialect) is None
    assert service.end_of_session(Audio(2), dialect) is None


def test_a_client_is_warned_of_the_end_when_it_is_time():
    assert (
        service.warning_of_the_end(Elapsed(SESSION_WARNING))["code"] == "MAXIMUM_SESSION_LENGTH_APPROACHING"
    )
    assert service.warning_of_the_end(Elapsed(SESSION_END)) is None


def test_what_fails_when_no_provider_is_left_is_named():
    failed = [service.all_providers_failed(part, Dialect.V1)["code"] for part in ("think", "speak")]
    assert failed == ["FAILED_TO_THINK", "FAILED_TO_SPEAK"]
    warned = [service.provider_failed(part, "open_ai")["code"] for part in ("think", "speak")]
    assert warned == ["THINK_REQUEST_FAILED", "SPEAK_REQUEST_FAILED"]


@pytest.mark.parametrize(
    ("pointer", "field"),
    [
        ("/agent/think/0/provider/model", "agent.think"),
        ("/agent/0/think", "agent.think"),
        ("/prompt", "prompt"),
        ("", ""),
    ],
)
def test_a_field_is_named_as_the_service_names_it(pointer, field):
    assert service.field_of(pointer) == field


CALL = {"id": "1", "name": "here", "arguments": "{}", "client_side": True}
ASKED = ((S, "UserStartedSpeaking"), (S, {"type": "ConversationText", "role": "user", "content": "So?"}))
REQUEST = (S, {"type": "FunctionCallRequest", "functions": [CALL]})
CANCEL = (S, {"type": "FunctionCallCancelled", "functions": [{"id": "1", "name": "here"}]})
ANSWER = {"type": "FunctionCallResponse", "id": "1", "name": "here", "content": "…"}


def test_an_answer_to_a_cancelled_call_is_known_for_one(session):
    answer = Message(ANSWER["type"], ANSWER)
    cancelled = session(*ASKED, REQUEST, (S, "UserStartedSpeaking"), CANCEL)
    assert service.answers_cancelled_call(answer, cancelled)
    assert not service.answers_cancelled_call(answer, session(*ASKED, REQUEST))
    assert not service.answers_cancelled_call(answer, session())
    assert not service.answers_cancelled_call(Message("KeepAlive", ANSWER), cancelled)
    assert not service.answers_cancelled_call(Audio(2), cancelled)


def test_an_answer_without_an_id_is_for_the_call_that_still_waits(session):
    again = (S, {"type": "FunctionCallRequest", "functions": [{**CALL, "id": "2"}]})
    answer = Message(ANSWER["type"], {key: value for key, value in ANSWER.items() if key != "id"})
    cancelled = (*ASKED, REQUEST, (S, "UserStartedSpeaking"), CANCEL)
    assert service.answers_cancelled_call(answer, session(*cancelled))
    assert not service.answers_cancelled_call(answer, session(*cancelled, *ASKED[1:], again))


@pytest.mark.parametrize(
    ("output", "description"),
    [
        (
            {"encoding": "mp3"},
            "mockagent cannot speak mp3 without the package av; install it with: pip install 'mockagent[audio]'.",
        ),
        ({"encoding": "linear16"}, None),
    ],
)
def test_what_cannot_be_spoken_is_an_error_that_is_known_by_its_cure(settings, output, description):
    body = settings(audio={"output": output})
    error = service.cannot_speak(Message("Settings", body), Dialect.V1, has_codecs=False)
    if description is None:
        assert error is None
    else:
        assert error == {"type": "Error", "code": "FAILED_TO_SPEAK", "description": description}
        assert service.lacks_codecs(Message("Error", error)) == description
        assert service.lacks_codecs(Message("Warning", error)) == ""


def test_no_other_error_lacks_codecs():
    assert service.cannot_speak(Audio(2), Dialect.V1, has_codecs=False) is None
    failed = service.all_providers_failed("speak", Dialect.V1)
    assert service.lacks_codecs(Message("Error", failed)) == ""
    assert service.lacks_codecs(Message("Error", {"type": "Error"})) == ""


def test_the_warning_of_a_provider_names_it_if_it_can():
    named, unnamed = service.provider_failed("think", "groq"), service.provider_failed("think", "")
    assert named["description"] == unnamed["description"].removesuffix(".") + ": groq."


@pytest.mark.parametrize(("letters", "is_cut"), [(25_000, False), (25_001, True)])
def test_a_client_is_told_that_its_prompt_is_cut(session, settings, letters, is_cut):
    think = {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "prompt": "a" * letters}
    agent = {**settings()["agent"], "think": think}
    of_settings = Message("Settings", settings(agent=agent))
    update = Message("UpdateThink", {"type": "UpdateThink", "think": think})
    warning = ["PROMPT_TOO_LONG"] * is_cut
    said = [body.get("code", body["type"]) for body in service.acknowledgements(session(), update)]
    assert said == ["ThinkUpdated", *warning]
    opened = Session()
    assert [body["code"] for body in service.acknowledgements(opened, of_settings)] == warning


def test_where_the_message_as_a_whole_is_wrong_its_type_is_the_field_at_fault(error):
    whole = Message("UpdatePrompt", {"type": "UpdatePrompt"}, (Problem("", "depth", "x", "y"),))
    assert error((S, WELCOME), (C, whole))["description"] == (
        "Error parsing client message. Check the type field against the API spec."
    )


def test_the_prompt_of_a_model_of_ones_own_is_never_cut(session, settings):
    own = {**settings()["agent"]["think"], "endpoint": {"url": "https://example.com/think"}}
    held = session(settings=settings(agent={**settings()["agent"], "think": own}))
    update = {"type": "UpdatePrompt", "prompt": "a" * 25_001}
    assert acknowledged(held, update) == ({"type": "PromptUpdated"},)
    assert [body["type"] for body in acknowledged(session(), update)] == ["PromptUpdated", "Warning"]
