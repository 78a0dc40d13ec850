"""Faults of JSON text: what is sent in place of a message that would have been right.

Most are no JSON at all, or not one thing; those that JSON allows stand here with the reason, since parsers differ.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockagent.fuzz.near_miss import Kind, NearMiss, Opcode, Payload, Way, Wire, name_of
from mockagent.protocol.events import Dialect, JsonObject, Side

DEPTH = 10_000
EIGHT_MB = 8_000_000
_DIGITS = 401
_MARK = "@mockagent@"
_CHOSEN = frozenset({"type", "role", "encoding", "container", "version"})
_GRAMMAR = "the grammar of JSON allows it (RFC 8259)"


@dataclass(frozen=True, slots=True)
class TextFault:
    """A fault by its name: what it makes of a message, None where there is nothing in it to make it of."""

    name: str
    summary: str
    make: Callable[[JsonObject], "str | Payload | None"]
    legal: str = ""
    fault: str = ""


def texts(dialect: Dialect, side: Side, body: JsonObject, way: Way) -> Iterator[NearMiss]:
    """Every fault of text, with that message as its host."""
    for each in FAULTS:
        made = each.make(body)
        if made is not None:
            yield _near_miss(each, dialect, side, body, way, made)


def truncated(dialect: Dialect, side: Side, body: JsonObject, way: Way) -> NearMiss:
    """The one fault of text that every type of message has."""
    return _near_miss(FAULTS[0], dialect, side, body, way, _half(body))


def _near_miss(
    fault: TextFault, dialect: Dialect, side: Side, body: JsonObject, way: Way, made: str | Payload
) -> NearMiss:
    payload = made if isinstance(made, Payload) else Payload(made.encode())
    id = name_of(dialect, side, body["type"], f"text:{fault.name}")
    return NearMiss(
        id,
        Kind.TEXT,
        dialect,
        side,
        body["type"],
        fault.summary,
        way,
        (Wire(Opcode.TEXT, payload),),
        legal=fault.legal,
        fault=fault.fault,
    )


def _text(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"))


def _half(body: JsonObject) -> str:
    text = _text(body)
    return text[: len(text) // 2]


def _marked(value: Any, kinds: tuple[type, ...]) -> tuple[Any, bool]:
    """The value with its first part of these kinds replaced by the mark, and whether there is one.

    Left alone is what has a list of words to choose from.
    """
    if isinstance(value, Mapping):
        for name, part in value.items():
            marked, found = _marked(part, kinds) if name not in _CHOSEN else (part, False)
            if found:
                return {**value, name: marked}, True
    elif isinstance(value, list):
        for index, part in enumerate(value):
            marked, found = _marked(part, kinds)
            if found:
                return [*value[:index], marked, *value[index + 1 :]], True
    elif isinstance(value, kinds) and not isinstance(value, bool):
        return _MARK, True
    return value, False


def _for(kinds: tuple[type, ...], token: str) -> Callable[[JsonObject], str | None]:
    """The message with this token, as it is, in place of its first number or string."""

    def make(body: JsonObject) -> str | None:
        marked, found = _marked(body, kinds)
        return _text(marked).replace(f'"{_MARK}"', token) if found else None

    return make


def _number(name: str, token: str, summary: str, legal: str = "") -> TextFault:
    return TextFault(name, summary, _for((int, float), token), legal)


def _string(name: str, token: str, summary: str, legal: str = "") -> TextFault:
    return TextFault(name, summary, _for((str,), token), legal)


def _whole(name: str, text: str, summary: str, fault: str = "") -> TextFault:
    return TextFault(name, summary, lambda body: text, fault=fault)


def _around(name: str, before: str, after: str, summary: str, legal: str = "", fault: str = "") -> TextFault:
    return TextFault(name, summary, lambda body: before + _text(body) + after, legal, fault)


def _inside(before: str, after: str = "") -> Callable[[JsonObject], str]:
    """The object with something more at its beginning or its end."""

    def make(body: JsonObject) -> str:
        return "{" + before + _text(body)[1:-1] + after + "}"

    return make


def _deep(body: JsonObject) -> Payload:
    head = (_text(body)[:-1] + ',"mockagent_unknown":').encode()
    return Payload(head + b"[" * DEPTH, b"]", DEPTH, b"}")


def _eight_megabytes(body: JsonObject) -> Payload | None:
    marked = _for((str,), f'"{_MARK}"')(body)
    if marked is None:
        return None
    head, _, tail = marked.partition(_MARK)
    return Payload(head.encode(), b"x", EIGHT_MB, tail.encode())


def _twice(body: JsonObject) -> str:
    name = next(iter(body))
    return _inside(f'"{name}":{_text(body[name])},')(body)


def _escaped(body: JsonObject) -> str:
    return _text(body).replace('"type"', '"\\u0074ype"', 1)


def _last_comma_lost(body: JsonObject) -> str | None:
    before, comma, after = _text(body).rpartition(",")
    return before + after if comma and after.startswith('"') else None


FAULTS: tuple[TextFault, ...] = (
    TextFault("truncated", "the message breaks off in the middle", _half, fault="truncated_json"),
    TextFault("unclosed", "the last brace is missing", lambda body: _text(body)[:-1], fault="truncated_json"),
    _whole("empty", "", "an empty text frame", fault="empty_text"),
    _whole("space", " \r\n\t ", "nothing but white space"),
    _whole("array", '["KeepAlive"]', "an array in place of an object", fault="non_object"),
    _whole("string", '"KeepAlive"', "a string in place of an object"),
    _whole("number", "7", "a number in place of an object"),
    _whole("true", "true", "true in place of an object"),
    _whole("null", "null", "null in place of an object"),
    _whole("empty-object", "{}", "an object without anything", fault="no_type"),
    _whole("plain-words", "Hello", "words that are no JSON", fault="malformed_json"),
    _whole("html", "<html><body>502 Bad Gateway</body></html>", "a web page, as a proxy sends it"),
    TextFault("trailing-comma", "a comma after the last field", _inside("", ",")),
    TextFault("leading-comma", "a comma before the first field", _inside(",")),
    TextFault("missing-comma", "no comma between two fields", _last_comma_lost),
    TextFault("comment", "a comment, as JavaScript has it", _inside("/* mockagent */")),
    TextFault("single-quotes", "single quotes", lambda body: _text(body).replace('"', "'")),
    TextFault("unquoted-key", "a key without quotes", lambda body: _text(body).replace('"type"', "type", 1)),
    TextFault("duplicate-key", "a key twice, with the same value", _twice),
    TextFault(
        "duplicate-type", "a second type, of no known message", _inside("", ',"type":"MockagentUnknown"')
    ),
    _around("bom", "\ufeff", "", "a byte order mark before it"),
    _around("nul", "", "\x00", "a NUL character after it"),
    _around("garbage", "", "x", "a letter after it"),
    _around("two-values", "", '{"type":"KeepAlive"}', "two objects in one frame"),
    _around("two-lines", "", '\n{"type":"KeepAlive"}', "two objects in one frame, on lines of their own"),
    _around("prefix", "data: ", "", "a prefix, as of server-sent events"),
    _around("in-an-array", "[", "]", "the message inside an array"),
    TextFault("in-a-string", "the message as a string", lambda body: json.dumps(_text(body))),
    TextFault("utf-16", "UTF-16 in place of UTF-8", lambda body: Payload(_text(body).encode("utf-16-le"))),
    _number("nan", "NaN", "NaN"),
    _number("infinity", "Infinity", "Infinity"),
    _number("minus-infinity", "-Infinity", "-Infinity"),
    _number("1e400", "1e400", "a number beyond what a double holds"),
    _number("digits", "1" * _DIGITS, f"a number of {_DIGITS} digits"),
    _number("leading-zero", "01", "a number with a leading zero"),
    _number("plus", "+1", "a number with a plus sign"),
    _number("no-digit-before-point", ".5", "a number that begins with a point"),
    _number("no-digit-after-point", "1.", "a number that ends in a point"),
    _number("hexadecimal", "0x10", "a hexadecimal number"),
    _number("separators", "1_000", "a number with an underscore"),
    _number("exponent", "1E3", "a whole number written with an exponent", _GRAMMAR),
    _string("control-character", '"a\nb"', "a line break in a string that is not escaped"),
    _string("bad-escape", '"\\x41"', "an escape that JSON does not have"),
    _string("short-escape", '"\\u12"', "an escape with too few digits"),
    _string("open-string", '"a', "a string without its end"),
    _string("python-none", "None", "None in place of null"),
    _string("python-true", "True", "True in place of true"),
    _string("undefined", "undefined", "undefined, as JavaScript has it"),
    _string("lone-surrogate", '"\\ud800"', "half of a surrogate pair", _GRAMMAR),
    _string("surrogates-reversed", '"\\udc00\\ud800"', "a surrogate pair the wrong way round", _GRAMMAR),
    _string("escaped-nul", '"\\u0000"', "a NUL character, escaped", _GRAMMAR),
    _string("escaped-slash", '"\\/"', "an escaped slash", _GRAMMAR),
    TextFault("escaped-key", "the key type with an escaped letter", _escaped, _GRAMMAR),
    TextFault("pretty", "on several lines", lambda body: json.dumps(body, indent=4), _GRAMMAR),
    _around("white-space", " \r\n", "\t ", "white space around it", _GRAMMAR),
    TextFault(
        "type-last",
        "the type as the last field",
        lambda body: _text({**{k: body[k] for k in body if k != "type"}, "type": body["type"]}),
        _GRAMMAR,
    ),
    TextFault("deep", f"an array {DEPTH} deep in a further field", _deep),
    TextFault(
        "deep-alone", f"nothing but {DEPTH} opening brackets", lambda body: Payload(fill=b"[", times=DEPTH)
    ),
    TextFault(
        "8-mb",
        "a string of eight million characters",
        _eight_megabytes,
        "no schema limits a text; what is too large each receiver decides (1009)",
        "oversized_text",
    ),
)
"""Every fault of text; the first is the one that each type of message has."""
