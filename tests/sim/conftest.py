"""A real appliance in a process of its own, on loopback and ports the system chose."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trio

from soundmesh.sim.box import Control
from soundmesh.wire.http import Status

SHOW = """
[show]
name = "Small show"

[[channel]]
id = "main"
name = "Main"

[[channel]]
id = "side"
name = "Side"

[[role]]
id = "director"
name = "Director"

[[role]]
id = "camera"
name = "Camera"
seats = ["Cam 1", "Cam 2"]

[[role]]
id = "guest"
name = "Guest"
seats = 0

[matrix]
columns    = ["main", "side", "director"]

[matrix.rows]
director   = ["TL",   "TL?",  "-"       ]
camera     = ["TL",   "T",    "T"       ]
guest      = ["T",    "L",    "-"       ]
"""


@dataclass
class Appliance:
    show: Path
    data_dir: Path
    ports: tuple[int, int, int] = (0, 0, 0)
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def control(self) -> Control:
        return Control(self.data_dir / "control.sock")

    def start(self) -> None:
        """Returns when it is ready; a second start uses the ports of the first."""
        port, media, trust = (str(p) for p in self.ports)
        self.process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "soundmesh",
                    "serve",
                    str(self.show),
                    "--data-dir",
                    str(self.data_dir),
                ),
                *("--bind", "127.0.0.1", "--port", port, "--media-port", media, "--trust-port", trust),
                *("--log-level", "warning"),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()
        assert ready.startswith("ready"), ready
        status: Status = trio.run(self.control.status)
        urls = (status.urls[0], f"udp://{status.media[0]}", status.trust_url)
        first, second, third = (urlsplit(url).port or 0 for url in urls)
        self.ports = (first, second, third)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(10)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None


@contextmanager
def running(folder: Path) -> Iterator[Appliance]:
    show = folder / "show.toml"
    show.write_text(SHOW, encoding="utf-8")
    made = Appliance(show, folder / "data")
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def appliance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """Shared by a module's tests: each leaves its seats free."""
    with running(tmp_path_factory.mktemp("box")) as made:
        yield made


@pytest.fixture
def own_appliance(tmp_path: Path) -> Iterator[Appliance]:
    """One that a test may kill."""
    with running(tmp_path) as made:
        yield made
