"""What nobody should send to an appliance, at every listener it has."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import time
from collections.abc import Iterable
from random import Random

H2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
STUN_MAGIC = 0x2112A442


def requests(host: str) -> list[bytes]:
    """Malformed, oversized and surprising requests, each on a connection of its own."""
    head = f"Host: {host}\r\n".encode()
    json = head + b"Content-Type: application/json\r\n"
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    return [
        H2_PREFACE,
        b"",
        b"\r\n\r\n",
        b"\x00" * 2000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 64,
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n" + head + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /%ff%00%0d%0a HTTP/1.1\r\n" + head + b"\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\n" + head + b"\r\n",
        b"GET http://[::1 HTTP/1.1\r\n" + head + b"\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + head + b"\r\n",
        b"GET / HTTP/1.1\r\n" + head + b"X: " + b"b" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + head + b"\xff\xfe: \xff\r\n\r\n",
        b"POST /api/v1/join HTTP/1.1\r\n" + head + b"Content-Length: -1\r\n\r\n",
        b"POST /api/v1/join HTTP/1.1\r\n" + head + b"Content-Length: 99999999999\r\n\r\n{}",
        b"POST /api/v1/join HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/v1/join HTTP/1.1\r\n" + json + b"Content-Length: 1\r\n\r\n{",
        b"POST /invite HTTP/1.1\r\n" + json + b"Content-Length: 2\r\n\r\n[]",
        b"GET /api/v1/link HTTP/1.1\r\n" + head + upgrade + b"Sec-WebSocket-Key: x\r\n\r\n",
        b"GET /api/v1/link HTTP/1.1\r\n" + head + upgrade + b"\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\n" + head + b"\r\n",
        b"BREW /pot HTTP/1.1\r\n" + head + b"\r\n",
    ]


def send_all(address: tuple[str, int] | str, payloads: Iterable[bytes], *, tls: bool) -> None:
    """Each payload on its own connection; read a little of the answer, then reset."""
    for payload in payloads:
        with contextlib.suppress(OSError), _connect(address, tls=tls) as stream:
            stream.sendall(payload)
            stream.settimeout(0.2)
            stream.recv(4096)


def abandon(address: tuple[str, int], count: int) -> list[socket.socket]:
    """Connections that begin a TLS handshake and then say nothing. The caller closes them."""
    left = []
    for _ in range(count):
        plain = socket.create_connection(address, timeout=2)
        plain.sendall(b"\x16\x03\x01\x02\x00\x01")
        left.append(plain)
    return left


def datagrams(rng: Random, count: int) -> list[bytes]:
    """Random bytes and broken STUN, DTLS, RTP and RTCP, of every size."""
    made = [b"", b"\x00", b"\x80", b"\x16\xfe\xfd", os.urandom(1), b"\x00" * 20, b"\xff" * 65_000]
    for _ in range(count):
        body = rng.randbytes(rng.choice([0, 3, 12, 20, 48, 200, 1200, 9000]))
        kind, length, tag = rng.randrange(0x4000), rng.randrange(65536), rng.randbytes(12)
        attribute = struct.pack("!HH", 0x0006, rng.randrange(65536)) + body[:40]
        made += [
            body,
            struct.pack("!HHI12s", 0x0001, len(attribute), STUN_MAGIC, rng.randbytes(12)) + attribute,
            struct.pack("!HHI12s", kind, length, STUN_MAGIC, tag),
            bytes([rng.randrange(20, 64)]) + b"\xfe\xfd" + body,
            struct.pack("!BBHII", 0x90, rng.randrange(128), 1, 2, rng.randrange(2**32)) + body,
            struct.pack("!BBHI", 0x81, rng.randrange(192, 224), rng.randrange(65536), 3) + body,
        ]
    return made


def send_datagrams(address: tuple[str, int], payloads: Iterable[bytes]) -> None:
    """From a handful of ports, as fast as a phone's own traffic would come."""
    senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(4)]
    try:
        for number, payload in enumerate(payloads):
            with contextlib.suppress(OSError):
                senders[number % len(senders)].sendto(payload, address)
            time.sleep(0.001)
    finally:
        for sender in senders:
            sender.close()


def _connect(address: tuple[str, int] | str, *, tls: bool) -> socket.socket:
    if isinstance(address, str):
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        local.settimeout(2)
        local.connect(address)
        return local
    plain = socket.create_connection(address, timeout=2)
    if not tls:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain)
