"""The verbs of the ``soundmesh`` command. Imports are lazy: each verb loads what it needs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from soundmesh import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb. Returns the exit code: 0 done, 1 failed, 2 bad input."""
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        code: int = args.run(args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="soundmesh", description="Production intercom in one process.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"soundmesh {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    serve = verbs.add_parser("serve", help="serve a show to the crew")
    serve.add_argument("show", type=Path, help="the show file (TOML)")
    _data_dir(serve)
    serve.add_argument(
        "--bind", action="append", metavar="ADDR", help="address to listen on; may be repeated"
    )
    serve.add_argument("--port", type=_port, help="HTTPS port of the panel")
    serve.add_argument("--media-port", type=_port, help="UDP port of the sound")
    serve.add_argument("--trust-port", type=_port, help="HTTP port of the page that explains the certificate")
    serve.add_argument("--log-level", choices=["debug", "info", "warning"], help="how much to log on stderr")
    serve.set_defaults(run=_serve)

    check = verbs.add_parser("check", help="read a show file and list every problem in it")
    check.add_argument("show", type=Path)
    check.set_defaults(run=_check)

    schema = verbs.add_parser("schema", help="print the JSON Schema of the show file, for editors")
    schema.set_defaults(run=_schema)

    invite = verbs.add_parser("invite", help="print a join link for a role")
    invite.add_argument("role")
    invite.add_argument("--uses", type=int, default=1, help="how many people may join with it (1)")
    invite.add_argument("--minutes", type=int, default=60, help="how long it works (60)")
    invite.add_argument("--json", action="store_true", help="print JSON")
    _data_dir(invite)
    invite.set_defaults(run=_invite)

    pin = verbs.add_parser("pin", help="set or clear the PIN that opens a role")
    pin.add_argument("action", choices=["set", "clear"])
    pin.add_argument("role")
    pin.add_argument("--pin", help="the digits; without it they are asked for")
    _data_dir(pin)
    pin.set_defaults(run=_pin)

    status = verbs.add_parser("status", help="who is here, what is open, the addresses")
    status.add_argument("--json", action="store_true", help="print JSON")
    _data_dir(status)
    status.set_defaults(run=_status)

    kick = verbs.add_parser("kick", help="send a station away: its seat is free, its browser must join again")
    kick.add_argument("station", type=int, help="its number, as status prints it")
    kick.add_argument("--why", default="", help="a sentence for its screen")
    kick.add_argument("--json", action="store_true", help="print JSON")
    _data_dir(kick)
    kick.set_defaults(run=_kick)

    requests = verbs.add_parser("requests", help="who waits at the door for an answer")
    requests.add_argument("--json", action="store_true", help="print JSON")
    _data_dir(requests)
    requests.set_defaults(run=_requests)

    for verb, what in (("admit", "let somebody in who waits at the door"), ("decline", "refuse somebody")):
        answer = verbs.add_parser(verb, help=what)
        answer.add_argument("request", help="its number, as requests prints it")
        answer.add_argument("--json", action="store_true", help="print JSON")
        _data_dir(answer)
        answer.set_defaults(run=_answer, admit=verb == "admit")

    sim = verbs.add_parser("sim", help="simulated stations on a running appliance")
    sim_verbs = sim.add_subparsers(metavar="WHAT", required=True)
    crew = sim_verbs.add_parser("crew", help="a crew that talks in turns")
    crew.add_argument("count", type=int, nargs="?", default=8, help="how many stations (8)")
    crew.add_argument("--leave", metavar="ROLE", help="leave one seat of this role for you")
    crew.add_argument("--seconds", type=float, help="stop after this long; else at Ctrl-C")
    _data_dir(crew)
    crew.set_defaults(run=_crew)
    hears = verbs.add_parser("hears", help="measure who hears whom and compare with the plan")
    _data_dir(hears)
    hears.set_defaults(run=_hears)
    return parser


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port (0 to 65535)")
    return value


def _data_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data-dir", type=Path, help="where state, certificates and PINs are kept")


def _serve(args: argparse.Namespace) -> int:
    from soundmesh import appliance

    return appliance.main(args)


def _check(args: argparse.Namespace) -> int:
    from soundmesh.config import cli

    return cli.check(args.show)


def _schema(args: argparse.Namespace) -> int:
    from soundmesh.config import cli

    return cli.schema()


def _invite(args: argparse.Namespace) -> int:
    from soundmesh.server import remote

    return remote.invite(args.data_dir, args.role, uses=args.uses, minutes=args.minutes, as_json=args.json)


def _pin(args: argparse.Namespace) -> int:
    from soundmesh.server import remote

    pin = args.pin
    if args.action == "set" and pin is None:
        import getpass

        pin = getpass.getpass(f"PIN for {args.role} (4 or more digits): ")
    return remote.set_pin(args.data_dir, args.role, pin if args.action == "set" else None)


def _status(args: argparse.Namespace) -> int:
    from soundmesh.server import remote

    return remote.status(args.data_dir, as_json=args.json)


def _kick(args: argparse.Namespace) -> int:
    from soundmesh.server import remote

    return remote.kick(args.data_dir, args.station, why=args.why, as_json=args.json)


def _requests(args: argparse.Namespace) -> int:
    from soundmesh.server import remote

    return remote.requests(args.data_dir, as_json=args.json)


def _answer(args: argparse.Namespace) -> int:
    from soundmesh.server import remote

    return remote.answer(args.data_dir, args.request, admit=args.admit, as_json=args.json)


def _crew(args: argparse.Namespace) -> int:
    from soundmesh.sim.cli import crew

    return crew(args)


def _hears(args: argparse.Namespace) -> int:
    from soundmesh.sim.cli import hears

    return hears(args)
