"""Frames to messages and back. `decode` never raises, whatever bytes come: what cannot be read is Malformed.

Text frames hold one JSON object with a string `type`; binary frames are audio, never JSON
(https://developers.deepgram.com/docs/voice-agent-inputs).
"""

import json
from collections import Counter
from typing import Any

from mockagent.protocol.events import Audio, Frame, JsonObject, Malformed, Message

_LONGEST_NUMBER = 400
_MARKS = {b"RIFF": "wav", b"OggS": "ogg", b"fLaC": "flac", b"ID3\x03": "mp3", b"ID3\x04": "mp3"}
"""By what files of each format begin, as their specifications say."""
_SHOWN = 60


class _Refused(ValueError):
    """JSON that Python reads but that is no JSON, or not one thing: NaN, duplicate keys, endless digits."""


def decode(frame: Frame) -> Message | Audio | Malformed:
    """What a frame means. Messages come back unchecked: their schema is another module's business."""
    if frame.binary:
        size, mark = len(frame.data), _MARKS.get(frame.data[:4], "")
        return Audio(size, largest=size, data=frame.data, json=_is_json(frame.data), marked=mark)
    try:
        text = frame.data.decode()
    except UnicodeDecodeError as error:
        return _malformed("UTF-8 text", f"byte 0x{frame.data[error.start]:02x} at {error.start}", frame)
    try:
        body = _read(text)
    except RecursionError:
        return _malformed("JSON of a sane depth", "too many nested arrays or objects", frame)
    except ValueError as error:
        return _malformed("JSON", _where(error, text), frame)
    return _message(body, frame)


def encode(body: JsonObject) -> Frame:
    """The text frame that carries a message; a lone surrogate, which UTF-8 cannot hold, stays escaped."""
    try:
        return Frame(_ENCODER.encode(body).encode())
    except UnicodeEncodeError:
        return Frame(_ASCII_ENCODER.encode(body).encode())


def _message(body: Any, frame: Frame) -> Message | Malformed:
    if not isinstance(body, dict):
        return _malformed("a JSON object", f"a JSON {kind_of(body)}", frame)
    type = body.get("type")
    if not isinstance(type, str):
        found = (
            "no field type" if type is None and "type" not in body else f"a type that is a {kind_of(type)}"
        )
        return _malformed("an object with a string type", found, frame)
    return Message(type, body)


def _malformed(reason: str, found: str, frame: Frame) -> Malformed:
    return Malformed(reason, found, len(frame.data))


def kind_of(value: Any) -> str:
    """The kind of a JSON value, as JSON names it."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _where(error: ValueError, text: str) -> str:
    if isinstance(error, json.JSONDecodeError):
        if not text.strip():
            return "an empty text frame"
        return f"something else at character {error.pos} of {len(text)}"
    return str(error)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise _Refused(f"the key {twice[:_SHOWN]!r} twice in one object")
    return body


def _no_constant(name: str) -> Any:
    raise _Refused(f"the word {name}, which is no JSON")


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise _Refused(f"a number of {len(digits)} digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise _Refused(f"the number {digits[:_SHOWN]}, beyond what a double holds")
    return number


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ASCII_ENCODER = json.JSONEncoder(separators=(",", ":"))
_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer, parse_float=_finite
)


def _read(text: str) -> Any:
    return _DECODER.decode(text)


def _is_json(data: bytes) -> bool:
    """Whether a binary frame holds a JSON message, which a client sent as binary by mistake."""
    if not data[:64].lstrip().startswith(b"{"):
        return False
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and isinstance(body.get("type"), str)
