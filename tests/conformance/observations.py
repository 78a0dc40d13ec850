"""For every requirement that only the application can show to be broken: a session, and what was seen of it.

`python tests/conformance/observations.py` writes them to conformance/observations: <ID>.trace.jsonl is the session,
<ID>.pass.jsonl are the lines of an application that keeps the requirement, <ID>.fail.jsonl of one that breaks it and
nothing else. The tests beside this file fail when one is out of date.
"""

import json
from pathlib import Path

from traces import ASKED, AUDIO, BYE, CLOSED, DONE, ERROR, REPLY, SPEAKING, STARTED, lines, talk

FOLDER = Path(__file__).parent.parent.parent / "conformance" / "observations"


def saw(type, **fields):
    return {"event": type, "message": fields}


WELCOME = saw("Welcome", request_id="fc553ec9-5874-49ca-a47c-b670d525a4b3")
APPLIED, USER_SPOKE, AUDIO_DONE = saw("SettingsApplied"), saw("UserStartedSpeaking"), saw("AgentAudioDone")
OPENED = (WELCOME, APPLIED)
QUESTION = saw("ConversationText", role="user", content="What is the weather?")
ANSWER = saw("ConversationText", role="assistant", content="It is sunny.")
FAILED = saw("Error", description="Something went wrong.", code="FAILED_TO_THINK")
HALF_AN_ANSWER = saw("ConversationText", role="assistant")
HEARD, HALF_HEARD, STOPPED = {"audio": 960}, {"audio": 480}, {"playback": "stopped"}
LEFT, ENDED = {"closed": 1000}, {"closed": None}

WHOLE = talk(*ASKED, *SPEAKING, DONE, BYE)
"""A question and its answer."""

TRIPLES = {
    "OBS-001": (
        WHOLE,
        (*OPENED, USER_SPOKE, QUESTION, ANSWER, HEARD, AUDIO_DONE, LEFT),
        (*OPENED, USER_SPOKE, ANSWER, HEARD, AUDIO_DONE, LEFT),
    ),
    "OBS-002": (
        WHOLE,
        (*OPENED, USER_SPOKE, QUESTION, ANSWER, HEARD, AUDIO_DONE, LEFT),
        (*OPENED, USER_SPOKE, QUESTION, HALF_AN_ANSWER, HEARD, AUDIO_DONE, LEFT),
    ),
    "OBS-003": (
        talk(ERROR, CLOSED),
        (*OPENED, {"error": "FAILED_TO_THINK"}, ENDED),
        (*OPENED, ENDED),
    ),
    "OBS-004": (
        WHOLE,
        (*OPENED, USER_SPOKE, QUESTION, ANSWER, AUDIO_DONE, LEFT, HEARD),
        (*OPENED, USER_SPOKE, QUESTION, ANSWER, HALF_HEARD, AUDIO_DONE, LEFT),
    ),
    "OBS-005": (
        talk(*ASKED, REPLY, AUDIO, STARTED, (BYE[0], BYE[1], 5.0)),
        (*OPENED, USER_SPOKE, QUESTION, ANSWER, HEARD, STOPPED, USER_SPOKE, LEFT),
        (*OPENED, USER_SPOKE, STOPPED, QUESTION, ANSWER, HEARD, USER_SPOKE, LEFT),
    ),
    "OBS-006": (talk(ERROR, CLOSED), (*OPENED, FAILED, ENDED), (*OPENED, FAILED)),
}
"""By requirement: the session, what was seen of it where nothing was lost, and where only this was."""


def texts():
    """Every file, by its name."""
    for id, (session, kept, broken) in TRIPLES.items():
        yield f"{id}.trace.jsonl", "".join(lines(id, session))
        for name, seen in (("pass", kept), ("fail", broken)):
            yield f"{id}.{name}.jsonl", "".join(json.dumps(line) + "\n" for line in seen)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in texts():
        (FOLDER / name).write_text(text, "utf-8", newline="\n")
