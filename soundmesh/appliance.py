"""The composition root: every part of the appliance, in start order, in one nursery."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import trio
from quart_trio import QuartTrio

from soundmesh.bridge.media import MediaThread
from soundmesh.bridge.programs import Trouble
from soundmesh.config.load import load_show
from soundmesh.core import events as ev
from soundmesh.core.show import Network, Show
from soundmesh.server.app import make_panel_app
from soundmesh.server.control import make_control_app
from soundmesh.server.desk import Desk
from soundmesh.server.listener import Bind, serve_app
from soundmesh.server.lock import DataDirLock, LockError
from soundmesh.server.memory import dump, restore
from soundmesh.server.paths import DataDir, DataDirError
from soundmesh.server.reload import Reloader
from soundmesh.server.secrets import PinStore
from soundmesh.server.statefile import StateFile
from soundmesh.server.status import Addresses, make_status
from soundmesh.server.switchboard import Switchboard
from soundmesh.server.tls import Authority, machine_addresses, machine_names
from soundmesh.server.trust import make_trust_app
from soundmesh.server.watcher import Looks, looks_of
from soundmesh.server.webfiles import WebFiles, web_root
from soundmesh.wire import messages as m

log = logging.getLogger("soundmesh")

NETWORK_EVERY_S = 3.0
EVERYWHERE = ("0.0.0.0", "::")
RENEW_EVERY_S = 60.0
DRAIN_S = 3.0


class StartError(Exception):
    """The appliance cannot start; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """Where the settings of the command line and the environment override the show file."""

    show: Path
    data_dir: Path | None
    bind: tuple[str, ...] | None
    port: int | None
    media_port: int | None
    trust_port: int | None

    @classmethod
    def read(cls, args: argparse.Namespace, env: Mapping[str, str]) -> Options:
        """Flags first, then ``SOUNDMESH_*``. Raises: StartError for a port that is none."""
        bind = args.bind or [a for a in env.get("SOUNDMESH_BIND", "").replace(",", " ").split() if a]
        folder = args.data_dir or env.get("SOUNDMESH_DATA_DIR")
        return cls(
            show=args.show,
            data_dir=Path(folder) if folder else None,
            bind=tuple(bind) or None,
            port=_port(args.port, env, "SOUNDMESH_PORT"),
            media_port=_port(args.media_port, env, "SOUNDMESH_MEDIA_PORT"),
            trust_port=_port(args.trust_port, env, "SOUNDMESH_TRUST_PORT"),
        )

    def network(self, show: Show) -> Network:
        """The show's network settings with these laid over them."""
        given = {
            name: value
            for name in ("bind", "port", "media_port", "trust_port")
            if (value := getattr(self, name)) is not None
        }
        return replace(show.network, **given)


def _port(flag: int | None, env: Mapping[str, str], name: str) -> int | None:
    if flag is not None:
        return flag
    text = env.get(name)
    if not text:
        return None
    if not text.isdigit() or int(text) > 65535:
        raise StartError(f"{name} is {text!r}. Set it to a port between 1 and 65535.")
    return int(text)


