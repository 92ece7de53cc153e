"""An appliance as a client sees it: its doors over TLS, its control socket as a file."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
import trio

from soundmesh.sim.http import HttpError, Reply, exchange, open_tls, open_unix
from soundmesh.wire import http as w

COOKIE = "__Host-soundmesh"
T = TypeVar("T")


class BoxError(Exception):
    """The appliance refused or is not there; the text is for people."""


@dataclass(frozen=True, slots=True)
class Box:
    """The panel's side of an appliance."""

    host: str
    port: int
    tls: ssl.SSLContext

    @classmethod
    def at(cls, url: str, tls: ssl.SSLContext) -> Box:
        """From an address such as ``https://192.0.2.1:8443``. Raises: BoxError."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise BoxError(f"{url} is not the address of an appliance. It looks like https://192.0.2.1:8443.")
        return cls(parts.hostname, parts.port or 443, tls)

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"https://{self.authority}"

    async def door(self) -> w.Door:
        """What the join screen shows. Raises: BoxError."""
        return _read(await self._request("GET", "/api/v1/door", b""), w.Door)

    async def join(self, join: w.Join) -> tuple[w.Joined, str]:
        """Take a seat; returns it with the session cookie's value. Raises: BoxError."""
        reply = await self._request("POST", "/api/v1/join", msgspec.json.encode(join))
        joined = _read(reply, w.Joined)
        for cookie in reply.all("set-cookie"):
            name, _, rest = cookie.partition("=")
            if name == COOKIE:
                return joined, rest.partition(";")[0]
        raise BoxError("The appliance gave a seat and no session.")

    async def _request(self, method: str, target: str, body: bytes) -> Reply:
        try:
            stream = await open_tls(self.host, self.port, self.tls)
            headers = [("Origin", self.origin)]
            return await exchange(stream, method, target, host=self.authority, headers=headers, body=body)
        except (OSError, HttpError, trio.BrokenResourceError) as error:
            why = error.__cause__ or error
            raise BoxError(f"No appliance answers at {self.origin}: {why}.") from error


@dataclass(frozen=True, slots=True)
class Control:
    """The operator's side: the control socket in the data folder."""

    path: Path

    async def status(self) -> w.Status:
        """Raises: BoxError."""
        return await self._call("GET", "/status", None, w.Status)

    async def invite(self, role: str, *, uses: int = 1) -> w.Invite:
        """Raises: BoxError."""
        return await self._call("POST", "/invite", w.MakeInvite(role=role, uses=uses), w.Invite)

    async def _call(self, method: str, target: str, body: msgspec.Struct | None, kind: type[T]) -> T:
        payload = b"" if body is None else msgspec.json.encode(body)
        try:
            reply = await exchange(await open_unix(self.path), method, target, host="localhost", body=payload)
        except (OSError, HttpError) as error:
            raise BoxError(
                f"No appliance answers on {self.path} ({error}). Start one with: soundmesh serve SHOW.toml"
            ) from error
        return _read(reply, kind)


async def trust(url: str) -> ssl.SSLContext:
    """A context that trusts the appliance's own authority, from its trust page on this machine.

    Raises: BoxError.
    """
    parts = urlsplit(url)
    try:
        stream = await trio.open_tcp_stream(parts.hostname or "", parts.port or 80)
        reply = await exchange(stream, "GET", "/ca.crt", host=parts.netloc)
        return ssl.create_default_context(cadata=reply.body)
    except (OSError, HttpError) as error:
        raise BoxError(f"The appliance's certificate cannot be had from {url}: {error}.") from error


def token_of(invite_url: str) -> str:
    """The token at the end of a join link."""
    return urlsplit(invite_url).path.rsplit("/", 1)[-1]


def _read(reply: Reply, kind: type[T]) -> T:
    try:
        if reply.status >= 400:
            raise BoxError(msgspec.json.decode(reply.body, type=w.Fault).text)
        return msgspec.json.decode(reply.body, type=kind)
    except msgspec.MsgspecError:
        raise BoxError(f"The appliance answered {reply.status} with something unknown.") from None
