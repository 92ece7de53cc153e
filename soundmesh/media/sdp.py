"""Session descriptions: read a phone's offer, write the appliance's answer. Pure text.

A phone offers one sending line and some receiving ones; the appliance answers
and owns every word of its answer. Candidates of offers are never used: names
ending in ``.local`` would have to be looked up, and the phone's own checks
tell its address anyway.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from soundmesh.core.media import MediaError

MAX_OFFER_BYTES = 64 * 1024
MAX_LINES = 17
LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
_TOKEN = r"[A-Za-z0-9+/]+"


@dataclass(frozen=True, slots=True)
class Line:
    """One m-line of an offer, as far as it matters."""

    mid: str
    direction: str
    """As offered: sendonly, recvonly, sendrecv or inactive."""
    opus: int
    level_id: int
    """The offered id of the RFC 6464 extension, 0 when absent."""


@dataclass(frozen=True, slots=True)
class Offer:
    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    """(algorithm, value)"""
    lines: tuple[Line, ...]


def read_offer(text: str) -> Offer:
    """The facts of an offer. Raises: MediaError, with a sentence, for what cannot be answered."""
    if len(text.encode("utf-8", "replace")) > MAX_OFFER_BYTES:
        raise MediaError("The offer is too long.")
    sections = re.split(r"^(?=m=)", text, flags=re.MULTILINE)
    if not sections[0].startswith("v=0"):
        raise MediaError("The offer is no session description.")
    media = sections[1:]
    if not 1 <= len(media) <= MAX_LINES:
        raise MediaError(f"The offer must have 1 to {MAX_LINES} media lines.")
    fingerprints = tuple(
        dict.fromkeys(re.findall(r"^a=fingerprint:([\w-]+) ([0-9A-Fa-f:]+)\s*$", text, re.MULTILINE))
    )
    if not fingerprints or len(fingerprints) > 8:
        raise MediaError("The offer lacks a certificate fingerprint.")
    if _first(r"^a=setup:(\S+)", text) == "active":
        raise MediaError("The offer must leave the DTLS role to the appliance.")
    lines = tuple(_line(section) for section in media)
    if len({line.mid for line in lines}) != len(lines):
        raise MediaError("The offer names two lines alike.")
    return Offer(
        ufrag=_needed(rf"^a=ice-ufrag:({_TOKEN})\s*$", text, 4, 256, "ICE user name"),
        password=_needed(rf"^a=ice-pwd:({_TOKEN})\s*$", text, 22, 256, "ICE password"),
        fingerprints=fingerprints,
        lines=lines,
    )


def _first(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1) if found else None


def _needed(pattern: str, text: str, low: int, high: int, what: str) -> str:
    found = _first(pattern, text)
    if found is None or not low <= len(found) <= high:
        raise MediaError(f"The offer lacks an {what}.")
    return found


def _line(section: str) -> Line:
    if not section.startswith("m=audio "):
        raise MediaError("The offer has a line that is not audio.")
    opus = _opus(section)
    if opus is None or not 0 <= int(opus) <= 127:
        raise MediaError("The offer has a line without Opus.")
    level = _first(rf"^a=extmap:(\d{{1,2}})(?:/\w+)? {re.escape(LEVEL_URI)}\s*", section)
    return Line(
        mid=_needed(r"^a=mid:([A-Za-z0-9_.-]+)\s*$", section, 1, 32, "identification of each line"),
        direction=_first(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", section) or "sendrecv",
        opus=int(opus),
        level_id=int(level) if level is not None and 1 <= int(level) <= 14 else 0,
    )


def _opus(section: str) -> str | None:
    found = re.search(r"^a=rtpmap:(\d{1,3}) opus/48000/2\s*$", section, re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else None


@dataclass(frozen=True, slots=True)
class Local:
    """The appliance's side of a session."""

    ufrag: str
    password: str
    fingerprint: str
    """SHA-256, colon separated."""
    candidates: Sequence[str]
    """``a=candidate`` lines without their prefix."""
    lane_ssrcs: Sequence[int]
    bitrate_bps: int
    nack: bool


def uplink_of(offer: Offer) -> Line | None:
    """The line the phone sends on: the first that offers to send."""
    return next((line for line in offer.lines if line.direction in ("sendonly", "sendrecv")), None)


def lanes_of(offer: Offer, most: int) -> tuple[Line, ...]:
    """The lines that become lanes, at most so many."""
    return tuple(line for line in offer.lines if line.direction == "recvonly")[:most]


