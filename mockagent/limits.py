"""How much a peer may ask of a server, and a scenario of its words: what keeps one session from harming the others.

The rule: such a limit stands here, and beyond it there is an answer, a finding or a notice, never silence. What a file
may ask of its reader stands with the reader (`yaml_nodes`, `catalogue`), what the journal keeps with the journal.
"""

from dataclasses import dataclass

OPENS_WITHIN = 10.0
"""Seconds for a client to finish its handshake, however slowly its bytes come."""
CLOSES_WITHIN = 2.0
"""Seconds for the other side to finish a close before the connection is dropped."""
LONGEST_LINE = 8_192
"""Bytes of a line of a handshake, as the package websockets reads them."""
MOST_HEADERS = 128
"""Headers of a handshake, as the package websockets reads them."""
LARGEST_MESSAGE = 1_048_576
"""Bytes of the largest message that is read, once it is decompressed."""
MOST_UNSENT = 4_194_304
"""Bytes that may wait for a client that does not read."""
MOST_BYTES_A_TURN = 4_096
"""Bytes of a connection that are read, or once unpacked answered, before all the others have their turn."""
MOST_MESSAGES_A_TURN = 16
"""Messages of a connection that are answered before all the others have their turn."""
MOST_FOUND = 50
"""Departures from its schema that are told of one message, and breaches of one rule: some have room for thousands."""
MOST_SAMPLES_HEARD = 1_048_576
"""Samples of sound that a message of a compressed encoding may unfold to: as many as the largest of mulaw holds."""
LONGEST_SPOKEN = 300.0
"""Seconds of sound that are made of one statement of a reply."""
MOST_SAMPLES_SPOKEN = 7_200_000
"""Samples of sound that are made of one statement of a reply: five minutes at 24 kHz."""
MOST_BYTES_REMEMBERED = 67_108_864
"""Bytes of speech that are kept for the next session that says the same."""
MOST_AUDIO_KEPT = 268_435_456
"""Bytes of audio that are kept of a side for a file beside its trace."""
LONGEST_PATTERN = 1_000
"""Characters of a regular expression in a scenario."""
PATTERN_WITHIN = 0.1
"""Seconds of CPU that one search for a regular expression may take."""
LONGEST_FILLED = 1_048_576
"""Characters that a text may have once its `${…}` are filled in."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A row of the table in the manual: of what, how much at most, and what happens beyond it."""

    of: str
    most: str
    beyond: str


def _bytes(count: int) -> str:
    return f"{count // 1_048_576} MiB" if count % 1_048_576 == 0 else f"{count // 1024} KiB"


LIMITS = (
    Limit("a handshake, from the first byte to the last", f"{OPENS_WITHIN:g} s", "the connection is dropped"),
    Limit(
        "a line of a handshake; its headers",
        f"{_bytes(LONGEST_LINE)}; {MOST_HEADERS}",
        "414 or 431, and the end",
    ),
    Limit(
        "a message of the client, in one frame or many, decompressed",
        _bytes(LARGEST_MESSAGE),
        "the close 1009",
    ),
    Limit("what waits for a client that does not read", _bytes(MOST_UNSENT), "LIV-010, and the end"),
    Limit("a close that the client does not answer", f"{CLOSES_WITHIN:g} s", "the connection is dropped"),
    Limit(
        "what is read of one client at a stretch",
        f"{_bytes(MOST_BYTES_A_TURN)} or {MOST_MESSAGES_A_TURN} messages",
        "the other sessions have their turn, then it goes on",
    ),
    Limit(
        "what is wrong with one message, by its schema and by each rule",
        f"{MOST_FOUND}",
        "the rest is not looked for",
    ),
    Limit(
        "the sound in one message of a compressed encoding",
        f"{MOST_SAMPLES_HEARD:,} samples",
        "the rest of the message is not heard",
    ),
    Limit(
        "one statement of the agent, spoken",
        f"{LONGEST_SPOKEN / 60:g} min; {MOST_SAMPLES_SPOKEN:,} samples",
        "it ends there; the notice `trouble`",
    ),
    Limit(
        "speech kept for the next session that says the same",
        _bytes(MOST_BYTES_REMEMBERED),
        "the oldest goes",
    ),
    Limit(
        "audio of a side kept for `--trace-audio`",
        _bytes(MOST_AUDIO_KEPT),
        "its file ends there; the notice `trouble`",
    ),
    Limit(
        "a regular expression of a scenario", f"{LONGEST_PATTERN:,} characters", "exit code 2, with the line"
    ),
    Limit(
        "one search for it",
        f"{PATTERN_WITHIN:g} s of CPU",
        "it is not found, there or later; the account of the step says so",
    ),
    Limit(
        "a text with its `${…}` filled in", f"{LONGEST_FILLED:,} characters", "the step fails, and says so"
    ),
)
"""The limits as the manual lists them."""
