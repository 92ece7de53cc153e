"""Serves a show, prints how to join, and ends everything at Ctrl-C. Called by scripts/run."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from soundmesh.core.show import Role

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "configs" / "shows" / "demo.toml"
SOUNDMESH = (sys.executable, "-m", "soundmesh")
INVITE_MINUTES = 12 * 60
INVITE_USES = 50
END_S = 6.0
QR_ROLES = 2


def main() -> int:
    """Exit code of the appliance, or 0 after Ctrl-C."""
    args = _arguments()
    data = ROOT / "data" / args.show.stem
    data.parent.mkdir(exist_ok=True)
    data_dir = ("--data-dir", str(data))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    serve = [*SOUNDMESH, "serve", str(args.show), *data_dir, *_passed_on(args)]
    children = [_start(serve, stdout=subprocess.PIPE)]
    try:
        if _ready(children[0]) is None:
            return children[0].wait()
        first = _say_how_to_join(args.show, data_dir)
        if args.crew:
            print(f"  A simulated crew of {args.crew} is joining; it talks in turns.")
            print(f"  The seat of {first.name} is yours.\n", flush=True)
            crew = [*SOUNDMESH, "sim", "crew", str(args.crew), "--leave", first.id, *data_dir]
            children.append(_start(crew, stdout=subprocess.DEVNULL))
        if args.dev:
            children.append(_start(["npm", "run", "dev"], folder=ROOT / "web"))
        print(f"  Edit {_short(args.show)}: what you save is live.  Ctrl-C ends it.\n", flush=True)
        return children[0].wait()
    except KeyboardInterrupt:
        print("\n  Ending.")
        return 0
    finally:
        _end(children)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/run", description="Serve a show to the phones around you.")
    parser.add_argument("show", type=Path, nargs="?", default=DEMO, help="the show file (the demo)")
    parser.add_argument("--crew", type=int, nargs="?", const=8, metavar="N", help="add simulated people (8)")
    parser.add_argument("--dev", action="store_true", help="also serve the panel with hot reload")
    parser.add_argument("--port", help="HTTPS port of the panel")
    parser.add_argument("--media-port", help="UDP port of the sound")
    parser.add_argument("--trust-port", help="HTTP port of the certificate's page")
    parser.add_argument("--bind", action="append", help="address to listen on; may be repeated")
    return parser.parse_args()


def _passed_on(args: argparse.Namespace) -> list[str]:
    flags = []
    for name in ("port", "media_port", "trust_port"):
        if (value := getattr(args, name)) is not None:
            flags += [f"--{name.replace('_', '-')}", value]
    for address in args.bind or []:
        flags += ["--bind", address]
    return flags


def _start(command: list[str], folder: Path = ROOT, **more: Any) -> subprocess.Popen[str]:
    """A child outside the terminal's group: Ctrl-C reaches us alone, and we end it in order."""
    env = {"SOUNDMESH_LOG_LEVEL": "warning", **os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=env, text=True, stdin=subprocess.DEVNULL, process_group=0, **more
    )


def _ready(serve: subprocess.Popen[str]) -> str | None:
    """The ready line, None when the appliance ended without one. Later output is passed through."""
    assert serve.stdout is not None
    line = serve.stdout.readline()
    if not line:
        return None
    threading.Thread(target=_pass_through, args=(serve,), daemon=True).start()
    return line


def _pass_through(serve: subprocess.Popen[str]) -> None:
    assert serve.stdout is not None
    for line in serve.stdout:
        print(f"  {line}", end="", flush=True)


def _end(children: list[subprocess.Popen[str]]) -> None:
    """The crew first, then the appliance; whoever does not end in time is killed."""
    for child in reversed(children):
        child.terminate()
        try:
            child.wait(END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _ask(*verb: str) -> dict:
    answer = subprocess.run([*SOUNDMESH, *verb, "--json"], cwd=ROOT, capture_output=True, text=True)
    if answer.returncode:
        raise SystemExit(answer.stderr.strip())
    return json.loads(answer.stdout)


def _say_how_to_join(show: Path, data_dir: tuple[str, ...]) -> Role:
    """Print addresses, links and QR codes. Returns the show's first role."""
    from soundmesh.config.load import load_show
    from soundmesh.server.invites import qr_terminal

    loaded = load_show(show).show
    assert loaded is not None
    status = _ask("status", *data_dir)
    print(f"\n  SoundMesh · {status['show']}\n")
    print(f"  Panel        {'  '.join(status['urls'])}")
    print(f"  Certificate  {status['trust_url']}  (open it once on each phone, then the panel is trusted)")
    print("\n  Join with a phone's camera or by the link; each link opens one role.\n")
    many = ("--uses", str(INVITE_USES), "--minutes", str(INVITE_MINUTES))
    links = [
        (role.name, _ask("invite", role_id, *many, *data_dir)["url"])
        for role_id, role in loaded.roles.items()
    ]
    drawn = links[:QR_ROLES] if sys.stdout.isatty() else []
    for line in _beside([(name, qr_terminal(url).strip("\n").splitlines()) for name, url in drawn]):
        print(line)
    for name, url in links:
        print(f"  {name:<20} {url}")
    print()
    return next(iter(loaded.roles.values()))


def _beside(pictures: list[tuple[str, list[str]]]) -> list[str]:
    """The pictures in one row when the terminal is wide enough, else below each other."""
    blocks = [[name, "", *lines] for name, lines in pictures]
    widths = [max(_width(line) for line in block) for block in blocks]
    if sum(widths) + 6 * len(blocks) > shutil.get_terminal_size().columns:
        return [f"  {line}" for block in blocks for line in [*block, ""]]
    rows = max((len(block) for block in blocks), default=0)
    padded = [
        [line + " " * (w - _width(line)) for line in block + [""] * (rows - len(block))]
        for block, w in zip(blocks, widths, strict=True)
    ]
    return ["  " + "      ".join(parts).rstrip() for parts in zip(*padded, strict=True)] + [""] * bool(rows)


def _width(line: str) -> int:
    """Columns on the screen: colours take none."""
    return len(re.sub(r"\x1b\[[0-9;]*m", "", line))


def _short(path: Path) -> Path:
    try:
        return path.resolve().relative_to(ROOT)
    except ValueError:
        return path


if __name__ == "__main__":
    sys.exit(main())
