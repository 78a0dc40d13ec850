"""The journal's answers as JSON, made from what is kept. Pure. Each fits `schemas/files/journal.json`.

Secrets are told and replaced as in traces (`protocol/redaction.py`); the client's own credential goes out of the
whole text, in `secret.py`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from mockagent import __version__
from mockagent.protocol import configuration, formats, messages, trace
from mockagent.protocol.events import Message, Side
from mockagent.protocol.messages import FunctionCall
from mockagent.protocol.redaction import redacted
from mockagent.server.journal.kept import Kept
from mockagent.server.journal.routes import WaitFor
from mockagent.server.notices import as_json

_OF_THE_SESSION = ("event", "session", "number")


def health(open: int, closed: int, scenarios: Sequence[str]) -> dict[str, Any]:
    """How the server is: how many sessions are open and over, and what is played ([] for the house agent)."""
    sessions = {"open": open, "closed": closed}
    return {"status": "ok", "version": __version__, "sessions": sessions, "scenarios": list(scenarios)}


def listing(sessions: Sequence[Kept]) -> dict[str, Any]:
    """Every session in short, in the order in which the clients came."""
    return {"sessions": [summary(each) for each in sessions]}


def summary(kept: Kept) -> dict[str, Any]:
    """One session in short. `found` counts findings by requirement; times are session seconds."""
    header, session = kept.header, kept.session
    return {
        "id": kept.id,
        "number": kept.number,
        "scenario": header.scenario,
        "dialect": kept.dialect.value,
        "state": "closed" if kept.closed else "open",
        "phase": session.phase.value,
        "turn": session.turn.value,
        "ending": kept.ending,
        "began": header.started,
        "lasted": round(kept.lasted, 3),
        "found": dict(kept.found),
    }


def whole(kept: Kept) -> dict[str, Any]:
    """All that one session has come to."""
    session = kept.session
    settings = redacted(session.settings) if session.settings is not None else None
    unmet = as_json(kept.closed)["unmet"] if kept.closed else []
    entries = kept.entries
    return {
        **summary(kept),
        "settings": settings,
        "prompt": session.prompt,
        "context": [redacted(each) for each in configuration.context_of(session.settings or {})],
        "history": list(history(kept)),
        "pending_calls": [_call(pending.call) | {"at": pending.at} for pending in session.calls],
        "findings": [_finding(finding) for finding in map(as_json, kept.findings)],
        "unmet": unmet,
        "messages": {side.value: dict(kept.said[side]) for side in Side},
        "audio": {side.value: _audio(kept, side) for side in Side},
        "events": {"kept": len(entries), "dropped": kept.dropped},
    }


def history(kept: Kept) -> Iterator[dict[str, Any]]:
    """Who said what and which calls were answered, as far as it is kept, in the form of the protocol's History."""
    asked: dict[str, FunctionCall] = {}
    for entry in kept.entries:
        content = entry.event.content
        if not isinstance(content, Message):
            continue
        at = {"at": round(entry.event.at, 3)}
        if content.type == "ConversationText":
            yield at | {"role": content.body.get("role"), "content": content.body.get("content")}
        elif content.type == "FunctionCallRequest":
            asked |= {call.id: call for call in messages.calls_of(content.body)}
        elif content.type == "FunctionCallResponse":
            result = messages.result_of(content.body)
            by_name = next((call for call in asked.values() if call.name == result.name), None)
            call = asked.get(result.id) or by_name or FunctionCall(result.id, result.name)
            asked.pop(call.id, None)
            yield at | {"function_calls": [_call(call) | {"response": result.content}]}


def trace_lines(kept: Kept) -> Iterator[str]:
    """The lines of a trace: the header, the events that are kept, and a footer once the session is over."""
    yield trace.header_line(kept.header)
    entries = kept.entries
    for number, entry in enumerate(entries, kept.dropped + 1):
        yield trace.event_line(entry.event, number, entry.violations, entry.breaks)
    if kept.closed is not None:
        count = kept.dropped + len(entries)
        yield trace.footer_line(trace.Footer(count, kept.last_at, kept.ending, dict(kept.violations)))


def found(asked: WaitFor, kept: Kept | None) -> dict[str, Any]:
    """What of it has come: `count` since the session began, and the messages themselves as far as they are kept."""
    came = list(kept.messages(asked.side, asked.type)) if kept else []
    return {
        "session": kept.id if kept else None,
        "number": kept.number if kept else None,
        "side": asked.side.value,
        "type": asked.type,
        "count": kept.said[asked.side][asked.type] if kept else 0,
        "messages": [
            {"n": number, "at": round(event.at, 6), "message": redacted(message.body)}
            for number, event, message in came
        ],
    }


def shortfall(asked: WaitFor, kept: Kept | None, why: str) -> dict[str, Any]:
    """The same when it is not enough, with the reason."""
    so_far = found(asked, kept)
    wanted = f"{asked.count} {asked.type} of the {asked.side}"
    return {"error": f"{why}: expected {wanted}, got {so_far['count']}", **so_far}


def _finding(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in _OF_THE_SESSION}


def _call(call: FunctionCall) -> dict[str, Any]:
    return {
        "id": call.id,
        "name": call.name,
        "client_side": call.client_side,
        "arguments": call.arguments,
    }


def _audio(kept: Kept, side: Side) -> dict[str, Any]:
    """`seconds` is null in an encoding whose bytes give no time."""
    settings, heard = kept.session.settings or {}, kept.heard(side)
    is_client = side is Side.CLIENT
    format = (formats.input_format if is_client else formats.output_format)(settings, kept.dialect)
    lasts = format.duration_of(heard.size)
    return {
        "bytes": heard.size,
        "frames": heard.frames,
        "seconds": None if lasts is None else round(lasts, 3),
    }