def write_answer(offer: Offer, local: Local, version: int) -> str:
    """The answer: one uplink, a lane per given SSRC, the rest inactive."""
    uplink = uplink_of(offer)
    lanes = lanes_of(offer, len(local.lane_ssrcs))
    out = [
        "v=0",
        f"o=- 4711 {version} IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE " + " ".join(line.mid for line in offer.lines),
        "a=msid-semantic:WMS *",
    ]
    for index, line in enumerate(offer.lines):
        out += _transport(line, local)
        if line is uplink:
            out += ["a=recvonly", *_codec(line, local)]
            if line.level_id:
                out.append(f"a=extmap:{line.level_id} {LEVEL_URI}")
        elif line in lanes:
            number = lanes.index(line)
            out += ["a=sendonly", *_codec(line, local)]
            out.append(f"a=msid:lane{number + 1} lane{number + 1}")
            out.append(f"a=ssrc:{local.lane_ssrcs[number]} cname:soundmesh")
        else:
            out += ["a=inactive", f"a=rtpmap:{line.opus} opus/48000/2"]
        if index == 0:
            out += [f"a=candidate:{candidate}" for candidate in local.candidates]
            out.append("a=end-of-candidates")
    return "\r\n".join(out) + "\r\n"


def _transport(line: Line, local: Local) -> list[str]:
    return [
        f"m=audio 9 UDP/TLS/RTP/SAVPF {line.opus}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.password}",
        f"a=fingerprint:sha-256 {local.fingerprint}",
        "a=setup:active",
        f"a=mid:{line.mid}",
    ]


def _codec(line: Line, local: Local) -> list[str]:
    settings = (
        f"minptime=10;useinbandfec=1;usedtx=0;stereo=0;sprop-stereo=0;maxaveragebitrate={local.bitrate_bps}"
    )
    out = [f"a=rtpmap:{line.opus} opus/48000/2"]
    if local.nack:
        out.append(f"a=rtcp-fb:{line.opus} nack")
    out += [f"a=fmtp:{line.opus} {settings}", "a=ptime:20", "a=maxptime:20"]
    return out


def write_offer(
    ufrag: str, password: str, fingerprint: str, candidates: Sequence[str], lanes: int, version: int = 1
) -> str:
    """What a phone would offer: one sending line and ``lanes`` receiving ones (for simulated stations)."""
    mids = range(lanes + 1)
    out = ["v=0", f"o=- 1 {version} IN IP4 0.0.0.0", "s=-", "t=0 0"]
    out.append("a=group:BUNDLE " + " ".join(str(mid) for mid in mids))
    for mid in mids:
        out += [
            "m=audio 9 UDP/TLS/RTP/SAVPF 111",
            "c=IN IP4 0.0.0.0",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            f"a=ice-ufrag:{ufrag}",
            f"a=ice-pwd:{password}",
            f"a=fingerprint:sha-256 {fingerprint}",
            "a=setup:actpass",
            f"a=mid:{mid}",
            "a=sendonly" if mid == 0 else "a=recvonly",
            "a=rtpmap:111 opus/48000/2",
            "a=rtcp-fb:111 nack",
            "a=fmtp:111 minptime=10;useinbandfec=1",
            f"a=extmap:1 {LEVEL_URI}",
        ]
        if mid == 0:
            out += [f"a=candidate:{candidate}" for candidate in candidates]
    return "\r\n".join(out) + "\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a calling station needs of an answer."""

    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    candidates: tuple[str, ...]
    """``a=candidate`` lines without their prefix."""
    lane_ssrcs: tuple[int, ...]


def read_answer(text: str) -> Answer:
    """Raises: MediaError."""
    return Answer(
        ufrag=_needed(rf"^a=ice-ufrag:({_TOKEN})\s*$", text, 4, 256, "ICE user name"),
        password=_needed(rf"^a=ice-pwd:({_TOKEN})\s*$", text, 22, 256, "ICE password"),
        fingerprints=tuple(
            dict.fromkeys(re.findall(r"^a=fingerprint:([\w-]+) ([0-9A-Fa-f:]+)\s*$", text, re.MULTILINE))
        ),
        candidates=tuple(re.findall(r"^a=candidate:(.+?)\s*$", text, re.MULTILINE)),
        lane_ssrcs=tuple(int(ssrc) for ssrc in re.findall(r"^a=ssrc:(\d+) ", text, re.MULTILINE)),
    )
