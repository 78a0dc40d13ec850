"""Reports and recordings for the tests of their formats: any there can be, and some that mean harm."""

from hypothesis import strategies as st

from mockagent.conformance.report import CaseRun, Report, Result, Row
from mockagent.conformance.verdicts import Verdict
from mockagent.protocol.events import Audio, Closed, Dialect, Event, Message, Opened, Side
from mockagent.protocol.trace import Footer, Header, Trace
from mockagent.render.recording import Mark, Recording

HOSTILE = (
    "<script>window.harm = 1</script>",
    "\"><img src=x onerror='window.harm = 1'>",
    "</title></style></script><script>window.harm = 1</script>",
    "\u202egnorw eht yaw\u202c \u2066 \x1b[31m \x00 \x07",
    "| a | table | `code` [link](http://127.0.0.1:1/) ![](http://127.0.0.1:1/) @everyone ]]> -->",
    "é" * 100_000,
    "a\nb\r\nc\u2028d",
    "\ud800",
)

words = st.one_of(st.sampled_from(HOSTILE[:5] + HOSTILE[6:]), st.text(max_size=30))
_asks = st.sampled_from(["course", "close", "others", "SET-001", "MSG-003", "FUN-017"])
_rows = st.builds(Row, st.sampled_from(["lunch", "dinner", "tea#2", HOSTILE[0]]), _asks, words, words)
_results = st.builds(
    Result,
    _rows,
    st.sampled_from(Verdict),
    *[words] * 3,
    st.integers(0, 9),
    *[words] * 4,
    st.integers(0, 2),
    st.sampled_from(["", "SET-001", "MSG-003"]),
)
_runs = st.builds(
    CaseRun,
    st.sampled_from(["lunch", "dinner"]),
    st.floats(0, 1e6),
    st.one_of(st.none(), st.integers(-9, 255)),
    st.just({}),
    words,
    st.tuples(words),
)


def _report(results, runs, command, notes, peer):
    rows = tuple(result.row for result in results)
    replay = {row.case: "mockagent conform client again" for row in rows[::2]}
    return Report(rows, tuple(results), tuple(runs), command, 1, 2.0, replay, notes, peer)


any_report = st.builds(
    _report,
    st.lists(_results, max_size=30),
    st.lists(_runs, max_size=2),
    st.lists(words, max_size=3).map(tuple),
    st.lists(words, max_size=2).map(tuple),
    st.sampled_from(Side),
)


def hostile_report():
    """Every field of it is hostile, in every verdict."""
    results = tuple(
        Result(
            Row(words, asks, words, f"{words} javascript:alert(1) https://example.com/<script>"),
            verdict,
            *[words] * 3,
            3,
            *[words] * 4,
            1,
            "MSG-003",
        )
        for words in HOSTILE
        for asks, verdict in zip(
            ("course", "MSG-003", "close"), (Verdict.FAIL, Verdict.WARN, Verdict.PASS), strict=True
        )
    )
    runs = tuple(CaseRun(words, 1.0, 1, {}, words, (words,)) for words in HOSTILE)
    replay = {words: words for words in HOSTILE}
    rows = tuple(result.row for result in results)
    return Report(rows, results, runs, HOSTILE, 0, 1.0, replay, HOSTILE)


def recording(*events, marks=(), scenario="lunch"):
    """A recorded session of these (at, side, content), after the opening."""
    every = (Event(0.0, Side.SERVER, Opened()), *(Event(*each) for each in events))
    header = Header("0", Dialect.V1, scenario, "2026-01-01T00:00:00+00:00", 1.0, "faithful", "an-id")
    footer = Footer(len(every), every[-1].at, "finished", {})
    return Recording(Trace(header, every, (frozenset(),) * len(every), footer), tuple(marks), "one.jsonl")


def hostile_recording(text):
    """A session in which the client says that, in every way there is."""
    return recording(
        (0.1, Side.CLIENT, Message(text, {"type": text, "content": text, text: text})),
        (0.2, Side.CLIENT, Message("Settings", {"type": "Settings", "agent": {"greeting": text}})),
        (0.3, Side.CLIENT, Closed(4000, text)),
        marks=[Mark(2, text, text), Mark(99, "MSG-003", text)],
        scenario=text,
    )


def two_hours():
    """A session of two hours with some forty thousand events, and many findings."""
    events = []
    for second in range(7_200):
        sender = Side.CLIENT if second // 7 % 2 else Side.SERVER
        events += [(second + n / 5, sender, Audio(3_200)) for n in range(5)]
        if second % 3 == 0:
            message = {"type": "ConversationText", "role": "user", "content": "and so on " * 20}
            events.append((second + 0.9, Side.SERVER, Message("ConversationText", message)))
    marks = [Mark(frame, "TRN-001", "expected much, got little") for frame in range(10, 30_000, 7)]
    return recording(*events, marks=marks)
