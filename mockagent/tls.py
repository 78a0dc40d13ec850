"""TLS with certificates of our own: an authority made once on this machine, and what it vouches for.

Whoever holds the authority's key can pretend to be any host to every program that trusts it. So the key stays in one
file, which nobody but its owner may read, and a file that others can read is refused. The only importer of `trustme`.
"""

import contextlib
import os
import ssl
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mockagent.errors import ServerError

if TYPE_CHECKING:
    from trustme import CA

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""The names of this machine that every certificate holds."""
EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})
"""What a server may listen on that is no name of a host."""
LASTS = timedelta(days=397)
"""How long a certificate is good for, made anew at each start; some platforms trust none that lasts longer."""

BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that name a file of all that a program trusts: those of OpenSSL (and httpx), requests and curl."""

_AUTHORITY = "authority.pem"
_CA = "ca.pem"
_BUNDLE = "bundle.pem"
_OTHERS_READ = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Tls:
    """What a server needs to speak TLS, and `ca`, the file by which clients come to trust it."""

    context: ssl.SSLContext
    ca: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority kept in a folder; `ca` is the file of its certificate, which is no secret."""

    folder: Path
    _made: "CA" = field(repr=False)

    @property
    def ca(self) -> Path:
        return self.folder / _CA

    def vouch(self, *hosts: str) -> Tls:
        """TLS for these hosts and for this machine; ServerError for what is no name of a host."""
        names = dict.fromkeys((*LOOPBACK, *hosts))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        context.num_tickets = 0  # one that comes while another thread of a client writes can hang that client
        ends_at = (datetime.now(UTC) + LASTS).replace(tzinfo=None)
        try:
            certificate = self._made.issue_cert(*names, organization_name="mockagent", not_after=ends_at)
        except ValueError as error:
            raise ServerError(f"no certificate can be made for {', '.join(hosts)}: {error}") from None
        certificate.configure_cert(context)
        return Tls(context, self.ca)

    def bundle(self, environment: Mapping[str, str]) -> Path:
        """A file of everything that programs trust in this environment, and of the authority.

        ServerError when it cannot be written.
        """
        parts = [_text(path) for path in _trusted(environment)]
        path = self.folder / _BUNDLE
        try:
            _write(path, "\n".join([*parts, self.ca.read_text("ascii")]).encode(), mode=0o644)
        except OSError as error:
            raise ServerError(f"cannot write {path}: {error.strerror or error}") from None
        return path


def default_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the authority among the user's data, by the XDG base directory specification."""
    data = Path(environment.get("XDG_DATA_HOME", ""))
    if data.is_absolute():
        return data / "mockagent" / "tls"
    try:
        return Path.home() / ".local" / "share" / "mockagent" / "tls"
    except RuntimeError:
        raise ServerError("this user has no home to keep an authority in; --tls-folder names one") from None


def ca_file(folder: Path | None = None) -> Path:
    """Where the authority's certificate is, or would be."""
    return (folder or default_folder()) / _CA


def trusting(ca: Path) -> ssl.SSLContext:
    """A client's context that trusts the authority, if there is one, beside what this machine trusts."""
    context = ssl.create_default_context()
    with contextlib.suppress(FileNotFoundError):
        context.load_verify_locations(ca)
    return context


def authority(folder: Path | None = None) -> Authority:
    """The authority in the folder, made if there is none; ServerError when it cannot be had or used."""
    folder = folder or default_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse(folder, _OTHERS_WRITE, "be written to")
        path = folder / _AUTHORITY
        if not path.exists():
            _write(path, _new(), mode=0o600, only_new=True)
        _refuse(path, _OTHERS_READ, "be read")
        found = _read(path)
        pem = found.cert_pem.bytes()
        if not (folder / _CA).exists() or (folder / _CA).read_bytes() != pem:
            _write(folder / _CA, pem, mode=0o644)
    except OSError as error:
        raise ServerError(
            f"cannot keep a certificate authority in {folder}: {error.strerror or error}"
        ) from None
    return Authority(folder, found)


def _new() -> bytes:
    """A new authority: its key and its certificate, in one file, so that they can never part."""
    _needs_trustme()
    from trustme import CA

    made = CA(
        path_length=0, organization_name="mockagent", organization_unit_name="for tests on this machine"
    )
    return made.private_key_pem.bytes() + made.cert_pem.bytes()


def _read(path: Path) -> "CA":
    _needs_trustme()
    from cryptography import x509
    from trustme import CA

    data = path.read_bytes()
    key, mark, certificate = data.partition(b"-----BEGIN CERTIFICATE-----")
    try:
        parsed = x509.load_pem_x509_certificate(mark + certificate)
        found = CA.from_pem(mark + certificate, key)
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)  # the two belong together
    except (ValueError, TypeError, ssl.SSLError) as error:
        reason = error.reason if isinstance(error, ssl.SSLError) else str(error).partition(".")[0]
        raise ServerError(f"{path} holds no certificate authority ({reason}); {_CURE}") from None
    if parsed.not_valid_after_utc < datetime.now(UTC):
        raise ServerError(f"the certificate authority in {path} has expired; {_CURE}")
    return found


def _needs_trustme() -> None:
    try:
        import trustme  # noqa: F401
    except ImportError:
        raise ServerError("TLS needs the package trustme: pip install 'mockagent[tls]'") from None


def _refuse(path: Path, bits: int, what: str) -> None:
    """ServerError if others may do to the path what only its owner should; elsewhere than on POSIX nobody knows."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & bits:
        raise ServerError(
            f"{path} can {what} by others (its mode is {mode:04o}), who could then pretend to be any host; "
            f"{_CURE if path.name == _AUTHORITY else 'take that right from them: chmod go-w'}"
        )


def _trusted(environment: Mapping[str, str]) -> Iterable[Path]:
    """The files of certificates that programs read in this environment, and without any those of this machine."""
    named = [environment.get(name) for name in BUNDLES]
    if not any(named):
        named = [ssl.get_default_verify_paths().cafile]
    named.append(environment.get("NODE_EXTRA_CA_CERTS"))
    return [path for path in (Path(name) for name in dict.fromkeys(named) if name) if path.is_file()]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _write(path: Path, data: bytes, *, mode: int, only_new: bool = False) -> None:
    """The whole file or none, never readable by more than it will be; `only_new` leaves one that is there."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(number, "wb") as partial:
            partial.write(data)
        Path(name).chmod(mode)
        if only_new:
            with contextlib.suppress(FileExistsError):
                os.link(name, path)
        else:
            os.replace(name, path)  # noqa: PTH105
    finally:
        Path(name).unlink(missing_ok=True)


_CURE = "remove it, and a new authority is made, which programs then have to trust anew"
