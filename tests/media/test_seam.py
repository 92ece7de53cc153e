"""The names inside aiortc, aioice and pylibsrtp that we rely on are still what they were."""

from __future__ import annotations

import ast
import inspect
from importlib.metadata import version
from pathlib import Path

import aioice.ice
import pytest
from aioice import stun
from aioice.candidate import Candidate
from aioice.ice import CandidatePair, Connection, StunProtocol
from aiortc import RTCDtlsTransport
from pylibsrtp import Policy, Session

import soundmesh.media
from soundmesh.media import aiortc_seam
from soundmesh.media.aiortc_seam import Crypt, SrtpError
from soundmesh.media.rtp import lane_packet


@pytest.mark.parametrize(
    ("package", "series"), [("aiortc", "1.16."), ("aioice", "0.13."), ("pylibsrtp", "1.0.")]
)
def test_the_versions_are_those_that_were_read(package: str, series: str) -> None:
    assert version(package).startswith(series)


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (Connection.get_component_candidates, ["self", "component", "addresses", "timeout"]),
        (Connection.build_request, ["self", "pair", "nominate"]),
        (Connection.check_state, ["self", "pair", "state"]),
        (Connection.check_complete, ["self", "pair"]),
        (Connection.check_start_task, ["self", "pair"]),
        (Connection.data_received, ["self", "data", "component"]),
        (Connection.respond_error, ["self", "request", "addr", "protocol", "error_code"]),
        (Connection._add_remote_candidate, ["self", "remote_candidate", "network_host"]),
        (Connection.connect, ["self"]),
        (Connection.close, ["self"]),
        (Connection.send, ["self", "data"]),
        (StunProtocol.__init__, ["self", "receiver"]),
        (StunProtocol.connection_made, ["self", "transport"]),
        (StunProtocol.connection_lost, ["self", "exc"]),
        (StunProtocol.datagram_received, ["self", "data", "addr"]),
        (StunProtocol.send_stun, ["self", "message", "addr"]),
        (StunProtocol.close, ["self"]),
        (RTCDtlsTransport.__init__, ["self", "transport", "certificates"]),
        (RTCDtlsTransport.start, ["self", "remoteParameters"]),
        (RTCDtlsTransport.stop, ["self"]),
        (RTCDtlsTransport._set_role, ["self", "role"]),
    ],
)
def test_what_we_call_or_override_takes_what_it_took(function: object, parameters: list[str]) -> None:
    assert callable(function)
    assert list(inspect.signature(function).parameters) == parameters


def test_an_ice_agent_keeps_its_state_where_we_reach_for_it() -> None:
    source = inspect.getsource(Connection)
    for name in (
        "_local_username",
        "_local_password",
        "_local_candidates",
        "_local_candidates_start",
        "_local_candidates_end",
        "_remote_candidates",
        "_protocols",
        "_check_list",
        "_nominated",
    ):
        assert f"self.{name}" in source
    assert isinstance(Connection.local_username, property)
    assert CandidatePair.State.SUCCEEDED
    assert CandidatePair.State.WAITING
    assert stun.Class.RESPONSE
    assert "to_sdp" in dir(Candidate)


def test_a_success_response_is_sent_only_after_the_check_was_authenticated() -> None:
    lines = inspect.getsource(Connection.request_received)
    assert lines.index("check_message_integrity") < lines.index("protocol.send_stun(response, addr)")


def test_dtls_asks_no_more_of_its_transport_than_we_give() -> None:
    asked = {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(inspect.getmodule(RTCDtlsTransport) or aiortc_seam)))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in ("transport", "_transport")
    }
    assert asked == {"_recv", "_send", "role"}


def test_consent_outlives_a_hole_of_30_s_and_ends_a_one_way_path_soon_after() -> None:
    interval, failures = aioice.ice.CONSENT_INTERVAL, aioice.ice.CONSENT_FAILURES
    assert (0.8 * interval + stun.RETRY_RTO) * failures > 33
    assert (1.2 * interval + stun.RETRY_RTO) * failures < 50
    source = inspect.getsource(Connection.query_consent)
    assert "CONSENT_INTERVAL" in source
    assert "CONSENT_FAILURES" in source


def _pair() -> tuple[Session, Session]:
    key = bytes(range(30))
    kinds = (Policy.SSRC_ANY_OUTBOUND, Policy.SSRC_ANY_INBOUND)
    return tuple(Session(Policy(key=key, ssrc_type=kind)) for kind in kinds)  # type: ignore[return-value]


def test_working_in_place_makes_the_same_bytes_as_pylibsrtp() -> None:
    packet = lane_packet(111, True, 5, 960, 7, 3, b"voice" * 12)
    theirs = _pair()[0].protect(packet)
    sender, receiver = _pair()
    ours = Crypt(sender).protect(packet)
    assert ours == theirs
    assert Crypt(receiver).unprotect(ours) == packet


def test_a_copy_and_a_forgery_are_refused() -> None:
    sender, receiver = _pair()
    data = Crypt(sender).protect(lane_packet(111, True, 5, 960, 7, 3, b"voice"))
    crypt = Crypt(receiver)
    with pytest.raises(SrtpError):
        crypt.unprotect(data[:-1] + bytes([data[-1] ^ 1]))
    crypt.unprotect(data)
    with pytest.raises(SrtpError):
        crypt.unprotect(data)


@pytest.mark.parametrize("size", [0, 1, 11, 1301, 1500, 1501, 9000])
def test_no_size_overruns_the_buffer(size: int) -> None:
    sender, receiver = _pair()
    for work in (Crypt(receiver).unprotect, Crypt(receiver).unprotect_rtcp):
        with pytest.raises(SrtpError):
            work(bytes(size))
    if size > 1300:
        for protect in (Crypt(sender).protect, Crypt(sender).protect_rtcp):
            with pytest.raises(SrtpError):
                protect(b"\x80\x6f" + bytes(size - 2))


def test_the_largest_plain_packet_fits_the_buffer() -> None:
    sender, receiver = _pair()
    packet = lane_packet(111, True, 5, 960, 7, 3, bytes(aiortc_seam.MAX_PLAIN_BYTES - 16))
    data = Crypt(sender).protect(packet)
    assert len(data) <= len(receiver._cdata)
    assert Crypt(receiver).unprotect(data) == packet


def test_only_the_seam_imports_them() -> None:
    for path in Path(soundmesh.media.__file__).parent.glob("*.py"):
        names = {
            alias.name if isinstance(node, ast.Import) else node.module
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        found = {str(name).partition(".")[0] for name in names} & {"aiortc", "aioice", "pylibsrtp"}
        assert found == (set() if path.name != "aiortc_seam.py" else {"aiortc", "aioice", "pylibsrtp"})
