"""Which sessions are kept, and by what names they are found."""

from types import SimpleNamespace

import pytest

from mockagent.protocol.events import Dialect
from mockagent.server.journal import book as module
from mockagent.server.journal.book import Journal
from mockagent.server.notices import SessionClosed


def a_guest(number):
    return SimpleNamespace(
        id=f"id-{number}",
        number=number,
        dialect=Dialect.V1,
        secret="",
        connection=None,
        header=lambda: "header",
        lasted=1.0,
    )


@pytest.fixture
def journal():
    return Journal()


def held(journal, *numbers):
    """Those sessions, each opened and closed."""
    for number in numbers:
        journal.open(a_guest(number))
        over(journal, number)


def over(journal, number):
    journal.tell(SessionClosed(f"id-{number}", number, None, "finished", 1.0, 0.0, {}, (), ()))


def numbers(journal):
    return [kept.number for kept in journal.sessions]


def test_a_session_is_found_by_its_id_its_number_and_as_the_latest(journal):
    assert journal.named("latest") is None
    one, two = journal.open(a_guest(1)), journal.open(a_guest(2))
    assert journal.named("1") is journal.named("id-1") is one
    assert journal.named("latest") is journal.named("002") is two
    for name in ("3", "id-3", "", "٢", "-1", "9" * 5000):
        assert journal.named(name) is None


def test_of_those_that_are_over_the_last_are_kept_and_every_open_one(journal, monkeypatch):
    monkeypatch.setattr(module, "MOST_CLOSED", 2)
    journal.open(a_guest(1))
    held(journal, 2, 3, 4, 5)
    assert numbers(journal) == [1, 4, 5]
    assert journal.named("id-2") is journal.named("2") is None
    assert (journal.closed, journal.last) == (4, 5)
    over(journal, 1)
    assert numbers(journal) == [1, 5]


def test_heavy_ones_go_sooner_but_never_the_newest(journal, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    held(journal, 1, 2)
    kept = journal.open(a_guest(3))
    kept.weight = 5000
    over(journal, 3)
    assert numbers(journal) == [3]


def test_who_watches_is_told_of_a_session_that_begins(journal):
    told = []
    journal.watchers.add(told.append)
    kept = journal.open(a_guest(1))
    assert told == [kept]
