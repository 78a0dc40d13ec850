"""What a rule is asked about, and the words for it."""

import pytest

from mockagent.protocol import (
    judge,  # noqa: F401  (its import fills the book)
    ruling,
)
from mockagent.protocol.events import Audio, Closed, Elapsed, Malformed, Message, Opened, Side
from mockagent.protocol.message_types import TYPES
from mockagent.protocol.ruling import BOOK, Breach, kind_of, words_for

EACH = (
    (Message("Warning", {"type": "Warning"}), "Warning", "Warning"),
    (Audio(960, largest=960), "audio", "audio (960 bytes)"),
    (
        Malformed("JSON", "an empty text frame", 0),
        "malformed",
        "text that is no message (an empty text frame)",
    ),
    (Elapsed("silence"), "elapsed", "the end of the time for silence"),
    (Closed(1000), "close", "a close (1000)"),
    (Closed(), "close", "a close (no status)"),
    (Opened(), "opened", "the open connection"),
)


@pytest.mark.parametrize(("content", "kind", "words"), EACH)
def test_every_content_has_a_kind_and_words(content, kind, words):
    assert (kind_of(content), words_for(content)) == (kind, words)


@pytest.mark.parametrize("word", sorted(ruling.NOT_TYPES))
def test_no_type_of_a_message_passes_for_another_kind(word):
    assert kind_of(Message(word, {"type": word})) == ruling.MESSAGE


def test_a_rule_is_entered_in_the_book_and_left_as_it_is():
    def nothing_is_wrong(session, event):
        yield Breach("this", "that")

    before = tuple(BOOK)
    try:
        assert ruling.rule("XXX-001", Side.CLIENT, "KeepAlive")(nothing_is_wrong) is nothing_is_wrong
        entered = BOOK[-1]
    finally:
        BOOK[:] = before
    assert entered == ruling.Rule("XXX-001", Side.CLIENT, frozenset({"KeepAlive"}), nothing_is_wrong)


@pytest.mark.parametrize("rule", BOOK, ids=lambda rule: rule.check.__name__)
def test_a_rule_is_about_kinds_of_events_that_there_are(rule):
    types = {type for (_, side), each in TYPES.items() if side is rule.sender for type in each}
    assert rule.events
    assert rule.events <= types | ruling.NOT_TYPES


def test_no_two_rules_have_the_same_name():
    names = [rule.check.__name__ for rule in BOOK]
    assert len(set(names)) == len(names) > 0