def main(args: argparse.Namespace) -> int:
    """``soundmesh serve``. Exit code 0 after a signal, 1 when it cannot start, 2 for a broken show."""
    logging.basicConfig(
        stream=sys.stderr,
        level=(args.log_level or os.environ.get("SOUNDMESH_LOG_LEVEL") or "info").upper(),
        format="%(levelname).1s %(name)s: %(message)s",
    )
    for chatty in ("aioice", "aiortc", "watchfiles"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    seen = looks_of(args.show)
    loaded = load_show(args.show)
    for problem in loaded.problems:
        print(problem, file=sys.stderr)
    if loaded.show is None:
        print(f"{args.show} was not started. Mend the lines above and try again.", file=sys.stderr)
        return 2
    try:
        options = Options.read(args, os.environ)
        data = DataDir.make(options.data_dir)
        with DataDirLock(data):
            trio.run(_run, options, loaded.show, seen, data)
    except (StartError, DataDirError, LockError) as error:
        print(error, file=sys.stderr)
        return 1
    except BaseExceptionGroup as group:
        start = group.subgroup(StartError)
        if start is None:
            raise
        print(_first(start), file=sys.stderr)
        return 1
    return 0


def _first(group: BaseExceptionGroup[StartError]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _run(options: Options, show: Show, seen: Looks, data: DataDir) -> None:
    network = options.network(show)
    addresses = _addresses(network)
    hosts = {*addresses, *machine_names(), *network.names, "localhost", "127.0.0.1"}
    authority = Authority.load_or_make(data.tls, sorted(hosts - set(addresses)), addresses)
    statefile = StateFile(data.state)
    state, sessions, invites = restore(statefile.load(), show, trio.current_time())
    board = Switchboard(show, state, on_change=statefile.touch)

    def memory() -> dict[str, Any]:
        return dump(board.state, sessions, invites)

    desk = Desk(board, sessions, invites, PinStore(data.secrets), partial(statefile.settle, memory))
    reloader = Reloader(options.show, board, seen)
    where = Addresses(hosts=addresses)
    started_s = trio.current_time()
    stop = trio.Event()

    async with trio.open_nursery() as nursery:
        await nursery.start(_await_signal, stop)
        media = MediaThread(
            addresses=addresses,
            port=network.media_port,
            media=show.media,
            on_fact=board.apply,
            folder=options.show.resolve().parent,
        )
        with _explained(network.media_port, "--media-port"):
            sockets = await nursery.start(media.run)
        where.media = [f"{_bracketed(address)}:{port}" for address, port in sockets]
        board.connect_media(media)
        nursery.start_soon(board.run)
        nursery.start_soon(desk.run)
        nursery.start_soon(
            media.programs.watch,
            partial(_warn, board),
            lambda programs: board.apply(ev.ProgramsSilent(programs)),
        )
        await nursery.start(statefile.run, memory)
        await nursery.start(reloader.run)

        async def listen(app: QuartTrio, binds: list[Bind], context: ssl.SSLContext | None) -> int:
            ports = await nursery.start(
                partial(serve_app, app, binds=binds, ssl_context=context, shutdown_trigger=stop.wait)
            )
            return int(ports[0][1])

        control = make_control_app(
            desk,
            where,
            lambda: make_status(
                board,
                reloader,
                authority,
                where,
                media.programs.status(board.plan.talkers),
                started_s,
            ),
        )
        await listen(control, [data.control_socket], None)
        bind = list(network.bind) or ["0.0.0.0", *(["::"] if any(":" in a for a in addresses) else [])]
        panel = make_panel_app(desk, WebFiles(web_root()), lambda: hosts)
        with _explained(network.port, "--port"):
            where.panel_port = await listen(
                panel, [(address, network.port) for address in bind], authority.ssl_context()
            )
        trust = make_trust_app(lambda: authority, lambda: board.show.name, lambda: where.urls)
        with _explained(network.trust_port, "--trust-port"):
            where.trust_port = await listen(trust, [(a, network.trust_port) for a in bind], None)
        nursery.start_soon(_follow_network, network, authority, media, where, hosts)

        _say_ready(board.show, where)
        await stop.wait()
        _notify("STOPPING=1")
        board.close_all(m.Gone(reason="restart", text="The appliance is restarting.", again=True))
        with trio.move_on_after(DRAIN_S):
            await board.drained()
        nursery.cancel_scope.cancel()


def _warn(board: Switchboard, trouble: Trouble) -> None:
    listeners = board.plan.talkers.get(trouble.program, ()) if trouble.alarm else ()
    board.say_to_right("admin", m.Notice(kind="warning", text=trouble.text), also=listeners)


async def _await_signal(stop: trio.Event, task_status: trio.TaskStatus[None]) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for number in signals:
            log.info("%s: stopping", signal.Signals(number).name)
            stop.set()


def _addresses(network: Network) -> list[str]:
    """Where to be reached: as told, or by every network the machine is on now."""
    bind = network.bind or EVERYWHERE
    found = [a for a in machine_addresses() if ("::" if ":" in a else "0.0.0.0") in bind]
    told = [address for address in bind if address not in EVERYWHERE]
    return list(dict.fromkeys([*told, *found])) or ["127.0.0.1"]


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


async def _follow_network(
    network: Network, authority: Authority, media: MediaThread, where: Addresses, hosts: set[str]
) -> None:
    """Serve the addresses the machine has: a rack is often switched on before its router."""
    renewed_s = trio.current_time()
    port = where.media[0].rpartition(":")[2]
    while True:
        await trio.sleep(NETWORK_EVERY_S)
        addresses = _addresses(network)
        changed = addresses != where.hosts
        if changed:
            log.info("the network changed: %s", ", ".join(addresses))
            media.set_addresses(addresses)
            hosts.update(addresses)
            where.hosts = addresses
            where.media = [f"{_bracketed(address)}:{port}" for address in addresses]
        if changed or trio.current_time() - renewed_s >= RENEW_EVERY_S:
            renewed_s = trio.current_time()
            names = [*machine_names(), *network.names]
            now = datetime.now(UTC)
            if await trio.to_thread.run_sync(authority.renew_if_needed, now, names, addresses):
                log.info("the certificate was renewed")


@contextmanager
def _explained(port: int, flag: str) -> Iterator[None]:
    """Turn a failed bind into a sentence that says what to do."""
    try:
        yield
    except* OSError as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise StartError(_bind_sentence(error, port, flag)) from None


def _bind_sentence(error: BaseException, port: int, flag: str) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return f"Port {port} is in use by another program. Stop it, or choose another port with {flag}."
    if number == errno.EACCES:
        return f"No permission for port {port}. Choose one above 1023 with {flag}, or allow low ports."
    if number == errno.EADDRNOTAVAIL:
        return "An address to listen on is not one of this machine. Check --bind and network.bind."
    return f"Port {port} could not be opened: {error}. Choose another with {flag}."


def _say_ready(show: Show, where: Addresses) -> None:
    print(f"ready: {show.name} at {' '.join(where.urls)} (certificate: {where.trust_url})", flush=True)
    _notify("READY=1")


def _notify(message: str) -> None:
    """Tell systemd, when it asked to be told (sd_notify)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(message.encode(), "\0" + address[1:] if address.startswith("@") else address)
    except OSError as error:
        log.warning("systemd could not be told: %s", error)
