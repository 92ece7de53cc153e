"""What arrives from a microphone: loss, repair, silence, jitter."""

from __future__ import annotations

from soundmesh.media.rtp import middle_ntp
from soundmesh.media.uplink import ASK_AFTER_S, Uplink, round_trip_s

SSRC = 4711


def fed(seqs: list[int], uplink: Uplink | None = None) -> Uplink:
    uplink = uplink or Uplink()
    for number, seq in enumerate(seqs):
        uplink.arrived(SSRC, seq & 0xFFFF, seq * 960, number * 0.02)
    return uplink


def test_loss_is_the_fraction_of_the_last_interval() -> None:
    uplink = fed([1, 2, 3, 5, 6, 7, 8, 9, 10])
    assert uplink.report(1.0)[0] == 1
    assert uplink.loss == 0.1
    fed(list(range(11, 20)), uplink)
    uplink.report(2.0)
    assert uplink.loss == 0.0


def test_the_sequence_counts_on_over_its_wrap() -> None:
    uplink = fed([65534, 65535, 65536, 65537])
    assert uplink.report(1.0)[:2] == (0, 65537)


def test_a_hole_is_asked_for_after_15_ms_then_once_more_then_let_go() -> None:
    uplink = Uplink()
    uplink.arrived(SSRC, 1, 0, 0.0)
    assert uplink.arrived(SSRC, 3, 1920, 0.0) == ASK_AFTER_S
    assert uplink.to_ask(0.010, None) == ([], ASK_AFTER_S)
    assert uplink.to_ask(0.015, None)[0] == [2]
    assert uplink.to_ask(0.020, None)[0] == []
    assert uplink.to_ask(0.036, None)[0] == [2]
    assert uplink.to_ask(1.0, None) == ([], None)


def test_a_hole_that_fills_itself_is_not_asked_for() -> None:
    uplink = fed([1, 3])
    uplink.arrived(SSRC, 2, 1920, 0.03)
    assert uplink.to_ask(1.0, None) == ([], None)
    assert uplink.repaired == 1


def test_a_long_gap_is_a_pause_and_nothing_is_asked_for() -> None:
    uplink = fed([1, 2, 500, 501])
    assert uplink.to_ask(1.0, None) == ([], None)
    uplink.report(1.0)
    assert uplink.loss == 0.0


def test_another_stream_starts_afresh() -> None:
    uplink = fed([1, 2, 3])
    uplink.arrived(99, 60000, 5, 1.0)
    assert uplink.report(1.1)[:2] == (0, 60000)


def test_an_open_microphone_of_digital_silence_is_silent_after_3_s() -> None:
    uplink = Uplink()
    for i in range(151):
        uplink.note_level(-127, 60, i * 0.02)
    assert uplink.silent(3.0)
    uplink.note_level(-40, 60, 3.02)
    assert not uplink.silent(3.04)


def test_tiny_frames_are_silence_whatever_their_level() -> None:
    uplink = Uplink()
    for i in range(151):
        uplink.note_level(-30, 3, i * 0.02)
    assert uplink.silent(3.0)


def test_a_closed_talk_is_not_called_silent() -> None:
    uplink = Uplink()
    uplink.note_level(-127, 60, 0.0)
    uplink.closed()
    assert not uplink.silent(10.0)


def test_the_loudest_level_is_taken_once() -> None:
    uplink = Uplink()
    for level in (-50, -20, -30):
        uplink.note_level(level, 60, 0.0)
    assert (uplink.take_level(), uplink.take_level()) == (-20, -127)


def test_a_round_trip_is_what_the_report_leaves_of_the_clock() -> None:
    sent = 1_790_000_000.0
    rtt = round_trip_s(middle_ntp(sent), 65536 // 2, sent + 0.530)
    assert rtt is not None
    assert abs(rtt - 0.030) < 0.001
    assert round_trip_s(0, 0, sent) is None
