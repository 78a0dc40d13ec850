"""Servers that are broken in one named way each: what they say, and when."""

import json

from mutating import (
    Begun,
    Kind,
    Mutant,
    Raw,
    Shut,
    Side,
    Sound,
    Text,
    Wait,
    after,
    before,
    both,
    call,
    drop,
    edited,
    hearing,
    held,
    in_session,
    instead,
    keeps,
    late,
    message,
    on,
    says_again,
    sound,
    twice,
    with_,
    without,
)

ID = "fc553ec9-5874-49ca-a47c-b670d525a4b3"
STARTED, DONE = message("UserStartedSpeaking"), message("AgentAudioDone")
AGENT, USER = (
    {"type": "ConversationText", "role": "assistant"},
    {"type": "ConversationText", "role": "user"},
)
ANNOUNCED = message("AgentStartedSpeaking", total_latency=0.3, tts_latency=0.1, ttt_latency=0.2)
AUDIO = Sound(bytes(960))
LARGEST = 1_048_576


def warning(code: str, description: str = "Something is not as it should be.") -> Text:
    return message("Warning", code=code, description=description)


def error(code: str) -> tuple[Text, Shut]:
    return message("Error", code=code, description="Something went wrong."), Shut()


def says(role: str, content: str, **more: object) -> Text:
    return message("ConversationText", role=role, content=content, **more)


def request(name: str = "weather", **fields: object) -> Text:
    usual = {"id": "fc-1", "name": name, "arguments": '{"city": "Fremont"}', "client_side": True}
    return message("FunctionCallRequest", functions=[usual | fields])


SLOW = warning("SLOW_THINK_REQUEST")


def server(name: str, kind: Kind, breaks: str, plays: str, makes: object, **also: str) -> Mutant:
    """A row; `also` has `_` in place of the hyphen of an id."""
    named = {id.replace("_", "-"): why for id, why in also.items()}
    return Mutant(f"server: {name}", Side.SERVER, kind, breaks, tuple(plays.split()), makes, named)


def first_call(item: Text) -> dict:
    return item.body["functions"][0]


def history_of(item: Text, **fields: object) -> Text:
    """The History of the first call of a request, as if it were completed."""
    return message("History", function_calls=[{**first_call(item), "response": "ok", **fields}])


def cancel(item: Text, **fields: object) -> Text:
    found = first_call(item)
    return message("FunctionCallCancelled", functions=[{"id": found["id"], "name": found["name"], **fields}])


def follows(makes_item):
    """It is sent, and then what `makes_item` makes of it."""
    return lambda item: (item, makes_item(item))


def spoken(item: Text) -> tuple[Text, ...]:
    """The injection that was heard, spoken at once."""
    return (says("assistant", item.body["message"]),)


OPENING = (
    server("a warning comes before Welcome", Kind.ORDER, "OPN-001", "greets", on("Welcome", before(SLOW))),
    server(
        "Welcome comes with the upgrade",
        Kind.ORDER,
        "OPN-002",
        "welcomes_late",
        both(on("Welcome", drop), on(Begun, after(message("Welcome", request_id=ID)))),
    ),
    server("Welcome comes twice", Kind.DUPLICATE, "OPN-003", "greets_again", on("Welcome", twice)),
    server("Welcome never comes", Kind.NEVER, "OPN-001", "greets", on("Welcome", drop)),
)

