"""Lengths of time as people write them: a number and a unit, never a bare number.

Units are ms, s, min and h; the value is seconds. The longest length a scenario may ask for is a day.
"""

import re

_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_LENGTH = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(ms|s|min|h)")
_LONGEST = 86400.0


def seconds(length: object) -> float:
    """The seconds in a length such as "1.5 s" or "200 ms"; ValueError says what is wrong with a value."""
    if isinstance(length, int | float) and not isinstance(length, bool):
        raise ValueError(f"expected a length with its unit, got the number {length}; write '{length} s'")
    matched = _LENGTH.fullmatch(length) if isinstance(length, str) else None
    if matched is None:
        raise ValueError(f"expected a length such as '1.5 s', '200 ms', '2 min' or '1 h', got {length!r}")
    number, unit = matched.groups()
    found = round(float(number) * _UNITS[unit], 9)
    if found > _LONGEST:
        raise ValueError(f"expected a length of at most 24 h, got {length!r}")
    return found


def is_length(value: object) -> bool:
    """Whether that is a length with its unit."""
    return isinstance(value, str) and _LENGTH.fullmatch(value) is not None


def written(length: float) -> str:
    """A length in seconds as one would write it: "200 ms", "1.5 s", "2 min", "2 h"."""
    if 0 < length < 1:
        return f"{_plain(length * 1000)} ms"
    for unit, size in (("h", 3600), ("min", 60)):
        if length >= size and length % size == 0:
            return f"{int(length // size)} {unit}"
    return f"{_plain(length)} s"


def _plain(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
