"""The report as text, Markdown and JSON."""

from mockagent.catalogue import schemas
from mockagent.coverage import pages
from mockagent.coverage.report import WALK, Excuse, Why, reported
from mockagent.coverage.rows import Kind, Row
from mockagent.protocol.events import Dialect

A, B, C, E = (Row(Kind.CODE, Dialect.V1, "Error", name) for name in "ABCE")
CLOSED = Row(Kind.CELL, Dialect.V1, "closed/silence", "audio")
AUDIO = Row(Kind.CELL, Dialect.V1, "active/silence", "audio")
CLOSE = Row(Kind.CELL, Dialect.V1, "active/silence", "close")
SPOKEN = Row(Kind.CELL, Dialect.V1, "active/the user speaks", "audio")
DONE = Row(Kind.CELL, Dialect.V1, "active/the user speaks", "close")
REPORT = reported(
    (A, B, C, E, AUDIO, CLOSE, SPOKEN, DONE, CLOSED),
    {
        "one": frozenset({A, AUDIO}),
        "two": frozenset({A, C}),
        "three": frozenset({A}),
        "four": frozenset({A}),
        WALK: frozenset({AUDIO, CLOSE}),
    },
    (
        Excuse(Kind.CELL, Why.UNREACHABLE, "nothing arrives", groups=("closed/*",)),
        Excuse(Kind.CODE, Why.PENDING, "not yet", names=("B", "C")),
        Excuse(Kind.CODE, Why.PENDING, "no more", names=("Z",)),
    ),
)

TEXT = """\
codes v1 Error     2 of 4
cells v1           2 of 4 (1 by scenarios, the others by the walk; 1 more cannot be)

missing, with no reason given:
  codes v1 Error: E
  cells v1 active/the user speaks: all 2

excused, though something exercises it:
  codes v1 Error: C

excused, though there is no such row:
  no more

not exercised, for a reason:
  v1 Error B: not yet
  v1 closed/silence × audio: nothing arrives
"""

MARKDOWN = """\
# Protocol coverage

| rows | exercised | of | without the walk | cannot be |
| --- | --- | --- | --- | --- |
| codes v1 Error | 2 | 4 | 2 | 0 |
| cells v1 | 2 | 4 | 1 | 1 |

## Codes

| row | exercised by |
| --- | --- |
| v1 Error A | one, two, three and 1 more |
| v1 Error B | — not yet |
| v1 Error C | two |
| v1 Error E | ✗ missing |

## Cells of v1

✓ exercised by a scenario or trace · w by the walk alone · ✗ missing · blank: not exercised, with a reason

| the client sends | active / silence | active / the user speaks |
| --- | --- | --- |
| audio | ✓ | ✗ |
| close | w | ✗ |
"""


def test_text():
    assert "\n".join(pages.text(REPORT)) + "\n" == TEXT


def test_markdown():
    assert "\n".join(pages.markdown(REPORT)) + "\n" == MARKDOWN


def test_json_has_a_line_for_each_row_and_one_for_the_whole():
    lines = list(pages.lines(REPORT))
    assert [line.get("name") for line in lines] == [
        *"ABCE",
        "audio",
        "close",
        "audio",
        "close",
        "audio",
        None,
    ]
    assert [problem for line in lines for problem in schemas().conforms("files/coverage.json", line)] == []
    assert lines[1] == {
        "kind": "codes",
        "dialect": "v1",
        "group": "Error",
        "name": "B",
        "status": "excused",
        "by": [],
        "reason": "not yet",
    }
    assert lines[-1]["complete"] is False
    assert lines[-1]["idle"] == ["no more"]
