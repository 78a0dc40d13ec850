"""Frames to messages and back: nothing that comes in raises, and what goes out comes back."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockagent import catalogue
from mockagent.protocol.codec import decode, encode
from mockagent.protocol.events import Audio, Frame, Malformed, Message
from mockagent.protocol.message_types import TYPES

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
JSON_LIKE = st.lists(
    st.sampled_from([*'{}[]:,"\\ \n', '"type"', "NaN", "1e999", "-", "0", "null", "\\ud800", "\ufeff", "é"])
).map("".join)


def text(data):
    return decode(Frame(data if isinstance(data, bytes) else data.encode()))


@given(st.binary() | JSON_LIKE.map(str.encode) | st.text().map(str.encode), st.booleans())
@example(b"[" * 100_000, False)
@example(b'{"a":' * 100_000, False)
@example(b'{"type":' * 100_000, True)
@example(b"9" * 10_000, False)
@example(b'{"type":"x","n":-' + b"9" * 10_000 + b"}", False)
@example(b'{"type":"x","n":' + b"9" * 10_000 + b"}", True)
@example(b'{"type":"x","\\ud800":1,"\\ud800":2}', False)
@example(b"{\x00", True)
@example(b"\xff\xfe{\x00", True)
def test_whatever_comes_is_a_message_audio_or_malformed(data, binary):
    content = decode(Frame(data, binary))
    if binary:
        assert (content.size, content.largest, content.frames) == (len(data), len(data), 1)
        assert content.data == data
    else:
        assert isinstance(content, Message | Malformed)
        assert not isinstance(content, Malformed) or (
            content.size == len(data) and content.found.isprintable()
        )


@pytest.mark.parametrize(
    ("data", "reason", "found"),
    [
        (b"", "JSON", "an empty text frame"),
        (b" \n", "JSON", "an empty text frame"),
        (b"\xff\xfe", "UTF-8 text", "byte 0xff at 0"),
        (b'{"type": "KeepAlive\xe9"}', "UTF-8 text", "byte 0xe9 at 19"),
        (b"KeepAlive", "JSON", "something else at character 0 of 9"),
        (b'{"type": "KeepAlive"} {}', "JSON", "something else at character 22 of 24"),
        (
            b'{"type": KeepAlive}',
            "JSON",
            "something else at character 9 of 19",
        ),
        (b'\xef\xbb\xbf{"type": "KeepAlive"}', "JSON", "something else at character 0 of 22"),
        (b'{"type": "x", "a": NaN}', "JSON", "the word NaN, which is no JSON"),
        (b'{"type": "x", "a": -Infinity}', "JSON", "the word -Infinity, which is no JSON"),
        (b'{"type": "x", "a": 1e999}', "JSON", "the number 1e999, beyond what a double holds"),
        (b'{"type": "x", "a": ' + b"1" * 401 + b"}", "JSON", "a number of 401 digits"),
        (b'{"type": "x", "type": "y"}', "JSON", "the key 'type' twice in one object"),
        (b'{"type": "x", "a": [{"b": 1, "b": 1}]}', "JSON", "the key 'b' twice in one object"),
        (b'{"a": 1, "b": 1, "c": 1, "b": 1, "c": 1, "b": 1}', "JSON", "the key 'b' twice in one object"),
        (b"[" * 10_000, "JSON of a sane depth", "too many nested arrays or objects"),
        (b"[]", "a JSON object", "a JSON array"),
        (b"null", "a JSON object", "a JSON null"),
        (b"true", "a JSON object", "a JSON boolean"),
        (b"1.5", "a JSON object", "a JSON number"),
        (b'"KeepAlive"', "a JSON object", "a JSON string"),
        (b"{}", "an object with a string type", "no field type"),
        (b'{"type": null}', "an object with a string type", "a type that is a null"),
        (b'{"type": {}}', "an object with a string type", "a type that is a object"),
    ],
)
def test_what_is_no_message_says_why(data, reason, found):
    assert text(data) == Malformed(reason, found, len(data))


def test_a_message_comes_back_whole_and_unchecked():
    assert text('{"type": "Hello", "é": [1, 2.5]}') == Message("Hello", {"type": "Hello", "é": [1, 2.5]})


def test_numbers_of_a_few_hundred_digits_are_read():
    assert text('{"type": "x", "a": ' + "1" * 400 + "}").body["a"] == int("1" * 400)


@pytest.mark.parametrize(
    ("data", "is_json"),
    [
        (b'{"type": "KeepAlive"}', True),
        (b' \n {"type": "KeepAlive"}', True),
        (b'{"type": 5}', False),
        (b'{"type": "KeepAlive"', False),
        (b'["type"]', False),
        (b"{\x01\x02\x03", False),
        (b"\x00\x01" * 320, False),
        (b"", False),
    ],
)
def test_a_message_sent_as_binary_is_audio_that_says_so(data, is_json):
    assert decode(Frame(data, binary=True)) == Audio(len(data), largest=len(data), data=data, json=is_json)


@pytest.mark.parametrize(
    ("data", "mark"),
    [
        (b"RIFF\x24\x00\x00\x00WAVE", "wav"),
        (b"OggS\x00\x02", "ogg"),
        (b"fLaC\x00\x00", "flac"),
        (b"ID3\x03\x00", "mp3"),
        (b"ID3\x04\x00", "mp3"),
        (b"ID3\x02\x00", ""),
        (b"RIF", ""),
        (b"\x00RIFF", ""),
    ],
)
def test_a_frame_that_begins_like_a_file_is_marked(data, mark):
    assert decode(Frame(data, binary=True)).marked == mark


def test_no_more_than_the_beginning_of_a_long_key_or_number_is_shown():
    key, number = "k" * 61, "9" * 61 + "e400"
    assert text(f'{{"{key}": 1, "{key}": 2}}').found == f"the key '{key[:60]}' twice in one object"
    assert text(f'{{"a": {number}}}').found == f"the number {number[:60]}, beyond what a double holds"


@given(st.text(), st.dictionaries(st.text().filter(lambda key: key != "type"), JSON))
def test_what_is_encoded_is_decoded_to_the_same(type, rest):
    body = {"type": type, **rest}
    frame = encode(body)
    assert not frame.binary
    assert decode(frame) == Message(type, body)
    assert encode(decode(frame).body) == frame


def test_every_example_of_every_schema_survives_both_ways():
    for (dialect, side), types in TYPES.items():
        for type in types:
            for body in catalogue.schemas().document(dialect, side, type)["examples"]:
                assert decode(encode(body)) == Message(type, body)


def test_messages_are_written_briefly_and_in_utf_8():
    assert encode({"type": "x", "a": ["é", 1]}).data == '{"type":"x","a":["é",1]}'.encode()


def test_a_lone_surrogate_survives_though_utf_8_has_none():
    body = {"type": "x", "content": "\ud83d"}
    assert encode(body).data == b'{"type":"x","content":"\\ud83d"}'
    assert text(encode(body).data) == Message("x", body)
