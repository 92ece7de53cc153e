"""A program on its clock: packets while it is heard, nothing while it is not."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from soundmesh.broadcast.player import RETRY_S, Player
from soundmesh.core.ids import StationId, TargetId
from soundmesh.core.media import ProgramPacket
from soundmesh.core.show import FIRST_PORT, Port
from soundmesh.dsp.tone import RATE_HZ, Samples, levels_dbfs, sine
from soundmesh.media.opus import Decoder

TONE = Port(TargetId("tone"), StationId(FIRST_PORT), tone_hz=440)


class Desk:
    """Turns a player by a clock of its own."""

    def __init__(self, port: Port = TONE, folder: Path = Path()) -> None:
        self.packets: list[ProgramPacket] = []
        self.now = 100.0
        self.player = Player(port, folder, self.packets.append, self.now)

    def run(self, seconds: float, heard: bool = True) -> None:
        until = self.now + seconds
        while self.now < until - 1e-9:
            delay = self.player.turn(self.now, heard)
            self.now = min(until, until if delay is None else self.now + max(delay, 1e-3))

    def sound(self) -> Samples:
        decoder = Decoder()
        return np.concatenate([decoder.decode(packet.payload) for packet in self.packets])


def test_a_heard_program_is_fifty_packets_a_second_of_its_sound() -> None:
    desk = Desk()
    desk.run(2.0)
    assert len(desk.packets) in (100, 101)
    assert [p.seq for p in desk.packets] == list(range(len(desk.packets)))
    assert {b.ts - a.ts for a, b in zip(desk.packets, desk.packets[1:], strict=False)} == {960}
    assert levels_dbfs(desk.sound(), [440.0])[0] == pytest.approx(-20, abs=0.7)
    assert desk.packets[50].level == -23
    assert desk.player.state.playing == "tone of 440 Hz"


def test_nothing_is_made_while_nobody_listens() -> None:
    desk = Desk()
    desk.run(5.0, heard=False)
    assert desk.packets == []
    assert desk.player.state.playing == ""
    assert desk.player.turn(desk.now, False) is None


def test_gain_is_laid_on_it_and_changes_without_a_break() -> None:
    desk = Desk(replace(TONE, gain_db=-20))
    desk.run(1.0)
    desk.player.change(replace(TONE, gain_db=0), desk.now)
    desk.run(1.0)
    sound = desk.sound()
    assert levels_dbfs(sound[4800:43200], [440.0])[0] == pytest.approx(-40, abs=1.5)
    assert levels_dbfs(sound[52800:], [440.0])[0] == pytest.approx(-20, abs=0.7)


def test_a_machine_that_stood_leaves_the_missed_sound_out() -> None:
    desk = Desk()
    desk.run(0.5)
    made, last = len(desk.packets), desk.packets[-1]
    desk.now += 3.0
    desk.player.turn(desk.now, True)
    assert len(desk.packets) - made <= 2
    assert desk.packets[made].ts - last.ts == pytest.approx(3 * RATE_HZ, abs=2 * 960)


def test_a_program_without_a_file_looks_again(tmp_path: Path) -> None:
    desk = Desk(replace(TONE, files=("gone.wav",), tone_hz=0), tmp_path)
    assert desk.player.turn(desk.now, True) == RETRY_S
    assert desk.player.state.alarm
    assert desk.player.state.troubles == ("gone.wav is not readable: there is no such file",)
    with wave.open(str(tmp_path / "gone.wav"), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((sine(500, 1.0) * 32767).astype("<i2").tobytes())
    desk.now += RETRY_S
    desk.run(0.5)
    assert len(desk.packets) >= 24
    assert not desk.player.state.alarm
    desk.player.close()


def three_parts(folder: Path) -> Port:
    """500 Hz, 700 Hz and 900 Hz, 2 s each."""
    for hz in (500, 700, 900):
        with wave.open(str(folder / f"{hz}.wav"), "wb") as file:
            file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
            file.writeframes((sine(hz, 2.0) * 32767).astype("<i2").tobytes())
    return replace(TONE, files=("500.wav", "700.wav", "900.wav"), tone_hz=0)


def loudest(sound: Samples) -> int:
    """Which of the parts is heard."""
    return (500, 700, 900)[int(np.argmax(levels_dbfs(sound, [500.0, 700.0, 900.0])))]


def test_its_clock_runs_on_while_nobody_listens(tmp_path: Path) -> None:
    desk = Desk(three_parts(tmp_path), tmp_path)
    desk.run(1.5)
    desk.run(1.0, heard=False)
    desk.packets.clear()
    desk.run(0.6)
    assert loudest(desk.sound()) == 700
    desk.run(4.5, heard=False)
    desk.packets.clear()
    desk.run(0.6)
    assert loudest(desk.sound()) == 500
    desk.player.close()


def test_a_program_without_loop_begins_with_its_listeners_and_again_after_they_left(tmp_path: Path) -> None:
    desk = Desk(replace(three_parts(tmp_path), loop=False), tmp_path)
    desk.run(30.0, heard=False)
    desk.run(1.0)
    assert loudest(desk.sound()) == 500
    desk.run(9.0)
    assert desk.player.state.ended
    assert len(desk.packets) == pytest.approx(300, abs=2)
    desk.run(1.0, heard=False)
    desk.packets.clear()
    desk.run(1.0)
    assert loudest(desk.sound()) == 500
    desk.player.close()


def test_an_ended_program_goes_on_when_the_show_file_says_loop(tmp_path: Path) -> None:
    port = replace(three_parts(tmp_path), loop=False)
    desk = Desk(port, tmp_path)
    desk.run(8.0)
    assert desk.player.turn(desk.now, True) is None
    desk.packets.clear()
    desk.player.change(replace(port, loop=True), desk.now)
    desk.run(1.0)
    assert loudest(desk.sound()) == 500
    desk.player.close()