SETTINGS = (
    server(
        "a warning comes before SettingsApplied",
        Kind.ORDER,
        "SET-005",
        "greets",
        on("SettingsApplied", before(SLOW)),
    ),
    server(
        "the greeting does not wait for SettingsApplied",
        Kind.LATE,
        "SET-005",
        "greets",
        held("SettingsApplied", AGENT),
        AUD_007="what was said before SettingsApplied is no reply yet, so its audio belongs to none",
        AUD_008="of audio that belongs to no reply the end belongs to none",
    ),
    server("SettingsApplied never comes", Kind.NEVER, "SET-005", "greets", on("SettingsApplied", drop)),
    server("SettingsApplied comes twice", Kind.DUPLICATE, "SET-006", "greets", on("SettingsApplied", twice)),
    server(
        "SettingsApplied comes again with the reply",
        Kind.UNASKED,
        "SET-006",
        "talks",
        on(AGENT, before(message("SettingsApplied")), 2),
    ),
    server(
        "one Settings is one too many",
        Kind.UNASKED,
        "SET-012",
        "talks",
        on("AgentAudioDone", after(*error("SETTINGS_ALREADY_APPLIED"))),
    ),
    server(
        "Settings first is not first enough",
        Kind.UNASKED,
        "SET-013",
        "greets",
        on("SettingsApplied", instead(*error("NON_SETTINGS_MESSAGE_BEFORE_SETTINGS"))),
    ),
    server(
        "audio after Settings is too early",
        Kind.UNASKED,
        "SET-014",
        "talks",
        on("UserStartedSpeaking", instead(*error("BINARY_MESSAGE_BEFORE_SETTINGS"))),
    ),
    server(
        "an agent that nobody named is unknown",
        Kind.UNASKED,
        "SET-015",
        "greets",
        on("SettingsApplied", instead(*error("INVALID_AGENT_ID"))),
    ),
)

SHAPE = (
    server("the reply is no JSON", Kind.SHAPE, "MSG-006", "greets", on("AgentAudioDone", before(Raw("{")))),
    server("a text frame is empty", Kind.SHAPE, "MSG-006", "greets", on("AgentAudioDone", before(Raw("")))),
    server("a message is an array", Kind.SHAPE, "MSG-006", "greets", on("AgentAudioDone", before(Raw("[]")))),
    server(
        "a message is of a type that nobody knows",
        Kind.SHAPE,
        "MSG-007",
        "greets",
        on("AgentAudioDone", before(message("AgentSpeechDone"))),
    ),
    server(
        "Welcome has no request_id", Kind.SHAPE, "MSG-008", "greets", on("Welcome", without("request_id"))
    ),
    server(
        "latencies are texts",
        Kind.SHAPE,
        "MSG-008",
        "talks",
        on("AgentStartedSpeaking", with_(tts_latency="fast")),
    ),
    server(
        "a call does not say who runs it",
        Kind.SHAPE,
        "MSG-008",
        "calls",
        on(
            "FunctionCallRequest",
            edited(
                lambda body: {
                    **body,
                    "functions": [
                        {key: value for key, value in each.items() if key != "client_side"}
                        for each in body["functions"]
                    ],
                }
            ),
        ),
    ),
    server(
        "a message has a field that nobody knows",
        Kind.SHAPE,
        "MSG-009",
        "greets",
        on("AgentAudioDone", with_(duration=1)),
    ),
    server(
        "frustration is told to those who were not invited",
        Kind.UNASKED,
        "MSG-011",
        "talks",
        on("UserStartedSpeaking", before(message("FrustrationDetected", count=1, escalated=False))),
    ),
    server(
        "languages are told of a model of one language",
        Kind.UNASKED,
        "MSG-012",
        "talks",
        on(USER, with_(languages=["en"])),
    ),
    server("an error says nothing", Kind.VALUE, "MSG-014", "fails", on("Error", with_(description=""))),
)

