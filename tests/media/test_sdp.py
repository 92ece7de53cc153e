"""The appliance's answers, word for word, and offers of every kind."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundmesh.core.media import MediaError
from soundmesh.media.sdp import (
    MAX_LINES,
    Local,
    lanes_of,
    read_answer,
    read_offer,
    uplink_of,
    write_answer,
    write_offer,
)

GOLDEN = Path(__file__).parent / "golden"
LOCAL = Local(
    ufrag="Ufrag123",
    password="p" * 24,
    fingerprint=":".join(["AB"] * 32),
    candidates=["1 1 udp 2130706175 192.0.2.10 8443 typ host", "2 1 udp 2130705919 10.0.0.1 8443 typ host"],
    lane_ssrcs=[1001, 1002],
    bitrate_bps=32000,
    nack=True,
)
BROWSERS = ["chromium", "firefox"]


def offered(browser: str) -> str:
    """An offer of one sending and three receiving lines, as it travels."""
    return (GOLDEN / f"{browser}.offer.sdp").read_text().replace("\n", "\r\n")


def sections(text: str) -> list[str]:
    return re.split(r"^(?=m=)", text, flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_answer_is_word_for_word_what_browsers_took(browser: str) -> None:
    answer = write_answer(read_offer(offered(browser)), LOCAL, 1)
    assert answer == (GOLDEN / f"{browser}.answer.sdp").read_text().replace("\n", "\r\n")


@pytest.mark.parametrize(("browser", "opus"), [("chromium", 111), ("firefox", 109)])
def test_the_offerers_opus_number_is_used_and_no_other(browser: str, opus: int) -> None:
    offer = read_offer(offered(browser))
    assert [line.opus for line in offer.lines] == [opus] * 4
    for section in sections(write_answer(offer, LOCAL, 1)):
        assert section.startswith(f"m=audio 9 UDP/TLS/RTP/SAVPF {opus}\r\n")
        assert "red/48000" not in section


@pytest.mark.parametrize("browser", BROWSERS)
def test_one_uplink_and_no_more_lanes_than_were_given(browser: str) -> None:
    offer = read_offer(offered(browser))
    assert uplink_of(offer) == offer.lines[0]
    assert lanes_of(offer, 8) == offer.lines[1:]
    uplink, first, second, spare = sections(write_answer(offer, LOCAL, 1))
    assert "a=recvonly" in uplink
    assert "a=msid:lane1 lane1\r\na=ssrc:1001 cname:soundmesh" in first
    assert "a=msid:lane2 lane2\r\na=ssrc:1002 cname:soundmesh" in second
    assert "a=inactive" in spare
    assert "ssrc" not in spare


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_candidates_of_an_offer_are_not_used(browser: str) -> None:
    text = offered(browser)
    assert ".local" in text or "192.0.2.2" in text
    answer = write_answer(read_offer(text), LOCAL, 1)
    assert set(re.findall(r"^a=candidate:(.+)\r$", answer, re.MULTILINE)) == set(LOCAL.candidates)
    assert ".local" not in answer


def test_nack_is_answered_only_where_the_show_has_it() -> None:
    offer = read_offer(offered("chromium"))
    assert write_answer(offer, LOCAL, 1).count("a=rtcp-fb:111 nack\r\n") == 3
    assert "rtcp-fb" not in write_answer(offer, replace(LOCAL, nack=False), 1)


def test_the_level_is_asked_for_on_the_uplink_alone() -> None:
    first, *others = sections(write_answer(read_offer(offered("chromium")), LOCAL, 1))
    assert "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n" in first
    assert all("extmap" not in section for section in others)
    without = offered("chromium").replace("ssrc-audio-level", "something-else")
    assert read_offer(without).lines[0].level_id == 0
    assert "extmap" not in write_answer(read_offer(without), LOCAL, 1)


def test_a_phone_without_a_microphone_line_still_gets_its_lanes() -> None:
    offer = read_offer(offered("chromium").replace("a=sendonly", "a=inactive"))
    assert uplink_of(offer) is None
    assert "a=recvonly" not in write_answer(offer, LOCAL, 1)
    assert len(lanes_of(offer, 8)) == 3


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("v=0", "v=1", "no session description"),
        ("a=ice-ufrag", "a=nothing", "user name"),
        ("a=ice-pwd", "a=nothing", "password"),
        ("a=fingerprint", "a=nothing", "fingerprint"),
        ("a=setup:actpass", "a=setup:active", "DTLS role"),
        ("opus/48000/2", "opus/44100/2", "Opus"),
        ("m=audio", "m=video", "audio"),
        ("a=mid:1", "a=mid:0", "alike"),
        ("a=mid:2", "a=mid:" + "x" * 40, "identification"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(old: str, new: str, why: str) -> None:
    text = offered("chromium")
    assert old in text
    with pytest.raises(MediaError, match=why):
        read_offer(text.replace(old, new))


def test_too_much_is_refused() -> None:
    section = sections(offered("chromium"))[1]
    many = [section.replace("a=mid:1", f"a=mid:m{n}") for n in range(MAX_LINES)]
    text = offered("chromium")
    head = text[: text.index("m=")]
    assert len(read_offer(head + "".join(many)).lines) == MAX_LINES
    with pytest.raises(MediaError, match="media lines"):
        read_offer(head + "".join(many) + section)
    with pytest.raises(MediaError, match="too long"):
        read_offer(text + "a=" + "é" * 32_768)
    with pytest.raises(MediaError, match="media lines"):
        read_offer(head)


@given(st.text(max_size=400))
def test_no_text_makes_the_reader_raise_anything_else(text: str) -> None:
    for read in (read_offer, read_answer):
        with contextlib.suppress(MediaError):
            read(text)


@given(
    st.sampled_from(BROWSERS),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["drop", "twice", "cut", "swap"])), max_size=8),
    st.text(max_size=12),
)
def test_no_damage_to_an_offer_makes_answering_raise_anything_else(
    browser: str, damage: list[tuple[int, str]], junk: str
) -> None:
    lines = offered(browser).split("\r\n")
    for place, kind in damage:
        at = place % len(lines)
        if kind == "drop":
            del lines[at]
        elif kind == "twice":
            lines.insert(at, lines[at])
        elif kind == "cut":
            lines[at] = lines[at][: len(lines[at]) // 2] + junk
        else:
            lines[at], lines[-1] = lines[-1], lines[at]
    with contextlib.suppress(MediaError):
        answer = write_answer(read_offer("\r\n".join(lines)), LOCAL, 1)
        assert answer.isascii()


def test_a_callers_own_offer_and_our_answer_fit_together() -> None:
    offer = read_offer(write_offer("u" * 8, "p" * 24, ":".join(["CD"] * 32), [], 2))
    assert [line.direction for line in offer.lines] == ["sendonly", "recvonly", "recvonly"]
    answer = read_answer(write_answer(offer, LOCAL, 1))
    assert (answer.ufrag, answer.password) == (LOCAL.ufrag, LOCAL.password)
    assert answer.lane_ssrcs == (1001, 1002)
    assert answer.candidates == tuple(LOCAL.candidates)
    assert answer.fingerprints == (("sha-256", LOCAL.fingerprint),)
