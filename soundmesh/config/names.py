"""Kinds of text that name something: ids, seats, files, addresses and hosts."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from soundmesh.config.kinds import Complaint, unfit
from soundmesh.config.problems import quoted

ID_PATTERN = "[a-z0-9][a-z0-9_-]{0,31}"
SEAT_PATTERN = "[^/]{1,24}"
MOST_PATH = 400
RESERVED = frozenset({"all", "any", "everyone", "me", "nobody", "none", "reply", "self", "show"})
"""Words that keys, calls and the API use for other things than one channel or role."""

_HOST_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ADDRESS_CHARS = re.compile(r"[0-9A-Za-z.:%_-]+")
_HABITS = {"localhost": "127.0.0.1", "*": "0.0.0.0", "": "0.0.0.0", "any": "0.0.0.0", "all": "0.0.0.0"}


@dataclass(frozen=True, slots=True)
class Ident:
    """The id of a channel, a role or a key."""

    words: tuple[str, ...] = ()
    """Reserved words that fit here all the same."""

    @property
    def expects(self) -> str:
        also = "".join(f' or "{word}"' for word in self.words)
        return "lower-case letters, digits, - and _, at most 32" + also

    def complaints(self, value: object) -> Iterator[Complaint]:
        if not isinstance(value, str):
            yield unfit(value, self)
        elif not re.fullmatch(ID_PATTERN, value):
            yield Complaint(f"{quoted(value)} is no id; write {self.expects}.", _id_in(value))
        elif value in RESERVED and value not in self.words:
            yield Complaint(f'"{value}" is a word SoundMesh uses itself; choose another id.', f"{value}-crew")

    def value(self, raw: Any) -> Any:
        return raw

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "string", "pattern": f"^{ID_PATTERN}$"}
        return found | {"not": {"enum": sorted(RESERVED.difference(self.words))}}


@dataclass(frozen=True, slots=True)
class SeatOrIdent:
    """A column's id, or one seat of a role."""

    @property
    def expects(self) -> str:
        return 'an id, or a role and its seat such as "camera/Cam 2"'

    def complaints(self, value: object) -> Iterator[Complaint]:
        if not isinstance(value, str) or "/" not in value:
            yield from Ident().complaints(value)
            return
        role, seat = value.split("/", 1)
        if not re.fullmatch(ID_PATTERN, role):
            fixed = _id_in(role)
            near = f"{fixed}/{seat}" if fixed and seat else None
            yield Complaint(f"{quoted(value)} does not begin with a role's id; write {self.expects}.", near)
        elif not re.fullmatch(SEAT_PATTERN, seat):
            yield Complaint(f"{quoted(value)} does not end with a seat's name; write {self.expects}.")

    def value(self, raw: Any) -> Any:
        return raw

    def json(self) -> dict[str, Any]:
        seat = {"type": "string", "pattern": f"^{ID_PATTERN}/{SEAT_PATTERN}$"}
        return {"anyOf": [Ident().json(), seat]}


@dataclass(frozen=True, slots=True)
class FilePath:
    """A file or folder on the appliance."""

    @property
    def expects(self) -> str:
        return 'a path such as "music/walk-in.ogg"'

    def complaints(self, value: object) -> Iterator[Complaint]:
        if not isinstance(value, str):
            yield unfit(value, self)
        elif not value.strip():
            yield Complaint(f"is empty; write {self.expects}.")
        elif len(value) > MOST_PATH or not value.isprintable():
            yield Complaint(f"{quoted(value)} is no path; write {self.expects}.")
        elif re.match("[A-Za-z][A-Za-z0-9+.-]+://", value):
            yield Complaint(f"{quoted(value)} is an address; a port plays files of this machine.")
        elif "\\" in value:
            yield Complaint(f"{quoted(value)} has backslashes.", value.replace("\\", "/"))

    def value(self, raw: Any) -> Any:
        return raw

    def json(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": MOST_PATH}


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address of this machine."""

    @property
    def expects(self) -> str:
        return 'an IP address such as "192.168.1.10", "0.0.0.0" or "::1"'

    def complaints(self, value: object) -> Iterator[Complaint]:
        if not isinstance(value, str):
            yield unfit(value, self)
        elif not _is_address(value):
            yield Complaint(f"{quoted(value)} is no address; write {self.expects}.", _address_in(value))

    def value(self, raw: Any) -> Any:
        return str(ipaddress.ip_address(raw))

    def json(self) -> dict[str, Any]:
        return {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}


@dataclass(frozen=True, slots=True)
class HostName:
    """A name people type to reach the appliance."""

    @property
    def expects(self) -> str:
        return 'a host name such as "soundmesh.local"'

    def complaints(self, value: object) -> Iterator[Complaint]:
        if not isinstance(value, str):
            yield unfit(value, self)
        elif _is_address(value):
            yield Complaint(f"{quoted(value)} is an address; addresses belong in bind, names here.")
        elif not _is_host(value):
            yield Complaint(f"{quoted(value)} is no host name; write {self.expects}.", _host_in(value))

    def value(self, raw: Any) -> Any:
        return raw.lower()

    def json(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": 253}


def _id_in(text: str) -> str | None:
    """The id that a text would be."""
    return re.sub("[^a-z0-9_-]+", "-", text[:200].lower()).strip("-_")[:32] or None


def _is_address(text: str) -> bool:
    if not _ADDRESS_CHARS.fullmatch(text):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _address_in(text: str) -> str | None:
    """The address inside a URL or before a port, or meant by a habit of other programs."""
    bare = re.sub(r"^[a-z]+://", "", text.strip().lower()[:100]).split("/")[0]
    bracketed = re.match(r"\[([0-9a-f:]+)\]", bare)
    bare = bracketed[1] if bracketed else bare.split(":")[0] if bare.count(":") == 1 else bare
    bare = _HABITS.get(bare, bare)
    return bare if _is_address(bare) else None


def _is_host(text: str) -> bool:
    labels = text.split(".")
    return len(text) <= 253 and all(map(_HOST_LABEL.fullmatch, labels)) and not labels[-1].isdigit()


def _host_in(text: str) -> str | None:
    bare = re.sub(r"^[a-z]+://", "", text.strip().lower()[:300]).split("/")[0].split(":")[0]
    bare = re.sub(r"[\s_]+", "-", bare).strip(".-")
    return bare if bare and _is_host(bare) else None
