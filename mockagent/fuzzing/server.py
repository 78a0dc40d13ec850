"""A server as the peer: a connection for each sending, raw so that it can be wrong, and a stimulus at its end."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from mockagent.fuzz import stimuli
from mockagent.fuzz.outcomes import Outcome, Verdict, of_a_broken_connection
from mockagent.fuzz.sending import Await, Say, Sending
from mockagent.fuzzing.link import Link
from mockagent.fuzzing.peer import PeerFailed
from mockagent.protocol.events import Side
from mockagent.protocol.message_types import LIVE_HOSTS

CONNECTS_WITHIN = 10.0
SHORTEST_SECRET = 8
"""Characters of a key that is looked for in what comes back; a shorter one may be there by chance."""
_PING = b"mockagent"
_INTERNAL = "INTERNAL_SERVER_ERROR"
_CLOSES_WITHIN = 0.5
_SURELY = frozenset({"Welcome", "SettingsApplied"})
"""What is waited for each time, as is whatever came before; anything else only until it did not come once."""
_BAD_GATEWAYS = frozenset({1006, 1011, 1014})
"""Close codes by which a server says that it, or what is behind it, has failed (RFC 6455, 7.4.1)."""


def is_live(url: str) -> bool:
    """Whether that is the live service, which nobody fuzzes from here."""
    host = urlsplit(url).hostname or ""
    return any(host == live or host.endswith("." + live) for live in (*LIVE_HOSTS, "deepgram.com"))


class Server:
    """`url` is a WebSocket address; `key` goes into the Authorization header and, unless short, may come back nowhere.

    `within` are the seconds that each answer may take, `speed` by how much the server's time runs faster: waits
    of a sending are as much shorter. `never` are the types that the server has been waited for in vain: several that
    try the same server may share it, so that each is waited for once.
    """

    history: tuple[Sending, ...] = ()

    def __init__(
        self,
        url: str,
        key: str,
        *,
        within: float = 5.0,
        speed: float = 1.0,
        headers: Mapping[str, str] | None = None,
        never: set[str] | None = None,
    ) -> None:
        self._url = url
        self._key = key
        self._within = within
        self._speed = speed
        self._headers = dict(headers or {})
        self._never = never if never is not None else set()
        self._came: set[str] = set()
        self._has_lived = False

    async def tried(self, sending: Sending, *, fresh: bool = False) -> Outcome:
        link = await self._connected()
        try:
            outcome = await self._sent(link, sending)
            if link.seen_secret:
                return Outcome(Verdict.LEAKED, "the API key came back in a frame", "key")
            return outcome
        finally:
            self._came.update(link.types)
            link.leave()
            await link.until(lambda: link.is_lost, 0.0 if link.is_over else _CLOSES_WITHIN)
            link.drop()

    async def close(self) -> None:
        pass

    async def _connected(self) -> Link:
        uri = parse_uri(self._url)
        protocol = ClientProtocol(uri, max_size=None)
        request = protocol.connect()
        request.headers["Authorization"] = f"Token {self._key}"
        for name, value in self._headers.items():
            request.headers[name] = value
        protocol.send_request(request)
        link = Link(protocol)
        link.secret = self._key.encode() if len(self._key) >= SHORTEST_SECRET else b""
        try:
            async with asyncio.timeout(CONNECTS_WITHIN):
                await asyncio.get_running_loop().create_connection(
                    lambda: link, uri.host, uri.port, ssl=ssl.create_default_context() if uri.secure else None
                )
        except (OSError, TimeoutError) as error:
            how = "after the faults so far" if self._has_lived else "before any fault"
            why = getattr(error, "strerror", None) or error or "no answer in time"
            raise PeerFailed(f"{self._url} cannot be reached, {how}: {why}") from None
        await link.until(lambda: link.response is not None, CONNECTS_WITHIN)
        if link.response is None or link.response.status_code != 101:
            status = "nothing" if link.response is None else f"HTTP {link.response.status_code}"
            link.drop()
            raise PeerFailed(f"{self._url} answers the handshake with {status}, not 101")
        self._has_lived = True
        return link

    async def _sent(self, link: Link, sending: Sending) -> Outcome:
        seen: Counter[str] = Counter()
        for step in sending.steps:
            if isinstance(step, Await):
                if step.type in self._never:
                    return Outcome(Verdict.NOT_REACHED, f"the server sends no {step.type}")
                wanted, number = step.type, seen[step.type] + 1
                if not await link.until(lambda: link.types[wanted] >= number, self._within):  # noqa: B023
                    if wanted not in _SURELY | self._came and not link.is_over:
                        self._never.add(wanted)
                    return Outcome(Verdict.NOT_REACHED, f"{_ended(link) or 'no'} {wanted} came".strip())
                seen[wanted] += 1
            else:
                await self._say(link, step)
        if sending.silent_for:
            await link.until(lambda: link.is_over, sending.silent_for / self._speed)
        return await self._asked(link, sending)

    async def _say(self, link: Link, step: Say) -> None:
        if step.wire.after:
            await link.until(lambda: link.is_over, step.wire.after / self._speed)
        link.put(step.wire, Side.CLIENT)

    async def _asked(self, link: Link, sending: Sending) -> Outcome:
        """The stimulus, and what comes of it."""
        wires = sending.wires
        if stimuli.is_closing(wires):
            await link.until(lambda: link.is_over, self._within)
            return _verdict(link) or _hung("the close", self._within)
        link.ping(_PING)
        if not await link.until(lambda: _PING in link.pongs, self._within):
            return _verdict(link) or _hung("a ping", self._within)
        if stimuli.is_open_ended(wires):
            return Outcome(Verdict.SURVIVED, "answered a ping")
        said = stimuli.types_said(wires)
        stimulus = stimuli.of_server(sending.dialect, link.types, said)
        before = sum(link.types[each] for each in stimulus.answers) if stimulus.says else 0
        for body in stimulus.says:
            link.say(body)
        await link.until(
            lambda: sum(link.types[each] for each in stimulus.answers) > before or bool(_error(link)),
            self._within,
        )
        if _error(link):
            await link.until(lambda: link.is_over, _CLOSES_WITHIN)
        elif sum(link.types[each] for each in stimulus.answers) > before:
            return Outcome(Verdict.SURVIVED, f"answered with {' or '.join(stimulus.answers)}")
        return _verdict(link) or _hung(
            " and ".join(each["type"] for each in stimulus.says) or said[-1], self._within
        )


def _verdict(link: Link) -> Outcome | None:
    """What the end of a connection means; None while there is none."""
    error = _error(link)
    if error == _INTERNAL:
        return Outcome(Verdict.CRASHED, f"Error {error}", error)
    if link.close in _BAD_GATEWAYS:
        return Outcome(Verdict.CRASHED, f"closed with {link.close}", f"close {link.close}")
    if error or link.close is not None:
        parts = [
            f"Error {error}" if error else "",
            f"closed with {link.close}" if link.close is not None else "",
        ]
        return Outcome(Verdict.REFUSED, ", ".join(filter(None, parts)), error)
    if link.is_lost:
        return of_a_broken_connection(link.sent)
    return None


def _ended(link: Link) -> str:
    outcome = _verdict(link)
    return f"{outcome.detail}: no" if outcome else ""


def _error(link: Link) -> str:
    """The code of the Error that came; in early access its message, "" where none came."""
    for body in link.messages:
        if isinstance(body, dict) and body.get("type") == "Error":
            return str(body.get("code") or body.get("message") or "without a code")
    return ""


def _hung(what: str, within: float) -> Outcome:
    return Outcome(Verdict.HUNG, f"{what} was not answered in {within:g} s", "no answer")
