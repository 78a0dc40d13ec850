"""The picture of a session: both sides, findings linked to their rows, and never too large."""

import re
from html.parser import HTMLParser

import pytest
from reports import recording, two_hours

from mockagent.protocol.events import Audio, Message, Side
from mockagent.render.html.alone import session_page
from mockagent.render.html.events import events
from mockagent.render.html.timeline import timeline
from mockagent.render.recording import Mark

CLIENT, SERVER = Side


def drawn(found):
    return timeline(found, "lunch", "event-{}".format, lambda mark: f"row-{mark.name}")


@pytest.fixture
def talk():
    sounds = [(1 + n / 50, SERVER, Audio(960)) for n in range(100)]
    settings = Message("Settings", {"type": "Settings", "agent": {"speak": {"api_key": "hush"}}})
    return recording(
        (0.5, CLIENT, settings), *sounds, marks=[Mark(2, "SET-004", "expected much, got little")]
    )


def test_both_sides_stand_in_their_lanes_with_audio_as_one_bar(talk):
    picture = drawn(talk)
    assert re.findall(r'class="stem (\w+)"', picture) == ["client", "server"]
    assert re.findall(r'class="audio (\w+)".*?<title>(.*?)</title>', picture) == [
        ("server", "audio of the server, 1.0 s to 3.0 s: 100 frames, 96000 bytes")
    ]


def test_a_finding_is_flagged_at_its_frame_and_leads_to_its_row(talk):
    picture = drawn(talk)
    at = re.search(r'<path class="stem client" d="M([\d.]+) ', picture)[1]
    flag = re.search(
        r'class="flag" href="#(.*?)"><title>(.*?)</title><path d="M([\d.]+) .*?>(▼ SET-004)<', picture
    )
    assert flag.groups() == ("row-SET-004", "expected much, got little", at, "▼ SET-004")


def test_the_table_says_what_each_event_was_without_its_secrets(talk):
    table = events(talk, "event-{}".format)
    assert re.findall(r'<tr id="(.*?)"', table) == ["event-1", "event-2", "event-3"]
    assert '<tr id="event-2" class="flagged">' in table
    assert "▼ SET-004: expected much, got little" in table
    assert "3 to 102" in table and "audio: 100 frames, 96000 bytes" in table
    assert "[redacted]" in table and "hush" not in table


def test_two_findings_at_one_event_are_both_told(talk):
    both = recording((0.5, CLIENT, Audio(1)), marks=[Mark(2, "AUD-001", "a"), Mark(2, "AUD-002", "b")])
    assert re.findall(r'class="flag" href="#(.*?)"', drawn(both)) == ["row-AUD-001", "row-AUD-002"]
    assert re.findall("▼ (.*?)<", events(both, "event-{}".format)) == ["AUD-001: a", "AUD-002: b"]


def test_two_hours_stay_small_and_the_picture_has_an_end():
    found = two_hours()
    whole = session_page(found, "0")
    assert len(whole) < 1_000_000
    assert float(re.search(r'<svg width="(\d+)"', whole.partition('class="scroll"')[2])[1]) < 4_000
    assert "events left out" in whole
    shown = sum(map(int, re.findall(r"<td colspan=\"4\">(\d+) events? left out", whole)))
    for first, last in re.findall(r'<td class="number">(\d+)(?: to (\d+))?</td>', whole):
        shown += int(last or first) - int(first) + 1
    assert shown == len(found.trace.events)


def test_a_session_of_many_years_has_few_ticks():
    picture = drawn(recording((9e8, CLIENT, Audio(1)), (1.0, SERVER, Audio(1))))
    assert 10 < picture.count('class="tick"') < 40


class Tags(HTMLParser):
    def handle_starttag(self, tag, attributes):
        assert tag != "script" or not attributes


def test_a_session_without_any_event_has_a_page():
    Tags().feed(session_page(recording(), "0"))
