"""Opus in and out: a tone survives, a hole is mended, rubbish is refused."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundmesh.media import opus
from soundmesh.media.opus import FRAME, RATE_HZ, Decoder, Encoder, OpusError, Samples


def tone(hz: float, seconds: float = 1.0) -> Samples:
    return (0.2 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def pitch_hz(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE_HZ / len(samples))


def rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


@pytest.mark.parametrize("hz", [500, 1000, 2525])
def test_a_tone_comes_back_as_itself(hz: float) -> None:
    packets = opus.encode(tone(hz))
    assert len(packets) == 50
    heard = opus.decode(packets)
    assert heard.dtype == np.float32
    assert heard.shape == (50 * FRAME,)
    assert abs(pitch_hz(heard[RATE_HZ // 2 :]) - hz) < 3
    assert rms(heard[RATE_HZ // 2 :]) == pytest.approx(rms(tone(hz)), rel=0.2)


def test_the_bit_rate_is_kept() -> None:
    octets = sum(map(len, opus.encode(tone(700, 2.0), 32_000)))
    assert 32_000 * 0.5 < octets * 8 / 2 < 32_000 * 1.3


def test_the_closing_frame_is_silence() -> None:
    assert rms(Decoder().decode(b"\xf8\xff\xfe")) < 1e-6


def test_a_hole_is_concealed_and_forward_correction_is_better() -> None:
    rng = np.random.default_rng(1)
    steps = np.repeat(rng.uniform(120, 400, 60), FRAME // 2)
    voice = (0.2 * np.sin(2 * np.pi * np.cumsum(steps) / RATE_HZ)).astype(np.float32)
    encoder = Encoder(24_000, loss_percent=20)
    packets = [encoder.encode(voice[at : at + FRAME]) for at in range(0, len(voice), FRAME)]
    whole, concealed, recovered = Decoder(), Decoder(), Decoder()
    for packet in packets[:14]:
        for decoder in (whole, concealed, recovered):
            decoder.decode(packet)
    truth = whole.decode(packets[14])
    guess, mended = concealed.conceal(), recovered.recover(packets[15])
    assert guess.shape == mended.shape == (FRAME,)
    assert rms(guess) > 0.02
    assert rms(mended - truth) < rms(guess - truth)


def test_a_decoded_frame_is_the_callers_to_keep() -> None:
    decoder = Decoder()
    first, *rest = opus.encode(tone(500, 0.2))
    kept = decoder.decode(first)
    copy = kept.copy()
    for packet in rest:
        decoder.decode(packet)
    assert np.array_equal(kept, copy)


@pytest.mark.parametrize("samples", [np.zeros(959), np.zeros((960, 1)), np.zeros(0)])
def test_only_whole_frames_are_encoded(samples: Samples) -> None:
    with pytest.raises(OpusError):
        Encoder().encode(samples)


@given(st.binary(max_size=1400))
def test_rubbish_is_decoded_or_refused_and_nothing_else(data: bytes) -> None:
    decoder = Decoder()
    with contextlib.suppress(OpusError):
        assert decoder.decode(data).size <= opus.MAX_FRAME
    assert decoder.decode(b"\xf8\xff\xfe").shape == (FRAME,)


def test_an_empty_packet_is_no_sound() -> None:
    with pytest.raises(OpusError):
        Decoder().decode(b"")


def test_no_packets_are_no_sound() -> None:
    assert opus.decode([]).shape == (0,)
    assert opus.version().startswith("libopus")
