"""Who says something when: the pure half of a simulated crew and of a measurement."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from soundmesh.wire import http as w

TOGETHER = 0.2
"""How often two speak at once."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One hold of one key by one station. Units: seconds from the start of the step."""

    station: int
    key: str
    after_s: float
    for_s: float


@dataclass(frozen=True, slots=True)
class Step:
    turns: tuple[Turn, ...]
    pause_s: float
    """Silence after the last of them."""


def talk_script(rng: random.Random, keys: Sequence[Sequence[str]]) -> Iterator[Step]:
    """An endless conversation: turns of 2 to 4 s with pauses, now and then two at once.

    ``keys``: per station those it may talk on; stations without any only listen.
    """
    able = [i for i, mine in enumerate(keys) if mine]
    last = -1
    while able:
        first = rng.choice([i for i in able if i != last] or able)
        speakers = [first]
        others = [i for i in able if i != first]
        if others and rng.random() < TOGETHER:
            speakers.append(rng.choice(others))
        turns = tuple(
            Turn(
                station=who,
                key=rng.choice(keys[who]),
                after_s=rng.uniform(0.3, 1.0) if n else 0.0,
                for_s=rng.uniform(2.0, 4.0),
            )
            for n, who in enumerate(speakers)
        )
        last = first
        yield Step(turns, rng.uniform(0.4, 1.6))


def choose_roles(door: w.Door, count: int, leave: str | None = None) -> list[str]:
    """Roles for so many stations, spread over the show; fewer when the seats do not reach.

    One of each role first, in the file's order, then around again. One seat of the
    role ``leave`` is left for somebody else.
    """
    free = {role.id: count if role.free is None else role.free for role in door.roles}
    if free.get(leave or ""):
        free[leave or ""] -= 1
    chosen: list[str] = []
    while len(chosen) < count and any(free.values()):
        for role in door.roles:
            if free[role.id] and len(chosen) < count:
                free[role.id] -= 1
                chosen.append(role.id)
    return chosen


def make_rounds(
    keys: Mapping[int, Sequence[str]], *, at_once: int, each_key: bool = True
) -> list[dict[int, tuple[str, ...]]]:
    """Which station holds which keys in each round of a measurement.

    ``each_key``: every key gets a round of its own; else a station holds all its keys in one.
    No round has more than ``at_once`` stations, so that no ear needs more lanes than it has.
    """
    turns: list[tuple[int, tuple[str, ...]]] = []
    if each_key:
        deepest = max((len(mine) for mine in keys.values()), default=0)
        for depth in range(deepest):
            turns += [(who, (mine[depth],)) for who, mine in keys.items() if depth < len(mine)]
    else:
        turns = [(who, tuple(mine)) for who, mine in keys.items() if mine]
    rounds: list[dict[int, tuple[str, ...]]] = []
    for who, held in turns:
        # The first round with room where this station is not yet talking.
        room = next((r for r in rounds if len(r) < at_once and who not in r), None)
        if room is None:
            room = {}
            rounds.append(room)
        room[who] = held
    return rounds
