"""Lets the client's part act over a WebSocket: frames in, acts out, on a clock that `speed` scales."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain, cycle
from urllib.parse import urlsplit

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from mockagent import catalogue
from mockagent.audio.packets import packets, speech_packets, wav_packets
from mockagent.client.account import Account
from mockagent.client.part import Act, ClientPart, FallSilent, Leave, Rest, Say, StopTalking, Talk
from mockagent.client.sayings import ENDPOINT, Sayings
from mockagent.protocol import codec, formats, message_types
from mockagent.protocol.events import (
    NO_CLOSE_FRAME,
    NO_STATUS,
    Audio,
    Closed,
    Content,
    Event,
    JsonObject,
    Message,
    Opened,
    Side,
)
from mockagent.protocol.judge import Judge, Violation
from mockagent.protocol.transitions import Phase
from mockagent.scenario.lines import Lines, lines_to_play
from mockagent.scenario.model import Scenario

KEEP_ALIVE_EVERY = 3.0
"""Seconds between two KeepAlives: well within the eight that the service asks for, also on a busy machine."""
FRAME_FOR = 0.02
"""Seconds of sound in one frame."""
CLOSES_WITHIN = 2.0
"""Seconds that the server has to answer a close frame."""
LARGEST_MESSAGE = 16 * 2**20
"""Bytes of one message: more than a server may send, so that one that sends too much is judged for it."""


class _Direct(connect):
    """Follows no redirect: credentials are for the address that the user named, and for no other."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def dialling(url: str, api_key: str) -> connect:
    """A connection to be opened, with these credentials; by the proxy of the environment unless it is to here."""
    is_here = (urlsplit(url).hostname or "") in ("localhost", "127.0.0.1", "::1")
    headers = {"Authorization": f"Token {api_key}"} if api_key else {}
    return _Direct(
        url,
        additional_headers=headers,
        proxy=None if is_here else True,
        max_size=LARGEST_MESSAGE,
        close_timeout=CLOSES_WITHIN,
    )


class _Speech:
    """Frames without end: frame n is due n frames' time after the first, however late those before it were."""

    def __init__(self, frames: Iterator[bytes], began_at: float, frame_for: float) -> None:
        self._frames = frames
        self._began_at = began_at
        self._frame_for = frame_for
        self._sent = 0

    @property
    def next_at(self) -> float:
        return self._began_at + self._sent * self._frame_for

    def due_by(self, now: float) -> Iterator[bytes]:
        while self.next_at <= now:
            yield next(self._frames)
            self._sent += 1


