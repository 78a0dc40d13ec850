"""Clients that are broken in one named way each: what they say, and when."""

from collections.abc import Mapping
from typing import Any

from mutating import (
    Cut,
    Kind,
    Mutant,
    Raw,
    Shut,
    Side,
    Sound,
    Wait,
    after,
    before,
    both,
    drop,
    edited,
    hearing,
    in_session,
    instead,
    keeps,
    message,
    on,
    says_again,
    sound,
    twice,
    with_,
    without,
)

KEEP_ALIVE = message("KeepAlive")
LONG_PAUSE = Wait(12.0)
FLUX_V2 = {"type": "deepgram", "version": "v2", "model": "flux-general-en"}


def client(name: str, kind: Kind, breaks: str, plays: str, makes: object, **also: str) -> Mutant:
    """A row; `also` has `_` in place of the hyphen of an id."""
    named = {id.replace("_", "-"): why for id, why in also.items()}
    return Mutant(f"client: {name}", Side.CLIENT, kind, breaks, tuple(plays.split()), makes, named)


def settings(edit):
    """Settings in which `edit` changes the agent's block."""

    def edited_agent(body: dict[str, Any]) -> Mapping[str, Any]:
        return {**body, "agent": edit(dict(body["agent"]))}

    return on("Settings", edited(edited_agent))


def answer(**fields: object):
    return on("FunctionCallResponse", with_(**fields))


def answers(item, **fields: object):
    """The answer to the first call of a request."""
    call = item.body["functions"][0]
    return message(
        "FunctionCallResponse", **{"id": call["id"], "name": call["name"], "content": "ok", **fields}
    )


def twice_defined(agent: dict[str, Any]) -> Mapping[str, Any]:
    think = agent["think"]
    return {**agent, "think": {**think, "functions": [*think["functions"], think["functions"][0]]}}


def text_for_parameters(agent: dict[str, Any]) -> Mapping[str, Any]:
    think = agent["think"]
    functions = [{**each, "parameters": {"type": "string"}} for each in think["functions"]]
    return {**agent, "think": {**think, "functions": functions}}


SETTINGS = (
    client(
        "KeepAlive comes before Settings", Kind.ORDER, "SET-001", "greets", on("Settings", before(KEEP_ALIVE))
    ),
    client(
        "the prompt comes before Settings",
        Kind.ORDER,
        "SET-001",
        "greets",
        on("Settings", before(message("UpdatePrompt", prompt="Be brief."))),
    ),
    client(
        "audio comes before Settings",
        Kind.AUDIO,
        "SET-002",
        "greets",
        on("Settings", before(Sound(bytes(640)))),
    ),
    client("Settings come twice", Kind.DUPLICATE, "SET-003", "talks", on("Settings", twice)),
    client(
        "new Settings come in mid-call",
        Kind.UNASKED,
        "SET-003",
        "updates",
        both(
            keeps("Settings", "settings"),
            lambda memory: on("UpdatePrompt", lambda item: (memory.kept["settings"],))(memory),
        ),
    ),
    client(
        "Settings ask for MP3 from a Flux voice",
        Kind.VALUE,
        "SET-004",
        "greets",
        on(
            "Settings",
            edited(
                lambda body: {
                    **body,
                    "audio": {**body["audio"], "output": {"encoding": "mp3"}},
                    "agent": {
                        **body["agent"],
                        "speak": {
                            "provider": {"type": "deepgram", "version": "v2", "model": "flux-alexis-en"}
                        },
                    },
                }
            ),
        ),
    ),
    client(
        "audio does not wait for SettingsApplied",
        Kind.AUDIO,
        "SET-007",
        "applies_late",
        on("Settings", after(Sound(bytes(640)))),
    ),
    client(
        "an injection does not wait for SettingsApplied",
        Kind.ORDER,
        "SET-007",
        "applies_late",
        on("Settings", after(message("InjectUserMessage", content="Hello."))),
    ),
    client(
        "the voice is misspelt",
        Kind.VALUE,
        "SET-008",
        "greets",
        settings(
            lambda agent: {**agent, "speak": {"provider": {"type": "deepgram", "model": "aura-2-thaila-en"}}}
        ),
    ),
    client("a function is defined twice", Kind.DUPLICATE, "SET-009", "calls", settings(twice_defined)),
    client(
        "the parameters of a function are a text",
        Kind.VALUE,
        "SET-017",
        "calls",
        settings(text_for_parameters),
    ),
    client(
        "a turn is confirmed before it is guessed",
        Kind.VALUE,
        "SET-010",
        "listens_otherwise",
        settings(
            lambda agent: {
                **agent,
                "listen": {"provider": FLUX_V2 | {"eager_eot_threshold": 0.8, "eot_threshold": 0.6}},
            }
        ),
    ),
    client("Settings never come", Kind.NEVER, "LIV-001", "greets", on("Settings", drop)),
    client("Settings come late", Kind.LATE, "LIV-001", "greets", on("Settings", before(LONG_PAUSE))),
)

