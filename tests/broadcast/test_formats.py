"""What a crew brings along: FLAC, MP3, Opus and AAC files, written here, decoded as programs decode them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest

from soundmesh.broadcast.listing import list_files
from soundmesh.broadcast.playlist import Playlist
from soundmesh.broadcast.sources import FileSound
from soundmesh.dsp.tone import RATE_HZ, Samples, levels_dbfs

BOX_S = 0.005
"""How finely holes are looked for: between two files there may be none of this length."""


class Format(NamedTuple):
    suffix: str
    codec: str
    sample_format: str
    rate_hz: int
    length_s: float
    """How far the decoded length may be from what was written: AAC says its end in whole frames."""


FORMATS = [
    Format(".flac", "flac", "s16", 44100, 0.0001),
    Format(".mp3", "libmp3lame", "s16p", 44100, 0.0001),
    Format(".opus", "libopus", "s16", 48000, 0.0001),
    Format(".m4a", "aac", "fltp", 48000, 0.022),
]
EACH = pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.suffix[1:])


def write(path: Path, kind: Format, hz: float, seconds: float, amplitude: float = 0.1) -> Path:
    """A tone as a file of this format, in mono."""
    turns = np.arange(round(seconds * kind.rate_hz)) * hz / kind.rate_hz
    sound = (amplitude * np.sin(2 * np.pi * turns)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(kind.codec, rate=kind.rate_hz)
        stream.layout = "mono"
        stream.format = kind.sample_format
        stream.bit_rate = 128_000
        resampler = av.AudioResampler(kind.sample_format, "mono", kind.rate_hz)
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate = kind.rate_hz
        frame.time_base = Fraction(1, kind.rate_hz)
        frame.pts = 0
        for made in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(made))
    return path


def read(path: Path) -> Samples:
    sound = FileSound(path)
    pieces = []
    while (piece := sound.read()) is not None:
        pieces.append(piece)
    sound.close()
    return np.concatenate(pieces)


def play(playlist: Playlist, blocks: int) -> Samples:
    found = [playlist.block() for _ in range(blocks)]
    return np.concatenate([block for block in found if block is not None])


def level(sound: Samples, hz: float) -> float:
    return float(levels_dbfs(sound, [hz])[0])


def longest_hole_s(sound: Samples, quietest: float = 0.03) -> float:
    """The longest run of pieces of 5 ms that are softer than ``quietest``."""
    box = round(BOX_S * RATE_HZ)
    loud = np.abs(sound[: len(sound) // box * box]).reshape(-1, box).max(axis=1) > quietest
    longest = run = 0
    for piece in loud:
        run = 0 if piece else run + 1
        longest = max(longest, run)
    return longest * BOX_S


@EACH
def test_a_file_sounds_as_it_was_written_as_loud_and_as_long(tmp_path: Path, kind: Format) -> None:
    sound = read(write(tmp_path / f"a{kind.suffix}", kind, 600, 2.0))
    assert len(sound) / RATE_HZ == pytest.approx(2.0, abs=kind.length_s)
    middle = sound[round(0.2 * RATE_HZ) : round(1.8 * RATE_HZ)]
    assert level(middle, 600) == pytest.approx(-20, abs=0.5)
    assert level(middle, 900) < -55


@EACH
def test_two_files_follow_each_other_without_a_hole(tmp_path: Path, kind: Format) -> None:
    write(tmp_path / f"a{kind.suffix}", kind, 500, 1.0)
    write(tmp_path / f"b{kind.suffix}", kind, 900, 1.0)
    playlist = Playlist("music", [f"a{kind.suffix}", f"b{kind.suffix}"], tmp_path, loop=True)
    sound = play(playlist, 150)
    playlist.close()
    assert longest_hole_s(sound) == 0
    assert level(sound[4800:43200], 500) == pytest.approx(-20, abs=0.5)
    assert level(sound[52800:91200], 900) == pytest.approx(-20, abs=0.5)
    assert level(sound[100800:139200], 500) == pytest.approx(-20, abs=0.5)


@EACH
def test_whoever_comes_late_comes_in_at_the_right_moment(tmp_path: Path, kind: Format) -> None:
    path = write(tmp_path / f"a{kind.suffix}", kind, 500, 3.0)
    sound = FileSound(path, 1.0)
    left = 0
    while (piece := sound.read()) is not None:
        left += len(piece)
    sound.close()
    assert left / RATE_HZ == pytest.approx(2.0, abs=max(0.001, kind.length_s))


@pytest.mark.parametrize("kind", FORMATS[:2], ids=lambda kind: kind.suffix[1:])
def test_a_file_that_breaks_in_its_middle_plays_to_there_and_the_next_goes_on(
    tmp_path: Path, kind: Format
) -> None:
    path = write(tmp_path / f"a{kind.suffix}", kind, 500, 4.0)
    data = path.read_bytes()
    whole = len(read(path)) / RATE_HZ
    path.write_bytes(data[: len(data) // 2])
    write(tmp_path / "b.flac", FORMATS[0], 900, 1.0)
    playlist = Playlist("music", [path.name, "b.flac"], tmp_path, loop=True)
    sound = play(playlist, 140)
    playlist.close()
    assert level(sound[4800:86400], 500) == pytest.approx(-20, abs=0.5)
    assert level(sound[96000 + 4800 : 96000 + 33600], 900) == pytest.approx(-20, abs=1.0)
    assert whole == pytest.approx(4.0, abs=0.05)


def test_a_file_of_noise_in_its_middle_loses_that_and_no_more(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", FORMATS[1], 500, 6.0)
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : 2 * third] = np.random.default_rng(1).bytes(third)
    path.write_bytes(bytes(data))
    sound = read(path)
    assert level(sound[4800:86400], 500) == pytest.approx(-20, abs=0.5)
    assert level(sound[-86400:-4800], 500) == pytest.approx(-20, abs=0.5)
    assert float(np.abs(sound).max()) <= 4.0


def test_a_list_is_played_as_it_is_written_and_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "sounds").mkdir()
    write(tmp_path / "sounds" / "ü 1.flac", FORMATS[0], 500, 1.0)
    write(tmp_path / "sounds" / "two.flac", FORMATS[0], 900, 1.0)
    lines = ["\ufeff#EXTM3U", "#EXTINF:1,One", "../sounds/ü 1.flac", "", "gone.flac", "..\\sounds\\two.flac"]
    (tmp_path / "lists" / "evening.m3u").write_bytes("\r\n".join(lines).encode())
    listed = list_files(["lists/evening.m3u"], tmp_path)
    assert [item.path.name for item in listed.items] == ["ü 1.flac", "gone.flac", "two.flac"]
    assert listed.troubles == ()
    playlist = Playlist("music", ["lists/evening.m3u"], tmp_path, loop=True)
    sound = play(playlist, 100)
    assert level(sound[4800:43200], 500) == pytest.approx(-20, abs=0.5)
    assert level(sound[52800:91200], 900) == pytest.approx(-20, abs=0.5)
    assert playlist.troubles == ("gone.flac is not readable: there is no such file",)
    assert not playlist.alarm
    playlist.close()


def test_a_folder_is_played_in_the_order_people_count(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    for at, name in enumerate(["2 two.flac", "10 ten.flac", "Track 1.flac", "track 02.flac"]):
        write(tmp_path / "music" / name, FORMATS[0], 500 + 100 * at, 0.8)
    (tmp_path / "music" / ".hidden.flac").write_bytes(b"x")
    (tmp_path / "music" / "notes.txt").write_bytes(b"x")
    playlist = Playlist("music", ["music"], tmp_path, loop=True)
    sound = play(playlist, 160)
    playlist.close()
    tones = [500.0, 600.0, 700.0, 800.0]
    parts = [sound[at : at + 28800] for at in range(4800, 153600, 38400)]
    heard = [tones[int(np.argmax(levels_dbfs(part, tones)))] for part in parts]
    assert heard == tones
    assert playlist.troubles == ()
