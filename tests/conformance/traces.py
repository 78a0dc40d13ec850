"""Two small sessions of every requirement that a rule sees: one that keeps it, one that breaks it and nothing else.

`python tests/conformance/traces.py` writes them as conformance/traces/<ID>.pass.jsonl and <ID>.fail.jsonl; the tests
beside this file fail when one is out of date. A step is (side, what) or (side, what, at); `what` is a message's type,
its body, a number of bytes of audio, or any content of an event. Without `at` it comes a tenth of a second later.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mockagent import catalogue
from mockagent.protocol import trace
from mockagent.protocol.events import Audio, Closed, Dialect, Elapsed, Event, Malformed, Message, Opened, Side
from mockagent.protocol.judge import Judge
from mockagent.protocol.switches import Switches

FOLDER = Path(__file__).parent.parent.parent / "conformance" / "traces"
C, S = Side.CLIENT, Side.SERVER
UUID = "fc553ec9-5874-49ca-a47c-b670d525a4b3"
LINEAR16 = {"encoding": "linear16", "sample_rate": 16000}
FUNCTIONS = [
    {"name": "here", "parameters": {"type": "object"}},
    {"name": "there", "parameters": {"type": "object"}, "endpoint": {"url": "https://example.com/there"}},
    {"name": "later", "parameters": {"type": "object"}, "defer_until_eot": True},
    {"name": "where", "parameters": {"type": "object", "required": ["city"]}},
]


def settings(functions=FUNCTIONS, listen=None, speak=None, output=None, **more):
    listening = {"type": "deepgram", "model": "nova-3", **(listen or {})}
    thinking = {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "prompt": "Be brief."}
    return {
        "type": "Settings",
        "audio": {"input": LINEAR16, "output": {"encoding": "linear16", **(output or {})}},
        "agent": {
            "listen": {"provider": listening},
            "think": thinking | ({"functions": functions} if functions else {}),
            "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en", **(speak or {})}},
        },
        **more,
    }


@dataclass(frozen=True)
class Talk:
    """One session. `fresh`: from its very first event; otherwise the steps follow a proper opening."""

    steps: tuple = ()
    settings: dict | None = None
    switches: Switches = Switches()
    fresh: bool = False

    def events(self):
        opening = (
            OPENED,
            (S, WELCOME),
            (C, self.settings or settings(functions=None)),
            (S, "SettingsApplied"),
        )
        at = 0.0
        for side, what, *when in self.steps if self.fresh else (*opening, *self.steps):
            at = when[0] if when else round(at + 0.1, 6)
            yield Event(at, side, content_of(side, what))


def content_of(side, what):
    if isinstance(what, int):
        return Audio(what, largest=what)
    if isinstance(what, str | dict):
        body = {"type": what} if isinstance(what, str) else what
        return Message(body["type"], body, catalogue.schemas().problems(Dialect.V1, side, body))
    return what


def talk(*steps, **how):
    return Talk(steps, **how)


def fresh(*steps, **how):
    return Talk((OPENED, *steps), fresh=True, **how)


def message(side, type, **fields):
    return side, {"type": type, **fields}


def says(role, content="It is sunny.", **more):
    return message(S, "ConversationText", role=role, content=content, **more)


def warning(code, description="Something is not as it should be."):
    return message(S, "Warning", code=code, description=description)


def error(code, description="Something went wrong."):
    return message(S, "Error", code=code, description=description)


def call(name="here", **changes):
    usual = {"id": f"id-{name}", "name": name, "arguments": "{}", "client_side": name != "there"}
    return message(S, "FunctionCallRequest", functions=[usual | changes])


def answer(name="here", side=C, **changes):
    usual = {"id": f"id-{name}", "name": name, "content": "ok"} | changes
    return message(
        side, "FunctionCallResponse", **{key: value for key, value in usual.items() if value is not None}
    )


def cancel(name="here", **changes):
    return message(S, "FunctionCallCancelled", functions=[{"id": f"id-{name}", "name": name, **changes}])


def told(name="here", **changes):
    usual = {"id": f"id-{name}", "name": name, "arguments": "{}", "client_side": True, "response": "ok"}
    return message(S, "History", function_calls=[usual | changes])


def inject(text="Mind the gap.", behavior="default"):
    return message(C, "InjectAgentMessage", message=text, behavior=behavior)


def listen(**provider):
    return message(C, "UpdateListen", listen={"provider": {"type": "deepgram", **provider}})


def started(total, tts, ttt):
    return message(S, "AgentStartedSpeaking", total_latency=total, tts_latency=tts, ttt_latency=ttt)


OPENED = (S, Opened(Dialect.V1), 0.0)
WELCOME = {"type": "Welcome", "request_id": UUID}
PLAIN = settings(functions=None)
WITH_FUNCTIONS = settings()
STORED = {**PLAIN, "agent": UUID}
V2 = settings(functions=None, listen={"version": "v2", "model": "flux-general-en"})
STARTED, USER, REPLY = (S, "UserStartedSpeaking"), says("user", "What is the weather?"), says("assistant")
ASKED = (STARTED, USER)
AUDIO, DONE = (S, 960), (S, "AgentAudioDone")
SPEAKING, INJECTED = (REPLY, AUDIO), says("assistant", "Mind the gap.")
NO_JSON = Malformed("JSON", "an empty text frame", 0)
SLOW = warning("SLOW_THINK_REQUEST")
ERROR, CLOSED, BYE = error("FAILED_TO_THINK"), (S, Closed()), (C, Closed(1000))
KEEP_ALIVE, PROMPT = (C, "KeepAlive"), message(C, "UpdatePrompt", prompt="Be formal.")
TYPED = message(C, "InjectUserMessage", content="What is the weather?")
UNSUPPORTED = warning("FORCE_END_TURN_UNSUPPORTED")
FIXED = warning("UPDATE_LISTEN_UNSUPPORTED_FIELDS_CHANGED")
THINK_LIVE = {"provider": {"type": "deepgram", "version": "v1"}}
LIVE = message(C, "UpdateThink_Live", think_live=THINK_LIVE)
LONG = message(C, "UpdatePrompt", prompt="x" * 25_000)
TOO_LONG = warning("PROMPT_TOO_LONG")
REFUSED = message(S, "InjectionRefused", message="The agent is speaking.")
TOLD = message(S, "History", role="assistant", content="It is sunny.")
REACHED = error("MAXIMUM_SESSION_LENGTH_REACHED")
WARNED = (*warning("MAXIMUM_SESSION_LENGTH_APPROACHING"), 6900.0)
NEAR, OVER = (C, Elapsed("session warning"), 6900.0), (C, Elapsed("the session"), 7200.0)
FLUX_AND_MP3 = {"speak": {"version": "v2", "model": "flux-alexis-en"}, "output": {"encoding": "mp3"}}


def asked(*steps, **how):
    """With functions, once the user has asked."""
    return talk(*ASKED, *steps, settings=WITH_FUNCTIONS, **how)


PAIRS = {
    "OPN-001": (fresh((S, WELCOME)), fresh(SLOW)),
    "OPN-002": (fresh((S, WELCOME, 0.02)), fresh((S, WELCOME, 0.019))),
    "OPN-003": (fresh((S, WELCOME)), fresh((S, WELCOME), (S, WELCOME))),
    "SET-001": (fresh((S, WELCOME), (C, PLAIN)), fresh((S, WELCOME), KEEP_ALIVE)),
    "SET-002": (talk((C, 640)), fresh((S, WELCOME), (C, 640))),
    "SET-003": (talk(), talk((C, PLAIN))),
    "SET-004": (talk(), fresh((S, WELCOME), (C, settings(functions=None, **FLUX_AND_MP3)))),
    "SET-005": (talk(), fresh((S, WELCOME), (C, PLAIN), STARTED, (S, "SettingsApplied"))),
    "SET-006": (talk(), talk((S, "SettingsApplied"))),
    "SET-007": (talk(KEEP_ALIVE), fresh((S, WELCOME), (C, PLAIN), (C, 640), (S, "SettingsApplied"))),
    "SET-008": (talk(), talk(settings=settings(functions=None, speak={"model": "aura-2-thaila-en"}))),
    "SET-009": (talk(settings=WITH_FUNCTIONS), talk(settings=settings(functions=[FUNCTIONS[0]] * 2))),
    "SET-010": (
        talk(
            listen(eager_eot_threshold=0.5, eot_threshold=0.7, version="v2", model="flux-general-en"),
            settings=V2,
        ),
        talk(
            listen(eager_eot_threshold=0.8, eot_threshold=0.7, version="v2", model="flux-general-en"),
            settings=V2,
        ),
    ),
    "SET-012": (talk(ERROR), talk(error("SETTINGS_ALREADY_APPLIED"))),
    "SET-013": (talk(ERROR), talk(error("NON_SETTINGS_MESSAGE_BEFORE_SETTINGS"))),
    "SET-014": (talk(ERROR), talk(error("BINARY_MESSAGE_BEFORE_SETTINGS"))),
    "SET-015": (fresh((S, WELCOME), (C, STORED), error("INVALID_AGENT_ID")), talk(error("INVALID_AGENT_ID"))),
    "SET-017": (
        talk(settings=WITH_FUNCTIONS),
        talk(settings=settings([{"name": "here", "parameters": {"type": "string"}}])),
    ),
    "MSG-001": (talk(KEEP_ALIVE), talk((C, NO_JSON))),
    "MSG-002": (talk(KEEP_ALIVE), talk((C, "Hello"))),
    "MSG-003": (talk(PROMPT), talk((C, "UpdatePrompt"))),
    "MSG-004": (talk(KEEP_ALIVE), talk(message(C, "KeepAlive", more=1))),
    "MSG-005": (talk((C, 640)), talk((C, Audio(20, largest=20, json=True)))),
    "MSG-006": (talk(), talk((S, NO_JSON))),
    "MSG-007": (talk(STARTED), talk((S, "Hello"))),
    "MSG-008": (talk(REPLY), talk(message(S, "ConversationText", role="assistant"))),
    "MSG-009": (talk(STARTED), talk(message(S, "UserStartedSpeaking", more=1))),
    "MSG-010": (talk(LIVE, switches=Switches(think_live=True)), talk(LIVE)),
    "MSG-011": (
        talk(message(S, "FrustrationDetected", count=1, escalated=False), switches=Switches(think_live=True)),
        talk(message(S, "FrustrationDetected", count=1, escalated=False)),
    ),
    "MSG-012": (talk(*ASKED), talk(STARTED, says("user", "Hallo!", languages=["de"]))),
    "MSG-013": (talk(*SPEAKING), talk(REPLY, (S, Audio(20, largest=20, json=True)))),
    "MSG-014": (talk(SLOW), talk(warning("SLOW_THINK_REQUEST", ""))),
    "AUD-001": (talk((C, 640)), talk((C, 0))),
    "AUD-002": (talk((C, 640)), talk((C, 641))),
    "AUD-003": (talk(*SPEAKING), talk(REPLY, (S, 0))),
    "AUD-004": (talk(*SPEAKING), talk(REPLY, (S, 961))),
    "AUD-005": (talk(REPLY, (S, 1_048_576)), talk(REPLY, (S, 1_048_578))),
    "AUD-006": (talk(*SPEAKING, STARTED), talk(*SPEAKING, STARTED, AUDIO)),
    "AUD-007": (talk(*SPEAKING), talk(AUDIO)),
    "AUD-008": (talk(*SPEAKING, DONE), talk(*SPEAKING, DONE, DONE)),
    "AUD-013": (
        talk(
            REPLY,
            (S, Audio(960, largest=960, marked="wav")),
            settings=settings(None, output={"container": "wav"}),
        ),
        talk(REPLY, (S, Audio(960, largest=960, marked="wav"))),
    ),
    "TRN-001": (talk(STARTED, USER), talk(USER)),
    "TRN-002": (talk(*ASKED, REPLY), talk(STARTED, REPLY)),
    "TRN-003": (
        talk(*ASKED, message(S, "AgentThinking", content="Where is that?")),
        talk(message(S, "AgentThinking", content="Where is that?")),
    ),
    "TRN-004": (talk(*ASKED, REPLY, started(0.3, 0.1, 0.2)), talk(started(0.3, 0.1, 0.2), STARTED)),
    "TRN-005": (
        talk(*ASKED, REPLY, started(0.3, 0.1, 0.2), AUDIO),
        talk(*ASKED, REPLY, started(0.3, 0.1, 0.2), started(0.3, 0.1, 0.2)),
    ),
    "TRN-006": (talk(STARTED), fresh((S, WELCOME), STARTED)),
    "TRN-008": (talk(REPLY), talk(says("assistant", ""))),
    "TRN-009": (talk(TYPED, USER), talk(TYPED, says("user", "What is the water?"))),
    "TRN-010": (talk(*ASKED, REPLY, started(0.3, 0.1, 0.2)), talk(*ASKED, REPLY, started(0.3, 0.4, 0.2))),
    "TRN-011": (
        talk(message(S, "LatencyReport", total_latency=0.3, tts_latency=0.1)),
        talk(message(S, "LatencyReport", total_latency=0.3, tts_latency=0.4)),
    ),
    "TRN-012": (talk((C, "ForceEndTurn"), UNSUPPORTED, settings=STORED), talk(UNSUPPORTED)),
    "TRN-013": (talk(SLOW, settings=V2), talk((C, "ForceEndTurn"), UNSUPPORTED, settings=V2)),
    "TRN-014": (talk((C, "ForceEndTurn"), settings=V2), talk((C, "ForceEndTurn"))),
    "FUN-001": (asked(call(), answer()), asked(answer())),
    "FUN-002": (asked(call(), answer()), asked(call(), answer(), answer())),
    "FUN-003": (asked(call(), answer()), asked(call(), answer(name="there", id="id-here"))),
    "FUN-004": (
        asked(call("there"), answer("there", S), call(), answer()),
        asked(call("there"), answer("there")),
    ),
    "FUN-005": (asked(call(), answer()), asked(call(), answer(id=None))),
    "FUN-006": (
        asked((*call(), 1.0), (*KEEP_ALIVE, 9.0), answer()),
        asked((*call(), 1.0), (*KEEP_ALIVE, 9.0), (C, Elapsed("answer"), 11.0)),
    ),
    "FUN-007": (asked(call()), talk(call(), settings=WITH_FUNCTIONS)),
    "FUN-008": (asked(call()), asked(call("nowhere"))),
    "FUN-009": (asked(call(), call("later")), asked(call(), answer(), call("later", id="id-here"))),
    "FUN-010": (asked(call()), asked(call(arguments="[]"))),
    "FUN-011": (asked(call("there")), asked(call("there", client_side=True))),
    "FUN-012": (asked(call("there"), answer("there", S)), asked(call(), answer(side=S))),
    "FUN-013": (asked(call(), cancel()), asked(cancel())),
    "FUN-014": (asked(call(), STARTED, cancel()), asked(call("there"), STARTED, cancel("there"))),
    "FUN-015": (asked(call(), STARTED, cancel(), USER), asked(call(), STARTED, USER)),
    "FUN-016": (asked(call("where", arguments='{"city": "Fremont"}')), asked(call("where"))),
    "FUN-017": (
        asked(call(thought_signature="s-1"), answer(thought_signature="s-1")),
        asked(call(thought_signature="s-1"), answer()),
    ),
    "FUN-018": (asked(call(), cancel()), asked(call(), cancel(name="later", id="id-here"))),
    "FUN-019": (
        asked(call("there"), answer("there", S)),
        asked(call("there"), answer(side=S, name="here", id="id-there")),
    ),
    "HIS-001": (talk(REPLY, TOLD), talk(REPLY, TOLD, settings={**PLAIN, "flags": {"history": False}})),
    "HIS-002": (
        talk(REPLY, TOLD),
        talk(REPLY, message(S, "History", role="assistant", content="It is rainy.")),
    ),
    "HIS-003": (asked(call(), answer(), told()), asked(call(), told())),
    "HIS-004": (
        asked(call(), answer(), told()),
        asked(call(), answer(), told(arguments='{"city": "Fremont"}')),
    ),
    "HIS-005": (asked(call(), answer(), told()), asked(call(), answer(), told(response="not ok"))),
    "UPD-001": (talk(PROMPT, (S, "PromptUpdated")), talk((S, "PromptUpdated"))),
    "UPD-002": (
        talk(PROMPT, listen(keyterms=["fish"]), (S, "PromptUpdated"), (S, "ListenUpdated")),
        talk(PROMPT, listen(keyterms=["fish"]), (S, "ListenUpdated"), (S, "PromptUpdated")),
    ),
    "UPD-003": (talk(LONG, (S, "PromptUpdated"), TOO_LONG, REPLY), talk(LONG, (S, "PromptUpdated"), REPLY)),
    "UPD-004": (talk(listen(keyterms=["fish"])), talk(listen(model="nova-2"))),
    "UPD-005": (talk(SLOW), talk(FIXED)),
    "UPD-006": (talk(LONG, (S, "PromptUpdated"), TOO_LONG), talk(PROMPT, (S, "PromptUpdated"), TOO_LONG)),
    "INJ-001": (talk(*SPEAKING, inject(), REFUSED), talk(REFUSED)),
    "INJ-002": (talk(*SPEAKING, inject(), REFUSED), talk(inject(), REFUSED)),
    "INJ-003": (talk(inject(), INJECTED), talk(*SPEAKING, inject(), DONE, INJECTED)),
    "INJ-004": (
        talk(*SPEAKING, inject(), warning("INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH")),
        talk(warning("INJECT_AGENT_MESSAGE_DURING_AGENT_SPEECH")),
    ),
    "INJ-005": (
        talk(*SPEAKING, inject(behavior="queue"), DONE, INJECTED),
        talk(*SPEAKING, inject(behavior="queue"), INJECTED),
    ),
    "INJ-006": (talk(inject()), talk(inject(""))),
    "INJ-007": (talk(TYPED), talk(message(C, "InjectUserMessage", content=""))),
    "LIV-001": (talk(), fresh((S, WELCOME), (C, Elapsed("first settings"), 10.0))),
    "LIV-002": (talk((*KEEP_ALIVE, 8.0)), talk((C, Elapsed("silence"), 10.2))),
    "LIV-003": (talk(NEAR, WARNED, OVER, (*REACHED, 7200.0)), talk(NEAR, WARNED, OVER, (*STARTED, 7200.1))),
    "LIV-004": (talk(NEAR, WARNED, OVER, (*REACHED, 7200.0)), talk(NEAR, OVER, (*REACHED, 7200.0))),
    "LIV-005": (talk(NEAR, WARNED), talk(NEAR, WARNED, (*WARNED[:2], 6901.0))),
    "LIV-010": (talk(), talk((C, Elapsed("unread")))),
    "CLS-001": (talk(ERROR, CLOSED), talk(ERROR, STARTED)),
    "CLS-002": (talk(ERROR, CLOSED), talk((*ERROR, 5.0), (*CLOSED, 6.1))),
    "CLS-003": (talk(ERROR, CLOSED), talk(ERROR, (S, Closed(1011)))),
    "CLS-004": (talk(BYE), talk((C, Closed(1006)))),
    "CLS-005": (talk(BYE), talk((C, Closed(1002)))),
    "CLS-006": (talk((*ERROR, 5.0), (C, 640, 5.02)), talk((*ERROR, 5.0), (C, 640, 6.2))),
    "CLS-007": (talk((S, Closed(1000)), BYE), talk((S, Closed(1000)), STARTED)),
    "CLS-008": (talk(KEEP_ALIVE, BYE), talk(BYE, KEEP_ALIVE)),
}
"""By requirement: the session that keeps it, and the one that breaks it alone."""


def lines(name, talk):
    """The trace of a session, as a recorder at the server would have written it."""
    header = trace.Header(
        "0.1.0",
        Dialect.V1,
        None,
        "2026-01-01T00:00:00+00:00",
        1.0,
        "faithful",
        name,
        switches=trace.unusual(talk.switches),
    )
    yield trace.header_line(header)
    judge = Judge(catalogue.requirements(), talk.switches)
    counted: Counter[str] = Counter()
    at = 0.0
    for number, event in enumerate(talk.events(), 1):
        violations = judge.observe(event)
        counted.update(each.requirement.id for each in violations)
        at = event.at
        yield trace.event_line(event, number, violations)
    yield trace.footer_line(trace.Footer(judge.events, at, "unscripted", dict(sorted(counted.items()))))


def texts():
    """Every trace, by its file name."""
    for id, (kept, broken) in PAIRS.items():
        for name, each in ((f"{id}.pass", kept), (f"{id}.fail", broken)):
            yield f"{name}.jsonl", "".join(lines(name, each))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.jsonl"):
        old.unlink()
    for name, text in texts():
        (FOLDER / name).write_text(text, "utf-8", newline="\n")
