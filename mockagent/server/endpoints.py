"""One call of a function at its endpoint, over HTTP: the arguments go out as JSON, the answer comes back as text.

What goes to an endpoint goes nowhere else: no redirect is followed, no proxy asked, and no reason for a failure
quotes a header, a path or a query.
"""

import asyncio
import json
import ssl
from collections.abc import Iterator, Sequence

import httpx

from mockagent.scenario.actions import CallFunction
from mockagent.scenario.outcomes import Failed, Outcome, Returned
from mockagent.server.permission import Permission, addresses_of, is_this_machine

LARGEST = 65_536
"""Bytes of an answer that are taken at most."""
_WITHOUT_BODY = ("GET", "HEAD", "DELETE")
"""Methods whose arguments go into the query, since a body has no meaning there (RFC 9110, section 9.3)."""
_FRAMING = ("Content-Length", "Transfer-Encoding", "Connection")
"""Headers that say how this very request is sent, which is not for Settings to say."""
_PORTS = {"http": 80, "https": 443}
_UNCALLABLE = "its endpoint cannot be called with this address, method and headers"


async def call(wanted: CallFunction, permission: Permission) -> Outcome | str:
    """What came of the call; or, as text, why it may not be made."""
    try:
        request = _request(wanted)
    except (httpx.InvalidURL, ValueError):
        return Failed(_UNCALLABLE)
    host = request.url.host
    port = _PORTS.get(request.url.scheme, 0) if request.url.port is None else request.url.port
    if request.url.scheme not in _PORTS or not host or not 0 < port < 65_536:
        return Failed("the address of its endpoint is no http or https URL")
    is_named = permission.names(host, port) or permission.names(request.url.raw_host.decode(), port)
    try:
        addresses = await addresses_of(request.url.raw_host.decode())
    except (OSError, UnicodeError):
        return Failed(f"its host {host} is not known") if is_named else f"{host} is not known; {_cure(host)}"
    if not is_named and not all(map(is_this_machine, addresses)):
        return f"{host} is not this machine; {_cure(host)}"
    try:
        return await _sent(request, addresses)
    except httpx.ConnectError as error:
        return Failed(_unconnected(error, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"))
    except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
        return Failed(_UNCALLABLE)
    except httpx.RemoteProtocolError:
        return Failed("its endpoint broke off in mid-answer, or does not speak HTTP")
    except (httpx.HTTPError, httpx.StreamError):
        return Failed("its endpoint broke off the connection")
    except Exception as error:  # httpx lets some errors of the libraries below it through
        return Failed(f"its endpoint could not be called ({type(error).__name__})")


def _cure(host: str) -> str:
    return f"--allow-host {host} lets it be called there (in a test: allow_host={host!r})"


def _request(wanted: CallFunction) -> httpx.Request:
    endpoint, url = wanted.endpoint, httpx.URL(wanted.endpoint.url)
    headers = httpx.Headers(endpoint.headers)
    for name in _FRAMING:
        headers.pop(name, None)
    headers.setdefault("Accept", "*/*")
    headers.setdefault("Accept-Encoding", "identity")
    headers.setdefault("User-Agent", "mockagent")
    content = None
    if endpoint.method in _WITHOUT_BODY:
        arguments = json.loads(wanted.call.arguments)
        url = url.copy_merge_params({name: _in_query(value) for name, value in arguments.items()})
    else:
        headers.setdefault("Content-Type", "application/json")
        content = wanted.call.arguments.encode()
    request = httpx.Request(endpoint.method, url, headers=headers, content=content)
    if url.userinfo and "Authorization" not in headers:
        request = next(httpx.BasicAuth(url.username, url.password).auth_flow(request))
    return request


def _in_query(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def _sent(request: httpx.Request, addresses: Sequence[str]) -> Outcome:
    """Send the request to the first of the addresses that accepts it; headers and TLS still name the host."""
    request.extensions = {**request.extensions, "sni_hostname": request.url.raw_host.decode()}
    async with await asyncio.to_thread(_transport, request.url.scheme) as transport:
        for address in addresses[:-1]:
            try:
                return await _answer(transport, request, address)
            except httpx.ConnectError:
                continue
        return await _answer(transport, request, addresses[-1])


def _transport(scheme: str) -> httpx.AsyncHTTPTransport:
    """A connection without proxies; it trusts the certificates that this machine, or SSL_CERT_FILE, trusts."""
    verify = ssl.create_default_context() if scheme == "https" else False
    return httpx.AsyncHTTPTransport(verify=verify, trust_env=False)


async def _answer(transport: httpx.AsyncHTTPTransport, request: httpx.Request, address: str) -> Outcome:
    request.url = request.url.copy_with(host=address)
    response = await transport.handle_async_request(request)
    try:
        status = response.status_code
        if 300 <= status < 400:
            return Failed(f"its endpoint answered with a redirect ({status}), which is not followed")
        if not 200 <= status < 300:
            return Failed(f"its endpoint answered with status {status}")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return Failed("its endpoint compressed the answer, which nobody asked for")
        data = bytearray()
        async for part in response.aiter_raw():
            data += part
            if len(data) > LARGEST:
                return Failed(f"its endpoint answered with more than {LARGEST} bytes")
        return _read(bytes(data), response.charset_encoding)
    finally:
        await response.aclose()


def _read(data: bytes, charset: str | None) -> Outcome:
    """The text in the character set that the answer names, else, or where nobody knows that one, in UTF-8."""
    for encoding in (charset or "utf-8", "utf-8"):
        try:
            return Returned(data.decode(encoding))
        except LookupError:
            continue
        except ValueError:
            break
    return Failed("its answer is no text")


def _unconnected(error: BaseException, where: str) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of {where} is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"{where} does not speak TLS as it should"
        if isinstance(cause, ConnectionRefusedError):
            return f"nobody accepts connections at {where}"
    return f"{where} cannot be reached"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
