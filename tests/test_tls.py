"""The certificate authority: made once, kept to its owner, and refused when it is not."""

import contextlib
import os
import socket
import ssl
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from mockagent import tls
from mockagent.errors import ServerError
from mockagent.tls import authority, ca_file, default_folder, trusting


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data" / "tls"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def pem(authority):
    return authority._made.cert_pem.bytes()


def handshake(shown, client, name):
    """The names in the certificate that a server with `shown` shows to `client`, who takes it for `name`."""
    ours, theirs = socket.socketpair()

    def serve():
        try:
            with shown.context.wrap_socket(ours, server_side=True) as connection:
                connection.recv(1)
        except OSError:
            pass

    server = threading.Thread(target=serve)
    server.start()
    try:
        with client.wrap_socket(theirs, server_hostname=name) as connection:
            return {value for _, value in connection.getpeercert()["subjectAltName"]}
    finally:
        theirs.close()
        server.join(10)


def test_it_is_made_once_and_kept_to_its_owner(folder):
    first = authority(folder)
    second = authority(folder)
    assert first.ca == second.ca == ca_file(folder)
    assert handshake(second.vouch(), trusting(first.ca), "localhost")
    assert (mode(folder), mode(folder / "authority.pem"), mode(first.ca)) == (0o700, 0o600, 0o644)
    assert b"PRIVATE" in (folder / "authority.pem").read_bytes()
    assert b"PRIVATE" not in first.ca.read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["authority.pem", "ca.pem"]


def test_nothing_comes_behind_the_handshake(folder):
    """A ticket of TLS 1.3 would: clients of several threads read it while they write their request."""
    made = authority(folder)
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = made.vouch().context.wrap_bio(ours, theirs, server_side=True)
    client = trusting(made.ca).wrap_bio(theirs, ours, server_hostname="localhost")
    for side in (client, server, client, server):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    assert client.version() == "TLSv1.3"
    assert theirs.pending == 0


def test_nothing_that_is_shown_holds_the_key(folder):
    made = authority(folder)
    assert "PRIVATE" not in repr(made) + repr(made.vouch())
    assert b"PRIVATE" not in made.bundle({}).read_bytes()


def test_many_at_once_make_one(folder):
    with ThreadPoolExecutor(8) as makers:
        made = list(makers.map(lambda _: authority(folder), range(8)))
    assert {pem(each) for each in made} == {ca_file(folder).read_bytes()}


def test_one_that_is_made_meanwhile_is_not_replaced(folder, monkeypatch):
    new, others = tls._new, []

    def slow():
        monkeypatch.setattr(tls, "_new", new)
        others.append(authority(folder))
        return new()

    monkeypatch.setattr(tls, "_new", slow)
    assert pem(authority(folder)) == pem(others[0])


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "agent.deepgram.com"])
def test_a_client_that_trusts_the_authority_trusts_these_names(folder, name):
    made = authority(folder)
    assert {"agent.deepgram.com", "localhost", "127.0.0.1"} <= handshake(
        made.vouch("agent.deepgram.com"), trusting(made.ca), name
    )


def test_a_strict_client_trusts_it(folder):
    """As clients are from Python 3.13 on."""
    made = authority(folder)
    client = trusting(made.ca)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    assert handshake(made.vouch(), client, "localhost")


def test_a_client_trusts_no_other_name(folder):
    made = authority(folder)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(made.vouch("agent.deepgram.com"), trusting(made.ca), "example.com")


def test_a_client_of_this_machine_does_not_trust_it_unasked(folder):
    made = authority(folder)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(made.vouch(), ssl.create_default_context(), "localhost")


def test_a_client_of_another_authority_does_not_trust_it(folder, tmp_path):
    other = authority(tmp_path / "other")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(authority(folder).vouch(), trusting(other.ca), "localhost")


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(folder, bits):
    authority(folder)
    (folder / "authority.pem").chmod(bits)
    with pytest.raises(ServerError, match=rf"authority.pem can be read by others \(its mode is {bits:04o}\)"):
        authority(folder)


