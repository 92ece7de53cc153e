"""A real appliance: ``soundmesh serve`` in a process of its own, on loopback, with its own show and data."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
START_S = 20.0
END_S = 8.0


class Appliance:
    """Start, ask and end it. ``command`` is another program than the checkout's, such as the frozen one."""

    def __init__(
        self,
        folder: Path,
        show: str,
        *,
        command: tuple[str, ...] | None = None,
        bind: str = "127.0.0.1",
        inside: tuple[str, ...] = (),
    ) -> None:
        """``inside``: what starts the process in another network; it listens on ``bind`` there."""
        self.command = command or (sys.executable, "-m", "soundmesh")
        self.inside = inside
        self.show = folder / "show.toml"
        self.show.write_text(show)
        self.data = folder / "data"
        self.log = folder / "serve.log"
        self.bind = bind
        self.port = 0
        self.media_port = 0
        self.trust_port = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None, "not started"
        return self._process

    @property
    def url(self) -> str:
        return f"https://{self.bind}:{self.port}"

    def start(self) -> None:
        """Start and wait for the ready line; a second start takes the same ports."""
        flags = [f"--port={self.port}", f"--media-port={self.media_port}", f"--trust-port={self.trust_port}"]
        command = [
            *self.inside,
            *self.command,
            "serve",
            str(self.show),
            f"--data-dir={self.data}",
            f"--bind={self.bind}",
            *flags,
        ]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, env=_environment()
            )
        watchdog = threading.Timer(START_S, self._process.kill)
        watchdog.start()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        watchdog.cancel()
        assert "https://" in line, f"no ready line but {line!r}; its log:\n{self.log.read_text()}"
        status = self.status()
        self.port = _port_of(status["urls"][0])
        self.trust_port = _port_of(status["trust_url"])
        self.media_port = _port_of(status["media"][0])

    def stop(self) -> float:
        """SIGTERM. Returns how many seconds it took; a process that hangs is killed and fails the test."""
        if self._process is None or self._process.poll() is not None:
            return 0.0
        started = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"did not end within {END_S:g} s; its log:\n{self.log.read_text()}"
            ) from None
        return time.monotonic() - started

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def verb(self, *words: str) -> str:
        """What a verb of the command prints. Raises: AssertionError with what it said instead."""
        command = [*self.command, *words, f"--data-dir={self.data}"]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=30, env=_environment()
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}\nits log:\n{self.log.read_text()}"
        return done.stdout

    def invite(self, role: str, uses: int = 1) -> str:
        """A join link for the role."""
        made = json.loads(self.verb("invite", role, "--json", f"--uses={uses}"))
        return str(made["url"])

    def status(self) -> dict[str, Any]:
        return dict(json.loads(self.verb("status", "--json")))

    def station(self, person: str) -> dict[str, Any]:
        """The status of the station of that person."""
        found = [s for s in self.status()["stations"] if s["person"] == person]
        assert len(found) == 1, f"{person} is there {len(found)} times"
        return dict(found[0])

    def write_show(self, show: str) -> None:
        """Save as editors do: a new file moved over the old one."""
        fresh = self.show.with_suffix(".new")
        fresh.write_text(show)
        os.replace(fresh, self.show)

    def open_sockets(self) -> int:
        """How many sockets the process has open."""
        folder = Path(f"/proc/{self.process.pid}/fd")
        return sum(1 for fd in folder.iterdir() if _is_socket(fd))


def _is_socket(fd: Path) -> bool:
    try:
        return os.readlink(fd).startswith("socket:")
    except FileNotFoundError:
        return False


def _port_of(address: str) -> int:
    found = re.search(r":(\d+)/?$", address)
    assert found is not None, f"no port in {address}"
    return int(found.group(1))


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SOUNDMESH_")}
    return {**kept, "SOUNDMESH_LOG_LEVEL": "info", "PYTHONUNBUFFERED": "1"}
