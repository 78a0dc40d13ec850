"""What a client is asked to do in a case, as the JSON value of MOCKAGENT_INTENT. Pure.

`do` is the whole of it in one word, for drivers that know a conversation and no more; `steps` is the play line by line.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockagent.protocol.events import Dialect, JsonObject
from mockagent.scenario import model
from mockagent.scenario.fallback import providers_needed
from mockagent.scenario.ideal import calls_in
from mockagent.scenario.lines import Lines
from mockagent.scenario.matching import ANYTHING
from mockagent.scenario.model import Trigger
from mockagent.scenario.opening import is_settings

TALK = "talk"
"""Send Settings, stream the user's voice, answer function calls, and close after so many replies."""
INJECT = "inject"
"""The same, and InjectAgentMessage once, when the agent's first audio comes."""
PLAY = "play"
"""All that `steps` says, in that order."""


def intent_of(lines: Lines, dialect: Dialect, pace: float) -> dict[str, Any]:
    """What the client's part of these lines is; `pace` is session seconds in a second of the wall."""
    steps = [step for line in lines for step in _steps(line.step, dialect)]
    injected = [step["message"] for step in steps if step["do"] == "inject"]
    calls = [call for line in lines for call in calls_in(line.step)]
    providers = {part: n for part, n in providers_needed(line.step for line in lines).items() if n > 1}
    intent: dict[str, Any] = {
        "do": PLAY if providers else _in_one_word(steps, injected),
        "replies": _replies(steps),
        "pace": pace,
        "functions": sorted({call.name for call in calls}),
        "endpoints": sorted({call.name for call in calls if call.server_side}),
        "providers": providers,
    }
    if intent["do"] == INJECT:
        intent["message"] = injected[0].get("message", "This is a statement of the client.")
    return intent | {"steps": steps}


def _replies(steps: Iterable[Mapping[str, Any]]) -> int:
    """After how many AgentAudioDone the client hangs up: one more than there are where that is not for it to do."""
    is_for_client = any(step["do"] == "hang_up" for step in steps)
    return sum(map(_ends_reply, steps)) + (0 if is_for_client else 1)


def _ends_reply(step: Mapping[str, Any]) -> bool:
    is_stray = step["do"] == "await" and step["type"] == "AgentAudioDone"
    return is_stray or (step["do"] == "hear" and not step.get("interrupted"))


def beyond_talk(intent: Mapping[str, Any]) -> list[str]:
    """What a client has to be told to do here, in words; empty where any client plays its part by itself."""
    led = [_WORDED[step["do"]] for step in _led(intent["steps"])]
    providers = ["send Settings with several providers"] if intent["providers"] else []
    comes_back = ["come back"] if "attempts" in intent else []
    return list(dict.fromkeys(led + providers + comes_back))


_WORDED = {
    "settings": "send certain Settings",
    "send": "send a certain message",
    "type": "type",
    "speak_up": "speak up at the right moment",
    "update": "update the agent",
    "inject": "inject",
    "answer": "answer in certain words",
    "hang_up": "hang up with a certain code",
    "be_silent": "be silent",
    "stay": "stay",
}


def _in_one_word(steps: Iterable[Mapping[str, Any]], injected: list[JsonObject]) -> str:
    led = _led(steps)
    if not led:
        return TALK
    is_plain = injected and set(injected[0]) <= {"type", "message"}
    return INJECT if len(led) == 1 and led[0]["do"] == "inject" and is_plain else PLAY


def _led(steps: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [step for step in steps if step["do"] not in _OF_A_TALK and not _is_usual(step)]


_OF_A_TALK = frozenset({"say", "stream", "hear", "listen", "await", "wait"})


def _is_usual(step: Mapping[str, Any]) -> bool:
    """Whether any client does it by itself, as it stands."""
    match step:
        case {"do": "settings", "message": message}:
            return set(message) == {"type"}
        case {"do": "answer", "fits": fits}:
            return bool(fits == ANYTHING)
        case {"do": "hang_up", "code": code}:
            return code is None
    return False


def _steps(step: model.Step, dialect: Dialect) -> Iterator[dict[str, Any]]:
    match step:
        case model.ClientSends(pattern=pattern):
            word = "settings" if is_settings(step, dialect) else _WORDS.get(str(pattern["type"]), "send")
            yield {"do": word, "message": dict(pattern)}
        case model.ClientStreams(seconds=seconds):
            yield {"do": "stream", "seconds": seconds}
        case model.ClientCloses(code=code):
            yield {"do": "hang_up", "code": code}
        case model.ClientStaysSilent():
            yield {"do": "be_silent"}
        case model.ClientStays():
            yield {"do": "stay"}
        case model.ServerSends(body=body):
            yield {"do": "await", "type": body["type"]}
        case model.ServerCloses():
            yield {"do": "await", "type": "close"}
        case model.UserTurn():
            yield _user(step)
            if step.speculates and step.speculates.call and not step.speculates.resumed:
                yield from _answers(step.speculates.call)
        case model.AgentTurn(texts=texts, interrupted=interrupted):
            cut = {"interrupted": True} if interrupted else {}
            yield {"do": "hear", "text": " ".join(texts), **cut}
        case model.CallTurn():
            yield from _answers(step)
        case model.Pause(seconds=seconds):
            yield {"do": "wait", "seconds": seconds}


_WORDS = {
    "InjectAgentMessage": "inject",
    "InjectUserMessage": "type",
    "UpdatePrompt": "update",
    "UpdateSpeak": "update",
    "UpdateThink": "update",
    "UpdateListen": "update",
    "UpdateInstructions": "update",
}


def _user(step: model.UserTurn) -> dict[str, Any]:
    match step.trigger:
        case Trigger.TEXT:
            return {"do": "type", "text": step.text, "fits": step.pattern}
        case Trigger.TIMER:
            return {"do": "listen", "text": step.text}
        case Trigger.SPEECH:
            return {"do": "speak_up", "text": step.text, "seconds": step.lasts}
    return {"do": "say", "text": step.text, "seconds": step.lasts}


def _answers(turn: model.CallTurn) -> Iterator[dict[str, Any]]:
    for call in turn.calls:
        if not call.server_side:
            yield {"do": "answer", "function": call.name, "fits": call.answer}