SHAPE = (
    client(
        "a text is no JSON", Kind.SHAPE, "MSG-001", "updates", on("UpdatePrompt", instead(Raw("Be brief.")))
    ),
    client(
        "an empty text keeps the session alive",
        Kind.SHAPE,
        "MSG-001",
        "updates",
        on("UpdatePrompt", instead(Raw(""))),
    ),
    client(
        "an update is of a type that nobody knows",
        Kind.SHAPE,
        "MSG-002",
        "updates",
        on("UpdatePrompt", with_(type="PromptUpdate")),
    ),
    client(
        "a client says what servers say",
        Kind.SHAPE,
        "MSG-002",
        "updates",
        on("UpdatePrompt", with_(type="PromptUpdated")),
    ),
    client("the prompt is missing", Kind.DROP, "MSG-003", "updates", on("UpdatePrompt", without("prompt"))),
    client("an answer is an object", Kind.SHAPE, "MSG-003", "calls", answer(content={"sunny": True})),
    client(
        "a message has a field that nobody knows",
        Kind.SHAPE,
        "MSG-004",
        "updates",
        on("UpdatePrompt", with_(urgent=True)),
    ),
    client(
        "KeepAlive is sent as audio",
        Kind.AUDIO,
        "MSG-005",
        "updates",
        on("UpdatePrompt", before(Sound(b'{"type": "KeepAlive"} '))),
    ),
    client(
        "live thinking is used without an invitation",
        Kind.UNASKED,
        "MSG-010",
        "updates",
        on(
            "UpdatePrompt",
            instead(
                message("UpdateThink_Live", think_live={"provider": {"type": "deepgram", "version": "v1"}})
            ),
        ),
    ),
)

SOUND = (
    client(
        "an empty frame says that there is no sound",
        Kind.AUDIO,
        "AUD-001",
        "talks",
        on(Sound, before(Sound(b""))),
    ),
    client(
        "the speech begins in the middle of a sample",
        Kind.AUDIO,
        "AUD-002",
        "talks",
        on(Sound, sound(lambda data: data[1:])),
    ),
    client(
        "one frame has half a sample more",
        Kind.AUDIO,
        "AUD-002",
        "talks",
        on(Sound, sound(lambda data: data + b"\0"), 9),
    ),
)

TALK = (
    client(
        "the end of the turn is forced with listen v1",
        Kind.UNASKED,
        "TRN-014",
        "updates",
        on("UpdatePrompt", after(message("ForceEndTurn"))),
    ),
    client(
        "an injection has no words",
        Kind.VALUE,
        "INJ-006",
        "injects",
        on("InjectAgentMessage", with_(message="")),
    ),
    client(
        "a typed text has no words",
        Kind.VALUE,
        "INJ-007",
        "types",
        on("InjectUserMessage", with_(content="")),
    ),
    client(
        "the listening model is changed in mid-call",
        Kind.VALUE,
        "UPD-004",
        "listens_otherwise",
        on("UpdateListen", with_(listen={"provider": FLUX_V2 | {"model": "flux-general-multi"}})),
    ),
    client(
        "the version of listening is left out",
        Kind.DROP,
        "UPD-004",
        "listens_otherwise",
        on("UpdateListen", with_(listen={"provider": {"type": "deepgram", "model": "nova-3"}})),
    ),
)

