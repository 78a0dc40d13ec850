"""Each fault of the table as a client meets it: seen on the wire by a client without a library, judged and recorded."""

import json

import pytest
from raw_client import inflated
from talks import SPEED, conversation, with_a_step
from websockets.frames import Opcode

from mockagent.audio.pcm import decode
from mockagent.errors import Flaw
from mockagent.lint.items import Asked
from mockagent.lint.traces import check_trace
from mockagent.protocol.events import Side
from mockagent.protocol.formats import AudioFormat
from mockagent.scenario.faults.mangling import UNKNOWN_FIELD, UNKNOWN_TYPE
from mockagent.scenario.faults.table import FAULTS, Strikes


def refused(status, retry_after=None):
    return lambda seen: (seen.status, seen.headers.get("retry-after")) == (status, retry_after)


def has_text(data):
    return lambda seen: any(data in frame.data for frame in seen.texts)


def unreadable(seen):
    """The text frames that are no JSON objects."""
    return [frame.data for frame in seen.texts if frame.body is None]


def loudest(seen):
    return max(
        abs(decode(b"".join(f.data for f in seen.audio)[:80_000], AudioFormat("linear16", 8000)).astype(int))
    )


def order(seen, first, second):
    one, other = seen.first(first), seen.first(second)
    return one is not None and other is not None and one.at <= other.at


def lacks(seen):
    return any(
        body["type"] in ("ConversationText", "UserStartedSpeaking") and len(body) == 2 for body in seen.bodies
    )


def mistyped(seen):
    return any(7 in body.values() for body in seen.bodies)


def doubled(seen):
    return any(one.data == other.data for one, other in zip(seen.texts, seen.texts[1:], strict=False))


def swapped(seen):
    """LatencyReport follows AgentAudioDone, and each History its statement, unless messages come in disorder."""
    types = [t for t in seen.types if t in ("ConversationText", "History")]
    return "History" in types[::2]


def overtaken(seen):
    """What follows a statement comes before it: its History, or its audio."""
    kinds = ["audio" if f.opcode == Opcode.BINARY else (f.body or {}).get("role") for f in seen.frames]
    return swapped(seen) or kinds.index("audio") < kinds.index("assistant")


def speech_waits(seen, seconds):
    """Between some statement of the agent and the first audio after it so much session time passes."""
    said = [f.at for f in seen.texts if f.body and f.body.get("role") == "assistant" and "content" in f.body]
    heard = [min((f.at for f in seen.audio if f.at >= at), default=at) - at for at in said]
    return max(heard, default=0) >= seconds / SPEED


WITNESSES = {
    "refused_401": refused(401),
    "refused_403": refused(403),
    "refused_404": refused(404),
    "refused_429": refused(429, "1"),
    "refused_503": refused(503, "1"),
    "slow_handshake": lambda seen: seen.shook_for >= 2.0 / SPEED,
    "compressed": lambda seen: (
        "permessage-deflate" in seen.headers.get("sec-websocket-extensions", "")
        and bool(seen.texts)
        and all(frame.rsv1 for frame in seen.texts)
    ),
    "no_welcome": lambda seen: "Welcome" not in seen.types and "SettingsApplied" in seen.types,
    "late_settings_applied": lambda seen: (
        seen.first("SettingsApplied").at - seen.first("Welcome").at >= 1.9 / SPEED
        and order(seen, "SettingsApplied", "ConversationText")
    ),
    "no_settings_applied": lambda seen: (
        "SettingsApplied" not in seen.types and "ConversationText" in seen.types
    ),
    "malformed_json": lambda seen: (
        any(data.startswith(b"{") for data in unreadable(seen)) and not lossy(seen)
    ),
    "empty_text": lambda seen: b"" in unreadable(seen),
    "non_object": lambda seen: any(data.startswith(b"[") for data in unreadable(seen)),
    "no_type": has_text(b'{"role": "assistant"'),
    "oversized_text": lambda seen: any(len(frame.data) == 2_097_152 and frame.body for frame in seen.texts),
    "unknown_type": lambda seen: UNKNOWN_TYPE in seen.types,
    "truncated_json": lambda seen: lossy(seen),
    "unknown_field": lambda seen: any(UNKNOWN_FIELD in body for body in seen.bodies),
    "missing_field": lacks,
    "mistyped_field": mistyped,
    "duplicated": doubled,
    "reordered": swapped,
    "delayed": overtaken,
    "stall": lambda seen: any(frame.stalled_for >= 2.0 / SPEED for frame in seen.texts),
    "fragmented": lambda seen: (
        [f.fin for f in seen.frames if not f.fin or f.opcode == Opcode.CONT][:3] == [False, False, True]
    ),
    "unasked_compression": lambda seen: (
        "sec-websocket-extensions" not in seen.headers
        and any(frame.rsv1 and json.loads(inflated(frame.data))["type"] for frame in seen.texts)
    ),
    "text_as_binary": lambda seen: any(frame.data.startswith(b'{"type"') for frame in seen.audio),
    "invalid_utf8": lambda seen: any(b"\xff\xfe" in data for data in unreadable(seen)),
    "frame": lambda seen: b"" in unreadable(seen),
    "binary_as_text": lambda seen: any(len(data) == 320 for data in unreadable(seen)),
    "odd_audio": lambda seen: any(len(frame.data) % 2 for frame in seen.audio),
    "empty_audio": lambda seen: any(not frame.data for frame in seen.audio),
    "late_audio": lambda seen: speech_waits(seen, 1.9),
    "bursty_audio": lambda seen: speech_waits(seen, 0.4),
    "corrupted_audio": lambda seen: loudest(seen) > 32_000,
    "misencoded_audio": lambda seen: any(len(frame.data) == 160 for frame in seen.audio[:-1]),
    "close": lambda seen: seen.end == "close" and seen.frames[-1].data == b"",
    "tcp_close": lambda seen: seen.end == "eof",
    "tcp_reset": lambda seen: seen.end == "reset",
    "half_open": lambda seen: not seen.end and not seen.ponged,
    "ping_flood": lambda seen: sum(frame.opcode == Opcode.PING for frame in seen.frames) == 1000,
}
"""How each fault is told from an ordinary session, from what came over the wire alone."""
TIMED = ("slow_handshake", "late_settings_applied", "stall", "late_audio", "bursty_audio")
"""Those told by a time that passes at least. On a busy machine it may pass in an ordinary session, too."""


