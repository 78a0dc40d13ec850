"""What was made once and is shared by all who ask for it again, as long as all of it together is not too large.

The rule: what is kept is counted in bytes, since nobody can say how long a text a client has spoken.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from mockagent.limits import MOST_BYTES_REMEMBERED

P = ParamSpec("P")
T = TypeVar("T")

_kept: "OrderedDict[Hashable, tuple[Any, int]]" = OrderedDict()
_weight = 0


def remembered(make: Callable[P, T]) -> Callable[P, T]:
    """`make`, which gives frames or lists of them, asked once for the same arguments while they are kept."""

    @wraps(make)
    def asked(*args: P.args, **named: P.kwargs) -> T:
        global _weight
        key = (make, args, tuple(sorted(named.items())))
        if key in _kept:
            _kept.move_to_end(key)
            found: T = _kept[key][0]
            return found
        made = make(*args, **named)
        weight = _weight_of(made) + sum(_weight_of(each) for each in args)
        _kept[key] = made, weight
        _weight += weight
        while _weight > MOST_BYTES_REMEMBERED:
            _weight -= _kept.popitem(last=False)[1][1]
        return made

    return asked


def _weight_of(value: Any) -> int:
    if isinstance(value, bytes | str):
        return len(value) + 64
    return sum(map(_weight_of, value)) if isinstance(value, list | tuple) else 64