SOUND = (
    server(
        "a message comes as audio",
        Kind.AUDIO,
        "MSG-013",
        "greets",
        on(Sound, before(Sound(json.dumps({"type": "AgentAudioDone"}).encode().ljust(64)))),
    ),
    server(
        "an empty frame comes in mid-speech", Kind.AUDIO, "AUD-003", "greets", on(Sound, after(Sound(b"")))
    ),
    server(
        "the speech begins in the middle of a sample",
        Kind.AUDIO,
        "AUD-004",
        "greets",
        on(Sound, sound(lambda data: data[1:])),
    ),
    server(
        "each frame has half a sample more",
        Kind.AUDIO,
        "AUD-004",
        "greets",
        on(Sound, sound(lambda data: data + b"\0"), 0),
    ),
    server(
        "all the speech comes in one frame",
        Kind.AUDIO,
        "AUD-005",
        "greets",
        on(Sound, instead(Sound(bytes(LARGEST + 2)))),
    ),
    server(
        "the speech goes on after a barge-in",
        Kind.AUDIO,
        "AUD-006",
        "interrupts",
        on("UserStartedSpeaking", after(AUDIO)),
    ),
    server(
        "the speech goes on for a second after a barge-in",
        Kind.AUDIO,
        "AUD-006",
        "interrupts",
        on("UserStartedSpeaking", after(AUDIO, Wait(0.5), AUDIO, Wait(0.5), AUDIO)),
    ),
    server(
        "the greeting sounds before it is said", Kind.AUDIO, "AUD-007", "greets", on(AGENT, before(AUDIO))
    ),
    server(
        "a reply is heard and never written",
        Kind.AUDIO,
        "AUD-007",
        "greets",
        on(AGENT, drop),
        AUD_008="of audio that belongs to no reply the end belongs to none",
        HIS_002="what was not written cannot be repeated",
    ),
    server(
        "the sound of a reply trails after its end",
        Kind.AUDIO,
        "AUD-007",
        "talks",
        on("AgentAudioDone", after(AUDIO)),
    ),
    server("AgentAudioDone comes before the audio", Kind.AUDIO, "AUD-008", "greets", on(AGENT, after(DONE))),
    server("AgentAudioDone comes twice", Kind.AUDIO, "AUD-008", "talks", on("AgentAudioDone", twice)),
    server(
        "AgentAudioDone comes after a barge-in too",
        Kind.AUDIO,
        "AUD-008",
        "interrupts",
        on("UserStartedSpeaking", after(DONE)),
    ),
    server(
        "the speech is a WAV file",
        Kind.AUDIO,
        "AUD-013",
        "greets",
        on(Sound, before(Sound(b"RIFF" + bytes(4) + b"WAVEfmt " + bytes(28)))),
    ),
    server(
        "the speech is in Ogg pages",
        Kind.AUDIO,
        "AUD-013",
        "greets",
        on(Sound, sound(lambda data: b"OggS" + data[4:]), 0),
    ),
    server(
        "the speech is MP3 where linear16 was asked for",
        Kind.AUDIO,
        "AUD-013",
        "greets",
        on(Sound, before(Sound(b"ID3\x04" + bytes(6)))),
    ),
)

TURNS = (
    server(
        "the user is heard, and nobody says so",
        Kind.DROP,
        "TRN-001",
        "talks",
        on("UserStartedSpeaking", drop),
    ),
    server(
        "the agent speaks while the user does",
        Kind.ORDER,
        "TRN-002",
        "talks_without_history",
        on("UserStartedSpeaking", after(says("assistant", "Excuse me."))),
    ),
    server(
        "the agent thinks with nothing to think about",
        Kind.UNASKED,
        "TRN-003",
        "talks",
        on("AgentAudioDone", after(message("AgentThinking", content="What now?"))),
    ),
    server(
        "AgentStartedSpeaking comes after it has",
        Kind.ORDER,
        "TRN-004",
        "talks",
        held("AgentStartedSpeaking", Sound),
    ),
    server(
        "AgentStartedSpeaking comes twice",
        Kind.DUPLICATE,
        "TRN-005",
        "talks",
        on("AgentStartedSpeaking", twice),
    ),
    server(
        "the user is heard before there are Settings",
        Kind.ORDER,
        "TRN-006",
        "greets_again",
        on("Welcome", after(STARTED)),
    ),
    server(
        "audio comes before there are Settings",
        Kind.AUDIO,
        "TRN-006",
        "greets_again",
        on("Welcome", after(AUDIO)),
    ),
    server(
        "the reply has no words",
        Kind.VALUE,
        "TRN-008",
        "talks_without_history",
        on(AGENT, with_(content=""), 2),
    ),
    server(
        "a typed text is put in other words", Kind.VALUE, "TRN-009", "types", on(USER, with_(content="No."))
    ),
    server(
        "the parts of a latency are more than it all",
        Kind.VALUE,
        "TRN-010",
        "talks",
        on("AgentStartedSpeaking", with_(tts_latency=99)),
    ),
    server(
        "the parts of a reported latency are more than it all",
        Kind.VALUE,
        "TRN-011",
        "talks_on",
        on("LatencyReport", with_(total_latency=0, tts_latency=1)),
    ),
    server(
        "an end of the turn that nobody forced is unsupported",
        Kind.UNASKED,
        "TRN-012",
        "talks",
        on("AgentAudioDone", after(warning("FORCE_END_TURN_UNSUPPORTED"))),
    ),
    server(
        "with listen v2 the end of the turn is unsupported",
        Kind.UNASKED,
        "TRN-013",
        "forces_the_end",
        hearing("ForceEndTurn", instead(warning("FORCE_END_TURN_UNSUPPORTED")), deaf=True),
    ),
)

