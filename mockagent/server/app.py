"""The fake server: a port, and behind each handshake one session that plays its scenario.

A shell: it opens sockets and makes ids, and tells what happened by notices; what is answered is decided elsewhere.
"""

import asyncio
import contextlib
import errno
import os
import random
import tempfile
import uuid
from collections.abc import Callable, Sequence
from http import HTTPStatus
from socket import gaierror
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from websockets.http11 import Request, Response

from mockagent import catalogue
from mockagent.connection import Recorder
from mockagent.errors import NoSuchName, ServerError
from mockagent.limits import OPENS_WITHIN
from mockagent.protocol.events import Dialect
from mockagent.protocol.handshake import REQUEST_ID, Handshake, requested
from mockagent.protocol.message_types import PATHS
from mockagent.scenario.faults.flags import Dice
from mockagent.scenario.model import Scenario
from mockagent.server import door, journal, sound, think_models
from mockagent.server.answers import answer, refusal
from mockagent.server.casting import Casting
from mockagent.server.functions import Functions
from mockagent.server.guest import Guest
from mockagent.server.journal.book import Journal
from mockagent.server.notices import (
    Limitation,
    Notice,
    Ready,
    SessionClosed,
    TurnedAway,
    fault_inflicted,
)
from mockagent.server.options import Options
from mockagent.server.reception import drawn, reception, written
from mockagent.server.recorders import together
from mockagent.ticker import Ticker
from mockagent.websocket import Later, WebSocket

if TYPE_CHECKING:
    from mockagent.server.journal.desk import Desk

