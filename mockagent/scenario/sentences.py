"""A reply as the sentences that it is spoken in."""

import re

_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?…])\s+(?=\S)")


def sentences(text: str) -> list[str]:
    """The sentences of a text in order, each with its punctuation; a text without any is one."""
    return _BETWEEN_SENTENCES.split(text)
