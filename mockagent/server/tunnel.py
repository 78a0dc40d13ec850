"""What a client asks of the proxy, judged by the head of its request: the way to a live host, or a refusal. Pure.

Source: RFC 9110, section 9.3.6 (CONNECT). Headers are never looked at, for they may hold credentials.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from mockagent.protocol.message_types import LIVE_HOSTS

LARGEST_HEAD = 8192
"""Bytes of the longest head of a request that is read."""
END = b"\r\n\r\n"
"""What ends the head of a request."""
OPENED = b"HTTP/1.1 200 Connection established\r\n\r\n"

_HTTPS = 443
_REQUEST_LINE = re.compile(r"([A-Z]{1,20}) ([!-~]+) HTTP/1\.[01]")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]{1,255}):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer in place of the way; its message is fit to be shown."""

    status: HTTPStatus
    message: str

    def answer(self) -> bytes:
        """The whole HTTP response."""
        body = f"{self.message}\n".encode()
        head = (
            f"HTTP/1.1 {self.status.value} {self.status.phrase} by mockagent",
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Connection: close",
        )
        return "\r\n".join(head).encode() + END + body


NO_REQUEST = Refusal(
    HTTPStatus.BAD_REQUEST, "Expected CONNECT HOST:443 HTTP/1.1, got something else; this is an HTTP proxy."
)
TOO_LARGE = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"Expected a request of at most {LARGEST_HEAD} bytes, got more.",
)
TOO_SLOW = Refusal(HTTPStatus.REQUEST_TIMEOUT, "Expected a request, got only a part of one in time.")


def begins_a_request(first: bytes) -> bool:
    """Whether a request can begin with this byte; TLS, for one, does not."""
    return b"A" <= first <= b"Z"


def destination(head: bytes) -> str | Refusal:
    """The live host that the client wants to be led to, or why it is not."""
    line = _REQUEST_LINE.fullmatch(head.partition(b"\r\n")[0].decode("latin-1"))
    if line is None:
        return NO_REQUEST
    method, target = line.groups()
    if method != "CONNECT":
        return _refused(method, _host_of(target))
    authority = _AUTHORITY.fullmatch(target)
    if authority is None:
        return NO_REQUEST
    host, port = authority[1].lower().rstrip("."), int(authority[2])
    return host if host in LIVE_HOSTS and port == _HTTPS else _refused(method, f"{host}:{port}")


def _refused(method: str, target: str) -> Refusal:
    hosts = ", ".join(LIVE_HOSTS)
    return Refusal(
        HTTPStatus.FORBIDDEN,
        f"{method} {target} is refused: the proxy of mockagent leads to nothing but CONNECT {hosts} (port 443).",
    )


def _host_of(target: str) -> str:
    """The host in an absolute address; what stands around it may be secret."""
    try:
        return urlsplit(target).hostname or "an address without a host"
    except ValueError:
        return "an address without a host"
