"""Answers those who ask the journal: at once, or, for a wait, once it is fulfilled or can no longer be.

A shell. A wait owns one timer and watches the journal; both are given up with its answer, and with its client.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from mockagent.errors import nearest
from mockagent.server.journal import gate, routes, views
from mockagent.server.journal.book import LATEST, MOST_CLOSED, Journal, is_number
from mockagent.server.journal.kept import Kept
from mockagent.server.journal.routes import WaitFor
from mockagent.websocket import WebSocket

JSON = "application/json"
JSON_LINES = "application/jsonl"
DROPPED = "x-mockagent-dropped"
"""In the answer with a trace: how many events there were before the first that is in it."""


class Desk:
    """Where questions to one server's journal are answered."""

    def __init__(self, journal: Journal, served_on: str, scenarios: Sequence[str]) -> None:
        self._journal = journal
        self._served_on = served_on
        self._scenarios = tuple(scenarios)
        self._waits: dict[WebSocket, _Wait] = {}

    def ask(self, socket: WebSocket, request: Request) -> Response | None:
        """The answer to a request; None where it comes later, by `socket.respond`."""
        headers = request.headers
        refused = gate.why_not(
            socket.peer, headers.get_all("Host"), headers.get_all("Origin"), self._served_on
        )
        if refused is not None:
            return _answer(403, {"error": refused})
        match routes.question(request.path):
            case routes.Wrong(status, text):
                return _answer(status, {"error": text})
            case routes.Health():
                journal = self._journal
                open = sum(kept.closed is None for kept in journal.sessions)
                return _answer(200, views.health(open, journal.closed, self._scenarios))
            case routes.Listing():
                return _answer(200, views.listing(self._journal.sessions))
            case routes.Look(name):
                kept = self._journal.named(name)
                return _answer(200, views.whole(kept), kept) if kept else self._unknown(name)
            case routes.TraceOf(name):
                kept = self._journal.named(name)
                return _trace(kept) if kept else self._unknown(name)
            case WaitFor() as asked:
                return self._wait(socket, asked)

    def forget(self, socket: WebSocket) -> None:
        """A client is gone: whatever it waited for, it no longer does."""
        wait = self._waits.pop(socket, None)
        if wait is not None:
            wait.give_up()

    def close(self) -> None:
        """The server ends: nothing more will come of any wait."""
        for wait in list(self._waits.values()):
            wait.end(503, "the server is shutting down")

    def _wait(self, socket: WebSocket, asked: WaitFor) -> Response | None:
        kept = self._journal.named(asked.name)
        if kept is None and not self._is_to_come(asked.name):
            return self._unknown(asked.name)
        if kept is not None and _is_there(asked, kept):
            return _answer(200, views.found(asked, kept), kept)
        if kept is not None and kept.closed:
            return _gone(asked, kept)
        self._waits[socket] = _Wait(asked, kept, self._journal, lambda answer: self._respond(socket, answer))
        return None

    def _respond(self, socket: WebSocket, answer: Response) -> None:
        self._waits.pop(socket, None)
        socket.respond(answer)

    def _is_to_come(self, name: str) -> bool:
        """Whether a session of that name may yet begin: the first of all, or one by its number."""
        return name == LATEST or (is_number(name) and int(name) > self._journal.last)

    def _unknown(self, name: str) -> Response:
        if is_number(name) and 0 < int(name) <= self._journal.last:
            text = f"session {int(name)} is no longer kept; of sessions that are over, the last {MOST_CLOSED} are"
        elif is_number(name):
            text = f"there has been no session {int(name)}; there have been {self._journal.last}"
        elif name == LATEST:
            text = "there has been no session yet"
        else:
            sessions = self._journal.sessions
            known = [LATEST, *(str(kept.number) for kept in sessions), *(kept.id for kept in sessions)]
            text = f"no session named {name[:60]!r}{nearest(name, known)}"
        return _answer(404, {"error": text})


class _Wait:
    """Somebody waits for messages of a session that may not even have begun. `respond` takes the answer."""

    def __init__(
        self, asked: WaitFor, kept: Kept | None, journal: Journal, respond: Callable[[Response], None]
    ) -> None:
        self._asked = asked
        self._kept = kept
        self._journal = journal
        self._respond = respond
        self._timer = asyncio.get_running_loop().call_later(asked.timeout, self._on_time)
        journal.watchers.add(self._on_change)

    def give_up(self) -> None:
        """Wait no longer."""
        self._timer.cancel()
        self._journal.watchers.discard(self._on_change)

    def end(self, status: int, why: str) -> None:
        """Answer that it did not come."""
        self._finish(_answer(status, views.shortfall(self._asked, self._kept, why), self._kept))

    def _on_change(self, kept: Kept) -> None:
        if self._kept is None and self._is_meant(kept):
            self._kept = kept
        if kept is not self._kept:
            return
        if _is_there(self._asked, kept):
            self._finish(_answer(200, views.found(self._asked, kept), kept))
        elif kept.closed:
            self._finish(_gone(self._asked, kept))

    def _is_meant(self, kept: Kept) -> bool:
        name = self._asked.name
        return name == LATEST or int(name) == kept.number

    def _on_time(self) -> None:
        what = "time is up" if self._kept else "time is up, and the session has not begun"
        self.end(408, f"{what} after {self._asked.timeout:g} s")

    def _finish(self, answer: Response) -> None:
        self.give_up()
        self._respond(answer)


def _is_there(asked: WaitFor, kept: Kept) -> bool:
    return kept.said[asked.side][asked.type] >= asked.count


def _gone(asked: WaitFor, kept: Kept) -> Response:
    return _answer(410, views.shortfall(asked, kept, "the session is over"), kept)


def _trace(kept: Kept) -> Response:
    response = _response(200, JSON_LINES, kept.secret.hidden("".join(views.trace_lines(kept))))
    response.headers[DROPPED] = str(kept.dropped)
    return response


def _answer(status: int, body: Mapping[str, Any], kept: Kept | None = None) -> Response:
    """A JSON answer; what is about a session is without its client's credential."""
    text = json.dumps(body) + "\n"
    return _response(status, JSON, kept.secret.hidden(text) if kept else text)


def _response(status: int, type: str, text: str) -> Response:
    """An answer that ends the connection, that nobody keeps, and that no page of another origin can load."""
    data = text.encode()
    headers = Headers(
        [
            ("Date", formatdate(usegmt=True)),
            ("Connection", "close"),
            ("Content-Length", str(len(data))),
            ("Content-Type", type),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
    )
    return Response(status, HTTPStatus(status).phrase, headers, data)
