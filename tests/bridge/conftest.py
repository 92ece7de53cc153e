"""An offer such as Chromium makes, as a fixture."""

from collections.abc import Callable

import pytest


def _section(mid: int, direction: str) -> list[str]:
    return [
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=ice-ufrag:Ab3d",
        "a=ice-pwd:0123456789abcdefghijklmn",
        "a=ice-options:trickle",
        "a=fingerprint:sha-256 " + ":".join(["5A"] * 32),
        "a=setup:actpass",
        f"a=mid:{mid}",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        f"a={direction}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 transport-cc",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
    ]


def _offer(lanes: int) -> str:
    mids = " ".join(str(i) for i in range(lanes + 1))
    head = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    body = _section(0, "sendonly") + [
        line for mid in range(1, lanes + 1) for line in _section(mid, "recvonly")
    ]
    return "\r\n".join(head + body) + "\r\n"


@pytest.fixture
def chromium_offer() -> Callable[[int], str]:
    """``chromium_offer(lanes)``: one uplink and so many lanes."""
    return _offer
