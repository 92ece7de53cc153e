"""A simulated crew: stations with seats of their own on a running appliance, and its talk."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import trio

from soundmesh.bridge.callers import CallerThread, Voice
from soundmesh.dsp.tone import MAX_TONES, Samples, amplitude_for
from soundmesh.server.paths import DataDir
from soundmesh.sim import manners
from soundmesh.sim.box import Box, BoxError, Control, token_of, trust
from soundmesh.sim.script import Step, choose_roles, talk_script
from soundmesh.sim.station import FakeStation
from soundmesh.sim.voice import phrase, steady

NAMES = (
    *("Alex", "Robin", "Sam", "Kim", "Jo", "Chris", "Toni", "Luca", "Noa", "Mika", "Charlie", "Sascha"),
    *("Robbie", "Dana", "Jamie", "Eli", "Max", "Nour", "Andrea", "Yuki", "Remy", "Sasha", "Ari", "Quinn"),
)
READY_S = 15.0
LEAVE_S = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the crew goes: the appliance, its control socket, and the address its sound is sent from."""

    box: Box
    control: Control
    address: str

    @classmethod
    async def find(cls, data_dir: Path | None, url: str | None = None) -> Place:
        """By the control socket of a data folder; ``url`` instead of its first address. Raises: BoxError."""
        control = Control(DataDir.find(data_dir).control_socket)
        status = await control.status()
        if not status.urls or not status.media:
            raise BoxError("The appliance is still starting.")
        box = Box.at(url or status.urls[0], await trust(status.trust_url))
        address = urlsplit(f"//{status.media[0]}").hostname or status.media[0].rpartition(":")[0]
        return cls(box, control, address)


def melodic(index: int) -> Samples:
    """A voice to be listened to."""
    return phrase(index)


def measured(at_once: int) -> Callable[[int], Samples]:
    """Voices to be measured, so many at once."""
    amplitude = amplitude_for(at_once)
    return lambda index: steady(index, amplitude)


@asynccontextmanager
async def open_crew(
    place: Place, roles: Sequence[str], voice: Callable[[int], Samples] = melodic
) -> AsyncIterator[list[FakeStation]]:
    """One station per role given, joined by invites, linked and with sound; they leave at the end.

    Raises: BoxError when one of them gets no seat or no sound.
    """
    if len(roles) > MAX_TONES:
        raise BoxError(f"At most {MAX_TONES} stations have a tone of their own.")
    voices = await trio.to_thread.run_sync(lambda: [Voice.of(voice(i)) for i in range(len(roles))])
    host = CallerThread(address=place.address)
    stations: list[FakeStation] = []
    async with trio.open_nursery() as nursery:
        await nursery.start(host.run)
        for index, role in enumerate(roles):
            station = FakeStation(
                place.box, host.caller(voices[index]), person=NAMES[index % len(NAMES)], tone=index
            )
            invite = await place.control.invite(role)
            await station.join(invite=token_of(invite.url))
            stations.append(station)
        try:
            with trio.move_on_after(READY_S) as waiting:
                async with trio.open_nursery() as starting:
                    for station in stations:
                        starting.start_soon(nursery.start, station.run)
                for station in stations:
                    await station.until(_is_settled, station)
            if waiting.cancelled_caught or not all(s.with_sound for s in stations):
                mute = ", ".join(s.person for s in stations if not s.with_sound)
                raise BoxError(f"No sound from the appliance within {READY_S:g} s for: {mute}.")
            yield stations
        finally:
            await _leave(stations)
            nursery.cancel_scope.cancel()


async def _leave(stations: Sequence[FakeStation]) -> None:
    with trio.move_on_after(LEAVE_S, shield=True):
        for station in stations:
            station.leave()
        for station in stations:
            await station.until(_is_gone, station)


def _is_settled(station: FakeStation) -> bool:
    return station.with_sound or station.gone is not None


def _is_gone(station: FakeStation) -> bool:
    return not station.here


async def roles_for(place: Place, count: int, leave: str | None = None) -> list[str]:
    """Roles with free seats for so many stations, one seat of ``leave`` kept free.

    Raises: BoxError when there is not one.
    """
    roles = choose_roles(await place.box.door(), count, leave)
    if not roles:
        raise BoxError("Every seat of this show is taken.")
    return roles


async def converse(
    stations: Sequence[FakeStation],
    rng: random.Random,
    *,
    on_turn: Callable[[FakeStation, str], None] = lambda station, key: None,
) -> None:
    """Talk in turns until cancelled or all are sent away. Each step looks anew at the keys."""
    while not all(s.gone for s in stations):
        keys = [[k.id for k in s.panel_keys(may_talk=True)] for s in stations]
        step = next(talk_script(rng, keys), None)
        if step is None:
            await trio.sleep(1.0)
            continue
        await _perform(stations, step, on_turn)
        await _mind(stations, rng)


async def _mind(stations: Sequence[FakeStation], rng: random.Random) -> None:
    """Between two turns: see what was said, answer a call, or call somebody."""
    manners.acknowledge(stations, rng)
    answer = manners.choose_answer(stations, rng)
    if answer is None:
        manners.call_somebody(stations, rng)
    elif answer.key is None:
        answer.station.acknowledge(answer.call)
    else:
        answer.station.press(answer.key)
        await trio.sleep(rng.uniform(*manners.ANSWER_S))
        answer.station.release(answer.key)


async def _perform(
    stations: Sequence[FakeStation], step: Step, on_turn: Callable[[FakeStation, str], None]
) -> None:
    async def take_turn(station: FakeStation, key: str, after_s: float, for_s: float) -> None:
        await trio.sleep(after_s)
        station.press(key)
        on_turn(station, key)
        await trio.sleep(for_s)
        station.release(key)

    async with trio.open_nursery() as nursery:
        for turn in step.turns:
            nursery.start_soon(take_turn, stations[turn.station], turn.key, turn.after_s, turn.for_s)
    await trio.sleep(step.pause_s)
