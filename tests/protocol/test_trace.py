"""Traces: each event becomes a line that fits the schema, and comes back; no other line does harm."""

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd import JSON

from mockagent import catalogue
from mockagent.errors import TraceError
from mockagent.protocol import trace
from mockagent.protocol.events import Audio, Closed, Dialect, Elapsed, Event, Malformed, Message, Opened, Side
from mockagent.protocol.judge import Judge
from mockagent.protocol.redaction import redacted
from mockagent.protocol.switches import BeforeSettings, Switches
from mockagent.protocol.trace import Footer, Header

C, S = Side.CLIENT, Side.SERVER
HEADER = Header("0.1.0", Dialect.V1, "barge_in", "2026-11-21T01:42:13+00:00", 1.0, "faithful", "s-1", seed=7)
FOOTER = Footer(2, 3.5, "finished", {"SET-001": 1})
EVENTS = (
    Event(0.0, S, Opened()),
    Event(0.5, C, Message("KeepAlive", {"type": "KeepAlive"})),
    Event(1.0, S, Audio(1920, 2, 960)),
    Event(1.5, C, Malformed("JSON", "an empty text frame", 0)),
    Event(2.0, C, Audio(20, largest=20, json=True)),
    Event(2.5, C, Elapsed("silence")),
    Event(3.0, S, Closed(None, "")),
)


def fits(line):
    assert line.endswith("\n")
    assert line.count("\n") == 1
    return catalogue.schemas().conforms("files/trace.json", json.loads(line))


def lines_of(events, footer=FOOTER):
    yield trace.header_line(HEADER)
    yield from (trace.event_line(event, number) for number, event in enumerate(events, 1))
    if footer is not None:
        yield trace.footer_line(footer)


def as_kept(event):
    """What a trace keeps of an event: the time in microseconds, no audio, no secrets, no problems."""
    content = event.content
    if isinstance(content, Message):
        content = Message(content.type, redacted(content.body))
    if isinstance(content, Audio):
        content = replace(content, data=b"")
    return Event(round(event.at, 6), event.sender, content)


def test_header_and_footer_fit_and_come_back():
    lines = (trace.header_line(HEADER), trace.footer_line(FOOTER))
    assert [fits(line) for line in lines] == [(), ()]
    assert trace.read(lines) == trace.Trace(HEADER, (), (), FOOTER)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event.content).__name__)
def test_every_kind_of_event_fits_and_comes_back(event):
    line = trace.event_line(event, 1)
    assert fits(line) == ()
    assert trace.read((trace.header_line(HEADER), line)).events == (event,)


def test_a_line_holds_what_was_found_and_what_was_broken_on_purpose(violations):
    (violation,) = violations((C, {"type": "UpdatePrompt"}))
    line = trace.event_line(violation.event, 1, [violation], frozenset({"SET-001", "AUD-001"}))
    assert fits(line) == ()
    assert json.loads(line) == {
        "n": 1,
        "at": 0.1,
        "from": "client",
        "message": {"type": "UpdatePrompt"},
        "problems": ["/prompt: expected a field prompt (a string), got nothing"],
        "violations": [
            {
                "requirement": "MSG-003",
                "expected": "a field prompt (a string)",
                "got": "nothing",
                "pointer": "/prompt",
            }
        ],
        "breaks": ["AUD-001", "SET-001"],
    }
    assert trace.read((trace.header_line(HEADER), line)).breaks == (frozenset({"SET-001", "AUD-001"}),)


def test_audio_is_kept_as_length_and_hash():
    line = trace.event_line(Event(1.0, C, Audio(2, largest=2, data=b"ab")), 1)
    assert fits(line) == ()
    assert json.loads(line)["audio"] == {
        "bytes": 2,
        "frames": 1,
        "largest": 2,
        "sha256": "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603",
    }


def test_secrets_are_not_kept():
    body = {"type": "UpdateThink", "think": {"endpoint": {"headers": {"authorization": "Bearer hush"}}}}
    assert "hush" not in trace.event_line(Event(1.0, C, Message("UpdateThink", body)), 1)


