import stat
import threading
from pathlib import Path

import pytest
import trio
import trio.testing

from soundmesh.server.secrets import PinError, PinStore


@pytest.fixture
def pins(tmp_path: Path) -> PinStore:
    return PinStore(tmp_path / "secrets.toml")


def test_only_the_right_pin_opens_a_role(pins: PinStore) -> None:
    pins.set("camera", "4711")
    assert pins.has("camera")
    assert pins.verify("camera", "4711")
    for wrong in ("4712", "", "47110", "4711 ", "x" * 10_000):
        assert not pins.verify("camera", wrong)


def test_a_pin_opens_its_own_role_only(pins: PinStore) -> None:
    pins.set("camera", "4711")
    pins.set("td", "0815")
    assert not pins.verify("td", "4711")


def test_a_role_without_a_pin_opens_to_nothing(pins: PinStore) -> None:
    assert not pins.has("td")
    assert not pins.verify("td", "")


def test_a_cleared_pin_opens_nothing(pins: PinStore) -> None:
    pins.set("camera", "4711")
    pins.clear("camera")
    pins.clear("never set")
    assert not pins.has("camera")
    assert not pins.verify("camera", "4711")


@pytest.mark.parametrize("pin", ["123", "", "12a4", "1" * 33, "１２３４", "-123"])
def test_a_pin_is_four_to_thirty_two_digits(pins: PinStore, pin: str) -> None:
    with pytest.raises(PinError, match="4 to 32 digits"):
        pins.set("camera", pin)


def test_pins_survive_a_restart_hashed_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    PinStore(path).set("camera", "471108")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert "471108" not in text
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in text
    assert PinStore(path).verify("camera", "471108")


def test_a_file_open_to_others_is_closed_on_reading(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    PinStore(path).set("camera", "4711")
    path.chmod(0o644)
    PinStore(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["[pins", "pins = 3", "[pins]\ncamera = 4711", "\x00\xff"])
def test_a_broken_file_opens_nothing_and_is_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(text)
    pins = PinStore(path)
    assert not pins.has("camera")
    assert (tmp_path / "secrets.toml.broken-1").read_text() == text
    pins.set("camera", "4711")
    assert PinStore(path).verify("camera", "4711")


def test_a_hash_edited_by_hand_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text('[pins]\ncamera = "4711"\n')
    assert not PinStore(path).verify("camera", "4711")


def test_pins_set_at_once_are_all_kept(tmp_path: Path) -> None:
    pins = PinStore(tmp_path / "secrets.toml")
    threads = [threading.Thread(target=pins.set, args=(f"role{n}", "4711")) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = PinStore(tmp_path / "secrets.toml")
    assert all(again.has(f"role{n}") for n in range(6))


@pytest.mark.trio
async def test_at_most_two_pins_are_checked_at_once(pins: PinStore, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, gate = 0, 0, threading.Semaphore(0)
    count = threading.Lock()

    def verify(role: str, pin: str) -> bool:
        nonlocal running, most
        with count:
            running += 1
            most = max(most, running)
        gate.acquire()
        with count:
            running -= 1
        return True

    monkeypatch.setattr(pins, "verify", verify)
    async with trio.open_nursery() as nursery:
        for _ in range(8):
            nursery.start_soon(pins.check, "camera", "4711")
        await trio.testing.wait_all_tasks_blocked(0.05)
        for _ in range(8):
            gate.release()
    assert most == 2


@pytest.mark.trio
async def test_check_says_what_verify_says(pins: PinStore) -> None:
    pins.set("camera", "4711")
    assert await pins.check("camera", "4711")
    assert not await pins.check("camera", "4712")