FUNCTIONS = (
    client(
        "a call is answered under another id",
        Kind.WRONG_ID,
        "FUN-001",
        "calls",
        answer(id="fc-0"),
        FUN_006="the call that was asked for is left without an answer",
    ),
    client(
        "a call that nobody made is answered",
        Kind.UNASKED,
        "FUN-001",
        "updates",
        on(
            "UpdatePrompt", after(message("FunctionCallResponse", id="fc-0", name="weather", content="sunny"))
        ),
    ),
    client("a call is answered twice", Kind.DUPLICATE, "FUN-002", "calls", on("FunctionCallResponse", twice)),
    client(
        "a cancelled call is answered twice",
        Kind.DUPLICATE,
        "FUN-002",
        "calls_in_vain",
        on("FunctionCallResponse", twice),
    ),
    client("a call is answered under another name", Kind.VALUE, "FUN-003", "calls", answer(name="whether")),
    client(
        "a call of the server is answered",
        Kind.UNASKED,
        "FUN-004",
        "calls_there",
        hearing("FunctionCallRequest", lambda item: (answers(item),)),
    ),
    client("an answer has no id", Kind.DROP, "FUN-005", "calls", on("FunctionCallResponse", without("id"))),
    client("a call is never answered", Kind.NEVER, "FUN-006", "calls", on("FunctionCallResponse", drop)),
    client(
        "a call is answered too late",
        Kind.LATE,
        "FUN-006",
        "calls",
        on(
            "FunctionCallResponse",
            before(Wait(4.0), KEEP_ALIVE, Wait(4.0), KEEP_ALIVE, Wait(4.0), KEEP_ALIVE),
        ),
    ),
    client(
        "an answer has a signature of its own",
        Kind.VALUE,
        "FUN-017",
        "calls",
        answer(thought_signature="s-1"),
    ),
)

LIVENESS = (
    client(
        "a client falls silent",
        Kind.NEVER,
        "LIV-002",
        "lasts_quietly",
        both(on("KeepAlive", drop, 0), on(Sound, drop, 0)),
    ),
    client(
        "KeepAlive comes too seldom",
        Kind.LATE,
        "LIV-002",
        "lasts_quietly",
        on("KeepAlive", before(LONG_PAUSE)),
    ),
)

CLOSING = (
    client("TCP ends without a close frame", Kind.WRONG_CLOSE, "CLS-004", "greets", on(Shut, instead(Cut()))),
    client("TCP ends in mid-call", Kind.WRONG_CLOSE, "CLS-004", "talks", on(Sound, instead(Cut()), 5)),
    client(
        "a client closes with a complaint",
        Kind.WRONG_CLOSE,
        "CLS-005",
        "greets",
        on(Shut, instead(Shut(1002))),
    ),
    client(
        "a client says that it has failed",
        Kind.WRONG_CLOSE,
        "CLS-005",
        "greets",
        on(Shut, instead(Shut(1011))),
    ),
)

LEAKS = (
    client(
        "a client that comes back sends no Settings",
        Kind.LEAK,
        "LIV-001",
        "greets greets",
        in_session(2, on("Settings", drop)),
    ),
    client(
        "a client that comes back goes on talking",
        Kind.LEAK,
        "SET-002",
        "talks greets",
        both(
            keeps(Sound, "sound"),
            in_session(2, lambda memory: on("Settings", lambda item: (memory.kept["sound"], item))(memory)),
        ),
    ),
    client(
        "a client that comes back goes on with its updates",
        Kind.LEAK,
        "SET-001",
        "updates greets",
        both(
            keeps("UpdatePrompt", "prompt"),
            in_session(2, lambda memory: on("Settings", lambda item: (memory.kept["prompt"], item))(memory)),
        ),
    ),
    client(
        "a call of the first session is answered in the second",
        Kind.LEAK,
        "FUN-001",
        "calls updates",
        both(keeps("FunctionCallResponse", "answer"), says_again("answer", "UpdatePrompt")),
    ),
)

CLIENTS = (*SETTINGS, *SHAPE, *SOUND, *TALK, *FUNCTIONS, *LIVENESS, *CLOSING, *LEAKS)