FUNCTIONS = (
    server(
        "a function is called out of the blue",
        Kind.UNASKED,
        "FUN-007",
        "calls",
        on("AgentAudioDone", after(request(id="fc-0"))),
    ),
    server(
        "a function is called that nobody defined",
        Kind.VALUE,
        "FUN-008",
        "calls",
        on("FunctionCallRequest", call(name="wether")),
    ),
    server(
        "two calls have one id",
        Kind.WRONG_ID,
        "FUN-009",
        "calls",
        on("FunctionCallRequest", lambda item: (item, item)),
    ),
    server(
        "the arguments are a list",
        Kind.SHAPE,
        "FUN-010",
        "calls",
        on("FunctionCallRequest", call(arguments="[]")),
    ),
    server(
        "the arguments are cut off",
        Kind.SHAPE,
        "FUN-010",
        "calls",
        on("FunctionCallRequest", call(arguments='{"city": "Fre')),
        MSG_008="the schema, too, says that the text holds JSON",
    ),
    server(
        "a call of the client is said to be the server's",
        Kind.VALUE,
        "FUN-011",
        "calls",
        on("FunctionCallRequest", call(client_side=False)),
    ),
    server(
        "the server answers in the client's place",
        Kind.UNASKED,
        "FUN-012",
        "calls",
        on(
            "FunctionCallRequest",
            follows(
                lambda item: message(
                    "FunctionCallResponse", id=first_call(item)["id"], name="weather", content="sunny"
                )
            ),
        ),
    ),
    server(
        "the result comes under another id",
        Kind.WRONG_ID,
        "FUN-012",
        "calls_there",
        on("FunctionCallResponse", with_(id="fc-0")),
    ),
    server(
        "the result comes twice", Kind.DUPLICATE, "FUN-012", "calls_there", on("FunctionCallResponse", twice)
    ),
    server(
        "another id is cancelled",
        Kind.WRONG_ID,
        "FUN-013",
        "calls",
        on("FunctionCallRequest", follows(lambda item: cancel(item, id="fc-0"))),
    ),
    server(
        "a call is cancelled twice",
        Kind.DUPLICATE,
        "FUN-013",
        "calls_in_vain",
        on("FunctionCallCancelled", twice),
    ),
    server(
        "a call of the server is cancelled",
        Kind.UNASKED,
        "FUN-014",
        "calls_there",
        both(on("FunctionCallRequest", follows(cancel)), on("FunctionCallResponse", drop)),
    ),
    server(
        "a call that was talked over is never cancelled",
        Kind.NEVER,
        "FUN-015",
        "calls_in_vain",
        on("FunctionCallCancelled", drop),
    ),
    server(
        "a required argument is missing",
        Kind.DROP,
        "FUN-016",
        "calls",
        on("FunctionCallRequest", call(arguments="{}")),
    ),
    server(
        "a call is cancelled under another name",
        Kind.VALUE,
        "FUN-018",
        "calls_in_vain",
        on("FunctionCallCancelled", call(name="whether")),
    ),
    server(
        "a result comes under another name",
        Kind.VALUE,
        "FUN-019",
        "calls_there",
        on("FunctionCallResponse", with_(name="odor")),
    ),
)