@pytest.mark.parametrize("dialect", Dialect)
@given(data=st.data())
def test_whatever_happens_fits_and_comes_back(happenings, dialect, data):
    judge = Judge(catalogue.requirements(), dialect=dialect)
    events = data.draw(happenings(dialect))
    lines = [trace.header_line(replace(HEADER, dialect=dialect))]
    for number, event in enumerate(events, 1):
        lines.append(trace.event_line(event, number, judge.observe(event)))
        assert fits(lines[-1]) == ()
    assert trace.read(lines).events == tuple(map(as_kept, events))


def test_a_trace_without_a_footer_was_cut_off():
    assert trace.read(lines_of(EVENTS, footer=None)).footer is None
    assert trace.read(lines_of(EVENTS, footer=None)).events == EVENTS


@pytest.mark.parametrize("kept", [1, 10, -1])
def test_a_last_line_cut_short_is_left_out(kept):
    *lines, last = lines_of(EVENTS)
    found = trace.read([*lines, last[:kept]])
    assert (found.events, found.footer) == (EVENTS, None)


@pytest.mark.parametrize("depth", [100, 400, 900])
def test_a_deep_message_is_written_as_far_as_it_can_be(depth):
    body = {"type": "Deep", "content": json.loads("[" * depth + "]" * depth)}
    line = trace.event_line(Event(1.0, C, Message("Deep", body)), 1)
    assert json.loads(line)["message"]["type"] == "Deep"


def changed(line, **fields):
    return json.dumps({**json.loads(line), **fields}) + "\n"


FIRST, KEEP_ALIVE, *_, LAST = lines_of(EVENTS[1:2])


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([], ":1: expected the header of a trace, got none"),
        (["{"], ":1: expected the header of a trace, got none"),
        (["{\n"], ":1: expected a JSON line"),
        (["[]\n"], ":1: expected a JSON object"),
        (["[" * 100_000 + "\n"], ":1: expected a JSON line"),
        ([KEEP_ALIVE], ":1: expected one trace, header first"),
        ([FIRST, FIRST], ":2: expected one trace, header first"),
        ([FIRST, LAST, KEEP_ALIVE], ":3: expected one trace, header first and footer last"),
        ([changed(FIRST, trace=2)], ":1: expected a line of a trace, got one with no right 'trace'"),
        ([changed(FIRST, dialect="v0")], ":1:"),
        ([changed(FIRST, speed="fast")], ":1: expected a line of a trace, got one with no right 'speed'"),
        (
            [FIRST, changed(KEEP_ALIVE, at="soon")],
            ":2: expected a line of a trace, got one with no right 'at'",
        ),
        ([FIRST, changed(KEEP_ALIVE, at=-1)], ":2: expected a line of a trace, got one with no right 'at'"),
        (
            [FIRST, changed(KEEP_ALIVE, at=10**400)],
            ":2: expected a line of a trace, got one with no right 'at'",
        ),
        ([FIRST, changed(KEEP_ALIVE, at=float("nan"))], ":2:"),
        ([FIRST, changed(KEEP_ALIVE, breaks="SET-001")], ":2:"),
        ([FIRST, changed(KEEP_ALIVE, **{"from": "us"})], ":2:"),
        (
            [FIRST, changed(KEEP_ALIVE, message={})],
            ":2: expected a line of a trace, got one with no right event",
        ),
        (
            [FIRST, changed(LAST, violations=[])],
            ":2: expected a line of a trace, got one with no right 'violations'",
        ),
    ],
)
def test_what_is_no_trace_says_where_and_why(lines, place):
    with pytest.raises(TraceError) as raised:
        trace.read(lines, "a.jsonl")
    assert str(raised.value).startswith("a.jsonl" + place)


def test_what_has_no_header_says_so_and_no_more():
    with pytest.raises(TraceError) as raised:
        trace.read([])
    assert str(raised.value) == "trace:1: expected the header of a trace, got none"


KEYS = st.sampled_from(
    (
        *("trace", "end", "n", "at", "from", "message", "audio", "malformed", "opened", "closed", "elapsed"),
        *("breaks", "mockagent", "dialect", "scenario", "speed", "seed", "events", "lasted", "violations"),
        *("bytes", "frames", "largest", "code", "reason", "type", "limit"),
    )
)
CHANGES = st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON, max_size=3), max_size=3)