class ReferenceClient:
    """Plays the client's part of one of a scenario's plays, once.

    `answers` are what functions return, by name, where the scenario leaves it open; `endpoint` is where those are
    that the server runs; `speed` that of the server. `brief` may add to the Settings; `record` hears of each event
    with what it breaks, `sees` of all that the server does. `closed` is how the server closed or answered the close,
    once it did.
    """

    def __init__(
        self,
        scenario: Scenario,
        lines: Lines | None = None,
        *,
        speed: float = 1.0,
        api_key: str = "any key",
        answers: Mapping[str, str] | None = None,
        endpoint: str = ENDPOINT,
        sees: Callable[[Content], None] = lambda content: None,
        brief: Callable[[JsonObject], JsonObject] = lambda settings: settings,
        record: Callable[[Event, Sequence[Violation]], None] | None = None,
    ) -> None:
        self.closed: Closed | None = None
        self._speed = speed
        self._sees = sees
        self._api_key = api_key
        # Seen from here Welcome is earlier after the upgrade than it was sent after it.
        switches = replace(scenario.switches, welcome_after=0.0)
        judge = Judge(catalogue.requirements(), switches, scenario.dialect)
        self._dialect = scenario.dialect
        self.account = Account(judge, catalogue.schemas(), record)
        sayings = Sayings(scenario.dialect, self._example, answers or {}, endpoint, brief)
        self._part = ClientPart(
            lines_to_play(scenario)[0] if lines is None else lines,
            sayings,
            self._do,
            lambda: self.account.session,
        )
        self._outgoing: asyncio.Queue[str | bytes | Leave] = asyncio.Queue()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group = asyncio.TaskGroup()
        self._opened_at = 0.0
        self._speech: _Speech | None = None

    @property
    def is_over(self) -> bool:
        """Whether the client came to the end of its part."""
        return self._part.is_over

    async def play(self, url: str) -> Account:
        """What happened, once the connection is closed by either side.

        OSError, TimeoutError or what `websockets` raises where there is no such server, or one that lets nobody in.
        """
        async with dialling(url, self._api_key) as socket, self._group:
            self._opened_at = asyncio.get_running_loop().time()
            self.account.observe(0.0, Side.SERVER, Opened(self._dialect))
            self._start("send", self._send(socket))
            self._start("keep alive", self._keep_alive())
            await self._read(socket)
            for task in list(self._tasks):
                self._stop(task)
        return self.account

    async def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                data = await socket.recv()
                if self.account.session.phase is not Phase.CLOSED:
                    frame = data.encode() if isinstance(data, str) else data
                    event = self.account.read(frame, isinstance(data, bytes), self._now())
                    self._sees(event.content)
                    if self.account.session.phase is Phase.FAILED:
                        self._fall_silent()
                    self._part.on_event(event.content)
        except ConnectionClosed as ended:
            self.closed = closed = _closed(ended)
        if self.account.session.phase is not Phase.CLOSED:
            self.account.observe(self._now(), Side.SERVER, closed)
        self._sees(closed)
        self._part.on_event(closed)

    def _fall_silent(self) -> None:
        """After an Error there is nothing more to say."""
        self._speech = None
        self._stop("talk")
        self._stop("keep alive")

    def _do(self, act: Act) -> None:
        match act:
            case Say(body=body):
                self._observe(Message(str(body["type"]), body))
                self._outgoing.put_nowait(codec.encode(body).data.decode())
            case Talk(text=text, wav=wav):
                self._start("talk", self._talk(self._sound(text, wav)))
            case StopTalking():
                self._send_speech()  # the server counts what it hears, however busy this machine is
                self._stop("talk")
                self._speech = None
            case Rest(seconds=seconds):
                self._start("rest", self._rest(seconds))
            case FallSilent():
                self._stop("keep alive")
            case Leave(code=code):
                self._observe(Closed(code))
                self._outgoing.put_nowait(act)

    def _observe(self, content: Content) -> None:
        self.account.observe(self._now(), Side.CLIENT, content)

    def _start(self, name: str, acting: Coroutine[None, None, None]) -> None:
        self._stop(name)
        self._tasks[name] = self._group.create_task(acting)

    def _stop(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()

    async def _send(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                match await self._outgoing.get():
                    case Leave(code=code):
                        await socket.close(code)
                        return
                    case data:
                        await socket.send(data)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_EVERY / self._speed)
            if self.account.session.phase is Phase.ACTIVE:
                self._do(Say({"type": "KeepAlive"}))

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)
        self._part.on_rested()

    async def _talk(self, frames: Iterator[bytes]) -> None:
        loop = asyncio.get_running_loop()
        self._speech = _Speech(frames, loop.time(), FRAME_FOR / self._speed)
        while True:
            self._send_speech()
            await asyncio.sleep(self._speech.next_at - loop.time())

    def _send_speech(self) -> None:
        """Send every frame that is due by now."""
        if self._speech is None:
            return
        for frame in self._speech.due_by(asyncio.get_running_loop().time()):
            if self.account.session.phase is not Phase.CLOSED:
                self._observe(Audio(len(frame), largest=len(frame), data=frame))
                self._outgoing.put_nowait(frame)

    def _sound(self, text: str, wav: bytes | None) -> Iterator[bytes]:
        """The text spoken, or the recording; then silence without end."""
        format = formats.input_format(self.account.session.settings or {}, self._dialect)
        said = speech_packets(text, format) if wav is None else wav_packets(wav, format)
        silence = packets(np.zeros(round(format.sample_rate * FRAME_FOR), np.int16), format)
        return chain(said, cycle(silence))

    def _now(self) -> float:
        return (asyncio.get_running_loop().time() - self._opened_at) * self._speed

    def _example(self, type: str) -> JsonObject:
        path = message_types.path_of(self._dialect, Side.CLIENT, type)
        example: JsonObject = catalogue.read_schema(path)["examples"][0]
        return example


def _closed(ended: ConnectionClosed) -> Closed:
    if ended.rcvd is None:
        return Closed(NO_CLOSE_FRAME)
    return Closed(None if ended.rcvd.code == NO_STATUS else ended.rcvd.code, ended.rcvd.reason)