def test_a_folder_that_others_can_write_to_is_refused(folder):
    authority(folder)
    folder.chmod(0o777)
    with pytest.raises(ServerError, match="can be written to by others"):
        authority(folder)


def test_a_broken_file_is_refused_with_the_cure(folder):
    authority(folder)
    (folder / "authority.pem").write_bytes(b"nothing of the kind")
    with pytest.raises(ServerError, match=r"authority.pem holds no certificate authority .* remove it"):
        authority(folder)


def test_a_key_that_is_not_that_of_the_certificate_is_refused(folder, tmp_path):
    authority(folder), authority(tmp_path / "other")
    mark = b"-----BEGIN CERTIFICATE-----"
    key, _, _ = (tmp_path / "other" / "authority.pem").read_bytes().partition(mark)
    _, _, certificate = (folder / "authority.pem").read_bytes().partition(mark)
    (folder / "authority.pem").write_bytes(key + mark + certificate)
    with pytest.raises(ServerError, match="holds no certificate authority"):
        authority(folder)


def test_an_expired_one_is_refused(folder, monkeypatch):
    authority(folder)
    monkeypatch.setattr(tls, "datetime", in_the_year(9999))
    with pytest.raises(ServerError, match=r"authority.pem has expired; remove it"):
        authority(folder)


def in_the_year(year):
    class Then(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(year, 1, 1, tzinfo=tz)

    return Then


def test_a_lost_certificate_is_written_again(folder):
    made = authority(folder)
    written = made.ca.read_bytes()
    made.ca.unlink()
    assert authority(folder).ca.read_bytes() == written


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerError, match=r"cannot keep a certificate authority in .*: Not a directory"):
        authority(tmp_path / "file" / "tls")


def test_what_is_no_host(folder):
    with pytest.raises(ServerError, match=r"no certificate can be made for a\.\.b"):
        authority(folder).vouch("a..b")


def test_the_folder_is_among_the_users_data(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder({"XDG_DATA_HOME": "/data"}).as_posix() == "/data/mockagent/tls"
    assert default_folder({}) == tmp_path / ".local/share/mockagent/tls"
    assert default_folder({"XDG_DATA_HOME": "relative"}) == default_folder({})


def test_a_bundle_holds_what_was_trusted_before(folder, tmp_path):
    theirs, extra = authority(tmp_path / "theirs").ca, authority(tmp_path / "extra").ca
    environment = {
        "SSL_CERT_FILE": str(theirs),
        "NODE_EXTRA_CA_CERTS": str(extra),
        "CURL_CA_BUNDLE": str(tmp_path / "missing"),
    }
    made = authority(folder)
    text = made.bundle(environment).read_text()
    assert text.count("BEGIN CERTIFICATE") == 3
    assert all(each.read_text().strip() in text for each in (theirs, extra, made.ca))
    assert os.access(made.bundle(environment), os.R_OK)


def test_a_bundle_holds_what_this_machine_trusts(folder):
    system = ssl.get_default_verify_paths().cafile
    text = authority(folder).bundle({}).read_text()
    assert text.endswith(ca_file(folder).read_text())
    if system:
        assert text.count("BEGIN CERTIFICATE") > 1


def test_a_bundle_that_cannot_be_written(folder):
    made = authority(folder)
    (folder / "bundle.pem").mkdir()
    with pytest.raises(ServerError, match=r"cannot write .*bundle\.pem: Is a directory"):
        made.bundle({})


def test_without_its_package_the_cure_is_said(folder):
    without = (
        "import sys; sys.modules['trustme'] = None\n"
        "from pathlib import Path; from mockagent.tls import authority\n"
        f"authority(Path({str(folder)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, timeout=60)
    assert done.stderr.endswith(
        "mockagent.errors.ServerError: TLS needs the package trustme: pip install 'mockagent[tls]'\n"
    )
    assert not (folder / "authority.pem").exists()
