"""Sockets to listen on: addresses with ports, and paths."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Sequence
from pathlib import Path

SEND_BUFFER_BYTES = 64 * 1024
"""Left to itself Linux grows it to 4 MB, and a sleeping phone would be noticed late."""
UNACKED_MS = 10_000
"""The kernel gives up a peer that acknowledges nothing for this long."""

Bind = tuple[str, int] | Path
"""An address and port (0: the system's choice), or the path of a Unix socket."""


def open_sockets(binds: Sequence[Bind]) -> list[socket.socket]:
    """Bound sockets. Ports 0 share one port of the system's choice. Raises: OSError."""
    opened: list[socket.socket] = []
    chosen = 0
    try:
        for bind in binds:
            if isinstance(bind, Path):
                opened.append(_bind_unix(bind))
                continue
            host, port = bind
            opened.append(_bind_tcp(host, port or chosen))
            if port == 0:
                chosen = opened[-1].getsockname()[1]
    except BaseException:
        for sock in opened:
            sock.close()
        raise
    return opened


def _bind_tcp(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # Accepted sockets inherit these.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKED_MS)
        sock.bind((host, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _bind_unix(path: Path) -> socket.socket:
    """A socket file of mode 0660. One that a dead appliance left is removed: the data lock is held."""
    try:
        if stat.S_ISSOCK(os.lstat(path).st_mode):
            os.unlink(path)
    except FileNotFoundError:
        pass
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o117)
    try:
        sock.bind(str(path))
    except BaseException:
        sock.close()
        raise
    finally:
        os.umask(old)
    return sock