def lossy(seen):
    """Some message is the first half of what it should be."""
    return any(data.startswith(b'{"type":"') and not data.endswith(b"}") for data in unreadable(seen))


def expected_of(played, name):
    """What holds of every fault, however it came about."""
    assert name in played.inflicted, played.notices
    assert WITNESSES[name](played.seen), (played.seen.status, played.seen.end, played.seen.texts)
    assert [notice for notice in played.of("finding") if notice.binds == "server"] == []


def test_every_fault_has_a_witness():
    assert list(WITNESSES) == list(FAULTS)


def test_no_witness_sees_a_fault_where_there_is_none(plays):
    played = plays(conversation())
    assert [name for name, sees in WITNESSES.items() if name not in TIMED and sees(played.seen)] == []
    assert played.broken == set()
    assert played.of("session_closed")[0].is_clean is False  # the raw client leaves without a close frame


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_as_a_step_is_seen_judged_and_recorded(name, plays):
    played = plays(with_a_step(name))
    expected_of(played, name)
    assert played.inflicted == [name]
    assert played.unexcused == set()
    fault = FAULTS[name]
    assert played.broken >= fault.breaks
    assert fault.varies or played.broken == fault.breaks


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_run_is_seen_and_held_against_nobody(name, plays):
    played = plays(conversation(), faults=[name], traced=False)
    expected_of(played, name)
    assert set(played.inflicted) == {name}
    if FAULTS[name].ends:
        assert [closed.ending for closed in played.of("session_closed")] == ["faulted"]


@pytest.mark.parametrize(
    "name", [name for name, each in FAULTS.items() if each.strikes is not Strikes.HANDSHAKE]
)
def test_the_trace_says_what_is_broken_on_purpose(name, plays):
    """Whoever reads the trace later comes to the same verdict: nothing of it is held against the server."""
    played = plays(with_a_step(name))
    item = check_trace(played.trace.read_text("utf-8"), played.trace.name, Asked())
    assert [each for each in item.findings if isinstance(each, Flaw)] == []
    assert [each for each in item.findings if each.binds is Side.SERVER and not each.on_purpose] == []
    assert {each.requirement for each in item.findings if each.binds is Side.SERVER} == played.broken


def test_before_settings_a_fault_hits_what_comes_first_and_only_that(plays):
    played = plays(conversation(at_the_top=["- fault: duplicated", "- fault: unknown_type"]))
    assert played.seen.types[:4] == ["Welcome", "Welcome", UNKNOWN_TYPE, "SettingsApplied"]
    assert played.inflicted == ["duplicated", "unknown_type"]
    assert "OPN-003" in played.broken
    assert played.unexcused == set()


def test_limits_do_not_run_for_a_client_that_cannot_be_heard(plays):
    """Half-open for 30 s, of which the client is silent for longer than the service would put up with."""
    played = plays(conversation("- fault: half_open", after=[]), patience=1.5)
    assert [notice.requirement for notice in played.of("finding")] == []
    assert [closed.ending for closed in played.of("session_closed")] == ["finished"]


def test_a_frame_goes_out_as_it_is_given_whatever_its_bits(plays):
    steps = [
        "- fault: {frame: {text: a, opcode: reserved, before: Welcome}}",
        "- fault: {frame: {base64: '/w==', opcode: binary, rsv1: true, fin: false, instead_of: SettingsApplied}}",
    ]
    played = plays(conversation(at_the_top=steps, after=[]))
    first = [(f.opcode, f.data, f.fin, f.rsv1) for f in played.seen.frames if f.data in (b"a", b"\xff")]
    assert first == [(3, b"a", True, False), (Opcode.BINARY, b"\xff", False, True)]
    assert "SettingsApplied" not in played.seen.types
    assert played.unexcused == set()


def test_a_frame_larger_than_what_may_wait_for_a_client_comes_whole(plays):
    large = '- fault: {frame: {text: \'{"type":"Large","x":"\', fill: x, times: 20000000, tail: \'"}\'}}'
    played = plays(conversation(large, "- fault: {frame: {text: b, count: 3}}"))
    sizes = [len(frame.data) for frame in played.seen.texts]
    at = sizes.index(20_000_023)
    assert [frame.data for frame in played.seen.texts[at + 1 :]][:3] == [b"b"] * 3
    assert "LIV-010" not in played.broken
    assert "MSG-006" in played.broken  # what is no JSON is seen to be none
