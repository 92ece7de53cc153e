"""A network that can be cut: an appliance and a phone in namespaces of their own, a switch between them.

The cut takes the phone's port off the switch: its link stays up, its address stays, and nothing passes either
way, which is what a phone behind a wall has.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType

BOX = "10.213.7.1"
PHONE = "10.213.7.2"
ELSEWHERE = "10.213.7.3"


class Network:
    """Needs root. Raises: RuntimeError with what to do where that is missing."""

    def __init__(self) -> None:
        if os.geteuid() != 0 or shutil.which("ip") is None:
            raise RuntimeError(
                "The roaming tests make network namespaces: run them as root, with iproute2 installed "
                "(on Debian: sudo apt install iproute2), or run: scripts/test fast"
            )
        unique = f"sm{os.getpid()}"
        self.box, self.phone, self._switch = f"{unique}b", f"{unique}p", f"{unique}s"
        self._address = PHONE

    def __enter__(self) -> Network:
        for name in (self.box, self.phone, self._switch):
            run("ip", "netns", "add", name)
            # Else an address that comes by itself a second later is a change of network to the browser.
            run(*self.inside(name), "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
            run(*self.inside(name), "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6")
        run("ip", "-n", self._switch, "link", "add", "switch", "type", "bridge")
        run("ip", "-n", self._switch, "link", "set", "switch", "up")
        for name, port, address in ((self.box, "box", BOX), (self.phone, "phone", PHONE)):
            run("ip", "-n", name, "link", "set", "lo", "up")
            run(
                *("ip", "-n", self._switch, "link", "add", port, "type", "veth"),
                *("peer", "name", "eth0", "netns", name),
            )
            run("ip", "-n", self._switch, "link", "set", port, "master", "switch", "up")
            run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in (self.box, self.phone, self._switch):
            subprocess.run(("ip", "netns", "del", name), check=False)

    def cut(self) -> None:
        """Nothing passes between phone and appliance."""
        run("ip", "-n", self._switch, "link", "set", "phone", "nomaster")

    def restore(self) -> None:
        run("ip", "-n", self._switch, "link", "set", "phone", "master", "switch")

    def move(self) -> None:
        """The phone's address becomes another, as on another network."""
        before, self._address = self._address, ELSEWHERE if self._address == PHONE else PHONE
        run("ip", "-n", self.phone, "addr", "del", f"{before}/24", "dev", "eth0")
        run("ip", "-n", self.phone, "addr", "add", f"{self._address}/24", "dev", "eth0")

    def inside(self, name: str) -> tuple[str, ...]:
        """The beginning of a command that runs in there."""
        return ("ip", "netns", "exec", name)

    def wrapped(self, name: str, program: str, folder: Path) -> Path:
        """The program as one that starts in there."""
        script = folder / f"in-{name}"
        script.write_text(f'#!/bin/sh\nexec {" ".join(self.inside(name))} {program} "$@"\n')
        script.chmod(0o755)
        return script


def run(*command: str) -> None:
    """Raises: RuntimeError with what it said."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
