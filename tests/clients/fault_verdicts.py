"""What to call what a client did with a fault: one word, decided from what was seen and nothing else.

Rule: a word is a claim, and its meaning in `Verdict` is how the claim is decided. Whether that is what the client's
own documentation says stands in the notes, not here.
"""

from enum import StrEnum

from fault_cells import Row
from fault_runs import NO_TYPE, Seen


class Verdict(StrEnum):
    """One word for a cell; `MEANINGS` says what it claims."""

    FINISHES = "finishes"
    GOES_ON = "goes on"
    RECONNECTS = "reconnects"
    LEAVES = "leaves"
    STOPS = "stops"
    REPORTS = "reports"
    ENDS = "ends"
    HANGS = "hangs"
    CRASHES = "crashes"
    VARIES = "varies"
    NOT_STRUCK = "not struck"
    NOT_RUN = "not run"


MEANINGS = {
    Verdict.FINISHES: "the conversation reached its end, and the application was given all that came over the wire, "
    "as what it is",
    Verdict.GOES_ON: "the client answered what came after the fault, but the application was told of an error, or lost "
    "or mistook something",
    Verdict.RECONNECTS: "after the connection was gone the client came back by itself",
    Verdict.LEAVES: "the client closed the connection by itself, with this code",
    Verdict.STOPS: "the client told the application that the connection is closed, while it was open, and read no "
    "more; it was closed when the application left",
    Verdict.REPORTS: "the fault ended or refused the connection, and the application was told of an error",
    Verdict.ENDS: "the fault ended the connection, and the application was told of the close, and of no error",
    Verdict.HANGS: "nothing was told to the application and nothing answered, until the limit",
    Verdict.CRASHES: "the driver's process, or a thread of the SDK, died of an exception inside the SDK",
    Verdict.VARIES: "two runs came out differently",
    Verdict.NOT_STRUCK: "the fault had nothing to hit",
    Verdict.NOT_RUN: "the client could not be run",
}

ENOUGH_AUDIO = 0.9
"""The part of the audio that was sent below which some of it was lost; the end of it may come after the goodbye."""
_OF_NO_MESSAGE = frozenset({"dict", "list", "str", "message", "Unhandled", "Unknown"})
"""Names under which SDKs deliver what they have no name for: nothing is mistaken then."""


def verdict_of(row: Row, seen: Seen) -> Verdict:
    """The word for what was seen."""
    ends = row.row is not None and row.row.ends
    if not seen.struck:
        return Verdict.NOT_STRUCK
    if seen.thread_died or (seen.exit not in (0, 1, None)):
        return Verdict.CRASHES
    if seen.handshakes > 1:
        return Verdict.RECONNECTS
    if not ends and (seen.ending == "finished" or seen.answered):
        unharmed = seen.ending == "finished" and not (seen.errors or lost(seen) or mistaken(seen))
        return Verdict.FINISHES if unharmed else Verdict.GOES_ON
    if not ends and _left_by_itself(seen):
        stayed = seen.told_of_close and _stayed_for(seen) >= seen.patience * 0.9
        return Verdict.STOPS if stayed else Verdict.LEAVES
    if seen.errors or (seen.refused and not seen.told_of_close):
        return Verdict.REPORTS
    return Verdict.ENDS if seen.told_of_close else Verdict.HANGS


def _left_by_itself(seen: Seen) -> bool:
    """Did the client close an open connection before the driver gave up?"""
    if seen.left_at is None:
        return False
    return bool(seen.told_of_close or seen.errors) or seen.left_at < seen.deadline_for - 1.5


def _stayed_for(seen: Seen) -> float:
    """Seconds of the wall from the fault to the client's close."""
    assert seen.left_at is not None
    return seen.left_at - (seen.struck_at or 0.0)


def lost(seen: Seen) -> list[str]:
    """Types of messages that were sent and never seen by the application, and `audio` if much of it was not."""
    missing = list(seen.sent - seen.messages)
    return [*missing, "audio"] if seen.audio_bytes < seen.sent_audio * ENOUGH_AUDIO else missing


def mistaken(seen: Seen) -> dict[str, str]:
    """What was sent, and as which other message the SDK delivered it."""
    found = {type_: name for type_, name in seen.names.items() if name not in _OF_NO_MESSAGE}
    more = [type_ for type_ in seen.messages - seen.sent if type_ != NO_TYPE]
    if more:
        found["something else"] = ", ".join(more)
    if seen.text_as_audio:
        found["a message"] = "audio"
    return found


def remarks(row: Row, seen: Seen) -> list[str]:
    """What else can be said of a run: short phrases."""
    verdict = verdict_of(row, seen)
    said = []
    if verdict in (Verdict.FINISHES, Verdict.GOES_ON):
        said += [f"lost {name}" for name in lost(seen)]
        said += [f"took {type_} for {name}" for type_, name in mistaken(seen).items()]
        said += [f"gave {type_} as {name}" for type_, name in seen.names.items() if name in _OF_NO_MESSAGE]
        if seen.ending != "finished":
            said.append("did not reach the end")
    if verdict is Verdict.RECONNECTS:
        said.append("sent Settings again" if seen.settings_again else "sent no Settings again")
    said += [f"error: {text}" for text in seen.errors]
    if not (seen.errors or seen.told_of_close):
        said += [f"error of a call that sends: {text}" for text in seen.refused]
    if seen.thread_died:
        said.append(f"a thread died: {seen.thread_died}")
    codes = [str(code) for code in dict.fromkeys(seen.closed) if code is not None]
    if codes and seen.told_of_close and verdict not in (Verdict.FINISHES, Verdict.GOES_ON):
        said.append(f"told the close as {', '.join(codes)}")
    if verdict is Verdict.LEAVES and not (seen.told_of_close or seen.errors):
        said.append("without a word to the application")
    return said