HISTORY = (
    server(
        "History is told to those who do not want it",
        Kind.UNASKED,
        "HIS-001",
        "tells_no_history",
        on(AGENT, follows(lambda item: message("History", role="assistant", content=item.body["content"]))),
    ),
    server(
        "History puts it in other words",
        Kind.VALUE,
        "HIS-002",
        "talks",
        on("History", with_(content="Never.")),
    ),
    server(
        "History tells it under the other's name",
        Kind.VALUE,
        "HIS-002",
        "talks",
        on("History", with_(role="user")),
    ),
    server("History tells a statement twice", Kind.DUPLICATE, "HIS-002", "talks", on("History", twice)),
    server(
        "History comes before what it tells of",
        Kind.ORDER,
        "HIS-002",
        "talks",
        held({**AGENT}, {"type": "History", "role": "assistant"}),
    ),
    server(
        "History knows of a call before it is made",
        Kind.ORDER,
        "HIS-003",
        "calls_with_history",
        on("FunctionCallRequest", lambda item: (history_of(item), item)),
    ),
    server(
        "History tells of other arguments",
        Kind.VALUE,
        "HIS-004",
        "calls_with_history",
        on(
            "History",
            lambda item: call(arguments="{}")(item) if "function_calls" in item.body else (item,),
            0,
        ),
    ),
    server(
        "History tells of another answer",
        Kind.VALUE,
        "HIS-005",
        "calls_with_history",
        on(
            "History", lambda item: call(response="no")(item) if "function_calls" in item.body else (item,), 0
        ),
    ),
)

UPDATES = (
    server(
        "PromptUpdated confirms what nobody asked for",
        Kind.UNASKED,
        "UPD-001",
        "talks",
        on("AgentAudioDone", after(message("PromptUpdated"))),
    ),
    server("PromptUpdated comes twice", Kind.DUPLICATE, "UPD-001", "updates", on("PromptUpdated", twice)),
    server(
        "PromptUpdated comes for UpdateSpeak",
        Kind.VALUE,
        "UPD-001",
        "updates",
        on("SpeakUpdated", with_(type="PromptUpdated")),
    ),
    server(
        "PromptUpdated is overtaken by SpeakUpdated",
        Kind.ORDER,
        "UPD-002",
        "updates",
        held("PromptUpdated", "SpeakUpdated"),
    ),
    server(
        "a prompt is cut, and nobody is told", Kind.DROP, "UPD-003", "prompts_too_much", on("Warning", drop)
    ),
    server(
        "what nobody changed cannot be changed",
        Kind.UNASKED,
        "UPD-005",
        "talks",
        on("AgentAudioDone", after(warning("UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED"))),
    ),
    server(
        "a short prompt is too long",
        Kind.UNASKED,
        "UPD-006",
        "updates",
        on("PromptUpdated", after(warning("PROMPT_TOO_LONG"))),
    ),
)

INJECTION = (
    server(
        "what nobody injected is refused",
        Kind.UNASKED,
        "INJ-001",
        "talks",
        on("AgentAudioDone", after(message("InjectionRefused", message="No."))),
    ),
    server(
        "an injection is refused twice",
        Kind.DUPLICATE,
        "INJ-001",
        "injects_too_early",
        on("InjectionRefused", twice),
    ),
    server(
        "an injection into silence is refused",
        Kind.VALUE,
        "INJ-002",
        "injects",
        hearing("InjectAgentMessage", instead(message("InjectionRefused", message="No.")), deaf=True),
    ),
    server(
        "an injection into speech is spoken",
        Kind.VALUE,
        "INJ-003",
        "injects_too_early",
        both(hearing("InjectAgentMessage", spoken), on("InjectionRefused", drop)),
    ),
    server(
        "nobody is warned of an injection that nobody made",
        Kind.UNASKED,
        "INJ-004",
        "talks",
        on(Sound, after(warning("INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH"))),
    ),
    server(
        "a queued injection does not wait",
        Kind.ORDER,
        "INJ-005",
        "queues",
        hearing("InjectAgentMessage", spoken),
    ),
)

