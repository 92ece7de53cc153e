"""Debian's Firefox ESR, headless, driven over WebDriver BiDi without any driver in between.

Firefox speaks BiDi itself on a websocket that it opens; this is the smallest client of it that a person at
the panel needs: go to a page, look at it, move a finger, type.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Ping, Request, TextMessage

START_S = 30.0
ANSWER_S = 20.0
END_S = 10.0
PREFS: dict[str, bool | int | str] = {
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    # Without a sound card there is no clock for the audio graph but this one.
    "media.cubeb.force_mock_context": True,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "https://localhost/none",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}

EAR = """() => {
  // What the page plays passes through a node that leads to its element; an analyser hangs on the same.
  const connect = AudioNode.prototype.connect;
  const ears = [];
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof MediaStreamAudioDestinationNode || target instanceof AudioDestinationNode) {
      const ear = new AnalyserNode(this.context, { fftSize: 16384, smoothingTimeConstant: 0 });
      connect.call(this, ear);
      ears.push(ear);
    }
    return connect.call(this, target, ...rest);
  };
  window.__hears = (hz) => Math.max(-200, ...ears.map((ear) => {
    const bins = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(bins);
    const at = Math.round((hz * ear.fftSize) / ear.context.sampleRate);
    return Math.max(...bins.slice(at - 2, at + 3));
  }));
}"""


class BidiError(Exception):
    """Firefox answered a command with an error."""


class Firefox:
    """One Firefox with one tab at a phone's size; its fake microphone sounds at ``hz``."""

    def __init__(self, folder: Path, *, hz: float) -> None:
        self._profile = folder / "profile"
        self._profile.mkdir(parents=True)
        prefs = {**PREFS, "media.navigator.audio.fake_frequency": round(hz)}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in prefs.items()]
        (self._profile / "user.js").write_text("\n".join(lines))
        self._log = (folder / "firefox.log").open("w+")
        self._process = subprocess.Popen(
            [firefox(), "--headless", "--remote-debugging-port=0", f"--profile={self._profile}"],
            stderr=subprocess.PIPE,
            stdout=self._log,
            text=True,
            env={**os.environ, "HOME": str(folder), "MOZ_HEADLESS": "1"},
        )
        self._ids = itertools.count(1)
        self._socket, self._protocol = _open(self._listening_port())
        session = {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}}
        self.version = self.command("session.new", session)["capabilities"]["browserVersion"]
        self.command("script.addPreloadScript", {"functionDeclaration": EAR})
        self.tab = self.command("browsingContext.getTree", {})["contexts"][0]["context"]
        size = {"width": 390, "height": 844}
        self.command("browsingContext.setViewport", {"context": self.tab, "viewport": size})

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    # The page.

    def go(self, url: str) -> None:
        self.command("browsingContext.navigate", {"context": self.tab, "url": url, "wait": "complete"})

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page. Raises: BidiError with what it threw."""
        answer = self.command(
            "script.evaluate",
            {"expression": expression, "target": {"context": self.tab}, "awaitPromise": True},
        )
        if answer["type"] != "success":
            raise BidiError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def has(self, selector: str) -> bool:
        return bool(self.ask(f"document.querySelector({json.dumps(selector)}) !== null"))

    def attribute(self, selector: str, name: str) -> str | None:
        found = f"document.querySelector({json.dumps(selector)})?.getAttribute({json.dumps(name)}) ?? null"
        value = self.ask(found)
        return None if value is None else str(value)

    def hears(self, hz: float) -> float:
        """How loud this pitch is in what the page plays, dBFS of its loudest bin."""
        return float(self.ask(f"window.__hears({hz})"))

    # The hand.

    def press(self, selector: str) -> None:
        """The mouse goes down on the middle of this and stays down."""
        box = json.loads(
            self.ask(
                f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
                " e.scrollIntoView({ block: 'nearest' }); const r = e.getBoundingClientRect();"
                " return JSON.stringify([r.x + r.width / 2, r.y + r.height / 2]); })()"
            )
        )
        x, y = (round(part) for part in box)
        move = {"type": "pointerMove", "x": x, "y": y}
        self._point(move, {"type": "pointerDown", "button": 0})

    def release(self) -> None:
        self._point({"type": "pointerUp", "button": 0})

    def click(self, selector: str) -> None:
        self.press(selector)
        self.release()

    def type(self, text: str) -> None:
        strokes = [{"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": strokes})

    def leave_tab(self) -> str:
        """Another tab comes to the front. Returns it."""
        made = self.command("browsingContext.create", {"type": "tab", "background": False})
        return str(made["context"])

    def _point(self, *actions: dict[str, Any]) -> None:
        self._act({"type": "pointer", "id": "mouse", "actions": list(actions)})

    def _act(self, source: dict[str, Any]) -> None:
        self.command("input.performActions", {"context": self.tab, "actions": [source]})

    # The protocol.

    def command(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """One command and its answer; events in between are dropped. Raises: BidiError."""
        number = next(self._ids)
        message = json.dumps({"id": number, "method": method, "params": params})
        self._socket.sendall(self._protocol.send(TextMessage(data=message)))
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                if answer["type"] == "error":
                    raise BidiError(f"{method}: {answer['error']}: {answer['message']}")
                return dict(answer["result"])

    def _receive(self) -> dict[str, Any]:
        said = ""
        while True:
            for event in self._protocol.events():
                if isinstance(event, TextMessage):
                    said += event.data
                    if event.message_finished:
                        return dict(json.loads(said))
                elif isinstance(event, Ping):
                    self._socket.sendall(self._protocol.send(event.response()))
                elif isinstance(event, CloseConnection):
                    raise BidiError(f"Firefox ended the connection: {event.reason}")
            self._protocol.receive_data(_some(self._socket))

    def _listening_port(self) -> int:
        """The port that Firefox says it listens on; what it says later is kept from filling the pipe."""
        stream = self._process.stderr
        assert stream is not None
        watchdog = threading.Timer(START_S, self._process.kill)
        watchdog.start()
        said = []
        for line in stream:
            said.append(line)
            if found := re.search(r"BiDi listening on ws://127\.0\.0\.1:(\d+)", line):
                watchdog.cancel()
                threading.Thread(target=stream.read, daemon=True).start()
                return int(found.group(1))
        raise RuntimeError(f"Firefox did not start: {''.join(said)}")


def firefox() -> str:
    """Where it is. Raises: RuntimeError with what to do."""
    for name in (os.environ.get("FIREFOX"), "firefox-esr", "firefox"):
        if name and (found := shutil.which(name)):
            return found
    raise RuntimeError("The browser tests need Firefox. On Debian: sudo apt install firefox-esr")


def own_address() -> str:
    """An address of this machine that is not loopback: Firefox makes no calls over loopback.

    What is sent to it stays on this machine all the same.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))  # no packet is sent by this
        address = str(probe.getsockname()[0])
    return "127.0.0.1" if address == "0.0.0.0" else address


def _open(port: int) -> tuple[socket.socket, WSConnection]:
    connection = socket.create_connection(("127.0.0.1", port), ANSWER_S)
    protocol = WSConnection(ConnectionType.CLIENT)
    connection.sendall(protocol.send(Request(host=f"127.0.0.1:{port}", target="/session")))
    while True:
        protocol.receive_data(_some(connection))
        for event in protocol.events():
            if isinstance(event, AcceptConnection):
                return connection, protocol


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 16)
    if not data:
        raise BidiError("Firefox is gone")
    return data
