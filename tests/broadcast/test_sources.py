"""Files, folders, lists and tones as programs hear them."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from soundmesh.broadcast.listing import list_files, natural
from soundmesh.broadcast.playlist import Playlist
from soundmesh.broadcast.sources import FileSound, Tone, Unreadable
from soundmesh.config.load import load_show
from soundmesh.dsp.limit import CEILING, Limiter
from soundmesh.dsp.tone import RATE_HZ, Samples, levels_dbfs, sine


def write(path: Path, sound: Samples, channels: int = 1) -> Path:
    """A file of 16 bits; every channel holds the same."""
    pcm = np.repeat((sound * 32767).astype("<i2"), channels)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(pcm.tobytes())
    return path


def play(playlist: Playlist, blocks: int) -> Samples:
    found = [playlist.block() for _ in range(blocks)]
    assert all(block is not None and len(block) == 960 for block in found)
    return np.concatenate([block for block in found if block is not None])


def level(sound: Samples, hz: float) -> float:
    return float(levels_dbfs(sound, [hz])[0])


def test_files_are_played_one_after_another_without_a_gap(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", sine(500, 0.51))
    write(tmp_path / "b.wav", sine(900, 0.5))
    sound = play(Playlist("music", ["a.wav", "b.wav"], tmp_path, loop=True), 50)
    assert level(sound[:24000], 500) == pytest.approx(-20, abs=0.5)
    assert level(sound[24480:], 900) == pytest.approx(-20, abs=0.5)
    assert np.abs(sound).reshape(-1, 96).max(axis=1).min() > 0.05


def test_a_list_without_loop_ends_and_begins_again_when_asked(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", sine(500, 0.1))
    playlist = Playlist("music", ["a.wav"], tmp_path, loop=False)
    play(playlist, 5)
    assert playlist.block() is None
    assert playlist.ended
    playlist.rewind()
    play(playlist, 5)


def test_time_that_passes_unheard_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", np.concatenate([sine(500, 1.0), sine(900, 1.0)]))
    playlist = Playlist("music", ["a.wav"], tmp_path, loop=True)
    playlist.survey()
    playlist.move_on(1.2)
    assert level(play(playlist, 30), 900) == pytest.approx(-20, abs=0.5)


def test_what_cannot_be_read_is_named_and_skipped(tmp_path: Path) -> None:
    write(tmp_path / "b.wav", sine(900, 0.5))
    (tmp_path / "broken.mp3").write_bytes(b"no sound at all")
    playlist = Playlist("music", ["gone.ogg", "broken.mp3", "b.wav"], tmp_path, loop=True)
    play(playlist, 20)
    assert [text.split(" is not readable: ") for text in playlist.troubles] == [
        ["gone.ogg", "there is no such file"],
        ["broken.mp3", "it is broken, or no sound file"],
    ]
    assert not playlist.alarm


def test_without_one_readable_file_there_is_an_alarm_until_there_is(tmp_path: Path) -> None:
    playlist = Playlist("music", ["gone.wav"], tmp_path, loop=True)
    assert playlist.block() is None
    assert playlist.alarm
    write(tmp_path / "gone.wav", sine(500, 0.5))
    play(playlist, 5)
    assert not playlist.alarm


def test_a_folder_is_played_as_people_count_and_a_list_as_it_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for name in ("10 c.wav", "2 b.wav", "1 a.wav"):
        write(folder / name, sine(500, 0.05))
    (folder / "cover.jpg").write_bytes(b"x")
    (tmp_path / "evening.m3u").write_text("#EXTM3U\nmusic/2 b.wav\nhttp://example.invalid/x.mp3\n")
    assert [item.path.name for item in list_files(["music"], tmp_path).items] == [
        "1 a.wav",
        "2 b.wav",
        "10 c.wav",
    ]
    listed = list_files(["evening.m3u"], tmp_path)
    assert [item.name for item in listed.items] == ["music/2 b.wav"]
    assert [why for _, why in listed.troubles] == ["addresses are not played, only files"]
    assert natural("B 2") < natural("b 10")


def test_two_channels_become_one_by_the_law_of_half_power(tmp_path: Path) -> None:
    sound = FileSound(write(tmp_path / "a.wav", sine(500, 1.0), channels=2))
    pieces = []
    while (piece := sound.read()) is not None:
        pieces.append(piece)
    assert level(np.concatenate(pieces), 500) == pytest.approx(-17, abs=0.3)


def test_a_folder_is_no_sound(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="not a file"):
        FileSound(tmp_path)


def test_a_tone_goes_on_without_a_seam() -> None:
    tone = Tone(997)
    whole = np.concatenate([tone.read(960) for _ in range(100)])
    assert np.abs(whole - sine(997, 2.0)).max() < 1e-3


def test_the_limiter_lets_quiet_sound_pass_a_block_later_and_never_clips() -> None:
    limiter = Limiter()
    blocks = [sine(500, 0.02, 0.1 if i < 5 else 3.0) for i in range(20)]
    out = [limiter.push(block) for block in blocks]
    assert np.array_equal(out[3], blocks[2])
    assert max(float(np.abs(block).max()) for block in out) <= CEILING + 1e-6


def test_the_demo_shows_program_is_there_and_has_no_seam() -> None:
    folder = Path(__file__).parents[2] / "configs" / "shows"
    port = next(iter(load_show(folder / "demo.toml").show.ports.values()))  # type: ignore[union-attr]
    playlist = Playlist(port.id, port.files, folder, loop=port.loop)
    sound = play(playlist, 1300)
    assert not playlist.troubles
    assert np.abs(np.diff(sound)).max() < 0.05
    playlist.close()