LIVENESS = (
    server(
        "a session never ends",
        Kind.NEVER,
        "LIV-003",
        "lasts",
        both(on("Error", instead(Wait(0.5), message("LatencyReport", total_latency=0.1))), on(Shut, drop)),
    ),
    server("the end comes without a warning", Kind.DROP, "LIV-004", "lasts", on("Warning", drop)),
    server("the end is announced twice", Kind.DUPLICATE, "LIV-005", "lasts", on("Warning", twice)),
)

CLOSING = (
    server("the talk goes on after an Error", Kind.ORDER, "CLS-001", "fails", on("Error", after(STARTED))),
    server("an Error comes twice", Kind.DUPLICATE, "CLS-001", "fails", on("Error", twice)),
    server("the close after an Error takes its time", Kind.LATE, "CLS-002", "fails", on(Shut, late(4.0))),
    server(
        "the close after an Error has a code",
        Kind.WRONG_CLOSE,
        "CLS-003",
        "fails",
        on(Shut, instead(Shut(1011))),
    ),
    server("an Error ends like a call", Kind.WRONG_CLOSE, "CLS-003", "fails", on(Shut, instead(Shut(1000)))),
)

_TWO = "talks talks"

LEAKS = (
    server(
        "the second session is configured before its Settings",
        Kind.LEAK,
        "SET-006",
        "greets_again greets_again",
        in_session(2, on("Welcome", after(message("SettingsApplied")))),
    ),
    server(
        "the second session hears what was said in the first",
        Kind.LEAK,
        "HIS-002",
        _TWO,
        both(keeps("History", "told", nth=2), says_again("told", "AgentAudioDone")),
    ),
    server(
        "the wish for History outlives its session",
        Kind.LEAK,
        "HIS-001",
        "talks tells_no_history",
        in_session(
            2,
            on(
                AGENT,
                follows(lambda item: message("History", role="assistant", content=item.body["content"])),
            ),
        ),
    ),
    server(
        "the second session is told what came of a call of the first",
        Kind.LEAK,
        "FUN-012",
        "calls_there calls_there",
        both(keeps("FunctionCallResponse", "result"), says_again("result", "UserStartedSpeaking")),
    ),
    server(
        "a call of the first session is cancelled in the second",
        Kind.LEAK,
        "FUN-013",
        "calls_in_vain calls_in_vain",
        both(keeps("FunctionCallCancelled", "cancelled"), says_again("cancelled", "UserStartedSpeaking")),
    ),
    server(
        "a function of the first session is called in the second",
        Kind.LEAK,
        "FUN-008",
        "calls talks",
        both(keeps("FunctionCallRequest", "asked"), says_again("asked", USER)),
    ),
    server(
        "an update of the first session is confirmed in the second",
        Kind.LEAK,
        "UPD-001",
        "updates talks",
        both(keeps("SpeakUpdated", "updated"), says_again("updated", "AgentAudioDone")),
    ),
    server(
        "the prompt of the first session counts in the second",
        Kind.LEAK,
        "UPD-006",
        "prompts_too_much updates",
        both(keeps("Warning", "warned"), says_again("warned", "PromptUpdated")),
    ),
    server(
        "an injection of the first session is refused in the second",
        Kind.LEAK,
        "INJ-001",
        "injects_too_early talks",
        both(keeps("InjectionRefused", "refused"), says_again("refused", "AgentAudioDone")),
    ),
    server(
        "the second session is invited because the first was",
        Kind.LEAK,
        "MSG-011",
        "thinks_live talks",
        both(keeps("FrustrationDetected", "detected"), says_again("detected", USER)),
    ),
    server(
        "the last sound of the first session is the first of the second",
        Kind.LEAK,
        "AUD-007",
        "greets greets",
        both(keeps(Sound, "sound"), says_again("sound", "SettingsApplied")),
    ),
)

SERVERS = (
    *OPENING,
    *SETTINGS,
    *SHAPE,
    *SOUND,
    *TURNS,
    *FUNCTIONS,
    *HISTORY,
    *UPDATES,
    *INJECTION,
    *LIVENESS,
    *CLOSING,
    *LEAKS,
)
