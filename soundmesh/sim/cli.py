"""``soundmesh sim crew`` and ``soundmesh hears``."""

from __future__ import annotations

import argparse
import random
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import trio

from soundmesh.server.paths import DataDirError
from soundmesh.sim import hears as measuring
from soundmesh.sim.box import BoxError
from soundmesh.sim.crew import Place, converse, measured, open_crew, roles_for
from soundmesh.sim.station import FakeStation


def crew(args: argparse.Namespace) -> int:
    """A crew that talks in turns, until Ctrl-C or ``--seconds``."""
    return _run(lambda: _crew(args))


def hears(args: argparse.Namespace) -> int:
    """Print who hears whom as measured; 0 when that is the plan, 1 when not."""
    return _run(lambda: _hears(args))


def _run(verb: Callable[[], Coroutine[Any, Any, int]]) -> int:
    try:
        return trio.run(verb)
    except* (BoxError, DataDirError, measuring.MeasureError) as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        print(error, file=sys.stderr)
    return 1


async def _find(args: argparse.Namespace) -> Place:
    return await Place.find(args.data_dir, getattr(args, "url", None))


async def _crew(args: argparse.Namespace) -> int:
    place = await _find(args)
    roles = await roles_for(place, args.count, getattr(args, "leave", None))
    async with open_crew(place, roles) as stations:
        for station in stations:
            print(f"  {_name(station):<24} is here", flush=True)
        if len(stations) < args.count:
            print(f"  The show has seats for {len(stations)} of {args.count}.", flush=True)
        print("The crew talks in turns. Ctrl-C ends it.", flush=True)
        with trio.move_on_after(args.seconds if args.seconds is not None else float("inf")) as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_until_told, scope)
                await converse(stations, random.Random())
                reasons = {s.gone.text for s in stations if s.gone}
                raise BoxError(f"The appliance sent the crew away: {' '.join(sorted(reasons))}")
    return 0


async def _until_told(scope: trio.CancelScope) -> None:
    """Ctrl-C ends the talk, and the crew then leaves its seats."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()


async def _hears(args: argparse.Namespace) -> int:
    place = await _find(args)
    roles = list(dict.fromkeys(await roles_for(place, 1000)))
    async with open_crew(place, roles, measured(measuring.AT_ONCE)) as stations:
        await measuring.open_listens(stations)
        report = await measuring.measure(
            stations, place.control.status, on_round=_progress if sys.stderr.isatty() else _quiet
        )
        names = {s.number: _name(s) for s in stations}
    print(measuring.table(report, names))
    print("● heard, · silent, as the plan says    ○ should be heard    ✗ should not")
    for done in report.rounds:
        for number in sorted(done.off_air):
            print(f"{names[number]} held {', '.join(done.holding[number])} and did not get on air.")
    print("Everybody hears what the plan says." if report.right else "This is not what the plan says.")
    return 0 if report.right else 1


def _progress(done: int, of: int) -> None:
    print(f"\r  {done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)


def _quiet(done: int, of: int) -> None:
    return


def _name(station: FakeStation) -> str:
    assert station.panel is not None
    return f"{station.panel.seat} ({station.person})"
