"""The appliance's own certificate authority and the certificate it serves.

The authority is made once and stays: phones are taught to trust it. It may
sign only for this box's names and for private addresses, so that a stolen box
cannot speak for a bank. The served certificate is short-lived and is replaced
in the live context, which new handshakes use at once and open connections do
not notice.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import re
import secrets
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ifaddr
import trio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from soundmesh.server.memory import wall_floor_s
from soundmesh.server.paths import FOLDER_MODE, DataDirError, set_aside, write_whole

log = logging.getLogger(__name__)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

BACKDATED = timedelta(days=2)
"""A phone's clock may run behind the box's."""
AUTHORITY_DAYS = 3653
LEAF_DAYS = 397
"""iOS refuses private leaves over 825 days; see research phones B1."""
RENEW_LEFT = timedelta(days=30)

PRIVATE_NETWORKS: tuple[Network, ...] = tuple(
    ipaddress.ip_network(n)
    for n in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    )
)
LOCAL_DOMAINS = ("local", "localhost", "lan", "home.arpa", "internal")
"""Domains nobody can own. A renamed box stays within them, so its phones need not be taught again."""
ALWAYS_NAMES = ("localhost",)
ALWAYS_ADDRESSES = ("127.0.0.1", "::1")

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_BRIDGES = re.compile(r"(docker|br-|veth|virbr|vnet|lxc|lxdbr|podman|cni|flannel|kube)")


class Authority:
    """The appliance's authority, its present certificate, and the live context that serves it."""

    def __init__(self, folder: Path, key: ec.EllipticCurvePrivateKey, cert: x509.Certificate) -> None:
        """Use ``load_or_make``."""
        self._folder = folder
        self._key = key
        self._cert = cert
        self._leaf: x509.Certificate | None = None
        self._refused: frozenset[str] = frozenset()
        self._context = _make_context()

    @classmethod
    def load_or_make(
        cls,
        folder: Path,
        names: Sequence[str],
        addresses: Sequence[str],
        now: datetime | None = None,
    ) -> Authority:
        """The authority kept in the folder, made on the first start, with a certificate for these names.

        Raises: DataDirError when the folder cannot be used or the authority in it cannot be read.
        """
        # A box without a battery clock boots in the past, where no phone would
        # believe a certificate of that day.
        now = now or max(datetime.now(UTC), datetime.fromtimestamp(wall_floor_s({}), UTC))
        try:
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=FOLDER_MODE)
            authority = cls(folder, *_load_or_make_root(folder, names, addresses, now))
            authority._load_leaf()
            authority.renew_if_needed(now, names, addresses)
        except FileNotFoundError:
            raise DataDirError(
                f"The certificate folder {folder} is missing and cannot be made. Make {folder.parent} first."
            ) from None
        except OSError as error:
            raise DataDirError(
                f"The certificate folder {folder} cannot be used ({error.strerror}). "
                "Make it yours, or give another with --data-dir."
            ) from None
        return authority

    def ssl_context(self) -> ssl.SSLContext:
        """The live server context, always the same object: TLS 1.2 or later, HTTP/1.1 only."""
        return self._context

    def renew_if_needed(self, now: datetime, names: Sequence[str], addresses: Sequence[str]) -> bool:
        """A new certificate in the live context, if the present one ends soon or lacks a name or address.

        On the Trio thread (it takes milliseconds) or in a worker thread of
        it. True when it was renewed. Raises: OSError.
        """
        wanted = self._may_sign(names, addresses)
        now = max(now, self._cert.not_valid_before_utc + BACKDATED)
        leaf = self._leaf
        if (
            leaf is not None
            and leaf.not_valid_before_utc <= now
            and leaf.not_valid_after_utc - now > RENEW_LEFT
            and wanted <= _alternatives(leaf)
        ):
            return False
        self._issue(now, sorted(wanted))
        log.info("certificate for %s until %s", ", ".join(sorted(wanted)), self.leaf_ends.date())
        return True

    @property
    def ca_pem(self) -> bytes:
        """The authority's certificate, for phones that trust it."""
        return self._cert.public_bytes(serialization.Encoding.PEM)

    @property
    def ca_der(self) -> bytes:
        return self._cert.public_bytes(serialization.Encoding.DER)

    @property
    def name(self) -> str:
        """As phones list it: ``SoundMesh`` and four hexadecimal digits."""
        return str(self._cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def fingerprint_sha256(self) -> str:
        """Of the authority, as phones show it: pairs of digits with colons."""
        return self._cert.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def leaf_ends(self) -> datetime:
        """When the certificate that is served now ends."""
        assert self._leaf is not None
        return self._leaf.not_valid_after_utc

    def _may_sign(self, names: Sequence[str], addresses: Sequence[str]) -> frozenset[str]:
        """The names and addresses within the authority's limits; one outside would spoil them all."""
        asked = {
            *_clean_names((*names, *ALWAYS_NAMES)),
            *map(str, _clean_addresses((*addresses, *ALWAYS_ADDRESSES))),
        }
        limits = self._cert.extensions.get_extension_for_class(x509.NameConstraints).value
        allowed = frozenset(item for item in asked if _within(item, limits.permitted_subtrees or ()))
        refused = frozenset(asked - allowed)
        if refused - self._refused:
            log.warning(
                "%s: outside what this box's certificate authority may sign for; phones will warn there. "
                "Remove %s to make a new authority, which every phone must then trust anew.",
                ", ".join(sorted(refused)),
                self._folder,
            )
        self._refused = refused
        return allowed

    def _issue(self, now: datetime, alternatives: Sequence[str]) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = (
            x509.CertificateBuilder()
            .subject_name(_subject("SoundMesh appliance"))
            .issuer_name(self._cert.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(now - BACKDATED + timedelta(days=LEAF_DAYS))
            .add_extension(x509.SubjectAlternativeName([_general(a) for a in alternatives]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        # Not synced: if a power cut spoils it, the next start issues another.
        write_whole(
            self._leaf_path, _key_pem(key) + leaf.public_bytes(serialization.Encoding.PEM), sync=False
        )
        _between_handshakes(lambda: self._context.load_cert_chain(self._leaf_path))
        self._leaf = leaf

    def _load_leaf(self) -> None:
        """Serve the certificate of the last run, if it is whole and ours."""
        try:
            leaf = x509.load_pem_x509_certificate(self._leaf_path.read_bytes())
            leaf.verify_directly_issued_by(self._cert)
            self._context.load_cert_chain(self._leaf_path)
        except Exception as error:
            # Whatever is wrong with it, another is issued in its place.
            if self._leaf_path.exists():
                log.info("%s is not used again (%s)", self._leaf_path, error)
            return
        self._leaf = leaf

    @property
    def _leaf_path(self) -> Path:
        return self._folder / "server.pem"


def machine_addresses() -> list[str]:
    """The addresses phones can reach, the one towards the default route first; no loopback, no bridges."""
    first = _outward_address()
    found: list[Address] = []
    for adapter in ifaddr.get_adapters():
        if _BRIDGES.match(adapter.name):
            continue
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            address = ipaddress.ip_address(text.partition("%")[0])
            if not (address.is_loopback or address.is_unspecified or address.is_multicast):
                found.append(address)
    # A link-local IPv6 address needs a zone, which no URL can carry. An IPv4
    # one is how two devices on a bare cable meet.
    usable = {a for a in found if not (a.version == 6 and a.is_link_local)}
    if any(not a.is_link_local for a in usable):
        usable = {a for a in usable if not a.is_link_local}
    return [
        str(a) for a in sorted(usable, key=lambda a: (str(a) != first, a.version, not a.is_private, int(a)))
    ]


def machine_names() -> list[str]:
    """The names phones may use for this machine: its mDNS name, then its host name."""
    host = socket.gethostname().lower().rstrip(".")
    label = host.partition(".")[0]
    return [n for n in dict.fromkeys((f"{label}.local", host)) if _is_name(n) and label != "localhost"]


def _outward_address() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a datagram socket only asks the routing table.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def _load_or_make_root(
    folder: Path, names: Sequence[str], addresses: Sequence[str], now: datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    path = folder / "authority.pem"
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        key, cert = _make_root(names, addresses, now)
        write_whole(path, _key_pem(key) + cert.public_bytes(serialization.Encoding.PEM))
        return key, cert
    try:
        loaded = serialization.load_pem_private_key(data, password=None)
        cert = x509.load_pem_x509_certificate(data)
        cert.extensions.get_extension_for_class(x509.NameConstraints)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey) or loaded.public_key() != cert.public_key():
            raise ValueError("the key is not the certificate's")
    except (ValueError, TypeError, x509.ExtensionNotFound) as error:
        raise DataDirError(
            f"The certificate authority {path} cannot be read ({error}). Put it back from a copy, or remove "
            "it to make a new one, which every phone must then trust anew."
        ) from None
    if os.stat(path).st_mode & 0o077:
        path.chmod(0o600)
    if cert.not_valid_after_utc - now < timedelta(days=LEAF_DAYS):
        aside = set_aside(path)
        log.warning(
            "the certificate authority has ended and was kept as %s; phones must trust the new one", aside
        )
        return _load_or_make_root(folder, names, addresses, now)
    return loaded, cert


def _make_root(
    names: Sequence[str], addresses: Sequence[str], now: datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(f"SoundMesh {secrets.token_hex(2).upper()}")
    permitted = [x509.DNSName(n) for n in _permitted_names(names)]
    permitted_networks = [x509.IPAddress(n) for n in _permitted_networks(addresses)]
    cert = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now - BACKDATED + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.NameConstraints([*permitted, *permitted_networks], None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key, cert


def _permitted_names(names: Sequence[str]) -> list[str]:
    """Local domains whole; of names in domains somebody owns, only those names."""
    own = [n for n in _clean_names(names) if not any(_in_domain(n, d) for d in LOCAL_DOMAINS)]
    return [*LOCAL_DOMAINS, *own]


def _permitted_networks(addresses: Sequence[str]) -> list[Network]:
    """The private networks and, around an address outside them, what its router may give it next."""
    networks = list(PRIVATE_NETWORKS)
    for address in _clean_addresses(addresses):
        if not any(address in network for network in networks):
            networks.append(ipaddress.ip_network((address, 24 if address.version == 4 else 64), strict=False))
    return networks


def _within(item: str, permitted: Iterable[x509.GeneralName]) -> bool:
    try:
        address = ipaddress.ip_address(item)
    except ValueError:
        return any(isinstance(p, x509.DNSName) and _in_domain(item, p.value) for p in permitted)
    networks = [p.value for p in permitted if isinstance(p, x509.IPAddress)]
    return any(address in n for n in networks if isinstance(n, ipaddress.IPv4Network | ipaddress.IPv6Network))


def _in_domain(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _alternatives(leaf: x509.Certificate) -> frozenset[str]:
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return frozenset(
        [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    )


def _general(item: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(item))
    except ValueError:
        return x509.DNSName(item)


def _clean_names(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(n for n in (name.lower().rstrip(".") for name in names) if _is_name(n)))


def _is_name(name: str) -> bool:
    return len(name) <= 253 and all(_LABEL.fullmatch(part) for part in name.split("."))


def _clean_addresses(addresses: Iterable[str]) -> list[Address]:
    found = []
    for text in addresses:
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(text.partition("%")[0])
            if not address.is_unspecified:
                found.append(address)
    return list(dict.fromkeys(found))


def _between_handshakes(load: Callable[[], None]) -> None:
    """Run it on the Trio thread: OpenSSL copies a context's certificate for each handshake without a lock."""
    try:
        token = trio.from_thread.run_sync(trio.lowlevel.current_trio_token)
    except RuntimeError:
        # Not in a worker thread: this is the Trio thread, or there is none yet.
        load()
        return
    trio.from_thread.run_sync(load, trio_token=token)


def _make_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.set_alpn_protocols(["http/1.1"])
    return context


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SoundMesh"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
