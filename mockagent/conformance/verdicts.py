"""What can come of one row, each verdict with its explanation and with what it means for the whole. Pure."""

from enum import Enum, StrEnum


class Weight(Enum):
    """What a verdict does to the whole: it speaks for the peer, against it, or says nothing about it."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"
    UNSCORED = "unscored"
    OURS = "ours"
    STALE = "stale"


class Verdict(StrEnum):
    """In the order in which they are told, worst first."""

    HARNESS_ERROR = "HARNESS-ERROR"
    CRASH = "CRASH"
    HANG = "HANG"
    FAIL = "FAIL"
    XPASS = "XPASS"
    INCONCLUSIVE = "INCONCLUSIVE"
    UNIMPLEMENTED = "UNIMPLEMENTED"
    XFAIL = "XFAIL"
    WARN = "WARN"
    SKIPPED = "SKIPPED"
    NOT_APPLICABLE = "NOT-APPLICABLE"
    PASS_LENIENT = "PASS-LENIENT"
    PASS = "PASS"

    @property
    def weight(self) -> Weight:
        return _MEANING[self][0]

    @property
    def explanation(self) -> str:
        """What the verdict says, as a sentence."""
        return _MEANING[self][1]


_MEANING = {
    Verdict.HARNESS_ERROR: (Weight.OURS, "The kit itself went wrong; nothing is said about the peer."),
    Verdict.CRASH: (Weight.BAD, "A signal ended the client under test."),
    Verdict.HANG: (Weight.BAD, "The peer did not go on, and was stopped when its time had passed."),
    Verdict.FAIL: (Weight.BAD, "The peer did not do what it must."),
    Verdict.XPASS: (
        Weight.STALE,
        "A failure that the baseline knows did not happen, or its entry has expired.",
    ),
    Verdict.INCONCLUSIVE: (Weight.OPEN, "What was seen allows no verdict."),
    Verdict.UNIMPLEMENTED: (Weight.UNSCORED, "The driver does not know the intent (exit status 127)."),
    Verdict.XFAIL: (Weight.GOOD, "A failure that the baseline knows."),
    Verdict.WARN: (Weight.GOOD, "The peer did not do what it should."),
    Verdict.SKIPPED: (Weight.UNSCORED, "It was not tried, for the reason given."),
    Verdict.NOT_APPLICABLE: (Weight.UNSCORED, "It does not concern this peer, for the reason given."),
    Verdict.PASS_LENIENT: (Weight.GOOD, "Legal, though not what a strict reading asks for."),
    Verdict.PASS: (Weight.GOOD, "The peer did what it must."),
}
