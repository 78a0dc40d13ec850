"""Text from outside, fit to be shown: no character of it can steer a terminal, or turn what stands beside it. Pure."""

import re

_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters (C0, DEL, C1), marks that turn the writing direction, line separators, lone surrogates."""


def plain(text: str) -> str:
    """The text on one line, each control character written out: an escape is "\\x1b"."""
    return _STEERING.sub(_escape, text)


def cut(text: str, most: int) -> str:
    """The text, plain, and at most about `most` characters of it."""
    return plain(text) if len(text) <= most else f"{plain(text[:most])}… ({len(text)} characters)"


def _escape(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape", "surrogatepass").decode("ascii")
