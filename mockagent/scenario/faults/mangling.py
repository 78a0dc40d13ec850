"""What faults make of the message that they hit, and the messages that only a fault sends. Pure."""

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from mockagent.protocol.codec import encode
from mockagent.protocol.events import Dialect, Frame, JsonObject
from mockagent.scenario.actions import Form, Write

Values: TypeAlias = Mapping[str, Any]
IsWrong: TypeAlias = Callable[[JsonObject], bool]
"""Whether a message departs from its schema."""
Mangled: TypeAlias = tuple[Write, ...] | None
"""What is written in place of the message; None where the fault has nothing to hit in it."""

UNKNOWN_TYPE = "MockagentUnknown"
UNKNOWN_FIELD = "mockagent_unknown"


def extra(fault: str, values: Values, dialect: Dialect) -> Write:
    """The message that this fault sends out of nowhere."""
    return Write(_EXTRAS[fault](values, dialect))


def mangled(fault: str, body: JsonObject, values: Values, is_wrong: IsWrong) -> Mangled:
    """What this fault makes of a message."""
    return _MANGLERS[fault](body, values, is_wrong)


def _oversized(values: Values, dialect: Dialect) -> Frame:
    """Of a type that may come at any time, or nearly so in the early access dialect, which has no Warning."""
    if dialect is Dialect.V1:
        body = {"type": "Warning", "code": "SLOW_THINK_REQUEST", "description": ""}
        return _filled(body, "description", values["bytes"])
    return _filled({"type": "FunctionCalling", "status": ""}, "status", values["bytes"])


def _filled(body: dict[str, str], field: str, size: int) -> Frame:
    missing = size - len(encode(body).data)
    return encode({**body, field: "x" * max(0, missing)})


def _unknown_type(values: Values, dialect: Dialect) -> Frame:
    return encode({"type": UNKNOWN_TYPE, "content": "A client passes over what it does not know."})


_EXTRAS: Mapping[str, Callable[[Values, Dialect], Frame]] = MappingProxyType(
    {
        "malformed_json": lambda *_: Frame(b'{"type": "ConversationText", "role": assistant}'),
        "empty_text": lambda *_: Frame(b""),
        "non_object": lambda *_: Frame(b'["ConversationText", "assistant", "Hello"]'),
        "no_type": lambda *_: Frame(b'{"role": "assistant", "content": "Hello"}'),
        "oversized_text": _oversized,
        "unknown_type": _unknown_type,
        "invalid_utf8": lambda *_: Frame(b'{"type": "ConversationText", "content": "\xff\xfe"}'),
    }
)


def _in_form(form: Form, amount: str = "") -> Callable[[JsonObject, Values, IsWrong], Mangled]:
    def write(body: JsonObject, values: Values, is_wrong: IsWrong) -> Mangled:
        return (Write(encode(body), form, float(values[amount]) if amount else 0.0),)

    return write


def _once(body: JsonObject, values: Values, is_wrong: IsWrong) -> Mangled:
    """As it is: the fault is when it comes."""
    return (Write(encode(body)),)


def _twice(body: JsonObject, values: Values, is_wrong: IsWrong) -> Mangled:
    return (Write(encode(body)), Write(encode(body)))


def _truncated(body: JsonObject, values: Values, is_wrong: IsWrong) -> Mangled:
    text = json.dumps(body, separators=(",", ":"))  # plain ASCII, so that no character is cut in two
    return (Write(Frame(text[: len(text) // 2].encode())),)


def _with_a_field(body: JsonObject, values: Values, is_wrong: IsWrong) -> Mangled:
    return (Write(encode({**body, UNKNOWN_FIELD: {"any": "value"}})),)


def _as_binary(body: JsonObject, values: Values, is_wrong: IsWrong) -> Mangled:
    return (Write(Frame(encode(body).data, binary=True)),)


def _missing(body: JsonObject, values: Values, is_wrong: IsWrong) -> Mangled:
    changed = ({key: value for key, value in body.items() if key != name} for name in _fields(body, values))
    return _first_wrong(changed, is_wrong)


def _mistyped(body: JsonObject, values: Values, is_wrong: IsWrong) -> Mangled:
    changed = ({**body, name: _of_another_type(body[name])} for name in _fields(body, values))
    return _first_wrong(changed, is_wrong)


def _fields(body: JsonObject, values: Values) -> list[str]:
    """The fields to try: the one that was asked for, or all but the type."""
    if values["field"] is not None:
        return [values["field"]] if values["field"] in body else []
    return [name for name in body if name != "type"]


def _first_wrong(bodies: Iterator[JsonObject], is_wrong: IsWrong) -> Mangled:
    found = next((body for body in bodies if is_wrong(body)), None)
    return None if found is None else (Write(encode(found)),)


def _of_another_type(value: Any) -> Any:
    return 7 if isinstance(value, str | list | dict) else str(value).lower()


_MANGLERS: Mapping[str, Callable[[JsonObject, Values, IsWrong], Mangled]] = MappingProxyType(
    {
        "truncated_json": _truncated,
        "unknown_field": _with_a_field,
        "missing_field": _missing,
        "mistyped_field": _mistyped,
        "duplicated": _twice,
        "reordered": _once,
        "delayed": _once,
        "stall": _in_form(Form.STALLED, "seconds"),
        "fragmented": _in_form(Form.PARTS, "parts"),
        "unasked_compression": _in_form(Form.COMPRESSED),
        "text_as_binary": _as_binary,
    }
)
