"""The command line's side of the control socket: one request, one printed answer."""

from __future__ import annotations

import http.client
import socket
import sys
from pathlib import Path
from typing import TypeVar

import msgspec

from soundmesh.server.invites import qr_terminal
from soundmesh.server.paths import DataDir, DataDirError
from soundmesh.wire import http as w

T = TypeVar("T")
TIMEOUT_S = 10.0


class RemoteError(Exception):
    """The appliance refused or is not there; the text is for the person at the terminal."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_S)
        self.sock.connect(str(self._path))


def call(data_dir: Path | None, method: str, path: str, body: msgspec.Struct | None, answer: type[T]) -> T:
    """One request on the control socket. Raises: RemoteError."""
    try:
        control = DataDir.find(data_dir).control_socket
    except DataDirError as error:
        raise RemoteError(str(error)) from None
    connection = _UnixConnection(control)
    try:
        payload = None if body is None else msgspec.json.encode(body)
        headers = {} if payload is None else {"Content-Type": "application/json"}
        connection.request(method, path, body=payload, headers=headers)
        response = connection.getresponse()
        data = response.read()
    except (FileNotFoundError, ConnectionRefusedError):
        raise RemoteError(
            f"No appliance runs with its data in {control.parent}. Start one: soundmesh serve SHOW.toml"
        ) from None
    except PermissionError:
        raise RemoteError(
            f"You may not use {control}. Run this as the appliance's user or a member of its group."
        ) from None
    except (OSError, http.client.HTTPException) as error:
        raise RemoteError(f"The appliance did not answer on {control}: {error}.") from None
    finally:
        connection.close()
    if response.status >= 400:
        try:
            raise RemoteError(msgspec.json.decode(data, type=w.Fault).text)
        except msgspec.MsgspecError:
            raise RemoteError(f"The appliance answered {response.status}.") from None
    return msgspec.json.decode(data, type=answer)


def _fail(error: RemoteError) -> int:
    print(error, file=sys.stderr)
    return 1


def invite(data_dir: Path | None, role: str, *, uses: int, minutes: int, as_json: bool) -> int:
    """Print a join link with its QR code, or JSON."""
    try:
        body = msgspec.convert({"role": role, "uses": uses, "minutes": minutes}, w.MakeInvite)
        made = call(data_dir, "POST", "/invite", body, w.Invite)
    except msgspec.ValidationError as error:
        return _fail(RemoteError(f"{error}."))
    except RemoteError as error:
        return _fail(error)
    if as_json:
        print(msgspec.json.encode(made).decode())
        return 0
    people = "one person" if made.uses == 1 else f"{made.uses} people"
    print(qr_terminal(made.url))
    for url in made.urls:
        print(f"  {url}")
    print(f"  Opens {made.role} for {people} during {made.minutes} minutes.")
    print(f"  First time on this phone? Trust the box first: {made.trust_url}")
    return 0


def set_pin(data_dir: Path | None, role: str, pin: str | None) -> int:
    """Set or clear a role's PIN."""
    try:
        body = msgspec.convert({"role": role, "pin": pin}, w.SetPin)
    except msgspec.ValidationError:
        return _fail(RemoteError("A PIN is 4 to 32 digits."))
    try:
        call(data_dir, "POST", "/pin", body, dict)
    except RemoteError as error:
        return _fail(error)
    print(f"The PIN of {role} is {'set' if pin else 'cleared'}.")
    return 0


def kick(data_dir: Path | None, station: int, *, why: str, as_json: bool) -> int:
    """Send a station away."""
    try:
        body = msgspec.convert({"station": station, "why": why}, w.Kick)
        call(data_dir, "POST", "/kick", body, dict)
    except msgspec.ValidationError as error:
        return _fail(RemoteError(f"{error}."))
    except RemoteError as error:
        return _fail(error)
    print("{}" if as_json else f"Station {station} was sent away.")
    return 0


def requests(data_dir: Path | None, *, as_json: bool) -> int:
    """Print who waits at the door."""
    try:
        now = call(data_dir, "GET", "/requests", None, w.WaitingList)
    except RemoteError as error:
        return _fail(error)
    if as_json:
        print(msgspec.json.encode(now).decode())
        return 0
    for one in now.requests:
        where = f"{one.role}/{one.seat}" if one.seat else one.role
        wish = f"asks {one.holder} to hand over" if one.holder else "asks for a seat"
        print(f"  {one.id:>4}  {one.person:<20} {where:<24} {wish}")
    if not now.requests:
        print("  nobody waits")
    return 0


def answer(data_dir: Path | None, request: str, *, admit: bool, as_json: bool) -> int:
    """Let somebody in, or refuse."""
    try:
        body = msgspec.convert({"id": request, "admit": admit}, w.Answer)
        call(data_dir, "POST", "/requests", body, dict)
    except msgspec.ValidationError as error:
        return _fail(RemoteError(f"{error}."))
    except RemoteError as error:
        return _fail(error)
    print("{}" if as_json else f"Request {request} was {'admitted' if admit else 'declined'}.")
    return 0


def status(data_dir: Path | None, *, as_json: bool) -> int:
    """Print who is here, what is open and the addresses."""
    try:
        now = call(data_dir, "GET", "/status", None, w.Status)
    except RemoteError as error:
        return _fail(error)
    if as_json:
        print(msgspec.json.encode(now).decode())
        return 0
    print(f"{now.show}  (revision {now.revision}, {now.file})")
    print("  " + "  ".join(now.urls))
    print(f"  certificate: {now.trust_url}   sound: UDP {', '.join(now.media)}")
    print(f"  fingerprint: {now.fingerprint}")
    for problem in now.problems:
        print(f"  problem: {problem}")
    for p in now.programs:
        doing = p.playing or ("nothing to play" if p.alarm else "over" if p.ended else "rests")
        print(f"  program {p.id}: {doing}, {p.listeners} listening")
        for trouble in p.troubles:
            print(f"    problem: {trouble}")
    for line in standing(now):
        print(f"  {line}")
    for s in now.stations:
        where = f"{s.role}/{s.seat}" if s.seat else s.role
        talks = f"  talks on {', '.join(s.talks)}" if s.talks else ""
        sound = "" if s.media or s.link != "here" else "  no sound"
        print(f"  {s.station:>5}  {where:<24} {s.person:<20} {s.link:<5}{sound}{talks}")
    if not now.stations:
        print("  nobody is here yet")
    return 0


def standing(now: w.Status) -> list[str]:
    """What stands over the crew, a line each: microphones closed from outside, calls, cues and texts."""
    lines = [f"closed: {kill.address}, by {kill.by or 'the box'}" for kill in now.kills]
    for s in now.signals:
        text = f' "{s.text}"' if s.text else ""
        seen = f"{s.acknowledged} of {s.given_to} answered, {s.age_s:.0f} s ago"
        lines.append(f"{s.kind}: {s.sender} to {s.to}{text}, {seen}")
    return lines