@given(st.lists(st.tuples(st.sampled_from((FIRST, *lines_of(EVENTS))), CHANGES)), st.booleans())
def test_wrong_lines_raise_nothing_but_trace_errors(odd, begins_well):
    lines = [*([FIRST] if begins_well else ()), *(changed(line, **changes) for line, changes in odd)]
    try:
        found = trace.read(lines)
    except TraceError as error:
        assert str(error).startswith("trace:")
    else:
        judge = Judge(catalogue.requirements(), dialect=found.header.dialect)
        for event in found.events:
            judge.observe(event)


@given(st.lists(st.text()))
def test_any_text_raises_nothing_but_trace_errors(lines):
    with pytest.raises(TraceError):
        trace.read(line + "\n" for line in lines)


def test_a_scenario_that_settings_chose_is_that_of_the_header():
    cast = trace.cast_line("farewell", {"silence_for": 3.0})
    assert not fits(cast)
    first, *rest = lines_of(EVENTS)
    assert trace.read([first, cast, *rest]).header == replace(
        HEADER, scenario="farewell", switches={"silence_for": 3.0}
    )


@pytest.mark.parametrize(
    "cast", [7, None, [], {"scenario": "x"}, {"switches": {}}, {"scenario": 7, "switches": {}}]
)
def test_a_cast_that_is_none_is_no_line(cast):
    wrong = "scenario|switches" if isinstance(cast, dict) else "cast"
    with pytest.raises(
        TraceError, match=f"^trace:2: expected a line of a trace, got one with no right '({wrong})'$"
    ):
        trace.read([trace.header_line(HEADER), json.dumps({"cast": cast}) + "\n"])


@pytest.mark.parametrize(("line", "what"), [("[]\n", "object"), ("{\n", "line"), ("\n", "line")])
def test_what_is_no_json_object_is_told_so(line, what):
    with pytest.raises(TraceError) as raised:
        trace.read([line])
    assert str(raised.value) == f"trace:1: expected a JSON {what}, got something else"


@pytest.mark.parametrize("lines", [[KEEP_ALIVE], [FIRST, FIRST], [FIRST, LAST, KEEP_ALIVE]])
def test_what_is_more_or_less_than_one_trace_is_told_so(lines):
    with pytest.raises(TraceError) as raised:
        trace.read(lines)
    assert str(raised.value) == f"trace:{len(lines)}: expected one trace, header first and footer last"


def test_a_header_says_what_is_unusual_about_the_switches_and_they_come_back():
    switches = Switches(silence_for=3.0, before_settings=BeforeSettings.IGNORE)
    unusual = trace.unusual(switches)
    assert unusual == {"silence_for": 3.0, "before_settings": "ignore"}
    assert trace.unusual(Switches()) == {}
    held_by = trace.switches_of(replace(HEADER, switches=json.loads(json.dumps(unusual))))
    assert held_by == switches
    assert held_by.before_settings is BeforeSettings.IGNORE


@pytest.mark.parametrize(
    ("switches", "words"), [({"silence": 3.0}, r"^switches$"), ({"before_settings": "perhaps"}, "perhaps")]
)
def test_switches_that_do_not_exist_are_an_error(switches, words):
    with pytest.raises(ValueError, match=words):
        trace.switches_of(replace(HEADER, switches=switches))


def test_a_line_has_no_blanks_to_spare():
    line = trace.event_line(EVENTS[1], 2)
    assert line == '{"n":2,"at":0.5,"from":"client","message":{"type":"KeepAlive"}}\n'


def test_what_is_no_event_is_told_so():
    with pytest.raises(TraceError) as raised:
        trace.read([FIRST, changed(KEEP_ALIVE, message={})])
    assert str(raised.value) == "trace:2: expected a line of a trace, got one with no right event"


def test_a_time_is_kept_in_microseconds():
    line = trace.event_line(Event(0.12345678, C, Message("KeepAlive", {"type": "KeepAlive"})), 1)
    assert json.loads(line)["at"] == 0.123457


def test_audio_whose_largest_frame_is_not_told_is_one_frame():
    line = changed(KEEP_ALIVE, message=None, audio={"bytes": 7, "frames": 1})
    (event,) = trace.read([FIRST, line]).events
    assert event.content == Audio(7, 1, 7)


def test_a_header_may_say_every_switch():
    assert trace.switches_of(replace(HEADER, switches=asdict(Switches()))) == Switches()
