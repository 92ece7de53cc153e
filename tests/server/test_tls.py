import contextlib
import ipaddress
import os
import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import trio
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from soundmesh.server.paths import DataDirError
from soundmesh.server.tls import (
    LEAF_DAYS,
    PRIVATE_NETWORKS,
    Authority,
    machine_addresses,
    machine_names,
)

NOW = datetime.now(UTC)
NAMES = ["soundmesh.local", "box.local", "box"]
ADDRESSES = ["192.168.1.20", "fd00::20"]


def make(
    folder: Path, names: list[str] = NAMES, addresses: list[str] = ADDRESSES, now: datetime = NOW
) -> Authority:
    return Authority.load_or_make(folder, names, addresses, now)


def leaf_of(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "server.pem").read_bytes())


def handshake(authority: Authority, name: str, trusts: bytes | None = None) -> ssl.SSLObject:
    """A whole TLS handshake in memory, by a client that trusts this authority alone. Raises: SSLError."""
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.load_verify_locations(cadata=(trusts or authority.ca_pem).decode())
    client_context.set_alpn_protocols(["h2", "http/1.1"])
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = authority.ssl_context().wrap_bio(to_server, to_client, server_side=True)
    for _ in range(10):
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            pass
        else:
            return client
        with contextlib.suppress(ssl.SSLWantReadError):
            server.do_handshake()
    raise AssertionError("the handshake did not end")


@pytest.mark.parametrize(
    "name", ["soundmesh.local", "box", "localhost", "192.168.1.20", "fd00::20", "127.0.0.1", "::1"]
)
def test_a_phone_that_trusts_the_authority_reaches_every_name_and_address(tmp_path: Path, name: str) -> None:
    client = handshake(make(tmp_path / "tls"), name)
    assert client.version() == "TLSv1.3"
    assert client.selected_alpn_protocol() == "http/1.1"


@pytest.mark.parametrize("name", ["bank.example", "192.168.1.21", "other.local"])
def test_other_names_are_not_answered_for(tmp_path: Path, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(make(tmp_path / "tls"), name)


def test_a_phone_that_trusts_another_box_is_not_deceived(tmp_path: Path) -> None:
    other = make(tmp_path / "other")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(make(tmp_path / "tls"), "box.local", trusts=other.ca_pem)


def test_the_authority_is_small_named_and_private(tmp_path: Path) -> None:
    authority = make(tmp_path / "tls")
    cert = x509.load_der_x509_certificate(authority.ca_der)
    assert isinstance(cert.public_key(), ec.EllipticCurvePublicKey)
    assert authority.name.startswith("SoundMesh ")
    assert len(bytes.fromhex(authority.name.removeprefix("SoundMesh "))) == 2
    assert cert.not_valid_after_utc - cert.not_valid_before_utc > timedelta(days=3650)
    constraints = cert.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert cert.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert len(bytes.fromhex(authority.fingerprint_sha256.replace(":", ""))) == 32
    for path in (tmp_path / "tls").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_phone_accepts_what_a_stolen_authority_signs_for_a_bank(tmp_path: Path) -> None:
    authority = make(tmp_path / "tls")
    authority._issue(NOW, ["bank.example"])
    with pytest.raises(ssl.SSLCertVerificationError, match="subtree violation"):
        handshake(authority, "bank.example")


def test_the_leaf_is_back_dated_and_short(tmp_path: Path) -> None:
    make(tmp_path / "tls")
    leaf = leaf_of(tmp_path / "tls")
    assert NOW - leaf.not_valid_before_utc >= timedelta(days=2)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=LEAF_DAYS)
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_restart_keeps_authority_and_leaf(tmp_path: Path) -> None:
    first = make(tmp_path / "tls")
    leaf = leaf_of(tmp_path / "tls")
    second = make(tmp_path / "tls")
    assert second.fingerprint_sha256 == first.fingerprint_sha256
    assert leaf_of(tmp_path / "tls") == leaf