_REACHED_BY = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""An address by which a client on this machine reaches a server that listens on every one."""
MOST_REMEMBERED = 1_000
"""Sessions that are over, of which the last ones are remembered."""
SHUTS_DOWN_WITHIN = 1.0
"""Seconds that open sessions have to end by themselves when the server does."""


def warm_up() -> None:
    """Load what sessions need and handshakes do not, 150 ms of it, before it is asked for."""
    catalogue.schemas()
    sound.warm_up()


def _reason(error: OSError | UnicodeError) -> str:
    """Why a port cannot be had, and what to do about the usual reasons."""
    if isinstance(error, gaierror | UnicodeError):
        return "no address is known by that name"
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return "it is in use; --port 0 takes a free one"
    if number is None or number == errno.EADDRNOTAVAIL:
        # asyncio says without a number that it could bind on no address
        return "this machine has no such address; 127.0.0.1 is its own, 0.0.0.0 every one of its interfaces"
    return os.strerror(number)


class Server:
    """Serves scenarios until it is stopped, or has had its number of sessions. `tell` hears every notice.

    `knock` hears of every handshake with the API before it is answered.
    `record` gives a recorder for a session that begins, or None; `arrivals` counts those who were not turned away by
    the rules of the door. `closed` are the last sessions that are over, `is_clean` whether all have been.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario] = (),
        options: Options | None = None,
        tell: Callable[[Notice], None] = lambda notice: None,
        record: Callable[[Guest], Recorder | None] = lambda guest: None,
        knock: Callable[[Handshake], None] = lambda handshake: None,
    ) -> None:
        self.options = options or Options()
        self.closed: list[SessionClosed] = []
        self.is_clean = True
        self._ended = 0
        self._outside = tell
        self._record = record
        self._knock = knock
        self._journal = Journal() if self.options.journal else None
        self._desk: Desk | None = None
        self._scenarios = tuple(scenarios)
        self._casting = Casting(scenarios)
        self._functions = Functions(self.options.allowed_hosts, tell)
        self._random = random.Random(self.options.seed)
        self._sockets: set[WebSocket] = set()
        self._guests: dict[str, Guest] = {}
        self._numbers = 0
        self.arrivals = 0
        self._is_ending = False
        self._is_empty = asyncio.Event()
        self._is_empty.set()
        self._has_had_all = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._ticker: Ticker | None = None
        catalogue.requirements()
        if self.options.speed > 1:
            warm_up()  # where seconds are short, none can be spent on loading

    @property
    def guests(self) -> dict[str, Guest]:
        """The open sessions by their ids."""
        return self._guests

    async def start(self) -> Ready:
        """Open the port; ServerError when it cannot be had."""
        loop = asyncio.get_running_loop()
        self._ticker = Ticker(loop)
        host, port = self.options.host, self.options.port
        self._check_trace_folder()
        try:
            self._server = await loop.create_server(
                self.new_socket,
                host,
                port,
                ssl=self.options.tls.context if self.options.tls else None,
                ssl_handshake_timeout=OPENS_WITHIN if self.options.tls else None,
            )
        except (OSError, UnicodeError) as error:
            raise ServerError(f"cannot listen on {host} port {port}: {_reason(error)}") from None
        ready = self._ready(self._server.sockets[0].getsockname()[1])
        self._tell(ready)
        if not sound.has_codecs():
            self._tell(Limitation(sound.WITHOUT_CODECS))
        return ready

    def new_socket(self) -> WebSocket:
        """The server's end of a connection that it does not accept itself, such as one that comes by a proxy."""
        return WebSocket(self._admit, self._gone)

    async def wait(self) -> None:
        """Until the server has had its number of sessions; for ever if it has none."""
        await self._has_had_all.wait()

    def enough(self) -> None:
        """Let `wait` come back, whatever sessions are still open."""
        self._has_had_all.set()

    async def drain(self, within: float) -> None:
        """Until no session is open, or for `within` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_empty.wait(), within)

    async def stop(self) -> None:
        """End: every open session is told why and closed, within two seconds."""
        self._is_ending = True
        for guest in list(self._guests.values()):
            if guest.connection is not None:
                guest.connection.shut_down()
        if self._server is not None:
            self._server.close()
        await self.drain(SHUTS_DOWN_WITHIN)
        if self._desk is not None:
            self._desk.close()
        for socket in list(self._sockets):
            socket.abort()
        await self.drain(SHUTS_DOWN_WITHIN)

    def _check_trace_folder(self) -> None:
        """ServerError where traces could not be written: better said now than after the first session."""
        if self.options.trace is None:
            return
        try:
            self.options.trace.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.options.trace):
                pass
        except OSError as error:
            folder = self.options.trace
            raise ServerError(f"cannot write traces to {folder}: {error.strerror or error}") from None

    def _ready(self, port: int) -> Ready:
        host = _REACHED_BY.get(self.options.host, self.options.host)
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        tls = self.options.tls
        secure = "s" if tls else ""
        urls = {dialect: f"ws{secure}://{address}{path}" for dialect, path in PATHS.items()}
        names = tuple(scenario.name for scenario in self._scenarios)
        http_url = f"http{secure}://{address}"
        return Ready(
            urls[Dialect.V1],
            urls[Dialect.EARLY_ACCESS],
            http_url,
            names,
            ca=str(tls.ca) if tls else None,
            journal_url=f"{http_url}{journal.PREFIX}/sessions" if self._journal is not None else None,
        )

    def _tell(self, notice: Notice) -> None:
        if self._journal is not None:
            self._journal.tell(notice)
        self._outside(notice)

    def _ask_journal(self, book: Journal, socket: WebSocket, request: Request) -> Response | None:
        if self._desk is None:
            from mockagent.server.journal.desk import Desk  # loaded by the first question

            names = [scenario.name for scenario in self._scenarios]
            self._desk = Desk(book, self.options.host, names)
        return self._desk.ask(socket, request)

    def _new_uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _admit(self, socket: WebSocket, request: Request) -> Response | Later | None:
        self._sockets.add(socket)
        if self._journal is not None and journal.is_asked(request.path):
            return self._ask_journal(self._journal, socket, request)
        id = self._new_uuid()
        if urlsplit(request.path).path == door.MODELS_PATH:
            return answer(HTTPStatus.OK, think_models.models(), id)
        self._knock(requested(request.path, list(request.headers.raw_items())))
        client = self._judged(request)
        if isinstance(client, door.Refused):
            return self._turn_away(client, id)
        try:
            scenario = self._casting.at_the_door(client)
        except NoSuchName as error:
            return self._turn_away(door.Refused(404, "NO_SUCH_SCENARIO", str(error)), id)
        dice = self._new_dice()
        faults = drawn(self.options.faults, dice) + written(scenario.at_the_door if scenario else ())
        received = reception(faults)
        for strike in received.faults:
            self._tell(fault_inflicted(id, None, 0.0, strike))

        def respond() -> Response:
            if received.refused is not None:
                after = received.retry_after
                return self._turn_away(received.refused, id, after and after / self.options.speed)
            return self._let_in(socket, request, client, scenario, id, dice, received.compresses)

        if received.waits_for:
            return Later(received.waits_for / self.options.speed, respond)
        return respond()

    def _new_dice(self) -> Dice:
        """The chances of one connection: the same for the same seed and the same turn among all connections."""
        self.arrivals += 1
        seed = self.options.seed
        return random.Random(None if seed is None else f"{seed}, connection {self.arrivals}").random

    def _let_in(
        self,
        socket: WebSocket,
        request: Request,
        client: door.Admitted,
        scenario: Scenario | None,
        id: str,
        dice: Dice,
        compresses: bool,
    ) -> Response:
        if self._is_ending:
            return self._turn_away(door.UNAVAILABLE, id)
        if compresses:
            from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

            socket.protocol.available_extensions = [ServerPerMessageDeflateFactory()]
        response = socket.protocol.accept(request)
        response.headers[REQUEST_ID] = id
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            if client.subprotocol is not None:
                response.headers["Sec-WebSocket-Protocol"] = client.subprotocol
            self._open(socket, client, scenario, id, dice)
        return response

    def _turn_away(self, refused: door.Refused, id: str, retry_after: float | None = None) -> Response:
        self._tell(TurnedAway(id, refused.status, refused.code, refused.message))
        return refusal(refused, id, retry_after)

    def _judged(self, request: Request) -> door.Admitted | door.Refused:
        options = self.options
        headers = list(request.headers.raw_items())
        client = door.admit(request.path, headers, options.api_keys, options.forbidden_keys)
        if isinstance(client, door.Refused):
            return client
        if self._is_ending:
            return door.UNAVAILABLE
        if options.max_sessions is not None and len(self._guests) >= options.max_sessions:
            return door.TOO_MANY
        if not self._casting.plays(client.dialect):
            return door.Refused(
                404, "NO_SCENARIO", f"No scenario of the {client.dialect} dialect is served here."
            )
        return client

    def _open(
        self, socket: WebSocket, client: door.Admitted, scenario: Scenario | None, id: str, dice: Dice
    ) -> None:
        assert self._ticker is not None
        self._numbers += 1
        guest = Guest(
            self._numbers,
            id,
            client,
            scenario,
            self._casting,
            self.options,
            self._functions,
            lambda: f"fc_{self._new_uuid()}",
            self._tell,
            self._left,
            self._recorder,
            dice,
        )
        self._guests[id] = guest
        self._is_empty.clear()
        guest.come_in(socket, self._ticker)
        if self._numbers == 1:
            # Speech that begins late begins with a burst: what it needs is loaded before anything is said.
            asyncio.get_running_loop().call_soon(warm_up)

    def _recorder(self, guest: Guest) -> Recorder | None:
        return together(
            (self._record(guest), self._journal.open(guest) if self._journal is not None else None)
        )

    def _left(self, notice: SessionClosed) -> None:
        del self._guests[notice.session]
        self._ended += 1
        self.is_clean = self.is_clean and notice.is_clean
        self.closed.append(notice)
        del self.closed[:-MOST_REMEMBERED]
        self._tell(notice)
        if not self._guests:
            self._is_empty.set()
        if self.options.sessions is not None and self._ended >= self.options.sessions:
            self._has_had_all.set()

    def _gone(self, socket: WebSocket) -> None:
        self._sockets.discard(socket)
        if self._desk is not None:
            self._desk.forget(socket)
