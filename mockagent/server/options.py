"""How a server runs."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mockagent.protocol.events import Tolerance
from mockagent.scenario.faults.flags import Standing

if TYPE_CHECKING:
    from mockagent.tls import Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`sessions` is after how many the server ends by itself; `seed` makes ids and `faults` repeatable.

    `allowed_hosts` are those at which functions may be called beside the loopback: HOST or HOST:PORT.
    With `journal` what clients do can be asked for over HTTP.
    With `tls` it speaks nothing but TLS. With `gives_up`, as with `sessions`, it closes a session whose scenario
    cannot be finished any more.
    """

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
    allowed_hosts: Collection[str] = ()
    seed: int | None = None
    journal: bool = True
    tls: "Tls | None" = None
    gives_up: bool = False
    faults: tuple[Standing, ...] = ()
