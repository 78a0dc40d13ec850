"""What is kept is shared, and weighs no more than it may: while it is being made as well."""

from mockagent.audio.making import PER_FRAME, Frames, at_once
from mockagent.audio.remembering import Memory

SIZE = 400
EACH = SIZE + PER_FRAME


def kept_up_to(most):
    """A memory, what makes frames that it remembers, and the texts for which that was asked."""
    memory, asked = Memory(most), []

    def frames(text, count=1, expects=EACH):
        asked.append(text)
        return Frames(([bytes(SIZE)] for _ in range(count)), expects)

    return memory, memory.remembered(frames), asked


def test_the_oldest_goes_when_it_becomes_too_much():
    memory, frames, asked = kept_up_to(1_200)
    assert frames("a") is frames("a")
    frames("b")
    frames("a")
    assert asked == ["a", "b"]
    frames("large", expects=1_000)
    frames("a")
    assert asked == ["a", "b", "large", "a"]
    assert memory.weight <= 1_200


def test_what_is_not_made_yet_weighs_what_it_may_come_to():
    memory, frames, _ = kept_up_to(10_000)
    begun = frames("a", count=3, expects=5_000)
    next(iter(begun))
    assert memory.weight > 5_000
    assert at_once(begun) == (bytes(SIZE),) * 3
    assert memory.weight == 3 * EACH + len("a") + PER_FRAME


def test_what_has_gone_is_not_counted_when_it_is_whole():
    memory, frames, _ = kept_up_to(1_200)
    gone = frames("a")
    frames("b", expects=1_000)
    weight = memory.weight
    at_once(gone)
    assert memory.weight == weight


def test_what_comes_to_more_than_was_expected_goes():
    memory, frames, _ = kept_up_to(1_200)
    at_once(frames("a", count=4))
    assert memory.weight == 0
