"""One run of the machine with a peer: a session, and after it the next, step by step as it is told.

What it does is decided elsewhere: the table of transitions says what may come, the judge what is wrong.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mockagent.protocol.events import Audio, Event, Frame, JsonObject, Malformed, Message, Side
from mockagent.protocol.transitions import Phase
from mockagent.testing.machine.line import Fault, Line, Loop
from mockagent.testing.machine.patience import Patience
from mockagent.testing.machine.peers import Opener
from mockagent.testing.machine.steps import WORDS, Choice, failure, frame_of, illegal, legal

_OPENING = Choice(0, WORDS[0])
_MOST_OPENING = 4

_LET_BE = {Side.SERVER: (0.1, 0.5), Side.CLIENT: (0.02, 0.25)}
"""Session seconds for which a peer is let be, briefly or long: a server may speak then, a client owes nothing."""


class Play:
    """One run: a session, and after it the next.

    A fault is kept, and told by `check`: the step at which it shows may be another one each time, and Hypothesis
    takes a run that stops elsewhere for another test. After it nothing is done any more.
    """

    def __init__(
        self, loop: Loop, opener: Opener, patience: Patience, opening: JsonObject | None, traces: Path | None
    ) -> None:
        self._loop = loop
        self._opener = opener
        self._patience = patience
        self._opening = opening
        self._traces = traces
        self._lines: list[Line] = []
        self._has_ended = True
        self._fault: Fault | None = None

    @property
    def side(self) -> Side:
        """Whose part is played."""
        return self._opener.side.other

    @property
    def is_open(self) -> bool:
        return self._fault is None and not self._has_ended and not self._lines[-1].is_over

    def begin(self, opened: bool) -> None:
        """Come to a new session; with `opened` to where its conversation begins, whoever has to do what for it."""
        self.end()
        if self._fault is None:
            self._do(self._open)
        for _ in range(_MOST_OPENING if opened else 0):
            if self.is_open and self._lines[-1].session.phase is not Phase.ACTIVE:
                self.allowed(_OPENING)

    def go_on(self) -> None:
        """Where the session is over, come to the next, so that no step is lost."""
        if self._fault is None and not self.is_open:
            self.begin(opened=True)

    def allowed(self, choice: Choice) -> None:
        async def step() -> None:
            line = self._lines[-1]
            content = legal(line.worlds.judge, self.side, line.now(), choice, self._opening)
            if content is not None:
                await line.send(content)

        self._when_open(step)

    def barred(self, choice: Choice) -> None:
        async def step() -> None:
            line = self._lines[-1]
            line.has_strayed = self.side is Side.CLIENT
            await line.send(*illegal(line.session, self.side, choice))

        self._when_open(step)

    def rest(self, long: bool) -> None:
        self._when_open(lambda: self._lines[-1].rest(_LET_BE[self._opener.side][long]))

    def fail(self) -> None:
        """What a service does that fails: an Error, and the close without a status. A client has nothing like it."""

        async def step() -> None:
            line = self._lines[-1]
            await line.send_last(failure(line.session))
            await line.leave(None)

        if self.side is Side.SERVER and self.is_open and self._lines[-1].session.phase is Phase.ACTIVE:
            self._do(step)

    def end(self) -> None:
        """The session is over, and the peer comes to its end as well."""
        if not self._has_ended:
            self._has_ended = True
            self._do(lambda: self._opener.end(self._lines[-1]))

    def check(self) -> None:
        """AssertionError if the peer did anything wrong."""
        self.end()
        if self._fault is not None:
            raise Fault(self._report(self._fault))

    def again(self, event: Event) -> None:
        """What was done in a session that was recorded."""
        match event.content:
            case Message() | Audio() as content:
                self._when_open(lambda: self._lines[-1].send(content, frame_of(content)))
            case Malformed() as content:
                self._when_open(lambda: self._lines[-1].send(content, Frame(b"{")))

    async def _open(self) -> None:
        self._lines.append(await self._opener.open())
        self._has_ended = False
        await self._lines[-1].settle()

    def _when_open(self, step: Callable[[], Any]) -> None:
        if self.is_open:
            self._do(step)

    def _do(self, step: Callable[[], Any]) -> None:
        try:
            self._loop.run(step())
        except Fault as fault:
            self._fault = self._fault or fault
            self._patience.found()

    def _report(self, fault: Fault) -> str:
        parts = [str(fault)]
        written = [] if self._traces is None else self._written(self._traces)
        for number, line in enumerate(self._lines, 1):
            parts.append(f"session {number}:\n{line.told()}")
            parts += [f"its trace: {path}" for path in written[number - 1 : number]]
        return self._opener.hidden("\n".join(parts))

    def _written(self, folder: Path) -> list[Path]:
        """The files of the sessions' traces, in place of those of another run."""
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob("machine-*.jsonl"):
            stale.unlink()
        paths = [folder / f"machine-{number}.jsonl" for number in range(1, len(self._lines) + 1)]
        for path, line in zip(paths, self._lines, strict=True):
            path.write_text(self._opener.hidden(line.trace()), encoding="utf-8")
        return paths
