"""Turns what a service means to do into what a faulty one does: actions in, actions out, for one session. Pure.

Faults of a scenario are armed one by one and hit once; those of the run stand, and throw the dice at each
opportunity. Of several that would hit the same thing one does.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from mockagent.protocol.events import Dialect, JsonObject
from mockagent.protocol.wire_frames import Assembling
from mockagent.scenario.actions import (
    Action,
    Close,
    Cut,
    Deed,
    Inflict,
    Ping,
    Put,
    Send,
    Sever,
    Speak,
    Strike,
    Write,
)
from mockagent.scenario.faults.flags import Dice, Standing
from mockagent.scenario.faults.mangling import extra, mangled
from mockagent.scenario.faults.raw_frame import frame_of, waits_for
from mockagent.scenario.faults.table import FAULTS, Per, Strikes

STRIKES_AFTER = 1.0
"""Seconds after SettingsApplied at which a fault of the run strikes that comes once a connection."""
WAITS_FOR_ANOTHER = 1.0
"""Seconds that a message which is to come after the next one waits for there to be one."""

_OPENING = {"Welcome": "no_welcome", "SettingsApplied": "no_settings_applied"}
_SLOW = "late_settings_applied"
_REORDERED, _DELAYED = "reordered", "delayed"


class Inflicting:
    """The faults of one session. `opening` are those of its scenario that are armed before Welcome.

    `is_wrong` tells whether a message departs from its schema; `dice` are the chances of those that stand.
    """

    def __init__(
        self,
        opening: Iterable[Strike] = (),
        standing: Sequence[Standing] = (),
        *,
        dice: Dice = lambda: 0.0,
        dialect: Dialect = Dialect.V1,
        is_wrong: Callable[[JsonObject], bool] = lambda body: False,
    ) -> None:
        self._dice = dice
        self._dialect = dialect
        self._is_wrong = is_wrong
        self._assembling = Assembling()
        self._standing = [each for each in standing if each.fault.per is not Per.CONNECTION]
        self._armed: list[Strike] = list(opening)
        self._due: list[Strike] = []
        for each in standing:
            if each.fault.per is Per.CONNECTION and each.fault.strikes is not Strikes.HANDSHAKE:
                self._draw(each)
        self._due_at: float | None = None
        self._held: deque[tuple[float, Strike, Write]] = deque()
        self._swapped: tuple[float, Strike, Write] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether every action passes as it is."""
        return not (self._armed or self._standing or self._held or self._swapped)

    @property
    def armed(self) -> tuple[Strike, ...]:
        """What has not hit anything yet."""
        return tuple(self._armed)

    @property
    def wakes_at(self) -> float | None:
        """When something falls due."""
        moments = [at for at, _, _ in self._held]
        if self._swapped:
            moments.append(self._swapped[0])
        if self._due_at is not None:
            moments.append(self._due_at)
        return min(moments, default=None)

    def settings_take(self) -> tuple[Strike, float] | None:
        """The fault that makes Settings take so many seconds, once."""
        strike = self._take(lambda each: each.fault == _SLOW)
        return (strike, strike.values["seconds"]) if strike else None

    def applied(self, at: float) -> None:
        """SettingsApplied has been sent, or would have been."""
        if self._due:
            self._due_at = at + STRIKES_AFTER

    def fallen_due(self, at: float) -> list[Action]:
        """What comes of the time: what was held back goes out, and what strikes once strikes."""
        actions: list[Action] = []
        for moment in sorted(self._held, key=lambda held: held[0]):
            if moment[0] <= at:
                self._held.remove(moment)
                actions.append(_later(moment))
        if self._swapped and self._swapped[0] <= at:
            actions += self._let_go()
        if self._due_at is not None and self._due_at <= at:
            self._due_at = None
            actions += self._due
            self._due = []
        return actions

    def through(self, actions: Sequence[Action], at: float) -> list[Action]:
        """The actions as the faults have them."""
        return [each for action in actions for each in self._one(action, at)]

    def _draw(self, standing: Standing) -> None:
        if not standing.strikes(self._dice):
            return
        strike = Strike(standing.fault.name, standing.values, standing.fault.breaks)
        (self._armed if standing.fault.strikes is Strikes.OPENING else self._due).append(strike)

    def _one(self, action: Action, at: float) -> Iterator[Action]:
        match action:
            case Strike():
                yield from self._struck(action)
            case Send():
                yield from self._sent(action, at)
            case Speak():
                yield from self._spoken(action)
            case Close():
                yield from self._let_go()
                yield action
            case _:
                yield action

    def _struck(self, strike: Strike) -> Iterator[Action]:
        """At once, or armed for what comes."""
        if not _is_at_once(strike):
            self._armed.append(strike)
        elif strike.fault == "close":
            yield Inflict(strike)
            yield Close(strike.values["code"])
        else:
            yield Inflict(strike, self._deeds(strike))

    def _deeds(self, strike: Strike) -> tuple[Deed, ...]:
        if strike.fault != "frame":
            return (self._deed(strike),)
        frame, count = frame_of(strike.values), strike.values["count"] or 1
        return tuple(Put(frame, self._assembling.message(frame)) for _ in range(count))

    def _deed(self, strike: Strike) -> Deed:
        match strike.fault:
            case "ping_flood":
                return Ping(strike.values["count"])
            case Cut.CLOSE | Cut.RESET | Cut.SILENCE as how:
                return Sever(Cut(how), strike.values.get("seconds", 0.0))
            case fault:
                return extra(fault, strike.values, self._dialect)

    def _sent(self, send: Send, at: float) -> Iterator[Action]:
        type = str(send.body.get("type"))
        yield from self._out_of_nowhere(type)
        for strike in self._take_all(lambda each: each.values.get("before") == type):
            yield Inflict(strike, self._deeds(strike))
        unsent = self._take(lambda each: each.fault == _OPENING.get(type))
        swapped, self._swapped = self._swapped, None
        replaced = self._take(lambda each: each.values.get("instead_of") == type)
        if unsent:
            yield Inflict(unsent, meant=send)
        elif replaced:
            yield Inflict(replaced, self._deeds(replaced), send)
        else:
            yield from self._hit(send, type, at, completes_a_swap=swapped is not None)
        if swapped:
            yield _later(swapped)
        if type == "Welcome":
            for strike in self._take_all(_is_at_once):
                yield from self._struck(strike)

    def _out_of_nowhere(self, type: str) -> Iterator[Action]:
        """What faults of the run send before this message, or in its place."""
        is_asked_for = any(waits_for(each.values) == type for each in self._standing)
        for strike in self._drawn(Strikes.AT_ONCE) if is_asked_for or type not in _OPENING else ():
            awaited = waits_for(strike.values)
            if awaited == type or (awaited is None and type not in _OPENING):
                yield from self._struck(strike)

    def _hit(self, send: Send, type: str, at: float, *, completes_a_swap: bool) -> Iterator[Action]:
        """The message as a fault has it, if one hits it."""
        drawn = self._drawn(Strikes.NEXT_MESSAGE) if type not in _OPENING else []
        for strike in (*self._of(Strikes.NEXT_MESSAGE), *drawn):
            if strike.values["type"] not in (None, type) or (completes_a_swap and strike.fault == _REORDERED):
                continue
            writes = mangled(strike.fault, send.body, strike.values, self._is_wrong)
            if writes is None:
                continue
            if strike in self._armed:
                self._armed.remove(strike)
            yield self._mangled(strike, writes, send, at)
            return
        yield send

    def _mangled(self, strike: Strike, writes: tuple[Write, ...], send: Send, at: float) -> Action:
        if strike.fault == _DELAYED:
            self._held.append((at + strike.values["seconds"], strike, writes[0]))
        elif strike.fault == _REORDERED:
            self._swapped = (at + WAITS_FOR_ANOTHER, strike, writes[0])
        else:
            return Inflict(strike, writes, send)
        return Inflict(strike, (), send)

    def _spoken(self, speak: Speak) -> Iterator[Action]:
        drawn = self._drawn(Strikes.NEXT_REPLY)
        strike = self._take(lambda each: FAULTS[each.fault].strikes is Strikes.NEXT_REPLY)
        strike = strike or next(iter(drawn), None)
        if strike:
            yield Inflict(strike)
            yield replace(speak, fault=strike)
        else:
            yield speak

    def _let_go(self) -> Iterator[Action]:
        """What waits for another message waits no more."""
        swapped, self._swapped = self._swapped, None
        if swapped:
            yield _later(swapped)

    def _drawn(self, what: Strikes) -> list[Strike]:
        """Those of the run that strike now; one of them comes first, whichever it is."""
        standing = [each for each in self._standing if each.fault.strikes is what]
        hits = [each for each in standing if each.strikes(self._dice)]
        first = int(self._dice() * len(hits)) if len(hits) > 1 else 0
        return [
            Strike(each.fault.name, each.values, each.fault.breaks) for each in hits[first:] + hits[:first]
        ]

    def _of(self, what: Strikes) -> list[Strike]:
        return [each for each in self._armed if FAULTS[each.fault].strikes is what]

    def _take(self, fits: Callable[[Strike], bool]) -> Strike | None:
        """The first armed one that fits, which is then armed no more."""
        strike = next(filter(fits, self._armed), None)
        if strike:
            self._armed.remove(strike)
        return strike

    def _take_all(self, fits: Callable[[Strike], bool]) -> list[Strike]:
        found = list(filter(fits, self._armed))
        self._armed = [each for each in self._armed if each not in found]
        return found


def _is_at_once(strike: Strike) -> bool:
    return FAULTS[strike.fault].strikes is Strikes.AT_ONCE and waits_for(strike.values) is None


def _later(held: tuple[float, Strike, Write]) -> Inflict:
    _, strike, write = held
    return Inflict(strike, (write,), is_first=False)
