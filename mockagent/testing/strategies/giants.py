"""Rare giants: long strings, deep JSON, surrogates, control characters and numbers beyond what machines count in.

They are as valid as any other message, but slow to draw and to send: so they have a strategy of their own.
"""

from typing import Any

from hypothesis import strategies as st

from mockagent.testing.strategies.drawing import Drawn, Scale

_LENGTHS = (1_000, 25_001, 65_536, 250_000)
"""Characters: also one more than a prompt may have, and what no 16 bits count."""
_ODD = (
    "\ud800",
    "\udfff\ud800",
    "\U0010ffff",
    "\x00",
    "\u2028",
    "\ufeff",
    "e\u0301" * 50,
    "\u202etxt.exe",
    "\U0001f468\u200d\U0001f469" * 9,
)
_DEPTHS = (50, 150)
_WHOLE = (2**31 - 1, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**30)
_REAL = (1e-308, 5e-324, 1e15, 2.0**53, 1e308, 0.1 + 0.2)


def _nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"x": value}
    return value


_LONG: Drawn = st.builds(
    lambda text, size: (text * size)[:size], st.text(min_size=1, max_size=3), st.sampled_from(_LENGTHS)
)
_WORDS: Drawn = st.sampled_from(_ODD) | _LONG
GIANT = Scale(
    words=_WORDS,
    anything=st.sampled_from(_DEPTHS).map(_nested)
    | _WORDS
    | st.lists(st.integers(), min_size=500, max_size=500),
    whole=st.sampled_from(_WHOLE),
    real=st.sampled_from(_REAL),
    items=30,
)
