"""Nothing from outside steers a terminal, and nothing printable is touched."""

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from mockagent.cli.plain import echo, plain, stop
from mockagent.errors import MockagentError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Grüße, 你好 🎉 ~", "Grüße, 你好 🎉 ~"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\tc\r\0\x7f", "a\\nb\\tc\\r\\x00\\x7f"),
        ("\x9b31m\x85", "\\x9b31m\\x85"),
        ("\u202egnp.exe\u2069\u200f\u061c", "\\u202egnp.exe\\u2069\\u200f\\u061c"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("file\udcff", "file\\udcff"),
    ],
)
def test_what_steers_is_written_out(text, shown):
    assert plain(text) == shown


@given(st.text())
def test_the_result_is_one_line_that_any_utf_8_stream_takes(text):
    shown = plain(text)
    assert shown.splitlines() in ([shown], [])
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert plain(shown) == shown


def test_what_the_encoding_of_the_terminal_lacks_is_written_out(capfd, monkeypatch):
    import io
    import sys

    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    echo("← server")
    stream.flush()
    assert stream.buffer.getvalue().rstrip() == b"\\u2190 server"


def test_an_error_is_said_line_by_line_and_ends_with_2(capsys):
    with pytest.raises(SystemExit) as ended:
        stop(MockagentError("first \x1b[2J\nsecond"))
    assert ended.value.code == 2
    assert capsys.readouterr().err == "first \\x1b[2J\nsecond\n"


def test_click_is_content_with_it():
    import click

    @click.command()
    def say():
        echo("out\x07")
        echo("err\x07", err=True)

    result = CliRunner().invoke(say)
    assert (result.stdout, result.stderr) == ("out\\x07\n", "err\\x07\n")