def test_a_leaf_is_renewed_when_thirty_days_are_left_and_not_before(tmp_path: Path) -> None:
    authority = make(tmp_path / "tls")
    ends = authority.leaf_ends
    assert not authority.renew_if_needed(ends - timedelta(days=31), NAMES, ADDRESSES)
    assert authority.renew_if_needed(ends - timedelta(days=30), NAMES, ADDRESSES)
    assert authority.leaf_ends > ends
    assert not authority.renew_if_needed(ends - timedelta(days=30), NAMES, ADDRESSES)


def test_a_new_address_or_name_renews_and_a_gone_one_does_not(tmp_path: Path) -> None:
    authority = make(tmp_path / "tls")
    assert authority.renew_if_needed(NOW, NAMES, ["10.1.2.3"])
    handshake(authority, "10.1.2.3")
    assert not authority.renew_if_needed(NOW, NAMES, [])
    assert authority.renew_if_needed(NOW, ["renamed.local"], [])
    handshake(authority, "renamed.local")


def test_a_clock_that_ran_ahead_and_was_set_back_renews(tmp_path: Path) -> None:
    authority = make(tmp_path / "tls")
    assert authority.renew_if_needed(NOW + timedelta(days=390), NAMES, ADDRESSES)
    assert authority.renew_if_needed(NOW, NAMES, ADDRESSES)
    handshake(authority, "box.local")


@pytest.mark.parametrize(
    "text", ["", "garbage", "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"]
)
def test_a_spoilt_leaf_is_issued_anew(tmp_path: Path, text: str) -> None:
    first = make(tmp_path / "tls")
    (tmp_path / "tls" / "server.pem").write_text(text)
    again = make(tmp_path / "tls")
    assert again.fingerprint_sha256 == first.fingerprint_sha256
    handshake(again, "box.local")


@pytest.mark.parametrize("text", ["", "garbage"])
def test_a_spoilt_authority_is_one_sentence_and_is_not_replaced(tmp_path: Path, text: str) -> None:
    make(tmp_path / "tls")
    (tmp_path / "tls" / "authority.pem").write_text(text)
    with pytest.raises(DataDirError, match="cannot be read") as refused:
        make(tmp_path / "tls")
    assert "trust anew" in str(refused.value)
    assert (tmp_path / "tls" / "authority.pem").read_text() == text


def test_the_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "one")
    make(tmp_path / "two")
    key, _, _ = (tmp_path / "one" / "authority.pem").read_text().partition("-----BEGIN CERTIFICATE")
    _, _, cert = (tmp_path / "two" / "authority.pem").read_text().partition("-----BEGIN CERTIFICATE")
    (tmp_path / "one" / "authority.pem").write_text(f"{key}-----BEGIN CERTIFICATE{cert}")
    with pytest.raises(DataDirError, match="the key is not the certificate's"):
        make(tmp_path / "one")


def test_an_authority_that_has_ended_is_kept_aside_and_replaced(tmp_path: Path) -> None:
    first = make(tmp_path / "tls")
    later = make(tmp_path / "tls", now=NOW + timedelta(days=3600))
    assert later.fingerprint_sha256 != first.fingerprint_sha256
    assert (tmp_path / "tls" / "authority.pem.broken-1").exists()


def test_a_missing_certificate_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataDirError, match=r"certificate folder .* is missing"):
        make(tmp_path / "nowhere" / "tls")


def test_a_certificate_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "tls").write_text("a file")
    with pytest.raises(DataDirError, match="certificate folder"):
        make(tmp_path / "tls")


def test_public_addresses_and_names_of_the_first_start_are_permitted(tmp_path: Path) -> None:
    authority = make(tmp_path / "tls", ["intercom.church.example"], ["203.0.113.9", "2001:db8::9"])
    for name in ("intercom.church.example", "203.0.113.9", "2001:db8::9"):
        handshake(authority, name)
    assert authority.renew_if_needed(NOW, [], ["203.0.113.77"])
    handshake(authority, "203.0.113.77")


