"""How a server runs."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from mockagent.protocol.events import Tolerance
from mockagent.scenario.faults.flags import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`sessions` is after how many the server ends by itself; `seed` makes ids and `faults` repeatable."""

    host: str = "127.0.0.1"
    port: int = 0
    speed: float = 1.0
    tolerance: Tolerance = Tolerance.FAITHFUL
    api_keys: Collection[str] = field(default=(), repr=False)
    forbidden_keys: Collection[str] = field(default=(), repr=False)
    max_sessions: int | None = None
    sessions: int | None = None
    trace: Path | None = None
    trace_audio: bool = False
    seed: int | None = None
    faults: tuple[Standing, ...] = ()
