"""Asks a server through its front door whether it is ready: over HTTP, for the think models, until it answers 200.

Nothing is upgraded, so no session is opened and none counted.
"""

import time
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from ssl import SSLCertVerificationError
from urllib.parse import urlsplit

from mockagent.errors import ServerError
from mockagent.server.door import MODELS_PATH
from mockagent.tls import ca_file, trusting

_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}
_BETWEEN = 0.05
_ONE_TRY = 2.0


@dataclass(frozen=True, slots=True)
class Door:
    """Where to ask."""

    host: str
    port: int
    encrypted: bool = False

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{'https' if self.encrypted else 'http'}://{self.address}{MODELS_PATH}"


def door_of(url: str) -> Door:
    """The door of the server at ws://HOST:PORT/…, http://HOST:PORT or HOST:PORT; ServerError for any other text."""
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        port = parts.port
        host = parts.hostname or ""
        host.encode("idna")
    except ValueError:
        raise ServerError(f"{_EXPECTED}, got {url!r}") from None
    if not host or (parts.scheme and parts.scheme not in _PORTS) or (not parts.scheme and not port):
        raise ServerError(f"{_EXPECTED}, got {url!r}")
    if any(not character.isprintable() or character.isspace() for character in host):
        raise ServerError(f"{_EXPECTED}, got {url!r}")
    return Door(host, _PORTS[parts.scheme] if port is None else port, parts.scheme in ("wss", "https"))


def knock(door: Door, timeout: float, tls_folder: Path | None = None) -> None:
    """Comes back when the server has answered; ServerError says what came of the last try after `timeout` s.

    `tls_folder` is where the authority is whose certificate is trusted; None is the usual place.
    """
    ends_at = time.monotonic() + timeout
    tries = 0
    while True:
        tries += 1
        answer = _answer(door, max(_BETWEEN, min(_ONE_TRY, ends_at - time.monotonic())), tls_folder)
        if answer is None:
            return
        if time.monotonic() + _BETWEEN >= ends_at:
            times = "once" if tries == 1 else f"{tries} times"
            raise ServerError(f"tried {door} {times} in {timeout:g} s: {answer}")
        time.sleep(_BETWEEN)


def _answer(door: Door, timeout: float, tls_folder: Path | None) -> str | None:
    """What stood against the answer 200, if anything did."""
    ca = ca_file(tls_folder) if door.encrypted else Path()
    kind = partial(HTTPSConnection, context=trusting(ca)) if door.encrypted else HTTPConnection
    connection = kind(door.host, door.port, timeout=timeout)
    try:
        connection.request("GET", MODELS_PATH)
        response = connection.getresponse()
        return (
            None if response.status == 200 else f"the answer was {response.status} {response.reason}".rstrip()
        )
    except TimeoutError:
        return "no answer came"
    except HTTPException as error:
        return f"the answer was no HTTP ({type(error).__name__}){_perhaps_tls(door)}"
    except SSLCertVerificationError as error:
        return _distrusted(ca, error.verify_message)
    except ConnectionResetError:
        return f"it broke off the connection{_perhaps_tls(door)}"
    except OSError as error:
        return error.strerror or str(error)
    finally:
        connection.close()


def _perhaps_tls(door: Door) -> str:
    """What to do about a server of which nothing was understood in the clear."""
    return "" if door.encrypted else f"; if it speaks TLS, wait for wss://{door.address}"


def _distrusted(ca: Path, why: str) -> str:
    if ca.exists():
        return f"its certificate is not trusted, nor is it of {ca} ({why})"
    return (
        f"its certificate is not trusted ({why}), and no authority is at {ca}; "
        "--tls-folder FOLDER says where the one of its --tls is"
    )


_EXPECTED = "expected ws://HOST:PORT/v1/agent/converse, http://HOST:PORT or HOST:PORT"
