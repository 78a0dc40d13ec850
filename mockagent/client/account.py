"""What a client has seen and done: every event of both sides, in its own order, and what a judge says of them."""

from collections.abc import Callable, Sequence

from mockagent.protocol.codec import decode
from mockagent.protocol.events import Audio, Content, Elapsed, Event, Frame, JsonObject, Message, Side
from mockagent.protocol.judge import Judge, Violation
from mockagent.protocol.schemas import Schemas
from mockagent.protocol.session import SESSION_END, SESSION_WARNING, Session


class Account:
    """Grows while the session lasts. `violations` are those of either side, as they look from the client's end.

    `record` hears of each event with what it breaks; then nothing else is kept, however much comes.
    """

    def __init__(
        self,
        judge: Judge,
        schemas: Schemas,
        record: Callable[[Event, Sequence[Violation]], None] | None = None,
    ) -> None:
        self.events: list[Event] = []
        self.violations: list[Violation] = []
        self._judge = judge
        self._schemas = schemas
        self._record = record

    @property
    def session(self) -> Session:
        """What the events so far amount to."""
        return self._judge.session

    @property
    def received(self) -> list[JsonObject]:
        """The messages of the server, in order."""
        return self._bodies(Side.SERVER)

    @property
    def sent(self) -> list[JsonObject]:
        """The messages of the client, in order."""
        return self._bodies(Side.CLIENT)

    @property
    def audio(self) -> bytes:
        """All audio of the server."""
        spoken = (e.content for e in self.events if e.sender is Side.SERVER)
        return b"".join(content.data for content in spoken if isinstance(content, Audio))

    def read(self, data: bytes, binary: bool, at: float) -> Event:
        """Take in a frame of the server."""
        return self.observe(at, Side.SERVER, decode(Frame(data, binary)))

    def observe(self, at: float, sender: Side, content: Content) -> Event:
        """Take in what a side did, after the limits of the server that ran out before it.

        A message is held against its schema first.
        """
        for limit in (SESSION_WARNING, SESSION_END):
            due = self.session.runs_out_at(limit)
            if due is not None and due <= at:
                self._see(Event(due, Side.CLIENT, Elapsed(limit)))
        if isinstance(content, Message):
            problems = self._schemas.problems(self.session.dialect, sender, content.body)
            content = Message(content.type, content.body, problems)
        event = Event(at, sender, content)
        self._see(event)
        return event

    def _see(self, event: Event) -> None:
        violations = self._judge.observe(event)
        if self._record is not None:
            self._record(event, violations)
        else:
            self.violations += violations
            self.events.append(event)

    def _bodies(self, side: Side) -> list[JsonObject]:
        return [e.content.body for e in self.events if e.sender is side and isinstance(e.content, Message)]