def test_what_the_authority_may_not_sign_is_left_out_said_and_spoils_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority = make(tmp_path / "tls")
    for _ in range(3):
        authority.renew_if_needed(NOW, [*NAMES, "new.example"], [*ADDRESSES, "198.51.100.7"])
    assert caplog.text.count("new.example") == 1
    assert "198.51.100.7" in caplog.text
    handshake(authority, "box.local")


def test_names_that_are_none_are_left_out(tmp_path: Path) -> None:
    make(tmp_path / "tls", ["", "-x.local", "a b", "x" * 64, "Box.Local.", "*"], ["none", "0.0.0.0"])
    names = leaf_of(tmp_path / "tls").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["box.local", "localhost"]
    assert set(map(str, names.get_values_for_type(x509.IPAddress))) == {"127.0.0.1", "::1"}


@pytest.mark.trio
async def test_renewal_leaves_an_open_connection_open_and_gives_new_ones_the_new_leaf(tmp_path: Path) -> None:
    authority = make(tmp_path / "tls")
    trusting = ssl.create_default_context(cadata=authority.ca_pem.decode())
    listeners = await trio.open_ssl_over_tcp_listeners(0, authority.ssl_context(), host="127.0.0.1")
    port = listeners[0].transport_listener.socket.getsockname()[1]

    async def echo(stream: trio.SSLStream[trio.SocketStream]) -> None:
        while data := await stream.receive_some():
            await stream.send_all(data)

    async def connect() -> trio.SSLStream[trio.SocketStream]:
        stream = await trio.open_ssl_over_tcp_stream("127.0.0.1", port, ssl_context=trusting)
        await stream.do_handshake()
        return stream

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, echo, listeners)
        before = await connect()
        renew = partial(authority.renew_if_needed, NOW, NAMES, ["10.9.8.7"])
        assert await trio.to_thread.run_sync(renew)
        after = await connect()
        for stream in (before, after):
            await stream.send_all(b"still here")
            assert await stream.receive_some() == b"still here"
        leaves = [s.getpeercert(binary_form=True) for s in (before, after)]
        assert leaves[0] != leaves[1]
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_the_new_leaf_is_loaded_on_the_trio_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = make(tmp_path / "tls")
    threads: list[threading.Thread] = []

    class Context:
        def load_cert_chain(self, path: Path) -> None:
            threads.append(threading.current_thread())

    monkeypatch.setattr(authority, "_context", Context())
    await trio.to_thread.run_sync(authority.renew_if_needed, NOW, NAMES, ["10.9.8.7"])
    assert threads == [threading.current_thread()]


def test_old_tls_is_refused(tmp_path: Path) -> None:
    assert make(tmp_path / "tls").ssl_context().minimum_version == ssl.TLSVersion.TLSv1_2


def test_the_machines_addresses_can_be_reached_and_its_names_written() -> None:
    for text in machine_addresses():
        address = ipaddress.ip_address(text)
        assert not address.is_loopback
        assert not (address.version == 6 and address.is_link_local)
    host = socket.gethostname().lower().partition(".")[0]
    assert host == "localhost" or machine_names()[0] == f"{host}.local"


def test_private_networks_hold_what_a_venue_hands_out() -> None:
    for text in (
        "10.0.0.1",
        "172.20.1.1",
        "192.168.178.20",
        "169.254.3.4",
        "100.100.1.1",
        "fd12::1",
        "fe80::1",
    ):
        assert any(ipaddress.ip_address(text) in network for network in PRIVATE_NETWORKS)


def test_files_that_became_readable_are_closed_again(tmp_path: Path) -> None:
    make(tmp_path / "tls")
    os.chmod(tmp_path / "tls" / "authority.pem", 0o644)
    make(tmp_path / "tls")
    assert stat.S_IMODE((tmp_path / "tls" / "authority.pem").stat().st_mode) == 0o600
